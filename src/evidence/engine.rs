//! Which engine a project's migrations are for, told by its files.

use std::collections::BTreeMap;
use std::iter;
use std::path::Path;

use thiserror::Error;

use super::cargo::cargo_dependency;
use super::declared;
use super::drivers::{Drivers, LANGUAGES, Language};
use super::manifests::Manifest;
use super::{Nearby, NearbyFolder, ServiceFiles};
use crate::history::EngineKind;

/// An engine, and what tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineClue {
    /// The engine.
    pub engine: EngineKind,
    /// What tells it, in the words of a person: `DATABASE_URL in .env.example`.
    pub from: String,
}

/// What tells an engine, and whether it means just that: what says `mysql` may only mean how it is spoken to.
#[derive(Clone, Debug)]
pub(super) struct Clue {
    pub(super) engine: EngineKind,
    pub(super) from: String,
    pub(super) certain: bool,
}

/// Files that name different engines.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{}, and nothing tells which of them these migrations are for; say which with --engine {} or `engine: {}` in rollproof.yml", .clues.iter().map(|clue| format!("{} says {}", clue.from, clue.engine.title())).collect::<Vec<_>>().join(", "), .clues[0].engine, .clues[0].engine)]
pub struct Disagreement {
    /// One clue for each engine, two or more.
    pub clues: Vec<EngineClue>,
}

impl Disagreement {
    fn of(clues: impl Iterator<Item = Clue>) -> Self {
        Self { clues: clues.map(EngineClue::from).collect() }
    }
}

impl From<Clue> for EngineClue {
    fn from(clue: Clue) -> Self {
        Self { engine: clue.engine, from: clue.from }
    }
}

/// The engines that a kind of file tells, each with the first thing that tells it.
type Clues = BTreeMap<EngineKind, Clue>;

/// The engine of the migrations in `folder`, looked for no higher than `root`. `None` where the files do not tell.
///
/// # Errors
/// They name different ones.
pub fn detect_engine(folder: &Path, root: &Path) -> Result<Option<EngineKind>, Disagreement> {
    let clue = engine_clue(&Nearby::around(folder, Some(root)), &ServiceFiles::default())?;
    Ok(clue.map(|clue| clue.engine))
}

/// What tells an engine, for people who wonder why nothing did.
pub fn engine_evidence() -> String {
    let mut looked_for = vec!["a word in the path"];
    looked_for.extend(declared::SOURCES.iter().map(|source| source.title));
    looked_for.extend([
        "features of sqlx, diesel and refinery",
        "drivers in manifests",
        "images of compose files and CI jobs",
    ]);
    looked_for.join(", ")
}

/// As [`detect_engine`], with what tells it, from what lies around the folder.
///
/// In this order: a word in the path from the root to the folder (`migrations/postgres`); what files declare
/// (`declared/`), which have to agree; the one engine that the features of sqlx, diesel or refinery enable, that of the
/// drivers in the manifests of each language, the one product among the images of compose files, and among those of CI jobs.
/// Whatever says `mysql` may mean MariaDB: where a driver or an image names that, and no image names MySQL, it is MariaDB.
///
/// # Errors
/// Files declare different engines; or nothing tells one, and something names several.
pub fn engine_clue(nearby: &Nearby, files: &ServiceFiles) -> Result<Option<EngineClue>, Disagreement> {
    let around = &nearby.folders;
    let Some(nearest) = around.first() else { return Ok(None) };
    if let Some(clue) = by_path(nearest) {
        return Ok(Some(clue));
    }
    let by_language = |language: &Language| {
        nearest_of(around.iter().map(|folder| by_drivers(folder, &(language.manifests)(folder), language.drivers)))
    };
    let by_images = |compose: bool| nearest_of(around.iter().map(|folder| by_services(folder, files, compose)));
    let drivers = || iter::once(by_cargo(around)).chain(LANGUAGES.iter().map(by_language));
    let images = || [true, false].into_iter().map(by_images);
    let clue = match agreed(declared::clues(around))? {
        Some(clue) => clue,
        None => {
            let all: Vec<Clues> = drivers().chain(images()).collect();
            match (all.iter().find_map(only), all.into_iter().find(|clues| clues.len() > 1)) {
                (Some(clue), _) => clue,
                // What names several is told rather than passed over.
                (None, Some(several)) => return Err(Disagreement::of(several.into_values())),
                (None, None) => return Ok(None),
            }
        }
    };
    if clue.engine != EngineKind::Mysql || clue.certain || images().any(|clues| clues.contains_key(&EngineKind::Mysql))
    {
        return Ok(Some(clue.into()));
    }
    let named =
        images().chain(drivers()).filter_map(|clues| only(&clues)).find(|clue| clue.engine == EngineKind::Mariadb);
    Ok(Some(named.unwrap_or(clue).into()))
}

/// The engine that all declarations mean, where there are some.
fn agreed(declared: Vec<Clue>) -> Result<Option<Clue>, Disagreement> {
    let mut clues = Clues::new();
    for clue in declared {
        add(&mut clues, clue);
    }
    let may_be_mariadb = clues.get(&EngineKind::Mysql).is_some_and(|clue| !clue.certain);
    if may_be_mariadb && clues.contains_key(&EngineKind::Mariadb) {
        clues.remove(&EngineKind::Mysql);
    }
    if clues.len() > 1 {
        return Err(Disagreement::of(clues.into_values()));
    }
    Ok(clues.into_values().next())
}

