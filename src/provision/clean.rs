//! Removing what killed runs left, to the end and with a word about each: `rollproof clean`.

use std::path::PathBuf;

use super::container;
use super::run_folder::Places;
use super::sweep::{abandoned_containers, leftovers, remove_all};

/// What was removed.
#[derive(Clone, Debug, Default)]
pub struct Cleaned {
    /// Folders of servers and seeds.
    pub folders: Vec<PathBuf>,
    /// Names of containers.
    pub containers: Vec<String>,
    /// What could not be removed or looked at, and why.
    pub problems: Vec<String>,
}

/// Removes the servers, containers and folders of runs that have ended without doing so.
///
/// A run that is killed while the engine makes its container leaves one that comes only afterwards; it is waited for.
pub async fn clean(places: &Places) -> Cleaned {
    // Before their folders go, which tell of them.
    let expected = abandoned_containers(places);
    let (containers, mut problems) = match container::sweep_all(&expected).await {
        Ok(swept) => swept,
        // Without an engine there are no containers, unless there was one a moment ago.
        Err(_) if expected.is_empty() => (Vec::new(), Vec::new()),
        Err(error) => {
            let names: Vec<&str> = expected.iter().map(|expected| expected.name.as_str()).collect();
            (Vec::new(), vec![format!("{} may be left: {error}", names.join(", "))])
        }
    };
    let folders = remove_all(leftovers(places));
    problems.extend(leftovers(places).iter().map(|folder| format!("{} could not be removed", folder.display())));
    Cleaned { folders, containers, problems }
}
