//! Which engine a project's migrations are for, told by its files.

use std::collections::BTreeMap;
use std::path::Path;

use super::cargo::cargo_dependency;
use super::drivers::{Drivers, LANGUAGES, Language};
use super::manifests::Manifest;
use super::{Nearby, NearbyFolder, ServiceFiles};
use crate::history::EngineKind;

/// An engine, and what tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineClue {
    /// The engine.
    pub engine: EngineKind,
    /// What tells it, in the words of a person: `DATABASE_URL in .env.example`.
    pub from: String,
}

/// The engines that a kind of file tells, each with the first thing that tells it.
type Clues = BTreeMap<EngineKind, String>;

/// The engine of the migrations in `folder`, looked for no higher than `root`. `None` where the files do not tell.
pub fn detect_engine(folder: &Path, root: &Path) -> Option<EngineKind> {
    engine_clue(&Nearby::around(folder, Some(root)), &ServiceFiles::default()).map(|clue| clue.engine)
}

/// As [`detect_engine`], with what tells it, from what lies around the folder.
///
/// In this order: a word in the path from the root to the folder (`migrations/postgres`), the scheme of `DATABASE_URL` in an
/// environment file, what the migrations themselves say (Prisma's lock, Drizzle's journal; `mysql` there may be MariaDB and
/// counts last), the one engine that the features of sqlx or diesel enable, that of the drivers in `go.mod`, in
/// Python's, JavaScript's and Ruby's manifests, the one product among the images of compose files, and among those of CI
/// jobs. Of an environment file nothing but the scheme is kept.
pub fn engine_clue(nearby: &Nearby, files: &ServiceFiles) -> Option<EngineClue> {
    let around = &nearby.folders;
    let by_language = |language: &Language| {
        around.iter().find_map(|folder| only(by_drivers(folder, &(language.manifests)(folder), language.drivers)))
    };
    let by_images = |compose: bool| around.iter().find_map(|folder| only(by_services(folder, files, compose)));
    let said = by_migrations(around.first()?);
    by_path(around.first()?)
        .or_else(|| around.iter().find_map(by_environment))
        .or_else(|| said.clone().filter(|clue| clue.engine != EngineKind::Mysql))
        .or_else(|| only(by_cargo(around)))
        .or_else(|| LANGUAGES.iter().find_map(by_language))
        .or_else(|| by_images(true))
        .or_else(|| by_images(false))
        .or(said)
}

/// A file of a folder, as seen from the root.
fn shown(folder: &NearbyFolder, file: &str) -> String {
    folder.shown.join(file).display().to_string()
}

/// The engine, where exactly one is named.
fn only(clues: Clues) -> Option<EngineClue> {
    (clues.len() == 1).then(|| clues.into_iter().next()).flatten().map(|(engine, from)| EngineClue { engine, from })
}

/// The engine that a word names, as people call it in paths, images, URL schemes and feature names.
fn engine_of(word: &str) -> Option<EngineKind> {
    match word.to_ascii_lowercase().as_str() {
        "postgres" | "postgresql" | "pg" | "pgsql" => Some(EngineKind::Postgres),
        "mysql" => Some(EngineKind::Mysql),
        "mariadb" => Some(EngineKind::Mariadb),
        "sqlite" | "sqlite3" => Some(EngineKind::Sqlite),
        _ => None,
    }
}

fn words(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
}

/// The last word of the path that names an engine.
fn by_path(folder: &NearbyFolder) -> Option<EngineClue> {
    let way = folder.shown.to_string_lossy();
    let engine = words(&way).rev().find_map(engine_of).filter(|_| folder.shown.is_relative())?;
    Some(EngineClue { engine, from: format!("the path {way}") })
}

