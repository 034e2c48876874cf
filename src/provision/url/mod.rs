//! A server that runs already, named by a URL. It is not ours: we make databases of marked names and touch no other.

mod check;
mod cleaning;
mod dropping;
mod names;
mod reading;
mod text;

use std::time::Duration;

use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};

pub use self::cleaning::{CleanedServer, clean_server};
pub use self::reading::{Readable, readable};

use self::check::{describe, judge};
use self::dropping::{drop_with_prefix, sweep};
use self::names::new_prefix;
use self::text::Target;
use super::{ProvisionError, Wanted};

/// How long a server may take to answer the first time.
const ANSWER_PATIENCE: Duration = Duration::from_secs(15);
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
    // An image that tells no version is known before anybody is asked.
    wanted.asked()?;
    let Target { mut options, shown, .. } = text::read(url, wanted.engine)?;
    let prefix = new_prefix(random());
    // By this name our own sessions are found again.
    options = options.application_name(&prefix);
    let wrong = |reason: String| ProvisionError::Url { shown: shown.clone(), reason };
    let answer = async {
        let mut connection = reach(&mut options).await?;
        let described = describe(&mut connection).await?;
        Ok::<_, sqlx::Error>((connection, described))
    };
    let (mut connection, server) = in_time(answer).await.map_err(wrong)?;
    let notes = judge(&server, wanted, &shown)?;
    sweep(&mut connection).await;
    // The server may have closed it already; that changes nothing.
    let _ = connection.close().await;
    let version = server.version;
    Ok((UrlServer { options, shown, prefix, dropped: false }, Described { version, notes }))
}

/// Connects to the database of the options. The application's own database need not exist yet: then to `postgres`.
async fn reach(options: &mut PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    match PgConnection::connect_with(options).await {
        Err(error) if has_code(&error, NO_SUCH_DATABASE) => {
            *options = options.clone().database("postgres");
            PgConnection::connect_with(options).await
        }
        answer => answer,
    }
}

/// The answer of a server; an error is a predicate that says what to do.
async fn in_time<T>(answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, String> {
    let answer = tokio::time::timeout(ANSWER_PATIENCE, answer).await.map_err(|_| {
        let seconds = ANSWER_PATIENCE.as_secs();
        format!("does not answer within {seconds} s; check that the server runs and can be reached")
    })?;
    answer.map_err(|error| format!("cannot be used: {error}; check the address, the user and the password"))
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

fn has_code(error: &sqlx::Error, code: &str) -> bool {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|found| found == code)
}

fn random() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    // The standard library seeds these from the system's random numbers; two runs must differ, nobody must guess.
    RandomState::new().hash_one(std::time::SystemTime::now())
}
