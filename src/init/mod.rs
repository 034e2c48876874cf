//! What a project's files tell about its databases, as plain data, and the texts that are made of it: a `rollproof.yml`
//! and a step for CI. One file per kind of evidence. Nothing is run, and nothing is taken from a file but names: of
//! services, images, packages and folders, and the schemes of URLs.

mod databases;
mod images;
mod model;
mod models;
mod snippet;
mod text;
mod tools;
mod tree;

use std::path::Path;

pub use model::{Findings, FoundDatabase, FoundModel, FoundTool, Known};
pub use snippet::snippet;
pub use text::{configuration, not_provided};

use crate::history::{self, Nearby};
use tree::Tree;

/// Looks at the project in `root`.
pub fn look(root: &Path) -> Findings {
    let tree = Tree::read(root);
    let mut others = tools::found(&tree);
    let mut notes = Vec::new();
    let folders = databases::of_known_products(history::find_migrations(root), root, &mut notes);
    let mut folders = databases::likely(folders, root, !others.is_empty(), &mut notes);
    folders.retain(|folder| match tools::of_folder(folder, root) {
        Some(tool) => {
            // The folder says more than a configuration file of the same tool.
            others.retain(|other| other.title != tool.title);
            others.push(tool);
            false
        }
        None => true,
    });
    for level in folders.iter().flat_map(|folder| Nearby::around(folder, Some(root)).levels) {
        for unread in history::services(&level.folder).unread {
            let below = level.folder.strip_prefix(root.canonicalize().unwrap_or_default()).unwrap_or(&level.folder);
            notes.push(format!("{}: passed over", below.join(unread).display()));
        }
    }
    notes.sort();
    notes.dedup();
    let mut databases = databases::described(&folders, root);
    let models = models::given(models::found(&tree, root), &mut databases);
    Findings { databases, others, models, notes }
}

#[cfg(test)]
mod tests;
