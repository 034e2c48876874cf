//! Why a ledger cannot be used. The check itself is not touched by it.

use std::io;
use std::path::{Path, PathBuf};

use super::connection::BUSY_SECONDS;

/// A ledger that cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("the ledger {}: {problem}", file.display())]
pub struct LedgerError {
    /// As it was named.
    pub file: PathBuf,
    /// What is wrong with it.
    pub problem: Problem,
}

impl LedgerError {
    pub(super) fn new(file: &Path, problem: impl Into<Problem>) -> Self {
        Self { file: file.to_owned(), problem: problem.into() }
    }
}

/// What is wrong with a ledger: cause and next step.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Empty, or `-`.
    #[error("a ledger cannot be standard output; name a file")]
    NoFile,
    /// A folder.
    #[error("it is a folder; name a file in it")]
    Folder,
    /// A device, a pipe, a socket.
    #[error("it is not a regular file; name another one")]
    NotRegular,
    /// Nothing is there, and only reading was asked for.
    #[error("there is no such file; `rollproof check --ledger FILE` makes one")]
    Missing,
    /// It, or its folder, cannot be reached or made.
    #[error("it cannot be reached: {0}; mend that or name another file")]
    Unreachable(io::Error),
    /// Not a database, or one that is broken.
    #[error("it is not an SQLite database ({0}); name another file, or move this one away to begin anew")]
    NotSqlite(String),
    /// A database that somebody else keeps something in.
    #[error("it is a database of another program, which is left as it is; name another file")]
    Foreign,
    /// It has migrations that this program does not know.
    #[error(
        "it was written by a newer rollproof (its schema has version {0}, which {version} does not know); update \
         rollproof, or name another file",
        version = env!("CARGO_PKG_VERSION")
    )]
    Newer(i64),
    /// It lacks migrations, and only reading was asked for.
    #[error("it was written by an older rollproof; the next `rollproof check --ledger FILE` brings it up to date")]
    Older,
    /// One of its migrations is not the one of this program.
    #[error(
        "version {0} of its schema is not what {version} knows by that number: an unreleased rollproof made it; name \
         another file, or move this one away to begin anew",
        version = env!("CARGO_PKG_VERSION")
    )]
    Changed(i64),
    /// One of its migrations is noted as unfinished, which this program never does.
    #[error(
        "version {0} of its schema is marked as unfinished: another tool migrated it; move it away to begin anew, or \
         restore a copy"
    )]
    Unfinished(i64),
    /// Nothing is recorded of a project that was asked for.
    #[error("it knows no project `{name}`; it knows {known}")]
    UnknownProject {
        /// The name that was asked for.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// Nothing is recorded of a database that was asked for.
    #[error("it knows no database `{0}`; `rollproof history` without --database lists those that it knows")]
    UnknownDatabase(String),
    /// Another process had it all the time.
    #[error("another process has kept it locked for {BUSY_SECONDS} s; end that process or try again later")]
    Busy,
    /// It, or its folder, may not be written.
    #[error(
        "it cannot be written ({0}); give this user write access to the file and to its folder, where SQLite keeps a \
         journal beside it"
    )]
    ReadOnly(String),
    /// No room.
    #[error("the disk is full; make room")]
    Full,
    /// Anything else that SQLite says.
    #[error("{0}; look at the file and its file system, or name another file")]
    Other(String),
}

/// By SQLite's primary result codes (SQLite manual, "Result and Error Codes").
impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        let Some(database) = error.as_database_error() else { return Self::Other(error.to_string()) };
        let code = database.code().and_then(|code| code.parse::<u32>().ok()).unwrap_or(0);
        let message = database.message().to_owned();
        match code & 0xff {
            5 | 6 => Self::Busy,
            3 | 8 | 14 => Self::ReadOnly(message),
            11 | 26 => Self::NotSqlite(message),
            13 => Self::Full,
            _ => Self::Other(message),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for Problem {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(error) | sqlx::migrate::MigrateError::ExecuteMigration(error, _) => {
                error.into()
            }
            other => Self::Other(other.to_string()),
        }
    }
}
