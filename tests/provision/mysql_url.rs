//! MySQL and MariaDB servers named by a URL. A container plays the one that is not ours.

use std::time::Duration;

use libtest_mimic::Failed;
use rollproof::history::EngineKind;
use rollproof::provision::{Address, Mode, ProvisionKind, Server, Wanted, clean_server, provide_in};
use sqlx::mysql::MySqlConnectOptions;
use sqlx::{Connection, MySqlConnection};

use super::containers::{docker, names};
use super::hold::Holder;
use super::local::error_of;
use super::mysql_containers::{ask, one_of_each, run, start};
use super::places::Ground;
use super::{Test, block_on};

pub(crate) const TESTS: &[Test] = &[
    ("url_mysql_databases_are_dropped_and_no_others", databases_are_dropped_and_no_others),
    ("url_mysql_databases_are_dropped_however_it_ends", databases_are_dropped_however_it_ends),
    ("url_mysql_unusable_servers_are_told", unusable_servers_are_told),
    ("url_mysql_sockets_and_missing_databases", sockets_and_missing_databases),
    ("url_mysql_tls_is_as_the_url_has_it", tls_is_as_the_url_has_it),
    ("url_mysql_products_and_versions_are_compared", products_and_versions_are_compared),
];

/// A password that must be percent-encoded in a URL, and its encoded form.
const PASSWORD: (&str, &str) = ("s3cret@/:?#&+%", "s3cret%40%2F%3A%3F%23%26%2B%25");

/// A server with a user of the rights that the manual advises, and the URL that names it.
async fn foreign(ground: &Ground, engine: EngineKind, image: &str) -> (Server, String) {
    let server = start(ground, engine, image).await;
    let (plain, encoded) = PASSWORD;
    let admin = server.mysql_admin_options().unwrap();
    for statement in [
        &format!("CREATE USER maker@'%' IDENTIFIED BY '{plain}'"),
        r"GRANT ALL PRIVILEGES ON `rollproof\_%`.* TO maker@'%'",
        "CREATE DATABASE app",
        "CREATE DATABASE rollproof_production",
        "CREATE TABLE rollproof_production.t (id INT)",
    ] {
        run(admin, statement).await;
    }
    let url = format!("{engine}://maker:{encoded}@127.0.0.1:{}/app", admin.get_port());
    (server, url)
}

fn wanted(engine: EngineKind, url: &str) -> Wanted {
    Wanted { url: Some(url.to_owned()), ..Wanted::new(engine) }
}

async fn connect(engine: EngineKind, url: &str, ground: &Ground) -> Server {
    provide_in(&wanted(engine, url), &ground.places(), &|_| ()).await.expect("a server by its URL")
}

async fn databases(admin: &MySqlConnectOptions) -> String {
    ask(
        admin,
        "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA \
         WHERE SCHEMA_NAME NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema') ORDER BY 1",
    )
    .await
}

const UNTOUCHED: &str = "app rollproof_production";

