//! MySQL and MariaDB in containers of real images: they answer, are tuned, and nothing of them is left however their owner
//! ends. What no product changes is tried with PostgreSQL.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use rollproof::history::EngineKind;
use rollproof::provision::{Address, Mode, ProvisionKind, Server, Wanted, clean, provide_in};
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use sqlx::{AssertSqlSafe, Connection, MySqlConnection, Row};

use super::containers::{OddImage, docker, is_there, names};
use super::hold::Holder;
use super::local::error_of;
use super::places::Ground;
use super::{Test, block_on};

pub(crate) const TESTS: &[Test] = &[
    ("container_mysql_answers_and_is_tuned", answers_and_is_tuned),
    ("container_mysql_begins_with_a_seed", begins_with_a_seed),
    ("container_mysql_has_a_seed_without_tar", has_a_seed_without_tar),
    ("container_mysql_runs_the_scripts_of_its_image", runs_the_scripts_of_its_image),
    ("container_mysql_settings_are_made", settings_are_made),
    ("container_mysql_wrong_settings_are_told", wrong_settings_are_told),
    ("container_mysql_leaves_nothing_after_panic", leaves_nothing_after_panic),
    ("container_mysql_leaves_nothing_when_start_is_cut_off", leaves_nothing_when_start_is_cut_off),
    ("container_mysql_ends_in_order_and_is_swept", ends_in_order_and_is_swept),
    ("container_mysql_and_mariadb_are_not_mixed", mysql_and_mariadb_are_not_mixed),
];

/// The images of the tests that are MySQL's or MariaDB's, the newest of each product first.
pub(crate) fn images() -> Vec<(EngineKind, String)> {
    let listed = std::env::var("ROLLPROOF_TEST_IMAGES").unwrap_or_default();
    let product = |image: &&str| match image.split([':', '/']).next() {
        Some("mysql") => Some((EngineKind::Mysql, (*image).to_owned())),
        Some("mariadb") => Some((EngineKind::Mariadb, (*image).to_owned())),
        _ => None,
    };
    listed.split_whitespace().rev().filter_map(|image| product(&image)).collect()
}

/// One image of each product.
pub(crate) fn one_of_each() -> Vec<(EngineKind, String)> {
    let mut images = images();
    images.sort_by_key(|(product, _)| *product == EngineKind::Mysql);
    images.dedup_by_key(|(product, _)| *product);
    images
}

fn wanted(engine: EngineKind, image: &str) -> Wanted {
    Wanted { mode: Mode::Container, image: Some(image.to_owned()), ..Wanted::new(engine) }
}

pub(crate) async fn start(ground: &Ground, engine: EngineKind, image: &str) -> Server {
    provide_in(&wanted(engine, image), &ground.places(), &|_| ()).await.expect("a server in a container")
}

/// A first column as text, of rows joined by spaces.
pub(crate) async fn ask(options: &MySqlConnectOptions, query: &str) -> String {
    let mut connection = MySqlConnection::connect_with(options).await.expect("a connection");
    let rows = sqlx::raw_sql(AssertSqlSafe(query.to_owned())).fetch_all(&mut connection).await.expect("an answer");
    let texts: Vec<String> = rows.iter().map(|row| row.try_get_unchecked(0).expect("a text")).collect();
    connection.close().await.expect("closed");
    texts.join(" ")
}

pub(crate) async fn run(options: &MySqlConnectOptions, statement: &str) {
    let mut connection = MySqlConnection::connect_with(options).await.expect("a connection");
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.expect("done");
    connection.close().await.expect("closed");
}

