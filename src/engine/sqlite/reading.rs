//! Asks a connection for the whole schema, and makes sure that it is not told what was true before.

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Executor as _};

use crate::engine::rows::ROW_SEPARATOR;

/// The answer to the query of the catalog.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Answer(String);

impl Answer {
    /// The rows, as the catalog gives them.
    pub(super) fn rows(&self) -> &str {
        self.0.splitn(3, ROW_SEPARATOR).nth(2).unwrap_or_default()
    }

    /// The number that changes with the schema.
    fn version(&self) -> Option<&str> {
        self.0.split(ROW_SEPARATOR).next()
    }

    /// Views and virtual tables whose columns SQLite has not looked up.
    fn unknown(&self) -> Vec<String> {
        let names = self.0.split(ROW_SEPARATOR).nth(1).unwrap_or_default();
        serde_json::from_str(names).unwrap_or_default()
    }
}

/// What the schema is now; `before` is what the same connection answered last.
///
/// # Errors
/// When the schema cannot be read.
pub(super) async fn read(
    query: &str,
    connection: &mut SqliteConnection,
    before: &Answer,
) -> Result<Answer, sqlx::Error> {
    let mut answer = ask(query, connection).await?;
    if answer != *before && answer.version() == before.version() {
        // A script wrote to sqlite_schema itself. Other connections are not told and keep what they knew of the tables.
        connection.execute("PRAGMA writable_schema = RESET").await?;
        answer = ask(query, connection).await?;
    }
    // SQLite looks up the columns of views and virtual tables one after the other, and stops at the first view that names
    // what is not there.
    let mut found = false;
    for name in answer.unknown() {
        let sql = format!("SELECT * FROM main.\"{}\" LIMIT 0", name.replace('"', "\"\""));
        found |= connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.is_ok();
    }
    if found {
        answer = ask(query, connection).await?;
    }
    Ok(answer)
}

async fn ask(query: &str, connection: &mut SqliteConnection) -> Result<Answer, sqlx::Error> {
    sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(connection).await.map(Answer)
}
