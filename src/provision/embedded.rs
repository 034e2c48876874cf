//! SQLite, which is part of this program: a server is a folder.

use std::path::PathBuf;

use sqlx::{Connection, SqliteConnection};

use super::ProvisionError;
use super::run_folder::{Places, RunFolder};

/// A folder for one SQLite database, removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Embedded {
    folder: RunFolder,
}

impl Embedded {
    /// The database file. It is there once something connects to it.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("rollproof.db")
    }
}

/// Makes the folder and asks SQLite for its version.
///
/// # Errors
/// When no folder can be made.
pub(crate) async fn open(places: &Places) -> Result<(Embedded, String), ProvisionError> {
    let folder = RunFolder::make(&places.temporary, None)?;
    Ok((Embedded { folder }, sqlite_version().await?))
}

/// The version of SQLite that is part of this program.
///
/// # Errors
/// When it cannot be opened, which is a fault of the build.
pub async fn sqlite_version() -> Result<String, ProvisionError> {
    let mut connection = SqliteConnection::connect("sqlite::memory:").await.map_err(ProvisionError::Sqlite)?;
    let version: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(&mut connection)
        .await
        .map_err(ProvisionError::Sqlite)?;
    connection.close().await.map_err(ProvisionError::Sqlite)?;
    Ok(version)
}
