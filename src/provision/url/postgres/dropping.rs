//! Dropping databases of ours from a server that is not ours.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection};

use super::super::names::is_left_behind;

/// How long sessions of ours may take to end before their databases are dropped.
const SESSION_PATIENCE: Duration = Duration::from_secs(5);

/// Drops the databases that killed runs left. What cannot be dropped belongs to somebody else, or is left for another time.
pub(super) async fn sweep(connection: &mut PgConnection) {
    for name in left_behind(connection).await.unwrap_or_default() {
        let _ = drop_database(connection, &name).await;
    }
}

/// The databases that killed runs left.
pub(super) async fn left_behind(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT datname::text FROM pg_catalog.pg_database WHERE starts_with(datname::text, 'rollproof_') ORDER BY 1",
    )
    .fetch_all(connection)
    .await?;
    Ok(names.into_iter().filter(|name| is_left_behind(name)).collect())
}

/// Ends the sessions of this run and drops its databases; the first error after all were tried.
pub(super) async fn drop_with_prefix(options: &PgConnectOptions, prefix: &str) -> Result<(), sqlx::Error> {
    let options = options.clone().application_name("rollproof");
    let mut connection = PgConnection::connect_with(&options).await?;
    // A session that was cut off may be in the middle of a CREATE DATABASE, whose result nobody would see.
    let deadline = tokio::time::Instant::now() + SESSION_PATIENCE;
    loop {
        let ended: Vec<bool> = sqlx::query_scalar(
            "SELECT pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity \
             WHERE application_name = $1 AND pid <> pg_backend_pid()",
        )
        .bind(prefix)
        .fetch_all(&mut connection)
        .await?;
        if ended.is_empty() || tokio::time::Instant::now() >= deadline {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let names: Vec<String> =
        sqlx::query_scalar("SELECT datname::text FROM pg_catalog.pg_database WHERE starts_with(datname::text, $1)")
            .bind(prefix)
            .fetch_all(&mut connection)
            .await?;
    let mut result = Ok(());
    for name in names {
        let dropped = drop_database(&mut connection, &name).await;
        result = result.and(dropped);
    }
    let _ = connection.close().await;
    result
}

/// Drops a database, also one that others may copy.
pub(super) async fn drop_database(connection: &mut PgConnection, name: &str) -> Result<(), sqlx::Error> {
    let quoted = name.replace('"', "\"\"");
    let template: Option<bool> =
        sqlx::query_scalar("SELECT datistemplate FROM pg_catalog.pg_database WHERE datname = $1")
            .bind(name)
            .fetch_optional(&mut *connection)
            .await?;
    if template == Some(true) {
        let statement = format!("ALTER DATABASE \"{quoted}\" IS_TEMPLATE false");
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *connection).await?;
    }
    let statement = format!("DROP DATABASE IF EXISTS \"{quoted}\" WITH (FORCE)");
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await?;
    Ok(())
}
