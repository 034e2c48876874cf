//! Objects of catalogs that no query file reads: a server newer than we know may have them.
//!
//! Nothing is known of such a catalog but the types of its columns, and that is enough to notice its objects, to name them, and
//! to compare their rows. Nothing that a server keeps is silently dropped.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row as _};

use super::catalog::for_version;
use super::errors::engine_error;
use crate::engine::EngineError;

/// Gives a query for each catalog of the server.
const QUERIES: &str = include_str!("opaque.sql");

/// A system catalog whose rows are objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogOfObjects {
    /// Its name: `pg_policy`.
    pub name: String,
    /// Whether all databases share it.
    pub is_shared: bool,
    /// The text of a query file that reads it by the types of its columns alone.
    pub query: String,
}

/// Every system catalog of the server whose rows are objects.
///
/// # Errors
/// When the server does not answer.
pub async fn catalogs(connection: &mut PgConnection, major: u32) -> Result<Vec<CatalogOfObjects>, EngineError> {
    let sql = for_version(QUERIES, major, false);
    let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await.map_err(engine_error)?;
    let read = |row: &sqlx::postgres::PgRow| -> Result<CatalogOfObjects, sqlx::Error> {
        Ok(CatalogOfObjects { name: row.try_get(0)?, is_shared: row.try_get(1)?, query: row.try_get(2)? })
    };
    rows.iter().map(read).collect::<Result<_, _>>().map_err(engine_error)
}
