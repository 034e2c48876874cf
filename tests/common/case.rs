//! The acceptance cases: their folders, and the projects in them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// `case.yml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// What the case shows, for its reader.
    #[serde(rename = "about")]
    _about: String,
    /// The engines on which it is tried, each for itself.
    pub(crate) engines: Vec<String>,
    /// The format; with it the run is told by flags instead of rollproof.yml.
    pub(crate) format: Option<String>,
    /// Further arguments.
    #[serde(default)]
    pub(crate) args: Vec<String>,
    /// Whether it is tried in containers too, each of which takes a second to start.
    #[serde(default)]
    pub(crate) containers: bool,
    /// Folders to make, which a repository cannot hold while they are empty.
    #[serde(default)]
    pub(crate) folders: Vec<String>,
    /// That there is a folder `base`, and whether the change to it is committed.
    pub(crate) base: Option<Change>,
}

/// Where a change is that is compared with its base.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Change {
    Committed,
    WorkTree,
}

/// The cases below `root`, each with its name.
pub(crate) fn folders(root: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(root).expect("tests/cases").flatten().map(|entry| entry.path());
    let mut folders: Vec<(String, PathBuf)> = entries
        .filter(|path| path.is_dir())
        .filter_map(|path| Some((path.file_name()?.to_str()?.to_owned(), path.clone())))
        .collect();
    folders.sort();
    folders
}

/// What a case's folder says of it.
pub(crate) fn read(folder: &Path) -> Result<Case, String> {
    let file = folder.join("case.yml");
    let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    serde_yaml::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))
}

/// Copies the project's files. Symbolic links are not followed.
pub(crate) fn copy(from: &Path, to: &Path, engine: &str) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let shown = name.to_string_lossy();
        let target = to.join(&name);
        if shown == "base" && from.join("case.yml").exists() {
            // The files of the base are no part of the change.
        } else if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            copy(&entry.path(), &target, engine)?;
        } else if shown == "rollproof.yml" {
            fs::write(target, fs::read_to_string(entry.path())?.replace("${engine}", engine))?;
        } else if shown != "case.yml" && !shown.starts_with("expected.") {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
