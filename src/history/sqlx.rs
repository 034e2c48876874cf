//! The migrations of sqlx: `sqlx migrate run`, `sqlx::migrate!`.
//!
//! The facts are those of sqlx 0.9 (`sqlx-core/src/migrate/source.rs` and `migrate.rs` of each driver):
//! - A name is cut at its first `_`; what follows must end in `.sql`, else the file is passed over. What precedes must be
//!   an `i64`, else sqlx stops. Links are followed, folders passed over.
//! - `.up.sql` and `.down.sql` are the two halves of a reversible migration, every other `.sql` goes one way only.
//! - Scripts are ordered by version as a number. A down belongs to an applied version, whatever its description.
//! - A script that begins with `-- no-transaction`, at its very first byte, runs without a transaction and is sent in one
//!   message; the driver for MySQL opens the transaction all the same, and so does that for SQLite before 0.9, where the project
//!   says that it has such a one.
//! - An empty file is sent, and MySQL and MariaDB refuse it (error 1065).

use super::flat::{Direction, Flat, Name, split_direction};
use super::{Conduct, EngineKind, Evidence, Format, History, HistoryError, Listing, TransactionMode};
use crate::evidence::{Nearby, NearbyFolder, cargo_dependency};

/// The format.
pub(super) struct Sqlx;

const FLAT: Flat<i64> =
    Flat { format: "sqlx", key: "version", name, sends_mark: true, sends_nothing: true, transaction };

impl Format for Sqlx {
    fn name(&self) -> &'static str {
        FLAT.format
    }

    fn looked_for(&self) -> &'static str {
        "<version>_<description>.sql, or .up.sql and .down.sql"
    }

    fn recognise(&self, listing: &Listing, nearby: &Nearby) -> Option<Evidence> {
        let scripts = FLAT.count(listing);
        let project = nearby.nearest(|folder| {
            let named = folder.has(".sqlx") || folder.has("sqlx.toml") || cargo_dependency(folder, "sqlx").is_some();
            folder.clue(named, "Cargo.toml", ".rs")
        });
        (scripts > 0).then_some(Evidence { scripts, project, specific: true })
    }

    fn read(&self, listing: &Listing, engine: EngineKind) -> Result<History, HistoryError> {
        let mut history = FLAT.read(listing, engine)?;
        if engine == EngineKind::Sqlite && is_before_no_transaction(listing) {
            let scripts =
                history.migrations.iter_mut().flat_map(|one| std::iter::once(&mut one.up).chain(&mut one.down));
            scripts.for_each(|script| script.transaction = TransactionMode::Wrapped);
        }
        history.one_way = !history.migrations.is_empty()
            && history.migrations.iter().all(|migration| {
                let named_up = migration.up.path.to_string_lossy().ends_with(".up.sql");
                migration.down.is_none() && !named_up
            });
        Ok(history)
    }

    fn conduct(&self, engine: EngineKind) -> Conduct {
        const TABLE: &str = "_sqlx_migrations";
        match engine {
            EngineKind::Postgres => Conduct::new(
                &[
                    "SET DateStyle = 'ISO, MDY'",
                    "SET client_encoding = 'UTF8'",
                    "SET TimeZone = 'UTC'",
                    "SET extra_float_digits = 2",
                ],
                &["CREATE TABLE IF NOT EXISTS _sqlx_migrations (\n    version BIGINT PRIMARY KEY,\n    \
                   description TEXT NOT NULL,\n    installed_on TIMESTAMPTZ NOT NULL DEFAULT now(),\n    \
                   success BOOLEAN NOT NULL,\n    checksum BYTEA NOT NULL,\n    execution_time BIGINT NOT NULL\n)"],
                &[TABLE],
            ),
            EngineKind::Mysql | EngineKind::Mariadb => Conduct::new(
                // IGNORE_SPACE is what its handshake asks for (sqlx-mysql, `connection/stream.rs`).
                &["SET sql_mode=(SELECT CONCAT(@@sql_mode, ',IGNORE_SPACE,PIPES_AS_CONCAT,NO_ENGINE_SUBSTITUTION')),\
                   time_zone='+00:00',NAMES utf8mb4"],
                &[TIMESTAMP_TABLE],
                &[TABLE],
            ),
            EngineKind::Sqlite => Conduct::new(&["PRAGMA foreign_keys = ON"], &[TIMESTAMP_TABLE], &[TABLE]),
        }
    }
}

/// The tool's table on MySQL, MariaDB and SQLite.
const TIMESTAMP_TABLE: &str = "CREATE TABLE IF NOT EXISTS _sqlx_migrations (\n    version BIGINT PRIMARY KEY,\n    \
    description TEXT NOT NULL,\n    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,\n    \
    success BOOLEAN NOT NULL,\n    checksum BLOB NOT NULL,\n    execution_time BIGINT NOT NULL\n)";

