//! Loading a dump of MySQL or MariaDB as the mysql client would, without it.

use super::load::{Dump, Failure, Loaded, once, refused};
use super::reader::{Piece, Reader};
use super::{DumpError, Sections};
use crate::engine::mysql::Mysql;
use crate::engine::mysql::dumped::{OfDump, of_dump};
use crate::engine::mysql::split::Rules;
use crate::engine::{Engine as _, Refusal, SessionSpec, Statement};
use crate::history::EngineKind;

/// What dumps of rows are made of, which a schema does not need.
const ROWS: [&str; 2] = ["INSERT", "REPLACE"];

/// What outlives a database, as the first words of statements about it.
const OF_SERVER: [&str; 13] = [
    "CREATE USER",
    "ALTER USER",
    "DROP USER",
    "CREATE ROLE",
    "DROP ROLE",
    "GRANT",
    "REVOKE",
    "CREATE SERVER",
    "CREATE TABLESPACE",
    "CREATE LOGFILE",
    "INSTALL",
    "UNINSTALL",
    "SET GLOBAL",
];

/// Numbers of refusals for want of a privilege: `ER_DBACCESS_DENIED_ERROR`, `ER_SPECIFIC_ACCESS_DENIED_ERROR`,
/// `ER_TABLEACCESS_DENIED_ERROR`.
const NOT_ALLOWED: [&str; 3] = ["1044", "1227", "1142"];

/// Loads a dump into the empty database of `engine`. `chosen` is the database of the dump that it is about, where the dump
/// names any: what is about others is passed over. Rows are passed over too.
///
/// # Errors
/// A statement that is refused or takes too long, a command of the client that is not done here, a file that is cut off or
/// cannot be read.
pub async fn load_mysql(
    engine: &mut Mysql,
    dump: Dump<'_>,
    sections: &Sections,
    chosen: Option<&str>,
) -> Result<Loaded, DumpError> {
    let product = if engine.flavour().is_mariadb() { EngineKind::Mariadb } else { EngineKind::Mysql };
    let rules = Rules::of(engine.flavour());
    let mut reader = Reader::open(dump.file, product)?;
    let mut section: Option<String> = None;
    let server = |error: crate::engine::EngineError| DumpError::Server(error.to_string());
    engine.open_session(&SessionSpec::default()).await.map_err(server)?;
    while let Some(piece) = reader.next().await? {
        let Piece::Statement { mut text, mut statement } = piece else { continue };
        match of_dump(&text, rules) {
            OfDump::Uses(name) => {
                section = Some(name);
                continue;
            }
            OfDump::Makes(name, Some(instead)) if chosen == Some(&name) => {
                // The present database takes the place of the one that the dump makes.
                statement = Statement { span: 0..instead.len(), ..statement };
                text = instead;
            }
            OfDump::Makes(..) | OfDump::OfServer => continue,
            OfDump::Other => {
                let elsewhere = section.as_deref().is_some_and(|section| Some(section) != chosen);
                let first = statement.lead.split(' ').next().unwrap_or_default();
                if elsewhere || ROWS.contains(&first) {
                    continue;
                }
                is_harmless(&reader, &statement, engine)?;
            }
        }
        match once(engine, &text, &statement, dump.timeout).await {
            Ok(()) => {}
            Err(Failure::Refused(refusal)) => {
                return Err(refused(&reader, &text, &statement, &refusal, remedy(&refusal, engine)));
            }
            Err(Failure::Other(message)) => return Err(reader.error(statement.line, message)),
        }
    }
    engine.check_cluster().await.map_err(server)?;
    let mut loaded = Loaded::default();
    let tail = String::from_utf8_lossy(reader.tail());
    if dump.origin.says_complete && !tail.contains("-- Dump completed") {
        loaded.notes.push("the dump does not say at its end that it is complete; it may be cut off".to_owned());
    }
    loaded.tells_database = chosen.is_some_and(|name| sections.made.iter().any(|made| made == name));
    Ok(loaded)
}

/// Refuses what a schema does not need and a machine that reads one does not expect.
fn is_harmless(reader: &Reader, statement: &Statement, engine: &Mysql) -> Result<(), DumpError> {
    let lead = statement.lead.as_str();
    if lead.starts_with("LOAD") {
        let message = "LOAD reads a file, which is not done while a dump is loaded; remove it, a schema needs no rows";
        return Err(reader.error(statement.line, message));
    }
    if OF_SERVER.iter().any(|words| lead.starts_with(words)) && !engine.may_change_cluster() {
        let message = format!(
            "{lead} makes or changes what outlives a database, and this server is not Rollproof's own; leave --url out, or \
             pass --allow-cluster-objects"
        );
        return Err(reader.error(statement.line, message));
    }
    Ok(())
}

fn remedy(refusal: &Refusal, engine: &Mysql) -> &'static str {
    let lacks_right = refusal.code.as_deref().is_some_and(|code| NOT_ALLOWED.contains(&code));
    if lacks_right && !engine.may_change_cluster() {
        "; dumps name a DEFINER, which only a privileged user may set: leave --url out, and the dump is loaded on a server \
         of Rollproof's own"
    } else {
        ""
    }
}
