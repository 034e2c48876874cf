//! Which Python a project is run with.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::process::Command;

use crate::history::EngineKind;

/// How long a package manager or an interpreter may take to say what it is.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is asked of an interpreter: its version, and which drivers its environment has.
const PROBE: &str = "\
import importlib.util, json, sys
sys.path[:] = [path for path in sys.path if path]
names = ['psycopg2', 'psycopg', 'asyncpg', 'MySQLdb', 'pymysql', 'mysql.connector', 'aiomysql', 'asyncmy', 'aiosqlite']
def has(name):
    try:
        return importlib.util.find_spec(name) is not None
    except Exception:
        return False
print(json.dumps({'version': '.'.join(map(str, sys.version_info[:3])), 'drivers': [name for name in names if has(name)]}))
";

/// A Python, and what it says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpreter {
    /// The program.
    pub program: PathBuf,
    /// Where it was found: `python` of the configuration, `.venv`.
    pub found: &'static str,
    /// Its version: `3.12.4`.
    pub version: String,
    /// The drivers of databases that its environment has, by the names of their modules.
    pub drivers: Vec<String>,
}

impl Interpreter {
    /// How it is told to people.
    pub fn title(&self) -> String {
        format!("Python {} ({}, {})", self.version, self.program.display(), self.found)
    }

    /// What a URL of `SQLAlchemy` has to name behind the dialect for a driver that is there; `None` for the dialect's own.
    pub fn sqlalchemy_driver(&self, engine: EngineKind) -> Option<&'static str> {
        // The first of each list is what SQLAlchemy takes where a URL names none
        // (https://docs.sqlalchemy.org/en/20/core/engines.html, Database URLs).
        let known: &[(&str, Option<&'static str>)] = match engine {
            EngineKind::Postgres => &[("psycopg2", None), ("psycopg", Some("psycopg")), ("asyncpg", Some("asyncpg"))],
            EngineKind::Mysql | EngineKind::Mariadb => &[
                ("MySQLdb", None),
                ("pymysql", Some("pymysql")),
                ("mysql.connector", Some("mysqlconnector")),
                ("aiomysql", Some("aiomysql")),
                ("asyncmy", Some("asyncmy")),
            ],
            EngineKind::Sqlite => &[],
        };
        let has = |module: &str| self.drivers.iter().any(|driver| driver == module);
        known.iter().find(|(module, _)| has(module)).and_then(|(_, driver)| *driver)
    }
}

/// The interpreter of a project: the configured one, else that of the active or the project's own virtual environment, of uv,
/// of poetry, else the first of the search path.
///
/// # Errors
/// When there is none, or the one that was found does not run; says where was looked.
pub async fn find_interpreter(root: &Path, configured: Option<&Path>) -> Result<Interpreter, String> {
    let (program, found) = match configured {
        Some(program) => (in_project(root, program), "`python` in rollproof.yml"),
        None => search(root).await.ok_or(
            "no Python was found: neither `python` in rollproof.yml, VIRTUAL_ENV, .venv, venv, uv, poetry, nor python3 or python \
             on PATH; make the project's virtual environment, or name its interpreter under `python`",
        )?,
    };
    let shown = program.display();
    let next = "name the interpreter of the project's environment under `python` in rollproof.yml";
    let said =
        output(&program, &["-c", PROBE], root).await.map_err(|why| format!("{shown} ({found}) {why}; {next}"))?;
    let said: Said = serde_json::from_str(said.trim().lines().last().unwrap_or_default())
        .map_err(|_| format!("{shown} ({found}) does not answer as Python does; {next}"))?;
    Ok(Interpreter { program, found, version: said.version, drivers: said.drivers })
}

#[derive(Deserialize)]
struct Said {
    version: String,
    drivers: Vec<String>,
}

/// A configured path starts from the project's root; a bare name is looked up on the search path.
fn in_project(root: &Path, program: &Path) -> PathBuf {
    if program.components().count() == 1 && !root.join(program).is_file() {
        program.to_owned()
    } else {
        root.join(program)
    }
}

async fn search(root: &Path) -> Option<(PathBuf, &'static str)> {
    let in_environment = |folder: &Path| Some(folder.join("bin/python")).filter(|program| program.is_file());
    let active = std::env::var_os("VIRTUAL_ENV").map(PathBuf::from);
    if let Some(program) = active.as_deref().and_then(in_environment) {
        return Some((program, "VIRTUAL_ENV"));
    }
    for name in [".venv", "venv"] {
        if let Some(program) = in_environment(&root.join(name)) {
            return Some((program, name));
        }
    }
    if root.join("uv.lock").is_file()
        && let Some(program) = told(output(Path::new("uv"), &["python", "find"], root).await)
    {
        return Some((program, "uv"));
    }
    if root.join("poetry.lock").is_file()
        && let Some(program) = told(output(Path::new("poetry"), &["env", "info", "--executable"], root).await)
    {
        return Some((program, "poetry"));
    }
    ["python3", "python"].into_iter().find_map(|name| Some((on_path(name)?, "PATH")))
}

/// The program that a package manager names.
fn told(said: Result<String, String>) -> Option<PathBuf> {
    let said = said.ok()?;
    Some(PathBuf::from(said.trim().lines().last()?)).filter(|program| program.is_file())
}

fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// What a program prints.
async fn output(program: &Path, arguments: &[&str], root: &Path) -> Result<String, String> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root).stdin(Stdio::null()).kill_on_drop(true);
    let ended = tokio::time::timeout(PATIENCE, command.output());
    let ended = ended.await.map_err(|_| format!("did not answer within {} s", PATIENCE.as_secs()))?;
    let ended = ended.map_err(|error| format!("cannot be run: {error}"))?;
    if !ended.status.success() {
        let said = String::from_utf8_lossy(&ended.stderr);
        return Err(format!("failed: {}", said.trim().lines().last().unwrap_or("it said nothing")));
    }
    Ok(String::from_utf8_lossy(&ended.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_names_a_driver_that_is_there() {
        let with = |drivers: &[&str]| Interpreter {
            program: "python".into(),
            found: "PATH",
            version: "3.12.1".into(),
            drivers: drivers.iter().map(|driver| (*driver).to_owned()).collect(),
        };
        assert_eq!(with(&["psycopg2", "psycopg"]).sqlalchemy_driver(EngineKind::Postgres), None);
        assert_eq!(with(&["psycopg", "asyncpg"]).sqlalchemy_driver(EngineKind::Postgres), Some("psycopg"));
        assert_eq!(with(&["pymysql"]).sqlalchemy_driver(EngineKind::Mariadb), Some("pymysql"));
        assert_eq!(with(&[]).sqlalchemy_driver(EngineKind::Sqlite), None);
    }

    #[test]
    fn a_configured_interpreter_starts_from_the_root() {
        let root = Path::new("/app");
        assert_eq!(in_project(root, Path::new(".venv/bin/python")), Path::new("/app/.venv/bin/python"));
        assert_eq!(in_project(root, Path::new("python3.12")), Path::new("python3.12"));
        assert_eq!(in_project(root, Path::new("/usr/bin/python3")), Path::new("/usr/bin/python3"));
    }
}
