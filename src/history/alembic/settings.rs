//! What `alembic.ini` or `[tool.alembic]` of a `pyproject.toml` says of where revisions lie.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::evidence::ini_sections;

/// How many folders above the migrations a configuration is looked for.
const LEVELS: usize = 6;

const INI: &str = "alembic.ini";
const TOML: &str = "pyproject.toml";

/// One configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Settings {
    /// The folder with `env.py`.
    pub(super) script_location: PathBuf,
    /// The folders with revisions, where they are named.
    pub(super) version_locations: Vec<PathBuf>,
    /// Whether folders within them are read too.
    pub(super) recursive: bool,
}

/// The configurations in a folder; of an `alembic.ini` each section that names a script location.
pub(super) fn in_folder(folder: &Path) -> Vec<Settings> {
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let mut found = Vec::new();
    if let Some(text) = read(TOML)
        && let Ok(table) = text.parse::<toml::Table>()
        && let Some(alembic) = table.get("tool").and_then(|tool| tool.get("alembic"))
    {
        found.extend(of_values(folder, |key| match alembic.get(key)? {
            toml::Value::String(text) => Some(vec![text.clone()]),
            toml::Value::Boolean(truth) => Some(vec![truth.to_string()]),
            toml::Value::Array(items) => {
                Some(items.iter().filter_map(|item| Some(item.as_str()?.to_owned())).collect())
            }
            _ => None,
        }));
    }
    if let Some(text) = read(INI) {
        for section in ini_sections(&text).values() {
            let separator = section.get("path_separator").or(section.get("version_path_separator"));
            let locations = |value: &str| cut(value, separator.map(String::as_str));
            found.extend(of_values(folder, |key| {
                let value = section.get(key)?;
                Some(if key == "version_locations" { locations(value) } else { vec![value.clone()] })
            }));
        }
    }
    found
}

/// The configuration whose script location a folder is: in the folder itself, as Flask-Migrate has it, or above it.
pub(super) fn of_script_location(folder: &Path) -> Option<Settings> {
    let folder = fs::canonicalize(folder).ok()?;
    for above in folder.ancestors().take(LEVELS) {
        let is_meant =
            |settings: &Settings| fs::canonicalize(&settings.script_location).is_ok_and(|location| location == folder);
        if let Some(settings) = in_folder(above).into_iter().find(is_meant) {
            return Some(settings);
        }
        if above.join(".git").exists() {
            break;
        }
    }
    None
}

fn of_values(folder: &Path, value: impl Fn(&str) -> Option<Vec<String>>) -> Option<Settings> {
    let place = |text: &String| located(folder, text, value("prepend_sys_path"));
    let script_location = value("script_location")?.first().map(place)?;
    Some(Settings {
        script_location,
        version_locations: value("version_locations").unwrap_or_default().iter().map(place).collect(),
        recursive: value("recursive_version_locations")
            .is_some_and(|said| said.first().is_some_and(|said| is_true(said))),
    })
}

/// As alembic takes the words of its file (`config.py`, `util/pyfiles.py`).
fn is_true(said: &str) -> bool {
    ["true", "yes", "on", "1", "y", "t"].contains(&said.trim().to_lowercase().as_str())
}

/// The paths in a list. Without a separator they stand behind blanks or commas.
fn cut(value: &str, separator: Option<&str>) -> Vec<String> {
    let parts: Vec<&str> = match separator.map(str::trim) {
        Some("os" | ":") => value.split([':', '\n']).collect(),
        Some(";") => value.split([';', '\n']).collect(),
        Some("newline") => value.split('\n').collect(),
        Some("space") => value.split_whitespace().collect(),
        _ => value.split([',', ' ', '\n']).collect(),
    };
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// A path as the configuration in `folder` means it; `package:folder` lies in a package of the project.
fn located(folder: &Path, text: &str, python_path: Option<Vec<String>>) -> PathBuf {
    let text = text.replace("%(here)s", &folder.to_string_lossy()).replace("%%", "%");
    let Some((package, rest)) = text.split_once(':') else { return tidy(&folder.join(text)) };
    let inner = Path::new(&package.replace('.', "/")).join(rest);
    let paths = python_path.unwrap_or_default().into_iter().chain([".".to_owned(), "src".to_owned()]);
    let mut places = paths.map(|path| tidy(&folder.join(path.replace("%(here)s", ".")).join(&inner)));
    let first = places.next().unwrap_or_else(|| folder.join(&inner));
    if first.is_dir() { first } else { places.find(|place| place.is_dir()).unwrap_or(first) }
}

/// The path without the parts that lead nowhere.
fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if tidy.file_name().is_some() => {
                tidy.pop();
            }
            other => tidy.push(other),
        }
    }
    tidy
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(files: &[(&str, &str)]) -> (tempfile::TempDir, Vec<Settings>) {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let found = in_folder(folder.path());
        (folder, found)
    }

    #[test]
    fn both_files_say_where_revisions_lie() {
        let ini = "[alembic]\nscript_location = %(here)s/db\nversion_locations = %(here)s/db/a:b/../c\n\
                   version_path_separator = os\nrecursive_version_locations = true\n[other]\nscript_location=db2\n";
        let toml =
            "[tool.alembic]\nscript_location = \"app:migrations\"\nversion_locations = [\"x y\", \"%(here)s/z\"]\n";
        let (folder, found) = settings(&[(INI, ini), (TOML, toml), ("src/app/migrations/env.py", "")]);
        let at = |path: &str| folder.path().join(path);
        let expected = [
            Settings {
                script_location: at("src/app/migrations"),
                version_locations: vec![at("x y"), at("z")],
                recursive: false,
            },
            Settings { script_location: at("db"), version_locations: vec![at("db/a"), at("c")], recursive: true },
            Settings { script_location: at("db2"), ..Settings::default() },
        ];
        assert_eq!(found, expected);
        let of = of_script_location(&at("src/app/migrations")).unwrap();
        assert_eq!(of.version_locations, [at("x y"), at("z")]);
        assert!(of_script_location(&at("x")).is_none());
    }

    #[test]
    fn lists_are_cut_as_the_file_says() {
        assert_eq!(cut("a, b c\nd", None), ["a", "b", "c", "d"]);
        assert_eq!(cut("\na b\nc", Some("newline")), ["a b", "c"]);
        assert_eq!(cut("a:b", Some("os")), ["a", "b"]);
    }
}
