//! The migrations of Drizzle: `drizzle-kit migrate`, `migrate()` of drizzle-orm.
//!
//! The facts are those of drizzle-orm 0.45 and 1.0 (`drizzle-orm/src/migrator.ts`, `migrator.utils.ts`, `*-core/dialect.ts`,
//! `pg-core/async/session.ts`, `drizzle-kit/src`):
//! - Up to 0.x `meta/_journal.json` lists the migrations in `entries`, in the order in which they run; `<tag>.sql` is the
//!   script. The tool stops where the file of a tag is missing. A file without an entry is never run.
//! - It remembers the time `when` of each and runs those that are later than the latest one in its table. One that is not
//!   later than one before it in the journal is therefore passed over, without a word, where that one ran already; only on
//!   an empty database it runs.
//! - From 1.0 on each folder with a `migration.sql` is a migration, in the order of the names as JavaScript compares them;
//!   they are remembered by name. Versions that know these folders stop at a journal.
//! - `--> statement-breakpoint`, wherever it stands, cuts a script into pieces; each is sent as one message. Drivers for
//!   PostgreSQL take any number of statements in one, also none; mysql2 (without `multipleStatements`) takes one or a
//!   comment, and a piece without either is refused (error 1065); better-sqlite3 refuses a message with none or more than
//!   one.
//! - All migrations that are pending run in one transaction. Each is wrapped in its own here, which differs where one uses
//!   an enum value that another one, pending with it, adds.
//! - There are no downs. On PostgreSQL the table lies in the schema `drizzle`.
//! - better-sqlite3 has foreign keys on (`SQLITE_DEFAULT_FOREIGN_KEYS=1` in its `docs/compilation.md`).

use std::ops::Range;

use super::chain::chain;
use super::collation;
use super::{
    Conduct, Cutting, EngineKind, Entry, Evidence, Format, History, HistoryError, Kind, Listing, Migration,
    MoreStatements, NoStatement, Script, TransactionMode, Unmatched,
};
use crate::evidence::{Nearby, javascript_packages};

/// The format.
pub(super) struct Drizzle;

const BREAKPOINT: &str = "--> statement-breakpoint";
const SCRIPT: &str = "migration.sql";
const SNAPSHOT: &str = "snapshot.json";

/// `meta/_journal.json`.
#[derive(serde::Deserialize)]
struct Journal {
    dialect: Option<String>,
    entries: Vec<JournalEntry>,
}

#[derive(serde::Deserialize)]
struct JournalEntry {
    tag: String,
    when: f64,
}

impl Format for Drizzle {
    fn name(&self) -> &'static str {
        "drizzle"
    }

    fn looked_for(&self) -> &'static str {
        "<tag>.sql with meta/_journal.json, or <timestamp>_<name>/migration.sql with snapshot.json"
    }

    fn recognise(&self, listing: &Listing, nearby: &Nearby) -> Option<Evidence> {
        let in_folders = folders(listing).filter(|(_, inner)| named(inner, SNAPSHOT).is_some()).count();
        let beside = || listing.files().filter(|entry| entry.name.ends_with(".sql")).count();
        let scripts = if journal_of(listing).is_some() { beside() } else { in_folders };
        let project = nearby.nearest(|folder| {
            let packages = javascript_packages(folder);
            let depends = packages.iter().any(|name| name == "drizzle-orm" || name == "drizzle-kit");
            let configured = ["ts", "js", "mjs", "json"].iter().any(|end| folder.has(&format!("drizzle.config.{end}")));
            folder.clue(
                depends || configured || (folder.up == 0 && journal_of(listing).is_some()),
                "package.json",
                ".ts",
            )
        });
        (scripts > 0).then_some(Evidence { scripts, project, specific: true })
    }

    fn read(&self, listing: &Listing, engine: EngineKind) -> Result<History, HistoryError> {
        match journal_of(listing) {
            Some(journal) => of_journal(listing, journal, engine),
            None => of_folders(listing, engine),
        }
    }

    fn conduct(&self, engine: EngineKind) -> Conduct {
        const TABLE: &str = "__drizzle_migrations";
        match engine {
            EngineKind::Postgres => Conduct::new(
                &["SET client_encoding = 'UTF8'"],
                &[
                    "CREATE SCHEMA IF NOT EXISTS drizzle",
                    "CREATE TABLE IF NOT EXISTS drizzle.__drizzle_migrations (\n    id SERIAL PRIMARY KEY,\n    \
                     hash text NOT NULL,\n    created_at bigint\n)",
                ],
                &["drizzle.__drizzle_migrations"],
            ),
            EngineKind::Mysql | EngineKind::Mariadb => Conduct::new(
                &["SET sql_mode = CONCAT(@@sql_mode, ',IGNORE_SPACE')", "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci"],
                &["CREATE TABLE IF NOT EXISTS `__drizzle_migrations` (\n    id serial primary key,\n    \
                   hash text not null,\n    created_at bigint\n)"],
                &[TABLE],
            ),
            EngineKind::Sqlite => Conduct::new(
                &["PRAGMA foreign_keys = ON"],
                &["CREATE TABLE IF NOT EXISTS \"__drizzle_migrations\" (\n    id SERIAL PRIMARY KEY,\n    \
                   hash text NOT NULL,\n    created_at numeric\n)"],
                &[TABLE],
            ),
        }
    }
}

