//! The apps of a project that have migrations, and what its settings say of them.

use std::collections::BTreeMap;
use std::path::Path;

use crate::history::python::{Module, Value};
use crate::history::{Entry, HistoryError, Kind, Listing};

/// Folders of dependencies and build results: apps in them are not the project's own.
const NOT_OURS: [&str; 8] = ["site-packages", "node_modules", "venv", "env", "target", "vendor", "dist", "__pycache__"];

/// An app with migrations.
#[derive(Debug)]
pub(super) struct App {
    /// Its label.
    pub(super) label: String,
    /// The files of its migrations, by their names.
    pub(super) files: Vec<Entry>,
}

/// The apps below a folder, by their labels.
///
/// # Errors
/// An `apps.py` is no Python.
pub(super) fn found(listing: &Listing) -> Result<Vec<App>, HistoryError> {
    let mut apps = Vec::new();
    look_into("", &listing.whole()?.entries, &mut apps)?;
    apps.sort_by(|a: &App, b| a.label.cmp(&b.label));
    Ok(apps)
}

/// Whether a folder holds an app with a migration: no more than that is looked for.
pub(super) fn has_some(listing: &Listing) -> bool {
    fn any(entries: &[Entry]) -> bool {
        !is_environment(entries)
            && entries.iter().any(|entry| match &entry.kind {
                Kind::Folder(inner) if entry.name == "migrations" && is_package(inner) => {
                    inner.iter().any(is_migration)
                }
                Kind::Folder(inner) => is_ours(&entry.name) && any(inner),
                Kind::File | Kind::Other => false,
            })
    }
    listing.whole().is_ok_and(|whole| any(&whole.entries))
}

fn look_into(name: &str, entries: &[Entry], apps: &mut Vec<App>) -> Result<(), HistoryError> {
    if is_environment(entries) {
        return Ok(());
    }
    for entry in entries {
        let Kind::Folder(inner) = &entry.kind else { continue };
        if entry.name == "migrations" && is_package(inner) {
            let files: Vec<Entry> = inner.iter().filter(|entry| is_migration(entry)).cloned().collect();
            if !files.is_empty() {
                apps.push(App { label: label(name, entries)?, files });
            }
        } else if is_ours(&entry.name) {
            look_into(&entry.name, inner, apps)?;
        }
    }
    Ok(())
}

fn is_ours(name: &str) -> bool {
    !name.starts_with('.') && !NOT_OURS.contains(&name)
}

/// A virtual environment, whatever its name.
fn is_environment(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| entry.name == "pyvenv.cfg")
}

fn is_package(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| entry.name == "__init__.py")
}

/// As Django's loader takes the modules of the package (`db/migrations/loader.py`).
fn is_migration(entry: &Entry) -> bool {
    matches!(entry.kind, Kind::File) && entry.name.ends_with(".py") && !entry.name.starts_with(['_', '~', '.'])
}

/// What `apps.py` calls the app, where it says so; else the name of its folder. Of several configurations the one that is
/// the default counts.
fn label(folder: &str, entries: &[Entry]) -> Result<String, HistoryError> {
    let Some(file) = entries.iter().find(|entry| entry.name == "apps.py") else { return Ok(folder.to_owned()) };
    let classes = Module::read(file)?.classes();
    let configurations: Vec<_> = classes.iter().filter(|class| class.assignments.contains_key("name")).collect();
    let is_default = |class: &&&_| {
        let class: &crate::history::python::Class = class;
        class.assignments.get("default").is_some_and(|one| one.value == Value::Truth(true))
    };
    let chosen = configurations.iter().find(is_default).or(configurations.first());
    let text = |key: &str| match chosen.map(|class| class.assignments.get(key).map(|one| &one.value)) {
        Some(Some(Value::Text(text))) => Some(text.clone()),
        _ => None,
    };
    let named = || Some(text("name")?.rsplit('.').next()?.to_owned());
    Ok(text("label").or_else(named).unwrap_or_else(|| folder.to_owned()))
}

/// The texts that modules of settings assign, by name: `AUTH_USER_MODEL`. A file that is no Python says nothing here.
pub(super) fn settings(listing: &Listing) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let Ok(whole) = listing.whole() else { return found };
    for entry in whole.all_files() {
        let in_settings = entry.path.parent().and_then(Path::file_name).is_some_and(|name| name == "settings");
        let named = entry.name.ends_with(".py") && (in_settings || entry.name.starts_with("settings"));
        let ours =
            |path: &Path| path.components().all(|part| !NOT_OURS.contains(&&*part.as_os_str().to_string_lossy()));
        if !named || !entry.path.strip_prefix(&listing.path).is_ok_and(ours) {
            continue;
        }
        let Ok(module) = Module::read(entry) else { continue };
        for (name, assigned) in module.assignments() {
            if let Value::Text(text) = assigned.value {
                found.entry(name).or_insert(text);
            }
        }
    }
    found
}
