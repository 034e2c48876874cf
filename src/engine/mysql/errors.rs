//! The driver's errors in Rollproof's words.

use sqlx::mysql::MySqlDatabaseError;

use crate::engine::{EngineError, Refusal, RefusalKind, Statement};

/// SQLSTATE of a SIGNAL for conditions of one's own (MySQL's manual, "SIGNAL Statement").
const SIGNALLED: &str = "45000";

/// `ER_SIGNAL_EXCEPTION`, the number of a SIGNAL that names none.
const SIGNAL: u16 = 1644;

/// Numbers by which a server says goodbye (MySQL's manual, "Server Error Message Reference"; MariaDB's, "Error Codes").
const LOST: &[u16] = &[
    1053, // ER_SERVER_SHUTDOWN
    1077, // ER_NORMAL_SHUTDOWN
    1079, // ER_SHUTDOWN_COMPLETE
    1152, // ER_ABORTING_CONNECTION
    1184, // ER_NEW_ABORTING_CONNECTION
    1927, // ER_CONNECTION_KILLED
    2006, // CR_SERVER_GONE_ERROR
    2013, // CR_SERVER_LOST
    3169, // ER_SESSION_WAS_KILLED
    4031, // ER_CLIENT_INTERACTION_TIMEOUT
];

/// `ER_PARSE_ERROR`.
pub(super) const SYNTAX: &str = "1064";

/// How many characters of what it did not read a server quotes at most.
const LONGEST_QUOTE: usize = 80;

/// The driver's error as data.
pub(super) fn engine_error(error: sqlx::Error) -> EngineError {
    match error {
        sqlx::Error::Database(error) => match error.try_downcast::<MySqlDatabaseError>() {
            Ok(error) => from_server(&error),
            Err(error) => EngineError::unexpected(error.to_string()),
        },
        sqlx::Error::Io(cause) => EngineError::Lost { cause: cause.to_string() },
        sqlx::Error::Protocol(cause) => EngineError::Lost { cause },
        sqlx::Error::WorkerCrashed => EngineError::Lost { cause: "the driver's worker ended".to_owned() },
        other => EngineError::unexpected(other.to_string()),
    }
}

fn from_server(error: &MySqlDatabaseError) -> EngineError {
    let (number, state) = (error.number(), error.code());
    if LOST.contains(&number) {
        return EngineError::Lost { cause: error.message().to_owned() };
    }
    let author = number == SIGNAL || state == Some(SIGNALLED);
    let refusal = Refusal {
        kind: if author { RefusalKind::Author } else { RefusalKind::Server },
        code: Some(number.to_string()),
        message: error.message().to_owned(),
        detail: state.map(|state| format!("SQLSTATE: {state}")),
        position: None,
    };
    EngineError::Refused { refusal }
}

/// The error with its place in the statement, where the server's words give one.
pub(super) fn located(error: EngineError, statement: &str) -> EngineError {
    match error {
        EngineError::Refused { refusal } => {
            let position = position(&refusal.message, statement);
            EngineError::Refused { refusal: Refusal { position, ..refusal } }
        }
        other => other,
    }
}

/// Where in the statement, in characters counted from 1, the server stopped reading: its message ends in
/// `near '...' at line N`, with the first characters of what it did not read. `None` where that does not fit one place only.
fn position(message: &str, statement: &str) -> Option<usize> {
    let (quoted, line) = message.rsplit_once("' at line ")?;
    let line: usize = line.trim().parse().ok()?;
    let (_, near) = quoted.split_once(" near '")?;
    let characters = |byte: usize| statement[..byte].chars().count() + 1;
    let fits = |at: &usize| statement[..*at].matches('\n').count() + 1 == line;
    if near.is_empty() {
        return Some(characters(statement.trim_end().len()));
    }
    if near.chars().count() < LONGEST_QUOTE && statement.ends_with(near) {
        let at = statement.len() - near.len();
        return fits(&at).then(|| characters(at));
    }
    let mut found = statement.match_indices(near).map(|(at, _)| at).filter(fits);
    let at = found.next()?;
    found.next().is_none().then(|| characters(at))
}

/// A step was begun without a session.
pub(super) fn no_session() -> EngineError {
    EngineError::unexpected("no migration session is open")
}

