//! A server that answers, and the guard that leaves nothing of it behind.

use std::fmt;
use std::path::PathBuf;

use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;

use super::ProvisionError;
use super::container::ContainerServer;
use super::embedded::Embedded;
use super::local_mysql::LocalMysql;
use super::local_postgres::LocalServer;
use super::url::UrlServer;
use crate::history::EngineKind;

/// Where a server comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProvisionKind {
    /// Server binaries of this machine.
    Local,
    /// A server that ran already.
    Url,
    /// A library that is part of this program.
    Embedded,
    /// A container.
    Container,
}

impl ProvisionKind {
    /// The word of the report.
    pub fn word(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Url => "url",
            Self::Embedded => "embedded",
            Self::Container => "container",
        }
    }
}

/// How a server is reached. Has no `Debug`: the options hold a password.
#[derive(Clone)]
pub enum Address {
    /// A PostgreSQL server.
    Postgres {
        /// Options of the one who may make databases, to a maintenance database: through the socket where there is one.
        admin: Box<PgConnectOptions>,
        /// The same through TCP with a password, for the tools of projects.
        tcp: Box<PgConnectOptions>,
    },
    /// A MySQL or MariaDB server.
    Mysql {
        /// Options of the one who may make databases, to no database: through the socket where there is one.
        admin: Box<MySqlConnectOptions>,
        /// The same through TCP with a password, for the tools of projects.
        tcp: Box<MySqlConnectOptions>,
    },
    /// The file of a SQLite database; it is there once something connects to it.
    SqliteFile(PathBuf),
}

/// What keeps the server, and ends it when dropped.
pub(crate) enum Guard {
    LocalPostgres(LocalServer),
    LocalMysql(LocalMysql),
    Container(Box<ContainerServer>),
    Url(Box<UrlServer>),
    Embedded(Embedded),
}

/// A server that answers. When it is dropped, everything that was made for it is gone: the process, the folder, the
/// databases.
pub struct Server {
    /// Where it comes from.
    pub provision: ProvisionKind,
    /// The product that runs, which need not be the one that was asked for where a substitute is allowed.
    pub engine: EngineKind,
    /// Its version, as the product writes it: `15.18`.
    pub version: String,
    /// The image that runs, or was asked for.
    pub image: Option<String>,
    /// The digest of the image that runs.
    pub image_digest: Option<String>,
    /// What reports should say about it: that it stands in for another version, that settings were not made.
    pub notes: Vec<String>,
    pub(crate) address: Address,
    pub(crate) guard: Guard,
}

impl Server {
    /// Its product and version: `PostgreSQL 15.18`.
    pub fn title(&self) -> String {
        format!("{} {}", self.engine.title(), self.version)
    }

    /// How it is reached.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// For PostgreSQL: options of the one who may make databases, to a maintenance database.
    pub fn postgres_admin_options(&self) -> Option<&PgConnectOptions> {
        match &self.address {
            Address::Postgres { admin, .. } => Some(admin),
            Address::Mysql { .. } | Address::SqliteFile(_) => None,
        }
    }

    /// For MySQL and MariaDB: options of the one who may make databases, to no database.
    pub fn mysql_admin_options(&self) -> Option<&MySqlConnectOptions> {
        match &self.address {
            Address::Mysql { admin, .. } => Some(admin),
            Address::Postgres { .. } | Address::SqliteFile(_) => None,
        }
    }

    /// Whether it is ours alone: it may be tuned, may be given roles, and is thrown away.
    pub fn owned(&self) -> bool {
        match self.guard {
            Guard::LocalPostgres(_) | Guard::LocalMysql(_) | Guard::Container(_) | Guard::Embedded(_) => true,
            Guard::Url(_) => false,
        }
    }

    /// What the names of all databases that the run makes on it must begin with; leaves at least 20 of PostgreSQL's 63 bytes.
    /// Every database of such a name is dropped by [`Server::stop`]. It needs no quoting.
    pub fn database_prefix(&self) -> &str {
        match &self.guard {
            Guard::Url(server) => server.prefix(),
            Guard::LocalPostgres(_) | Guard::LocalMysql(_) | Guard::Container(_) | Guard::Embedded(_) => "rollproof_",
        }
    }

    /// The folder in which a MySQL or MariaDB server from binaries of this machine keeps its data.
    pub fn data_folder(&self) -> Option<PathBuf> {
        match &self.guard {
            Guard::LocalMysql(server) => Some(server.data_folder()),
            Guard::LocalPostgres(_) | Guard::Container(_) | Guard::Url(_) | Guard::Embedded(_) => None,
        }
    }

    /// The last lines of the server's log, oldest first, without passwords; none where the log is not ours to read.
    pub async fn log_tail(&self, lines: usize) -> Vec<String> {
        match &self.guard {
            Guard::LocalPostgres(server) => server.log_tail(lines),
            Guard::LocalMysql(server) => server.log_tail(lines),
            Guard::Container(server) => server.log_tail(lines).await,
            Guard::Url(_) | Guard::Embedded(_) => Vec::new(),
        }
    }

    /// Whether the server still runs. For a server named by a URL always true: only a query can tell.
    pub async fn is_alive(&mut self) -> bool {
        match &mut self.guard {
            Guard::LocalPostgres(server) => server.is_alive(),
            Guard::LocalMysql(server) => server.is_alive(),
            Guard::Container(server) => server.is_alive().await,
            Guard::Url(_) | Guard::Embedded(_) => true,
        }
    }

    /// Removes everything that was made for it. Dropping does the same, but cannot say what went wrong, and for a server
    /// named by a URL waits on a thread of its own.
    ///
    /// # Errors
    /// When databases could not be dropped from a server named by a URL, or a container could not be removed.
    pub async fn stop(self) -> Result<(), ProvisionError> {
        match self.guard {
            Guard::Url(server) => server.stop().await,
            Guard::Container(server) => server.stop().await,
            Guard::LocalPostgres(server) => {
                drop(server);
                Ok(())
            }
            Guard::LocalMysql(server) => {
                drop(server);
                Ok(())
            }
            Guard::Embedded(folder) => {
                drop(folder);
                Ok(())
            }
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { provision, engine, version, image, image_digest, notes, address: _, guard: _ } = self;
        f.debug_struct("Server")
            .field("provision", provision)
            .field("engine", engine)
            .field("version", version)
            .field("image", image)
            .field("image_digest", image_digest)
            .field("notes", notes)
            .finish_non_exhaustive()
    }
}
