//! Reads the whole schema of a database.

use sqlx::mysql::MySqlConnection;
use sqlx::{AssertSqlSafe, Row as _};

use super::errors::engine_error;
use super::flavour::Flavour;
use crate::engine::EngineError;
use crate::engine::rows::{ROW_SEPARATOR, SEPARATOR};

/// All rows of a database's schema, as [`crate::engine::rows::RowReader`] reads them.
///
/// # Errors
/// When the catalog cannot be read.
pub(super) async fn read(
    connection: &mut MySqlConnection,
    flavour: Flavour,
    database: &str,
) -> Result<String, EngineError> {
    let _ = flavour;
    let sql = format!(
        "SELECT CAST(table_name AS CHAR), CAST(coalesce(engine, '') AS CHAR) FROM information_schema.tables \
         WHERE table_schema = '{}' ORDER BY table_name",
        database.replace('\'', "''")
    );
    let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await.map_err(engine_error)?;
    let mut text = Vec::new();
    for row in rows {
        let (name, engine): (String, String) =
            (row.try_get(0).map_err(engine_error)?, row.try_get(1).map_err(engine_error)?);
        let (path, attributes) = (serde_json::json!([name]), serde_json::json!({ "engine": engine }));
        text.push(format!("table{SEPARATOR}{path}{SEPARATOR}{SEPARATOR}{attributes}"));
    }
    Ok(text.join(&ROW_SEPARATOR.to_string()))
}
