//! The migrations of Prisma: `prisma migrate deploy`.
//!
//! The facts are those of Prisma 6 and 7 (`prisma/prisma`: `packages/migrate/src/utils/listMigrations.ts`;
//! `prisma/prisma-engines`: `schema-engine/connectors/schema-connector/src/migrations_directory.rs`, and of
//! `sql-schema-connector/src/flavour` the files of each product):
//! - Each folder is a migration, whatever its name; they are ordered as JavaScript compares names, and remembered by name.
//!   The tool stops at a folder without `migration.sql` (P3015). Files beside the folders are passed over.
//! - `provider` in `migration_lock.toml` is the product that the statements are for; another one stops the tool (P3019).
//! - On PostgreSQL a script is one message of the simple protocol, and not wrapped; on MySQL the statements of the message
//!   commit each by itself, and so do they on SQLite.
//! - The tool has no downs. A `down.sql` beside `migration.sql`, as its manual has one made with `prisma migrate diff`
//!   (<https://www.prisma.io/docs/orm/prisma-migrate/workflows/generating-down-migrations>), is run by `prisma db execute`,
//!   which sends it the same way.
//! - SQLite is the tool's own build, which has foreign keys on (`libsqlite3-sys`: `SQLITE_DEFAULT_FOREIGN_KEYS=1`).
//! - The experimental tool before version 2.13 kept `steps.json` and `schema.prisma` in each folder. That is another format.

use super::chain::chain;
use super::collation;
use super::{
    Conduct, EngineKind, Entry, Evidence, Format, History, HistoryError, Kind, Listing, Migration, Script,
    TransactionMode, Unmatched,
};
use crate::evidence::{Nearby, javascript_packages};

/// The format.
pub(super) struct Prisma;

const SCRIPT: &str = "migration.sql";
const LOCK: &str = "migration_lock.toml";

impl Format for Prisma {
    fn name(&self) -> &'static str {
        "prisma"
    }

    fn looked_for(&self) -> &'static str {
        "<timestamp>_<name>/migration.sql"
    }

    fn recognise(&self, listing: &Listing, nearby: &Nearby) -> Option<Evidence> {
        let locked = listing.files().any(|entry| entry.name == LOCK);
        // A snapshot beside the script is drizzle's.
        let holds =
            |inner: &[Entry]| named(inner, SCRIPT).is_some() && (locked || named(inner, "snapshot.json").is_none());
        let scripts = folders(listing).filter(|(_, inner)| holds(inner)).count();
        let project = nearby.nearest(|folder| {
            let packages = javascript_packages(folder);
            let depends = packages.iter().any(|name| name == "prisma" || name == "@prisma/client");
            let own = [LOCK, "schema.prisma", "prisma.config.ts"].iter().any(|file| folder.has(file));
            folder.clue(depends || own, "package.json", ".ts")
        });
        (scripts > 0).then_some(Evidence { scripts, project, specific: true })
    }

    fn read(&self, listing: &Listing, engine: EngineKind) -> Result<History, HistoryError> {
        check_provider(listing, engine)?;
        let (mut migrations, mut unmatched) = (Vec::new(), files_beside(listing));
        for (folder, inner) in folders(listing) {
            let Some(up) = named(inner, SCRIPT) else { return Err(no_script(folder, inner)) };
            let down = named(inner, "down.sql").map(|entry| script(entry, engine)).transpose()?;
            let id = folder.name.clone();
            migrations.push(Migration::new(id.clone(), id, script(up, engine)?, down));
            let strange = inner.iter().filter(|entry| {
                !matches!(entry.name.as_str(), SCRIPT | "down.sql" | "schema.prisma") && !entry.is_harmless()
            });
            unmatched.extend(strange.map(|entry| Unmatched {
                path: entry.shown.clone(),
                reason: "of a folder prisma reads only migration.sql".to_owned(),
            }));
        }
        migrations.sort_by_key(|migration| (collation::key(&migration.id), migration.id.clone()));
        Ok(chain(self.name(), listing, migrations, unmatched))
    }

    fn conduct(&self, engine: EngineKind) -> Conduct {
        const TABLE: &str = "_prisma_migrations";
        let table = |id: &str, text: &str, time: &str, now: &str, count: &str, rest: &str| {
            format!(
                "CREATE TABLE _prisma_migrations (\n    id {id} PRIMARY KEY NOT NULL,\n    checksum {},\n    \
                 finished_at {time},\n    migration_name {text} NOT NULL,\n    logs TEXT,\n    rolled_back_at {time},\n    \
                 started_at {time} NOT NULL DEFAULT {now},\n    applied_steps_count {count} NOT NULL DEFAULT 0\n){rest}",
                if text == "TEXT" { "TEXT NOT NULL" } else { "VARCHAR(64) NOT NULL" },
            )
        };
        match engine {
            EngineKind::Postgres => Conduct::new(
                &["SET client_encoding = 'UTF8'"],
                &[&table("VARCHAR(36)", "VARCHAR(255)", "TIMESTAMPTZ", "now()", "INTEGER", "")],
                &[TABLE],
            ),
            EngineKind::Mysql | EngineKind::Mariadb => {
                let rest = " DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci";
                let (time, now) = ("DATETIME(3)", "CURRENT_TIMESTAMP(3)");
                let setup = table("VARCHAR(36)", "VARCHAR(255)", time, now, "INTEGER UNSIGNED", rest);
                Conduct::new(&["SET NAMES utf8mb4"], &[&setup], &[TABLE])
            }
            EngineKind::Sqlite => Conduct::new(
                &["PRAGMA foreign_keys = ON"],
                &[&table("TEXT", "TEXT", "DATETIME", "current_timestamp", "INTEGER UNSIGNED", "")],
                &[TABLE],
            ),
        }
    }
}

