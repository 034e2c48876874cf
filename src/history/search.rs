//! Where the migrations of a project are likely to lie.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Listing, formats};
use crate::evidence::Nearby;

/// How many folders deep the search goes.
const DEPTH: usize = 6;

/// How many folders the search looks into at most, so that a huge tree ends in seconds.
const FOLDERS: usize = 20_000;

/// Folders of dependencies and build results: what lies in them is not the project's own.
const NOT_OURS: &[&str] =
    &["target", "node_modules", "vendor", "dist", "build", "venv", "third_party", "site-packages"];

/// The folders under `root` that some format recognises, each as `root` joined with the way to it.
///
/// `migrations` at the root is the answer where it is one of them, then the folder that `diesel.toml` or `sqlx.toml`
/// names. Else the tree is searched; where folders with `migration` in their path are among those found, only they count.
pub fn find_migrations(root: &Path) -> Vec<PathBuf> {
    let named = std::iter::once(root.join("migrations")).chain(configured(root));
    if let Some(folder) = named.into_iter().find(|folder| is_recognised(folder)) {
        return vec![folder];
    }
    let mut found = searched(root);
    let is_named = |folder: &PathBuf| {
        if is_run_by_a_tool(folder) {
            return true;
        }
        let way = folder.strip_prefix(root).unwrap_or(folder);
        way.to_string_lossy().to_lowercase().contains("migration")
    };
    if found.iter().any(is_named) {
        found.retain(is_named);
    }
    found
}

/// The folders directly inside a listed folder that some format recognises.
pub(super) fn folders_inside(listing: &Listing) -> Vec<PathBuf> {
    let folders = listing.folders().filter(|(folder, _)| is_recognised(&folder.path));
    folders.map(|(folder, _)| folder.shown.clone()).collect()
}

/// The folders that the tools' own configuration names.
fn configured(root: &Path) -> Vec<PathBuf> {
    let sources = [("diesel.toml", "migrations_directory", "dir"), ("sqlx.toml", "migrate", "migrations-dir")];
    let folders = sources.iter().filter_map(|(file, table, key)| {
        let text: toml::Table = fs::read_to_string(root.join(file)).ok()?.parse().ok()?;
        Some(root.join(text.get(*table)?.get(*key)?.as_str()?))
    });
    folders.collect()
}

/// Whether a folder holds migrations in code, by the files of the tool that runs them.
pub fn is_run_by_a_tool(folder: &Path) -> bool {
    let listing = Listing::read(folder, folder);
    let tools = || formats().iter().filter(|format| format.runs_itself().is_some());
    listing.is_ok_and(|listing| tools().any(|format| format.recognise(&listing, &Nearby::default()).is_some()))
}

fn is_recognised(folder: &Path) -> bool {
    let nothing_nearby = Nearby::default();
    let listing = Listing::read(folder, folder);
    listing.is_ok_and(|listing| formats().iter().any(|format| format.recognise(&listing, &nothing_nearby).is_some()))
}

/// Walks the tree level by level, in the order of names. A folder that is recognised is not looked into further.
fn searched(root: &Path) -> Vec<PathBuf> {
    let (mut found, mut looked_into) = (Vec::new(), 0);
    let mut level = vec![root.to_owned()];
    for _ in 0..=DEPTH {
        let mut next = Vec::new();
        for folder in level {
            looked_into += 1;
            if looked_into > FOLDERS {
                break;
            }
            if is_recognised(&folder) {
                found.push(folder);
            } else {
                next.extend(own_folders(&folder));
            }
        }
        next.sort();
        level = next;
    }
    found.sort();
    found
}

/// The folders in a folder that may hold what the project wrote. Links are not followed: they could lead round in a ring.
fn own_folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let own = entries.filter(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        entry.file_type().is_ok_and(|kind| kind.is_dir()) && !name.starts_with('.') && !NOT_OURS.contains(&&*name)
    });
    own.map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use crate::history::sandbox::Sandbox;

    use super::*;

    fn found(files: &[&str]) -> Vec<String> {
        let project = Sandbox::empty();
        for file in files {
            project.write(file, "SELECT 1;");
        }
        let found = find_migrations(project.path());
        found.iter().map(|path| path.strip_prefix(project.path()).unwrap().display().to_string()).collect()
    }

    #[test]
    fn folders_are_found_where_projects_keep_them() {
        let cases: &[(&[&str], &[&str])] = &[
            (&["migrations/1_a.sql", "examples/migrations/1_b.sql"], &["migrations"]),
            (
                &["migrations/postgresql/1_a/up.sql", "migrations/sqlite/1_a/up.sql", "examples/01_x.sql"],
                &["migrations/postgresql", "migrations/sqlite"],
            ),
            (
                &["core/lib/dal/migrations/1_a.up.sql", "prover/dal/migrations/1_a.up.sql"],
                &["core/lib/dal/migrations", "prover/dal/migrations"],
            ),
            (&["db/1_a.up.sql"], &["db"]),
            (
                &[
                    "target/migrations/1_a.sql",
                    "web/node_modules/x/migrations/1_a.sql",
                    "vendor/migrations/1_a.sql",
                    ".cache/migrations/1_a.sql",
                    "a/b/c/d/e/f/migrations/1_a.sql",
                    "src/main.rs",
                ],
                &[],
            ),
        ];
        for (files, expected) in cases {
            assert_eq!(found(files), *expected, "{files:?}");
        }
    }

    #[test]
    fn the_tools_own_configuration_names_the_folder() {
        let project = Sandbox::empty();
        project.write("diesel.toml", "[migrations_directory]\ndir = \"db/steps\"");
        project.write("db/steps/1_a/up.sql", "SELECT 1;");
        project.write("other/migrations/1_a.sql", "SELECT 1;");
        assert_eq!(find_migrations(project.path()), [project.path().join("db/steps")]);
    }
}
