//! Reading the schema of a database file that is somebody else's: nothing is made or changed there.

use std::path::{Path, PathBuf};

use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use super::catalog;
use super::complete::Completer;
use super::database::engine_error;
use super::reading::{self, Answer};
use crate::engine::EngineError;
use crate::engine::rows::{Reading, RowReader};
use crate::schema::Snapshot;

/// How a database file is to be opened so that nothing comes to lie beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opened {
    /// As it is, for reading.
    Plainly,
    /// Without looking for a log or taking locks: nobody is connected, and SQLite would make files of its own.
    Alone,
    /// As a copy: what a program left that did not end well has to be brought in first, which writes.
    Copied,
}

/// Reads the schema of the database in `file`; `scratch` is an empty folder for a copy, should one be needed.
///
/// # Errors
/// When the file is no database or cannot be read.
pub async fn read_only(file: &Path, scratch: &Path) -> Result<Snapshot, EngineError> {
    let opened = how(file)?;
    let file = if opened == Opened::Copied { copied(file, scratch)? } else { file.to_owned() };
    let options = SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(false)
        .read_only(opened != Opened::Copied)
        .immutable(opened == Opened::Alone)
        .foreign_keys(false);
    let mut connection = SqliteConnection::connect_with(&options).await.map_err(engine_error)?;
    let answer = reading::read(&catalog::query(), &mut connection, &Answer::default()).await.map_err(engine_error)?;
    connection.close().await.map_err(engine_error)?;
    let rows = Completer::default().complete(answer.rows())?;
    Ok(RowReader::new().update(&Reading::default(), 0, &rows)?.snapshot().clone())
}

/// Bytes 18 and 19 of the header are 2 in the mode with a write-ahead log (SQLite manual, "Database File Format"). Readers
/// in that mode need the log and its index beside the file, and make them where they are not there; a rollback journal that
/// was left has to be played back before anything can be read.
fn how(file: &Path) -> Result<Opened, EngineError> {
    let head = std::fs::File::open(file).and_then(|mut open| {
        use std::io::Read as _;
        let mut head = [0; 20];
        let read = open.read(&mut head)?;
        Ok((read, head))
    });
    let (read, head) = head.map_err(|error| {
        EngineError::unexpected(format!("cannot read {}: {error}; check the path and its permissions", file.display()))
    })?;
    let is_there = |suffix: &str| beside(file, suffix).metadata().is_ok_and(|found| found.len() > 0);
    let logged = read == head.len() && head[18] == 2;
    // An empty log beside an index of it is one that somebody has open.
    let is_open = beside(file, "-shm").exists();
    Ok(match (logged, is_there("-wal") || is_open, is_open, is_there("-journal")) {
        (true, true, true, _) | (false, _, _, false) => Opened::Plainly,
        (true, false, _, false) => Opened::Alone,
        _ => Opened::Copied,
    })
}

fn copied(file: &Path, scratch: &Path) -> Result<PathBuf, EngineError> {
    let copy = scratch.join("copy.db");
    for suffix in ["", "-wal", "-journal"] {
        let from = beside(file, suffix);
        match std::fs::copy(&from, beside(&copy, suffix)) {
            Err(error) if suffix.is_empty() || error.kind() != std::io::ErrorKind::NotFound => {
                let message = format!("cannot copy {} to read it: {error}", from.display());
                return Err(EngineError::unexpected(message));
            }
            _ => {}
        }
    }
    Ok(copy)
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
