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
    let base_schema = match &database.base_schema {
        Some(path) => {
            let path = project.resolve(path);
            let text = read(&path)?;
            Some((path, text))
        }
        None => None,
    };
    Ok(setup_from(base_schema, format, conduct))
}

/// The same with the text of the base schema, which stands in this file.
pub(super) fn setup_from(base_schema: Option<(PathBuf, String)>, format: &str, conduct: &Conduct) -> Vec<Script> {
    let mut scripts: Vec<Script> = base_schema.into_iter().map(|(path, text)| script(path, text)).collect();
    if !conduct.bookkeeping_setup.is_empty() {
        let path = PathBuf::from(format!("<bookkeeping of {format}>"));
        scripts.push(script(path, conduct.bookkeeping_setup.join(";\n")));
    }
    scripts
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
