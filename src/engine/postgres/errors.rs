//! The driver's errors in Rollproof's words.

use sqlx::postgres::{PgDatabaseError, PgErrorPosition};

use crate::engine::{EngineError, Refusal, RefusalKind};

/// SQLSTATE of RAISE EXCEPTION without an own code (PostgreSQL manual, appendix A: `raise_exception`).
const RAISED: &str = "P0001";

/// SQLSTATEs that a refusal inside a probing transaction may owe to the probe (PostgreSQL manual, appendix A).
const CAUSED_BY_PROBING: &[&str] = &[
    "55P04", // unsafe_new_enum_value_usage: a value added in this very transaction
    "55006", // object_in_use: pending trigger events
    "25001", // active_sql_transaction: CREATE INDEX CONCURRENTLY, VACUUM, CREATE DATABASE
    "0A000", // feature_not_supported: what is refused inside a transaction only
    "2D000", // invalid_transaction_termination: COMMIT in a procedure
    "26000", // invalid_sql_statement_name: the script dropped our prepared statements
    "3B001", // invalid_savepoint_specification: the script met the probe's own savepoint
];

/// Whether an error with this SQLSTATE has to be seen again outside of the probe before it is believed.
pub(super) fn may_be_caused_by_probing(code: Option<&str>) -> bool {
    code.is_some_and(|code| CAUSED_BY_PROBING.contains(&code))
}

/// The driver's error as data.
pub(super) fn engine_error(error: sqlx::Error) -> EngineError {
    match error {
        sqlx::Error::Database(error) => match error.try_downcast::<PgDatabaseError>() {
            Ok(error) => from_server(&error),
            Err(error) => EngineError::unexpected(error.to_string()),
        },
        sqlx::Error::Io(cause) => EngineError::Lost { cause: cause.to_string() },
        sqlx::Error::Protocol(cause) => EngineError::Lost { cause },
        sqlx::Error::WorkerCrashed => EngineError::Lost { cause: "the driver's worker ended".to_owned() },
        other => EngineError::unexpected(other.to_string()),
    }
}

/// A step was begun without a session.
pub(super) fn no_session() -> EngineError {
    EngineError::unexpected("no migration session is open")
}

/// A query that always gives a row gave none.
pub(super) fn no_answer() -> EngineError {
    EngineError::unexpected("the server gave no answer to a question about its catalogs")
}

/// A session that cannot be made what it is to be is no fault of the migration that was to run in it.
pub(super) fn session_error(error: EngineError) -> EngineError {
    match error {
        EngineError::Refused { refusal } => EngineError::unexpected(format!(
            "the session for migrations could not be prepared: {}; check `prelude` and `role` in rollproof.yml",
            refusal.message
        )),
        other => other,
    }
}

/// A catalog that cannot be read is no fault of the migration whose work was to be read.
pub(super) fn cannot_read(error: EngineError) -> EngineError {
    match error {
        EngineError::Refused { refusal } => EngineError::unexpected(format!(
            "the catalog cannot be read inside the migration's transaction: {}; a migration may have taken away what the \
             connecting role needs for it",
            refusal.message
        )),
        other => other,
    }
}

fn from_server(error: &PgDatabaseError) -> EngineError {
    let code = error.code();
    // Class 57P is operator intervention: shutdown, crash of another backend, a server that is still starting.
    if code.starts_with("57P") {
        return EngineError::Lost { cause: error.message().to_owned() };
    }
    let lines: Vec<String> = [("DETAIL", error.detail()), ("HINT", error.hint()), ("CONTEXT", error.r#where())]
        .into_iter()
        .filter_map(|(name, text)| text.map(|text| format!("{name}: {text}")))
        .collect();
    let position = match error.position() {
        Some(PgErrorPosition::Original(at)) => Some(at),
        Some(PgErrorPosition::Internal { .. }) | None => None,
    };
    let refusal = Refusal {
        kind: if code == RAISED { RefusalKind::Author } else { RefusalKind::Server },
        code: Some(code.to_owned()),
        message: error.message().to_owned(),
        detail: (!lines.is_empty()).then(|| lines.join("\n")),
        position,
    };
    EngineError::Refused { refusal }
}
