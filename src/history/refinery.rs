//! The migrations of refinery: `embed_migrations!`, `refinery migrate`.
//!
//! The facts are those of refinery 0.9 (`refinery_core/src`: `util.rs`, `runner.rs`, `traits/mod.rs`, `traits/sync.rs`, the
//! files in `drivers/`):
//! - A name is `V` or `U`, digits, `__`, a word of letters, digits and `_`, and `.sql` or `.rs`. Others are passed over with a
//!   warning. Folders within the folder are read too, and links to files.
//! - `U` is no undo: it is a migration that may run after newer ones did. There are no down scripts.
//! - Scripts are ordered by version as a number, `V` and `U` together. A version with a dot fits the name's pattern and is no
//!   number: the tool stops.
//! - A `.rs` file is a function that returns SQL; only the compiled program knows it.
//! - Each script runs in one transaction, sent in one message; the line in the tool's table is written in a transaction of its
//!   own behind it. With `set_grouped` all run in one; that is in the program's code and cannot be seen here.
//! - SQLite is rusqlite's own build, which has foreign keys on (`libsqlite3-sys`: `SQLITE_DEFAULT_FOREIGN_KEYS=1`).

use super::chain::chain;
use super::{
    Conduct, EngineKind, Entry, Evidence, Format, History, HistoryError, Listing, Migration, Script, TransactionMode,
    Unmatched,
};
use crate::evidence::{Nearby, cargo_dependency};

/// The format.
pub(super) struct Refinery;

/// What a name says.
struct Name<'a> {
    id: &'a str,
    version: &'a str,
    in_rust: bool,
}

impl Format for Refinery {
    fn name(&self) -> &'static str {
        "refinery"
    }

    fn looked_for(&self) -> &'static str {
        "V<version>__<name>.sql or .rs, or U<version>__<name>"
    }

    fn recognise(&self, listing: &Listing, nearby: &Nearby) -> Option<Evidence> {
        let direct = listing.files().filter(|entry| name(&entry.name).is_some()).count();
        // Folders within count only where a folder was named: in a search the innermost is the one to find.
        let inside = || listing.all_files().into_iter().filter(|entry| name(&entry.name).is_some()).count();
        let scripts = if direct == 0 && !nearby.folders.is_empty() { inside() } else { direct };
        let project = nearby.nearest(|folder| {
            let crates = ["refinery", "refinery-core"];
            let depends = crates.iter().any(|name| cargo_dependency(folder, name).is_some());
            folder.clue(depends || folder.has("refinery.toml"), "Cargo.toml", ".rs")
        });
        (scripts > 0).then_some(Evidence { scripts, project, specific: true })
    }

    fn read(&self, listing: &Listing, _engine: EngineKind) -> Result<History, HistoryError> {
        let listing = listing.whole()?;
        let (mut found, mut unmatched) = (Vec::new(), Vec::new());
        for entry in listing.all_files() {
            match name(&entry.name) {
                Some(name) => found.push((version(entry, &name)?, migration(entry, &name)?)),
                None if entry.is_harmless() => {}
                None => {
                    let reason = "its name is not of the form V<version>__<name>.sql, with only letters, digits and _ in the \
                                  name";
                    unmatched.push(Unmatched { path: entry.shown.clone(), reason: reason.to_owned() });
                }
            }
        }
        found.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.id.cmp(&other.id)));
        let migrations = found.into_iter().map(|(_, migration)| migration).collect();
        Ok(chain(self.name(), &listing, migrations, unmatched))
    }

    fn conduct(&self, engine: EngineKind) -> Conduct {
        let session: &[&str] = match engine {
            EngineKind::Postgres => &["SET client_encoding = 'UTF8'"],
            EngineKind::Mysql | EngineKind::Mariadb => {
                &["SET NAMES utf8mb4", "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"]
            }
            EngineKind::Sqlite => &["PRAGMA foreign_keys = ON"],
        };
        let table = "CREATE TABLE IF NOT EXISTS refinery_schema_history(\n    version int4 PRIMARY KEY,\n    \
                     name VARCHAR(255),\n    applied_on VARCHAR(255),\n    checksum VARCHAR(255))";
        Conduct::new(session, &[table], &["refinery_schema_history"])
    }
}