fn answers_and_is_tuned() -> Result<(), Failed> {
    for (engine, image) in images() {
        let ground = Ground::new();
        block_on(async {
            let clock = Instant::now();
            let mut server = start(&ground, engine, &image).await;
            println!("{image}: first answer after {} ms, without a seed", clock.elapsed().as_millis());
            assert_eq!((server.provision, server.engine), (ProvisionKind::Container, engine));
            assert!(server.owned() && server.is_alive().await && server.notes.is_empty(), "{:?}", server.notes);
            assert_eq!(server.image.as_deref(), Some(image.as_str()));
            let admin = server.mysql_admin_options().unwrap().clone();
            let Address::Mysql { tcp, .. } = server.address() else { panic!("not MySQL") };
            assert_eq!(tcp.get_port(), admin.get_port());
            assert!(ask(&admin, "SELECT VERSION()").await.starts_with(&server.version));
            let facts = "SELECT CONCAT_WS(' ', @@innodb_flush_log_at_trx_commit, CURRENT_USER(), @@datadir)";
            assert_eq!(ask(&admin, facts).await, "0 root@% /var/lib/mysql/");
            // With TLS where the server offers it, and without, since not every tool of a project can do it.
            for mode in [MySqlSslMode::Preferred, MySqlSslMode::Required, MySqlSslMode::Disabled] {
                if matches!(mode, MySqlSslMode::Required) && image == "mariadb:10.11" {
                    continue;
                }
                let clock = Instant::now();
                assert_eq!(ask(&admin.clone().ssl_mode(mode), "SELECT 'yes'").await, "yes", "{mode:?}");
                println!("{image}: a connection with {mode:?}: {:.1} ms", clock.elapsed().as_secs_f64() * 1000.0);
            }
            assert!(!server.log_tail(500).await.join("\n").is_empty());

            let name = names(&ground).pop().unwrap();
            let volumes = docker(&["inspect", "--format", "{{range .Mounts}}{{.Type}} {{end}}", &name]);
            assert!(!volumes.contains("volume"), "its data is on a disk: {volumes}");
            assert_eq!(docker(&["exec", &name, "stat", "-f", "-c", "%T", "/var/lib/mysql"]), "tmpfs");
            server.stop().await.unwrap();
            assert!(!is_there(&name));
        });
        ground.assert_nothing_left();
    }
    Ok(())
}

fn begins_with_a_seed() -> Result<(), Failed> {
    for (engine, image) in images() {
        let ground = Ground::new();
        block_on(async {
            let first = start(&ground, engine, &image).await;
            assert_eq!(ground.seeds().len(), 1, "the first run keeps one");
            run(first.mysql_admin_options().unwrap(), "CREATE DATABASE traces").await;
            first.stop().await.unwrap();
            let clock = Instant::now();
            let second = start(&ground, engine, &image).await;
            println!("{image}: first answer after {} ms, with a seed", clock.elapsed().as_millis());
            let admin = second.mysql_admin_options().unwrap();
            assert_eq!(ask(admin, "SHOW DATABASES LIKE 'traces'").await, "");
            // Another password does not open it, for none of the hosts that root comes from.
            for mode in [MySqlSslMode::Preferred, MySqlSslMode::Disabled] {
                let wrong = admin.clone().password("wrong").ssl_mode(mode);
                assert!(MySqlConnection::connect_with(&wrong).await.is_err());
            }
            let name = names(&ground).pop().unwrap();
            let seed = std::fs::read_to_string(ground.seeds()[0].join("data/password")).unwrap();
            let client = if engine == EngineKind::Mysql { "mysql" } else { "mariadb" };
            let old = std::process::Command::new("docker")
                .args(["exec", &name, client, "-uroot", &format!("-p{seed}"), "-e", "SELECT 1"])
                .output()
                .unwrap();
            assert!(String::from_utf8_lossy(&old.stderr).contains("Access denied"), "{old:?}");
            let log = second.log_tail(500).await.join("\n");
            assert!(!log.contains("init process done"), "it was initialised again:\n{log}");
            second.stop().await.unwrap();
        });
        ground.assert_nothing_left();
    }
    Ok(())
}

/// MySQL's own images have no tar.
fn has_a_seed_without_tar() -> Result<(), Failed> {
    for (engine, image) in one_of_each() {
        let ground = Ground::new();
        let name = format!("{engine}-{}:{}", std::process::id(), image.rsplit(':').next().unwrap());
        let odd = OddImage::of(&image, &name, "RUN rm /usr/bin/tar", "");
        block_on(async {
            let checks = "CHECK TABLE mysql.db, mysql.tables_priv, mysql.time_zone";
            let facts = "SELECT CONCAT(COUNT(*)) FROM information_schema.TABLES";
            let first = start(&ground, engine, &odd.0).await;
            assert_eq!(ground.seeds().len(), 1, "it keeps one all the same");
            let tables = ask(first.mysql_admin_options().unwrap(), facts).await;
            first.stop().await.unwrap();
            let clock = Instant::now();
            let second = start(&ground, engine, &odd.0).await;
            println!("{image}: first answer after {} ms, with a seed, without tar", clock.elapsed().as_millis());
            let log = second.log_tail(500).await.join("\n");
            assert!(!log.contains("init process done"), "it was initialised again:\n{log}");
            assert_eq!(ask(second.mysql_admin_options().unwrap(), facts).await, tables);
            assert!(!ask(second.mysql_admin_options().unwrap(), checks).await.is_empty());
            second.stop().await.unwrap();
        });
        ground.assert_nothing_left();
    }
    Ok(())
}

