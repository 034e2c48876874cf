//! What lies around a migrations folder: project files, which tell the tool and the engine.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// How many folders up are looked at where nothing marks the root of the project.
const UNMARKED_LEVELS: usize = 6;

/// The folders from a migrations folder up to the root of its project, nearest first.
#[derive(Clone, Debug, Default)]
pub struct Nearby {
    /// The folders. The first is the migrations folder itself.
    pub folders: Vec<NearbyFolder>,
}

/// One of the folders around.
#[derive(Clone, Debug)]
pub struct NearbyFolder {
    /// Where it is, without links in the path.
    pub path: PathBuf,
    /// The path as seen from the root that was given; the whole one where none was, or where it lies elsewhere.
    pub shown: PathBuf,
    /// How many folders up from the migrations folder.
    pub up: usize,
    /// The names in it.
    names: BTreeSet<String>,
}

/// How near a project file is that speaks for a tool; the smaller the nearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Closeness {
    /// How many folders up from the migrations folder; 0 is that folder itself.
    pub levels_up: usize,
    /// Whether the file only tells the language and not the tool.
    pub language_only: bool,
}

impl Nearby {
    /// Looks around `folder`, up to `root` where that is given and above it, else up to the root of its repository.
    pub fn around(folder: &Path, root: Option<&Path>) -> Self {
        let (folder, root) = (fs::canonicalize(folder), root.and_then(|root| fs::canonicalize(root).ok()));
        let Ok(folder) = folder else { return Self::default() };
        let ancestors: Vec<&Path> = folder.ancestors().collect();
        let marked = ancestors.iter().position(|path| match &root {
            Some(root) => path == root,
            None => path.join(".git").exists(),
        });
        let count = marked.map_or(UNMARKED_LEVELS, |at| at + 1);
        let around = ancestors.into_iter().take(count).enumerate();
        Self { folders: around.map(|(up, path)| NearbyFolder::read(path, root.as_deref(), up)).collect() }
    }

    /// The nearest folder about which `clue` has something to say; what it says is whether that tells the language only.
    pub fn nearest(&self, clue: impl Fn(&NearbyFolder) -> Option<bool>) -> Option<Closeness> {
        let clues = self.folders.iter().filter_map(|folder| {
            let language_only = clue(folder)?;
            Some(Closeness { levels_up: folder.up, language_only })
        });
        clues.min()
    }
}

impl NearbyFolder {
    fn read(path: &Path, root: Option<&Path>, up: usize) -> Self {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        let shown = root.and_then(|root| path.strip_prefix(root).ok()).unwrap_or(path);
        Self { path: path.to_owned(), shown: shown.to_owned(), up, names }
    }

    /// Whether something here has this name.
    pub fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// The names here, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The text of a file here, if there is such a file and it can be read.
    pub fn text(&self, name: &str) -> Option<String> {
        self.has(name).then(|| fs::read_to_string(self.path.join(name)).ok()).flatten()
    }

    /// What this folder says about a tool: `Some(false)` where the tool is `named`, `Some(true)` where only its language is
    /// told, by a manifest or by source files in the migrations folder.
    pub fn clue(&self, named: bool, manifest: &str, extension: &str) -> Option<bool> {
        let sources = || self.up == 0 && self.names.iter().any(|name| name.ends_with(extension));
        (named || self.has(manifest) || sources()).then_some(!named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_repository_counts() {
        let outer = tempfile::tempdir().unwrap();
        fs::write(outer.path().join("go.mod"), "module outer").unwrap();
        let folder = outer.path().join("repo/db/migrations");
        fs::create_dir_all(&folder).unwrap();
        fs::create_dir(outer.path().join("repo/.git")).unwrap();
        assert_eq!(Nearby::around(&folder, None).folders.len(), 3);
        assert_eq!(Nearby::around(&folder, Some(&outer.path().join("repo/db"))).folders.len(), 2);
        assert!(Nearby::around(&folder, None).nearest(|folder| folder.clue(false, "go.mod", ".go")).is_none());
    }
}