fn folders(listing: &Listing) -> impl Iterator<Item = (&Entry, &[Entry])> {
    listing.folders().filter(|(_, inner)| named(inner, SCRIPT).is_some())
}

fn named<'a>(inner: &'a [Entry], name: &str) -> Option<&'a Entry> {
    inner.iter().find(|entry| entry.name == name)
}

fn journal_of(listing: &Listing) -> Option<&Entry> {
    let (_, meta) = listing.folders().find(|(folder, _)| folder.name == "meta")?;
    named(meta, "_journal.json")
}

/// The layout with a journal.
fn of_journal(listing: &Listing, file: &Entry, engine: EngineKind) -> Result<History, HistoryError> {
    let journal: Journal = serde_json::from_str(&file.text()?).map_err(|error| {
        HistoryError::stops(
            &file.shown,
            "drizzle",
            format!("it is no journal ({error})"),
            "make it anew with drizzle-kit",
        )
    })?;
    check_dialect(file, journal.dialect.as_deref(), engine)?;
    let mut migrations: Vec<Migration> = Vec::with_capacity(journal.entries.len());
    // The latest time so far, and whose it is.
    let mut latest: Option<(f64, String)> = None;
    for JournalEntry { tag, when } in &journal.entries {
        let name = format!("{tag}.sql");
        let Some(entry) = listing.files().find(|entry| entry.name == name) else {
            let problem = format!("there is no {name} for the entry `{tag}`");
            return Err(HistoryError::stops(
                &file.shown,
                "drizzle",
                problem,
                "bring the file back, or remove the entry",
            ));
        };
        let migration = Migration::new(tag.clone(), when.to_string(), script(entry, engine)?, None);
        let overtaken_by = latest.as_ref().filter(|(time, _)| when <= time).map(|(_, id)| id.clone());
        if overtaken_by.is_none() {
            latest = Some((*when, tag.clone()));
        }
        // The name of a file is what it is known by; the time only tells what is pending.
        migrations.push(Migration { version: tag.clone(), overtaken_by, ..migration });
    }
    let listed = |entry: &Entry| journal.entries.iter().any(|one| entry.name == format!("{}.sql", one.tag));
    let strange = listing.entries.iter().filter(|entry| entry.name != "meta" && !listed(entry) && !entry.is_harmless());
    let unmatched = strange.map(|entry| {
        let reason = match entry.kind {
            Kind::File if entry.name.ends_with(".sql") => "meta/_journal.json has no entry for it",
            Kind::Folder(_) => "it is a folder, and with a journal drizzle does not look into folders",
            Kind::File | Kind::Other => "it is no .sql file",
        };
        Unmatched { path: entry.shown.clone(), reason: reason.to_owned() }
    });
    Ok(chain("drizzle", listing, migrations, unmatched.collect()))
}

