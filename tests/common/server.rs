//! A PostgreSQL server that plays the one that is not Rollproof's own.

use std::collections::BTreeMap;

use rollproof::history::EngineKind;
use rollproof::provision::{Address, Mode, Server, Wanted, provide};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// A password that has to be percent-encoded in a URL, and its encoded form.
pub(crate) const PASSWORD: (&str, &str) = ("s3cret@/:?#&+%", "s3cret%40%2F%3A%3F%23%26%2B%25");

/// A server with a role `maker` and a database `app`.
pub(crate) struct Foreign {
    server: Server,
    /// The URL of `maker` to `app`, its password in it.
    pub(crate) url: String,
}

impl Foreign {
    /// Starts one with these server settings; `rights` are those of `maker`: `CREATEDB`, `SUPERUSER`.
    pub(crate) async fn start(settings: &[(&str, &str)], rights: &str) -> Self {
        let server_settings: BTreeMap<String, String> =
            settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let wanted = Wanted { server_settings, mode: Mode::Local, ..Wanted::new(EngineKind::Postgres) };
        let server = provide(&wanted, &|_| ()).await.expect("a server");
        let port = match server.address() {
            Address::Postgres { tcp, .. } => tcp.get_port(),
            Address::Mysql { .. } | Address::SqliteFile(_) => unreachable!("PostgreSQL was asked for"),
        };
        let url = format!("postgres://maker:{}@127.0.0.1:{port}/app", PASSWORD.1);
        let foreign = Self { server, url };
        foreign.run(&format!("CREATE ROLE maker LOGIN {rights} PASSWORD '{}'", PASSWORD.0)).await;
        foreign.run("CREATE DATABASE app OWNER maker").await;
        foreign
    }

    /// How its superuser connects.
    pub(crate) fn admin(&self) -> &PgConnectOptions {
        self.server.postgres_admin_options().expect("PostgreSQL")
    }

    /// Runs a statement as its superuser.
    pub(crate) async fn run(&self, statement: &str) {
        let mut admin = PgConnection::connect_with(self.admin()).await.expect("a connection");
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut admin).await.expect("done");
    }
}

/// Runs a test's future on the thread of the test, which then outlives the servers that it starts.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}
