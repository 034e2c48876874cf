//! The names of a project's files.

use std::fs;
use std::path::{Path, PathBuf};

/// How many folders deep the look goes, and how many files it takes in at most.
const DEPTH: usize = 5;
const FILES: usize = 50_000;

/// Folders of dependencies and build results.
const NOT_OURS: [&str; 8] =
    ["target", "node_modules", "vendor", "dist", "build", "venv", "third_party", "site-packages"];

/// Hidden folders that say something about a database.
const HIDDEN: [&str; 1] = [".sqlx"];

/// The files of a project.
pub(super) struct Tree {
    root: PathBuf,
    /// Relative to the root; the nearest to it first, then by name.
    files: Vec<PathBuf>,
}

impl Tree {
    /// Reads the names; what cannot be read is passed over. Links to folders are not followed.
    pub(super) fn read(root: &Path) -> Self {
        let mut files = Vec::new();
        let mut level = vec![PathBuf::new()];
        for _ in 0..=DEPTH {
            let mut next = Vec::new();
            for folder in level {
                let mut entries: Vec<_> = fs::read_dir(root.join(&folder)).into_iter().flatten().flatten().collect();
                entries.sort_by_key(fs::DirEntry::file_name);
                for entry in entries {
                    let path = folder.join(entry.file_name());
                    match entry.file_type() {
                        Ok(kind) if kind.is_dir() && is_ours(&entry.file_name().to_string_lossy()) => next.push(path),
                        Ok(kind) if !kind.is_dir() && files.len() < FILES => files.push(path),
                        Ok(_) | Err(_) => {}
                    }
                }
            }
            level = next;
        }
        Self { root: root.to_owned(), files }
    }

    /// The files of this name, wherever they lie; a name with a `/` is the end of a path.
    pub(super) fn named<'t>(&'t self, name: &'t str) -> impl Iterator<Item = &'t Path> {
        self.files.iter().map(PathBuf::as_path).filter(move |file| file.ends_with(name))
    }

    /// All files.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(PathBuf::as_path)
    }

    /// The text of a file, if it is one.
    pub(super) fn text(&self, file: &Path) -> Option<String> {
        fs::read_to_string(self.root.join(file)).ok()
    }
}

fn is_ours(name: &str) -> bool {
    HIDDEN.contains(&name) || !(name.starts_with('.') || NOT_OURS.contains(&name))
}
