//! Servers named by a URL. A local server plays the one that is not ours.

use libtest_mimic::Failed;
use rollproof::history::EngineKind;
use rollproof::provision::{ProvisionKind, Server, Wanted, provide_in};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};

use super::hold::Holder;
use super::local::{ask, error_of, run, start, tcp};
use super::places::Ground;
use super::{Test, block_on};

pub(crate) const TESTS: &[Test] = &[
    ("url_databases_are_dropped_and_no_others", databases_are_dropped_and_no_others),
    ("url_databases_are_dropped_without_stop", databases_are_dropped_without_stop),
    ("url_interrupts_end_in_order", interrupts_end_in_order),
    ("url_databases_of_killed_runs_are_swept", databases_of_killed_runs_are_swept),
    ("url_sockets_and_missing_databases", sockets_and_missing_databases),
    ("url_unusable_servers_are_told", unusable_servers_are_told),
    ("url_versions_are_compared", versions_are_compared),
];

/// A password that must be percent-encoded in a URL, and its encoded form.
const PASSWORD: (&str, &str) = ("s3cret@/:?#&+%", "s3cret%40%2F%3A%3F%23%26%2B%25");

/// A server with an ordinary role that may make databases, and the URL that names it.
async fn foreign(ground: &Ground) -> (Server, String) {
    let server = start(ground).await;
    let (plain, encoded) = PASSWORD;
    let admin = server.postgres_admin_options().unwrap();
    run(admin, &format!("CREATE ROLE maker LOGIN CREATEDB PASSWORD '{plain}'")).await;
    run(admin, "CREATE DATABASE app OWNER maker").await;
    run(admin, "CREATE DATABASE rollproof_production OWNER maker").await;
    let url = format!("postgres://maker:{encoded}@127.0.0.1:{}/app", tcp(&server).get_port());
    (server, url)
}

fn wanted(url: &str) -> Wanted {
    Wanted { url: Some(url.to_owned()), ..Wanted::new(EngineKind::Postgres) }
}

async fn connect(url: &str, ground: &Ground) -> Server {
    provide_in(&wanted(url), &ground.places(), &|_| ()).await.expect("a server by its URL")
}

async fn databases(admin: &PgConnectOptions) -> String {
    ask(admin, "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE NOT datistemplate").await
}

const UNTOUCHED: &str = "app postgres rollproof_production";

fn databases_are_dropped_and_no_others() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let (foreign, url) = foreign(&ground).await;
        let admin = foreign.postgres_admin_options().unwrap();
        let mut server = connect(&url, &ground).await;
        assert_eq!((server.provision, &server.version), (ProvisionKind::Url, &foreign.version));
        assert!(!server.owned() && server.is_alive().await && server.log_tail(3).await.is_empty());
        let name = format!("{}work", server.database_prefix());
        assert!(name.starts_with(server.database_prefix()) && name.len() < 50, "{name}");
        let ours = server.postgres_admin_options().unwrap();
        run(ours, &format!("CREATE DATABASE {name}")).await;
        run(ours, &format!("CREATE DATABASE {}fork IS_TEMPLATE true", server.database_prefix())).await;
        // Somebody is still connected, as a project's tool may be.
        let _open = PgConnection::connect_with(&ours.clone().database(&name)).await.unwrap();
        assert_ne!(databases(admin).await, UNTOUCHED);
        server.stop().await.unwrap();
        assert_eq!(databases(admin).await, UNTOUCHED);
        let templates = "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE datistemplate";
        assert_eq!(ask(admin, templates).await, "template0 template1");
    });
    ground.assert_nothing_left();
    Ok(())
}

fn databases_are_dropped_without_stop() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let (foreign, url) = foreign(&ground).await;
        let admin = foreign.postgres_admin_options().unwrap();
        let server = connect(&url, &ground).await;
        run(server.postgres_admin_options().unwrap(), &format!("CREATE DATABASE {}work", server.database_prefix()))
            .await;
        drop(server);
        assert_eq!(databases(admin).await, UNTOUCHED);

        // Cut off in the middle of CREATE DATABASE, and in the middle of stop.
        let server = connect(&url, &ground).await;
        for number in 0..5 {
            let statement = format!("CREATE DATABASE {}{number}", server.database_prefix());
            let create = run(server.postgres_admin_options().unwrap(), &statement);
            let _ = tokio::time::timeout(std::time::Duration::from_millis(10), create).await;
        }
        let _ = tokio::time::timeout(std::time::Duration::from_millis(5), server.stop()).await;
        assert_eq!(databases(admin).await, UNTOUCHED);
    });
    Ok(())
}