/// The layout with a folder for each.
fn of_folders(listing: &Listing, engine: EngineKind) -> Result<History, HistoryError> {
    let (mut migrations, mut unmatched) = (Vec::new(), Vec::new());
    for (folder, inner) in folders(listing) {
        if let Some(snapshot) = named(inner, SNAPSHOT) {
            let value: serde_json::Value = serde_json::from_str(&snapshot.text()?).unwrap_or_default();
            check_dialect(snapshot, value.get("dialect").and_then(serde_json::Value::as_str), engine)?;
        }
        let Some(entry) = named(inner, SCRIPT) else { continue };
        let id = folder.name.clone();
        migrations.push(Migration::new(id.clone(), id, script(entry, engine)?, None));
        let strange = inner.iter().filter(|entry| entry.name != SCRIPT && !entry.is_harmless());
        unmatched.extend(strange.map(|entry| Unmatched {
            path: entry.shown.clone(),
            reason: "of a folder drizzle reads only migration.sql".to_owned(),
        }));
    }
    let is_migration = |entry: &Entry| folders(listing).any(|(folder, _)| folder.name == entry.name);
    let strange = listing.entries.iter().filter(|entry| !is_migration(entry) && !entry.is_harmless());
    unmatched.extend(strange.map(|entry| {
        let reason = match entry.kind {
            Kind::Folder(_) => "it holds no migration.sql",
            Kind::File | Kind::Other => "there is no meta/_journal.json, and without it drizzle reads only folders",
        };
        Unmatched { path: entry.shown.clone(), reason: reason.to_owned() }
    }));
    migrations.sort_by_key(|migration: &Migration| (collation::key(&migration.id), migration.id.clone()));
    Ok(chain("drizzle", listing, migrations, unmatched))
}

/// What drizzle calls the product has to be the one that is asked for.
fn check_dialect(file: &Entry, dialect: Option<&str>, engine: EngineKind) -> Result<(), HistoryError> {
    let fits = match dialect {
        None => true,
        Some("postgresql" | "postgres" | "pg") => engine == EngineKind::Postgres,
        Some("mysql") => matches!(engine, EngineKind::Mysql | EngineKind::Mariadb),
        Some("sqlite" | "turso") => engine == EngineKind::Sqlite,
        Some(_) => false,
    };
    if fits {
        return Ok(());
    }
    let (dialect, engine) = (dialect.unwrap_or_default(), engine.title());
    let problem = format!("its dialect is `{dialect}`, and these migrations were asked for on {engine}");
    Err(HistoryError::stops(
        &file.shown,
        "drizzle",
        problem,
        "say which engine with --engine or `engine:` in rollproof.yml",
    ))
}

fn script(entry: &Entry, engine: EngineKind) -> Result<Script, HistoryError> {
    let text = entry.text_with_mark()?;
    let pieces = pieces(&text);
    let cutting = match engine {
        EngineKind::Postgres => Cutting::Pieces(pieces),
        EngineKind::Mysql | EngineKind::Mariadb => {
            Cutting::Singles { pieces, none: NoStatement::Sent, more: MoreStatements::Refused }
        }
        EngineKind::Sqlite => Cutting::Singles { pieces, none: NoStatement::Refused, more: MoreStatements::Refused },
    };
    Ok(Script { cutting, ..Script::new(entry.shown.clone(), text, TransactionMode::Wrapped) })
}

