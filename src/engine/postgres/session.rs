//! The migration session, and what it still has to run.

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use super::connection::run;
use super::delta::{Delta, ENTER_READING, delta};
use super::errors::{engine_error, no_answer};
use crate::engine::EngineError;

/// The migration session, with what it still has to run before the next statement: housekeeping travels in one message
/// with what follows it, since round trips are most of what it costs.
pub(super) struct Session {
    connection: PgConnection,
    pending: Vec<String>,
    /// Whether a script left something in it that cleaning does not take away, so that the next script needs a new one.
    pub(super) worn: bool,
}

impl Session {
    /// A session on this connection.
    pub(super) fn new(connection: PgConnection) -> Self {
        Self { connection, pending: Vec::new(), worn: false }
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

    /// Enters the reading of the open transaction: what it has written until now.
    pub(super) async fn enter_reading(&mut self) -> Result<Delta, EngineError> {
        let row = self.send(ENTER_READING).await?;
        delta(&row.ok_or_else(no_answer)?)
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
