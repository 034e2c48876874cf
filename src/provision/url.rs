//! A server that runs already, named by a URL. It is not ours: we make databases of marked names and touch no other.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Row};

use super::database_names::{is_left_behind, new_prefix};
use super::url_text::{self, Target};
use super::wanted::OLDEST_POSTGRES;
use super::{ProvisionError, Wanted};

/// How long a server may take to answer the first time.
const ANSWER_PATIENCE: Duration = Duration::from_secs(15);
/// How long sessions of ours may take to end before their databases are dropped.
const SESSION_PATIENCE: Duration = Duration::from_secs(5);
/// How long dropping may take where nobody can wait for it asynchronously.
const DROP_PATIENCE: Duration = Duration::from_secs(10);
/// SQLSTATE `invalid_catalog_name`.
const NO_SUCH_DATABASE: &str = "3D000";

/// A server of somebody else's. When this is dropped, the databases of this run on it are dropped.
pub(crate) struct UrlServer {
    options: PgConnectOptions,
    shown: String,
    prefix: String,
    dropped: bool,
}

/// What the server says of itself.
pub(crate) struct Described {
    /// Its version: `15.18`.
    pub(crate) version: String,
    /// What reports should say about it.
    pub(crate) notes: Vec<String>,
}

/// Connects, checks that the server can be used, and drops what killed runs left on it.
///
/// # Errors
/// When the URL cannot be understood, or the server does not answer, is of another product or version, or does not let us
/// make databases. No message holds a password.
pub(crate) async fn connect(wanted: &Wanted, url: &str) -> Result<(UrlServer, Described), ProvisionError> {
    let Target { mut options, shown } = url_text::read(url, wanted.engine)?;
    let prefix = new_prefix(random());
    // By this name our own sessions are found again.
    options = options.application_name(&prefix);
    let wrong = |reason: String| ProvisionError::Url { shown: shown.clone(), reason };
    let answer = tokio::time::timeout(ANSWER_PATIENCE, async {
        let mut connection = match PgConnection::connect_with(&options).await {
            Err(error) if has_code(&error, NO_SUCH_DATABASE) => {
                // The application's own database need not exist yet.
                options = options.clone().database("postgres");
                PgConnection::connect_with(&options).await
            }
            answer => answer,
        }?;
        let described = describe(&mut connection).await?;
        Ok::<_, sqlx::Error>((connection, described))
    });
    let (mut connection, server) = answer
        .await
        .map_err(|_| {
            let seconds = ANSWER_PATIENCE.as_secs();
            wrong(format!("does not answer within {seconds} s; check that the server runs and can be reached"))
        })?
        .map_err(|error| wrong(format!("cannot be used: {error}; check the address, the user and the password")))?;
    let notes = judge(&server, wanted, &shown)?;
    sweep(&mut connection).await;
    // The server may have closed it already; that changes nothing.
    let _ = connection.close().await;
    let version = server.version;
    Ok((UrlServer { options, shown, prefix, dropped: false }, Described { version, notes }))
}

impl UrlServer {
    /// Options of the URL's user, to the database that the URL names.
    pub(crate) fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// What the names of all our databases on it must begin with.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Drops the databases of this run.
    ///
    /// # Errors
    /// When one cannot be dropped; the next run tries again.
    pub(crate) async fn stop(mut self) -> Result<(), ProvisionError> {
        let result = self.drop_databases().await;
        // Cancelled before this line, `Drop` tries again.
        self.dropped = true;
        result
    }

    async fn drop_databases(&self) -> Result<(), ProvisionError> {
        drop_with_prefix(&self.options, &self.prefix).await.map_err(|error| {
            let reason = format!("keeps databases whose names begin with {}: {error}; drop them by hand", self.prefix);
            ProvisionError::Url { shown: self.shown.clone(), reason }
        })
    }
}

impl Drop for UrlServer {
    /// For panics and for a pipeline that was cut off: on a thread with a runtime of its own, since ours cannot be waited for
    /// from here.
    fn drop(&mut self) {
        if self.dropped {
            return;
        }
        let (options, prefix) = (self.options.clone(), self.prefix.clone());
        let worker = std::thread::Builder::new().spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            if let Ok(runtime) = runtime {
                // What fails here is left to the sweep of the next run.
                let _ = runtime
                    .block_on(async { tokio::time::timeout(DROP_PATIENCE, drop_with_prefix(&options, &prefix)).await });
            }
        });
        if let Ok(worker) = worker {
            let _ = worker.join();
        }
    }
}

/// What the server answered to our questions.
struct Server {
    product: &'static str,
    version: String,
    number: i32,
    standby: bool,
    may_create: bool,
    user: String,
}

