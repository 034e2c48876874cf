//! What a migration format is, and the list of those that are known.

use std::path::Path;

use super::alembic::{Alembic, FlaskMigrate};
use super::atlas::Atlas;
use super::command::Command;
use super::dbmate::Dbmate;
use super::diesel::Diesel;
use super::django::Django;
use super::drizzle::Drizzle;
use super::flyway::Flyway;
use super::golang_migrate::GolangMigrate;
use super::goose::Goose;
use super::liquibase_sql::LiquibaseSql;
use super::popx::Popx;
use super::prisma::Prisma;
use super::refinery::Refinery;
use super::sqlx::Sqlx;
use super::updown::UpDown;
use super::{EngineKind, History, HistoryError, Listing, ToolKind};
use crate::evidence::{Closeness, Nearby};

/// All formats. To add one is to write its file and a line here.
const FORMATS: &[&dyn Format] = &[
    &Sqlx,
    &Diesel,
    &GolangMigrate,
    &Goose,
    &Dbmate,
    &Flyway,
    &Refinery,
    &Prisma,
    &Drizzle,
    &Popx,
    &Atlas,
    &LiquibaseSql,
    &Alembic,
    &FlaskMigrate,
    &Django,
    &Command,
    &UpDown,
];

/// All formats.
pub fn formats() -> &'static [&'static dyn Format] {
    FORMATS
}

/// The format with this name, if there is one.
pub fn format_named(name: &str) -> Option<&'static dyn Format> {
    formats().iter().copied().find(|format| format.name() == name)
}

/// A way to keep migrations in a folder, with the tool that runs them.
pub trait Format: Sync {
    /// The name in the configuration: `golang-migrate`.
    fn name(&self) -> &'static str;

    /// The names that it reads, for error messages.
    fn looked_for(&self) -> &'static str;

    /// Whether this folder may be of this format, and how much speaks for it. Of scripts at most the
    /// heads of the first few are read.
    fn recognise(&self, listing: &Listing, nearby: &Nearby) -> Option<Evidence>;

    /// Whether the folder itself says that it is this tool's: by a comment that only this tool reads in its first scripts, or by
    /// a file that only this tool writes. Formats that go by names alone yield to it.
    fn is_marked(&self, listing: &Listing) -> bool {
        let _ = listing;
        false
    }

    /// The history, as the real tool would run it on `engine`. A history without migrations is no error here.
    ///
    /// # Errors
    /// A script that cannot be read, or a name at which the real tool itself stops.
    fn read(&self, listing: &Listing, engine: EngineKind) -> Result<History, HistoryError>;

    /// What the real tool does besides running the scripts.
    fn conduct(&self, engine: EngineKind) -> Conduct;

    /// The same for the migrations in `folder`, where the project's own files say it: the name of the table, a schema.
    fn conduct_in(&self, _folder: &Path, engine: EngineKind) -> Conduct {
        self.conduct(engine)
    }

    /// The project's own tool, where it runs the migrations: they are code. It makes its table itself.
    fn runs_itself(&self) -> Option<ToolKind> {
        None
    }
}

impl std::fmt::Debug for dyn Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// What speaks for a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// How many scripts have a name that it reads.
    pub scripts: usize,
    /// How near the nearest project file is that speaks for its tool.
    pub project: Option<Closeness>,
    /// Whether its tool defines the names. A format that takes any name yields to one that demands some.
    pub specific: bool,
}

/// What the real tool does besides running the scripts, on one engine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conduct {
    /// Statements that give a session what the tool's own connection has. Only what the tool sets is listed: a setting that
    /// is not here is the server's.
    pub session: Vec<String>,
    /// Statements that make the tool's own table, as the tool writes them; they run before the first step.
    pub bookkeeping_setup: Vec<String>,
    /// The tables that these make, or the tool itself, `schema.name` or `name`: left out of every comparison.
    pub bookkeeping: Vec<String>,
}

impl Conduct {
    /// A conduct from what a format's file spells out.
    pub(super) fn new(session: &[&str], setup: &[&str], bookkeeping: &[&str]) -> Self {
        let owned = |list: &[&str]| list.iter().map(|item| (*item).to_owned()).collect();
        Self { session: owned(session), bookkeeping_setup: owned(setup), bookkeeping: owned(bookkeeping) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_found_by_its_name() {
        for format in formats() {
            assert_eq!(format_named(format.name()).map(Format::name), Some(format.name()));
            assert!(!format.looked_for().is_empty());
        }
        assert!(format_named("SQLX").is_none());
    }

    #[test]
    fn every_table_that_a_tool_makes_is_left_out_of_comparisons() {
        use EngineKind::{Mariadb, Mysql, Postgres, Sqlite};
        for format in formats() {
            for engine in [Postgres, Mysql, Mariadb, Sqlite] {
                let conduct = format.conduct(engine);
                if format.runs_itself().is_some() {
                    // Which tool is behind a command line the configuration says.
                    assert_eq!(conduct.bookkeeping.is_empty(), format.name() == "command");
                    assert!(conduct.bookkeeping_setup.is_empty());
                    continue;
                }
                for table in &conduct.bookkeeping {
                    assert!(conduct.bookkeeping_setup.iter().any(|setup| setup.contains(table.as_str())));
                }
                assert_eq!(conduct.bookkeeping.is_empty(), conduct.bookkeeping_setup.is_empty());
            }
        }
    }
}
