//! The packages that a project's manifests and lock files name, language by language.

use super::drivers::PYTHON;
use super::pom::Pom;
use super::{NearbyFolder, gradle};

/// A manifest: its name, and the packages that it names.
pub(super) type Manifest = (String, Vec<String>);

/// The manifest of this name, where it is there and can be read.
fn manifest(folder: &NearbyFolder, name: &str, read: impl Fn(&str) -> Option<Vec<String>>) -> Option<Manifest> {
    Some((name.to_owned(), read(&folder.text(name)?)?))
}

/// The modules that a `go.mod` requires for the project itself, without the `/vN` of their major version.
pub(super) fn go(folder: &NearbyFolder) -> Vec<Manifest> {
    manifest(folder, "go.mod", |text| Some(go_modules(text))).into_iter().collect()
}

/// <https://go.dev/ref/mod#go-mod-file>: `require path version`, or several such lines in parentheses.
fn go_modules(text: &str) -> Vec<String> {
    let mut modules = Vec::new();
    // The directive whose parentheses are open.
    let mut open: Option<String> = None;
    for line in text.lines() {
        let (code, comment) = line.split_once("//").unwrap_or((line, ""));
        let code = code.replace('(', " ( ").replace(')', " ) ");
        let words: Vec<&str> = code.split_whitespace().collect();
        let required = match (open.as_deref(), words.as_slice()) {
            (Some(_), [")", ..]) => {
                open = None;
                continue;
            }
            (None, [directive, "(", ..]) => {
                open = Some((*directive).to_owned());
                continue;
            }
            (Some("require"), [path, ..]) | (None, ["require", path, ..]) => path.trim_matches(['"', '`']),
            _ => continue,
        };
        if comment.trim_start().split([' ', ';']).next() != Some("indirect") {
            modules.push(without_major(required).to_owned());
        }
    }
    modules
}

/// `github.com/jackc/pgx` of `github.com/jackc/pgx/v5`.
fn without_major(path: &str) -> &str {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    path.rsplit_once("/v").filter(|(_, major)| is_number(major)).map_or(path, |(path, _)| path)
}

/// The packages that `pyproject.toml`, a requirements file or a `Pipfile` name, in lower case with `-` between words. Where these
/// name no driver, what the lock files of poetry and uv have locked counts: it may have come with another package.
pub(super) fn python(folder: &NearbyFolder) -> Vec<Manifest> {
    let read = |name: &str| {
        let requirements = name.starts_with("requirements") && (name.ends_with(".txt") || name.ends_with(".in"));
        if name == "pyproject.toml" || name == "Pipfile" {
            manifest(folder, name, |text| Some(of_python_tables(&text.parse().ok()?)))
        } else if requirements {
            manifest(folder, name, |text| Some(text.lines().map(python_name).collect()))
        } else {
            None
        }
    };
    let declared: Vec<Manifest> = folder.names().filter_map(read).collect();
    let is_driver = |name: &String| PYTHON.iter().any(|(driver, _)| driver == name);
    if declared.iter().any(|(_, names)| names.iter().any(is_driver)) {
        return declared;
    }
    let locked = ["poetry.lock", "uv.lock"].iter().filter_map(|name| manifest(folder, name, locked));
    declared.into_iter().chain(locked).collect()
}

/// The packages that a lock file lists.
fn locked(text: &str) -> Option<Vec<String>> {
    let table: toml::Table = text.parse().ok()?;
    let packages = table.get("package")?.as_array()?;
    Some(packages.iter().filter_map(|package| package.get("name")?.as_str()).map(python_name).collect())
}

/// The packages that the manifests of Python in a folder name, in lower case with `-` between words.
pub fn python_packages(folder: &NearbyFolder) -> Vec<String> {
    python(folder).into_iter().flat_map(|(_, names)| names).collect()
}

/// The packages that a `pyproject.toml` or a `Pipfile` declares, wherever tools have them declared.
fn of_python_tables(table: &toml::Table) -> Vec<String> {
    const LISTS: [&[&str]; 1] = [&["project", "dependencies"]];
    const GROUPS_OF_LISTS: [&[&str]; 2] = [&["project", "optional-dependencies"], &["dependency-groups"]];
    const TABLES: [&[&str]; 3] = [&["tool", "poetry", "dependencies"], &["packages"], &["dev-packages"]];
    const GROUPS_OF_TABLES: &[&str] = &["tool", "poetry", "group"];
    let at = |way: &[&str]| {
        let (first, rest) = way.split_first()?;
        rest.iter().try_fold(table.get(*first)?, |value, key| value.get(key))
    };
    let listed = |list: &toml::Value| -> Vec<String> {
        list.as_array().into_iter().flatten().filter_map(toml::Value::as_str).map(python_name).collect()
    };
    let keys = |table: &toml::Value| -> Vec<String> {
        table.as_table().into_iter().flat_map(toml::Table::keys).map(|key| python_name(key)).collect()
    };
    let values = |group: &toml::Value| -> Vec<toml::Value> {
        group.as_table().into_iter().flat_map(toml::Table::values).cloned().collect()
    };
    let mut names: Vec<String> = LISTS.iter().filter_map(|way| at(way)).flat_map(listed).collect();
    names.extend(GROUPS_OF_LISTS.iter().filter_map(|way| at(way)).flat_map(values).flat_map(|list| listed(&list)));
    names.extend(TABLES.iter().filter_map(|way| at(way)).flat_map(keys));
    let groups = at(GROUPS_OF_TABLES).map(values).unwrap_or_default();
    names.extend(groups.iter().filter_map(|group| group.get("dependencies")).flat_map(keys));
    names
}

