//! A server that runs already, named by a URL. It is not ours: we make databases of marked names and touch no other.

mod cleaning;
mod mysql;
mod names;
mod postgres;
mod reading;
mod text;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

pub use self::cleaning::{CleanedServer, clean_server};
pub use self::reading::{Readable, readable};

use self::names::new_prefix;
use super::server::Address;
use super::{Product, ProvisionError, Wanted};
use crate::history::EngineKind;

/// How long a server may take to answer the first time.
const ANSWER_PATIENCE: Duration = Duration::from_secs(15);
/// How long dropping may take where nobody can wait for it asynchronously.
const DROP_PATIENCE: Duration = Duration::from_secs(10);

/// A server that is not ours, as the user of its URL. One folder for each protocol.
#[async_trait]
trait Host: Send + Sync {
    /// Checks that the server can be used, and drops what killed runs left on it. What is made there will have names that
    /// begin with `prefix`.
    async fn enter(&mut self, wanted: &Wanted, shown: &str, prefix: &str) -> Result<Described, ProvisionError>;
    /// Makes sure that databases can be made, where only making one tells; the error is a predicate.
    async fn prove(&self, prefix: &str) -> Result<(), String>;
    /// Drops the databases whose names begin with this.
    async fn drop_with_prefix(&self, prefix: &str) -> Result<(), sqlx::Error>;
    /// Drops the databases that killed runs left, or only tells them; an error is a predicate.
    async fn clean(&mut self, dry_run: bool) -> Result<CleanedServer, String>;
    /// How the server is reached.
    fn address(&self) -> Address;
    /// The same, for whoever drops the databases.
    fn share(self: Box<Self>) -> Arc<dyn Host>;
}

/// Where a URL leads that is one of `engine`, or of any where that is not known; and the URL without its password.
fn target(url: &str, engine: Option<EngineKind>) -> Result<(Box<dyn Host>, String), ProvisionError> {
    let parts = text::parts(url, engine)?;
    match parts.engine {
        EngineKind::Mysql | EngineKind::Mariadb => {
            let target = mysql::text::read(&parts)?;
            Ok((Box::new(mysql::Visitor(target.options)), target.shown))
        }
        // There is no URL of a SQLite server.
        EngineKind::Postgres | EngineKind::Sqlite => {
            let target = postgres::text::read(&parts)?;
            Ok((Box::new(postgres::Visitor(target.options)), target.shown))
        }
    }
}

/// A server of somebody else's. When this is dropped, the databases of this run on it are dropped.
pub(crate) struct UrlServer {
    host: Arc<dyn Host>,
    shown: String,
    prefix: String,
    dropped: bool,
}

/// What the server says of itself.
pub(crate) struct Described {
    /// What it is.
    pub(crate) product: Product,
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
    let (mut host, shown) = target(url, Some(wanted.engine))?;
    let prefix = new_prefix(random());
    let described = host.enter(wanted, &shown, &prefix).await?;
    // From here on there may be databases of this run.
    let mut server = UrlServer { host: host.share(), shown, prefix, dropped: false };
    if let Err(reason) = server.host.prove(&server.prefix).await {
        server.dropped = server.drop_databases().await.is_ok();
        return Err(ProvisionError::Url { shown: server.shown.clone(), reason });
    }
    Ok((server, described))
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
    /// How the URL's user reaches it.
    pub(crate) fn address(&self) -> Address {
        self.host.address()
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
        self.host.drop_with_prefix(&self.prefix).await.map_err(|error| {
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
        let (host, prefix) = (Arc::clone(&self.host), self.prefix.clone());
        let worker = std::thread::Builder::new().spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            if let Ok(runtime) = runtime {
                // What fails here is left to the sweep of the next run.
                let _ = runtime
                    .block_on(async { tokio::time::timeout(DROP_PATIENCE, host.drop_with_prefix(&prefix)).await });
            }
        });
        if let Ok(worker) = worker {
            let _ = worker.join();
        }
    }
}

fn random() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    // The standard library seeds these from the system's random numbers; two runs must differ, nobody must guess.
    RandomState::new().hash_one(std::time::SystemTime::now())
}