/// The folders that the tool takes for migrations. Git keeps no empty ones.
fn folders(listing: &Listing) -> impl Iterator<Item = (&Entry, &[Entry])> {
    listing.folders().filter(|(folder, inner)| !folder.name.starts_with('.') && !inner.is_empty())
}

fn named<'a>(inner: &'a [Entry], name: &str) -> Option<&'a Entry> {
    inner.iter().find(|entry| entry.name == name)
}

fn script(entry: &Entry, engine: EngineKind) -> Result<Script, HistoryError> {
    let transaction = match engine {
        EngineKind::Postgres => TransactionMode::Batch,
        EngineKind::Mysql | EngineKind::Mariadb | EngineKind::Sqlite => TransactionMode::Autocommit,
    };
    Ok(Script::new(entry.shown.clone(), entry.text()?, transaction))
}

/// The product in the lock file has to be the one that is asked for.
fn check_provider(listing: &Listing, engine: EngineKind) -> Result<(), HistoryError> {
    let Some(lock) = listing.files().find(|entry| entry.name == LOCK) else { return Ok(()) };
    let text = lock.text()?;
    let line = text.lines().find_map(|line| line.strip_prefix("provider"));
    let provider =
        line.and_then(|line| line.trim_start().strip_prefix('=')).map(|value| value.trim().trim_matches('"'));
    let fits = match provider {
        Some("postgresql" | "postgres") => engine == EngineKind::Postgres,
        Some("mysql") => matches!(engine, EngineKind::Mysql | EngineKind::Mariadb),
        Some("sqlite") => engine == EngineKind::Sqlite,
        Some(_) | None => false,
    };
    if fits {
        return Ok(());
    }
    let (problem, next) = match provider {
        None => ("it names no provider".to_owned(), "write `provider = \"...\"` into it, as prisma does"),
        Some(other @ ("postgresql" | "postgres" | "mysql" | "sqlite")) => (
            format!("its provider is `{other}`, and these migrations were asked for on {}", engine.title()),
            "say which engine with --engine or `engine:` in rollproof.yml",
        ),
        Some(other) => (
            format!("its provider is `{other}`, and these migrations were asked for on {}", engine.title()),
            "rollproof knows PostgreSQL, MySQL, MariaDB and SQLite",
        ),
    };
    Err(HistoryError::stops(&lock.shown, "prisma", problem, next))
}

fn no_script(folder: &Entry, inner: &[Entry]) -> HistoryError {
    if named(inner, "steps.json").is_some() {
        return HistoryError::stops(
            &folder.shown,
            "prisma",
            "it is of the experimental Migrate, with steps.json and no migration.sql",
            "make a history of today with `prisma migrate diff`; the old one is not read",
        );
    }
    HistoryError::stops(
        &folder.shown,
        "prisma",
        "it holds no migration.sql (P3015)",
        "bring the file back, or remove the folder",
    )
}

