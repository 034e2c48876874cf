//! Loading a dump of PostgreSQL as psql would, without psql.

use super::load::{Dump, Failure, Loaded, Transaction, once, refused};
use super::psql::{Command, command};
use super::reader::{Piece, Reader};
use super::{DumpError, Sections, names};
use crate::engine::postgres::Postgres;
use crate::engine::{Engine as _, EngineError, Refusal, SessionSpec, Statement};
use crate::history::EngineKind;

/// How often one statement is mended: once for each role that it names.
const MOST_MENDINGS: usize = 1000;

/// Makes errors speak one language, so that the names in them are found.
const SESSION: &str = "SET lc_messages = 'C'";

/// Within a transaction a session remembers that a role was not there. To lock an object, as a comment does, makes it hear
/// of what others have committed since.
const LOOK_AGAIN: &str = "SAVEPOINT rollproof_look; COMMENT ON SCHEMA pg_catalog IS NULL; \
                          ROLLBACK TO SAVEPOINT rollproof_look; RELEASE SAVEPOINT rollproof_look";

/// Loads a dump into the empty database of `engine`. `chosen` is the database of the dump that it is about; a dump that
/// makes it makes it on the server, in the place of the empty one.
///
/// # Errors
/// A statement that is refused or takes too long, a command of psql that is not done here, a file that is cut off or cannot
/// be read.
pub async fn load_postgres(
    engine: &mut Postgres,
    dump: Dump<'_>,
    sections: &Sections,
    chosen: Option<&str>,
) -> Result<Loaded, DumpError> {
    let has_its_own = !sections.made.is_empty() || !sections.connected.is_empty();
    if has_its_own && !engine.is_owned() {
        let reason = "makes databases or connects to them, which is not done on a server that is not Rollproof's own; dump \
                      without --create, or leave --url out";
        return Err(DumpError::Whole { file: dump.file.to_owned(), reason: reason.to_owned() });
    }
    let reader = Reader::open(dump.file, EngineKind::Postgres)?;
    let mut loader = Loader {
        engine,
        dump,
        sections,
        chosen,
        reader,
        section: None,
        connects: 0,
        transaction: Transaction::default(),
        roles: Vec::new(),
        notes: Vec::new(),
    };
    loader.whole().await?;
    let Loader { reader, transaction, roles, mut notes, .. } = loader;
    transaction.is_over(&reader)?;
    let tail = String::from_utf8_lossy(reader.tail());
    if dump.origin.says_complete && !tail.contains("database dump complete") && !tail.contains("cluster dump complete")
    {
        notes.push("the dump does not say at its end that it is complete; it may be cut off".to_owned());
    }
    if !roles.is_empty() {
        notes.push(format!("roles that the dump names and does not make were made for it: {}", roles.join(", ")));
    }
    let tells_database = chosen.is_some_and(|name| sections.made.iter().any(|made| made == name));
    Ok(Loaded { notes, tells_database })
}

struct Loader<'l> {
    engine: &'l mut Postgres,
    dump: Dump<'l>,
    sections: &'l Sections,
    chosen: Option<&'l str>,
    reader: Reader,
    /// The database that the dump is connected to, once it says so.
    section: Option<String>,
    connects: usize,
    transaction: Transaction,
    roles: Vec<String>,
    notes: Vec<String>,
}

/// What becomes of a statement that was refused.
enum Mended {
    /// It is to be tried again.
    Again,
    /// It is done, or not needed.
    Done,
    /// It is not mended; what to do, as the end of a sentence.
    Not(&'static str),
}

impl Loader<'_> {
    async fn whole(&mut self) -> Result<(), DumpError> {
        self.new_session().await?;
        while let Some(piece) = self.reader.next().await? {
            match piece {
                Piece::Statement { text, statement } if self.is_wanted(&text, &statement) => {
                    self.execute(&text, &statement).await?;
                    self.transaction.after(&statement);
                }
                Piece::Statement { .. } => {}
                Piece::Command { text, line, open } => self.command(&text, line, open).await?,
            }
        }
        Ok(())
    }

    async fn new_session(&mut self) -> Result<(), DumpError> {
        self.engine.open_session(&SessionSpec::default()).await.map_err(|error| server(&error))?;
        // Who may not set it gets errors in the server's language, and roles are not made for him anyway.
        if self.engine.is_owned() {
            self.own(SESSION).await?;
        }
        Ok(())
    }

