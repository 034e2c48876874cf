//! A migration that the project's own tool runs, in a program of its own that writes to the database beside us.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;

use super::failure::StepError;
use super::native::Ran;
use crate::engine::{Engine, EngineError, Overheard};
use crate::history::{Call, Script};

/// What a tool did with one revision.
#[derive(Clone, Debug, Default)]
pub struct Worked {
    /// The statements that it sent, without those of its bookkeeping.
    pub statements: Vec<Sent>,
    /// Milliseconds.
    pub millis: f64,
    /// Why it failed, if it did.
    pub error: Option<Fault>,
    /// What a reader should know of it besides.
    pub notes: Vec<String>,
    /// Whether the tool's program had to be ended, so that sessions of it may be left on the server.
    pub ended: bool,
}

/// A statement that a tool was seen to send.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sent {
    /// Its text, without the values of its parameters.
    pub sql: String,
    /// Milliseconds.
    pub millis: f64,
    /// How many rows it touched, where the driver tells.
    pub rows: Option<u64>,
    /// The line of the migration's file that sent it, counted from 1, where that is known.
    pub line: Option<usize>,
    /// Whether it only read.
    pub reads: bool,
}

/// Why a tool failed, in the terms of its file.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What went wrong; its ranges of bytes are not filled in.
    pub error: StepError,
    /// The file that `error.line` is of.
    pub file: Option<PathBuf>,
}

/// Why nothing can be said of a migration: the tool does not start, or works on another database.
#[derive(Debug, Error)]
pub enum ToolError {
    /// Cause and next step.
    #[error("{0}")]
    CannotCheck(String),
    /// The database is not to be had.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// The project's own tool, which runs one revision at a time.
#[async_trait(?Send)]
pub trait Tool {
    /// Runs exactly one revision, one way. A tool that takes longer than `timeout` is ended.
    ///
    /// # Errors
    /// When the tool cannot be run at all; what becomes of the revision is data.
    async fn step(&mut self, call: &Call, timeout: Duration) -> Result<Worked, ToolError>;

    /// Whether it says itself what statements it sends. Those of one that does not are taken from the server's log.
    fn tells_statements(&self) -> bool {
        true
    }

    /// What became of a revision, with what the server was heard to be sent meanwhile.
    fn with_heard(&self, worked: Worked, _heard: Overheard) -> Worked {
        worked
    }

    /// Lets go of the database: it is about to be replaced by another one under the same name.
    ///
    /// # Errors
    /// When the tool cannot be run at all.
    async fn release(&mut self) -> Result<(), ToolError>;

    /// Ends the tool.
    async fn close(&mut self);
}

/// Has the tool run one script, and the engine look away meanwhile.
///
/// # Errors
/// When nothing can be said of the script.
pub async fn run_by_tool(
    engine: &mut dyn Engine,
    tool: &mut dyn Tool,
    script: &Script,
    call: &Call,
    timeout: Duration,
) -> Result<Ran, EngineError> {
    engine.hand_over().await?;
    let listens = !tool.tells_statements() && engine.listen().await?;
    let worked = tool.step(call, timeout).await;
    let worked = if listens {
        let heard = engine.heard().await?;
        worked.map(|worked| tool.with_heard(worked, heard))
    } else {
        worked
    };
    let said: Vec<String> = match &worked {
        Ok(worked) => worked.statements.iter().map(|sent| sent.sql.clone()).collect(),
        Err(_) => Vec::new(),
    };
    let ended = worked.as_ref().map_or(true, |worked| worked.ended);
    engine.have_back(&said, ended).await?;
    let worked = worked.map_err(engine_error)?;
    // Of a tool that nobody hears it is not known that it sent nothing.
    let known = listens || tool.tells_statements();
    let statements = if known { worked.statements.iter().filter(|sent| !sent.reads).count() } else { 1 };
    Ok(Ran {
        statements,
        millis: worked.millis,
        error: worked.error.map(|fault| placed(script, fault)),
        notes: worked.notes,
        sent: worked.statements,
    })
}

/// Why a replay cannot go on.
pub(crate) fn engine_error(error: ToolError) -> EngineError {
    match error {
        ToolError::CannotCheck(message) => EngineError::unexpected(message),
        ToolError::Engine(error) => error,
    }
}

/// The error with its place in the text of the script: the whole line, without what indents it.
fn placed(script: &Script, fault: Fault) -> StepError {
    let Fault { error, file } = fault;
    let here = file.as_deref().is_some_and(|file| is_same(file, &script.path));
    if !here {
        // Nothing of the file is at fault, or nothing tells which line: then it is the whole migration.
        return StepError { line: script.line(), ..error };
    }
    let span = line_span(&script.text, error.line.saturating_sub(script.first_line));
    StepError { span: span.clone(), statement: span, ..error }
}

/// Whether two paths lead to one file.
fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    real(one) == real(other)
}

/// The bytes of a line, counted from 0, without white space around them.
fn line_span(text: &str, line: usize) -> std::ops::Range<usize> {
    let mut start = 0;
    for (number, whole) in text.split_inclusive('\n').enumerate() {
        if number == line {
            let indent = whole.len() - whole.trim_start().len();
            return (start + indent).min(start + whole.trim_end().len())..start + whole.trim_end().len();
        }
        start += whole.len();
    }
    0..0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_without_its_indentation() {
        let text = "def upgrade():\n    op.drop_table('t')  \n\n";
        assert_eq!(&text[line_span(text, 1)], "op.drop_table('t')");
        assert_eq!(&text[line_span(text, 0)], "def upgrade():");
        assert!(line_span(text, 2).is_empty() && line_span(text, 9).is_empty());
    }
}