fn files_beside(listing: &Listing) -> Vec<Unmatched> {
    let beside = listing.entries.iter().filter(|entry| !matches!(entry.kind, Kind::Folder(_)) && !entry.is_harmless());
    let reason = "it lies beside the folders, and prisma reads only what is in them";
    beside.map(|entry| Unmatched { path: entry.shown.clone(), reason: reason.to_owned() }).collect()
}

#[cfg(test)]
mod tests {
    use crate::history::sandbox::{Sandbox, outline};

    use super::*;

    fn read(folder: &Sandbox, engine: EngineKind) -> Result<History, HistoryError> {
        Prisma.read(&folder.listing(), engine)
    }

    #[test]
    fn folders_are_migrations_in_the_order_of_javascript() {
        let cases: &[(&[&str], &[&str])] = &[
            (
                &["20240102000000_b/migration.sql", "20240101000000_a/migration.sql"],
                &["20240101000000_a = 20240101000000_a up", "20240102000000_b = 20240102000000_b up", "one way"],
            ),
            (&["10_b/migration.sql", "1_a/migration.sql"], &["1_a = 1_a up", "10_b = 10_b up", "one way"]),
            (
                &[
                    "0_init/migration.sql",
                    "1_x/migration.sql",
                    "1_x/down.sql",
                    "1_x/notes.sql",
                    "1_x/README.md",
                    "loose.sql",
                ],
                &[
                    "0_init = 0_init up",
                    "1_x = 1_x up down",
                    "1_x/notes.sql: of a folder prisma reads only migration.sql",
                    "loose.sql: it lies beside the folders, and prisma reads only what is in them",
                ],
            ),
        ];
        for (files, expected) in cases {
            assert_eq!(outline(&read(&Sandbox::with(files), EngineKind::Postgres).unwrap()), *expected, "{files:?}");
        }
    }

    #[test]
    fn the_lock_names_the_product() {
        let folder = Sandbox::with(&["1_a/migration.sql"]);
        for (provider, engine, fits) in [
            ("postgresql", EngineKind::Postgres, true),
            ("mysql", EngineKind::Mariadb, true),
            ("mysql", EngineKind::Mysql, true),
            ("sqlite", EngineKind::Sqlite, true),
            ("sqlite", EngineKind::Postgres, false),
            ("cockroachdb", EngineKind::Postgres, false),
        ] {
            folder
                .write("migrations/migration_lock.toml", format!("# Please do not edit\nprovider = \"{provider}\"\n"));
            let result = read(&folder, engine).map_err(|error| error.to_string());
            match result {
                Ok(_) => assert!(fits, "{provider} on {engine}"),
                Err(error) => {
                    let begins = format!("migrations/migration_lock.toml: its provider is `{provider}`, and these");
                    assert!(!fits && error.starts_with(&begins), "{error}");
                }
            }
        }
        folder.write("migrations/migration_lock.toml", "");
        let error = read(&folder, EngineKind::Postgres).unwrap_err().to_string();
        assert!(error.contains("it names no provider, and prisma stops there"), "{error}");
    }

    #[test]
    fn a_folder_without_its_script_stops_the_tool() {
        for (file, expected) in [
            ("2_b/down.sql", "migrations/2_b: it holds no migration.sql (P3015), and prisma stops there"),
            ("2_b/steps.json", "migrations/2_b: it is of the experimental Migrate, with steps.json"),
        ] {
            let error = read(&Sandbox::with(&["1_a/migration.sql", file]), EngineKind::Sqlite).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn only_postgresql_has_a_transaction() {
        let folder = Sandbox::with(&["1_a/migration.sql"]);
        for (engine, expected) in [
            (EngineKind::Postgres, TransactionMode::Batch),
            (EngineKind::Mysql, TransactionMode::Autocommit),
            (EngineKind::Sqlite, TransactionMode::Autocommit),
        ] {
            assert_eq!(read(&folder, engine).unwrap().migrations[0].up.transaction, expected);
        }
    }
}
