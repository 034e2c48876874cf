//! The migrations of Flyway: `flyway migrate`, `flyway undo`.
//!
//! The facts are those of Flyway 12 (`flyway-core/src/main/java/org/flywaydb/core/internal`: `resource/`, `resolver/`,
//! `scanner/filesystem/`, `sqlscript/`, `command/DbMigrate.java`; the modules `flyway-database/*`; its manual):
//! - `V<version>__<description>.sql` migrates, `U` undoes the `V` of the same version, `R` has no version and runs behind all
//!   others, ordered by description. Without a separator the rest of the name is the version. Prefixes, separator and suffixes
//!   can be configured; other names are passed over, unless `validateMigrationNaming` makes them an error.
//! - On an empty database the newest `B` runs instead of all `V` up to its version; those, and older `B`, are skipped.
//! - Folders within a location are read too, except hidden ones; there may be several locations.
//! - `V1__Name.java` is a migration in Java, known to the compiled program only.
//! - `<file>.conf` beside a script has `executeInTransaction`, `placeholderReplacement` and `shouldExecute`.
//! - Each migration runs in a transaction, statement by statement, as Flyway's own reader cuts them. One that holds statements
//!   which no transaction takes runs without; if it holds both kinds the tool stops at it, unless `mixed` is set. `group` runs all
//!   that are pending in one transaction, which differs only where something fails.
//! - Callbacks run as if each migration were brought by a run of the tool: `beforeMigrate` and `afterMigrate` and the like each by
//!   itself around it, `beforeEachMigrate` and `afterEachMigrate` in its session and transaction (`command/DbMigrate.java`,
//!   `callback/DefaultCallbackExecutor.java`), and so for undo. Those at other events (`createSchema`, `afterConnect`, around each
//!   statement) are not run here, and told as files that are not read. `callbackLocations` holds further ones. What they make
//!   where no migration is pending yet is there before the first one here, so that no undo is asked to take it back.
//! - Undo scripts are not in every edition. Without any the history goes one way. Nothing undoes a repeatable migration.
//! - The drivers: pgjdbc sets the encoding, the style of dates and `extra_float_digits`; those for MySQL and MariaDB add
//!   `STRICT_TRANS_TABLES`; sqlite-jdbc leaves foreign keys at the library's default, which is off.

mod name;
mod placeholders;
mod read;
mod settings;
mod statements;

use std::path::Path;

use super::{Conduct, EngineKind, Evidence, Format, History, HistoryError, Listing};
use crate::evidence::{Nearby, NearbyFolder};
use name::Kind;
use settings::Settings;

/// The format.
pub(super) struct Flyway;

impl Format for Flyway {
    fn name(&self) -> &'static str {
        "flyway"
    }

    fn looked_for(&self) -> &'static str {
        "V<version>__<description>.sql, with U for undo, R for repeatable, B for baseline"
    }

    fn recognise(&self, listing: &Listing, nearby: &Nearby) -> Option<Evidence> {
        let settings = settings::of(nearby).ok().flatten().unwrap_or_default();
        let is_one =
            |file: &str| name::parse(file, &settings).is_ok_and(|name| !matches!(name.kind, Kind::Callback(_)));
        let direct = listing.files().filter(|entry| is_one(&entry.name)).count();
        // Folders within count only where a folder was named: in a search the innermost is the one to find.
        let inside = || listing.all_files().into_iter().filter(|entry| is_one(&entry.name)).count();
        let scripts = if direct == 0 && !nearby.folders.is_empty() { inside() } else { direct };
        (scripts > 0).then(|| Evidence { scripts, project: nearby.nearest(clue), specific: true })
    }

    fn read(&self, listing: &Listing, engine: EngineKind) -> Result<History, HistoryError> {
        let settings = settings::around(&listing.path, &listing.shown)?;
        read::history(listing, &settings, engine)
    }

    fn conduct(&self, engine: EngineKind) -> Conduct {
        conduct(&Settings::default(), engine)
    }

    fn conduct_in(&self, folder: &Path, engine: EngineKind) -> Conduct {
        // A file that cannot be read has stopped the reading of the history before.
        conduct(&settings::around(folder, folder).unwrap_or_default(), engine)
    }
}

