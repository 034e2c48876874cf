//! Why a script failed, as plain data.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ErrorKind {
    /// The server refused a statement.
    Server,
    /// The migration tool failed before any SQL was sent; here also a script that cannot be split into statements.
    Tool,
    /// The author raised on purpose (SQLSTATE P0001 or 45000).
    Refused,
    /// The script ran longer than the timeout allows.
    Timeout,
    /// The server died, or the connection was lost.
    Lost,
}

/// Why a step failed.
#[derive(Clone, Debug, PartialEq)]
pub struct StepError {
    /// Who failed.
    pub kind: ErrorKind,
    /// The SQLSTATE, or the engine's own code.
    pub code: Option<String>,
    /// The primary message, as the engine gives it.
    pub message: String,
    /// The engine's DETAIL, HINT and context, one a line, without the message.
    pub detail: Option<String>,
    /// Which part of the step failed: 0 is the script itself, 1 the first of those that follow it ([`Script::then`]).
    ///
    /// [`Script::then`]: crate::history::Script::then
    pub part: usize,
    /// The line of the file, counted from 1, at which the error lies: the engine's position where it gives one, else the
    /// first line of the failing statement.
    pub line: usize,
    /// Byte range of the error in the script's text: at the engine's position where it gives one, else the whole
    /// statement.
    pub span: std::ops::Range<usize>,
    /// Byte range of the failing statement in the script's text.
    pub statement: std::ops::Range<usize>,
}