fn interrupts_end_in_order() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let (foreign, url) = foreign(&ground).await;
        let admin = foreign.postgres_admin_options().unwrap();
        for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
            let holder = Holder::start(&ground, Some(&url));
            assert!(databases(admin).await.contains(&holder.database));
            assert_eq!(holder.end_with(signal), Some(code));
            assert_eq!(databases(admin).await, UNTOUCHED);
        }
    });
    Ok(())
}

fn databases_of_killed_runs_are_swept() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let (foreign, url) = foreign(&ground).await;
        let admin = foreign.postgres_admin_options().unwrap();
        let (dead, alive) = (Holder::start(&ground, Some(&url)), Holder::start(&ground, Some(&url)));
        let left = dead.database.clone();
        dead.end_with("-KILL");
        assert!(databases(admin).await.contains(&left));
        let server = connect(&url, &ground).await;
        let there = databases(admin).await;
        assert!(!there.contains(&left) && there.contains(&alive.database), "{there}");
        server.stop().await.unwrap();
        assert!(databases(admin).await.contains(&alive.database), "stop drops its own only");
        assert_eq!(alive.end_with("-TERM"), Some(143));
        assert_eq!(databases(admin).await, UNTOUCHED);
    });
    Ok(())
}

fn sockets_and_missing_databases() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let (foreign, url) = foreign(&ground).await;
        let admin = foreign.postgres_admin_options().unwrap();
        let (folder, port) = (admin.get_socket().unwrap().display().to_string(), admin.get_port());
        for url in [
            format!("postgres://maker@/app?host={folder}&port={port}"),
            format!("postgres://maker@{}:{port}/app", folder.replace('/', "%2F")),
            url.replace("/app", "/not_made_yet"),
            url.replace("/app", ""),
            format!("{url}?sslmode=disable"),
        ] {
            let server = connect(&url, &ground).await;
            let ours = server.postgres_admin_options().unwrap();
            assert_eq!(ask(ours, "SELECT current_user::text").await, "maker", "{url}");
            server.stop().await.unwrap();
        }
    });
    Ok(())
}

fn unusable_servers_are_told() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let (foreign, url) = foreign(&ground).await;
        let port = tcp(&foreign).get_port();
        let shown = format!("postgres://maker:***@127.0.0.1:{port}/app");
        let error = error_of(&wanted(&url.replace("s3cret", "s3crets")), &ground).await;
        assert!(error.contains(&shown) && error.contains("password authentication failed"), "{error}");
        assert!(!error.contains("s3cret"), "{error}");
        run(foreign.postgres_admin_options().unwrap(), "ALTER ROLE maker NOCREATEDB").await;
        let error = error_of(&wanted(&url), &ground).await;
        assert!(error.contains("lacks CREATEDB") && error.contains(&shown) && !error.contains("s3cret"), "{error}");
        let error = error_of(&wanted(&format!("{url}?sslmode=require")), &ground).await;
        assert!(error.contains(&shown) && !error.contains("s3cret"), "{error}");
        drop(foreign);
        let error = error_of(&wanted(&url), &ground).await;
        assert!(error.contains(&shown) && error.contains("cannot be used") && !error.contains("s3cret"), "{error}");
        let error = error_of(&wanted("mysql://u:s3cret@127.0.0.1/db"), &ground).await;
        assert!(error.contains("is a URL of MySQL") && !error.contains("s3cret"), "{error}");
    });
    Ok(())
}

fn versions_are_compared() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let (foreign, url) = foreign(&ground).await;
        let mut wanted = Wanted { image: Some("postgres:99".to_owned()), ..wanted(&url) };
        let error = error_of(&wanted, &ground).await;
        let version = &foreign.version;
        assert!(error.contains(&format!("is PostgreSQL {version}, and PostgreSQL 99 is asked for")), "{error}");
        assert!(error.contains("allow-substitute"), "{error}");
        wanted.allow_substitute = true;
        wanted.server_settings.insert("wal_level".to_owned(), "logical".to_owned());
        let server = provide_in(&wanted, &ground.places(), &|_| ()).await.unwrap();
        assert_eq!(server.notes[0], format!("PostgreSQL {version} stands in for postgres:99"));
        assert!(server.notes[1].contains("server-settings are not made") && server.notes[1].contains("wal_level"));
    });
    Ok(())
}
