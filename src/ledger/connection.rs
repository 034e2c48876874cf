//! Connections to a ledger.

use std::path::Path;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use super::{Problem, place};

/// How long a lock of another process is waited for. A run holds it for some milliseconds.
pub(super) const BUSY_SECONDS: u64 = 30;

/// A connection that may write; the file and its folder are made.
pub(super) async fn for_writing(file: &Path) -> Result<SqliteConnection, Problem> {
    connect(options(&place::to_write(file)?).create_if_missing(true)).await
}

/// A connection that only asks.
///
/// SQLite opens the file for writing where it may, since a run that was killed can have left a journal that has to be
/// rolled back first; where it may not, for reading only.
pub(super) async fn for_reading(file: &Path) -> Result<SqliteConnection, Problem> {
    connect(options(&place::to_read(file)?).pragma("query_only", "ON")).await
}

fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(file).busy_timeout(Duration::from_secs(BUSY_SECONDS))
}

async fn connect(options: SqliteConnectOptions) -> Result<SqliteConnection, Problem> {
    Ok(SqliteConnection::connect_with(&options).await?)
}
