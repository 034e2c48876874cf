//! What the `Cargo.toml` of a folder depends on.

use std::collections::BTreeSet;

use super::NearbyFolder;

/// A dependency that a `Cargo.toml` declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CargoDependency {
    /// The features that it asks for, by the dependency itself or by a feature of the package.
    pub features: BTreeSet<String>,
    /// Whether a part of it is inherited from the workspace.
    pub inherited: bool,
}

/// The dependency on a package that the `Cargo.toml` in a folder declares, if it does.
pub fn cargo_dependency(folder: &NearbyFolder, package: &str) -> Option<CargoDependency> {
    dependency(&folder.text("Cargo.toml")?, package)
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
}
