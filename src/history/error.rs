//! Why a history cannot be read. Each message names the file and the next step.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::{Format, Listing, formats};

/// Why a history cannot be read.
#[derive(Debug, Error)]
pub enum HistoryError {
    /// The folder does not exist.
    #[error("there is no folder {}: name the one that holds the migrations, with --migrations or `migrations: {{path: ...}}` in rollproof.yml", .folder.display())]
    NoFolder {
        /// The folder, as the user wrote it.
        folder: PathBuf,
    },
    /// The folder is a file.
    #[error("{} is not a folder: name the folder that holds the migrations, with --migrations or `migrations: {{path: ...}}` in rollproof.yml", .path.display())]
    NotAFolder {
        /// The file, as the user wrote it.
        path: PathBuf,
    },
    /// The folder holds nothing at all.
    #[error("the folder {} is empty: write the first migration into it, or name another folder with --migrations", .folder.display())]
    Empty {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder holds files, but no migration.
    #[error("no migration found in {}: looked for {looked_for}; {next_step}", .folder.display())]
    NoMigration {
        /// The folder.
        folder: PathBuf,
        /// The names that the formats read.
        looked_for: String,
        /// What to do.
        next_step: String,
    },
    /// No format has this name.
    #[error("there is no format `{name}`: use one of {known}")]
    UnknownFormat {
        /// What was asked for.
        name: String,
        /// The names of all formats, each with what it reads.
        known: String,
    },
    /// Several formats read these names, and nothing nearby tells which one is meant.
    #[error("the file names in {} fit {}, and no project file nearby tells them apart: say which with --format {} or `migrations: {{format: {}}}` in rollproof.yml", .folder.display(), .names.join(" and "), .names[0], .names[0])]
    Ambiguous {
        /// The folder.
        folder: PathBuf,
        /// The names of the formats, two or more.
        names: Vec<&'static str>,
    },
    /// The operating system does not let the file be read.
    #[error("cannot read {}: {source}; check that it exists and that this user may read it", .path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The file is not text in UTF-8.
    #[error("{} is not UTF-8: the byte at offset {offset} does not belong there; save the file as UTF-8", .path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The offset of the first bad byte, counted from 0.
        offset: usize,
    },
    /// The file holds a NUL byte, which no server takes in a statement.
    #[error("{} holds a NUL byte at offset {offset}; save the file as UTF-8 without NUL bytes (UTF-16 is full of them)", .path.display())]
    NulByte {
        /// The file.
        path: PathBuf,
        /// The offset of the first NUL byte, counted from 0.
        offset: usize,
    },
    /// The real tool stops at the name of this file.
    #[error("{} has no version: {tool} stops at a name like this; {next_step}", .path.display())]
    NoVersion {
        /// The file.
        path: PathBuf,
        /// The tool.
        tool: &'static str,
        /// What to do.
        next_step: &'static str,
    },
    /// A script uses a variable that the configuration gives no value.
    #[error("{}:{line} uses the variable `{name}`, which {source_of_values}: give it a value with `migrations: {{placeholders: {{{name}: ...}}}}` in rollproof.yml", .path.display())]
    NoValue {
        /// The file.
        path: PathBuf,
        /// Where in it, counted from 1.
        line: usize,
        /// The variable.
        name: String,
        /// Where the real tool has its values from, as a clause without its subject.
        source_of_values: &'static str,
    },
    /// The real tool stops at what a file says.
    #[error("{}:{line}: {reason}; {next_step}", .path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Where in it, counted from 1.
        line: usize,
        /// What it stops at.
        reason: String,
        /// What to do.
        next_step: &'static str,
    },
    /// The real tool does not run a script of no bytes.
    #[error("{} is empty: {tool} does not run an empty script; write its statements, or a comment, into it", .path.display())]
    EmptyScript {
        /// The file.
        path: PathBuf,
        /// The tool.
        tool: &'static str,
    },
    /// The real tool stops at this file, for a reason of its own.
    #[error("{}: {problem}, and {tool} stops there: {next_step}", .path.display())]
    Stops {
        /// The file or folder.
        path: PathBuf,
        /// The tool.
        tool: &'static str,
        /// What it stops at, as a clause.
        problem: String,
        /// What to do.
        next_step: String,
    },
}

impl HistoryError {
    /// The error for a file at which the real tool stops.
    pub(super) fn stops(
        path: &std::path::Path,
        tool: &'static str,
        problem: impl Into<String>,
        next_step: impl Into<String>,
    ) -> Self {
        Self::Stops { path: path.to_owned(), tool, problem: problem.into(), next_step: next_step.into() }
    }

    /// What keeps this path from being a folder of migrations.
    pub fn missing(path: &std::path::Path) -> Self {
        if path.exists() {
            Self::NotAFolder { path: path.to_owned() }
        } else {
            Self::NoFolder { folder: path.to_owned() }
        }
    }

    /// The error for a format name that nobody has.
    pub(super) fn unknown_format(name: &str) -> Self {
        let known: Vec<_> =
            formats().iter().map(|format| format!("{} ({})", format.name(), format.looked_for())).collect();
        Self::UnknownFormat { name: name.to_owned(), known: known.join(", ") }
    }

    /// The error for a folder in which none of `tried` finds a migration. Where a sub-folder looks like a migrations folder
    /// it is named.
    pub(super) fn no_migration(listing: &Listing, tried: &[&dyn Format]) -> Self {
        if listing.entries.is_empty() {
            return Self::Empty { folder: listing.shown.clone() };
        }
        let looked_for: Vec<_> =
            tried.iter().map(|format| format!("{} ({})", format.looked_for(), format.name())).collect();
        let inside = super::search::folders_inside(listing);
        let next_step = if inside.is_empty() {
            "name another folder with --migrations, or another format with --format".to_owned()
        } else {
            let inside: Vec<_> = inside.iter().map(|folder| folder.display().to_string()).collect();
            format!("did you mean {}? Name it with --migrations", inside.join(" or "))
        };
        Self::NoMigration { folder: listing.shown.clone(), looked_for: looked_for.join(", "), next_step }
    }
}