async fn describe(connection: &mut PgConnection) -> Result<Server, sqlx::Error> {
    let banner: String = sqlx::query_scalar("SELECT version()").fetch_one(&mut *connection).await?;
    let product = match banner.split([' ', '-']).next() {
        Some("PostgreSQL") if !banner.contains("Redshift") && !banner.contains("-YB-") => "PostgreSQL",
        Some("CockroachDB") => "CockroachDB",
        _ if banner.contains("Redshift") => "Redshift",
        _ if banner.contains("-YB-") => "YugabyteDB",
        _ => "another product that speaks PostgreSQL's protocol",
    };
    let row = sqlx::query(
        "SELECT current_setting('server_version'), current_setting('server_version_num')::int4, pg_is_in_recovery(), \
         coalesce((SELECT rolcreatedb OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user), false), \
         current_user::text",
    )
    .fetch_one(connection)
    .await?;
    let version: String = row.try_get(0)?;
    Ok(Server {
        product,
        version: version.split_whitespace().next().unwrap_or(&version).to_owned(),
        number: row.try_get(1)?,
        standby: row.try_get(2)?,
        may_create: row.try_get(3)?,
        user: row.try_get(4)?,
    })
}

/// Whether the server can be used; gives what reports should say about it.
fn judge(server: &Server, wanted: &Wanted, shown: &str) -> Result<Vec<String>, ProvisionError> {
    let wrong = |reason: String| ProvisionError::Url { shown: shown.to_owned(), reason };
    let title = format!("{} {}", server.product, server.version);
    let major = u32::try_from(server.number / 10_000).unwrap_or(0);
    if major < OLDEST_POSTGRES {
        return Err(ProvisionError::TooOld { server: title, oldest: OLDEST_POSTGRES });
    }
    let other =
        |wanted: String| ProvisionError::OtherVersion { shown: shown.to_owned(), server: title.clone(), wanted };
    let wanted_major = wanted.major()?;
    if !wanted.allow_substitute {
        if server.product != "PostgreSQL" {
            return Err(other("PostgreSQL".to_owned()));
        }
        if let Some(wanted) = wanted_major.filter(|wanted| *wanted != major) {
            return Err(other(format!("PostgreSQL {wanted}")));
        }
    }
    if server.standby {
        return Err(wrong("is a standby, which only reads; name its primary, or a server for tests".to_owned()));
    }
    if !server.may_create {
        let user = &server.user;
        let remedy = format!("grant it with `ALTER ROLE \"{user}\" CREATEDB`, or name another user");
        return Err(wrong(format!("does not let {user} make databases (it lacks CREATEDB); {remedy}")));
    }
    let mut notes: Vec<String> = wanted.substitution(&title, major).into_iter().collect();
    if server.product != "PostgreSQL" {
        notes.push(format!("{title} stands in for PostgreSQL"));
    }
    if !wanted.server_settings.is_empty() {
        let names: Vec<&str> = wanted.server_settings.keys().map(String::as_str).collect();
        notes.push(format!("server-settings are not made on a server named by --url: {}", names.join(", ")));
    }
    Ok(notes)
}

/// Drops the databases that killed runs left. What cannot be dropped belongs to somebody else, or is left for another time.
async fn sweep(connection: &mut PgConnection) {
    let names: Result<Vec<String>, _> = sqlx::query_scalar(
        "SELECT datname::text FROM pg_catalog.pg_database WHERE starts_with(datname::text, 'rollproof_')",
    )
    .fetch_all(&mut *connection)
    .await;
    for name in names.unwrap_or_default().iter().filter(|name| is_left_behind(name)) {
        let _ = drop_database(connection, name).await;
    }
}

/// Ends the sessions of this run and drops its databases; the first error after all were tried.
async fn drop_with_prefix(options: &PgConnectOptions, prefix: &str) -> Result<(), sqlx::Error> {
    let options = options.clone().application_name("rollproof");
    let mut connection = PgConnection::connect_with(&options).await?;
    // A session that was cut off may be in the middle of a CREATE DATABASE, whose result nobody would see.
    let deadline = tokio::time::Instant::now() + SESSION_PATIENCE;
    loop {
        let ended: Vec<bool> = sqlx::query_scalar(
            "SELECT pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity \
             WHERE application_name = $1 AND pid <> pg_backend_pid()",
        )
        .bind(prefix)
        .fetch_all(&mut connection)
        .await?;
        if ended.is_empty() || tokio::time::Instant::now() >= deadline {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let names: Vec<String> =
        sqlx::query_scalar("SELECT datname::text FROM pg_catalog.pg_database WHERE starts_with(datname::text, $1)")
            .bind(prefix)
            .fetch_all(&mut connection)
            .await?;
    let mut result = Ok(());
    for name in names {
        let dropped = drop_database(&mut connection, &name).await;
        result = result.and(dropped);
    }
    let _ = connection.close().await;
    result
}

async fn drop_database(connection: &mut PgConnection, name: &str) -> Result<(), sqlx::Error> {
    let quoted = name.replace('"', "\"\"");
    let template: Option<bool> =
        sqlx::query_scalar("SELECT datistemplate FROM pg_catalog.pg_database WHERE datname = $1")
            .bind(name)
            .fetch_optional(&mut *connection)
            .await?;
    if template == Some(true) {
        let statement = format!("ALTER DATABASE \"{quoted}\" IS_TEMPLATE false");
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *connection).await?;
    }
    let statement = format!("DROP DATABASE IF EXISTS \"{quoted}\" WITH (FORCE)");
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await?;
    Ok(())
}

fn has_code(error: &sqlx::Error, code: &str) -> bool {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|found| found == code)
}

fn random() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    // The standard library seeds these from the system's random numbers; two runs must differ, nobody must guess.
    RandomState::new().hash_one(std::time::SystemTime::now())
}