/// As the images of projects have them: a database and a user for each service.
fn runs_the_scripts_of_its_image() -> Result<(), Failed> {
    for (engine, image) in one_of_each() {
        let ground = Ground::new();
        let name = format!("{engine}-scripts-{}:{}", std::process::id(), image.rsplit(':').next().unwrap());
        let script = "CREATE DATABASE made_by_the_image; CREATE USER service@'%' IDENTIFIED BY 'x';\n";
        let odd = OddImage::of(&image, &name, "COPY script /docker-entrypoint-initdb.d/10_more.sql", script);
        block_on(async {
            for round in ["first", "with a seed"] {
                let server = start(&ground, engine, &odd.0).await;
                let admin = server.mysql_admin_options().unwrap();
                assert_eq!(ask(admin, "SHOW DATABASES LIKE 'made%'").await, "made_by_the_image", "{round}");
                let service = admin.clone().username("service").password("x");
                assert_eq!(ask(&service, "SELECT CURRENT_USER()").await, "service@%", "{round}");
                server.stop().await.unwrap();
            }
            assert_eq!(ground.seeds().len(), 1);
        });
        ground.assert_nothing_left();
    }
    Ok(())
}

fn settings_are_made() -> Result<(), Failed> {
    for (engine, image) in one_of_each() {
        let ground = Ground::new();
        block_on(async {
            let settings = [("sql-mode", "STRICT_ALL_TABLES"), ("lower_case_table_names", "1"), ("general_log", "1")];
            let server_settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
            let wanted = Wanted { server_settings, ..wanted(engine, &image) };
            for round in ["first", "with a seed"] {
                let server = provide_in(&wanted, &ground.places(), &|_| ()).await.unwrap();
                let admin = server.mysql_admin_options().unwrap();
                let facts = "SELECT CONCAT_WS(' ', @@GLOBAL.sql_mode, @@lower_case_table_names, @@general_log + 0)";
                assert_eq!(ask(admin, facts).await, "STRICT_ALL_TABLES 1 1", "{round}");
                // Even a server that logs every statement does not log the password that it gets.
                let name = names(&ground).pop().unwrap();
                let log = docker(&["exec", &name, "sh", "-c", "cat /var/lib/mysql/$(hostname).log"]);
                assert!(log.contains("SELECT CONCAT_WS"), "{log}");
                assert!(round == "first" || !log.contains("ALTER USER"), "{log}");
                server.stop().await.unwrap();
            }
        });
        ground.assert_nothing_left();
    }
    Ok(())
}

fn wrong_settings_are_told() -> Result<(), Failed> {
    for (engine, image) in one_of_each() {
        let ground = Ground::new();
        block_on(async {
            for (name, value, part) in [
                ("no_such_setting", "1", "no-such-setting"),
                ("sql_mode", "NO_SUCH_MODE", "NO_SUCH_MODE"),
                ("port", "1", "remove it"),
            ] {
                let server_settings = [(name.to_owned(), value.to_owned())].into();
                let wanted = Wanted { server_settings, ..wanted(engine, &image) };
                let error = error_of(&wanted, &ground).await;
                assert!(error.contains(part) && error.contains("server-settings"), "{image}: {error}");
            }
        });
        ground.assert_nothing_left();
    }
    Ok(())
}

fn leaves_nothing_after_panic() -> Result<(), Failed> {
    for (engine, image) in one_of_each() {
        let ground = Ground::new();
        let mut name = String::new();
        let end = catch_unwind(AssertUnwindSafe(|| {
            block_on(async {
                let _server = start(&ground, engine, &image).await;
                name = names(&ground).pop().unwrap();
                assert!(is_there(&name));
                std::panic::resume_unwind(Box::new("on purpose"));
            });
        }));
        assert_eq!(end.unwrap_err().downcast_ref::<&str>(), Some(&"on purpose"));
        assert!(!is_there(&name));
        ground.assert_nothing_left();
    }
    Ok(())
}

