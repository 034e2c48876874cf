//! Dropping databases of ours from a server that is not ours.

use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::{AssertSqlSafe, Connection as _, Row as _};

use super::super::names::{HEAD, is_left_behind};
use crate::provision::mysql_login::texts;

/// How long sessions of ours may take to end before their databases are dropped.
const SESSION_PATIENCE: Duration = Duration::from_secs(5);

/// A session that waits for no lock longer than a while: unless told otherwise, a server waits for a year.
pub(super) async fn session(options: &MySqlConnectOptions) -> Result<MySqlConnection, sqlx::Error> {
    let mut connection = MySqlConnection::connect_with(options).await?;
    sqlx::raw_sql("SET SESSION lock_wait_timeout = 5").execute(&mut connection).await?;
    Ok(connection)
}

/// Drops the databases that killed runs left. What cannot be dropped belongs to somebody else, or is left for another time.
pub(super) async fn sweep(connection: &mut MySqlConnection) {
    for name in left_behind(connection).await.unwrap_or_default() {
        let _ = drop_database(connection, &name).await;
    }
}

/// The databases that killed runs left.
pub(super) async fn left_behind(connection: &mut MySqlConnection) -> Result<Vec<String>, sqlx::Error> {
    Ok(named(connection, HEAD).await?.into_iter().filter(|name| is_left_behind(name)).collect())
}

/// The databases whose names begin with this, which needs no quoting; only those of which our user may know.
async fn named(connection: &mut MySqlConnection, prefix: &str) -> Result<Vec<String>, sqlx::Error> {
    let length = prefix.len();
    let query = format!(
        "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE LEFT(SCHEMA_NAME, {length}) = '{prefix}' ORDER BY 1"
    );
    let names = texts(connection, &query).await?;
    // The server compares without case.
    Ok(names.into_iter().filter(|name| name.starts_with(prefix)).collect())
}

/// Ends the sessions of this run and drops its databases; the first error after all were tried.
pub(super) async fn drop_with_prefix(options: &MySqlConnectOptions, prefix: &str) -> Result<(), sqlx::Error> {
    let mut connection = session(options).await?;
    // A session that was cut off may be in the middle of a CREATE DATABASE, whose result nobody would see.
    end_sessions(&mut connection, prefix).await?;
    let mut result = Ok(());
    for name in named(&mut connection, prefix).await? {
        let dropped = drop_database(&mut connection, &name).await;
        result = result.and(dropped);
    }
    let _ = connection.close().await;
    result
}

/// Drops a database, with the sessions in it.
pub(super) async fn drop_database(connection: &mut MySqlConnection, name: &str) -> Result<(), sqlx::Error> {
    end_sessions(connection, name).await?;
    let statement = format!("DROP DATABASE IF EXISTS `{}`", name.replace('`', "``"));
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await?;
    Ok(())
}

/// Ends the sessions in databases whose names begin with this, and those whose statements name one. Nobody else's statement
/// does: a part of the name is random.
async fn end_sessions(connection: &mut MySqlConnection, prefix: &str) -> Result<(), sqlx::Error> {
    let deadline = tokio::time::Instant::now() + SESSION_PATIENCE;
    loop {
        // Without the right to see those of others, the server lists our user's own; and those are what we are after.
        let rows = sqlx::raw_sql("SHOW FULL PROCESSLIST").fetch_all(&mut *connection).await?;
        let own = texts(connection, "SELECT CONNECTION_ID()").await?;
        let mut ended = false;
        for row in rows {
            let id: String = row.try_get_unchecked("Id")?;
            let database: Option<String> = row.try_get_unchecked("db")?;
            let statement: Option<String> = row.try_get_unchecked("Info")?;
            let is_ours = database.is_some_and(|name| name.starts_with(prefix))
                || statement.is_some_and(|statement| statement.contains(prefix));
            if !is_ours || own.contains(&id) {
                continue;
            }
            // It may have ended by itself, or be somebody's whom we may not end: dropping tells.
            ended |= sqlx::raw_sql(AssertSqlSafe(format!("KILL {id}"))).execute(&mut *connection).await.is_ok();
        }
        if !ended || tokio::time::Instant::now() >= deadline {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
