//! What exists before the first migration, and what is left out of comparisons.

use std::path::{Path, PathBuf};

use crate::config::{Database, Project};
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
    let table = |name: &String| match engine {
        // A table without a schema's name is made in the first schema of the search path, which is `public`.
        EngineKind::Postgres if !name.contains('.') => format!("table public.{name}"),
        EngineKind::Postgres | EngineKind::Mysql | EngineKind::Mariadb | EngineKind::Sqlite => format!("table {name}"),
    };
    tables.map(table).chain(database.exclude.iter().map(|excluded| excluded.object.clone())).collect()
}
