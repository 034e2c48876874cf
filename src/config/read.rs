//! rollproof.yml as a whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::database::{self, database};
use super::field::{Field, shortened, unknown_key};
use super::{ConfigError, Database, DatabasePlaces, Place, Places, Problem, Project};
use crate::policy::Level;
use crate::yaml::{self, Content, Entry, Node, ScalarKind, decode};

/// The keys of the file.
const KEYS: [&str; 4] = ["databases", "rules", "policies", "fail-on"];

/// Reads a configuration file. Relative paths in it are relative to its folder, [`Project::root`].
///
/// # Errors
/// Everything that is wrong with it, in the order of the text.
pub fn load(file: &Path) -> Result<(Project, Places), ConfigError> {
    let whole = |message| ConfigError::new(file, vec![Problem::new(Place::START, message)]);
    let bytes = fs::read(file).map_err(|cause| whole(format!("this file cannot be read: {cause}")))?;
    let text = decode(&bytes).map_err(|problem| ConfigError::new(file, vec![problem]))?;
    read(text, file)
}

/// Reads the text of a configuration file; `file` is where it lies, or would lie.
///
/// # Errors
/// Everything that is wrong with it, in the order of the text.
pub fn read(text: &str, file: &Path) -> Result<(Project, Places), ConfigError> {
    let mut problems = Vec::new();
    let read = yaml::document(text, &mut problems).map(|root| project(&root, file, &mut problems));
    match read {
        Some(read) if problems.is_empty() => Ok(read),
        _ => Err(ConfigError::new(file, problems)),
    }
}

fn project(root: &Node, file: &Path, problems: &mut Vec<Problem>) -> (Project, Places) {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut project = Project {
        root: folder.to_owned(),
        file: Some(file.to_owned()),
        databases: Vec::new(),
        rules: BTreeMap::new(),
        policies: Vec::new(),
        fail_on: Project::FAIL_ON,
    };
    let mut places =
        Places { file: file.to_owned(), rules: BTreeMap::new(), policies: Vec::new(), databases: Vec::new() };

    for entry in top_level(root, problems) {
        let field = Field::of(entry);
        match entry.key.as_str() {
            "databases" => (project.databases, places.databases) = databases(&field, problems),
            "rules" => (project.rules, places.rules) = rules(&field, problems),
            "policies" => {
                let (paths, at) = field.texts("paths of rule files", problems);
                (project.policies, places.policies) = (paths.iter().map(tidy).collect(), at);
            }
            "fail-on" => project.fail_on = level_or("never", &field, problems).unwrap_or(project.fail_on),
            key if database::is_key(key) => problems.push(Problem::new(
                entry.place,
                format!("`{key}` stands at the top level; expected it in an entry of `databases`"),
            )),
            _ => problems.push(unknown_key(entry, &KEYS)),
        }
    }
    (project, places)
}

/// The entries of the file, if it has any.
fn top_level<'n>(root: &'n Node, problems: &mut Vec<Problem>) -> &'n [Entry] {
    const EXPECTED: &str = "a mapping with a list of `databases`";
    match &root.content {
        Content::Mapping(entries) => {
            if !entries.iter().any(|entry| entry.key == "databases") {
                problems.push(Problem::new(
                    root.place,
                    "`databases` is missing; expected a list with one entry for each database",
                ));
            }
            entries
        }
        Content::Scalar(_) if root.is_null() => {
            problems.push(Problem::new(Place::START, format!("the file is empty; expected {EXPECTED}")));
            &[]
        }
        Content::Scalar(_) | Content::Sequence(_) => {
            problems.push(Field::new("the top level of the file", root).unexpected(EXPECTED));
            &[]
        }
    }
}

fn databases(field: &Field<'_>, problems: &mut Vec<Problem>) -> (Vec<Database>, Vec<DatabasePlaces>) {
    let known = problems.len();
    let items = field.list("databases", problems);
    if items.is_empty() && problems.len() == known {
        problems.push(field.wrong("is an empty list; expected one entry for each database"));
    }
    let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
    for name in items.iter().filter_map(|item| item.get("name")) {
        let Some(text) = name.value.text() else { continue };
        if let Some(first) = lines.get(text) {
            let message = format!(
                "`name` is `{}` like that of the database on line {first}; expected names that differ",
                shortened(text)
            );
            problems.push(Problem::new(name.value.place, message));
        } else {
            lines.insert(text, name.value.line());
        }
    }
    items.iter().filter_map(|item| database(item, problems)).unzip()
}

type Rules = (BTreeMap<String, Option<Level>>, BTreeMap<String, Place>);

fn rules(field: &Field<'_>, problems: &mut Vec<Problem>) -> Rules {
    let mut rules = Rules::default();
    for entry in field.mapping("of rules and their levels", problems).unwrap_or_default() {
        // Many a writer of YAML 1.1 takes `off` and `false` for the same.
        let off = entry.value.scalar().is_some_and(|scalar| scalar.kind() == ScalarKind::Boolean(false));
        let level = if off { Some(None) } else { level_or("off", &Field::of(entry), problems) };
        if let Some(level) = level {
            rules.0.insert(entry.key.clone(), level);
            rules.1.insert(entry.key.clone(), entry.place);
        }
    }
    rules
}

/// A level, or the word that stands for none.
fn level_or(none: &str, field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<Option<Level>> {
    let levels = Level::ALL.map(|level| (level.word(), Some(level)));
    let words: Vec<_> = levels.into_iter().chain([(none, None)]).collect();
    field.one_of(&words, problems)
}

/// A path without `.` in it, so that reports print `migrations` for `./migrations`.
pub(super) fn tidy(path: impl AsRef<Path>) -> PathBuf {
    let tidied: PathBuf = path.as_ref().components().filter(|part| *part != Component::CurDir).collect();
    if tidied.as_os_str().is_empty() { PathBuf::from(".") } else { tidied }
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
