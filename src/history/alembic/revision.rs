//! One file of a revision.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::history::python::{Assignment, Module, Value};
use crate::history::{Call, Direction, HistoryError, Migration, Script};

/// A revision, as its file says it.
#[derive(Debug)]
pub(super) struct Revision {
    /// The migration, whose parents are those that the file names.
    pub(super) migration: Migration,
    /// The labels of the branch that begins here.
    pub(super) labels: Vec<String>,
}

/// Reads a file.
///
/// # Errors
/// It names no revision, or one that only running it would tell.
pub(super) fn read(module: &Module, tool: &'static str) -> Result<Revision, HistoryError> {
    let assigned = module.assignments();
    let shown = &module.shown;
    let Some(revision) = assigned.get("revision") else {
        let problem = "it assigns no `revision`";
        let next_step = "write `revision = \"...\"`, or move the file out of the folder of the revisions";
        return Err(HistoryError::stops(shown, tool, problem, next_step));
    };
    let Value::Text(id) = &revision.value else { return Err(computed(shown, "revision", revision)) };
    let names = |name: &str| assigned.get(name).map_or(Ok(Vec::new()), |one| texts(shown, name, one));
    let (parents, depends_on, labels) = (names("down_revision")?, names("depends_on")?, names("branch_labels")?);
    let functions = module.functions();
    let (up, down) = (functions.get("upgrade"), functions.get("downgrade"));
    let header = ["down_revision", "depends_on"].iter().filter_map(|name| Some(assigned.get(*name)?.span.clone()));
    // The docstring names the parent, and the time.
    let header: Vec<Range<usize>> = header.chain(module.docstring()).collect();
    let script = |direction, own: Option<usize>, other: Option<Range<usize>>| {
        let beside = module.lines_of(header.iter().cloned().chain(other));
        let call = Call { revision: id.clone(), direction };
        let script = Script::by_tool(shown.clone(), Arc::clone(&module.text), call);
        Script { stands_at: Some(own.unwrap_or(revision.line)), beside, ..script }
    };
    let forward = script(Direction::Up, up.map(|one| one.line), down.map(|one| one.span.clone()));
    let backward = down.map(|one| script(Direction::Down, Some(one.line), up.map(|one| one.span.clone())));
    let migration = Migration::new(id.clone(), id.clone(), forward, backward);
    let parents_at = assigned.get("down_revision").map(|one| one.line);
    Ok(Revision { migration: Migration { parents, parents_at, depends_on, ..migration }, labels })
}

/// A text, several, or none.
fn texts(shown: &Path, name: &str, assigned: &Assignment) -> Result<Vec<String>, HistoryError> {
    let one = |value: &Value| match value {
        Value::Text(text) => Ok(text.clone()),
        _ => Err(computed(shown, name, assigned)),
    };
    match &assigned.value {
        Value::Nothing => Ok(Vec::new()),
        Value::List(items) => items.iter().map(one).collect(),
        value => Ok(vec![one(value)?]),
    }
}

fn computed(shown: &Path, name: &str, assigned: &Assignment) -> HistoryError {
    HistoryError::Unusable {
        path: shown.to_owned(),
        line: assigned.line,
        reason: format!("`{name}` is computed when the file runs, so that reading does not tell what it is"),
        next_step: "write it as a literal, as `alembic revision` does",
    }
}
