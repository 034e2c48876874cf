//! A PostgreSQL server from binaries of this machine.

mod binaries;
mod data;
mod process;

use sqlx::postgres::PgConnectOptions;

pub(crate) use binaries::installations;

use self::process::Postmaster;
use super::account::Account;
use super::installed::{self, Installation, choose};
use super::local::{Origin, SOCKET_FOLDER};
use super::run_folder::{Places, RunFolder};
use super::{ProvisionError, Wanted, postgres_settings};
use crate::history::EngineKind;

/// A server of our own in a folder of its own; both are gone when this is dropped.
#[derive(Debug)]
pub(crate) struct LocalServer {
    postmaster: Postmaster,
    /// The binaries that run.
    pub(crate) installation: Installation,
    // After the server, so that it is removed after the server has ended.
    _folder: RunFolder,
}

impl LocalServer {
    /// Options of the superuser through the socket, to the database `postgres`.
    pub(crate) fn options(&self) -> PgConnectOptions {
        self.postmaster.options()
    }

    /// The same through TCP, with the password.
    pub(crate) fn tcp_options(&self) -> PgConnectOptions {
        self.postmaster.tcp_options()
    }

    /// The last lines of the server's log.
    pub(crate) fn log_tail(&self, lines: usize) -> Vec<String> {
        self.postmaster.log_tail(lines)
    }

    /// Whether the server still runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.postmaster.is_alive()
    }
}

/// Starts a server of the wanted version.
///
/// # Errors
/// When there are no binaries of that version, a setting is wrong, or the server does not start.
pub(crate) async fn start(wanted: &Wanted, places: &Places) -> Result<LocalServer, ProvisionError> {
    let settings = postgres_settings::wanted_settings(wanted)?;
    wanted.asked()?;
    let installation = choose(&installed::installations(EngineKind::Postgres, &wanted.server_bins)?, wanted)?;
    let account = Account::to_drop_to(EngineKind::Postgres)?;
    let account = account.as_ref();
    let folder = RunFolder::make(&places.temporary, account)?;
    folder.private(SOCKET_FOLDER, account)?;
    let origin = data::prepare(&installation, &settings, &folder, places.cache.as_deref(), account).await?;
    let started = Postmaster::start(&installation, &folder, account, settings.is_overheard()).await;
    let postmaster = match (started, origin) {
        (Ok(postmaster), _) => postmaster,
        // A seed may be broken in a way that counting its bytes does not show: once more with a new one.
        (Err(_), Origin::Seed(seed)) => {
            seed.discard();
            data::prepare(&installation, &settings, &folder, places.cache.as_deref(), account).await?;
            Postmaster::start(&installation, &folder, account, settings.is_overheard()).await?
        }
        (Err(error), Origin::Made) => return Err(error),
    };
    Ok(LocalServer { postmaster, installation, _folder: folder })
}
