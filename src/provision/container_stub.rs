//! Cleaning up as a whole. Containers are not looked for yet.

use super::leftovers;
use super::run_folder::Places;
use super::sweep::sweep;

/// The containers that killed runs left, by name or id.
pub async fn leftover_containers() -> Vec<String> {
    Vec::new()
}

/// What was removed, and what could not be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Folders that are gone.
    pub folders: Vec<std::path::PathBuf>,
    /// Containers that are gone.
    pub containers: Vec<String>,
    /// What is still there, and why.
    pub problems: Vec<String>,
}

/// Removes what killed runs left: servers, folders, containers.
pub async fn clean(places: &Places) -> Cleaned {
    let folders = sweep(places);
    let problem = |folder: std::path::PathBuf| format!("{} could not be removed", folder.display());
    let problems = leftovers(places).into_iter().map(problem).collect();
    Cleaned { folders, containers: Vec::new(), problems }
}
