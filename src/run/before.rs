//! What exists before the first migration, and what is left out of comparisons.

use std::path::{Path, PathBuf};

use crate::config::{Database, Excluded, Project};
use crate::history::{Conduct, EngineKind, Script, TransactionMode};

/// The scripts that make what exists before the first migration: the base schema, then the tool's bookkeeping tables.
///
/// # Errors
/// When the base schema cannot be read.
pub(super) fn setup(
    project: &Project,
    database: &Database,
    format: &str,
    conduct: &Conduct,
) -> Result<Vec<Script>, String> {
    let mut scripts = Vec::new();
    if let Some(path) = &database.base_schema {
        let path = project.resolve(path);
        scripts.push(script(path.clone(), read(&path)?));
    }
    if !conduct.bookkeeping_setup.is_empty() {
        let path = PathBuf::from(format!("<bookkeeping of {format}>"));
        scripts.push(script(path, conduct.bookkeeping_setup.join(";\n")));
    }
    Ok(scripts)
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| {
        format!("cannot read the base schema {}: {error}; check `base-schema` in rollproof.yml", path.display())
    })
}

fn script(path: PathBuf, text: String) -> Script {
    Script { path, text: text.into(), first_line: 1, transaction: TransactionMode::Autocommit }
}

/// The objects that are left out of every comparison, as [`crate::schema::ObjectId`] prints them.
pub(super) fn left_out(database: &Database, engine: EngineKind, conduct: &Conduct) -> Vec<String> {
    let tables = conduct.bookkeeping.iter().chain(&database.bookkeeping);
    let excluded = database.exclude.iter().filter_map(|excluded| match &excluded.what {
        Excluded::Object(object) => Some(object.clone()),
        Excluded::Kind(_) => None,
    });
    tables.map(|name| table(name, engine)).chain(excluded).collect()
}

/// The kinds of objects that are left out of every comparison, each with the reason.
pub(super) fn left_out_kinds(database: &Database) -> Vec<(&str, &str)> {
    let kinds = database.exclude.iter().filter_map(|excluded| match &excluded.what {
        Excluded::Kind(kind) => Some((kind.as_str(), excluded.reason.as_str())),
        Excluded::Object(_) => None,
    });
    kinds.collect()
}

/// Names of the configuration that are to be left out and are not there: each as a note.
pub(super) fn matched_nothing(database: &Database, engine: EngineKind, unmatched: &[String]) -> Vec<String> {
    let bookkeeping = database.bookkeeping.iter().filter(|name| unmatched.contains(&table(name, engine)));
    let note = |key: &str, name: &str| {
        format!("`{key}` names `{name}`, which matched nothing: no snapshot of this run held such an object")
    };
    let excluded = database.exclude.iter().filter_map(|excluded| match &excluded.what {
        Excluded::Object(object) if unmatched.contains(object) => Some(note("exclude", object)),
        Excluded::Object(_) | Excluded::Kind(_) => None,
    });
    bookkeeping.map(|name| note("bookkeeping", name)).chain(excluded).collect()
}

/// A table as [`crate::schema::ObjectId`] prints it. One without a schema's name is made in the first schema of the search
/// path, which is `public`.
fn table(name: &str, engine: EngineKind) -> String {
    match engine {
        EngineKind::Postgres if !name.contains('.') => format!("table public.{name}"),
        EngineKind::Postgres | EngineKind::Mysql | EngineKind::Mariadb | EngineKind::Sqlite => format!("table {name}"),
    }
}
