use std::fs;

use super::*;

/// Names and texts.
type Files<'a> = &'a [(&'a str, &'a str)];

fn detected(folder: &str, files: Files) -> Option<EngineKind> {
    clue(folder, files).map(|clue| clue.engine)
}

fn clue(folder: &str, files: Files) -> Option<EngineClue> {
    asked(folder, files).ok().flatten()
}

fn asked(folder: &str, files: Files) -> Result<Option<EngineClue>, Disagreement> {
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
            &[("go.mod", "require (\n\tgithub.com/jackc/pgx/v5 v5.0.0\n\tmodernc.org/sqlite v1.0.0 // indirect\n)")],
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
    assert_eq!(clue("m", &[lock]).unwrap().from, "provider in m/migration_lock.toml");
    let mysql = ("m/migration_lock.toml", "provider = \"mysql\"");
    let driver = ("package.json", r#"{"dependencies": {"mariadb": "3"}}"#);
    assert_eq!(detected("m", &[mysql]), Some(EngineKind::Mysql));
    assert_eq!(detected("m", &[mysql, driver]), Some(EngineKind::Mariadb));
    assert_eq!(detected("m", &[lock, driver]), Some(EngineKind::Postgres));
    let journal = ("m/meta/_journal.json", r#"{"dialect": "turso", "entries": []}"#);
    assert_eq!(detected("m", &[journal]), Some(EngineKind::Sqlite));
    assert_eq!(detected("m", &[("m/meta/_journal.json", "{}"), ("m/migration_lock.toml", "")]), None);
}

#[test]
fn configurations_of_tools_and_applications_tell() {
    let pom = "<project><dependencies><dependency><groupId>org.postgresql</groupId><artifactId>postgresql</artifactId>\
               </dependency></dependencies></project>";
    let refinery = "[dependencies]\nrefinery = {version = '0.9', features = ['tokio-postgres']}";
    for (file, text, from, engine) in [
        ("flyway.conf", "flyway.url=jdbc:mariadb://h/d", "flyway.url in flyway.conf", EngineKind::Mariadb),
        ("conf/flyway.conf", "flyway.url=jdbc:mysql://h/d", "flyway.url in conf/flyway.conf", EngineKind::Mysql),
        ("liquibase.properties", "url=jdbc:sqlite:x", "url in liquibase.properties", EngineKind::Sqlite),
        (
            "src/main/resources/application.yml",
            "spring: {datasource: {url: 'jdbc:postgresql://h/d'}}",
            "spring.datasource.url in src/main/resources/application.yml",
            EngineKind::Postgres,
        ),
        ("pom.xml", pom, "pom.xml, org.postgresql:postgresql", EngineKind::Postgres),
        (
            "build.gradle",
            "runtimeOnly 'com.mysql:mysql-connector-j'",
            "build.gradle, com.mysql:mysql-connector-j",
            EngineKind::Mysql,
        ),
        ("build.gradle.kts", "url = \"jdbc:postgresql://h/d\"", "url in build.gradle.kts", EngineKind::Postgres),
        (
            "gradle/libs.versions.toml",
            "[libraries]\nx = 'org.xerial:sqlite-jdbc:3'",
            "gradle/libs.versions.toml, org.xerial:sqlite-jdbc",
            EngineKind::Sqlite,
        ),
        (
            "atlas.hcl",
            "env \"l\" {\n  dev = \"docker://mysql/8/dev\"\n}\n",
            "env l dev in atlas.hcl",
            EngineKind::Mysql,
        ),
        ("Cargo.toml", refinery, "Cargo.toml, features of refinery", EngineKind::Postgres),
        (
            "Cargo.toml",
            "[dependencies]\nrefinery = {features = ['rusqlite-bundled']}",
            "Cargo.toml, features of refinery",
            EngineKind::Sqlite,
        ),
        ("refinery.toml", "[main]\ndb_type = 'Mysql'", "main.db_type in refinery.toml", EngineKind::Mysql),
    ] {
        let expected = EngineClue { engine, from: from.to_owned() };
        assert_eq!(clue("db/migrations", &[(file, text)]), Some(expected), "{file}");
    }
}

#[test]
fn files_that_disagree_are_named_without_their_values() {
    let conf = ("flyway.conf", "flyway.url=jdbc:mysql://h/d?password=secret");
    let application = ("application.properties", "spring.datasource.url=jdbc:postgresql://h/d?password=secret");
    let error = asked("m", &[conf, application]).unwrap_err().to_string();
    let expected = "spring.datasource.url in application.properties says PostgreSQL, flyway.url in flyway.conf says MySQL, and \
                    nothing tells which of them these migrations are for; say which with --engine postgres or `engine: \
                    postgres` in rollproof.yml";
    assert_eq!(error, expected);
    // A path that names one is meant for one, and a placeholder says nothing.
    assert_eq!(detected("m/mysql", &[conf, application]), Some(EngineKind::Mysql));
    assert_eq!(detected("m", &[("flyway.conf", "flyway.url=${URL}"), application]), Some(EngineKind::Postgres));
    let gems = ("Gemfile.lock", "DEPENDENCIES\n  pg\n  mysql2\n");
    let error = asked("m", &[gems]).unwrap_err().to_string();
    assert!(
        error.starts_with("Gemfile.lock, pg says PostgreSQL, Gemfile.lock, mysql2 says MySQL, and nothing"),
        "{error}"
    );
}

#[test]
fn what_says_mysql_may_mean_mariadb() {
    let url = (".env", "DATABASE_URL=mysql://h/d");
    let image = |name: &str| format!("services: {{db: {{image: '{name}'}}}}");
    for (image, expected) in [
        (image("mariadb:11.8"), EngineKind::Mariadb),
        (image("mysql:9"), EngineKind::Mysql),
        (image("postgres:17"), EngineKind::Mysql),
        ("services: {a: {image: mysql}, b: {image: mariadb}}".to_owned(), EngineKind::Mysql),
    ] {
        assert_eq!(detected("m", &[url, ("compose.yml", &image)]), Some(expected), "{image}");
    }
    let certain = ("atlas.hcl", "env \"l\" {\n  dev = \"docker://mysql/8/dev\"\n}\n");
    assert_eq!(detected("m", &[certain, ("compose.yml", &image("mariadb:11.8"))]), Some(EngineKind::Mysql));
    let conf = ("flyway.conf", "flyway.url=jdbc:mariadb://h/d");
    assert_eq!(detected("m", &[url, conf]), Some(EngineKind::Mariadb));
}