/// The name that a requirement begins with, as Python compares names: `psycopg2-binary` of `psycopg2_binary>=2 ; ...`.
fn python_name(requirement: &str) -> String {
    let requirement = requirement.trim();
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let end = requirement.find(|c: char| !is_of_name(c)).unwrap_or(requirement.len());
    requirement[..end].to_lowercase().replace(['_', '.'], "-")
}

/// The packages that the `package.json` of a folder depends on.
pub fn javascript_packages(folder: &NearbyFolder) -> Vec<String> {
    javascript(folder).into_iter().flat_map(|(_, names)| names).collect()
}

/// The packages that a `package.json` depends on.
pub(super) fn javascript(folder: &NearbyFolder) -> Vec<Manifest> {
    let packages = |text: &str| {
        let manifest: serde_json::Value = serde_json::from_str(text).ok()?;
        let kinds = ["dependencies", "devDependencies", "optionalDependencies"];
        let tables = kinds.iter().filter_map(|kind| manifest.get(kind)?.as_object());
        Some(tables.flat_map(serde_json::Map::keys).cloned().collect())
    };
    manifest(folder, "package.json", packages).into_iter().collect()
}

/// The packages that the project itself names, by the last chapter of its `Gemfile.lock`.
pub(super) fn ruby(folder: &NearbyFolder) -> Vec<Manifest> {
    let gems = |text: &str| {
        let chapter =
            text.lines().skip_while(|line| *line != "DEPENDENCIES").skip(1).take_while(|line| !line.is_empty());
        let names = chapter.filter_map(|line| line.split_whitespace().next()).map(|name| name.trim_end_matches('!'));
        Some(names.map(str::to_owned).collect())
    };
    manifest(folder, "Gemfile.lock", gems).into_iter().collect()
}

/// The modules that a `pom.xml`, a build file of Gradle or its version catalog name, as `group:artifact`.
pub(super) fn jvm(folder: &NearbyFolder) -> Vec<Manifest> {
    let gradle = |name| manifest(folder, name, |text| Some(gradle::dependencies(text)));
    let catalog = || {
        let name = "gradle/libs.versions.toml";
        let text = std::fs::read_to_string(folder.path.join(name)).ok()?;
        Some((name.to_owned(), gradle::catalog(&text)))
    };
    let pom = manifest(folder, "pom.xml", |text| Some(Pom::read(text)?.dependencies()));
    let catalog = folder.has("gradle").then(catalog).flatten();
    [pom, gradle("build.gradle"), gradle("build.gradle.kts"), catalog].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_lists_packages() {
        let text =
            "version = 1\n[[package]]\nname = \"Psycopg2_binary\"\nversion = \"2\"\n[[package]]\nname = \"click\"\n";
        assert_eq!(locked(text).unwrap(), ["psycopg2-binary", "click"]);
        assert!(locked("lock").is_none());
    }

    #[test]
    fn only_modules_that_the_project_requires_itself_count() {
        for (text, expected) in [
            ("require github.com/lib/pq v1.10.0", vec!["github.com/lib/pq"]),
            ("require github.com/jackc/pgx/v5 v5.0.0 // indirectly so", vec!["github.com/jackc/pgx"]),
            ("require github.com/lib/pq v1.10.0 // indirect; x", vec![]),
            ("module github.com/lib/pq", vec![]),
            ("// require github.com/lib/pq v1.10.0", vec![]),
            ("require github.com/a/b v1.0.0 // in place of github.com/lib/pq", vec!["github.com/a/b"]),
            ("require(\n\t\"a.org/v2ray\" v1.0.0\n\n\tb.org/v2 v2.0.0 //indirect\n)\n", vec!["a.org/v2ray"]),
            ("replace (\n\tgithub.com/lib/pq => ./pq\n)\nrequire c.org/d v0.1.0\n", vec!["c.org/d"]),
            ("exclude github.com/lib/pq v1.0.0\nreplace github.com/lib/pq => ./pq", vec![]),
        ] {
            assert_eq!(go_modules(text), expected, "{text}");
        }
    }
}
