//! One file of a migration.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::history::python::{Assignment, Class, Module, Value};
use crate::history::{Call, Direction, HistoryError, Migration, Script};

/// A migration by its app and its name; the name may be `__first__` or `__latest__`.
pub(super) type Key = (String, String);

/// A migration, as its file says it.
#[derive(Debug)]
pub(super) struct Read {
    /// The app and the name.
    pub(super) key: Key,
    /// The migration; what goes before it is not known yet.
    pub(super) migration: Migration,
    pub(super) dependencies: Vec<Key>,
    pub(super) run_before: Vec<Key>,
    pub(super) replaces: Vec<Key>,
}

/// The id of a migration.
pub(super) fn id(key: &Key) -> String {
    format!("{}.{}", key.0, key.1)
}

/// Reads a file.
///
/// # Errors
/// It has no class `Migration`, or one whose place only running it would tell.
pub(super) fn read(module: &Module, app: &str, settings: &BTreeMap<String, String>) -> Result<Read, HistoryError> {
    let shown = &module.shown;
    let name = shown.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let classes = module.classes();
    let Some(class) = classes.iter().find(|class| class.name == "Migration") else {
        let problem = "it has no class `Migration`";
        let next_step = "write the class, or let the name of the file begin with `_`";
        return Err(HistoryError::stops(shown, "django", problem, next_step));
    };
    let keys = |name: &str| keys(shown, name, class.assignments.get(name), settings);
    let (dependencies, run_before, replaces) = (keys("dependencies")?, keys("run_before")?, keys("replaces")?);
    let key = (app.to_owned(), name);
    let script = |direction| script(module, class, &key, direction);
    let migration = Migration::new(id(&key), id(&key), script(Direction::Up), Some(script(Direction::Down)));
    let parents_at = class.assignments.get("dependencies").map(|one| one.line);
    let migration = Migration { branch: Some(app.to_owned()), parents_at, ..migration };
    Ok(Read { key, migration, dependencies, run_before, replaces })
}

/// One direction: the operations say both, so that the text is one.
fn script(module: &Module, class: &Class, key: &Key, direction: Direction) -> Script {
    let placed = ["dependencies", "run_before", "replaces"].iter().filter_map(|name| class.assignments.get(*name));
    let beside = module.lines_of(placed.map(|one| one.span.clone()).chain(module.docstring()));
    let line = class.assignments.get("operations").map_or(class.line, |operations| operations.line);
    let call = Call { revision: id(key), direction };
    let script = Script::by_tool(module.shown.clone(), Arc::clone(&module.text), call);
    Script { stands_at: Some(line), beside, ..script }
}

/// A list of pairs of an app and a name. Of a swappable model the app is that of the settings; where these do not tell, it is
/// somebody else's.
fn keys(
    shown: &Path,
    name: &str,
    assigned: Option<&Assignment>,
    settings: &BTreeMap<String, String>,
) -> Result<Vec<Key>, HistoryError> {
    let Some(assigned) = assigned else { return Ok(Vec::new()) };
    let computed = |line: usize| HistoryError::Unusable {
        path: shown.to_owned(),
        line,
        reason: format!("`{name}` is computed when the file runs, so that reading does not tell what it is"),
        next_step: "write it as a literal, as `makemigrations` does",
    };
    let Value::List(items) = &assigned.value else { return Err(computed(assigned.line)) };
    let mut keys = Vec::new();
    for item in items {
        match item {
            Value::List(pair) => match pair.as_slice() {
                [Value::Text(app), Value::Text(name)] => keys.push((app.clone(), name.clone())),
                _ => return Err(computed(assigned.line)),
            },
            Value::Call(called, arguments) if called == "swappable_dependency" => {
                let model = match arguments.as_slice() {
                    [Value::Text(model)] => Some(model),
                    [Value::Name(name)] => settings.get(name.rsplit('.').next().unwrap_or(name)),
                    _ => return Err(computed(assigned.line)),
                };
                let app = model.and_then(|model| model.split('.').next());
                keys.extend(app.map(|app| (app.to_owned(), "__first__".to_owned())));
            }
            Value::Computed(line) => return Err(computed(*line)),
            _ => return Err(computed(assigned.line)),
        }
    }
    Ok(keys)
}