    /// Runs a statement of our own in the session.
    async fn own(&mut self, sql: &str) -> Result<(), DumpError> {
        let statement = Statement { span: 0..sql.len(), line: 1, lead: sql.to_owned(), copy: None };
        self.engine.execute(sql, &statement).await.map_err(|error| server(&error))
    }

    async fn command(&mut self, text: &str, line: usize, open: Option<usize>) -> Result<(), DumpError> {
        let command = command(text);
        if let (Some(open), false) = (open, matches!(command, Command::Refused(_))) {
            return Err(self.reader.error(line, format!("the statement of line {open} has no semicolon before this")));
        }
        match command {
            Command::Nothing => Ok(()),
            Command::Refused(message) => Err(self.reader.error(line, message)),
            Command::Encoding(name) => {
                let sql = format!("SET client_encoding = '{}'", name.replace('\'', "''"));
                self.own(&sql).await.map_err(|error| self.reader.error(line, error.to_string()))
            }
            Command::Connect(name) => {
                let is_chosen = self.chosen == Some(name.as_str());
                if is_chosen && self.sections.made.contains(&name) {
                    self.engine.adopt(&name).await.map_err(|error| self.reader.error(line, error.to_string()))?;
                }
                self.section = Some(name);
                self.connects += 1;
                self.new_session().await
            }
        }
    }

    /// Whether a statement is about the database that was chosen, or about the whole cluster.
    fn is_wanted(&self, text: &str, statement: &Statement) -> bool {
        let lead = statement.lead.as_str();
        if ["CREATE DATABASE", "ALTER DATABASE", "DROP DATABASE"].iter().any(|words| lead.starts_with(words)) {
            // Nothing is there yet that could be dropped.
            return !lead.starts_with("DROP") && names::third(text).as_deref() == self.chosen;
        }
        let about_role = ["CREATE ROLE", "ALTER ROLE", "DROP ROLE", "CREATE USER", "ALTER USER", "DROP USER"];
        if about_role.iter().any(|words| lead.starts_with(words))
            && !lead.contains("USER MAPPING")
            && names::third(text).as_deref() == Some(self.engine.user())
        {
            // The superuser by whom we are connected stays as it is: with another password we would be locked out.
            return false;
        }
        let (Some(section), Some(chosen)) = (&self.section, self.chosen) else { return true };
        // The first part of what pg_dumpall writes makes roles and tablespaces, connected to a maintenance database.
        let of_the_cluster = self.connects == 1 && !self.sections.made.contains(section) && self.sections.makes_roles;
        section == chosen || of_the_cluster
    }

    /// Refuses what a schema does not need and a machine that reads one does not expect.
    fn is_harmless(&self, statement: &Statement) -> Result<(), DumpError> {
        let lead = statement.lead.as_str();
        if lead.starts_with("COPY") && statement.copy.is_none() {
            let message =
                "COPY from or to a file or a program is not done while a dump is loaded; COPY ... FROM stdin is";
            return Err(self.reader.error(statement.line, message.to_owned()));
        }
        let outlives = [" DATABASE", " ROLE", " USER", " GROUP", " TABLESPACE", " SYSTEM"];
        let words = ["CREATE", "ALTER", "DROP"];
        let of_cluster = words
            .iter()
            .any(|verb| lead.strip_prefix(verb).is_some_and(|rest| outlives.iter().any(|noun| rest.starts_with(noun))));
        if of_cluster && !lead.contains("USER MAPPING") && !self.engine.may_change_cluster() {
            let message = format!(
                "{lead} makes or changes what outlives a database, and this server is not Rollproof's own; leave --url \
                 out, or pass --allow-cluster-objects"
            );
            return Err(self.reader.error(statement.line, message));
        }
        Ok(())
    }

    async fn execute(&mut self, text: &str, statement: &Statement) -> Result<(), DumpError> {
        self.is_harmless(statement)?;
        for _ in 0..MOST_MENDINGS {
            let guarded = self.transaction.open && !statement.controls_transaction();
            if guarded {
                self.own("SAVEPOINT rollproof_dump").await?;
            }
            let done = once(self.engine, text, statement, self.dump.timeout).await;
            if guarded && !matches!(done, Err(Failure::Other(_))) {
                let back = if done.is_err() { "ROLLBACK TO SAVEPOINT rollproof_dump; " } else { "" };
                self.own(&format!("{back}RELEASE SAVEPOINT rollproof_dump")).await?;
            }
            let refusal = match done {
                // On somebody else's server whatever else reaches out of the database is noticed.
                Ok(()) if !self.engine.is_owned() && !self.transaction.open => {
                    let checked = self.engine.check_cluster().await;
                    return checked.map_err(|error| self.reader.error(statement.line, error.to_string()));
                }
                Ok(()) => return Ok(()),
                Err(Failure::Refused(refusal)) => refusal,
                Err(Failure::Other(message)) => return Err(self.reader.error(statement.line, message)),
            };
            match self.mend(text, statement, &refusal).await? {
                Mended::Again => {}
                Mended::Done => return Ok(()),
                Mended::Not(remedy) => return Err(refused(&self.reader, text, statement, &refusal, remedy)),
            }
        }
        Err(self.reader.error(statement.line, "the statement names more roles than can be made for it"))
    }

