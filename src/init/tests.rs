//! Whole projects, and what is written for them.

use std::fs;
use std::path::Path;

use super::{Found, configuration, look};
use crate::config;

struct Looked {
    found: Found,
    text: String,
}

fn look_at(files: &[(&str, &str)]) -> Looked {
    let project = tempfile::tempdir().unwrap();
    fs::create_dir(project.path().join(".git")).unwrap();
    for (file, text) in files {
        let path = project.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let found = look(project.path());
    let text = configuration(&found);
    if !found.databases.is_empty() {
        config::read(&text, Path::new("rollproof.yml")).unwrap_or_else(|error| panic!("{error}\n{text}"));
    }
    Looked { found, text }
}

fn tools(looked: &Looked) -> Vec<String> {
    looked.found.others.iter().map(|tool| format!("{} ({})", tool.title, tool.from)).collect()
}

const PAIR: [(&str, &str); 2] =
    [("migrations/1_a.up.sql", "CREATE TABLE a (id int);"), ("migrations/1_a.down.sql", "DROP TABLE a;")];

#[test]
fn a_whole_project_is_written_with_its_sources() {
    let looked = look_at(
        &[
            &PAIR[..],
            &[
                ("Cargo.toml", "[dependencies]\nsqlx = {version = \"0.8\", features = [\"postgres\"]}"),
                ("docker-compose.yml", "services: {db: {image: 'docker.io/library/postgres:15.4-alpine'}}"),
                (".github/workflows/ci.yml", "jobs: {t: {services: {pg: {image: 'postgres:16'}}}}"),
                (".sqlx/query-1.json", "{}"),
                ("db/schema.sql", "CREATE TABLE a (id int);"),
            ],
        ]
        .concat(),
    );
    let expected = "\
databases:
  - name: main
    engine: postgres                                # from Cargo.toml, features of sqlx
    image: docker.io/library/postgres:15.4-alpine   # from docker-compose.yml, service db
    # image: postgres:16                            # from .github/workflows/ci.yml, service pg
    migrations: {format: sqlx, path: migrations}    # 1 migration, 1 with a down script
    # models: [{format: sql, path: db/schema.sql}, {format: sqlx, path: .sqlx}]  # this version compares no models yet
";
    let written = looked.text.split_once('\n').unwrap().1;
    let shown: String = written.lines().take(7).map(|line| format!("{line}\n")).collect();
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(squeezed(&shown), squeezed(expected), "{}", looked.text);
    assert_eq!(looked.found.notes, [""; 0]);
}

#[test]
fn several_folders_are_several_databases() {
    let looked = look_at(&[
        ("migrations/postgres/1_a/up.sql", "SELECT 1;"),
        ("migrations/sqlite/1_a/up.sql", "SELECT 1;"),
        ("compose.yaml", "services: {db: {image: 'postgres:16'}}"),
        ("migrations/sqlite/schema.sql", "CREATE TABLE a (id int);"),
        ("schema.rs", "diesel::table! {}"),
    ]);
    assert_eq!(looked.found.databases[1].models.len(), 1, "the nearest");
    assert!(looked.text.contains("  #   {format: diesel, path: schema.rs}\n"), "{}", looked.text);
    let told: Vec<_> = looked
        .found
        .databases
        .iter()
        .map(|found| (found.name.as_str(), found.image.as_ref().map(|image| image.value.as_str())))
        .collect();
    assert_eq!(told, [("postgres", Some("postgres:16")), ("sqlite", None)]);
    assert!(looked.text.contains("path: migrations/sqlite"), "{}", looked.text);
}

#[test]
fn what_is_not_told_is_asked_for() {
    let looked = look_at(&PAIR);
    assert!(looked.text.contains("# engine: postgres "), "{}", looked.text);
    assert!(looked.text.contains("migrations: {path: migrations}"), "{}", looked.text);
    assert!(looked.text.contains("fit sqlx and golang-migrate"), "{}", looked.text);
}

#[test]
fn other_tools_are_named() {
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("knexfile.js", "")], "Knex (knexfile.js)"),
        (&[("db/schema.rb", ""), ("db/migrate/1_a.rb", "")], "Rails (Active Record) (db/schema.rb)"),
    ];
    for (files, expected) in cases {
        let looked = look_at(files);
        assert_eq!(tools(&looked), [*expected]);
        assert_eq!(looked.found.databases, [], "{expected}");
        assert!(looked.text.contains("this version does not read its migrations"), "{}", looked.text);
    }
}

