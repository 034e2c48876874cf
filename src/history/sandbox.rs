//! A folder for tests: a project with a migrations folder in it, gone when the value is dropped.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{History, Listing};

/// A temporary project.
pub(super) struct Sandbox(TempDir);

impl Sandbox {
    /// A project with an empty migrations folder. Its root holds `.git`, so that nothing outside of it counts.
    pub(super) fn empty() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(folder.path().join(".git")).unwrap();
        fs::create_dir_all(folder.migrations()).unwrap();
        folder
    }

    /// A project with these migrations, each with a statement in it.
    pub(super) fn with(files: &[&str]) -> Self {
        let folder = Self::empty();
        for file in files {
            folder.write(&format!("migrations/{file}"), "SELECT 1;\n");
        }
        folder
    }

    /// Its root.
    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Its migrations folder.
    pub(super) fn migrations(&self) -> PathBuf {
        self.path().join("migrations")
    }

    /// Writes a file, with the folders above it.
    pub(super) fn write(&self, file: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// What its migrations folder holds.
    pub(super) fn listing(&self) -> Listing {
        Listing::read(&self.migrations(), Path::new("migrations")).unwrap()
    }
}

/// A history in a few words: a line for each migration, for each file that was not read, and whether it goes one way.
pub(super) fn outline(history: &History) -> Vec<String> {
    let mut lines: Vec<_> = history
        .migrations
        .iter()
        .map(|migration| {
            let down = if migration.down.is_some() { " down" } else { "" };
            format!("{} = {} up{down}", migration.id, migration.version)
        })
        .collect();
    for file in &history.unmatched {
        let path = file.path.strip_prefix("migrations").unwrap();
        lines.push(format!("{}: {}", path.display(), file.reason));
    }
    lines.extend(history.one_way.then(|| "one way".to_owned()));
    lines
}
