//! The migrations of Ory's popx: `kratos migrate sql`, and the other services that embed it.
//!
//! The facts are those of github.com/ory/x, `popx/` (`match.go`, `migration_info.go`, `migration_box.go`, `migrator.go`,
//! `migration_content.go`), and of the dialects of github.com/ory/pop v6:
//! - A name is digits, `_`, a name without a dot, a dialect or none, `.autocommit` or nothing, `.up` or `.down`, `.sql`. The
//!   tool stops at a `.sql` file of another form, and passes over one of a dialect that it does not know and whatever is no
//!   `.sql`. Folders within the folder are read too; links are not followed.
//! - Dialects are `postgres` (also `postgresql`, `pg`, `pgx`), `mysql`, `mariadb`, `sqlite3` (also `sqlite`) and `cockroach`.
//!   A file of the dialect wins over one without. `mariadb` is the dialect of DSNs that say so; Ory's own services are told
//!   `mysql://` there, so that it counts only where the folder has files of it.
//! - Versions are ordered as text, whatever their length. A version that has an up and no down for any dialect stops the tool.
//! - A script is a Go template; what `{{.Parameters.name}}` stands for is in the program, and here in `placeholders:`.
//! - It is sent in one message, within a transaction. `.autocommit` leaves the transaction away, and so does MySQL.
//! - On SQLite foreign keys are off while migrations run. The table is `schema_migration`, with two indexes.

use super::chain::chain;
use super::{
    Conduct, EngineKind, Entry, Evidence, Format, History, HistoryError, Kind, Listing, Migration, Script,
    TransactionMode, Unmatched,
};
use crate::evidence::Nearby;

/// The format.
pub(super) struct Popx;

/// What a name says.
struct Name<'a> {
    version: &'a str,
    title: &'a str,
    dialect: Option<&'a str>,
    autocommit: bool,
    up: bool,
}

/// A script with its name.
struct Found<'a> {
    name: Name<'a>,
    entry: &'a Entry,
}

const TABLE: &str = "schema_migration";

/// The dialects that the tool knows, by their one name each.
const DIALECTS: [&str; 5] = ["postgres", "mysql", "mariadb", "sqlite3", "cockroach"];

impl Format for Popx {
    fn name(&self) -> &'static str {
        "popx"
    }

    fn looked_for(&self) -> &'static str {
        "<version>_<name>[.<dialect>][.autocommit].up.sql and .down.sql"
    }

    fn recognise(&self, listing: &Listing, nearby: &Nearby) -> Option<Evidence> {
        let names: Vec<Name<'_>> = listing.files().filter_map(|entry| name(&entry.name)).collect();
        // No other tool that reads such pairs knows dialects: there each would be one more script of the same version.
        let says_so =
            |name: &Name<'_>| name.autocommit || name.dialect.is_some_and(|dialect| DIALECTS.contains(&dialect));
        let by_name = names.iter().any(says_so);
        let project = nearby.nearest(|folder| {
            let requires = folder.text("go.mod").is_some_and(|text| text.contains("github.com/ory/x "));
            folder.clue(requires || (by_name && folder.up == 0), "go.mod", ".go")
        });
        let named = project.is_some_and(|project| !project.language_only);
        let scripts = names.len();
        (scripts > 0 && (by_name || named)).then_some(Evidence { scripts, project, specific: true })
    }

    fn read(&self, listing: &Listing, engine: EngineKind) -> Result<History, HistoryError> {
        let listing = listing.whole()?;
        let (mut found, mut unmatched) = (Vec::new(), Vec::new());
        for entry in listing.all_files() {
            match judge(entry)? {
                Ok(name) => found.push(Found { name, entry }),
                Err(_) if entry.is_harmless() => {}
                Err(reason) => unmatched.push(Unmatched { path: entry.shown.clone(), reason }),
            }
        }
        each_has_a_down(&found)?;
        let own = dialect_of(engine, &found);
        let (ups, downs): (Vec<_>, Vec<_>) = found.into_iter().partition(|found| found.name.up);
        let (ups, mut downs) = (most_specific(ups, own), most_specific(downs, own));
        let mut migrations = Vec::with_capacity(ups.len());
        for up in ups {
            let down = downs.iter().position(|down| down.name.version == up.name.version).map(|at| downs.remove(at));
            let down = down.map(|down| script(&down, &listing, engine)).transpose()?;
            let id = format!("{}_{}", up.name.version, up.name.title);
            migrations.push(Migration::new(id, up.name.version.to_owned(), script(&up, &listing, engine)?, down));
        }
        for down in downs {
            let reason = format!("no up script for {own} has its version {}", down.name.version);
            unmatched.push(Unmatched { path: down.entry.shown.clone(), reason });
        }
        Ok(chain(self.name(), &listing, migrations, unmatched))
    }

    fn conduct(&self, engine: EngineKind) -> Conduct {
        let session: &[&str] = match engine {
            EngineKind::Postgres => &["SET client_encoding = 'UTF8'"],
            EngineKind::Mysql | EngineKind::Mariadb => &["SET NAMES utf8mb4"],
            EngineKind::Sqlite => &["PRAGMA foreign_keys = OFF"],
        };
        let setup = [
            "CREATE TABLE schema_migration (version VARCHAR (48) NOT NULL, version_self INT NOT NULL DEFAULT 0)",
            "CREATE UNIQUE INDEX schema_migration_version_idx ON schema_migration (version)",
            "CREATE INDEX schema_migration_version_self_idx ON schema_migration (version_self)",
        ];
        Conduct::new(session, &setup, &[TABLE])
    }
}