    /// Does for a refused statement what whoever restores a dump does by hand.
    async fn mend(&mut self, text: &str, statement: &Statement, refusal: &Refusal) -> Result<Mended, DumpError> {
        let lead = statement.lead.as_str();
        let said = format!("{}\n{}", refusal.message, refusal.detail.as_deref().unwrap_or_default());
        match refusal.code.as_deref() {
            Some("42704") if lead.starts_with("SET ") && said.contains("unrecognized configuration parameter") => {
                self.notes.push(format!(
                    "line {}: this server does not know a setting that a newer pg_dump makes, and it was left out: {}",
                    statement.line, refusal.message
                ));
                return Ok(Mended::Done);
            }
            // Every database has it from the start, and pg_dump writes it nevertheless where one schema is asked for.
            Some("42P06") if lead == "CREATE SCHEMA PUBLIC" => return Ok(Mended::Done),
            _ => {}
        }
        let role = names::quoted_behind(&said, "role").map(str::to_owned);
        let tablespace = names::quoted_behind(&said, "ablespace").map(str::to_owned);
        if !self.engine.is_owned() {
            return Ok(Mended::Not(match role {
                Some(_) => {
                    "; make the role on that server, dump with --no-owner and --no-privileges, or leave --url out: on a \
                     server of its own Rollproof makes roles that are missing"
                }
                None => "",
            }));
        }
        match refusal.code.as_deref() {
            Some("42710") if lead.starts_with("CREATE ROLE") || lead.starts_with("CREATE USER") => {
                return Ok(Mended::Done);
            }
            Some("58P01" | "42501" | "42P17") if lead.starts_with("CREATE TABLESPACE") => {
                if let Some(name) = names::third(text) {
                    self.make_tablespace(&name).await?;
                    return Ok(Mended::Done);
                }
            }
            // 42P04 is duplicate_database; anything else is about what the server of the dump had, such as a locale.
            Some(code) if lead.starts_with("CREATE DATABASE") && code != "42P04" => {
                if let Some(name) = names::third(text) {
                    self.on_server(&format!("CREATE DATABASE {} TEMPLATE template0", quoted(&name))).await?;
                    self.notes.push(format!(
                        "line {}: the database was made with this server's own properties: {}",
                        statement.line, refusal.message
                    ));
                    return Ok(Mended::Done);
                }
            }
            _ => {}
        }
        if let Some(role) = role.filter(|role| !self.roles.contains(role)) {
            self.on_server(&format!("CREATE ROLE {}", quoted(&role))).await?;
            self.roles.push(role);
            if self.transaction.open {
                self.own(LOOK_AGAIN).await?;
            }
            return Ok(Mended::Again);
        }
        if let Some(tablespace) = tablespace {
            self.make_tablespace(&tablespace).await?;
            return Ok(Mended::Again);
        }
        let missing = said.contains("extension control file") || said.contains("is not available");
        Ok(Mended::Not(if missing {
            "; name an image or a server that has the extension, with --image, --server-bin or --url"
        } else {
            ""
        }))
    }

    /// A tablespace within the server's own folder: that of the dump's server is not here.
    async fn make_tablespace(&mut self, name: &str) -> Result<(), DumpError> {
        self.on_server("SET allow_in_place_tablespaces = on").await?;
        self.on_server(&format!("CREATE TABLESPACE {} LOCATION ''", quoted(name))).await?;
        self.notes.push(format!("the tablespace {name} was made within the server's own folder"));
        Ok(())
    }

    async fn on_server(&mut self, sql: &str) -> Result<(), DumpError> {
        self.engine.on_server(sql).await.map_err(|error| server(&error))
    }
}

fn server(error: &EngineError) -> DumpError {
    DumpError::Server(error.to_string())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