fn databases_are_dropped_and_no_others() -> Result<(), Failed> {
    for (engine, image) in one_of_each() {
        let ground = Ground::new();
        block_on(async {
            let (foreign, url) = foreign(&ground, engine, &image).await;
            let admin = foreign.mysql_admin_options().unwrap();
            let mut server = connect(engine, &url, &ground).await;
            assert_eq!((server.provision, &server.version), (ProvisionKind::Url, &foreign.version));
            assert_eq!(server.engine, engine);
            assert!(!server.owned() && server.is_alive().await && server.log_tail(3).await.is_empty());
            assert_eq!(databases(admin).await, UNTOUCHED, "what was tried is gone");
            let prefix = server.database_prefix().to_owned();
            assert!(prefix.starts_with("rollproof_") && prefix.len() <= 44, "{prefix}");
            let ours = server.mysql_admin_options().unwrap();
            assert_eq!(ours.get_database(), None);
            run(ours, &format!("CREATE DATABASE {prefix}work")).await;
            run(ours, &format!("CREATE DATABASE {prefix}fork")).await;
            run(ours, &format!("CREATE TABLE {prefix}work.t (id INT) ENGINE=InnoDB")).await;
            // What migrations make is within the user's rights.
            let trigger =
                format!("CREATE TRIGGER {prefix}work.g BEFORE INSERT ON {prefix}work.t FOR EACH ROW SET NEW.id = 1");
            // MySQL's binary log asks for more than the right to make one.
            run(admin, "SET GLOBAL log_bin_trust_function_creators = 1").await;
            run(ours, &trigger).await;
            // Somebody is in the middle of a transaction there, as a project's tool may be, and keeps the tables locked.
            let mut open =
                MySqlConnection::connect_with(&ours.clone().database(&format!("{prefix}work"))).await.unwrap();
            sqlx::raw_sql("START TRANSACTION; INSERT INTO t VALUES (1)").execute(&mut open).await.unwrap();
            // A statement of another's that only looks like ours goes on.
            let other = tokio::spawn({
                let admin = admin.clone();
                async move { ask(&admin, "SELECT SLEEP(3) /* rollproof_production */").await }
            });
            tokio::time::timeout(Duration::from_secs(3), server.stop()).await.unwrap().unwrap();
            assert_eq!(databases(admin).await, UNTOUCHED);
            assert_eq!(other.await.unwrap(), "0");
            foreign.stop().await.unwrap();
        });
        ground.assert_nothing_left();
    }
    Ok(())
}

fn databases_are_dropped_however_it_ends() -> Result<(), Failed> {
    for (engine, image) in one_of_each() {
        let ground = Ground::new();
        block_on(async {
            let (foreign, url) = foreign(&ground, engine, &image).await;
            let admin = foreign.mysql_admin_options().unwrap();
            let server = connect(engine, &url, &ground).await;
            run(server.mysql_admin_options().unwrap(), &format!("CREATE DATABASE {}work", server.database_prefix()))
                .await;
            drop(server);
            assert_eq!(databases(admin).await, UNTOUCHED);

            // Cut off in the middle of CREATE DATABASE, and in the middle of stop.
            let server = connect(engine, &url, &ground).await;
            for number in 0..5 {
                let statement = format!("CREATE DATABASE {}{number}", server.database_prefix());
                let create = run(server.mysql_admin_options().unwrap(), &statement);
                let _ = tokio::time::timeout(Duration::from_millis(5), create).await;
            }
            let _ = tokio::time::timeout(Duration::from_millis(5), server.stop()).await;
            assert_eq!(databases(admin).await, UNTOUCHED);

            // Cut off while it connects, and tries whether it may make databases.
            for patience in [5, 10, 15, 20, 30, 40, 60, 80, 120] {
                let _ = tokio::time::timeout(Duration::from_millis(patience), connect(engine, &url, &ground)).await;
                assert_eq!(databases(admin).await, UNTOUCHED, "after {patience} ms");
            }

            for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
                let holder = Holder::start_of(engine, &ground, None, Some(&url));
                assert!(databases(admin).await.contains(&holder.database));
                assert_eq!(holder.end_with(signal), Some(code));
                assert_eq!(databases(admin).await, UNTOUCHED);
            }

            let (dead, alive) = (
                Holder::start_of(engine, &ground, None, Some(&url)),
                Holder::start_of(engine, &ground, None, Some(&url)),
            );
            let left = dead.database.clone();
            dead.end_with("-KILL");
            assert!(databases(admin).await.contains(&left));
            let told = clean_server(&url, true).await.unwrap();
            assert_eq!((told.databases, told.problems), (vec![left.clone()], Vec::new()));
            let server = connect(engine, &url, &ground).await;
            let there = databases(admin).await;
            assert!(!there.contains(&left) && there.contains(&alive.database), "{there}");
            server.stop().await.unwrap();
            assert!(databases(admin).await.contains(&alive.database), "stop drops its own only");
            let left = alive.database.clone();
            alive.end_with("-KILL");
            assert_eq!(clean_server(&url, false).await.unwrap().databases, [left]);
            assert_eq!(databases(admin).await, UNTOUCHED);
            foreign.stop().await.unwrap();
        });
    }
    Ok(())
}

