//! Which databases a dump holds: `pg_dump --create` makes one and connects to it, `pg_dumpall` does so for each.

use std::path::Path;

use super::psql::{Command, command};
use super::reader::{Piece, Reader};
use super::{DumpError, names};
use crate::engine::mysql::dumped::{OfDump, of_dump};
use crate::engine::mysql::split::Rules;
use crate::history::EngineKind;

/// The databases that a dump is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sections {
    /// Those that it makes.
    pub made: Vec<String>,
    /// Those that it connects to, in order.
    pub connected: Vec<String>,
    /// Whether it makes roles, as `pg_dumpall` does.
    pub makes_roles: bool,
}

impl Sections {
    /// Whether the dump is about a database of this name.
    pub fn holds(&self, name: &str) -> bool {
        self.made.iter().chain(&self.connected).any(|known| known == name)
    }

    /// The database to look at: the one that is `asked` for, else the only one; `None` where the dump knows of none.
    ///
    /// # Errors
    /// There are several, or none of that name; as a predicate.
    pub fn choose(&self, asked: Option<&str>) -> Result<Option<String>, String> {
        let mut known: Vec<&String> = self.made.iter().chain(&self.connected).collect();
        known.sort();
        known.dedup();
        let list = |names: &[&String]| names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
        if let Some(asked) = asked {
            return match known.iter().find(|name| **name == asked) {
                Some(name) => Ok(Some((*name).clone())),
                None if known.is_empty() => {
                    Err("names no database at all, so that --dump-database has nothing to choose; leave it out"
                        .to_owned())
                }
                None => Err(format!("holds no database {asked}; it holds {}", list(&known))),
            };
        }
        let others: Vec<&String> = known.iter().copied().filter(|name| *name != "template1").collect();
        let candidates: Vec<&String> = if self.made.is_empty() { others } else { self.made.iter().collect() };
        match candidates.as_slice() {
            [] => Ok(known.first().map(|name| (*name).clone())),
            [one] => Ok(Some((*one).clone())),
            several => Err(format!("holds several databases; choose one with --dump-database: {}", list(several))),
        }
    }
}

/// Looks through a dump for the databases that it holds.
///
/// # Errors
/// When it cannot be read or cut into statements.
pub async fn sections(file: &Path, engine: EngineKind) -> Result<Sections, DumpError> {
    match engine {
        EngineKind::Mysql | EngineKind::Mariadb => of_mysql(file, engine).await,
        EngineKind::Postgres => of_postgres(file).await,
        EngineKind::Sqlite => Ok(Sections::default()),
    }
}

/// `mysqldump --databases` makes each database and uses it.
async fn of_mysql(file: &Path, engine: EngineKind) -> Result<Sections, DumpError> {
    let mut reader = Reader::open(file, engine)?;
    let mut sections = Sections::default();
    while let Some(piece) = reader.next().await? {
        if let Piece::Statement { text, .. } = piece {
            match of_dump(&text, Rules::newest(engine)) {
                OfDump::Uses(name) => sections.connected.push(name),
                OfDump::Makes(name, _) => sections.made.push(name),
                OfDump::OfServer | OfDump::Other => {}
            }
        }
    }
    sections.made.dedup();
    Ok(sections)
}

async fn of_postgres(file: &Path) -> Result<Sections, DumpError> {
    let mut reader = Reader::open(file, EngineKind::Postgres)?;
    let mut sections = Sections::default();
    while let Some(piece) = reader.next().await? {
        match piece {
            Piece::Statement { text, statement } => {
                sections.makes_roles |= statement.lead.starts_with("CREATE ROLE");
                if statement.lead.starts_with("CREATE DATABASE") {
                    sections.made.extend(names::third(&text));
                }
            }
            Piece::Command { text, .. } => {
                if let Command::Connect(name) = command(&text) {
                    sections.connected.push(name);
                }
            }
        }
    }
    sections.made.dedup();
    Ok(sections)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(made: &[&str], connected: &[&str]) -> Sections {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Sections { made: owned(made), connected: owned(connected), makes_roles: false }
    }

    #[test]
    fn the_only_database_is_chosen() {
        let chosen = |sections: Sections, asked| sections.choose(asked);
        assert_eq!(chosen(of(&[], &[]), None), Ok(None));
        assert_eq!(chosen(of(&["app"], &["app"]), None), Ok(Some("app".to_owned())));
        assert_eq!(chosen(of(&["app"], &["template1", "app", "postgres"]), None), Ok(Some("app".to_owned())));
        assert_eq!(chosen(of(&[], &["template1", "postgres"]), None), Ok(Some("postgres".to_owned())));
        assert_eq!(chosen(of(&["app"], &["app", "postgres"]), Some("postgres")), Ok(Some("postgres".to_owned())));
        let several = chosen(of(&["app", "shop"], &["app", "shop"]), None).unwrap_err();
        assert_eq!(several, "holds several databases; choose one with --dump-database: app, shop");
        assert!(chosen(of(&["app"], &["app"]), Some("shop")).unwrap_err().contains("it holds app"));
        assert!(chosen(of(&[], &[]), Some("shop")).unwrap_err().contains("leave it out"));
    }
}