fn name(name: &str) -> Option<Name<'_>> {
    let in_rust = name.ends_with(".rs");
    let id = name.strip_suffix(".sql").or_else(|| name.strip_suffix(".rs"))?;
    let (version, word) = id.strip_prefix(['V', 'U'])?.split_once("__")?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_version = version.split_once('.').map_or_else(|| digits(version), |(a, b)| digits(a) && digits(b));
    let is_word = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_');
    (is_version && is_word).then_some(Name { id, version, in_rust })
}

/// The version as the tool compares it; larger numbers than 32 bits hold are a feature of the crate.
fn version(entry: &Entry, name: &Name<'_>) -> Result<i64, HistoryError> {
    name.version.parse().map_err(|_| HistoryError::NoVersion {
        path: entry.shown.clone(),
        tool: "refinery",
        next_step: "give it a whole number of at most 64 bits",
    })
}

fn migration(entry: &Entry, name: &Name<'_>) -> Result<Migration, HistoryError> {
    let version = name.version.trim_start_matches('0');
    let version = if version.is_empty() { "0" } else { version }.to_owned();
    if name.in_rust {
        return Ok(Migration::in_language(name.id.to_owned(), version, entry.shown.clone(), "Rust"));
    }
    let up = Script::new(entry.shown.clone(), entry.text()?, TransactionMode::Wrapped);
    Ok(Migration::new(name.id.to_owned(), version, up, None))
}

#[cfg(test)]
mod tests {
    use crate::history::sandbox::{Sandbox, outline};

    use super::*;

    fn read(files: &[&str]) -> Result<History, HistoryError> {
        Refinery.read(&Sandbox::with(files).listing(), EngineKind::Postgres)
    }

    #[test]
    fn versions_order_as_numbers_in_all_folders() {
        let cases: &[(&[&str], &[&str])] = &[
            (&["V10__b.sql", "V9__a.sql"], &["V9__a = 9 up", "V10__b = 10 up", "one way"]),
            (
                &["V2__b.sql", "2024/V3__c.sql", "2024/deep/V1__a.sql", ".old/V4__d.sql"],
                &["V1__a = 1 up", "V2__b = 2 up", "V3__c = 3 up", "one way"],
            ),
            // An unversioned one takes its place by its number all the same; it undoes nothing.
            (&["V1__a.sql", "U1__b.sql", "U0__z.sql"], &["U0__z = 0 up", "U1__b = 1 up", "V1__a = 1 up", "one way"]),
            (
                &[
                    "V1__a.sql",
                    "mod.rs",
                    "V1_b.sql",
                    "V2__b-c.sql",
                    "v3__d.sql",
                    "V4__e.SQL",
                    "V5__.sql",
                    "R__views.sql",
                ],
                &[
                    "V1__a = 1 up",
                    "R__views.sql: its name is not of the form V<version>__<name>.sql, with only letters, digits and _ in the name",
                    "V1_b.sql: its name is not of the form V<version>__<name>.sql, with only letters, digits and _ in the name",
                    "V2__b-c.sql: its name is not of the form V<version>__<name>.sql, with only letters, digits and _ in the name",
                    "V4__e.SQL: its name is not of the form V<version>__<name>.sql, with only letters, digits and _ in the name",
                    "V5__.sql: its name is not of the form V<version>__<name>.sql, with only letters, digits and _ in the name",
                    "v3__d.sql: its name is not of the form V<version>__<name>.sql, with only letters, digits and _ in the name",
                    "one way",
                ],
            ),
        ];
        for (files, expected) in cases {
            assert_eq!(outline(&read(files).unwrap()), *expected, "{files:?}");
        }
    }

    #[test]
    fn a_step_in_rust_keeps_its_place_and_its_language() {
        let history = read(&["V1__a.sql", "V2__b.rs", "V3__c.sql"]).unwrap();
        let languages: Vec<_> = history.migrations.iter().map(|migration| migration.language).collect();
        assert_eq!(languages, [None, Some("Rust"), None]);
        assert_eq!(&*history.migrations[1].up.text, "");
        assert_eq!(history.migrations[2].parents, ["V2__b"]);
        assert!(history.migrations.iter().all(|migration| migration.up.transaction == TransactionMode::Wrapped));
    }

    #[test]
    fn a_version_that_is_no_whole_number_stops_the_tool() {
        for file in ["V1.2__a.sql", "V99999999999999999999__a.sql"] {
            let error = read(&[file]).unwrap_err().to_string();
            assert!(error.starts_with(&format!("migrations/{file} has no version: refinery stops")), "{error}");
        }
    }
}
