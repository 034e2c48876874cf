//! The versioned migrations of Atlas: `atlas migrate apply`.
//!
//! The facts are those of Atlas 1.2, community edition (`sql/migrate/dir.go`, `lex.go`, `migrate.go`,
//! `cmd/atlas/internal/cmdapi/migrate.go`, `cmd/atlas/internal/migrate`, the drivers in `sql/`):
//! - Every file that ends in `.sql` is a migration; they run in the order of the bytes of their names. The version is what
//!   precedes the first `_`. Other files and folders are passed over.
//! - `atlas.sum` holds a hash of every file and of all together; where it is missing or wrong the tool refuses to do
//!   anything ([`sum`]).
//! - The tool cuts scripts itself ([`statements`]) and sends one statement after another.
//! - Each file runs in a transaction of its own, unless its directives say `-- atlas:txmode none`. `all` is for the command's
//!   flag and refused in a file. Directives are the comments at the beginning, up to an empty line.
//! - `-- atlas:checkpoint` marks a file that stands for all before it: a new database begins with the last one, others pass over
//!   all of them. Databases here are new.
//! - There are no downs: the tool plans them, which takes its own service.
//! - The table is in a schema of its own on PostgreSQL, as long as the URL names none, else beside the others. Its columns are
//!   those of `ent/migrate/schema.go`, in the types that ent gives them.
//! - PostgreSQL is reached by lib/pq, MySQL and MariaDB by go-sql-driver, SQLite by mattn/go-sqlite3, whose foreign keys are off.
//!
//! Atlas also reads the folders of golang-migrate, goose, dbmate, Flyway and Liquibase; those are read as what they are.

mod statements;
mod sum;

use super::section::section;
use super::{
    Conduct, Cutting, EngineKind, Entry, Evidence, Format, History, HistoryError, Kind, Listing, Migration,
    TransactionMode, Unmatched, formats,
};
use crate::evidence::Nearby;

/// The format.
pub(super) struct Atlas;

const NAME: &str = "atlas";

/// The file with the hashes.
const SUM: &str = "atlas.sum";

