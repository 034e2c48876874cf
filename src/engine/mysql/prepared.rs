//! Transactions that outlive their session.

use std::collections::BTreeSet;
use std::time::Duration;

use sqlx::Row as _;
use sqlx::mysql::MySqlConnection;

use super::connection::{rows, run};
use super::errors::engine_error;
use super::flavour::Flavour;
use super::lexer::{Kind, Lexer, Rules};
use crate::engine::EngineError;

/// How long and how often to look whether the session of a prepared transaction has let go of it: twenty seconds in all.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);
const LOOKS: u32 = 4_000;

/// `XAER_NOTA`: what a server says of a transaction that is not there, and of one whose session is still on its way out.
const UNKNOWN: &str = "1397";

/// `XA_RBROLLBACK`: what MariaDB says when it has rolled back a transaction that changed nothing.
const ROLLED_BACK: &str = "1402";

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
            if rolled_back(connection, &name).await? {
                ended.insert(name);
            } else {
                tokio::time::sleep(BETWEEN_LOOKS).await;
            }
        }
    }
    Err(EngineError::unexpected("a transaction that a script prepared does not end; see XA RECOVER on the server"))
}

/// What a script calls the transaction that a statement of its prepares, as it stands behind `XA PREPARE`; `None` of any other.
pub(super) fn prepared_by(sql: &str, rules: Rules) -> Option<&str> {
    let mut tokens = Lexer::new(sql, rules, ";", 0).filter(|token| !matches!(token.kind, Kind::Enter | Kind::Leave));
    let (verb, noun) = (tokens.next()?.span, tokens.next()?.span);
    let is = sql[verb].eq_ignore_ascii_case("XA") && sql[noun.clone()].eq_ignore_ascii_case("PREPARE");
    is.then(|| sql[noun.end..].trim())
}

/// Rolls back those transactions that a session has prepared and that are still there, by the names that it gave them, and
/// tells which they were. The session has ended, and the server has let go of it. No two transactions of a server have one
/// name, and so nobody else's is touched.
///
/// # Errors
/// When the server refuses.
pub(super) async fn end_own_transactions(
    connection: &mut MySqlConnection,
    own: BTreeSet<String>,
) -> Result<BTreeSet<String>, EngineError> {
    let mut ended = BTreeSet::new();
    for name in own {
        // Where it is unknown, the script has ended it.
        if rolled_back(connection, &name).await? {
            ended.insert(name);
        }
    }
    Ok(ended)
}

/// Rolls back a transaction; whether the server knew it.
async fn rolled_back(connection: &mut MySqlConnection, name: &str) -> Result<bool, EngineError> {
    match run(connection, &format!("XA ROLLBACK {name}")).await {
        Ok(()) => Ok(true),
        Err(EngineError::Refused { refusal }) if refusal.code.as_deref() == Some(UNKNOWN) => Ok(false),
        Err(EngineError::Refused { refusal }) if refusal.code.as_deref() == Some(ROLLED_BACK) => Ok(true),
        Err(error) => Err(error),
    }
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
    fn a_script_names_what_it_prepares() {
        let rules = Rules::newest(crate::history::EngineKind::Mysql);
        for (sql, name) in [
            ("XA PREPARE 'a','b',1", Some("'a','b',1")),
            ("/* of us */ xa /* that is */ prepare X'41' ", Some("X'41'")),
            ("xa\nprepare\tX'41' ", Some("X'41'")),
            ("XA COMMIT 'a'", None),
            ("PREPARE s FROM 'SELECT 1'", None),
            ("XA", None),
        ] {
            assert_eq!(prepared_by(sql, rules), name, "{sql}");
        }
    }

    #[test]
    fn a_name_is_made_of_its_parts() {
        assert_eq!(name("0x7831", 1, 2, 0), "X'7831',X'',1");
        assert_eq!(name("0x78313233", 7, 1, 3), "X'78',X'313233',7");
    }
}
