//! A MySQL or MariaDB server from binaries of this machine.

use std::path::Path;

use sqlx::mysql::MySqlConnectOptions;

use super::installed::Installation;
use super::product::Product;
use super::run_folder::Places;
use super::{ProvisionError, Wanted};

/// A server of our own in a folder of its own; both are gone when this is dropped.
#[derive(Debug)]
pub(crate) struct LocalMysql {
    /// What runs.
    pub(crate) product: Product,
}

impl LocalMysql {
    /// Options of root through the socket, to no database.
    pub(crate) fn options(&self) -> MySqlConnectOptions {
        MySqlConnectOptions::new()
    }

    /// The same through TCP, with the password.
    pub(crate) fn tcp_options(&self) -> MySqlConnectOptions {
        MySqlConnectOptions::new()
    }

    /// The last lines of the server's log.
    pub(crate) fn log_tail(&self, lines: usize) -> Vec<String> {
        let _ = lines;
        Vec::new()
    }

    /// Whether the server still runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        true
    }
}

/// The installed servers of both products.
///
/// # Errors
/// When `server_bin` holds no server.
pub(crate) fn installations(server_bin: Option<&Path>) -> Result<Vec<Installation>, ProvisionError> {
    let _ = server_bin;
    Ok(Vec::new())
}

/// Starts a server of the wanted product and release.
///
/// # Errors
/// When there are no binaries of that release, a setting is wrong, or the server does not start.
pub(crate) async fn start(wanted: &Wanted, places: &Places) -> Result<LocalMysql, ProvisionError> {
    let _ = places;
    Err(ProvisionError::EngineUnknown(wanted.engine))
}
