//! The migration session: a connection of its own for every script, since what a script leaves in one cannot all be taken
//! back (`COM_RESET_CONNECTION`, which could, the driver does not know). Through a socket that takes about a millisecond, so
//! that the next connection is opened while a script runs.

use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::{Connection as _, Row as _};
use tokio::task::JoinHandle;

use super::connection::{AS_ANY_CLIENT, quoted, rows, run};
use super::errors::{engine_error, session_error};
use crate::engine::{EngineError, SessionSpec};

/// How long and how often to look whether a session is gone: a minute in all.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);
const LOOKS: u32 = 12_000;

/// `ER_NO_SUCH_THREAD`: a session that is told to end has ended.
const NO_SUCH_SESSION: &str = "1094";

/// A connection for a session, to no database, with what any client has.
pub(super) async fn connection(server: &MySqlConnectOptions) -> Result<MySqlConnection, EngineError> {
    let mut connection = MySqlConnection::connect_with(server).await.map_err(engine_error)?;
    run(&mut connection, AS_ANY_CLIENT).await?;
    Ok(connection)
}

/// A connection that is being opened, beside whatever else happens. Given up when this is dropped.
pub(super) struct Ready(JoinHandle<Result<MySqlConnection, EngineError>>);

impl Ready {
    /// Begins to open it.
    pub(super) fn open(server: MySqlConnectOptions) -> Self {
        Self(tokio::spawn(async move { connection(&server).await }))
    }

    /// The connection, once it is open.
    pub(super) async fn get(mut self) -> Result<MySqlConnection, EngineError> {
        (&mut self.0).await.map_err(|error| EngineError::unexpected(format!("a connection was given up: {error}")))?
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The migration session.
pub(super) struct Session {
    pub(super) connection: MySqlConnection,
    /// By what the server knows it.
    id: u64,
    /// Its `@@sql_mode` when a script begins.
    pub(super) mode: String,
}

impl Session {
    /// A session as the real tool has it.
    ///
    /// # Errors
    /// When the server cannot be reached, or refuses what the session is to have.
    pub(super) async fn open(
        mut connection: MySqlConnection,
        database: &str,
        spec: &SessionSpec,
    ) -> Result<Self, EngineError> {
        if let Some(role) = &spec.role {
            return Err(EngineError::unexpected(format!(
                "`role` names {role}, and on MySQL and MariaDB no session becomes another user: leave `role` out, and pass \
                 --url with that user's name and password to run the migrations as that user"
            )));
        }
        let mut message = format!("USE {}", quoted(database));
        for statement in &spec.statements {
            message.push_str(";\n");
            message.push_str(statement.trim().trim_end_matches(';'));
        }
        message.push_str(";\nSELECT CONNECTION_ID(), CAST(@@sql_mode AS CHAR)");
        let answer = rows(&mut connection, &message).await.map_err(session_error)?;
        // What the statements before it answer is nobody's.
        let last = answer.last().ok_or_else(|| EngineError::unexpected("the server does not number its sessions"))?;
        let id = last.try_get(0).map_err(engine_error)?;
        let mode: Option<String> = last.try_get_unchecked(1).map_err(engine_error)?;
        Ok(Self { id, connection, mode: mode.unwrap_or_default() })
    }

    /// What `@@sql_mode` is now.
    pub(super) async fn ask_mode(&mut self) -> Result<(), EngineError> {
        let answer = rows(&mut self.connection, "SELECT CAST(@@sql_mode AS CHAR)").await?;
        if let Some(row) = answer.first() {
            self.mode = row.try_get_unchecked(0).map_err(engine_error)?;
        }
        Ok(())
    }

    /// Ends the session as a client does that is done.
    pub(super) async fn close(self) {
        // A connection that cannot say goodbye is gone all the same.
        let _ = self.connection.close().await;
    }

    /// Ends the session by force, whatever it is doing, and waits until the server has let go of it and of its locks.
    pub(super) async fn kill(self, admin: &mut MySqlConnection) -> Result<(), EngineError> {
        let Self { id, connection, .. } = self;
        drop(connection);
        end(admin, id).await
    }
}

/// Ends every session in the database by force.
pub(super) async fn end_all_in(admin: &mut MySqlConnection, database: &str) -> Result<(), EngineError> {
    let name = database.replace('\'', "''");
    let theirs = format!("SELECT CAST(id AS UNSIGNED) FROM information_schema.processlist WHERE db = '{name}'");
    for row in rows(admin, &theirs).await? {
        end(admin, row.try_get_unchecked(0).map_err(engine_error)?).await?;
    }
    Ok(())
}

/// Ends a session by force, and waits until the server has let go of it and of its locks.
async fn end(admin: &mut MySqlConnection, id: u64) -> Result<(), EngineError> {
    match rows(admin, &format!("KILL CONNECTION {id}")).await {
        Err(EngineError::Refused { refusal }) if refusal.code.as_deref() == Some(NO_SUCH_SESSION) => return Ok(()),
        Err(error) => return Err(error),
        Ok(_) => {}
    }
    let there = format!("SELECT 1 FROM information_schema.processlist WHERE id = {id}");
    for _ in 0..LOOKS {
        if rows(admin, &there).await?.is_empty() {
            return Ok(());
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    Err(EngineError::unexpected("a session that was told to end does not; see what the server is doing"))
}
