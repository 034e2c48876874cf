//! Connections: how they are opened, and how one is brought back to what the real tool has.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use super::errors::engine_error;
use crate::engine::{EngineError, SessionSpec};

/// What DISCARD ALL does (PostgreSQL manual, DISCARD) without dropping prepared statements and their plans, which are ours.
const CLEAN: &str = "CLOSE ALL; RESET SESSION AUTHORIZATION; RESET ALL; UNLISTEN *; \
                     SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES";

/// The part of it that a transaction block allows.
const CLEAN_IN_TRANSACTION: &str = "CLOSE ALL; RESET SESSION AUTHORIZATION; RESET ALL";

/// Opens a connection to `database`.
pub(super) async fn connect(server: &PgConnectOptions, database: &str) -> Result<PgConnection, EngineError> {
    PgConnection::connect_with(&server.clone().database(database)).await.map_err(engine_error)
}

/// Runs statements of our own; the server takes them in one message.
pub(super) async fn run(connection: &mut PgConnection, sql: &str) -> Result<(), EngineError> {
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(drop).map_err(engine_error)
}

/// Brings a session back to what `spec` describes, in one message: nothing that an earlier script set survives.
pub(super) async fn clean(
    connection: &mut PgConnection,
    spec: &SessionSpec,
    in_transaction: bool,
) -> Result<(), EngineError> {
    // PostgreSQL runs a message of several statements as one transaction, in which DISCARD would be refused; the parts
    // it refuses are DISCARD ALL only, so one message is enough.
    let mut sql = String::from(if in_transaction { CLEAN_IN_TRANSACTION } else { CLEAN });
    for statement in &spec.statements {
        sql.push_str("; ");
        sql.push_str(statement.trim().trim_end_matches(';'));
    }
    if let Some(role) = &spec.role {
        sql.push_str("; SET SESSION AUTHORIZATION ");
        sql.push_str(&quoted(role));
    }
    run(connection, &sql).await
}

/// A name as an SQL identifier.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
