//! What this machine has for servers, found out without starting one.

use std::path::PathBuf;

use super::account::Account;
use super::local_postgres::{Installation, choose, installations};
use super::run_folder::{Places, RunFolder, free_bytes, is_tmpfs};
use super::{ProvisionError, Wanted};

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
    let account = Account::to_drop_to().ok().flatten();
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

/// The user that servers run as where it is not ours, which is so for root.
///
/// # Errors
/// When there is nobody to run a server.
pub fn server_account() -> Result<Option<String>, ProvisionError> {
    Ok(Account::to_drop_to()?.map(|account| account.name))
}

/// The server of this machine that a local run would start.
///
/// # Errors
/// As [`provide`](super::provide) with server binaries of this machine: the error says what to install.
pub fn local_choice(wanted: &Wanted) -> Result<Installation, ProvisionError> {
    let chosen = choose(installations(wanted.server_bin.as_deref())?, wanted)?;
    Account::to_drop_to()?;
    Ok(chosen)
}

/// The major version that the image of `wanted` asks for; `None` where any will do or none is told.
pub fn wanted_major(wanted: &Wanted) -> Option<u32> {
    wanted.major().ok().flatten()
}
