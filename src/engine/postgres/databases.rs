//! Making and dropping databases, and what one of them holds.

use std::time::Duration;

use sqlx::postgres::PgConnection;

use super::cluster::Terms;
use super::connection::{quoted, run};
use super::errors::engine_error;
use crate::engine::EngineError;

/// How long and how often to look whether sessions are gone: a minute in all.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);
const LOOKS: u32 = 12_000;

/// Makes a database: empty, or as a copy of `template` on a server of that major version. A copy belongs to whom the
/// terms say; an empty one is given away once that role is there.
pub(super) async fn make_database(
    admin: &mut PgConnection,
    terms: &Terms,
    name: &str,
    template: Option<(&str, u32)>,
) -> Result<(), EngineError> {
    let mut sql = format!("CREATE DATABASE {}", quoted(name));
    if let Some((template, major)) = template {
        sql.push_str(&format!(" TEMPLATE {}", quoted(template)));
        if let Some(owner) = &terms.owner {
            sql.push_str(&format!(" OWNER {}", quoted(owner)));
        }
        // Copying files skips the write-ahead log but forces checkpoints, which a server with other users would feel.
        if terms.owned && major >= 15 {
            sql.push_str(" STRATEGY file_copy");
        }
    }
    run(admin, &sql).await
}

/// Drops a database, whoever is connected to it.
pub(super) async fn drop_database(admin: &mut PgConnection, name: &str) -> Result<(), EngineError> {
    run(admin, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quoted(name))).await
}

/// Whether a table or a materialised view of the migrations may hold rows, but for those that are `left_out`, as a tool's own
/// table is: one without any storage holds none.
pub(super) async fn holds_rows(connection: &mut PgConnection, left_out: &[String]) -> Result<bool, EngineError> {
    let sql = "SELECT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid >= 16384 AND c.relkind IN ('r', 'm') \
               AND c.relnamespace::pg_catalog.regnamespace::text !~ '^pg_' AND pg_catalog.pg_relation_size(c.oid) > 0 \
               AND pg_catalog.concat('table ', c.relnamespace::pg_catalog.regnamespace, '.', c.relname) <> ALL ($1))";
    sqlx::query_scalar(sql).bind(left_out).fetch_one(connection).await.map_err(engine_error)
}

/// The process that serves this connection.
pub(super) async fn backend_of(connection: &mut PgConnection) -> Result<i32, EngineError> {
    sqlx::query_scalar("SELECT pg_catalog.pg_backend_pid()").fetch_one(connection).await.map_err(engine_error)
}

/// Ends all sessions of our own in a database but one, and waits until the server has let go of them.
pub(super) async fn end_sessions(
    admin: &mut PgConnection,
    database: &str,
    except: Option<i32>,
) -> Result<(), EngineError> {
    let sql = "SELECT count(pg_catalog.pg_terminate_backend(pid)) FROM pg_catalog.pg_stat_activity \
               WHERE datname = $1 AND pid <> coalesce($2, 0) AND backend_type = 'client backend'";
    for _ in 0..LOOKS {
        let left: i64 =
            sqlx::query_scalar(sql).bind(database).bind(except).fetch_one(&mut *admin).await.map_err(engine_error)?;
        if left == 0 {
            return Ok(());
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    Err(EngineError::unexpected("a session that was told to end does not; see what the server is doing"))
}