/// A session that cannot be made what it is to be is no fault of the migration that was to run in it.
pub(super) fn session_error(error: EngineError) -> EngineError {
    match error {
        EngineError::Refused { refusal } => EngineError::unexpected(format!(
            "the session for migrations could not be prepared: {}; check `prelude` in rollproof.yml",
            refusal.message
        )),
        other => other,
    }
}

/// What the server says, with what to do where a statement could not work on it.
pub(super) fn explained(error: EngineError, statement: &Statement) -> EngineError {
    let EngineError::Refused { mut refusal } = error else { return error };
    let hint = match refusal.code.as_deref() {
        Some(SYNTAX) if statement.lead.starts_with("DELIMITER") => Some(
            "DELIMITER is a command of the mysql client, and the tool of this history sends the script to the server: \
             leave it out, since the server finds the end of a body by itself",
        ),
        Some(UNKNOWN_CHARACTER_SET | UNKNOWN_COLLATION | WRONG_VALUE) => who_has(&refusal.message),
        Some(UNKNOWN_TIME_ZONE) => Some(
            "names of time zones are rows of tables in the database `mysql`; the official images fill them (`--provision \
             container`), and a server started from local programs (`--provision local`) has none: run this in a container, \
             or write an offset such as '+00:00'",
        ),
        _ => None,
    };
    if let Some(hint) = hint {
        let before = refusal.detail.map(|detail| format!("{detail}\n")).unwrap_or_default();
        refusal.detail = Some(format!("{before}HINT: {hint}"));
    }
    EngineError::Refused { refusal }
}

/// `ER_NET_PACKET_TOO_LARGE`.
const PACKET_TOO_LARGE: &str = "1153";

/// The refusal of a statement that does not fit into a packet. The server cuts the connection, with or without a word.
pub(super) fn too_large(length: usize, most: usize) -> EngineError {
    let refusal = Refusal {
        kind: RefusalKind::Server,
        code: Some(PACKET_TOO_LARGE.to_owned()),
        message: format!("the statement has {length} bytes, and the server's max_allowed_packet is {most}"),
        detail: Some(
            "HINT: the server ends the connection of who sends more: cut the statement, or give the server that production's \
             value (`server-settings: {max_allowed_packet: ...}` in rollproof.yml for one of Rollproof's own)"
                .to_owned(),
        ),
        position: None,
    };
    EngineError::Refused { refusal }
}

/// What a user lacks by this refusal, as GRANT names it; `None` where it says nothing of rights.
pub(super) fn lacks(refusal: &Refusal) -> Option<String> {
    let message = refusal.message.as_str();
    let command = || message.split_once(" command denied").map(|(before, _)| before.trim().to_ascii_uppercase());
    Some(match refusal.code.as_deref()? {
        // ER_DBACCESS_DENIED_ERROR
        "1044" => "ALL ON `rollproof\\_%`.*".to_owned(),
        // ER_TABLEACCESS_DENIED_ERROR, ER_COLUMNACCESS_DENIED_ERROR, ER_PROCACCESS_DENIED_ERROR
        "1142" | "1143" | "1370" => format!("{} ON `rollproof\\_%`.*", command()?),
        // ER_SPECIFIC_ACCESS_DENIED_ERROR
        "1227" => {
            let (_, rest) = message.split_once(" the ")?;
            format!("{} ON *.*", rest.split_once(" privilege").map_or("ALL", |(names, _)| names))
        }
        // ER_BINLOG_CREATE_ROUTINE_NEED_SUPER
        "1419" => "SUPER ON *.*".to_owned(),
        _ => return None,
    })
}

/// The refusal with who lacks what, on a server of others: the migration may be right all the same.
pub(super) fn with_rights(error: EngineError, user: &str) -> EngineError {
    let EngineError::Refused { mut refusal } = error else { return error };
    if let Some(lacking) = lacks(&refusal) {
        let before = refusal.detail.map(|detail| format!("{detail}\n")).unwrap_or_default();
        refusal.detail = Some(format!(
            "{before}HINT: the user of --url likely lacks a right, so that this may say nothing of the migration; as a user who \
             may: GRANT {lacking} TO {user}"
        ));
    }
    EngineError::Refused { refusal }
}
/// `ER_UNKNOWN_TIME_ZONE`.
const UNKNOWN_TIME_ZONE: &str = "1298";

/// `ER_UNKNOWN_CHARACTER_SET`, `ER_UNKNOWN_COLLATION`, `ER_WRONG_VALUE_FOR_VAR`.
const UNKNOWN_CHARACTER_SET: &str = "1115";
const UNKNOWN_COLLATION: &str = "1273";
const WRONG_VALUE: &str = "1231";

