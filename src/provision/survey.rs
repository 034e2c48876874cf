//! What this machine has for servers, found out without starting one.

use std::path::PathBuf;

use super::account::Account;
use super::installed::{Installation, choose, installations};
use super::product::Release;
use super::run_folder::{Places, RunFolder, free_bytes, is_tmpfs};
use super::{ProvisionError, Wanted};
use crate::history::EngineKind;

/// A folder where the data of servers may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataPlace {
    /// The folder.
    pub path: PathBuf,
    /// Whether it is in memory.
    pub memory: bool,
    /// How much room there is; `None` where the system does not tell.
    pub free_bytes: Option<u64>,
    /// Why no server can have its data there; `None` where one can.
    pub unfit: Option<String>,
}

/// The places for the data of servers, best first. In each a folder is made and removed again.
pub fn data_places(places: &Places) -> Vec<DataPlace> {
    // Which of them makes no difference to a folder of ours.
    let account = EngineKind::ALL.into_iter().find_map(|engine| Account::to_drop_to(engine).ok().flatten());
    let place = |path: &PathBuf| DataPlace {
        path: path.clone(),
        memory: is_tmpfs(path),
        free_bytes: free_bytes(path),
        unfit: RunFolder::make(std::slice::from_ref(path), account.as_ref()).err().map(|error| match error {
            ProvisionError::NoFolder { reason } => {
                reason.strip_prefix(&format!("{}: ", path.display())).unwrap_or(&reason).to_owned()
            }
            other => other.to_string(),
        }),
    };
    places.temporary.iter().map(place).collect()
}

/// Whether a folder of our own can be made, which containers and SQLite need. It is removed again.
pub fn has_folder(places: &Places) -> bool {
    RunFolder::make(&places.temporary, None).is_ok()
}

/// The user that servers of this product run as where it is not ours, which is so for root.
///
/// # Errors
/// When there is nobody to run such a server.
pub fn server_account(engine: EngineKind) -> Result<Option<String>, ProvisionError> {
    Ok(Account::to_drop_to(engine)?.map(|account| account.name))
}

/// The server of this machine that a local run would start.
///
/// # Errors
/// As [`provide`](super::provide) with server binaries of this machine: the error says what to install.
pub fn local_choice(wanted: &Wanted) -> Result<Installation, ProvisionError> {
    let chosen = choose(&installations(wanted.engine, &wanted.server_bins)?, wanted)?;
    Account::to_drop_to(chosen.product.engine)?;
    Ok(chosen)
}

/// The release that the image of `wanted` asks for; `None` where any will do or none is told.
pub fn wanted_release(wanted: &Wanted) -> Option<Release> {
    wanted.asked().ok().and_then(|asked| asked.release)
}
