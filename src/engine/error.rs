//! What can go wrong on a server: it refuses a statement, or it cannot be talked to.

use thiserror::Error;

/// Who refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// The server.
    Server,
    /// The migration's author, by raising an exception on purpose.
    Author,
}

/// The server's answer to a statement that it did not execute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Who refused.
    pub kind: RefusalKind,
    /// SQLSTATE or the engine's own code.
    pub code: Option<String>,
    /// The primary message.
    pub message: String,
    /// Detail, hint and context, one a line, each with its name in front.
    pub detail: Option<String>,
    /// Where in the statement, in characters counted from 1, as PostgreSQL's wire protocol gives it.
    pub position: Option<usize>,
}

/// A statement or a housekeeping query did not come back with what was asked for.
#[derive(Clone, Debug, Error)]
pub enum EngineError {
    /// The server answered and said no.
    #[error("{}{}", refusal.message, refusal.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default())]
    Refused {
        /// Its answer.
        refusal: Refusal,
    },
    /// The server is gone, or the connection broke.
    #[error("the connection to the server was lost: {cause}")]
    Lost {
        /// The driver's words.
        cause: String,
    },
    /// What came back cannot be understood.
    #[error("{message}")]
    Unexpected {
        /// Cause and next step.
        message: String,
    },
}

impl EngineError {
    /// An error of our own with this message.
    pub fn unexpected(message: impl Into<String>) -> Self {
        Self::Unexpected { message: message.into() }
    }
}
