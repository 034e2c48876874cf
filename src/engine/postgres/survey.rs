//! What a server lets us read: a role that is no superuser may be refused a catalog, and a version that nobody knew when
//! this was written may have other ones.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use super::catalog::reading_settings;
use super::connection::{quoted, run};
use super::delta::{ENTER_READING, EXECUTE_COUNTERS, MEMBERS, PRESENT};
use super::errors::engine_error;
use super::reading::Catalog;
use crate::engine::{EngineError, Refusal};
use crate::schema::Unreadable;

/// SQLSTATE `insufficient_privilege` (PostgreSQL manual, appendix A).
const NOT_ALLOWED: &str = "42501";

/// Finds out which queries this server answers to this role in this database, and does without the others. The connection
/// is left with the reading settings.
///
/// # Errors
/// When the server is gone.
pub(super) async fn survey(catalog: &mut Catalog, connection: &mut PgConnection) -> Result<(), EngineError> {
    run(connection, &reading_settings()).await?;
    if refusal(connection, catalog.whole_query()).await?.is_some() {
        let role: String =
            sqlx::query_scalar("SELECT current_user::text").fetch_one(&mut *connection).await.map_err(engine_error)?;
        for number in 0..catalog.parts.len() {
            let sql = catalog.parts[number].sql.clone();
            if let Some(refusal) = refusal(connection, &sql).await? {
                let unreadable = unreadable(catalog, number, &role, &refusal);
                catalog.parts[number].refused = Some(unreadable);
            }
        }
        catalog.ask_anew();
    }
    let mut refused_delta = !follows(catalog, connection).await?;
    if refused_delta {
        catalog.gauge.do_without(true, false);
        catalog.ask_anew();
        refused_delta = !follows(catalog, connection).await?;
    }
    if refused_delta {
        catalog.gauge.do_without(true, true);
        catalog.ask_anew();
    }
    Ok(())
}

/// What the server answers to a query that it does not execute.
async fn refusal(connection: &mut PgConnection, sql: &str) -> Result<Option<Refusal>, EngineError> {
    match connection.fetch_all(AssertSqlSafe(sql)).await.map_err(engine_error) {
        Ok(_) => Ok(None),
        Err(EngineError::Refused { refusal }) => Ok(Some(refusal)),
        Err(error) => Err(error),
    }
}

/// Whether the questions that follow a transaction are answered.
async fn follows(catalog: &Catalog, connection: &mut PgConnection) -> Result<bool, EngineError> {
    let mut questions = vec![catalog.prepare(), EXECUTE_COUNTERS, ENTER_READING];
    if catalog.gauge.follows() {
        questions.extend([PRESENT, MEMBERS]);
    }
    let message = format!("BEGIN; {}", questions.join("; "));
    let answered = match run(connection, &message).await {
        Ok(()) => true,
        Err(EngineError::Refused { .. }) => false,
        Err(error) => return Err(error),
    };
    run(connection, "ROLLBACK; DEALLOCATE ALL").await?;
    connection.clear_cached_statements().await.map_err(engine_error)?;
    Ok(answered)
}

fn unreadable(catalog: &Catalog, number: usize, role: &str, refusal: &Refusal) -> Unreadable {
    let part = &catalog.parts[number];
    // The server's words may be in any language; the names of its catalogs and functions are not.
    let words = refusal.message.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let named = words.filter(|word| word.starts_with("pg_")).max_by_key(|word| catalog.gauge.knows(word));
    let not_allowed = refusal.code.as_deref() == Some(NOT_ALLOWED);
    let name = named.filter(|_| not_allowed).unwrap_or(&part.born_in);
    let help = match named {
        Some(name) if not_allowed && !catalog.gauge.knows(name) && !refusal.message.contains("view") => format!(
            "as a superuser, in template1, of which Rollproof's databases are copies: GRANT EXECUTE ON FUNCTION \
             pg_catalog.{name} TO {}",
            quoted(role)
        ),
        _ if not_allowed => format!(
            "as a superuser, in template1, of which Rollproof's databases are copies: GRANT SELECT ON \
             pg_catalog.{name} TO {}",
            quoted(role)
        ),
        _ => "look for a version of Rollproof that knows this version of the server".to_owned(),
    };
    Unreadable {
        kinds: part.kinds.clone(),
        catalog: name.to_owned(),
        role: role.to_owned(),
        reason: refusal.message.clone(),
        help,
    }
}
