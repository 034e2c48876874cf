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

use std::path::{Path, PathBuf};

pub use model::{Found, FoundDatabase, FoundModel, FoundTool, Known};
pub use snippet::snippet;
pub use text::configuration;

use crate::evidence::{Nearby, ServiceFiles};
use crate::history;
use tree::Tree;

/// Looks at the project in `root`.
pub fn look(root: &Path) -> Found {
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
    let folders: Vec<(PathBuf, Nearby)> = folders
        .into_iter()
        .map(|folder| {
            let nearby = Nearby::around(&folder, Some(root));
            (folder, nearby)
        })
        .collect();
    let files = ServiceFiles::default();
    for folder in folders.iter().flat_map(|(_, nearby)| &nearby.folders) {
        let unread = &files.of(&folder.path).unread;
        notes.extend(unread.iter().map(|unread| format!("{}: passed over", folder.shown.join(unread).display())));
    }
    notes.sort();
    notes.dedup();
    let mut databases = databases::described(&folders, root, &files);
    let models = models::given(models::found(&tree, root), &mut databases);
    Found { databases, others, models, notes }
}

#[cfg(test)]
mod tests;