fn unusable_servers_are_told() -> Result<(), Failed> {
    for (engine, image) in one_of_each() {
        let ground = Ground::new();
        block_on(async {
            let (foreign, url) = foreign(&ground, engine, &image).await;
            let admin = foreign.mysql_admin_options().unwrap();
            let shown = format!("{engine}://maker:***@127.0.0.1:{}/app", admin.get_port());
            let told = async |url: &str, part: &str| {
                let error = error_of(&wanted(engine, url), &ground).await;
                assert!(error.contains(&shown) && error.contains(part) && !error.contains("s3cret"), "{part}: {error}");
            };
            told(&url.replace("s3cret", "s3crets"), "Access denied for user 'maker'").await;
            run(admin, "SET GLOBAL read_only = 1").await;
            told(&url, "is read-only").await;
            run(admin, "SET GLOBAL read_only = 0").await;
            run(admin, r"REVOKE ALL PRIVILEGES ON `rollproof\_%`.* FROM maker@'%'").await;
            told(&url, r"GRANT ALL PRIVILEGES ON `rollproof\_%`.* TO 'maker'@'%'").await;
            // What it says is what helps.
            run(admin, r"GRANT ALL PRIVILEGES ON `rollproof\_%`.* TO 'maker'@'%'").await;
            connect(engine, &url, &ground).await.stop().await.unwrap();
            foreign.stop().await.unwrap();
            told(&url, "cannot be used").await;
        });
        ground.assert_nothing_left();
    }
    Ok(())
}

/// A container's socket is out of reach: a local server plays the one that is not ours.
fn sockets_and_missing_databases() -> Result<(), Failed> {
    let ground = Ground::new();
    let local = Wanted { mode: Mode::Local, ..Wanted::new(EngineKind::Mariadb) };
    block_on(async {
        let foreign = provide_in(&local, &ground.places(), &|_| ()).await.unwrap();
        let Address::Mysql { admin, tcp } = foreign.address() else { panic!("not MariaDB") };
        let socket = admin.get_socket().unwrap().display().to_string();
        run(admin, "CREATE USER maker IDENTIFIED BY 's3cret'").await;
        run(admin, r"GRANT ALL PRIVILEGES ON `rollproof\_%`.* TO maker").await;
        for url in [
            format!("mariadb://maker:s3cret@localhost/app?socket={socket}"),
            format!("mysql://maker:s3cret@/not_made_yet?socket={}", socket.replace('/', "%2F")),
            format!("mysql://maker:s3cret@?socket={socket}"),
            format!("mysql://maker:s3cret@127.0.0.1:{}", tcp.get_port()),
        ] {
            let server = connect(EngineKind::Mariadb, &url, &ground).await;
            let ours = server.mysql_admin_options().unwrap();
            assert_eq!(ours.get_socket().is_some(), url.contains("socket="));
            assert_eq!(ask(ours, "SELECT CURRENT_USER()").await, "maker@%", "{url}");
            server.stop().await.unwrap();
        }
        assert_eq!(databases(admin).await, "");
    });
    ground.assert_nothing_left();
    Ok(())
}

