//! The cache of seeds, as a whole: what it holds, and how it is emptied.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::run_folder::{Places, remove};
use super::seed::{COMPLETE, DATA, MAKING_PREFIX};

/// A seed in the cache, or one that is being made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedSeed {
    /// Its folder.
    pub path: PathBuf,
    /// How much it holds.
    pub bytes: u64,
}

/// What emptying the cache came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClearedCache {
    /// The seeds that are gone.
    pub removed: Vec<CachedSeed>,
    /// What is still there, and why.
    pub problems: Vec<String>,
}

/// The seeds in the cache, by name. Whatever else lies there is not ours.
pub fn cached_seeds(places: &Places) -> Vec<CachedSeed> {
    let Some(cache) = &places.cache else { return Vec::new() };
    let user = nix::unistd::geteuid().as_raw();
    let entries = fs::read_dir(cache).into_iter().flatten().flatten();
    // The metadata of an entry is that of a symbolic link itself.
    let folders = entries.filter(|entry| entry.metadata().is_ok_and(|found| found.is_dir() && found.uid() == user));
    let mut seeds: Vec<CachedSeed> = folders
        .map(|entry| entry.path())
        .filter(|path| is_seed(path))
        .map(|path| CachedSeed { bytes: size(&path), path })
        .collect();
    seeds.sort_by(|a, b| a.path.cmp(&b.path));
    seeds
}

/// Removes every seed. A run that copies one at this moment makes its data anew.
pub fn clear_cache(places: &Places) -> ClearedCache {
    let mut cleared = ClearedCache::default();
    for seed in cached_seeds(places) {
        // Without this file a folder that is half gone does not pass for a seed.
        let _ = fs::remove_file(seed.path.join(COMPLETE));
        if remove(&seed.path) {
            cleared.removed.push(seed);
        } else {
            cleared.problems.push(format!("{} could not be removed; remove it by hand", seed.path.display()));
        }
    }
    cleared
}

fn is_seed(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(MAKING_PREFIX) || (path.join(COMPLETE).is_file() && path.join(DATA).is_dir())
}

fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let of = |entry: fs::DirEntry| match entry.metadata() {
        Ok(found) if found.is_dir() => size(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    };
    entries.map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_go_and_other_things_stay() {
        let base = tempfile::tempdir().unwrap();
        let at = |name: &str| base.path().join(name);
        for folder in ["one/data/base", ".making-x", "src/data", "link-target/data"] {
            fs::create_dir_all(at(folder)).unwrap();
        }
        fs::write(at("one/complete"), "files 1").unwrap();
        fs::write(at("one/data/base/1"), [0; 100]).unwrap();
        fs::write(at("notes"), "").unwrap();
        std::os::unix::fs::symlink(at("one"), at("two")).unwrap();
        let places = Places { temporary: Vec::new(), cache: Some(base.path().to_owned()) };
        let sizes: Vec<_> = cached_seeds(&places).into_iter().map(|seed| (seed.path, seed.bytes)).collect();
        assert_eq!(sizes, [(at(".making-x"), 0), (at("one"), 107)]);
        let cleared = clear_cache(&places);
        assert_eq!((cleared.removed.len(), cleared.problems.len()), (2, 0));
        assert!(!at("one").exists() && at("src/data").exists() && at("notes").exists());
        assert_eq!(clear_cache(&Places { temporary: Vec::new(), cache: None }), ClearedCache::default());
    }
}