/// What files among the migrations say, which tools write there: `provider = "postgresql"`, `"dialect": "sqlite"`.
fn by_migrations(folder: &NearbyFolder) -> Option<EngineClue> {
    let lock = || {
        let text = folder.text("migration_lock.toml")?;
        let value = text.lines().find_map(|line| line.strip_prefix("provider"))?.trim_start().strip_prefix('=')?;
        Some((engine_of(value.trim().trim_matches('"'))?, "migration_lock.toml"))
    };
    let journal = || {
        let file = "meta/_journal.json";
        let text = folder.has("meta").then(|| std::fs::read_to_string(folder.path.join(file)).ok()).flatten()?;
        let value: serde_json::Value = serde_json::from_str(&text).ok()?;
        let dialect = value.get("dialect")?.as_str()?;
        Some((engine_of(if dialect == "turso" { "sqlite" } else { dialect })?, file))
    };
    let (engine, file) = lock().or_else(journal)?;
    Some(EngineClue { engine, from: shown(folder, file) })
}

fn by_environment(folder: &NearbyFolder) -> Option<EngineClue> {
    let files = [".env", ".env.local", ".env.example", ".env.sample", ".env.template"];
    files.iter().find_map(|file| {
        let engine = folder.text(file)?.lines().find_map(scheme)?;
        Some(EngineClue { engine, from: format!("DATABASE_URL in {}", shown(folder, file)) })
    })
}

/// The engine that the scheme of this line's `DATABASE_URL` names; what follows the scheme is not looked at.
fn scheme(line: &str) -> Option<EngineKind> {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
    let value = line.strip_prefix("DATABASE_URL")?.trim_start().strip_prefix('=')?;
    let (scheme, _) = value.trim_start().trim_start_matches(['"', '\'']).split_once(':')?;
    engine_of(scheme.split('+').next().unwrap_or(scheme))
}

