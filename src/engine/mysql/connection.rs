//! Connections: how they are opened, and what a session has.

use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlRow, MySqlSslMode};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use super::errors::engine_error;
use crate::engine::EngineError;

/// Gives a session what the server gives to everyone. The driver's handshake asks for `IGNORE_SPACE` and a collation of
/// its own; a client asks for a character set and takes the server's collation of it.
pub(super) const AS_ANY_CLIENT: &str = "SET sql_mode = DEFAULT, NAMES utf8mb4";

/// What our own questions are asked in: nothing that a server's configuration says changes their answers, and none waits
/// for a lock as long as servers do, which may be a year.
const OUR_OWN: &str = "SET sql_mode = '', NAMES utf8mb4, time_zone = '+00:00', autocommit = 1, sql_quote_show_create = 1, \
    lock_wait_timeout = 20, innodb_lock_wait_timeout = 20";

/// The options without the settings that the driver makes with every connection.
pub(super) fn without_settings(options: MySqlConnectOptions) -> MySqlConnectOptions {
    let options = options
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .timezone(None)
        .set_names(false)
        .statement_cache_capacity(0);
    // What goes through a socket of this machine leaves it nowhere, and TLS costs more than all else.
    let through_socket = options.get_socket().is_some() && matches!(options.get_ssl_mode(), MySqlSslMode::Preferred);
    if through_socket { options.ssl_mode(MySqlSslMode::Disabled) } else { options }
}

/// Opens a connection for our own questions, to no database. The options are without settings.
pub(super) async fn connect(server: &MySqlConnectOptions) -> Result<MySqlConnection, EngineError> {
    let mut connection = MySqlConnection::connect_with(server).await.map_err(engine_error)?;
    run(&mut connection, OUR_OWN).await?;
    Ok(connection)
}

/// Runs statements of our own; the server takes them in one message.
pub(super) async fn run(connection: &mut MySqlConnection, sql: &str) -> Result<(), EngineError> {
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(drop).map_err(engine_error)
}

/// All rows of all answers to statements of our own.
pub(super) async fn rows(connection: &mut MySqlConnection, sql: &str) -> Result<Vec<MySqlRow>, EngineError> {
    connection.fetch_all(sqlx::raw_sql(AssertSqlSafe(sql))).await.map_err(engine_error)
}

/// A name as an SQL identifier.
pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// A text as an SQL string where backslashes escape.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}
