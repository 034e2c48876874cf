//! Which engine a project's migrations are for, told by its files.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::EngineKind;
use super::nearby::{Level, Nearby};

/// The engine of the migrations in `folder`, looked for no higher than `root`. `None` where the files do not tell.
///
/// In this order: a word in the path from `root` to `folder` (`migrations/postgres`), the scheme of `DATABASE_URL` in an
/// environment file, the one engine that the features of sqlx or diesel or the drivers in `go.mod` enable, the one product
/// among the images of a compose file. Of an environment file nothing but the scheme is kept.
pub fn detect_engine(folder: &Path, root: &Path) -> Option<EngineKind> {
    let levels = Nearby::around(folder, Some(root)).levels;
    by_path(folder, root)
        .or_else(|| levels.iter().find_map(by_environment))
        .or_else(|| only(by_cargo(&levels)))
        .or_else(|| levels.iter().find_map(|level| only(level.text("go.mod").map(|text| by_go(&text))?)))
        .or_else(|| levels.iter().find_map(|level| only(by_compose(level))))
}

/// The engine, where exactly one is named.
fn only(engines: BTreeSet<EngineKind>) -> Option<EngineKind> {
    (engines.len() == 1).then(|| engines.into_iter().next()).flatten()
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
fn by_path(folder: &Path, root: &Path) -> Option<EngineKind> {
    let (folder, root) = (fs::canonicalize(folder).ok()?, fs::canonicalize(root).ok()?);
    let way = folder.strip_prefix(&root).ok()?.to_string_lossy().into_owned();
    words(&way).rev().find_map(engine_of)
}

fn by_environment(level: &Level) -> Option<EngineKind> {
    let files = [".env", ".env.local", ".env.example", ".env.sample", ".env.template"];
    files.iter().find_map(|file| level.text(file)?.lines().find_map(scheme))
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
fn by_cargo(levels: &[Level]) -> BTreeSet<EngineKind> {
    let mut engines = BTreeSet::new();
    for level in levels {
        let declared: Vec<_> = ["sqlx", "diesel"].iter().filter_map(|name| level.cargo_dependency(name)).collect();
        for feature in declared.iter().flat_map(|dependency| &dependency.features) {
            let driver = feature.split(['-', '_']).next().unwrap_or(feature);
            engines.extend(engine_of(driver));
        }
        if !declared.is_empty() && !declared.iter().any(|dependency| dependency.inherited) {
            break;
        }
    }
    engines
}

/// The engines whose drivers a `go.mod` requires itself.
fn by_go(manifest: &str) -> BTreeSet<EngineKind> {
    const DRIVERS: &[(&str, EngineKind)] = &[
        ("github.com/lib/pq", EngineKind::Postgres),
        ("github.com/jackc/pgx", EngineKind::Postgres),
        ("github.com/go-sql-driver/mysql", EngineKind::Mysql),
        ("github.com/mattn/go-sqlite3", EngineKind::Sqlite),
        ("modernc.org/sqlite", EngineKind::Sqlite),
    ];
    let own = manifest.lines().filter(|line| !line.contains("// indirect"));
    own.flat_map(|line| DRIVERS.iter().filter(|(driver, _)| line.contains(driver)).map(|(_, engine)| *engine)).collect()
}

/// The products among the images of the compose files here.
fn by_compose(level: &Level) -> BTreeSet<EngineKind> {
    let files = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
    let mut engines = BTreeSet::new();
    for text in files.iter().filter_map(|file| level.text(file)) {
        let Ok(compose) = serde_yaml::from_str::<serde_yaml::Value>(&text) else { continue };
        let services = compose.get("services").and_then(serde_yaml::Value::as_mapping);
        for service in services.into_iter().flat_map(serde_yaml::Mapping::values) {
            let image = service.get("image").and_then(serde_yaml::Value::as_str).unwrap_or_default();
            engines.extend(product(image));
        }
    }
    engines
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

    use crate::history::sandbox::Sandbox;

    use super::*;

    /// Names and texts.
    type Files<'a> = &'a [(&'a str, &'a str)];

    fn detected(folder: &str, files: Files) -> Option<EngineKind> {
        let project = Sandbox::empty();
        fs::create_dir_all(project.path().join(folder)).unwrap();
        for (file, text) in files {
            project.write(file, text);
        }
        detect_engine(&project.path().join(folder), project.path())
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
}