fn name(name: &str) -> Option<Name<'_>> {
    let stem = name.strip_suffix(".sql")?;
    let (stem, up) = match stem.strip_suffix(".up") {
        Some(stem) => (stem, true),
        None => (stem.strip_suffix(".down")?, false),
    };
    let (stem, autocommit) = stem.strip_suffix(".autocommit").map_or((stem, false), |stem| (stem, true));
    let (version, rest) = stem.split_once('_')?;
    let mut parts = rest.split('.');
    let (title, dialect) = (parts.next()?, parts.next());
    let is_version = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
    let is_dialect =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let fits = is_version && !title.is_empty() && dialect.is_none_or(is_dialect) && parts.next().is_none();
    fits.then_some(Name { version, title, dialect: dialect.map(canonical), autocommit, up })
}

/// The one name of a dialect; an unknown one is left as it is.
fn canonical(dialect: &str) -> &str {
    match dialect {
        "postgresql" | "pg" | "pgx" => "postgres",
        "sqlite" => "sqlite3",
        "cockroachdb" | "crdb" => "cockroach",
        other => other,
    }
}

/// What the tool makes of a file: a script, or nothing for a reason.
fn judge(entry: &Entry) -> Result<Result<Name<'_>, String>, HistoryError> {
    if !matches!(entry.kind, Kind::File) || !entry.name.ends_with(".sql") {
        return Ok(Err("its name does not end in .sql".to_owned()));
    }
    let Some(name) = name(&entry.name) else {
        return Err(HistoryError::stops(
            &entry.shown,
            "popx",
            "its name is not of the form <version>_<name>[.<dialect>][.autocommit].up.sql or .down.sql",
            "rename it, or move it out of the folder",
        ));
    };
    Ok(match name.dialect {
        None => Ok(name),
        Some(dialect) if DIALECTS.contains(&dialect) => Ok(name),
        Some(unknown) => Err(format!("popx knows no dialect `{unknown}`")),
    })
}