fn name(name: &str) -> Name<i64> {
    let Some((version, description)) = name.split_once('_') else {
        return Name::Skipped("its name has no version, a number before a `_`".to_owned());
    };
    if !description.ends_with(".sql") {
        return Name::Skipped("its name does not end in .sql".to_owned());
    }
    let Ok(version) = version.parse() else {
        return Name::Refused("begin the name with a number and `_`, or move the file out of the folder");
    };
    let one_way = || (name.strip_suffix(".sql").unwrap_or(name), Direction::Up);
    let (stem, direction) = split_direction(name).unwrap_or_else(one_way);
    Name::Script { direction, version, id: stem.to_owned() }
}

fn transaction(text: &str, engine: EngineKind) -> TransactionMode {
    match engine {
        EngineKind::Mysql | EngineKind::Mariadb => TransactionMode::Wrapped,
        EngineKind::Postgres | EngineKind::Sqlite if !text.starts_with("-- no-transaction") => TransactionMode::Wrapped,
        EngineKind::Postgres => TransactionMode::Batch,
        EngineKind::Sqlite => TransactionMode::Autocommit,
    }
}

/// Whether the project has a version of the tool that does not know `-- no-transaction` on SQLite: in its `Cargo.lock` or
/// `Cargo.toml`, the nearest that names one. A copy of a folder has the version of the folder that it is a copy of.
fn is_before_no_transaction(listing: &Listing) -> bool {
    let places = [&listing.path, &listing.shown].map(|place| Nearby::around(place, None).folders);
    let versions = places.iter().flatten().map(versions).find(|versions| !versions.is_empty()).unwrap_or_default();
    !versions.is_empty() && versions.iter().all(|version| is_old(version))
}

/// The versions of the tool that a folder's files name.
fn versions(folder: &NearbyFolder) -> Vec<String> {
    let read = |file| folder.text(file).and_then(|text| text.parse::<toml::Table>().ok());
    let text = |value: &toml::Value| value.as_str().map(str::to_owned);
    let locked = read("Cargo.lock").and_then(|lock| lock.get("package")?.as_array().cloned()).unwrap_or_default();
    let is_it = |package: &&toml::Value| package.get("name").and_then(toml::Value::as_str) == Some("sqlx");
    let locked: Vec<String> = locked.iter().filter(is_it).filter_map(|package| text(package.get("version")?)).collect();
    if !locked.is_empty() {
        return locked;
    }
    let Some(manifest) = read("Cargo.toml") else { return Vec::new() };
    let workspace = manifest.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    let tables = [manifest.get("dependencies"), workspace];
    let declared = tables.into_iter().flatten().filter_map(|table| table.get("sqlx"));
    declared.filter_map(|value| text(value).or_else(|| text(value.get("version")?))).collect()
}

/// Whether a version, or what `Cargo.toml` asks for, is before 0.9.
fn is_old(version: &str) -> bool {
    let number = version.trim_start_matches(|c: char| !c.is_ascii_digit());
    let mut parts = number.split('.').map(|part| part.trim().parse::<u32>().unwrap_or(u32::MAX));
    parts.next() == Some(0) && parts.next().is_some_and(|minor| minor < 9)
}

#[cfg(test)]
mod tests {
    use crate::history::sandbox::{Sandbox, outline};
    use crate::history::{Cutting, NoStatement};

    use super::*;

    #[test]
    fn the_project_tells_whether_sqlite_knows_no_transaction() {
        let lock = |version| format!("[[package]]\nname = \"sqlx\"\nversion = \"{version}\"\n");
        for (file, text, expected) in [
            ("Cargo.lock", lock("0.8.6"), TransactionMode::Wrapped),
            ("Cargo.lock", lock("0.9.0"), TransactionMode::Autocommit),
            ("Cargo.lock", lock("0.8.6") + &lock("0.9.0"), TransactionMode::Autocommit),
            ("Cargo.toml", "[dependencies]\nsqlx = { version = \"^0.8\" }\n".to_owned(), TransactionMode::Wrapped),
            ("Cargo.toml", "[workspace.dependencies]\nsqlx = \"0.7.4\"\n".to_owned(), TransactionMode::Wrapped),
            ("Cargo.toml", "[dependencies]\nsqlx = \"1\"\n".to_owned(), TransactionMode::Autocommit),
        ] {
            let folder = Sandbox::empty();
            folder.write(file, &text);
            folder.write("migrations/1_a.sql", "-- no-transaction\nVACUUM");
            let history = Sqlx.read(&folder.listing(), EngineKind::Sqlite).unwrap();
            assert_eq!(history.migrations[0].up.transaction, expected, "{text}");
        }
    }

