//! The migrations of diesel: `diesel migration run`, `embed_migrations!`.
//!
//! The facts are those of diesel 2.3 (`diesel_migrations`, `migrations_internals`, `diesel/src/migration`):
//! - Each folder is a migration, except hidden and empty ones; files beside the folders are passed over. The tool stops at
//!   a folder without `up.sql`. `down.sql` may be missing.
//! - The version is what precedes the first `_`, without its `-`. Versions are ordered as text.
//! - `run_in_transaction` in `metadata.toml` decides about the transaction of both scripts. Without the file, or with one
//!   that does not parse, it is true; in a file that does not say it, it is false.
//! - A script is sent in one message. A script of no bytes is refused.
//! - SQLite's foreign keys are left at the library's default, which is off (<https://www.sqlite.org/foreignkeys.html>,
//!   section 2) unless the library was compiled otherwise.

use super::{
    Conduct, EngineKind, Entry, Evidence, Format, History, HistoryError, Kind, Listing, Migration, Script,
    TransactionMode, Unmatched,
};
use crate::evidence::{Nearby, cargo_dependency};

/// The format.
pub(super) struct Diesel;

impl Format for Diesel {
    fn name(&self) -> &'static str {
        "diesel"
    }

    fn looked_for(&self) -> &'static str {
        "<version>_<name>/up.sql and down.sql"
    }

    fn recognise(&self, listing: &Listing, nearby: &Nearby) -> Option<Evidence> {
        let scripts = folders(listing).filter(|(_, inner)| named(inner, "up.sql").is_some()).count();
        let project = nearby.nearest(|folder| {
            let crates = ["diesel", "diesel_migrations", "diesel-async"];
            let named = folder.has("diesel.toml") || crates.iter().any(|name| cargo_dependency(folder, name).is_some());
            folder.clue(named, "Cargo.toml", ".rs")
        });
        (scripts > 0).then_some(Evidence { scripts, project, specific: true })
    }

    fn read(&self, listing: &Listing, engine: EngineKind) -> Result<History, HistoryError> {
        let (mut migrations, mut unmatched) = (Vec::new(), files_beside(listing));
        for (folder, inner) in folders(listing) {
            let Some(up) = named(inner, "up.sql") else {
                let reason = "it holds no up.sql; diesel stops at a folder like this".to_owned();
                unmatched.push(Unmatched { path: folder.shown.clone(), reason });
                continue;
            };
            let transaction = transaction(named(inner, "metadata.toml"), engine);
            let script = |entry: &Entry| {
                let text = entry.text_with_mark()?;
                Ok(Script::new(entry.shown.clone(), text, transaction))
            };
            let up = script(up)?;
            if up.text.is_empty() {
                return Err(HistoryError::EmptyScript { path: up.path, tool: "diesel" });
            }
            let down = named(inner, "down.sql").map(script).transpose()?;
            let id = folder.name.clone();
            migrations.push(Migration::new(id.clone(), version(&id), up, down));
            unmatched.extend(strangers(inner));
        }
        migrations.sort_by(|a: &Migration, b| a.version.cmp(&b.version).then_with(|| a.id.cmp(&b.id)));
        for index in 1..migrations.len() {
            migrations[index].parents = vec![migrations[index - 1].id.clone()];
        }
        unmatched.sort_by(|a, b| a.path.cmp(&b.path));
        let one_way = !migrations.is_empty() && migrations.iter().all(|migration| migration.down.is_none());
        Ok(History {
            format: self.name(),
            folder: listing.shown.clone(),
            migrations,
            unmatched,
            one_way,
            declares_parents: false,
        })
    }

    fn conduct(&self, engine: EngineKind) -> Conduct {
        let session: &[&str] = match engine {
            EngineKind::Postgres => &["SET TIME ZONE 'UTC'", "SET CLIENT_ENCODING TO 'UTF8'"],
            EngineKind::Mysql | EngineKind::Mariadb => &[
                "SET time_zone = '+00:00'",
                "SET character_set_client = 'utf8mb4'",
                "SET character_set_connection = 'utf8mb4'",
                "SET character_set_results = 'utf8mb4'",
            ],
            EngineKind::Sqlite => &["PRAGMA foreign_keys = OFF"],
        };
        let table = "CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (\n       \
                     version VARCHAR(50) PRIMARY KEY NOT NULL,\n       \
                     run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP\n)";
        Conduct::new(session, &[table], &["__diesel_schema_migrations"])
    }
}

/// The folders that the tool looks into.
fn folders(listing: &Listing) -> impl Iterator<Item = (&Entry, &[Entry])> {
    listing.folders().filter(|(folder, inner)| !folder.name.starts_with('.') && !inner.is_empty())
}

fn named<'a>(inner: &'a [Entry], name: &str) -> Option<&'a Entry> {
    inner.iter().find(|entry| entry.name == name)
}

fn version(id: &str) -> String {
    id.split('_').next().unwrap_or(id).replace('-', "")
}

fn files_beside(listing: &Listing) -> Vec<Unmatched> {
    let files = listing.entries.iter().filter(|entry| !matches!(entry.kind, Kind::Folder(_)) && !entry.is_harmless());
    let reason = "it lies beside the folders, and diesel reads only what is in them";
    files.map(|entry| Unmatched { path: entry.shown.clone(), reason: reason.to_owned() }).collect()
}