/// The tool compares versions over all dialects before it starts.
fn each_has_a_down(found: &[Found<'_>]) -> Result<(), HistoryError> {
    let downs: std::collections::BTreeSet<&str> =
        found.iter().filter(|found| !found.name.up).map(|found| found.name.version).collect();
    let lacking = found.iter().find(|found| found.name.up && !downs.contains(found.name.version));
    lacking.map_or(Ok(()), |found| {
        let problem = format!("the version {} has no down script for any dialect", found.name.version);
        Err(HistoryError::stops(&found.entry.shown, "popx", problem, "add the .down.sql; it may be empty"))
    })
}

fn dialect_of(engine: EngineKind, found: &[Found<'_>]) -> &'static str {
    match engine {
        EngineKind::Postgres => "postgres",
        EngineKind::Sqlite => "sqlite3",
        EngineKind::Mariadb if found.iter().any(|found| found.name.dialect == Some("mariadb")) => "mariadb",
        EngineKind::Mysql | EngineKind::Mariadb => "mysql",
    }
}

/// Of each version those that say the dialect, else those that say none; ordered by version.
fn most_specific<'a>(mut found: Vec<Found<'a>>, own: &str) -> Vec<Found<'a>> {
    found.retain(|found| found.name.dialect.is_none_or(|dialect| dialect == own));
    let specific: Vec<String> =
        found.iter().filter(|found| found.name.dialect.is_some()).map(|found| found.name.version.to_owned()).collect();
    let specific: std::collections::BTreeSet<String> = specific.into_iter().collect();
    found.retain(|found| found.name.dialect.is_some() || !specific.contains(found.name.version));
    found.sort_by(|a, b| {
        a.name.version.cmp(b.name.version).then_with(|| a.entry.shown.as_os_str().cmp(b.entry.shown.as_os_str()))
    });
    found
}

fn script(found: &Found<'_>, listing: &Listing, engine: EngineKind) -> Result<Script, HistoryError> {
    let text = filled(found.entry, &found.entry.text()?, listing)?;
    let transaction = match engine {
        EngineKind::Mysql | EngineKind::Mariadb => TransactionMode::Autocommit,
        EngineKind::Postgres | EngineKind::Sqlite if !found.name.autocommit => TransactionMode::Wrapped,
        EngineKind::Postgres => TransactionMode::Batch,
        EngineKind::Sqlite => TransactionMode::Autocommit,
    };
    Ok(Script::new(found.entry.shown.clone(), text.into(), transaction))
}

/// The text with its parameters filled in.
fn filled(entry: &Entry, text: &str, listing: &Listing) -> Result<String, HistoryError> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        filled.push_str(before);
        let (action, after) = behind.split_once("}}").unwrap_or((behind, ""));
        let words: Vec<&str> = action.trim_matches('-').split_whitespace().collect();
        let parameter = match words.as_slice() {
            [parameter] | ["identifier", parameter] => parameter.strip_prefix(".Parameters."),
            _ => None,
        };
        let stops = |problem: String, next: &str| HistoryError::stops(&entry.shown, "popx", problem, next);
        let Some(parameter) = parameter else {
            let problem = format!("it holds the template `{{{{{action}}}}}`, which only the program itself can run");
            return Err(stops(problem, "write the statements out, one file for each dialect"));
        };
        let value = listing.options.placeholders.get(parameter).ok_or_else(|| HistoryError::NoValue {
            path: entry.shown.clone(),
            line: 1 + text[..text.len() - behind.len()].matches('\n').count(),
            name: parameter.to_owned(),
            source_of_values: "the program gives its migrations",
        })?;
        filled.push_str(value);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use crate::history::sandbox::{Sandbox, outline};

    use super::*;

    fn read(files: &[&str], engine: EngineKind) -> Result<History, HistoryError> {
        Popx.read(&Sandbox::with(files).listing(), engine)
    }

    #[test]
    fn each_dialect_has_its_own_history() {
        let files = &[
            "20200101000002_b.up.sql",
            "20200101000002_b.down.sql",
            "20200101000002_b.mysql.up.sql",
            "20200101000002_b.mysql.down.sql",
            "20200101000001_a.sqlite.up.sql",
            "20200101000001_a.sqlite3.down.sql",
            "20200101000001_a.postgres.up.sql",
            "20200101000001_a.pg.down.sql",
            "20200101000001_a.cockroach.up.sql",
            "20200101000003000000_c.up.sql",
            "20200101000003000000_c.down.sql",
            "20200101000004_d.mysql.up.sql",
            "20200101000004_d.mysql.down.sql",
        ];
        let (a, b) = ("20200101000001_a = 20200101000001 up down", "20200101000002_b = 20200101000002 up down");
        let (c, d) =
            ("20200101000003000000_c = 20200101000003000000 up down", "20200101000004_d = 20200101000004 up down");
        assert_eq!(outline(&read(files, EngineKind::Postgres).unwrap()), [a, b, c]);
        assert_eq!(outline(&read(files, EngineKind::Sqlite).unwrap()), [a, b, c]);
        let of_mysql = read(files, EngineKind::Mariadb).unwrap();
        assert_eq!(outline(&of_mysql), [b, c, d]);
        assert!(of_mysql.migrations[0].up.path.ends_with("20200101000002_b.mysql.up.sql"));
        assert_eq!(of_mysql.migrations[0].up.transaction, TransactionMode::Autocommit);
    }

    #[test]
    fn versions_are_text_and_pair_whatever_the_name() {
        let cases: &[(&[&str], &[&str])] = &[
            (
                &["10_b.up.sql", "10_x.down.sql", "9_a.up.sql", "9_a.down.sql"],
                &["10_b = 10 up down", "9_a = 9 up down"],
            ),
            (
                &[
                    "1_a.up.sql",
                    "1_a.down.sql",
                    "2_b.down.sql",
                    "3_c.oracle.up.sql",
                    "4_d.up.fizz",
                    "sub/5_e.go",
                    "x.md",
                ],
                &[
                    "1_a = 1 up down",
                    "2_b.down.sql: no up script for postgres has its version 2",
                    "3_c.oracle.up.sql: popx knows no dialect `oracle`",
                    "4_d.up.fizz: its name does not end in .sql",
                    "sub/5_e.go: its name does not end in .sql",
                ],
            ),
            // A down of another dialect satisfies the tool, and there is none to run here.
            (&["1_a.up.sql", "1_a.mysql.down.sql", "2_b.up.sql", "2_b.down.sql"], &["1_a = 1 up", "2_b = 2 up down"]),
        ];
        for (files, expected) in cases {
            assert_eq!(outline(&read(files, EngineKind::Postgres).unwrap()), *expected, "{files:?}");
        }
    }

    #[test]
    fn autocommit_is_one_message_without_a_transaction() {
        let files = &["1_a.autocommit.up.sql", "1_a.postgres.autocommit.down.sql", "1_a.down.sql"];
        for (engine, up, down) in [
            (EngineKind::Postgres, TransactionMode::Batch, TransactionMode::Batch),
            (EngineKind::Sqlite, TransactionMode::Autocommit, TransactionMode::Wrapped),
            (EngineKind::Mysql, TransactionMode::Autocommit, TransactionMode::Autocommit),
        ] {
            let migration = read(files, engine).unwrap().migrations.remove(0);
            assert_eq!((migration.up.transaction, migration.down.unwrap().transaction), (up, down), "{engine}");
        }
    }

    #[test]
    fn what_the_tool_stops_at_is_an_error() {
        for (files, expected) in [
            (&["1_a.up.sql", "1_a.down.sql", "schema.sql"][..], "migrations/schema.sql: its name is not of the form"),
            (&["1_a.b.c.up.sql"], "migrations/1_a.b.c.up.sql: its name is not of the form"),
            (&["1_a.up.sql"], "migrations/1_a.up.sql: the version 1 has no down script for any dialect"),
        ] {
            let error = read(files, EngineKind::Postgres).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn parameters_come_from_the_configuration() {
        let folder = Sandbox::empty();
        folder.write(
            "migrations/1_a.up.sql",
            "CREATE ROLE {{ identifier .Parameters.owner }};\nSELECT '{{.Parameters.x}}'",
        );
        folder.write("migrations/1_a.down.sql", "");
        let mut listing = folder.listing();
        let error = Popx.read(&listing, EngineKind::Postgres).unwrap_err().to_string();
        assert!(
            error.starts_with("migrations/1_a.up.sql:1 uses the variable `owner`, which the program gives"),
            "{error}"
        );
        for (name, value) in [("owner", "shop"), ("x", "1")] {
            listing.options.placeholders.insert(name.to_owned(), value.to_owned());
        }
        let history = Popx.read(&listing, EngineKind::Postgres).unwrap();
        assert_eq!(&*history.migrations[0].up.text, "CREATE ROLE shop;\nSELECT '1'");
        folder.write("migrations/1_a.down.sql", "{{if .IsSQLite}}SELECT 1{{end}}");
        let error = Popx.read(&listing, EngineKind::Postgres).unwrap_err().to_string();
        assert!(error.contains("the template `{{if .IsSQLite}}`, which only the program itself can run"), "{error}");
    }
}