/// Adds a clue, unless the engine has one that is as certain.
fn add(clues: &mut Clues, clue: Clue) {
    match clues.get(&clue.engine) {
        Some(known) if known.certain || !clue.certain => {}
        _ => {
            clues.insert(clue.engine, clue);
        }
    }
}

/// What the nearest folder tells that names one engine; where none does, the nearest that names several.
fn nearest_of(folders: impl Iterator<Item = Clues>) -> Clues {
    let mut telling: Vec<Clues> = folders.filter(|clues| !clues.is_empty()).collect();
    let at = telling.iter().position(|clues| clues.len() == 1).unwrap_or(0);
    if telling.is_empty() { Clues::new() } else { telling.swap_remove(at) }
}

/// The engine, where exactly one is named.
fn only(clues: &Clues) -> Option<Clue> {
    if clues.len() == 1 { clues.values().next().cloned() } else { None }
}

/// A file of a folder, as seen from the root.
pub(super) fn shown(folder: &NearbyFolder, file: &str) -> String {
    folder.shown.join(file).display().to_string()
}

/// The engine that a word names, as people call it in paths, images, URL schemes and feature names.
pub(super) fn engine_of(word: &str) -> Option<EngineKind> {
    match word.to_ascii_lowercase().as_str() {
        "postgres" | "postgresql" | "pg" | "pgsql" => Some(EngineKind::Postgres),
        "mysql" => Some(EngineKind::Mysql),
        "mariadb" | "maria" => Some(EngineKind::Mariadb),
        "sqlite" | "sqlite3" => Some(EngineKind::Sqlite),
        _ => None,
    }
}

fn words(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
}

/// The last word of the path that names an engine.
fn by_path(folder: &NearbyFolder) -> Option<EngineClue> {
    let way = folder.shown.to_string_lossy();
    let engine = words(&way).rev().find_map(engine_of).filter(|_| folder.shown.is_relative())?;
    Some(EngineClue { engine, from: format!("the path {way}") })
}

/// The engines that the features of sqlx, diesel or refinery enable, in the nearest manifest that declares one of them; where it
/// inherits from the workspace, in that too.
fn by_cargo(around: &[NearbyFolder]) -> Clues {
    let mut clues = Clues::new();
    for folder in around {
        let mut inherited = false;
        let mut declared = false;
        for name in ["sqlx", "diesel", "refinery"] {
            let Some(dependency) = cargo_dependency(folder, name) else { continue };
            (declared, inherited) = (true, inherited || dependency.inherited);
            for feature in &dependency.features {
                if let Some(engine) = engine_of_feature(feature) {
                    let from = format!("{}, features of {name}", shown(folder, "Cargo.toml"));
                    add(&mut clues, Clue { engine, from, certain: engine != EngineKind::Mysql });
                }
            }
        }
        if declared && !inherited {
            break;
        }
    }
    clues
}

/// The engine that a feature enables: `sqlite-unbundled`, `mysql_async`, and refinery's `tokio-postgres`, `rusqlite-bundled`.
fn engine_of_feature(feature: &str) -> Option<EngineKind> {
    match feature.split(['-', '_']).collect::<Vec<_>>().as_slice() {
        ["rusqlite", ..] => Some(EngineKind::Sqlite),
        ["tokio", driver, ..] | [driver, ..] => engine_of(driver),
        [] => None,
    }
}

/// The engines of the drivers among the packages that manifests name.
fn by_drivers(folder: &NearbyFolder, manifests: &[Manifest], drivers: Drivers) -> Clues {
    let mut clues = Clues::new();
    for (file, names) in manifests {
        for name in names {
            if let Some((driver, engine)) = drivers.iter().find(|(driver, _)| driver == name) {
                let from = format!("{}, {driver}", shown(folder, file));
                add(&mut clues, Clue { engine: *engine, from, certain: *engine != EngineKind::Mysql });
            }
        }
    }
    clues
}

/// The products among the images of the services that files here name.
fn by_services(folder: &NearbyFolder, files: &ServiceFiles, compose: bool) -> Clues {
    let mut clues = Clues::new();
    for service in files.of(&folder.path).found.iter().filter(|service| service.compose == compose) {
        if let Some(engine) = product(&service.image) {
            add(&mut clues, Clue { engine, from: shown(folder, &service.from), certain: true });
        }
    }
    clues
}

/// The product of a container image: `docker.io/library/postgres:17`, `bitnami/postgresql@sha256:...`.
pub(super) fn product(image: &str) -> Option<EngineKind> {
    let name = image.rsplit('/').next().unwrap_or(image).split([':', '@']).next().unwrap_or_default();
    match name {
        "postgis" | "pgvector" | "timescaledb" | "timescaledb-ha" => Some(EngineKind::Postgres),
        "percona" => Some(EngineKind::Mysql),
        _ => engine_of(name),
    }
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
