//! A MySQL or MariaDB server from binaries of this machine.

mod binaries;
mod data;
mod process;

use std::path::PathBuf;

use sqlx::mysql::MySqlConnectOptions;

pub(crate) use self::binaries::installations;
use self::process::{Mysqld, TEMPORARY_FOLDER};
use super::account::Account;
use super::installed::{self, choose};
use super::local::{Origin, SOCKET_FOLDER};
use super::product::Product;
use super::run_folder::{DATA_FOLDER, Places, RunFolder};
use super::{ProvisionError, Wanted, mysql_settings};

/// A server of our own in a folder of its own; both are gone when this is dropped.
#[derive(Debug)]
pub(crate) struct LocalMysql {
    mysqld: Mysqld,
    /// What runs.
    pub(crate) product: Product,
    // After the server, so that it is removed after the server has ended.
    folder: RunFolder,
}

impl LocalMysql {
    /// Options of root through the socket, to no database.
    pub(crate) fn options(&self) -> MySqlConnectOptions {
        self.mysqld.options()
    }

    /// The same through TCP, with the password.
    pub(crate) fn tcp_options(&self) -> MySqlConnectOptions {
        self.mysqld.tcp_options()
    }

    /// Where it keeps its data.
    pub(crate) fn data_folder(&self) -> PathBuf {
        self.folder.path().join(DATA_FOLDER)
    }

    /// The last lines of the server's log.
    pub(crate) fn log_tail(&self, lines: usize) -> Vec<String> {
        self.mysqld.log_tail(lines)
    }

    /// Whether the server still runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.mysqld.is_alive()
    }
}

/// Starts a server of the wanted product and release.
///
/// # Errors
/// When there are no binaries of that release, a setting is wrong, or the server does not start.
pub(crate) async fn start(wanted: &Wanted, places: &Places) -> Result<LocalMysql, ProvisionError> {
    wanted.asked()?;
    mysql_settings::settings(&wanted.server_settings, wanted.engine)?;
    let found = installed::installations(wanted.engine, &wanted.server_bins)?;
    let installation = choose(&found, wanted)?;
    let product = installation.product.clone();
    let settings = mysql_settings::settings(&wanted.server_settings, product.engine)?;
    let account = Account::to_drop_to(product.engine)?;
    let account = account.as_ref();
    let folder = RunFolder::make(&places.temporary, account)?;
    folder.private(SOCKET_FOLDER, account)?;
    folder.private(TEMPORARY_FOLDER, account)?;
    let cache = places.cache.as_deref();
    let origin = data::prepare(&installation, &settings, &folder, cache, account).await?;
    let started = Mysqld::start(&installation, &settings, &folder, account).await;
    let mysqld = match (started, origin) {
        (Ok(mysqld), _) => mysqld,
        // A seed may be broken in a way that counting its bytes does not show: once more with a new one.
        (Err(error), Origin::Seed(seed)) if !is_of_settings(&error) => {
            seed.discard();
            data::prepare(&installation, &settings, &folder, cache, account).await?;
            Mysqld::start(&installation, &settings, &folder, account).await?
        }
        (Err(error), _) => return Err(error),
    };
    Ok(LocalMysql { mysqld, product, folder })
}

/// Whether a server did not start since it does not know a setting, or not with that value.
fn is_of_settings(error: &ProvisionError) -> bool {
    let ProvisionError::Failed { log, .. } = error else { return false };
    let signs = ["unknown variable", "unknown option", "Error while setting value", "Unknown character set"];
    log.iter().any(|line| signs.iter().any(|sign| line.contains(sign)))
}