/// What a folder says of the tool.
fn clue(folder: &NearbyFolder) -> Option<bool> {
    const BUILDS: [&str; 4] = ["pom.xml", "build.gradle", "build.gradle.kts", "build.sbt"];
    let build = BUILDS.iter().find(|file| folder.has(file));
    let mentions = |file: &&str| folder.text(file).is_some_and(|text| text.contains("flyway"));
    let named = settings::is_in(folder) || BUILDS.iter().any(mentions);
    folder.clue(named, build.unwrap_or(&BUILDS[0]), ".java")
}

fn conduct(settings: &Settings, engine: EngineKind) -> Conduct {
    let (table, schema) = (&settings.table, settings.schema.as_deref().filter(|_| engine == EngineKind::Postgres));
    let mut session: Vec<String> = match engine {
        EngineKind::Postgres => ["SET client_encoding = 'UTF8'", "SET DateStyle = 'ISO'", "SET extra_float_digits = 3"]
            .map(str::to_owned)
            .into(),
        EngineKind::Mysql | EngineKind::Mariadb => {
            ["SET NAMES utf8mb4", "SET sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES')"].map(str::to_owned).into()
        }
        EngineKind::Sqlite => vec!["PRAGMA foreign_keys = OFF".to_owned()],
    };
    session.extend(schema.map(|schema| format!("SET search_path = {}, \"$user\", public", quoted(schema))));
    session.extend(settings.init_sql.clone());
    let mut setup: Vec<String> = Vec::new();
    setup.extend(schema.map(|schema| format!("CREATE SCHEMA IF NOT EXISTS {}", quoted(schema))));
    let place =
        schema.map_or_else(|| quoted_on(table, engine), |schema| format!("{}.{}", quoted(schema), quoted(table)));
    setup.extend(table_setup(table, &place, engine));
    let bookkeeping = schema.map_or_else(|| table.clone(), |schema| format!("{schema}.{table}"));
    Conduct { session, bookkeeping_setup: setup, bookkeeping: vec![bookkeeping] }
}

/// The statements that make the tool's table.
fn table_setup(table: &str, place: &str, engine: EngineKind) -> [String; 2] {
    let (key, number, time, truth) = match engine {
        EngineKind::Postgres => (
            format!(",\n    CONSTRAINT \"{table}_pk\" PRIMARY KEY (installed_rank)"),
            "INTEGER",
            "TIMESTAMP NOT NULL DEFAULT now()",
            "BOOLEAN",
        ),
        EngineKind::Mysql | EngineKind::Mariadb => (
            format!(",\n    CONSTRAINT `{table}_pk` PRIMARY KEY (installed_rank)"),
            "INT",
            "TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP",
            "BOOL",
        ),
        EngineKind::Sqlite => (
            ",\n    PRIMARY KEY (installed_rank)".to_owned(),
            "INT",
            "TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now'))",
            "BOOLEAN",
        ),
    };
    let index = quoted_on(&format!("{table}_s_idx"), engine);
    [
        format!(
            "CREATE TABLE {place} (\n    installed_rank INT NOT NULL,\n    version VARCHAR(50),\n    \
             description VARCHAR(200) NOT NULL,\n    type VARCHAR(20) NOT NULL,\n    script VARCHAR(1000) NOT NULL,\n    \
             checksum {number},\n    installed_by VARCHAR(100) NOT NULL,\n    installed_on {time},\n    \
             execution_time {number} NOT NULL,\n    success {truth} NOT NULL{key}\n)"
        ),
        format!("CREATE INDEX {index} ON {place} (success)"),
    ]
}

fn quoted_on(name: &str, engine: EngineKind) -> String {
    match engine {
        EngineKind::Mysql | EngineKind::Mariadb => format!("`{}`", name.replace('`', "``")),
        EngineKind::Postgres | EngineKind::Sqlite => quoted(name),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests;