fn tls_is_as_the_url_has_it() -> Result<(), Failed> {
    for (engine, image) in one_of_each() {
        let ground = Ground::new();
        block_on(async {
            let (foreign, url) = foreign(&ground, engine, &image).await;
            let admin = foreign.mysql_admin_options().unwrap();
            let encrypted = async |url: &str| {
                let server = connect(engine, url, &ground).await;
                let own = server.mysql_admin_options().unwrap();
                let version = "SELECT VARIABLE_VALUE FROM performance_schema.session_status \
                               WHERE VARIABLE_NAME = 'Ssl_version'";
                let version = if engine == EngineKind::Mariadb {
                    version.replace("performance_schema", "information_schema")
                } else {
                    version.to_owned()
                };
                let version = ask(own, &version).await;
                server.stop().await.unwrap();
                !version.is_empty()
            };
            assert!(encrypted(&url).await, "where the server offers it");
            assert!(!encrypted(&format!("{url}?ssl-mode=DISABLED")).await);
            let name = names(&ground).pop().unwrap();
            run(admin, "SET GLOBAL require_secure_transport = 1").await;
            assert!(encrypted(&format!("{url}?ssl-mode=REQUIRED")).await);
            let error = error_of(&wanted(engine, &format!("{url}?ssl-mode=DISABLED")), &ground).await;
            assert!(error.contains("require_secure_transport") && !error.contains("s3cret"), "{error}");
            // No authority that this program knows has signed it.
            let error = error_of(&wanted(engine, &format!("{url}?ssl-mode=VERIFY_IDENTITY")), &ground).await;
            assert!(error.contains("cannot be used") && !error.contains("s3cret"), "{error}");
            if engine == EngineKind::Mysql {
                let authority = ground.path().join("ca.pem");
                std::fs::write(&authority, docker(&["exec", &name, "cat", "/var/lib/mysql/ca.pem"])).unwrap();
                let trusting = format!("{url}?ssl-mode=VERIFY_CA&ssl-ca={}", authority.display());
                assert!(encrypted(&trusting).await);
            }
            foreign.stop().await.unwrap();
        });
    }
    Ok(())
}

fn products_and_versions_are_compared() -> Result<(), Failed> {
    for (engine, image) in one_of_each() {
        let ground = Ground::new();
        block_on(async {
            let (foreign, url) = foreign(&ground, engine, &image).await;
            let title = format!("{} {}", engine.title(), foreign.version);
            // Both schemes lead to both products; what answers must be the one that is asked for.
            let (_, rest) = url.split_once("://").unwrap();
            for scheme in ["mysql", "mariadb"] {
                connect(engine, &format!("{scheme}://{rest}"), &ground).await.stop().await.unwrap();
            }
            let other = if engine == EngineKind::Mysql { EngineKind::Mariadb } else { EngineKind::Mysql };
            let mut substitute = wanted(other, &url);
            let error = error_of(&substitute, &ground).await;
            assert!(error.contains(&format!("is {title}, and {} is asked for", other.title())), "{error}");
            assert!(error.contains("allow-substitute"), "{error}");
            substitute.allow_substitute = true;
            let server = provide_in(&substitute, &ground.places(), &|_| ()).await.unwrap();
            assert_eq!(server.engine, engine, "what runs is told");
            assert_eq!(server.notes, [format!("{title} stands in for {}", other.title())]);
            server.stop().await.unwrap();

            let mut wanted = Wanted { image: Some(format!("{engine}:99.1")), ..wanted(engine, &url) };
            let error = error_of(&wanted, &ground).await;
            assert!(error.contains(&format!("is {title}, and {} 99.1 is asked for", engine.title())), "{error}");
            wanted.allow_substitute = true;
            wanted.server_settings.insert("sql_mode".to_owned(), String::new());
            let server = provide_in(&wanted, &ground.places(), &|_| ()).await.unwrap();
            assert_eq!(server.notes[0], format!("{title} stands in for {engine}:99.1"));
            assert!(server.notes[1].contains("server-settings are not made") && server.notes[1].contains("sql_mode"));
            server.stop().await.unwrap();
            foreign.stop().await.unwrap();
        });
        ground.assert_nothing_left();
    }
    Ok(())
}
