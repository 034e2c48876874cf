//! Loading a dump: what every product has in common, and SQLite's.

use std::path::Path;
use std::time::Duration;

use super::reader::{Piece, Reader};
use super::{DumpError, Origin};
use crate::engine::{Engine, EngineError, Refusal, SessionSpec, Statement, char_offset_to_byte};
use crate::history::EngineKind;

/// A dump that is to be loaded.
#[derive(Clone, Copy, Debug)]
pub struct Dump<'d> {
    /// The file.
    pub file: &'d Path,
    /// What its first lines tell.
    pub origin: &'d Origin,
    /// For one statement.
    pub timeout: Duration,
}

/// What loading came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// What a reader should know.
    pub notes: Vec<String>,
    /// Whether the dump says what the database itself is like: its owner, its settings.
    pub tells_database: bool,
}

/// Loads a dump of SQLite into an empty database.
///
/// # Errors
/// A statement that is refused or takes too long, a file that is cut off or cannot be read.
pub async fn load_sqlite(engine: &mut dyn Engine, dump: Dump<'_>) -> Result<Loaded, DumpError> {
    let mut reader = Reader::open(dump.file, EngineKind::Sqlite)?;
    let mut loaded = Loaded::default();
    let mut transaction = Transaction::default();
    engine.open_session(&SessionSpec::default()).await.map_err(|error| DumpError::Server(error.to_string()))?;
    while let Some(piece) = reader.next().await? {
        let (text, statement) = match piece {
            Piece::Statement { text, statement } => (text, statement),
            Piece::Command { text, line, .. } => {
                let name = text.split_whitespace().next().unwrap_or_default();
                let message = format!("`{name}` is a command of the sqlite3 shell that is not done here; remove it");
                return Err(reader.error(line, message));
            }
        };
        if statement.lead == "ROLLBACK" && transaction.open {
            let message = "the dump takes back all that it made: the sqlite3 shell met errors in the database and wrote \
                           ROLLBACK; mend the database, for instance with its command .recover, and dump again";
            return Err(reader.error(statement.line, message));
        }
        match once(engine, &text, &statement, dump.timeout).await {
            Ok(()) => {}
            Err(Failure::Refused(refusal)) => return Err(refused(&reader, &text, &statement, &refusal, "")),
            Err(Failure::Other(message)) => return Err(reader.error(statement.line, message)),
        }
        loaded.tells_database |=
            ["PRAGMA USER_VERSION", "PRAGMA APPLICATION_ID", "PRAGMA ENCODING"].contains(&&*statement.lead);
        transaction.after(&statement);
    }
    transaction.is_over(&reader)?;
    Ok(loaded)
}

/// Whether a dump is within a transaction of its own.
#[derive(Default)]
pub(super) struct Transaction {
    pub(super) open: bool,
    line: usize,
}

impl Transaction {
    pub(super) fn after(&mut self, statement: &Statement) {
        if statement.begins_transaction() {
            (self.open, self.line) = (true, statement.line);
        } else if statement.ends_transaction() {
            self.open = false;
        }
    }

    /// # Errors
    /// When it is not, so that nothing that the dump made would stay.
    pub(super) fn is_over(&self, reader: &Reader) -> Result<(), DumpError> {
        if self.open {
            let message = "the transaction that begins here is never committed: the file is cut off";
            return Err(reader.error(self.line, message));
        }
        Ok(())
    }
}

/// Why a statement was not done.
pub(super) enum Failure {
    /// The server said no.
    Refused(Refusal),
    /// Anything else.
    Other(String),
}

/// Executes a statement once.
pub(super) async fn once(
    engine: &mut dyn Engine,
    text: &str,
    statement: &Statement,
    timeout: Duration,
) -> Result<(), Failure> {
    match tokio::time::timeout(timeout, engine.execute(text, statement)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(EngineError::Refused { refusal })) => Err(Failure::Refused(refusal)),
        Ok(Err(error)) => Err(Failure::Other(error.to_string())),
        Err(_) => {
            // Whatever it does goes away with its session; that this fails too would be no news.
            let _ = engine.abandon_session().await;
            Err(Failure::Other(format!(
                "the statement was still running after {} s and was ended; give it more with --timeout",
                timeout.as_secs_f64()
            )))
        }
    }
}

/// A refusal as an error at its place, with what to do behind it.
pub(super) fn refused(
    reader: &Reader,
    text: &str,
    statement: &Statement,
    refusal: &Refusal,
    remedy: &str,
) -> DumpError {
    let at = refusal.position.map_or(0, |position| char_offset_to_byte(text, position));
    let line = statement.line + text[..at].bytes().filter(|byte| *byte == b'\n').count();
    let detail = refusal.detail.as_ref().map(|detail| format!(" ({})", detail.replace('\n', "; "))).unwrap_or_default();
    reader.error(line, format!("{}{detail}{remedy}", refusal.message))
}
