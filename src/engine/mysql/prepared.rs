//! Transactions that outlive their session.

use std::collections::BTreeSet;
use std::time::Duration;

use sqlx::Row as _;
use sqlx::mysql::MySqlConnection;

use super::connection::{rows, run};
use super::errors::engine_error;
use super::flavour::Flavour;
use crate::engine::EngineError;

/// How long and how often to look whether the session of a prepared transaction has let go of it: twenty seconds in all.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);
const LOOKS: u32 = 4_000;

/// `XAER_NOTA`: what a server says of a transaction that is not there, and of one whose session is still on its way out.
const UNKNOWN: &str = "1397";

/// Rolls back the prepared transactions of a server, and names them. Their sessions have ended, or are about to.
///
/// # Errors
/// When the server refuses, or one does not end.
pub(super) async fn end_prepared_transactions(
    connection: &mut MySqlConnection,
    flavour: Flavour,
) -> Result<BTreeSet<String>, EngineError> {
    let mut ended = BTreeSet::new();
    for _ in 0..LOOKS {
        let names = prepared_transactions(connection, flavour).await?;
        if names.is_empty() {
            return Ok(ended);
        }
        for name in names {
            match run(connection, &format!("XA ROLLBACK {name}")).await {
                Ok(()) => drop(ended.insert(name)),
                Err(EngineError::Refused { refusal }) if refusal.code.as_deref() == Some(UNKNOWN) => {
                    tokio::time::sleep(BETWEEN_LOOKS).await;
                }
                Err(error) => return Err(error),
            }
        }
    }
    Err(EngineError::unexpected("a transaction that a script prepared does not end; see XA RECOVER on the server"))
}

/// The prepared transactions of a server, each as `XA ROLLBACK` names it: `'a','b',1`.
///
/// # Errors
/// When the server refuses to tell.
async fn prepared_transactions(connection: &mut MySqlConnection, flavour: Flavour) -> Result<Vec<String>, EngineError> {
    let mut names = Vec::new();
    // MySQL prints bytes that are no text in digits only where it is asked to; MariaDB gives them as they are.
    let sql = if flavour.is_mariadb() { "XA RECOVER" } else { "XA RECOVER CONVERT XID" };
    for row in rows(connection, sql).await? {
        let number = |column: usize| row.try_get_unchecked::<i64, _>(column).map_err(engine_error);
        let (format, global, branch) = (number(0)?, number(1)?, number(2)?);
        let data: Vec<u8> = row.try_get_unchecked(3).map_err(engine_error)?;
        let digits: String = if flavour.is_mariadb() {
            data.iter().map(|byte| format!("{byte:02X}")).collect()
        } else {
            String::from_utf8_lossy(&data).into_owned()
        };
        names.push(name(&digits, format, global, branch));
    }
    Ok(names)
}

/// A name of a transaction from its parts, which are printed one behind the other in hexadecimal digits.
fn name(data: &str, format: i64, global: i64, branch: i64) -> String {
    let digits = data.strip_prefix("0x").unwrap_or(data);
    let of = |from: i64, length: i64| {
        let at = |bytes: i64| usize::try_from(bytes).unwrap_or(0).saturating_mul(2);
        digits.get(at(from)..at(from + length)).unwrap_or_default()
    };
    format!("X'{}',X'{}',{format}", of(0, global), of(global, branch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_of_its_parts() {
        assert_eq!(name("0x7831", 1, 2, 0), "X'7831',X'',1");
        assert_eq!(name("0x78313233", 7, 1, 3), "X'78',X'313233',7");
    }
}
