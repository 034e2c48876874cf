//! The place of containers until this version starts some: no engine is looked for, and none answers.

use super::run_folder::Places;
use super::sweep::sweep;
use super::{ProvisionError, leftovers};

/// The image that a database without one gets, of the engine that needs one.
pub const DEFAULT_IMAGE: &str = "postgres:17";

/// A container engine that answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerEngine {
    /// Where it is reached: `unix:///var/run/docker.sock`.
    pub host: String,
    /// Its name and version: `Docker 28.2`.
    pub product: String,
    /// Its version alone.
    pub version: String,
    /// Whether it runs without root.
    pub rootless: bool,
}

/// The container engine of this machine.
///
/// # Errors
/// When none answers.
pub async fn container_engine() -> Result<ContainerEngine, ProvisionError> {
    Err(ProvisionError::NoContainers)
}

/// The digest or id of an image that is present; `None` where it would have to be pulled.
///
/// # Errors
/// When no engine answers.
pub async fn container_image(_name: &str) -> Result<Option<String>, ProvisionError> {
    Err(ProvisionError::NoContainers)
}

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
