//! What killed runs left on this machine is removed at the next start.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::owner::{ABANDONED_SECONDS, Owner};
use super::run_folder::{CONTAINER_FILE, DATA_FOLDER, OWNER_FILE, PREFIX, Places, remove};
use super::seed::MAKING_PREFIX;
use super::shared_memory;
use super::stragglers::end_servers_in;

/// Ends the servers of runs that were killed and removes their folders; gives the folders that are gone now.
///
/// Only folders of our own user are looked at: the places are shared with others, who may name a folder as they like.
///
/// The folder of a run that had just asked for a container stays, so that [`super::clean`] hears of that container.
pub fn sweep(places: &Places) -> Vec<PathBuf> {
    remove_all(leftovers(places).into_iter().filter(|folder| comes_within(folder).is_none()))
}

/// The same for these folders, which are leftovers.
pub(super) fn remove_all(folders: impl IntoIterator<Item = PathBuf>) -> Vec<PathBuf> {
    let mut removed = Vec::new();
    for folder in folders {
        // A seed in the making has neither a server nor its memory.
        if folder.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(PREFIX.as_bytes())) {
            end_servers_in(&folder);
            shared_memory::release(&folder.join(DATA_FOLDER));
        }
        if remove(&folder) {
            removed.push(folder);
        }
    }
    removed
}

/// How long an engine may take to make a container that a killed run had asked for just before.
const MAKING: Duration = Duration::from_secs(5);

/// A container that a killed run may have asked for just before it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    /// Its name.
    pub(crate) name: String,
    /// How long it may still take until it is there.
    pub(crate) within: Duration,
}

/// The containers that killed runs asked for a moment ago.
pub(crate) fn abandoned_containers(places: &Places) -> Vec<Expected> {
    let folders = places.temporary.iter().flat_map(|base| own_folders(base, PREFIX));
    let expected = folders.filter(|folder| is_abandoned(folder)).filter_map(|folder| {
        Some(Expected { name: folder.file_name()?.to_str()?.to_owned(), within: comes_within(&folder)? })
    });
    expected.collect()
}

/// How long the container of a run folder may still take until it is there; `None` when it is there, or never will be.
fn comes_within(folder: &Path) -> Option<Duration> {
    let asked = fs::metadata(folder.join(CONTAINER_FILE)).and_then(|found| found.modified()).ok()?;
    MAKING.checked_sub(asked.elapsed().unwrap_or_default())
}

/// The folders that killed runs left.
pub fn leftovers(places: &Places) -> Vec<PathBuf> {
    let runs = places.temporary.iter().flat_map(|base| own_folders(base, PREFIX)).filter(|folder| is_abandoned(folder));
    let seeds = places.cache.iter().flat_map(|cache| own_folders(cache, MAKING_PREFIX)).filter(|folder| is_old(folder));
    runs.chain(seeds).collect()
}

/// Whether nobody needs a run folder any more. One without a readable owner may be in the making, so its age decides.
fn is_abandoned(folder: &Path) -> bool {
    match fs::read_to_string(folder.join(OWNER_FILE)).ok().and_then(|text| Owner::parse(&text)) {
        Some(owner) => owner.is_gone(),
        None => is_old(folder) || is_stillborn(folder),
    }
}

/// Whether a folder is empty for longer than it takes to write its owner into it: whoever made it was killed in between.
fn is_stillborn(folder: &Path) -> bool {
    let empty = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    let made = fs::metadata(folder).and_then(|found| found.modified()).ok().and_then(|at| at.elapsed().ok());
    empty && made.is_some_and(|age| age > Duration::from_secs(60))
}

fn is_old(folder: &Path) -> bool {
    let modified = fs::metadata(folder).and_then(|found| found.modified());
    modified.ok().and_then(|at| at.elapsed().ok()).is_some_and(|age| age > Duration::from_secs(ABANDONED_SECONDS))
}

/// The real folders of our own user in `base` whose name begins with `prefix`.
fn own_folders(base: &Path, prefix: &str) -> Vec<PathBuf> {
    let user = nix::unistd::geteuid().as_raw();
    let Ok(entries) = fs::read_dir(base) else { return Vec::new() };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix)))
        // The metadata of an entry is that of a symbolic link itself.
        .filter(|entry| entry.metadata().is_ok_and(|found| found.is_dir() && found.uid() == user))
        .map(|entry| entry.path())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(base: &Path, name: &str, owner: Option<&Owner>) -> PathBuf {
        let folder = base.join(name);
        fs::create_dir(&folder).unwrap();
        if let Some(owner) = owner {
            fs::write(folder.join(OWNER_FILE), owner.to_text()).unwrap();
        }
        folder
    }

    #[test]
    fn only_what_the_dead_left_is_removed() {
        let base = tempfile::tempdir().unwrap();
        let here = Owner::this();
        let dead = Owner { pid: u32::MAX, ..here.clone() };
        let elsewhere = Owner { place: "another".to_owned(), ..dead.clone() };
        let old = Owner { made: 1, ..elsewhere.clone() };
        let gone =
            [make(base.path(), "rollproof-1-dead", Some(&dead)), make(base.path(), "rollproof-2-old", Some(&old))];
        let stays = [
            make(base.path(), "rollproof-3-here", Some(&here)),
            make(base.path(), "rollproof-4-elsewhere", Some(&elsewhere)),
            make(base.path(), "rollproof-5-making", None),
            make(base.path(), "other-6-dead", Some(&dead)),
        ];
        std::os::unix::fs::symlink(&gone[0], base.path().join("rollproof-7-link")).unwrap();
        let places = Places { temporary: vec![base.path().to_owned()], cache: None };
        let mut told = leftovers(&places);
        told.sort();
        assert_eq!(told, gone, "and nothing is removed by telling");
        let mut removed = sweep(&places);
        removed.sort();
        assert_eq!(removed, gone);
        assert!(gone.iter().all(|folder| !folder.exists()));
        assert!(stays.iter().all(|folder| folder.exists()));
    }
}