impl Format for Atlas {
    fn name(&self) -> &'static str {
        NAME
    }

    fn looked_for(&self) -> &'static str {
        "<version>_<name>.sql beside atlas.sum"
    }

    fn recognise(&self, listing: &Listing, nearby: &Nearby) -> Option<Evidence> {
        let scripts = scripts(listing).count();
        let project = nearby.nearest(|folder| folder.has("atlas.hcl").then_some(false));
        (scripts > 0 && self.is_marked(listing)).then_some(Evidence { scripts, project, specific: true })
    }

    fn is_marked(&self, listing: &Listing) -> bool {
        // The tool keeps its sum beside the files of other tools too.
        let of_others = |name: &str| {
            let versioned = name.strip_prefix(['V', 'U', 'R']).is_some_and(|rest| rest.contains("__"));
            versioned || name.ends_with(".up.sql") || name.ends_with(".down.sql")
        };
        listing.files().any(|entry| entry.name == SUM)
            && !listing.files().any(|entry| of_others(&entry.name))
            && !formats().iter().any(|format| format.name() != NAME && format.is_marked(listing))
    }

    fn read(&self, listing: &Listing, engine: EngineKind) -> Result<History, HistoryError> {
        sum::verify(listing)?;
        let files: Vec<_> = scripts(listing).map(|entry| Ok((entry, entry.text()?))).collect::<Result<_, _>>()?;
        let is_checkpoint = |text: &str| !directives(text, "checkpoint").is_empty();
        let begins_at = files.iter().rposition(|(_, text)| is_checkpoint(text));
        let mut migrations = Vec::with_capacity(files.len());
        for (index, (entry, text)) in files.iter().enumerate() {
            let id = entry.name.strip_suffix(".sql").unwrap_or(&entry.name);
            let version = id.split('_').next().unwrap_or(id);
            let (transaction, refused) = match transaction(text) {
                Ok(transaction) => (transaction, None),
                Err(why) => (TransactionMode::Wrapped, Some(why)),
            };
            let cutting = match refused {
                Some(why) => {
                    Cutting::Refused { span: 0..first_line(text), message: format!("atlas stops at this file: {why}") }
                }
                None => statements::cut(text, engine),
            };
            // lib/pq stops where a script has ended the transaction that it is to commit.
            let transaction = match (transaction, engine) {
                (TransactionMode::Wrapped, EngineKind::Postgres) => TransactionMode::WrappedOnce,
                (transaction, _) => transaction,
            };
            let up = section(entry, text, 0..text.len(), transaction, cutting);
            let skip = begins_at
                .filter(|at| index < *at)
                .map(|at| format!("a new database begins with the checkpoint {}", files[at].0.name));
            migrations.push(Migration { skip, ..Migration::new(id.to_owned(), version.to_owned(), up, None) });
        }
        let strangers = listing.entries.iter().filter(|entry| !entry.is_harmless() && !is_script(entry));
        let unmatched = strangers.filter(|entry| entry.name != "atlas.hcl").map(|entry| {
            let reason = match entry.kind {
                Kind::File => "its name does not end in .sql",
                Kind::Folder(_) => "it is a folder, and atlas does not look into folders",
                Kind::Other => "it is neither a file nor a folder",
            };
            Unmatched { path: entry.shown.clone(), reason: reason.to_owned() }
        });
        Ok(History::in_a_row(NAME, listing.shown.clone(), migrations, unmatched.collect()))
    }

    fn conduct(&self, engine: EngineKind) -> Conduct {
        match engine {
            EngineKind::Postgres => Conduct::new(
                &["SET client_encoding = 'UTF8'", "SET DateStyle = 'ISO, MDY'"],
                &[
                    "CREATE SCHEMA IF NOT EXISTS atlas_schema_revisions",
                    "CREATE TABLE IF NOT EXISTS atlas_schema_revisions.atlas_schema_revisions (\n    \
                     version character varying NOT NULL,\n    description character varying NOT NULL,\n    \
                     type bigint NOT NULL DEFAULT 2,\n    applied bigint NOT NULL DEFAULT 0,\n    \
                     total bigint NOT NULL DEFAULT 0,\n    executed_at timestamptz NOT NULL,\n    \
                     execution_time bigint NOT NULL,\n    error text NULL,\n    error_stmt text NULL,\n    \
                     hash character varying NOT NULL,\n    partial_hashes jsonb NULL,\n    \
                     operator_version character varying NOT NULL,\n    PRIMARY KEY (version)\n)",
                ],
                &["atlas_schema_revisions.atlas_schema_revisions"],
            ),
            EngineKind::Mysql | EngineKind::Mariadb => Conduct::new(
                &["SET NAMES utf8mb4 COLLATE utf8mb4_general_ci"],
                &["CREATE TABLE IF NOT EXISTS atlas_schema_revisions (\n    version varchar(255) NOT NULL,\n    \
                   description varchar(255) NOT NULL,\n    type bigint unsigned NOT NULL DEFAULT 2,\n    \
                   applied bigint NOT NULL DEFAULT 0,\n    total bigint NOT NULL DEFAULT 0,\n    \
                   executed_at timestamp NOT NULL,\n    execution_time bigint NOT NULL,\n    error longtext NULL,\n    \
                   error_stmt longtext NULL,\n    hash varchar(255) NOT NULL,\n    partial_hashes json NULL,\n    \
                   operator_version varchar(255) NOT NULL,\n    PRIMARY KEY (version)\n) \
                   CHARSET utf8mb4 COLLATE utf8mb4_bin"],
                &["atlas_schema_revisions"],
            ),
            EngineKind::Sqlite => Conduct::new(
                &["PRAGMA foreign_keys = OFF"],
                &["CREATE TABLE IF NOT EXISTS atlas_schema_revisions (\n    version text NOT NULL,\n    \
                   description text NOT NULL,\n    type integer NOT NULL DEFAULT 2,\n    \
                   applied integer NOT NULL DEFAULT 0,\n    total integer NOT NULL DEFAULT 0,\n    \
                   executed_at datetime NOT NULL,\n    execution_time integer NOT NULL,\n    error text NULL,\n    \
                   error_stmt text NULL,\n    hash text NOT NULL,\n    partial_hashes json NULL,\n    \
                   operator_version text NOT NULL,\n    PRIMARY KEY (version)\n)"],
                &["atlas_schema_revisions"],
            ),
        }
    }
}

fn is_script(entry: &Entry) -> bool {
    matches!(entry.kind, Kind::File) && entry.name.ends_with(".sql")
}

/// The files that the tool runs and hashes, in their order. A listing is in the order of the bytes of the names.
fn scripts(listing: &Listing) -> impl Iterator<Item = &Entry> {
    listing.entries.iter().filter(|entry| is_script(entry))
}

fn first_line(text: &str) -> usize {
    text.lines().next().unwrap_or_default().len()
}

/// What follows `atlas:<name>` in a line, whatever stands before it.
fn directive<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let (before, rest) = line.rsplit_once("atlas:")?;
    let rest = rest.strip_prefix(name)?;
    let printable = before.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let ends = rest.chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '_');
    (printable && ends).then(|| if rest.starts_with(' ') { rest.trim_start_matches(' ') } else { "" })
}

/// The values of the directives of this name at the beginning of a file: in its first comments, which an empty line or the
/// end of the file separates from the rest.
fn directives<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    let (mut rest, mut found) = (text, Vec::new());
    while rest.starts_with('#') || rest.starts_with("--") {
        let (line, behind) = rest.split_once('\n').unwrap_or((rest, ""));
        found.extend(directive(line.trim(), name));
        rest = behind;
    }
    let separated = rest.is_empty() || rest.trim_start_matches([' ', '\t']).starts_with('\n');
    if separated { found } else { Vec::new() }
}