/// The engines that the features of sqlx or diesel enable, in the nearest manifest that declares one of them; where it
/// inherits from the workspace, in that too.
fn by_cargo(around: &[NearbyFolder]) -> Clues {
    let mut clues = Clues::new();
    for folder in around {
        let mut inherited = false;
        let mut declared = false;
        for name in ["sqlx", "diesel"] {
            let Some(dependency) = cargo_dependency(folder, name) else { continue };
            (declared, inherited) = (true, inherited || dependency.inherited);
            for feature in &dependency.features {
                let driver = feature.split(['-', '_']).next().unwrap_or(feature);
                if let Some(engine) = engine_of(driver) {
                    let from = || format!("{}, features of {name}", shown(folder, "Cargo.toml"));
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

/// The engines of the drivers among the packages that manifests name.
fn by_drivers(folder: &NearbyFolder, manifests: &[Manifest], drivers: Drivers) -> Clues {
    let mut clues = Clues::new();
    for (file, names) in manifests {
        for name in names {
            if let Some((driver, engine)) = drivers.iter().find(|(driver, _)| driver == name) {
                clues.entry(*engine).or_insert_with(|| format!("{}, {driver}", shown(folder, file)));
            }
        }
    }
    clues
}

/// The products among the images of the services that files here name.
fn by_services(folder: &NearbyFolder, files: &ServiceFiles, compose: bool) -> Clues {
    let mut clues = Clues::new();
    for service in files.of(&folder.path).found.iter().filter(|service| service.compose == compose) {
        if let Some(engine) = product(&service.image) {
            clues.entry(engine).or_insert_with(|| shown(folder, &service.from));
        }
    }
    clues
}

/// The product of a container image: `docker.io/library/postgres:17`, `bitnami/postgresql@sha256:...`.
fn product(image: &str) -> Option<EngineKind> {
    let name = image.rsplit('/').next().unwrap_or(image).split([':', '@']).next().unwrap_or_default();
    match name {
        "postgis" | "pgvector" | "timescaledb" | "timescaledb-ha" => Some(EngineKind::Postgres),
        "percona" => Some(EngineKind::Mysql),
        _ => engine_of(name),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Names and texts.
    type Files<'a> = &'a [(&'a str, &'a str)];

    fn detected(folder: &str, files: Files) -> Option<EngineKind> {
        clue(folder, files).map(|clue| clue.engine)
    }

    fn clue(folder: &str, files: Files) -> Option<EngineClue> {
        let project = tempfile::tempdir().unwrap();
        let folder = project.path().join(folder);
        fs::create_dir_all(&folder).unwrap();
        for (file, text) in files {
            let path = project.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        engine_clue(&Nearby::around(&folder, Some(project.path())), &ServiceFiles::default())
    }

    #[test]
    fn every_clue_says_where_it_is() {
        let compose = "services: {db: {image: 'postgres:17'}}";
        let ci = "jobs: {t: {services: {db: {image: 'mariadb:11'}}}}";
        let poetry = "[tool.poetry.dependencies]\npsycopg2-binary = '*'";
        let cases: &[(&str, &str, &str, EngineKind)] = &[
            ("a/README", "", "the path db/sqlite", EngineKind::Sqlite),
            ("db/.env", "DATABASE_URL=mysql://u:p@h/d", "DATABASE_URL in db/.env", EngineKind::Mysql),
            (
                "Cargo.toml",
                "[dependencies]\nsqlx = {features = ['sqlite']}",
                "Cargo.toml, features of sqlx",
                EngineKind::Sqlite,
            ),
            ("go.mod", "require github.com/lib/pq v1", "go.mod, github.com/lib/pq", EngineKind::Postgres),
            (
                "pyproject.toml",
                "[project]\ndependencies = ['asyncpg>=0.2', 'six']",
                "pyproject.toml, asyncpg",
                EngineKind::Postgres,
            ),
            ("pyproject.toml", poetry, "pyproject.toml, psycopg2-binary", EngineKind::Postgres),
            (
                "requirements-dev.txt",
                "# asyncpg\nPyMySQL == 1.1 ; python_version > '3'",
                "requirements-dev.txt, pymysql",
                EngineKind::Mysql,
            ),
            (
                "db/package.json",
                "{\"dependencies\": {\"better-sqlite3\": \"1\"}}",
                "db/package.json, better-sqlite3",
                EngineKind::Sqlite,
            ),
            (
                "Gemfile.lock",
                "GEM\n  specs:\n    mysql2 (1)\n\nDEPENDENCIES\n  pg (~> 1)\n  rails!\n",
                "Gemfile.lock, pg",
                EngineKind::Postgres,
            ),
            ("compose.yml", compose, "compose.yml, service db", EngineKind::Postgres),
            (".github/workflows/ci.yml", ci, ".github/workflows/ci.yml, service db", EngineKind::Mariadb),
        ];
        for (file, text, from, engine) in cases {
            let folder = if from.starts_with("the path") { "db/sqlite" } else { "db/migrations" };
            let expected = EngineClue { engine: *engine, from: (*from).to_owned() };
            assert_eq!(clue(folder, &[(file, text)]), Some(expected), "{file}");
        }
    }

    #[test]
    fn the_path_tells() {
        for (folder, expected) in [
            ("migrations/postgres", Some(EngineKind::Postgres)),
            ("migrations/PG", Some(EngineKind::Postgres)),
            ("storage/migrations-mariadb", Some(EngineKind::Mariadb)),
            ("mysql/old/sqlite3", Some(EngineKind::Sqlite)),
            ("mysql/migrations", Some(EngineKind::Mysql)),
            ("migrations/mysqlish", None),
        ] {
            assert_eq!(detected(folder, &[]), expected, "{folder}");
        }
    }

    #[test]
    fn the_scheme_of_the_database_url_tells() {
        for (line, expected) in [
            ("DATABASE_URL=postgres://u:secret@h/db", Some(EngineKind::Postgres)),
            ("export DATABASE_URL = 'postgresql+psycopg://u@h/db'", Some(EngineKind::Postgres)),
            ("DATABASE_URL=\"sqlite:data.db\"", Some(EngineKind::Sqlite)),
            ("A=1\nDATABASE_URL=mysql://h/db", Some(EngineKind::Mysql)),
            ("# DATABASE_URL=mysql://h/db", None),
            ("TEST_DATABASE_URL=mysql://h/db", None),
            ("DATABASE_URL=data.db", None),
        ] {
            assert_eq!(detected("migrations", &[(".env.example", line)]), expected, "{line}");
        }
        let nearest = [("db/.env", "DATABASE_URL=sqlite:x"), (".env", "DATABASE_URL=mysql://h/d")];
        assert_eq!(detected("db/migrations", &nearest), Some(EngineKind::Sqlite));
    }

    #[test]
    fn manifests_and_images_tell_where_they_name_one_engine() {
        let sqlx = |features: &str| format!("[dependencies]\nsqlx = {{version = \"0.9\", features = [{features}]}}");
        let inherits = "[dependencies]\nsqlx = {workspace = true}";
        let workspace = "[workspace.dependencies]\nsqlx = {version = \"0.9\", features = [\"sqlite-unbundled\"]}";
        let cases: &[(Files, Option<EngineKind>)] = &[
            (&[("Cargo.toml", &sqlx("\"postgres\", \"json\""))], Some(EngineKind::Postgres)),
            (&[("Cargo.toml", &sqlx("\"postgres\", \"sqlite\""))], None),
            (&[("db/Cargo.toml", inherits), ("Cargo.toml", workspace)], Some(EngineKind::Sqlite)),
            (&[("db/Cargo.toml", &sqlx("\"mysql\"")), ("Cargo.toml", workspace)], Some(EngineKind::Mysql)),
            (&[("go.mod", "require github.com/lib/pq v1.10.0")], Some(EngineKind::Postgres)),
            (&[("go.mod", "require github.com/lib/pqx v1.0.0 // was github.com/lib/pq")], None),
            (
                &[(
                    "go.mod",
                    "require (\n\tgithub.com/jackc/pgx/v5 v5.0.0\n\tmodernc.org/sqlite v1.0.0 // indirect\n)",
                )],
                Some(EngineKind::Postgres),
            ),
            (
                &[("compose.yaml", "services: {db: {image: 'docker.io/library/postgres:17'}, web: {build: .}}")],
                Some(EngineKind::Postgres),
            ),
            (&[("docker-compose.yml", "services: {a: {image: mysql}, b: {image: 'mariadb:11'}}")], None),
            (
                &[
                    ("Cargo.toml", &sqlx("\"postgres\", \"sqlite\"")),
                    ("compose.yml", "services: {db: {image: postgis/postgis}}"),
                ],
                Some(EngineKind::Postgres),
            ),
        ];
        for (files, expected) in cases {
            assert_eq!(detected("db/migrations", files), *expected, "{files:?}");
        }
    }

    #[test]
    fn what_tools_write_among_the_migrations_tells_the_engine() {
        let lock = ("m/migration_lock.toml", "# kept by prisma\nprovider = \"postgresql\"\n");
        assert_eq!(clue("m", &[lock]).unwrap().from, "m/migration_lock.toml");
        let mysql = ("m/migration_lock.toml", "provider = \"mysql\"");
        let driver = ("package.json", r#"{"dependencies": {"mariadb": "3"}}"#);
        assert_eq!(detected("m", &[mysql]), Some(EngineKind::Mysql));
        assert_eq!(detected("m", &[mysql, driver]), Some(EngineKind::Mariadb));
        assert_eq!(detected("m", &[lock, driver]), Some(EngineKind::Postgres));
        let journal = ("m/meta/_journal.json", r#"{"dialect": "turso", "entries": []}"#);
        assert_eq!(detected("m", &[journal]), Some(EngineKind::Sqlite));
        assert_eq!(detected("m", &[("m/meta/_journal.json", "{}"), ("m/migration_lock.toml", "")]), None);
    }
}
