//! The drivers that a project's manifests and lock files name, language by language.

use std::path::Path;

use super::{Clues, engine_of, shown};
use crate::history::EngineKind;
use crate::history::nearby::Level;

/// The packages whose presence tells an engine.
type Drivers = &'static [(&'static str, EngineKind)];

const GO: Drivers = &[
    ("github.com/lib/pq", EngineKind::Postgres),
    ("github.com/jackc/pgx", EngineKind::Postgres),
    ("github.com/go-sql-driver/mysql", EngineKind::Mysql),
    ("github.com/mattn/go-sqlite3", EngineKind::Sqlite),
    ("modernc.org/sqlite", EngineKind::Sqlite),
];

const PYTHON: Drivers = &[
    ("psycopg", EngineKind::Postgres),
    ("psycopg2", EngineKind::Postgres),
    ("psycopg2-binary", EngineKind::Postgres),
    ("psycopg-binary", EngineKind::Postgres),
    ("asyncpg", EngineKind::Postgres),
    ("pg8000", EngineKind::Postgres),
    ("mysqlclient", EngineKind::Mysql),
    ("pymysql", EngineKind::Mysql),
    ("aiomysql", EngineKind::Mysql),
    ("asyncmy", EngineKind::Mysql),
    ("mysql-connector-python", EngineKind::Mysql),
    ("mariadb", EngineKind::Mariadb),
    ("aiosqlite", EngineKind::Sqlite),
];

const JAVASCRIPT: Drivers = &[
    ("pg", EngineKind::Postgres),
    ("postgres", EngineKind::Postgres),
    ("pg-promise", EngineKind::Postgres),
    ("mysql", EngineKind::Mysql),
    ("mysql2", EngineKind::Mysql),
    ("mariadb", EngineKind::Mariadb),
    ("sqlite3", EngineKind::Sqlite),
    ("better-sqlite3", EngineKind::Sqlite),
];

const RUBY: Drivers = &[
    ("pg", EngineKind::Postgres),
    ("mysql2", EngineKind::Mysql),
    ("trilogy", EngineKind::Mysql),
    ("sqlite3", EngineKind::Sqlite),
];

/// The engines that the features of sqlx or diesel enable, in the nearest manifest that declares one of them; where it
/// inherits from the workspace, in that too.
pub(super) fn by_cargo(levels: &[Level], root: &Path) -> Clues {
    let mut clues = Clues::new();
    for level in levels {
        let mut inherited = false;
        let mut declared = false;
        for name in ["sqlx", "diesel"] {
            let Some(dependency) = level.cargo_dependency(name) else { continue };
            (declared, inherited) = (true, inherited || dependency.inherited);
            for feature in &dependency.features {
                let driver = feature.split(['-', '_']).next().unwrap_or(feature);
                if let Some(engine) = engine_of(driver) {
                    let from = || format!("{}, features of {name}", shown(level, root, "Cargo.toml"));
                    clues.entry(engine).or_insert_with(from);
                }
            }
        }
        if declared && !inherited {
            break;
        }
    }
    clues
}

/// The engines whose drivers a `go.mod` requires itself.
pub(super) fn by_go(level: &Level, root: &Path) -> Clues {
    let text = level.text("go.mod").unwrap_or_default();
    let mut clues = Clues::new();
    for line in text.lines().filter(|line| !line.contains("// indirect")) {
        for (driver, engine) in GO.iter().filter(|(driver, _)| line.contains(driver)) {
            clues.entry(*engine).or_insert_with(|| format!("{}, {driver}", shown(level, root, "go.mod")));
        }
    }
    clues
}

/// The engines of the packages among `names`.
fn told(names: impl IntoIterator<Item = String>, drivers: Drivers, file: &str) -> Clues {
    let mut clues = Clues::new();
    for name in names {
        if let Some((driver, engine)) = drivers.iter().find(|(driver, _)| *driver == name) {
            clues.entry(*engine).or_insert_with(|| format!("{file}, {driver}"));
        }
    }
    clues
}

/// The engines whose drivers `pyproject.toml`, a requirements file or a `Pipfile` names.
pub(super) fn by_python(level: &Level, root: &Path) -> Clues {
    let mut clues = Clues::new();
    for (file, names) in python_files(level) {
        for (engine, from) in told(names, PYTHON, &shown(level, root, &file)) {
            clues.entry(engine).or_insert(from);
        }
    }
    clues
}

/// The manifests of Python here, each with the packages that it names.
fn python_files(level: &Level) -> Vec<(String, Vec<String>)> {
    let read = |name: &str| {
        let requirements = name.starts_with("requirements") && (name.ends_with(".txt") || name.ends_with(".in"));
        if name == "pyproject.toml" || name == "Pipfile" {
            Some(of_python_tables(&level.text(name)?.parse().ok()?))
        } else if requirements {
            Some(level.text(name)?.lines().map(python_name).collect())
        } else {
            None
        }
    };
    level.names().filter_map(|name| Some((name.to_owned(), read(name)?))).collect()
}

/// The packages that the manifests of Python here name.
pub(in crate::history) fn python_packages(level: &Level) -> Vec<String> {
    python_files(level).into_iter().flat_map(|(_, names)| names).collect()
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

/// The engines whose drivers a `package.json` depends on.
pub(super) fn by_javascript(level: &Level, root: &Path) -> Clues {
    let manifest = level.text("package.json").and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    let Some(manifest) = manifest else { return Clues::new() };
    let kinds = ["dependencies", "devDependencies", "optionalDependencies"];
    let tables = kinds.iter().filter_map(|kind| manifest.get(kind)?.as_object());
    told(tables.flat_map(serde_json::Map::keys).cloned(), JAVASCRIPT, &shown(level, root, "package.json"))
}

/// The engines whose drivers the project itself names, by the last chapter of its `Gemfile.lock`.
pub(super) fn by_ruby(level: &Level, root: &Path) -> Clues {
    let text = level.text("Gemfile.lock").unwrap_or_default();
    let chapter = text.lines().skip_while(|line| *line != "DEPENDENCIES").skip(1).take_while(|line| !line.is_empty());
    let names = chapter.filter_map(|line| line.split_whitespace().next()).map(|name| name.trim_end_matches('!'));
    told(names.map(str::to_owned), RUBY, &shown(level, root, "Gemfile.lock"))
}
