//! What a server lets us read: a role that is no superuser may be refused a catalog, and a version that nobody knew when
//! this was written may have other ones.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _};

use super::catalog::{Part, reading_settings};
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
    run(connection, &reading_settings(false)).await?;
    if refusal(connection, catalog.whole_query()).await?.is_some() {
        let role: String =
            sqlx::query_scalar("SELECT current_user::text").fetch_one(&mut *connection).await.map_err(engine_error)?;
        for number in 0..catalog.parts.len() {
            let sql = catalog.parts[number].sql.clone();
            if let Some(refusal) = refusal(connection, &sql).await? {
                let unreadable = unreadable(&catalog.parts[number], connection, &role, &refusal).await?;
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

/// The same within an open transaction, for a database that is only read.
///
/// # Errors
/// When the server is gone.
pub(super) async fn do_without(
    catalog: &mut Catalog,
    connection: &mut PgConnection,
    role: &str,
) -> Result<(), EngineError> {
    for number in 0..catalog.parts.len() {
        run(connection, "SAVEPOINT rollproof_try").await?;
        let sql = catalog.parts[number].sql.clone();
        let refused = refusal(connection, &sql).await?;
        run(connection, "ROLLBACK TO SAVEPOINT rollproof_try; RELEASE SAVEPOINT rollproof_try").await?;
        if let Some(refusal) = refused {
            let unreadable = unreadable(&catalog.parts[number], connection, role, &refusal).await?;
            catalog.parts[number].refused = Some(unreadable);
        }
    }
    catalog.ask_anew();
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

/// Which of these words is the name of a relation, and which the name of a function.
const NAMED: &str = "SELECT (SELECT relname::text FROM pg_catalog.pg_class WHERE relname = ANY ($1::text[]) \
                     AND relnamespace = 'pg_catalog'::pg_catalog.regnamespace LIMIT 1), \
                     (SELECT proname::text FROM pg_catalog.pg_proc WHERE proname = ANY ($1::text[]) \
                     AND pronamespace = 'pg_catalog'::pg_catalog.regnamespace LIMIT 1)";

async fn unreadable(
    part: &Part,
    connection: &mut PgConnection,
    role: &str,
    refusal: &Refusal,
) -> Result<Unreadable, EngineError> {
    let (mut name, mut help) =
        (part.born_in.clone(), "look for a version of Rollproof that knows this version of the server".to_owned());
    if refusal.code.as_deref() == Some(NOT_ALLOWED) {
        // The server's words may be in any language; the names of its catalogs and functions are not.
        let words = refusal.message.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let words: Vec<String> = words.filter(|word| !word.is_empty()).map(str::to_owned).collect();
        let row = sqlx::query(NAMED).bind(words).fetch_one(connection).await.map_err(engine_error)?;
        let named = |nth: usize| row.try_get::<Option<String>, _>(nth).map_err(engine_error);
        let what = match (named(0)?, named(1)?) {
            (None, Some(function)) => {
                name.clone_from(&function);
                format!("EXECUTE ON FUNCTION pg_catalog.{function}")
            }
            (relation, _) => {
                name = relation.unwrap_or(name);
                format!("SELECT ON pg_catalog.{name}")
            }
        };
        help = format!(
            "as a superuser, in template1, of which Rollproof's databases are copies: GRANT {what} TO {}",
            quoted(role)
        );
    }
    Ok(Unreadable {
        kinds: part.kinds.clone(),
        catalog: name,
        role: role.to_owned(),
        reason: refusal.message.clone(),
        help,
    })
}