fn strangers(inner: &[Entry]) -> impl Iterator<Item = Unmatched> {
    let read = ["up.sql", "down.sql", "metadata.toml"];
    let strange = inner.iter().filter(move |entry| !read.contains(&entry.name.as_str()) && !entry.is_harmless());
    let reason = "of a folder diesel reads only up.sql and down.sql";
    strange.map(|entry| Unmatched { path: entry.shown.clone(), reason: reason.to_owned() })
}

fn transaction(metadata: Option<&Entry>, engine: EngineKind) -> TransactionMode {
    let table = metadata.and_then(|entry| entry.text().ok()).and_then(|text| text.parse::<toml::Table>().ok());
    let wrapped = match table.as_ref().map(|table| table.get("run_in_transaction")) {
        None => true,
        Some(None) => false,
        Some(Some(value)) => value.as_bool().unwrap_or(true),
    };
    match engine {
        _ if wrapped => TransactionMode::Wrapped,
        EngineKind::Postgres => TransactionMode::Batch,
        EngineKind::Mysql | EngineKind::Mariadb | EngineKind::Sqlite => TransactionMode::Autocommit,
    }
}

#[cfg(test)]
mod tests {
    use crate::history::sandbox::{Sandbox, outline};

    use super::*;

    #[test]
    fn folders_order_as_text() {
        let cases: &[(&[&str], &[&str])] = &[
            (
                &["2020-01-02-000000_b/up.sql", "2020-01-02-000000_b/down.sql", "20200101000000_a/up.sql"],
                &["20200101000000_a = 20200101000000 up", "2020-01-02-000000_b = 20200102000000 up down"],
            ),
            (&["9_a/up.sql", "10_b/up.sql"], &["10_b = 10 up", "9_a = 9 up", "one way"]),
            (
                &[
                    "1_a/up.sql",
                    "1_a/down.sql",
                    "1_a/metadata.toml",
                    "1_a/seed.sql",
                    "1_a/NOTES.md",
                    ".hidden/x.sql",
                    "2_b/down.sql",
                    "3_c.sql",
                    "README.md",
                    "later/.keep",
                    "1-0_c/up.sql",
                    "plain/up.sql",
                ],
                &[
                    "1_a = 1 up down",
                    "1-0_c = 10 up",
                    "plain = plain up",
                    "1_a/seed.sql: of a folder diesel reads only up.sql and down.sql",
                    "2_b: it holds no up.sql; diesel stops at a folder like this",
                    "3_c.sql: it lies beside the folders, and diesel reads only what is in them",
                    "later: it holds no up.sql; diesel stops at a folder like this",
                ],
            ),
            (
                &["2020-01-01_a/up.sql", "20200101_b/up.sql"],
                &["2020-01-01_a = 20200101 up", "20200101_b = 20200101 up", "one way"],
            ),
        ];
        for (files, expected) in cases {
            let folder = Sandbox::with(files);
            std::fs::create_dir(folder.migrations().join("empty")).unwrap();
            let history = Diesel.read(&folder.listing(), EngineKind::Postgres).unwrap();
            assert_eq!(outline(&history), *expected, "{files:?}");
        }
    }

    #[test]
    fn metadata_decides_about_the_transaction() {
        use EngineKind::{Mysql, Postgres, Sqlite};
        use TransactionMode::{Autocommit, Batch, Wrapped};
        let cases = [
            (None, Postgres, Wrapped),
            (Some("run_in_transaction = true"), Postgres, Wrapped),
            (Some("run_in_transaction = false"), Postgres, Batch),
            (Some("run_in_transaction = false"), Sqlite, Autocommit),
            (Some("run_in_transaction = false"), Mysql, Autocommit),
            (Some("owner = \"us\""), Postgres, Batch),
            (Some("run_in_transaction = \"no\""), Postgres, Wrapped),
            (Some("run_in_transaction ="), Postgres, Wrapped),
        ];
        for (metadata, engine, expected) in cases {
            let folder = Sandbox::with(&["1_a/up.sql", "1_a/down.sql"]);
            if let Some(text) = metadata {
                folder.write("migrations/1_a/metadata.toml", text);
            }
            let history = Diesel.read(&folder.listing(), engine).unwrap();
            let migration = &history.migrations[0];
            assert_eq!(migration.up.transaction, expected, "{metadata:?} on {engine}");
            assert_eq!(migration.down.as_ref().unwrap().transaction, expected);
        }
    }

    #[test]
    fn an_up_of_no_bytes_is_refused_and_a_comment_is_not() {
        let folder = Sandbox::with(&["1_a/up.sql"]);
        folder.write("migrations/1_a/down.sql", "-- nothing to undo\n");
        assert!(Diesel.read(&folder.listing(), EngineKind::Sqlite).is_ok());
        folder.write("migrations/1_a/up.sql", "");
        let error = Diesel.read(&folder.listing(), EngineKind::Sqlite).unwrap_err().to_string();
        assert!(error.starts_with("migrations/1_a/up.sql is empty: diesel does not run an empty script"), "{error}");
    }
}
