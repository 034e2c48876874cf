//! The migration folders that this version reads.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::images;
use super::model::FoundDatabase;
use crate::evidence::{self, Nearby, ServiceFiles};
use crate::history::{self, EngineKind};

/// Folders whose migrations are material for tests and manuals.
const MATERIAL: [&str; 8] = ["test", "tests", "testdata", "fixtures", "examples", "example", "benches", "docs"];

/// Products that Rollproof does not know, as paths name them.
const UNKNOWN_PRODUCTS: [(&str, &str); 8] = [
    ("clickhouse", "ClickHouse"),
    ("cassandra", "Cassandra"),
    ("scylla", "ScyllaDB"),
    ("cockroach", "CockroachDB"),
    ("duckdb", "DuckDB"),
    ("mssql", "SQL Server"),
    ("sqlserver", "SQL Server"),
    ("oracle", "Oracle"),
];

/// Takes out the folders whose path names a product that Rollproof does not know, and notes them.
pub(super) fn of_known_products(found: Vec<PathBuf>, root: &Path, notes: &mut Vec<String>) -> Vec<PathBuf> {
    let product = |folder: &Path| {
        let way = folder.strip_prefix(root).unwrap_or(folder).to_string_lossy().to_lowercase();
        let mut words = way.split(|c: char| !c.is_ascii_alphanumeric());
        words.find_map(|word| UNKNOWN_PRODUCTS.iter().find(|(name, _)| *name == word)).map(|(_, title)| *title)
    };
    let mut known = Vec::new();
    for folder in found {
        match product(&folder) {
            Some(title) => {
                let way = folder.strip_prefix(root).unwrap_or(&folder);
                notes.push(format!("{} is for {title}, which rollproof does not know; passed over", way.display()));
            }
            None => known.push(folder),
        }
    }
    known
}

/// The folders that are likely to be the project's own; the others are noted. Where another tool was found, numbered SQL
/// files count only in folders that call themselves migrations.
pub(super) fn likely(found: Vec<PathBuf>, root: &Path, other_tool: bool, notes: &mut Vec<String>) -> Vec<PathBuf> {
    let way = |folder: &Path| folder.strip_prefix(root).unwrap_or(folder).to_owned();
    let is_material = |folder: &PathBuf| {
        way(folder).components().any(|part| part.as_os_str().to_str().is_some_and(|part| MATERIAL.contains(&part)))
    };
    let is_named = |folder: &PathBuf| way(folder).to_string_lossy().to_lowercase().contains("migration");
    let some_are_ours = found.iter().any(|folder| !is_material(folder));
    let (ours, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|folder| {
        (!some_are_ours || !is_material(folder))
            && (!other_tool || is_named(folder) || history::is_run_by_a_tool(folder))
    });
    notes.extend(others.iter().map(|folder| {
        format!("{} holds numbered scripts too, and was passed over; add it if it is a history", way(folder).display())
    }));
    ours
}

/// What the files tell about each folder, with what lies around it.
pub(super) fn described(folders: &[(PathBuf, Nearby)], root: &Path, files: &ServiceFiles) -> Vec<FoundDatabase> {
    let way = |folder: &Path| match folder.strip_prefix(root) {
        // The project's own folder holds the migrations.
        Ok(way) if way.as_os_str().is_empty() => PathBuf::from("."),
        Ok(way) => way.to_owned(),
        Err(_) => folder.to_owned(),
    };
    let ways: Vec<PathBuf> = folders.iter().map(|(folder, _)| way(folder)).collect();
    let names = names(&ways);
    let all = folders.iter().zip(ways).zip(names);
    all.map(|(((folder, nearby), migrations), name)| {
        let (engine, undecided) = match evidence::engine_clue(nearby, files) {
            Ok(engine) => (engine, Vec::new()),
            Err(disagreement) => (None, disagreement.clues),
        };
        let mut images = images::found(nearby, files, engine.as_ref().map(|clue| clue.engine)).into_iter();
        let format = history::detect(folder).map(history::Format::name).map_err(|error| error.to_string());
        let reader = engine.as_ref().map_or(EngineKind::Postgres, |clue| clue.engine);
        let counts = history::read(folder, &migrations, format.as_ref().ok().copied(), reader)
            .map(|history| {
                let downs = history.migrations.iter().filter(|migration| migration.down.is_some()).count();
                (history.migrations.len(), downs)
            })
            .map_err(|error| error.to_string());
        FoundDatabase {
            name,
            engine,
            undecided,
            image: images.next(),
            other_images: images.collect(),
            migrations,
            models: Vec::new(),
            format,
            counts,
        }
    })
    .collect()
}

/// A name for each folder: `main` for a single one, else the first part of its path by which it differs from all others,
/// else its path without what is the same at the end of all, such as `migrations`.
fn names(ways: &[PathBuf]) -> Vec<String> {
    if ways.len() < 2 {
        return ways.iter().map(|_| "main".to_owned()).collect();
    }
    let mut parts: Vec<Vec<String>> = ways
        .iter()
        .map(|way| way.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect())
        .collect();
    while parts.iter().all(|part| part.len() > 1 && part.last() == parts[0].last()) {
        for part in &mut parts {
            part.pop();
        }
    }
    let longest = parts.iter().map(Vec::len).max().unwrap_or(0);
    let telling = (0..longest).find(|at| {
        let at_this_place: BTreeSet<&String> = parts.iter().filter_map(|parts| parts.get(*at)).collect();
        at_this_place.len() == ways.len()
    });
    let name = |parts: &Vec<String>| match telling {
        Some(at) => parts[at].clone(),
        None => parts.join("-"),
    };
    parts.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases_are_named_by_what_differs() {
        for (ways, expected) in [
            (&[][..], &[][..]),
            (&["migrations"], &["main"]),
            (&["migrations/postgres", "migrations/sqlite"], &["postgres", "sqlite"]),
            (&["core/lib/dal/migrations", "prover/dal/migrations"], &["core", "prover"]),
            (&["db/a/migrations", "db/b/migrations", "app/a/migrations"], &["db-a", "db-b", "app-a"]),
            (&["db", "db2/migrations"], &["db", "db2"]),
            (&["migrations", "a/migrations"], &["migrations", "a"]),
        ] {
            let ways: Vec<PathBuf> = ways.iter().map(PathBuf::from).collect();
            assert_eq!(names(&ways), expected);
        }
    }

    #[test]
    fn products_that_are_not_known_are_passed_over() {
        let found = ["app/db/clickhouse/migrations", "app/oracles/migrations"].map(PathBuf::from).to_vec();
        let mut notes = Vec::new();
        assert_eq!(of_known_products(found, Path::new("app"), &mut notes), [Path::new("app/oracles/migrations")]);
        assert!(notes[0].starts_with("db/clickhouse/migrations is for ClickHouse"), "{notes:?}");
    }

    #[test]
    fn material_for_tests_is_passed_over() {
        let likely = |ways: &[&str], other_tool: bool| {
            let mut notes = Vec::new();
            let found = ways.iter().map(|way| Path::new("app").join(way)).collect();
            let ours = likely(found, Path::new("app"), other_tool, &mut notes);
            (ours.len(), notes.len())
        };
        assert_eq!(likely(&["db/migrations", "tests/a/migrations", "docs/x"], false), (1, 2));
        assert_eq!(likely(&["tests/a/migrations"], false), (1, 0));
        assert_eq!(likely(&["seeds", "db"], false), (2, 0));
        assert_eq!(likely(&["seeds", "db/migrations"], true), (1, 1));
    }
}
