//! Why a dump cannot be loaded.

use std::path::PathBuf;

use thiserror::Error;

/// Why a dump cannot be loaded. Each message names the file, the line where there is one, and what to do.
#[derive(Debug, Error)]
pub enum DumpError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// Something at one place of the file.
    #[error("{}:{line}: {message}", file.display())]
    At {
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// Cause and next step.
        message: String,
    },
    /// The file as a whole.
    #[error("{} {reason}", file.display())]
    Whole {
        /// The file.
        file: PathBuf,
        /// What is wrong and what to do, as a predicate.
        reason: String,
    },
    /// The server or the connection.
    #[error("{0}")]
    Server(String),
}
