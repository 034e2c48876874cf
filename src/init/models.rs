//! Descriptions of the schema beside the migrations.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::model::{FoundDatabase, FoundModel};
use super::tree::Tree;
use crate::evidence::{Nearby, python_packages};

/// Names of files that hold a dump of the schema.
const DUMPS: [&str; 2] = ["schema.sql", "structure.sql"];

/// Packages of Python that hold models.
const PYTHON: [(&str, &str); 3] =
    [("sqlalchemy", "sqlalchemy"), ("flask-sqlalchemy", "sqlalchemy"), ("sqlmodel", "sqlalchemy")];

/// The models of a project, each kind and place once.
pub(super) fn found(tree: &Tree, root: &Path) -> Vec<FoundModel> {
    let mut found: Vec<FoundModel> = Vec::new();
    let mut add = |format: &'static str, path: PathBuf| {
        let model = FoundModel { format, path };
        if !found.contains(&model) {
            found.push(model);
        }
    };
    for file in DUMPS.iter().flat_map(|name| tree.named(name)).filter(|file| !in_tests(file)) {
        // Queries about schemas are called so too.
        if tree.text(file).is_some_and(|text| text.to_lowercase().contains("create table")) {
            add("sql", file.to_owned());
        }
    }
    let offline = tree.files().filter_map(Path::parent).filter(|folder| folder.ends_with(".sqlx"));
    for folder in offline.collect::<BTreeSet<_>>() {
        add("sqlx", folder.to_owned());
    }
    for file in tree.named("schema.rs").filter(|file| !in_tests(file)) {
        let text = tree.text(file).unwrap_or_default();
        if text.contains("table! {") || text.contains("diesel::") {
            add("diesel", file.to_owned());
        }
    }
    for file in tree.named("manage.py").filter(|file| tree.text(file).is_some_and(|text| text.contains("django"))) {
        add("django", file.parent().unwrap_or(Path::new("")).to_owned());
    }
    for folder in &Nearby::around(root, Some(root)).folders {
        let named = python_packages(folder);
        for (package, format) in PYTHON {
            if named.iter().any(|name| name == package) {
                add(format, PathBuf::new());
            }
        }
    }
    found
}

/// Gives each model to the database whose migrations lie nearest to it; gives back those of which several are as near.
pub(super) fn given(models: Vec<FoundModel>, databases: &mut [FoundDatabase]) -> Vec<FoundModel> {
    let mut left = Vec::new();
    for model in models {
        let shared = |found: &FoundDatabase| {
            let both = found.migrations.components().zip(model.path.components());
            both.take_while(|(ours, theirs)| ours == theirs).count()
        };
        let most = databases.iter().map(shared).max().unwrap_or(0);
        let nearest: Vec<usize> = (0..databases.len()).filter(|at| shared(&databases[*at]) == most).collect();
        match nearest.as_slice() {
            [only] => databases[*only].models.push(model),
            _ => left.push(model),
        }
    }
    left
}

fn in_tests(file: &Path) -> bool {
    file.components().any(|part| ["tests", "test", "fixtures", "testdata"].iter().any(|name| part.as_os_str() == *name))
}
