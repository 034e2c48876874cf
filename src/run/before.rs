//! What exists before the first migration, and what is left out of comparisons.

use std::path::{Path, PathBuf};

use crate::config::{Database, Excluded, Project};
use crate::engine::SessionSpec;
use crate::engine::mysql::dumped::into_one_database;
use crate::engine::mysql::split::Rules;
use crate::history::{self, Conduct, Cutting, EngineKind, History, Script, TransactionMode};

/// What surrounds the migrations of one history in every replay of it.
#[derive(Clone, Debug)]
pub struct Before {
    /// What makes the things that exist before the first migration.
    pub setup: Vec<Script>,
    /// The session of every migration.
    pub session: SessionSpec,
    /// The objects that are left out of every comparison, as [`crate::schema::ObjectId`] prints them.
    pub left_out: Vec<String>,
    /// The kinds of objects that are left out of every comparison, as the user names them, each with the reason.
    pub left_out_kinds: Vec<(String, String)>,
}

/// What the configuration and the history's format say of the time before the first migration, for a server of `engine`.
///
/// # Errors
/// When the base schema cannot be read.
pub fn before(project: &Project, database: &Database, history: &History, engine: EngineKind) -> Result<Before, String> {
    let base_schema = match &database.base_schema {
        Some(path) => {
            let path = project.resolve(path);
            let text = read(&path)?;
            Some((path, text))
        }
        None => None,
    };
    before_from(base_schema, database, history, engine)
}

/// The same with the text of the base schema, which stands in this file.
///
/// # Errors
/// When the history's format is not known.
pub(super) fn before_from(
    base_schema: Option<(PathBuf, String)>,
    database: &Database,
    history: &History,
    engine: EngineKind,
) -> Result<Before, String> {
    let format = history::format_named(history.format).ok_or("the history's format is not known")?;
    let conduct = format.conduct_in(&history.folder, engine);
    let base_schema = base_schema.map(|(path, text)| base_script(path, text, engine)).transpose()?;
    let statements = conduct.session.iter().chain(&database.prelude).cloned().collect();
    Ok(Before {
        setup: setup(base_schema, history.format, &conduct),
        session: SessionSpec { statements, role: database.role.clone() },
        left_out: left_out(database, engine, &conduct),
        left_out_kinds: left_out_kinds(database),
    })
}

/// The scripts that make what exists before the first migration: the base schema, then the tool's bookkeeping tables.
fn setup(base_schema: Option<Script>, format: &str, conduct: &Conduct) -> Vec<Script> {
    let mut scripts: Vec<Script> = base_schema.into_iter().collect();
    if !conduct.bookkeeping_setup.is_empty() {
        let path = PathBuf::from(format!("<bookkeeping of {format}>"));
        scripts.push(script(path, conduct.bookkeeping_setup.join(";\n")));
    }
    scripts
}

/// The base schema as its product's client would load it.
fn base_script(path: PathBuf, text: String, engine: EngineKind) -> Result<Script, String> {
    if !matches!(engine, EngineKind::Mysql | EngineKind::Mariadb) {
        return Ok(script(path, text));
    }
    let text = into_one_database(&text, Rules::newest(engine));
    let text = text.map_err(|reason| format!("the base schema {} {reason}", path.display()))?;
    Ok(Script { cutting: Cutting::Client, ..script(path, text) })
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| {
        format!("cannot read the base schema {}: {error}; check `base-schema` in rollproof.yml", path.display())
    })
}

fn script(path: PathBuf, text: String) -> Script {
    Script::new(path, text.into(), TransactionMode::Autocommit)
}

fn left_out(database: &Database, engine: EngineKind, conduct: &Conduct) -> Vec<String> {
    let tables = conduct.bookkeeping.iter().chain(&database.bookkeeping);
    let excluded = database.exclude.iter().filter_map(|excluded| match &excluded.what {
        Excluded::Object(object) => Some(object.clone()),
        Excluded::Kind(_) => None,
    });
    tables.map(|name| table(name, engine)).chain(excluded).collect()
}

fn left_out_kinds(database: &Database) -> Vec<(String, String)> {
    let kinds = database.exclude.iter().filter_map(|excluded| match &excluded.what {
        Excluded::Kind(kind) => Some((kind.clone(), excluded.reason.clone())),
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
pub(super) fn table(name: &str, engine: EngineKind) -> String {
    match engine {
        EngineKind::Postgres if !name.contains('.') => format!("table public.{name}"),
        EngineKind::Postgres | EngineKind::Mysql | EngineKind::Mariadb | EngineKind::Sqlite => format!("table {name}"),
    }
}