fn leaves_nothing_when_start_is_cut_off() -> Result<(), Failed> {
    let Some((engine, image)) = one_of_each().pop() else { return Ok(()) };
    let ground = Ground::new();
    let mut made = 0;
    block_on(async {
        // In the making, while the first server runs, while it ends and its data is packed.
        for patience in [50, 300, 1000, 2000, 4000, 6000, 7000, 8000, 9000] {
            let seen = std::cell::RefCell::new(std::collections::BTreeSet::new());
            let watch = async {
                loop {
                    seen.borrow_mut().extend(names(&ground));
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            };
            let ended = tokio::select! {
                server = tokio::time::timeout(Duration::from_millis(patience), start(&ground, engine, &image)) => server.is_ok(),
                () = watch => false,
            };
            assert!(ground.run_folders().is_empty(), "after {patience} ms");
            for name in seen.borrow().iter() {
                assert!(!is_there(name), "{name} is there after {patience} ms");
            }
            made += seen.borrow().len();
            if ended {
                break;
            }
        }
    });
    assert!(made >= 4, "hardly any start came as far as a container: {made}");
    ground.assert_nothing_left();
    Ok(())
}

fn ends_in_order_and_is_swept() -> Result<(), Failed> {
    for (engine, image) in one_of_each() {
        let ground = Ground::new();
        for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
            let holder = Holder::start_of(engine, &ground, Some(&image), None);
            let name = names(&ground).pop().unwrap();
            assert!(is_there(&name));
            assert_eq!(holder.end_with(signal), Some(code));
            assert!(!is_there(&name));
            ground.assert_nothing_left();
        }
        let killed = Holder::start_of(engine, &ground, Some(&image), None);
        let of_killed = names(&ground).pop().unwrap();
        assert_eq!(killed.end_with("-KILL"), None);
        assert!(is_there(&of_killed), "nobody could remove it");
        block_on(async {
            let cleaned = clean(&ground.places()).await;
            assert!(cleaned.problems.is_empty(), "{:?}", cleaned.problems);
            assert!(!is_there(&of_killed));
        });
        ground.assert_nothing_left();
    }
    Ok(())
}

/// An image of one product under the name of another, or of another version.
struct Renamed(String);

impl Renamed {
    fn new(image: &str, name: &str) -> Self {
        let (name, tag) = name.split_once(':').expect("a tag");
        let name = format!("rollproof-test-{name}-{}:{tag}", std::process::id());
        docker(&["tag", image, &name]);
        Self(name)
    }
}

impl Drop for Renamed {
    fn drop(&mut self) {
        let _ =
            std::process::Command::new("docker").args(["rmi", &self.0]).stdout(std::process::Stdio::null()).status();
    }
}

fn mysql_and_mariadb_are_not_mixed() -> Result<(), Failed> {
    let ground = Ground::new();
    let Some((_, mariadb)) = images().into_iter().find(|(product, _)| *product == EngineKind::Mariadb) else {
        return Err("ROLLPROOF_TEST_IMAGES names no image of MariaDB".into());
    };
    block_on(async {
        // By its name already.
        let error = error_of(&wanted(EngineKind::Mysql, &mariadb), &ground).await;
        assert!(error.contains("MariaDB") && error.contains("allow-substitute"), "{error}");
        // What is named MySQL, and is not; what is named another version.
        for (name, engine, part) in [
            ("mysql:9", EngineKind::Mysql, "holds MariaDB"),
            ("mariadb:10.6", EngineKind::Mariadb, "holds MariaDB"),
            ("db:1", EngineKind::Mysql, "holds MariaDB"),
        ] {
            let renamed = Renamed::new(&mariadb, name);
            let error = error_of(&wanted(engine, &renamed.0), &ground).await;
            assert!(error.contains(part) && error.contains("allow-substitute"), "{name}: {error}");
            let allowed = Wanted { allow_substitute: true, ..wanted(engine, &renamed.0) };
            let server = provide_in(&allowed, &ground.places(), &|_| ()).await.unwrap();
            assert_eq!(server.engine, EngineKind::Mariadb);
            assert!(server.notes[0].contains("MariaDB"), "{:?}", server.notes);
            server.stop().await.unwrap();
        }
    });
    ground.assert_nothing_left();
    Ok(())
}
