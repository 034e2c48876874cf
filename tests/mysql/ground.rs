//! The servers, and what tests do on them.

use std::sync::atomic::{AtomicUsize, Ordering};

use libtest_mimic::Failed;
use rollproof::engine::mysql::{Mysql, Terms};
use rollproof::engine::{Engine as _, EngineError, Refusal, SessionSpec};
use rollproof::history::EngineKind;
use rollproof::provision::{Mode, Server, Wanted, provide};
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::{AssertSqlSafe, Connection as _, Row as _};

/// A server.
pub(crate) struct Ground {
    /// Its product and version.
    pub(crate) name: String,
    options: MySqlConnectOptions,
    made: AtomicUsize,
    /// Ends the server, where it is ours.
    _server: Option<Server>,
}

impl Ground {
    /// All servers that there are, or why there is none.
    pub(crate) fn all() -> Result<Vec<Self>, String> {
        let urls = std::env::var("ROLLPROOF_TEST_MYSQL_URLS").unwrap_or_default();
        block_on(async {
            let mut grounds = Vec::new();
            for url in urls.split_whitespace() {
                let options = url.parse::<MySqlConnectOptions>().map_err(|error| error.to_string())?;
                grounds.push(Self::new(options, None).await?);
            }
            if grounds.is_empty() {
                let wanted = Wanted { mode: Mode::Local, ..Wanted::new(EngineKind::Mariadb) };
                let server = provide(&wanted, &|_| ()).await.map_err(|error| error.to_string())?;
                let options = server.mysql_admin_options().ok_or("no server of MariaDB")?.clone();
                grounds.push(Self::new(options, Some(server)).await?);
            }
            Ok(grounds)
        })
    }

    async fn new(options: MySqlConnectOptions, server: Option<Server>) -> Result<Self, String> {
        let ground = Self { name: String::new(), options, made: AtomicUsize::new(0), _server: server };
        let version =
            ground.ask("SELECT VERSION()").await.map_err(|error| error.message().unwrap_or("?").to_owned())?;
        Ok(Self { name: version.join(""), ..ground })
    }

    /// How its root connects.
    pub(crate) fn options(&self) -> MySqlConnectOptions {
        self.options.clone()
    }

    /// Whether it is MariaDB.
    pub(crate) fn is_mariadb(&self) -> bool {
        self.name.contains("MariaDB")
    }

    /// A database of an engine's own.
    pub(crate) async fn engine(&self, owned: bool, allow_cluster_objects: bool) -> Result<Mysql, Failed> {
        self.engine_as(self.options(), owned, allow_cluster_objects).await
    }

    /// The same by these options.
    pub(crate) async fn engine_as(
        &self,
        options: MySqlConnectOptions,
        owned: bool,
        allow_cluster_objects: bool,
    ) -> Result<Mysql, Failed> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("rollproof_t{}_{number}_", std::process::id());
        Ok(Mysql::create(options, Terms { owned, allow_cluster_objects, prefix, data: None }).await?)
    }

    /// The first columns of all rows that a statement of root's gives, as text.
    pub(crate) async fn ask(&self, sql: &str) -> Result<Vec<String>, Failed> {
        let mut connection = MySqlConnection::connect_with(&self.options).await?;
        let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(&mut connection).await?;
        connection.close().await?;
        let text = |row: &sqlx::mysql::MySqlRow| row.try_get_unchecked::<Option<String>, _>(0);
        Ok(rows.iter().map(|row| text(row).map(Option::unwrap_or_default)).collect::<Result<_, _>>()?)
    }
}

/// Runs a script in a new session, statement by statement, up to the first refusal.
pub(crate) async fn run(engine: &mut Mysql, script: &str) -> Result<(), EngineError> {
    engine.open_session(&SessionSpec::default()).await?;
    go_on(engine, script).await
}

/// Runs a script in the session that is open.
pub(crate) async fn go_on(engine: &mut Mysql, script: &str) -> Result<(), EngineError> {
    let statements = engine.split(script).map_err(|error| EngineError::unexpected(error.message))?;
    for statement in statements {
        engine.execute(script, &statement).await?;
    }
    Ok(())
}

/// The refusal that an answer is.
pub(crate) fn refusal<T>(answer: Result<T, EngineError>) -> Result<Refusal, Failed> {
    match answer {
        Err(EngineError::Refused { refusal }) => Ok(refusal),
        Err(error) => Err(format!("no refusal: {error}").into()),
        Ok(_) => Err("it was not refused".into()),
    }
}

/// An error unless it is so.
pub(crate) fn ensure(so: bool, what: impl Into<String>) -> Result<(), Failed> {
    if so { Ok(()) } else { Err(what.into().into()) }
}

/// Runs a test's future on its thread.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