/// Which product has what this one does not know (MySQL's manual, "Unicode Character Sets", "Server SQL Modes"; MariaDB's
/// documentation, "Supported Character Sets and Collations", "SQL Mode"; what MySQL 9.7 and MariaDB 11.8 list themselves).
fn who_has(message: &str) -> Option<&'static str> {
    const MYSQL_ALONE: &str = "MySQL has this from 8.0 on, and MariaDB has not: name one that both have, or set `engine` or \
                               `image` to the product and version that production runs";
    const MARIADB_ALONE: &str = "MariaDB has this, and MySQL has not: name one that both have, or set `engine` or `image` to the \
                                 product that production runs";
    let of: [(&[&str], &str); 7] = [
        (&["'utf-8'", "'UTF-8'", "'utf_8'", "'UTF_8'"], "MySQL and MariaDB call it utf8mb4"),
        (&["gb18030", "_tolower_ci"], MYSQL_ALONE),
        // MariaDB has aliases for the others of this family.
        (
            &[
                "_bg_0900",
                "_bs_0900",
                "_gl_0900",
                "_ja_0900",
                "_mn_cyrl_0900",
                "_nb_0900",
                "_nn_0900",
                "_ru_0900",
                "_sr_latn_0900",
                "_zh_0900",
            ],
            MYSQL_ALONE,
        ),
        (
            &["_0900_"],
            "MySQL has this collation from 8.0 on and MariaDB from 11.4.5 on: name one that both have, or set `engine` or \
             `image` to the product and version that production runs",
        ),
        (
            &["uca1400"],
            "MariaDB has this collation from 10.10 on, and MySQL has not: name one that both have, or set `engine` or \
             `image` to the product and version that production runs",
        ),
        (&["_nopad_", "_croatian_mysql561_ci", "_myanmar_ci", "_thai_520_w2", "general1400"], MARIADB_ALONE),
        (
            &["NO_AUTO_CREATE_USER"],
            "MariaDB has this mode, and MySQL from 8.0 on has not: leave it out, or set `engine` to the product that \
             production runs",
        ),
    ];
    of.into_iter().find(|(names, _)| names.iter().any(|name| message.contains(name))).map(|(_, hint)| hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_user_lacks_is_read_from_the_refusal() {
        let of = |code: &str, message: &str| {
            lacks(&Refusal {
                kind: RefusalKind::Server,
                code: Some(code.to_owned()),
                message: message.to_owned(),
                detail: None,
                position: None,
            })
        };
        let references = "REFERENCES command denied to user 'u'@'localhost' for table `d`.`t`";
        assert_eq!(of("1142", references).unwrap(), r"REFERENCES ON `rollproof\_%`.*");
        let special = "Access denied; you need (at least one of) the SUPER, SET USER privilege(s) for this operation";
        assert_eq!(of("1227", special).unwrap(), "SUPER, SET USER ON *.*");
        assert_eq!(of("1051", "Unknown table 'x'"), None);
    }

    #[test]
    fn the_place_of_an_error_is_found() {
        let at = |near: &str, line: usize, statement: &str| {
            let message = format!(
                "You have an error in your SQL syntax; check the manual that corresponds to your MariaDB \
                                   server version for the right syntax to use near '{near}' at line {line}"
            );
            position(&message, statement)
        };
        assert_eq!(at("FORM t", 1, "SELECT 1 FORM t"), Some(10));
        assert_eq!(at("x'y' it", 2, "SELECT 'é',\n x'y' it"), Some(14));
        assert_eq!(at("", 1, "CREATE TABLE "), Some(13));
        assert_eq!(at("t", 2, "SELECT\n 'it' FORM t"), Some(19), "the end where all is quoted");
        let (long, twice) = ("x".repeat(80), "x".repeat(80) + " ");
        assert_eq!(at(&long, 1, &format!("SELECT 1 {long} y")), Some(10));
        assert_eq!(at(&long, 1, &twice.repeat(2)), None, "two places");
        assert_eq!(at("b", 1, "SELECT a,\nb"), None, "another line");
        assert_eq!(at("b", 2, "SELECT b,\nb"), Some(11));
        assert_eq!(position("Table 't' already exists", "CREATE TABLE t (a int)"), None);
    }
}