/// What lies between the breakpoints.
fn pieces(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    text.split(BREAKPOINT)
        .map(|piece| {
            let range = start..start + piece.len();
            start = range.end + BREAKPOINT.len();
            range
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::history::sandbox::{Sandbox, outline};

    use super::*;

    fn with_journal(dialect: &str, entries: &[(&str, u64)], files: &[&str]) -> Sandbox {
        let folder = Sandbox::with(files);
        let entries: Vec<String> = entries
            .iter()
            .enumerate()
            .map(|(idx, (tag, when))| {
                format!(r#"{{"idx":{idx},"version":"7","when":{when},"tag":"{tag}","breakpoints":true}}"#)
            })
            .collect();
        let journal = format!(r#"{{"version":"7","dialect":"{dialect}","entries":[{}]}}"#, entries.join(","));
        folder.write("migrations/meta/_journal.json", journal);
        folder
    }

    #[test]
    fn the_journal_says_what_runs_and_in_which_order() {
        let entries = [("0001_b", 1_700_000_000_000), ("0000_a", 1_700_000_000_001)];
        let folder = with_journal("postgresql", &entries, &["0000_a.sql", "0001_b.sql", "0002_c.sql", "old/x.sql"]);
        folder.write("migrations/meta/0000_snapshot.json", "{}");
        let history = Drizzle.read(&folder.listing(), EngineKind::Postgres).unwrap();
        let expected = [
            "0001_b = 0001_b up",
            "0000_a = 0000_a up",
            "0002_c.sql: meta/_journal.json has no entry for it",
            "old: it is a folder, and with a journal drizzle does not look into folders",
            "one way",
        ];
        assert_eq!(outline(&history), expected);
        assert_eq!(history.migrations[1].parents, ["0001_b"]);
    }

    #[test]
    fn what_is_not_later_than_one_before_it_is_overtaken() {
        let entries = [("0000_a", 5), ("0001_b", 9), ("0002_c", 7), ("0003_d", 9), ("0004_e", 10)];
        let files = ["0000_a.sql", "0001_b.sql", "0002_c.sql", "0003_d.sql", "0004_e.sql"];
        let history = Drizzle.read(&with_journal("sqlite", &entries, &files).listing(), EngineKind::Sqlite).unwrap();
        let overtaken: Vec<_> = history.migrations.iter().map(|migration| migration.overtaken_by.as_deref()).collect();
        assert_eq!(overtaken, [None, None, Some("0001_b"), Some("0001_b"), None]);
    }

    #[test]
    fn folders_are_read_where_there_is_no_journal() {
        let folder = Sandbox::with(&[
            "20260102000000_b/migration.sql",
            "20260101000000_a/migration.sql",
            "20260101000000_a/notes.sql",
            "20260103000000_c/note.sql",
            "0000_old.sql",
        ]);
        folder.write("migrations/20260101000000_a/snapshot.json", r#"{"dialect":"postgres"}"#);
        let history = Drizzle.read(&folder.listing(), EngineKind::Postgres).unwrap();
        let expected = [
            "20260101000000_a = 20260101000000_a up",
            "20260102000000_b = 20260102000000_b up",
            "0000_old.sql: there is no meta/_journal.json, and without it drizzle reads only folders",
            "20260101000000_a/notes.sql: of a folder drizzle reads only migration.sql",
            "20260103000000_c: it holds no migration.sql",
            "one way",
        ];
        assert_eq!(outline(&history), expected);
        let error = Drizzle.read(&folder.listing(), EngineKind::Sqlite).unwrap_err().to_string();
        assert!(error.contains("snapshot.json: its dialect is `postgres`, and these migrations"), "{error}");
    }

    #[test]
    fn breakpoints_cut() {
        let text = "CREATE TABLE a (x int);\n--> statement-breakpoint\nCREATE TABLE b (x int);--> statement-breakpoint";
        let cut: Vec<&str> = pieces(text).into_iter().map(|piece| &text[piece]).collect();
        assert_eq!(cut, ["CREATE TABLE a (x int);\n", "\nCREATE TABLE b (x int);", ""]);
        let folder = with_journal("mysql", &[("0000_a", 1)], &["0000_a.sql"]);
        let script = Drizzle.read(&folder.listing(), EngineKind::Mariadb).unwrap().migrations.remove(0).up;
        assert_eq!(script.transaction, TransactionMode::Wrapped);
        assert!(
            matches!(script.cutting, Cutting::Singles { pieces, none: NoStatement::Sent, .. } if pieces.len() == 1 && pieces[0] == (0..10))
        );
    }

    #[test]
    fn what_the_tool_stops_at_is_an_error() {
        let missing = with_journal("postgresql", &[("0000_a", 1), ("0001_b", 2)], &["0000_a.sql"]);
        let other = with_journal("singlestore", &[("0000_a", 1)], &["0000_a.sql"]);
        let broken = Sandbox::with(&["0000_a.sql", "meta/_journal.json"]);
        for (folder, expected) in [
            (
                missing,
                "migrations/meta/_journal.json: there is no 0001_b.sql for the entry `0001_b`, and drizzle stops",
            ),
            (
                other,
                "migrations/meta/_journal.json: its dialect is `singlestore`, and these migrations were asked for on",
            ),
            (broken, "migrations/meta/_journal.json: it is no journal ("),
        ] {
            let error = Drizzle.read(&folder.listing(), EngineKind::Postgres).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
