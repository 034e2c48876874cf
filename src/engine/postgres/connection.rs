//! Connections: how they are opened, and how one is brought back to what the real tool has.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use super::errors::engine_error;
use crate::engine::{EngineError, SessionSpec};

/// What DISCARD ALL does (PostgreSQL manual, DISCARD) without dropping prepared statements and their plans, which are ours.
const CLEAN: &str = "CLOSE ALL; RESET SESSION AUTHORIZATION; RESET ALL; UNLISTEN *; \
                     SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES";

/// The part of it that makes sense inside a transaction block.
const CLEAN_IN_TRANSACTION: &str = "CLOSE ALL; RESET SESSION AUTHORIZATION; RESET ALL; DISCARD TEMP; DISCARD SEQUENCES";

/// Drops the prepared statements that a script has left, but for ours and the driver's.
pub(super) const FORGET_PREPARED: &str = "DO $rollproof$ DECLARE statement text; BEGIN \
     FOR statement IN SELECT name FROM pg_catalog.pg_prepared_statements \
         WHERE name !~ '^(rollproof_|sqlx_s_)' LOOP \
         EXECUTE pg_catalog.format('DEALLOCATE %I', statement); \
     END LOOP; END $rollproof$";

/// Opens a connection to `database`.
pub(super) async fn connect(server: &PgConnectOptions, database: &str) -> Result<PgConnection, EngineError> {
    PgConnection::connect_with(&server.clone().database(database)).await.map_err(engine_error)
}

/// Runs statements of our own; the server takes them in one message.
pub(super) async fn run(connection: &mut PgConnection, sql: &str) -> Result<(), EngineError> {
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(drop).map_err(engine_error)
}

/// What the server gives for the settings that our driver asks for with every connection, to a client that asks for none;
/// a file's setting is read in the view that only a superuser or who was granted it may see.
const GIVEN_TO_PLAIN_CLIENTS: &str = "\
    SELECT pg_catalog.format('SET %s = %L', asked.name, coalesce(\
        (SELECT pg_catalog.substr(entry, pg_catalog.strpos(entry, '=') + 1) \
            FROM pg_catalog.pg_db_role_setting AS kept, pg_catalog.unnest(kept.setconfig) AS entry \
            WHERE kept.setdatabase = 0 AND kept.setrole IN (0, pg_catalog.to_regrole(pg_catalog.quote_ident(session_user))) \
                AND lower(pg_catalog.split_part(entry, '=', 1)) = lower(asked.name) \
            ORDER BY kept.setrole DESC LIMIT 1), \
        (SELECT setting FROM pg_catalog.pg_file_settings AS in_file \
            WHERE lower(in_file.name) = lower(asked.name) AND in_file.applied \
            ORDER BY in_file.seqno DESC LIMIT 1), \
        asked.boot_val)) \
    FROM pg_catalog.pg_settings AS asked WHERE asked.name IN ('DateStyle', 'TimeZone')";

/// Statements that take back what our driver asks for with every connection, `DateStyle` and `TimeZone`: a session has to
/// have what the server gives to everyone, and then what the real tool asks for. RESET would give back the driver's wish.
/// None where the server does not let us see its configuration.
pub(super) async fn plain_client(admin: &mut PgConnection) -> Result<Vec<String>, EngineError> {
    let sql = "SELECT pg_catalog.has_function_privilege('pg_catalog.pg_show_all_file_settings()', 'EXECUTE') \
               AND pg_catalog.has_table_privilege('pg_catalog.pg_file_settings', 'SELECT')";
    let may_look: bool = sqlx::query_scalar(sql).fetch_one(&mut *admin).await.map_err(engine_error)?;
    if !may_look {
        return Ok(Vec::new());
    }
    sqlx::query_scalar(GIVEN_TO_PLAIN_CLIENTS).fetch_all(admin).await.map_err(engine_error)
}

/// The statements that bring a session back to what a `plain` client has and then to what `spec` describes: nothing that
/// an earlier script set survives.
pub(super) fn clean(plain: &[String], spec: &SessionSpec, in_transaction: bool) -> String {
    let mut sql = String::from(if in_transaction { CLEAN_IN_TRANSACTION } else { CLEAN });
    for statement in plain.iter().chain(&spec.statements) {
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
