//! What needs no server: SQLite, and ways that are not there.

use libtest_mimic::Failed;
use rollproof::history::EngineKind;
use rollproof::provision::{Address, ProvisionKind, Wanted, provide_in};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};

use super::local::error_of;
use super::places::Ground;
use super::{Test, block_on};

pub(crate) const TESTS: &[Test] = &[
    ("embedded_sqlite_is_a_folder", embedded_sqlite_is_a_folder),
    ("modes_that_are_not_there_say_so", modes_that_are_not_there_say_so),
];

fn embedded_sqlite_is_a_folder() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let server = provide_in(&Wanted::new(EngineKind::Sqlite), &ground.places(), &|_| ()).await.unwrap();
        assert_eq!((server.provision, server.engine), (ProvisionKind::Embedded, EngineKind::Sqlite));
        assert!(server.owned() && server.postgres_admin_options().is_none());
        let Address::SqliteFile(file) = server.address() else { panic!("not SQLite") };
        let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut connection).await.unwrap();
        assert_eq!(version, server.version);
        sqlx::raw_sql("CREATE TABLE t (a)").execute(&mut connection).await.unwrap();
        assert!(file.exists());
        server.stop().await.unwrap();
    });
    ground.assert_nothing_left();
    Ok(())
}

fn modes_that_are_not_there_say_so() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let url = Some("sqlite://x".to_owned());
        let error = error_of(&Wanted { url, ..Wanted::new(EngineKind::Sqlite) }, &ground).await;
        assert!(error.contains("leave `--url` out"), "{error}");
        let server_settings = [("fsync".to_owned(), "on".to_owned())].into();
        let error = error_of(&Wanted { server_settings, ..Wanted::new(EngineKind::Sqlite) }, &ground).await;
        assert!(error.contains("SQLite has no server"), "{error}");
    });
    ground.assert_nothing_left();
    Ok(())
}
