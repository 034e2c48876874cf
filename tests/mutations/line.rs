//! The lists: tab-separated files with a header, one line for each change.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::expectation::Expectation;
use crate::version::Version;

/// Stands between the statements of a cell and between the changes of one.
pub(crate) const BETWEEN: &str = " ;; ";

/// One line of a list.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// The list.
    pub(crate) file: PathBuf,
    /// Its name.
    pub(crate) id: String,
    /// The kind of object and what happens to it: `column.default`.
    pub(crate) category: String,
    /// The statements that make what is changed, where the base schema does not have it.
    pub(crate) before: Option<Vec<String>>,
    /// The statements.
    pub(crate) sql: Vec<String>,
    /// The statements that undo them; `None` where only the base brings the schema back.
    pub(crate) undo: Option<Vec<String>>,
    /// Whether they may run in a transaction.
    pub(crate) transactional: bool,
    /// The changes that a snapshot has to show; `None` where it must show none.
    pub(crate) expected: Option<Expectation>,
    /// The product that knows it; empty for all.
    product: String,
    since: String,
    until: String,
}

/// The lines of all lists of a folder that hold for this version: mutations first. `ROLLPROOF_MUTATIONS` names some of them.
///
/// # Panics
/// When a list cannot be read.
pub(crate) fn read(folder: &Path, version: &Version) -> Vec<Line> {
    let wanted = std::env::var("ROLLPROOF_MUTATIONS").unwrap_or_default();
    let words: Vec<&str> = wanted.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let named = |line: &Line| {
        words.is_empty() || words.iter().any(|word| line.id.starts_with(word) || line.category.starts_with(word))
    };
    let mut lines: Vec<Line> = lists(folder).iter().flat_map(|file| lines(file)).collect();
    lines.sort_by_key(|line| line.expected.is_none());
    let of_product =
        |line: &Line| matches!(line.product.as_str(), "" | "both") || version.product() == Some(&*line.product);
    lines.retain(|line| named(line) && of_product(line) && version.is_within(&line.since, &line.until));
    lines
}

/// The lists of a folder; a file that is none has no column `sql`.
fn lists(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_list = |file: &PathBuf| {
        file.extension().is_some_and(|extension| extension == "tsv")
            && fs::read_to_string(file)
                .unwrap()
                .lines()
                .next()
                .unwrap_or_default()
                .split('\t')
                .any(|name| name == "sql")
    };
    let mut lists: Vec<PathBuf> = files.filter(is_list).collect();
    lists.sort();
    lists
}

fn lines(file: &Path) -> Vec<Line> {
    let text = fs::read_to_string(file).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let statements = |cell: &str| -> Vec<String> { cell.split(BETWEEN).map(str::to_owned).collect() };
    lines
        .map(|line| {
            let cells: HashMap<&str, &str> = names.iter().copied().zip(line.split('\t')).collect();
            let cell = |name: &str| cells.get(name).copied().unwrap_or_default();
            let needed = |name: &str| match cell(name) {
                "" => panic!("{}: no {name} in {line}", file.display()),
                value => value.to_owned(),
            };
            let is_mutation = names.contains(&"undo");
            Line {
                file: file.to_owned(),
                id: needed("id"),
                category: needed("category"),
                before: Some(cell("before")).filter(|cell| !cell.is_empty()).map(statements),
                sql: statements(&needed("sql")),
                undo: (is_mutation && needed("undo") != "-").then(|| statements(cell("undo"))),
                transactional: cell("transactional") == "yes",
                expected: is_mutation.then(|| Expectation::of(cell("changes"))),
                product: cell("flavour").to_owned(),
                since: cell("min_version").to_owned(),
                until: cell("max_version").to_owned(),
            }
        })
        .collect()
}