    #[test]
    fn an_empty_file_is_sent_to_mysql() {
        let folder = Sandbox::with(&["1_a.sql"]);
        folder.write("migrations/1_a.sql", "\n");
        let cutting = |engine| Sqlx.read(&folder.listing(), engine).unwrap().migrations.remove(0).up.cutting;
        assert!(matches!(cutting(EngineKind::Mysql), Cutting::Singles { none: NoStatement::Sent, .. }));
        assert_eq!(cutting(EngineKind::Sqlite), Cutting::Server);
    }

    #[test]
    fn versions_order_and_pair_as_numbers() {
        let cases: &[(&[&str], &[&str])] = &[
            (&["10_b.sql", "9_a.sql"], &["9_a = 9 up", "10_b = 10 up", "one way"]),
            (&["2_b.up.sql", "2_b.down.sql", "1_a.up.sql"], &["1_a = 1 up", "2_b = 2 up down"]),
            // Another description pairs all the same, and so does a zero in front.
            (&["01_a.up.sql", "1_undo.down.sql"], &["01_a = 1 up down"]),
            // Fifteen digits are a larger number than fourteen, whatever the text order says.
            (
                &["20260101613430_b.up.sql", "202601016134308_a.up.sql", "20991231235959_c.up.sql"],
                &[
                    "20260101613430_b = 20260101613430 up",
                    "20991231235959_c = 20991231235959 up",
                    "202601016134308_a = 202601016134308 up",
                ],
            ),
            (
                &["1_a.up.sql", "2_b.down.sql", "3_c.sql"],
                &["1_a = 1 up", "3_c = 3 up", "2_b.down.sql: no up script has its version 2"],
            ),
            (
                &["1_a.up.sql", "1_b.up.sql", "1_b.down.sql", "1_x.down.sql", "1_y.down.sql"],
                &["1_a = 1 up down", "1_b = 1 up down", "1_y.down.sql: another down script has its version 1 too"],
            ),
            (&["1_views.sql.up.sql", "1_views.sql.down.sql"], &["1_views.sql = 1 up down"]),
            (
                &["1_a.sql", "mod.rs", "README.md", ".gitkeep", "schema.sql", "1_a.SQL", "2_seed.py", "old/x.sql"],
                &[
                    "1_a = 1 up",
                    "1_a.SQL: its name does not end in .sql",
                    "2_seed.py: its name does not end in .sql",
                    "old: it is a folder, and sqlx does not look into folders",
                    "schema.sql: its name has no version, a number before a `_`",
                    "one way",
                ],
            ),
        ];
        for (files, expected) in cases {
            let folder = Sandbox::with(files);
            let history = Sqlx.read(&folder.listing(), EngineKind::Postgres).unwrap();
            assert_eq!(outline(&history), *expected, "{files:?}");
        }
    }

    #[test]
    fn migrations_follow_one_another() {
        let folder = Sandbox::with(&["1_a.sql", "2_b.sql", "3_c.sql"]);
        let history = Sqlx.read(&folder.listing(), EngineKind::Sqlite).unwrap();
        let parents: Vec<_> = history.migrations.iter().map(|migration| migration.parents.join(" ")).collect();
        assert_eq!(parents, ["", "1_a", "2_b"]);
        assert_eq!(history.migrations[0].up.path.to_str(), Some("migrations/1_a.sql"));
    }

    #[test]
    fn a_name_without_a_version_stops_the_tool() {
        for file in ["first_users.up.sql", "_users.sql", "1.5_users.sql", "99999999999999999999_users.sql"] {
            let folder = Sandbox::with(&["1_a.sql", file]);
            let error = Sqlx.read(&folder.listing(), EngineKind::Postgres).unwrap_err().to_string();
            assert!(error.starts_with(&format!("migrations/{file} has no version: sqlx stops")), "{error}");
        }
    }

    #[test]
    fn the_first_bytes_decide_about_the_transaction() {
        use EngineKind::{Mariadb, Mysql, Postgres, Sqlite};
        use TransactionMode::{Autocommit, Batch, Wrapped};
        let cases = [
            ("SELECT 1", Postgres, Wrapped),
            ("-- no-transaction\nSELECT 1", Postgres, Batch),
            ("-- no-transaction\r\nSELECT 1", Sqlite, Autocommit),
            ("\n-- no-transaction\nSELECT 1", Postgres, Wrapped),
            ("-- no-transaction\nSELECT 1", Mysql, Wrapped),
            ("-- no-transaction\nSELECT 1", Mariadb, Wrapped),
        ];
        for (text, engine, expected) in cases {
            let folder = Sandbox::empty();
            folder.write("migrations/1_a.up.sql", text);
            folder.write("migrations/1_a.down.sql", "SELECT 2");
            let history = Sqlx.read(&folder.listing(), engine).unwrap();
            assert_eq!(history.migrations[0].up.transaction, expected, "{text:?} on {engine}");
            assert_eq!(history.migrations[0].down.as_ref().unwrap().transaction, Wrapped);
        }
    }
}