#[test]
fn projects_in_python_are_told_by_their_tools() {
    let revision = "revision = 'a'\ndown_revision = None\ndef upgrade(): pass\ndef downgrade(): pass\n";
    let flask = "from alembic import context\nfrom flask import current_app\n";
    let django = "from django.db import migrations\nclass Migration(migrations.Migration):\n    operations = []\n";
    let cases: &[(&[(&str, &str)], &str)] = &[
        (
            &[
                ("alembic.ini", "[alembic]\nscript_location = app/db\n"),
                ("app/db/env.py", "from alembic import context"),
                ("app/db/versions/a_x.py", revision),
                ("requirements.txt", "psycopg[binary]>=3\n"),
            ],
            "engine: postgres # from requirements.txt, psycopg migrations: {format: alembic, path: app/db} # 1 migration, 1 with",
        ),
        (
            &[
                ("migrations/env.py", flask),
                ("migrations/alembic.ini", "[alembic]\n"),
                ("migrations/versions/a_x.py", revision),
                (".flaskenv", "SQLALCHEMY_DATABASE_URI=mysql+pymysql://u:p@h/d"),
                ("uv.lock", "[[package]]\nname = 'mariadb'\n"),
            ],
            "engine: mariadb # from uv.lock, mariadb migrations: {format: flask-migrate, path: migrations} # 1 migration, 1",
        ),
        (
            &[
                ("manage.py", "import django"),
                ("site/settings.py", "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3'}}"),
                ("shop/migrations/__init__.py", ""),
                ("shop/migrations/0001_initial.py", django),
            ],
            "engine: sqlite # from ENGINE in site/settings.py migrations: {format: django, path: \".\"} # 1 migration, 1 with",
        ),
    ];
    for (files, expected) in cases {
        let looked = look_at(files);
        let squeezed = looked
            .text
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace("# image: postgres:17 # no file tells the version; name that of production ", "");
        assert!(squeezed.contains(expected), "{expected}: {squeezed}");
        assert_eq!(tools(&looked), <[&str; 0]>::default());
    }
}

#[test]
fn a_tool_beside_a_readable_folder_is_a_comment() {
    let looked =
        look_at(&[&PAIR[..], &[("web/knexfile.js", ""), ("Cargo.toml", "[dependencies]\nsqlx = '1'")]].concat());
    assert_eq!(looked.found.databases.len(), 1);
    assert!(looked.text.contains("  # Knex was found (web/knexfile.js); this version does"), "{}", looked.text);
}

#[test]
fn nothing_secret_is_taken_over() {
    let looked = look_at(
        &[
            &PAIR[..],
            &[
                (".env", "DATABASE_URL=postgres://u:s3cret@host.internal/db\nPG=s3cret\nTAG=17"),
                (
                    "compose.yml",
                    "services:\n  db:\n    image: postgres:$TAG\n    environment: {POSTGRES_PASSWORD: s3cret}\n    \
                     command: [--x, s3cret]\n  a: {image: 'postgres://u:s3cret@host.internal/postgres'}\n  \
                     b: {image: 'postgres:17@s3cret'}\n",
                ),
                ("compose.broken.yml", "services: {db: {image: 's3cret'\n  x: s3cret: ]"),
                (
                    ".gitlab-ci.yml",
                    "variables: {P: s3cret}\nt: {services: [{name: 'postgres:15', variables: {P: s3cret}}]}",
                ),
                (
                    "Cargo.toml",
                    "[dependencies]\nsqlx = '1'\n[package.metadata]\nurl = 'postgres://s3cret@host.internal'",
                ),
            ],
        ]
        .concat(),
    );
    let all = format!("{}\n{:?}", looked.text, looked.found);
    assert!(!all.contains("s3cret") && !all.contains("host.internal"), "{all}");
    assert!(looked.text.contains("image: postgres:17 "), "{}", looked.text);
    assert_eq!(looked.found.notes.len(), 1);
    assert!(looked.found.notes[0].starts_with("compose.broken.yml is no YAML"), "{:?}", looked.found.notes);
}

#[test]
fn names_that_mean_something_to_yaml_are_kept() {
    let looked =
        look_at(&[("db: {x}/migrations/1_a/up.sql", "SELECT 1;"), ("true/migrations/1_a/up.sql", "SELECT 1;")]);
    let (project, _) = config::read(&looked.text, Path::new("rollproof.yml")).unwrap();
    let read: Vec<_> = project.databases.iter().map(|database| database.migrations.clone()).collect();
    assert_eq!(read, ["db: {x}/migrations", "true/migrations"].map(std::path::PathBuf::from));
    assert_eq!(project.databases[1].name, "true");
}

#[test]
fn folders_of_tools_are_told_by_their_own_files() {
    for (files, expected) in [
        (&[("prisma/schema.prisma", ""), ("prisma/migrations/1_a/migration.sql", "SELECT 1;")][..], "prisma"),
        (&[("src/main/resources/db/migration/V1__a.sql", "SELECT 1;"), ("flyway.conf", "")], "flyway"),
        (&[("migrations/V1__a.sql", "SELECT 1;"), ("Cargo.toml", "[dependencies]\nrefinery = '1'")], "refinery"),
        (
            &[
                ("drizzle/0000_a.sql", "SELECT 1;"),
                ("drizzle/meta/_journal.json", r#"{"entries": [{"tag": "0000_a", "when": 1}]}"#),
            ],
            "drizzle",
        ),
        (&[("sql/1_a.postgres.up.sql", "SELECT 1;"), ("sql/1_a.postgres.down.sql", "")], "popx"),
    ] {
        let looked = look_at(files);
        assert!(looked.text.contains(&format!("format: {expected}, path: ")), "{expected}: {}", looked.text);
        assert_eq!(tools(&looked), <[&str; 0]>::default());
    }
}
