//! The settings of MySQL and MariaDB from binaries of this machine: what is the product's own, and what a project asks for.

use libtest_mimic::Failed;
use rollproof::history::EngineKind;
use rollproof::provision::Wanted;
use sqlx::{Connection, MySqlConnection};

use super::block_on;
use super::local::error_of;
use super::mysql::{Test, admin, ask, run, start, tcp};
use super::places::Ground;

pub(crate) const TESTS: &[Test] = &[
    ("defaults_are_the_products", defaults_are_the_products),
    ("settings_are_made", settings_are_made),
    ("wrong_settings_are_told", wrong_settings_are_told),
];

fn with_settings(wanted: &Wanted, pairs: &[(&str, &str)]) -> Wanted {
    let server_settings = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Wanted { server_settings, ..wanted.clone() }
}

/// What decides how a migration runs is as the product ships it, and nothing of it is the session's of a driver.
fn defaults_are_the_products(wanted: &Wanted) -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let server = start(wanted, &ground).await;
        let maria = wanted.engine == EngineKind::Mariadb;
        let mode = if maria {
            "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION"
        } else {
            "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,\
             NO_ENGINE_SUBSTITUTION"
        };
        for options in [admin(&server), &tcp(&server)] {
            // In the session the driver's IGNORE_SPACE is added.
            assert_eq!(ask(options, "@@global.sql_mode").await, mode);
            let session = "@@time_zone, ' ', @@system_time_zone, ' ', @@lower_case_table_names, ' ', \
                           IF(@@innodb_strict_mode, 1, 0), IF(@@explicit_defaults_for_timestamp, 1, 0), \
                           IF(@@foreign_key_checks, 1, 0)";
            assert_eq!(ask(options, session).await, "SYSTEM UTC 0 111");
            let binary_log = "IF(@@log_bin, 1, 0), IF(@@log_bin_trust_function_creators, 1, 0)";
            assert_eq!(ask(options, binary_log).await, if maria { "00" } else { "10" });
        }
        let fast = "@@innodb_flush_log_at_trx_commit, IF(@@skip_name_resolve, 1, 0), ' ', @@tmpdir";
        let temporary = ground.run_folders()[0].join("tmp");
        assert_eq!(ask(admin(&server), fast).await, format!("01 {}", temporary.display()));
        let function = "CREATE DATABASE d; USE d; CREATE FUNCTION f() RETURNS INT RETURN RAND()";
        let mut connection = MySqlConnection::connect_with(admin(&server)).await.unwrap();
        let made = sqlx::raw_sql(function).execute(&mut connection).await;
        assert_eq!(made.is_ok(), maria, "{made:?}");
        if let Err(error) = made {
            assert!(error.to_string().contains("1418"), "{error}");
        }
    });
    Ok(())
}

fn settings_are_made(wanted: &Wanted) -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let folded = "CREATE DATABASE d; USE d; CREATE TABLE Books (id INT)";
        let pairs = [
            ("sql_mode", "ANSI_QUOTES,PIPES_AS_CONCAT"),
            ("character-set-server", "latin1"),
            ("lower_case_table_names", "1"),
            ("default-storage-engine", "MyISAM"),
            ("innodb_flush_log_at_trx_commit", "1"),
        ];
        let server = start(&with_settings(wanted, &pairs), &ground).await;
        let options = admin(&server);
        let made = "@@global.sql_mode, ' ', @@character_set_server, ' ', @@lower_case_table_names, ' ', \
                    @@default_storage_engine, ' ', @@innodb_flush_log_at_trx_commit";
        assert_eq!(ask(options, made).await, "PIPES_AS_CONCAT,ANSI_QUOTES latin1 1 MyISAM 1");
        run(options, folded).await;
        let name =
            "(SELECT GROUP_CONCAT(table_name, ' ', engine) FROM information_schema.tables WHERE table_schema = 'd')";
        assert_eq!(ask(options, name).await, "books MyISAM");
        drop(server);
        let seeds = ground.seeds().len();
        drop(start(&with_settings(wanted, &[("sql_mode", "")]), &ground).await);
        assert_eq!(ground.seeds().len(), seeds + 1, "a seed for each way in which data is made");
        drop(start(&with_settings(wanted, &[("sql_mode", "ORACLE")][..0]), &ground).await);
        assert_eq!(ground.seeds().len(), seeds + 1, "and none for a setting of the server alone");
        let logged = with_settings(wanted, &[("general_log", "1"), ("log_output", "TABLE")]);
        let server = start(&logged, &ground).await;
        ask(&tcp(&server), "'seen in the log'").await;
        let seen = "(SELECT COUNT(*) > 0 FROM mysql.general_log WHERE argument LIKE '%seen in the log%')";
        assert_eq!(ask(admin(&server), seen).await, "1");
    });
    ground.assert_nothing_left();
    Ok(())
}

fn wrong_settings_are_told(wanted: &Wanted) -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        drop(start(wanted, &ground).await);
        for (name, value, part) in [
            ("no_such_setting", "1", "unknown variable 'no-such-setting=1'"),
            ("sql_mode", "no_such_mode", "no_such_mode"),
            ("character_set_server", "klingon", "klingon"),
            ("port", "3306", "port is how Rollproof starts and reaches the server"),
            ("init-file", "/tmp/x", "init-file is how Rollproof starts"),
        ] {
            let error = error_of(&with_settings(wanted, &[(name, value)]), &ground).await;
            assert!(error.contains(part) && error.contains("server-settings"), "{name}: {error}");
            ground.assert_nothing_left();
        }
        assert_eq!(ground.seeds().len(), 1, "it was not the seed's fault");
    });
    Ok(())
}
