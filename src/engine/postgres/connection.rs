//! Connections: how they are opened, and how one is brought back to what the real tool has.

use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use super::errors::engine_error;
use crate::engine::{EngineError, SessionSpec};

/// What DISCARD ALL does (PostgreSQL manual, DISCARD) without dropping prepared statements and their plans, which are ours.
const CLEAN: &str = "CLOSE ALL; RESET SESSION AUTHORIZATION; RESET ALL; UNLISTEN *; \
                     SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES";

/// The part of it that makes sense inside a transaction block.
const CLEAN_IN_TRANSACTION: &str = "CLOSE ALL; RESET SESSION AUTHORIZATION; RESET ALL";

/// Opens a connection to `database`.
pub(super) async fn connect(server: &PgConnectOptions, database: &str) -> Result<PgConnection, EngineError> {
    PgConnection::connect_with(&server.clone().database(database)).await.map_err(engine_error)
}

/// Runs statements of our own; the server takes them in one message.
pub(super) async fn run(connection: &mut PgConnection, sql: &str) -> Result<(), EngineError> {
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(drop).map_err(engine_error)
}

/// The migration session, with what it still has to run before the next statement: housekeeping travels in one message
/// with what follows it, since round trips are most of what it costs.
pub(super) struct Session {
    connection: PgConnection,
    pending: Vec<String>,
}

impl Session {
    /// A session on this connection.
    pub(super) fn new(connection: PgConnection) -> Self {
        Self { connection, pending: Vec::new() }
    }

    /// Runs this before the next statement.
    pub(super) fn later(&mut self, sql: String) {
        self.pending.push(sql);
    }

    /// Forgets what was to be run, because what it was to tidy up is gone.
    pub(super) fn never_mind(&mut self) {
        self.pending.clear();
    }

    /// Runs what is pending, then statements of our own, in one message; the last row that came back.
    pub(super) async fn send(&mut self, sql: &str) -> Result<Option<PgRow>, EngineError> {
        self.pending.push(sql.to_owned());
        let message = std::mem::take(&mut self.pending).join("; ");
        let mut rows = self.connection.fetch_all(sqlx::raw_sql(AssertSqlSafe(message))).await.map_err(engine_error)?;
        Ok(rows.pop())
    }

    /// The connection, with nothing pending.
    pub(super) async fn ready(&mut self) -> Result<&mut PgConnection, EngineError> {
        if !self.pending.is_empty() {
            let message = std::mem::take(&mut self.pending).join("; ");
            run(&mut self.connection, &message).await?;
        }
        Ok(&mut self.connection)
    }

    /// Ends the session.
    pub(super) async fn close(self) {
        // A connection that cannot say goodbye is gone all the same.
        let _ = self.connection.close().await;
    }
}

/// The statements that bring a session to what `spec` describes: nothing that an earlier script set survives.
pub(super) fn clean(spec: &SessionSpec, in_transaction: bool) -> String {
    let mut sql = String::from(if in_transaction { CLEAN_IN_TRANSACTION } else { CLEAN });
    for statement in &spec.statements {
        sql.push_str("; ");
        sql.push_str(statement.trim().trim_end_matches(';'));
    }
    if let Some(role) = &spec.role {
        sql.push_str("; SET SESSION AUTHORIZATION ");
        sql.push_str(&quoted(role));
    }
    sql
}

/// A name as an SQL identifier.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
