//! What lies around a migrations folder: project files, which tell the tool and the engine.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::format::Closeness;

/// How many folders up are looked at where nothing marks the root of the project.
const UNMARKED_LEVELS: usize = 6;

/// The folders from a migrations folder up to the root of its project, nearest first.
#[derive(Clone, Debug, Default)]
pub struct Nearby {
    /// The folders. The first is the migrations folder itself.
    pub levels: Vec<Level>,
}

/// One of the folders around.
#[derive(Clone, Debug)]
pub struct Level {
    /// Where it is.
    pub folder: PathBuf,
    /// How many folders up from the migrations folder.
    pub up: usize,
    /// The names in it.
    names: BTreeSet<String>,
}

/// A dependency that a `Cargo.toml` declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CargoDependency {
    /// The features that it asks for, by the dependency itself or by a feature of the package.
    pub features: BTreeSet<String>,
    /// Whether a part of it is inherited from the workspace.
    pub inherited: bool,
}

impl Nearby {
    /// Looks around `folder`, up to `root` where that is given and above it, else up to the root of its repository.
    pub fn around(folder: &Path, root: Option<&Path>) -> Self {
        let (folder, root) = (fs::canonicalize(folder), root.and_then(|root| fs::canonicalize(root).ok()));
        let Ok(folder) = folder else { return Self::default() };
        let ancestors: Vec<&Path> = folder.ancestors().collect();
        let marked = ancestors.iter().position(|path| match &root {
            Some(root) => path == root,
            None => path.join(".git").exists(),
        });
        let count = marked.map_or(UNMARKED_LEVELS, |at| at + 1);
        let levels = ancestors.into_iter().take(count).enumerate();
        Self { levels: levels.map(|(up, folder)| Level::read(folder, up)).collect() }
    }

    /// The nearest level about which `clue` has something to say; what it says is whether that tells the language only.
    pub fn nearest(&self, clue: impl Fn(&Level) -> Option<bool>) -> Option<Closeness> {
        let clues = self.levels.iter().filter_map(|level| {
            let language_only = clue(level)?;
            Some(Closeness { levels_up: level.up, language_only })
        });
        clues.min()
    }
}

impl Level {
    fn read(folder: &Path, up: usize) -> Self {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        Self { folder: folder.to_owned(), up, names }
    }

    /// Whether something here has this name.
    pub fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// The names here, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The text of a file here, if there is such a file and it can be read.
    pub fn text(&self, name: &str) -> Option<String> {
        self.has(name).then(|| fs::read_to_string(self.folder.join(name)).ok()).flatten()
    }

    /// What this level says about a tool: `Some(false)` where the tool is `named`, `Some(true)` where only its language is
    /// told, by a manifest or by source files in the migrations folder.
    pub fn clue(&self, named: bool, manifest: &str, extension: &str) -> Option<bool> {
        let sources = || self.up == 0 && self.names.iter().any(|name| name.ends_with(extension));
        (named || self.has(manifest) || sources()).then_some(!named)
    }

    /// The packages that the manifests of Python here name, in lower case with `-` between words.
    pub fn python_packages(&self) -> Vec<String> {
        super::engine::python_packages(self)
    }

    /// The dependency on a package that the `Cargo.toml` here declares, if it does.
    pub fn cargo_dependency(&self, package: &str) -> Option<CargoDependency> {
        dependency(&self.text("Cargo.toml")?, package)
    }
}

/// All declarations of a package in the text of a `Cargo.toml`, as one.
fn dependency(manifest: &str, package: &str) -> Option<CargoDependency> {
    let manifest: toml::Table = manifest.parse().ok()?;
    let tables = |of: &toml::Table| -> Vec<toml::Table> {
        let names = ["dependencies", "dev-dependencies", "build-dependencies"];
        names.iter().filter_map(|name| of.get(*name)?.as_table().cloned()).collect()
    };
    let mut declaring = tables(&manifest);
    declaring.extend(manifest.get("workspace").and_then(toml::Value::as_table).into_iter().flat_map(tables));
    for target in manifest.get("target").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::values) {
        declaring.extend(target.as_table().into_iter().flat_map(tables));
    }
    let mut found: Option<CargoDependency> = None;
    let mut prefixes = BTreeSet::new();
    for (key, value) in declaring.iter().flatten() {
        let renamed = value.get("package").and_then(toml::Value::as_str);
        if renamed.unwrap_or(key) != package {
            continue;
        }
        prefixes.extend([format!("{key}/"), format!("{key}?/")]);
        let dependency = found.get_or_insert_default();
        dependency.features.extend(strings(value.get("features")));
        dependency.inherited |= value.get("workspace").and_then(toml::Value::as_bool) == Some(true);
    }
    if let Some(dependency) = &mut found {
        let features = manifest.get("features").and_then(toml::Value::as_table);
        for feature in features.into_iter().flat_map(toml::Table::values).flat_map(|list| strings(Some(list))) {
            let passed_on = prefixes.iter().find_map(|prefix| feature.strip_prefix(prefix.as_str()));
            dependency.features.extend(passed_on.map(str::to_owned));
        }
    }
    found
}

fn strings(list: Option<&toml::Value>) -> Vec<String> {
    let items = list.and_then(toml::Value::as_array).into_iter().flatten();
    items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_is_found_wherever_cargo_allows_it() {
        let cases = [
            ("[dependencies]\nsqlx = \"0.9\"", Some((vec![], false))),
            ("[dependencies]\nsqlx = {version = \"0.9\", features = [\"postgres\"]}", Some((vec!["postgres"], false))),
            ("[dependencies]\ndb = {package = \"sqlx\", version = \"0.9\"}", Some((vec![], false))),
            ("[dependencies.sqlx]\nworkspace = true", Some((vec![], true))),
            (
                "[workspace.dependencies]\nsqlx = {version = \"0.9\", features = [\"sqlite\"]}",
                Some((vec!["sqlite"], false)),
            ),
            ("[target.'cfg(unix)'.build-dependencies]\nsqlx = \"0.9\"", Some((vec![], false))),
            (
                "[dependencies]\nsqlx = \"0.9\"\n[features]\npg = [\"sqlx/postgres\"]\nlite = [\"sqlx?/sqlite\"]",
                Some((vec!["postgres", "sqlite"], false)),
            ),
            ("[dependencies]\nsqlx-core = \"0.9\" # not sqlx itself", None),
            ("[package]\nname = \"sqlx\"", None),
            ("not toml", None),
        ];
        for (manifest, expected) in cases {
            let expected = expected.map(|(features, inherited): (Vec<&str>, bool)| CargoDependency {
                features: features.into_iter().map(str::to_owned).collect(),
                inherited,
            });
            assert_eq!(dependency(manifest, "sqlx"), expected, "{manifest}");
        }
    }

    #[test]
    fn nothing_outside_the_repository_counts() {
        let outer = tempfile::tempdir().unwrap();
        fs::write(outer.path().join("go.mod"), "module outer").unwrap();
        let folder = outer.path().join("repo/db/migrations");
        fs::create_dir_all(&folder).unwrap();
        fs::create_dir(outer.path().join("repo/.git")).unwrap();
        assert_eq!(Nearby::around(&folder, None).levels.len(), 3);
        assert_eq!(Nearby::around(&folder, Some(&outer.path().join("repo/db"))).levels.len(), 2);
        assert!(Nearby::around(&folder, None).nearest(|level| level.clue(false, "go.mod", ".go")).is_none());
    }
}
