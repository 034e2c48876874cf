//! The worker for projects in Python, by its own tests (tests/python), with real servers for its guard.

#![cfg(test)]

use std::path::Path;
use std::process::Command;

use rollproof::engine::Engine;
use rollproof::engine::mysql::{self, Mysql};
use rollproof::engine::postgres::{Postgres, Terms};
use rollproof::history::EngineKind;
use rollproof::provision::{self, Address, Mode, Server, Wanted};

/// A local server with an empty database, and that database's URL.
async fn with_database(engine: EngineKind) -> (Server, Box<dyn Engine>, String) {
    let wanted = Wanted { mode: Mode::Local, ..Wanted::new(engine) };
    let server = provision::provide(&wanted, &|_| ()).await.unwrap();
    let prefix = server.database_prefix().to_owned();
    let database: Box<dyn Engine> = match server.address() {
        Address::Mysql { admin, .. } => {
            let terms = mysql::Terms { owned: true, allow_cluster_objects: false, prefix, data: server.data_folder() };
            Box::new(Mysql::create((**admin).clone(), terms).await.unwrap())
        }
        Address::Postgres { admin, .. } => {
            let terms = Terms { owned: true, allow_cluster_objects: false, prefix, owner: None };
            Box::new(Postgres::create((**admin).clone(), terms).await.unwrap())
        }
        Address::SqliteFile(_) => unreachable!("no test asks for one"),
    };
    let url = server.contact(&database.database_name()).url;
    (server, database, url)
}

#[tokio::test]
async fn the_worker_in_python_keeps_to_its_database_and_its_protocol() {
    let environment = std::env::var_os("ROLLPROOF_TEST_PYTHON_ENV").expect(
        "ROLLPROOF_TEST_PYTHON_ENV names a virtual environment with tests/python/requirements.txt: see scripts/test",
    );
    let (postgres, mut in_postgres, postgres_url) = with_database(EngineKind::Postgres).await;
    let (mariadb, mut in_mariadb, mariadb_url) = with_database(EngineKind::Mariadb).await;
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
    let ended = Command::new(Path::new(&environment).join("bin/python"))
        .args(["-B", "-m", "unittest", "discover", "-s"])
        .arg(&tests)
        .env("ROLLPROOF_TEST_PYTHON_PG_URL", postgres_url)
        .env("ROLLPROOF_TEST_PYTHON_MYSQL_URL", mariadb_url)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    for database in [&mut in_postgres, &mut in_mariadb] {
        database.close().await.unwrap();
    }
    postgres.stop().await.unwrap();
    mariadb.stop().await.unwrap();
    assert!(ended.status.success() && !said.contains("skipped"), "{said}");
    let count = said.lines().find_map(|line| line.strip_prefix("Ran ")?.split(' ').next()?.parse::<usize>().ok());
    assert!(count.is_some_and(|count| count >= 20), "{said}");
}