/// How the tool wraps a file, or why it does not take what the file says.
fn transaction(text: &str) -> Result<TransactionMode, &'static str> {
    match directives(text, "txmode").as_slice() {
        [] | ["file"] => Ok(TransactionMode::Wrapped),
        ["none"] => Ok(TransactionMode::Autocommit),
        ["all"] => Err("`-- atlas:txmode all` cannot stand in a file; use `file`, or --tx-mode all for the command"),
        [_] => Err("`-- atlas:txmode` is `none` or `file`"),
        _ => Err("`-- atlas:txmode` stands in it more than once"),
    }
}

#[cfg(test)]
mod tests {
    use crate::history::sandbox::{Sandbox, outline};

    use super::*;

    fn read(files: &[(&str, &str)]) -> History {
        let folder = Sandbox::empty();
        for (file, text) in files {
            folder.write(&format!("migrations/{file}"), text);
        }
        folder.write("migrations/atlas.sum", sum::of(&folder.listing()).unwrap());
        Atlas.read(&folder.listing(), EngineKind::Postgres).unwrap()
    }

    #[test]
    fn every_sql_file_is_a_migration_and_names_order_as_text() {
        let history = read(&[
            ("9_b.sql", "SELECT 1;"),
            ("10_a.sql", "SELECT 1;"),
            ("20260101090000.sql", "SELECT 1;"),
            ("seed.sql", "SELECT 1;"),
            ("3_two words.sql.sql", "SELECT 1;"),
            ("notes.csv", ""),
            ("old/1_a.sql", ""),
            ("atlas.hcl", ""),
        ]);
        let expected = [
            "10_a = 10 up",
            "20260101090000 = 20260101090000 up",
            "3_two words.sql = 3 up",
            "9_b = 9 up",
            "seed = seed up",
            "notes.csv: its name does not end in .sql",
            "old: it is a folder, and atlas does not look into folders",
            "one way",
        ];
        assert_eq!(outline(&history), expected);
    }

    #[test]
    fn directives_decide_about_the_transaction() {
        let cases = [
            ("SELECT 1;", Ok(TransactionMode::Wrapped)),
            ("-- atlas:txmode none\n\nSELECT 1;", Ok(TransactionMode::Autocommit)),
            ("-- about\n-- atlas:txmode file\r\n\nSELECT 1;", Ok(TransactionMode::Wrapped)),
            // Not separated by an empty line it is a comment of the statement.
            ("-- atlas:txmode none\nSELECT 1;", Ok(TransactionMode::Wrapped)),
            ("-- atlas:txmode none", Ok(TransactionMode::Autocommit)),
            ("-- atlas:txmode all\n\nSELECT 1;", Err("`-- atlas:txmode all` cannot")),
            ("-- atlas:txmode some\n\nSELECT 1;", Err("`-- atlas:txmode` is")),
            ("-- atlas:txmode none\n-- atlas:txmode none\n\n", Err("`-- atlas:txmode` stands")),
        ];
        for (text, expected) in cases {
            match (transaction(text), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{text}"),
                (Err(found), Err(expected)) => assert!(found.starts_with(expected), "{found}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
    }

    #[test]
    fn a_new_database_begins_with_the_last_checkpoint() {
        let point = "-- atlas:checkpoint\n\nCREATE TABLE a (id int);";
        let history = read(&[("1.sql", "SELECT 1;"), ("2.sql", point), ("3.sql", point), ("4.sql", "SELECT 1;")]);
        let skips: Vec<_> = history.migrations.iter().map(|migration| migration.skip.as_deref()).collect();
        let reason = Some("a new database begins with the checkpoint 3.sql");
        assert_eq!(skips, [reason, reason, None, None]);
    }

    #[test]
    fn the_sum_marks_the_folder_unless_the_files_are_those_of_another_tool() {
        let marked = |files: &[(&str, &str)]| {
            let folder = Sandbox::with(&["atlas.sum"]);
            files.iter().for_each(|(file, text)| folder.write(&format!("migrations/{file}"), text));
            Atlas.recognise(&folder.listing(), &Nearby::default()).is_some()
        };
        assert!(marked(&[("1_a.sql", "SELECT 1;")]));
        assert!(!marked(&[("1_a.up.sql", "SELECT 1;"), ("1_a.down.sql", "SELECT 1;")]));
        assert!(!marked(&[("1_a.sql", "-- +goose Up\n")]));
        assert!(!marked(&[("1_a.sql", "-- migrate:up\n")]));
        assert!(!marked(&[("V1__a.sql", "SELECT 1;")]));
        assert!(!marked(&[]));
    }
}
