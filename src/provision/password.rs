//! Passwords of servers that live as long as a run.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _};

use super::ProvisionError;

/// 128 random bits, as hexadecimal digits, which need no quoting anywhere.
///
/// # Errors
/// When the system gives no random bits.
pub(crate) fn random_password() -> Result<String, ProvisionError> {
    let path = Path::new("/dev/urandom");
    let read = || -> io::Result<String> {
        let mut bytes = [0; 16];
        File::open(path)?.read_exact(&mut bytes)?;
        Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    };
    read().map_err(ProvisionError::file("read", path))
}

/// Gives a role another password, without a word of it in the server's log. Neither needs quoting.
pub(crate) async fn change_password(options: &PgConnectOptions, role: &str, password: &str) -> Result<(), sqlx::Error> {
    let connection = PgConnection::connect_with(options).await?;
    set_password(connection, role, password).await
}

/// The same through a connection, which it closes.
pub(crate) async fn set_password(mut connection: PgConnection, role: &str, password: &str) -> Result<(), sqlx::Error> {
    // Before the statement itself, since a message is logged as a whole before its first statement runs.
    let quiet = "SET log_statement = 'none'; SET log_min_duration_statement = -1; SET log_duration = off; \
                 SET log_min_error_statement = 'panic'; SET password_encryption = 'scram-sha-256'";
    sqlx::raw_sql(quiet).execute(&mut connection).await?;
    let statement = format!("ALTER ROLE {role} PASSWORD '{password}'");
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
    connection.close().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_long_and_differ() {
        let (one, two) = (random_password().unwrap(), random_password().unwrap());
        assert_eq!(one.len(), 32);
        assert_ne!(one, two);
    }
}
