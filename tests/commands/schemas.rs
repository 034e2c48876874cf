//! `rollproof schema` and `rollproof diff` on revisions, databases and kept schemas.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use libtest_mimic::Failed;
use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use super::git::{commit, git};
use super::run::{self, Ran};
use super::server::block_on;
use super::{Test, rollproof, write};

pub(crate) const ON_POSTGRES: &[Test] = &[("schemas_of_revisions_on_postgres", revisions_on_postgres)];

pub(crate) const TESTS: &[Test] = &[
    ("schemas_of_revisions", revisions),
    ("schemas_at_the_base", at_the_base),
    ("schemas_can_be_kept", can_be_kept),
    ("schemas_of_sqlite_files_are_only_read", sqlite_files_are_only_read),
    ("schemas_that_cannot_be_had", cannot_be_had),
    ("schemas_without_ignored_classes", ignored_classes),
    ("schemas_leave_out_what_the_project_does", leave_out),
];

pub(crate) const MIGRATIONS: &[(&str, &str)] = &[
    ("migrations/001_books.up.sql", "CREATE TABLE books (id integer PRIMARY KEY, title text);"),
    ("migrations/001_books.down.sql", "DROP TABLE books;"),
    ("migrations/002_loans.up.sql", "CREATE TABLE loans (book integer);\nCREATE INDEX by_book ON loans (book);"),
    ("migrations/002_loans.down.sql", "DROP TABLE loans;"),
    ("migrations/0021_year.up.sql", "ALTER TABLE books ADD COLUMN year integer;"),
    ("migrations/0021_year.down.sql", "SELECT 1;"),
];

pub(crate) fn on<'a>(engine: &'a str, args: &[&'a str]) -> Vec<&'a str> {
    let flags = [
        "--engine",
        engine,
        "--migrations",
        "migrations",
        "--migrations-format",
        "golang-migrate",
        "--provision",
        "local",
    ];
    [args, &flags, &["--progress", "none"]].concat()
}

pub(crate) fn objects(report: &Value) -> Vec<String> {
    let changes = report["changes"].as_array().unwrap().iter();
    changes
        .map(|change| format!("{} {}", change["change"].as_str().unwrap(), change["object"].as_str().unwrap()))
        .collect()
}

pub(crate) fn told(ran: &Ran, code: i32, part: &str) {
    assert_eq!(ran.code, Some(code), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains(part), "{part} in: {}", ran.stderr);
    assert!(code != 2 || ran.stdout.is_empty(), "{}", ran.stdout);
}

fn revisions_of(engine: &str) {
    let project = run::project();
    write(project.path(), MIGRATIONS);
    let run = |args: &[&str]| rollproof(project.path(), &on(engine, args));
    let ran = run(&["diff", "@empty", "@head", "--format", "json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let report = ran.report().unwrap();
    assert_eq!(objects(&report), ["added table books", "added table loans"].map(|name| qualified(engine, name)));
    assert_eq!((&report["class"], &report["from"]["what"]), (&"structure".into(), &"@empty".into()));

    // An id, its version, the version without zeros, a beginning.
    for version in ["@002_loans", "@002", "@2", "@002_l"] {
        let ran = run(&["diff", version, "@0021", "--format", "json"]);
        assert_eq!(objects(&ran.report().unwrap()), [qualified(engine, "added table books column year")], "{version}");
    }
    for (from, to) in [("@head", "@0021_year"), ("@empty", "@empty"), ("@1", "@1")] {
        let ran = run(&["diff", from, to]);
        assert_eq!(ran.code, Some(0), "{}", ran.stdout);
        assert!(
            ran.stdout.starts_with(&format!("from {from} (")) && ran.stdout.ends_with("\nthe same\n"),
            "{}",
            ran.stdout
        );
    }
    let ran = run(&["schema", "@1"]);
    assert!(ran.stdout.contains(&format!("\n{}\n", qualified(engine, "table books"))), "{}", ran.stdout);
    assert!(!ran.stdout.contains("loans") && !ran.stdout.contains("schema_migrations"), "{}", ran.stdout);
    told(
        &run(&["schema", "@00"]),
        2,
        "@00 fits 3 migrations; write more of its id: @001_books, @002_loans, @0021_year",
    );
    told(&run(&["schema", "@003"]), 2, "no migration in migrations has this id or version");

    write(
        project.path(),
        &[("migrations/0022_bad.up.sql", "SELECT 1;\n\nCREATE TABLE (;"), ("migrations/0022_bad.down.sql", "")],
    );
    assert_eq!(run(&["schema", "@0021"]).code, Some(0));
    told(&run(&["diff", "@head", "@1"]), 2, "migrations/0022_bad.up.sql:3: the up of 0022_bad fails: ");
}

fn qualified(engine: &str, text: &str) -> String {
    if engine == "postgres" { text.replacen("table ", "table public.", 1) } else { text.to_owned() }
}

fn revisions() -> Result<(), Failed> {
    revisions_of("sqlite");
    Ok(())
}

fn revisions_on_postgres() -> Result<(), Failed> {
    revisions_of("postgres");
    Ok(())
}

fn at_the_base() -> Result<(), Failed> {
    let project = run::project();
    let folder = project.path();
    fs::remove_dir(folder.join(".git"))?;
    git(folder, &["init", "-q", "-b", "main"]);
    let config = |path: &str| {
        format!(
            "databases:\n  - name: main\n    engine: sqlite\n    base-schema: base.sql\n    migrations: {{format: golang-migrate, path: {path}}}\n"
        )
    };
    write(folder, MIGRATIONS);
    write(folder, &[("rollproof.yml", &config("migrations")), ("base.sql", "CREATE TABLE old (a integer);")]);
    commit(folder);
    git(folder, &["switch", "-q", "-c", "change"]);
    git(folder, &["mv", "migrations", "db"]);
    write(
        folder,
        &[
            ("rollproof.yml", &config("db")),
            ("base.sql", "CREATE TABLE old (a integer, b integer);"),
            ("db/0030_more.up.sql", "CREATE TABLE more (a integer);"),
            ("db/0030_more.down.sql", "DROP TABLE more;"),
        ],
    );
    let ran = rollproof(folder, &["diff", "@base", "@head", "--base", "main", "--format", "json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let mut found = objects(&ran.report().unwrap());
    found.sort();
    assert_eq!(found, ["added table more", "added table old column b"]);
    told(&rollproof(folder, &["schema", "@base"]), 2, "name that with --base, such as --base main");
    told(&rollproof(folder, &["schema", "@base", "--base", "none"]), 2, "none");
    let ran = rollproof(folder, &["schema", "@empty"]);
    assert!(ran.stdout.contains("table old\n") && !ran.stdout.contains("books"), "{}", ran.stdout);
    Ok(())
}

fn can_be_kept() -> Result<(), Failed> {
    let project = run::project();
    let folder = project.path();
    write(folder, MIGRATIONS);
    let run = |args: &[&str]| rollproof(folder, &on("sqlite", args));
    for form in ["json", "yaml"] {
        let kept = run(&["schema", "@2", "--format", form]);
        assert_eq!(
            (kept.code, kept.stdout.clone()),
            (Some(0), run(&["schema", "@2", "--format", form]).stdout),
            "{form}"
        );
        write(folder, &[("kept", &kept.stdout)]);
        let ran = run(&["diff", "kept", "@2"]);
        assert_eq!(ran.code, Some(0), "{form}: {}", ran.stdout);
        assert_eq!(run(&["diff", "kept", "@head"]).code, Some(1), "{form}");
        let again = run(&["schema", "kept", "--format", form]);
        assert_eq!(again.stdout, kept.stdout, "{form}");
    }
    Ok(())
}

/// What lies in a folder, with its bytes.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    let entries = entries.filter(|entry| entry.path().is_file());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

fn sqlite_files_are_only_read() -> Result<(), Failed> {
    let project = run::project();
    let folder = project.path();
    block_on(async {
        let make = async |name: &str, sql: &str| {
            let options = SqliteConnectOptions::new().filename(folder.join(name)).create_if_missing(true);
            let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
            connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.unwrap();
            connection
        };
        let sql = "CREATE TABLE books (id integer PRIMARY KEY, title text); CREATE TABLE in_the_log (a)";
        make("plain.db", sql).await.close().await.unwrap();
        make("closed.db", &format!("PRAGMA journal_mode = WAL; {sql}")).await.close().await.unwrap();
        let open = make("open.db", &format!("PRAGMA journal_mode = WAL; {sql}")).await;
        // What a program that was killed leaves: the log without its index.
        fs::copy(folder.join("open.db"), folder.join("left.db")).unwrap();
        fs::copy(folder.join("open.db-wal"), folder.join("left.db-wal")).unwrap();
        let before = contents(folder);
        assert!(before.len() >= 7, "{:?}", before.keys());
        for name in ["plain.db", "closed.db", "open.db", "left.db", "sqlite:plain.db", "sqlite://closed.db?mode=rw"] {
            let ran = rollproof(folder, &["schema", name]);
            assert_eq!(ran.code, Some(0), "{name}: {}", ran.stderr);
            assert!(ran.stdout.contains("table in_the_log\n"), "{name}: {}", ran.stdout);
            assert_eq!(contents(folder).keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>(), "{name}");
            for (file, bytes) in contents(folder) {
                // The index of a log that somebody uses holds the marks of its readers.
                assert!(file.ends_with("-shm") || before[&file] == bytes, "{name} changed {file}");
            }
        }
        assert_eq!(rollproof(folder, &["diff", "plain.db", "open.db"]).code, Some(0));
        open.close().await.unwrap();
    });
    told(&rollproof(folder, &["schema", "sqlite:none.db"]), 2, "there is no SQLite database none.db");
    assert!(!folder.join("none.db").exists());
    write(folder, &[("broken.db", "SQLite format 3\0 and no more")]);
    told(&rollproof(folder, &["schema", "broken.db"]), 2, "broken.db cannot be read: ");
    Ok(())
}

fn cannot_be_had() -> Result<(), Failed> {
    let project = run::project();
    let folder = project.path();
    write(folder, MIGRATIONS);
    let run = |what: &str| rollproof(folder, &on("sqlite", &["schema", what]));
    for (what, part) in [
        ("@", "`@` names no revision; write @head, @base"),
        ("head", "there is no file head; did you mean `@head`?"),
        ("001_books", "did you mean `@001_books`?"),
        ("@haed", "did you mean `@head`?"),
        ("models", "this version reads no models yet"),
        ("none.sql", "there is no file none.sql\nwrite @head, @base, @empty or @<version>"),
        (".", ". is a folder"),
        ("mysql://u:pw@127.0.0.1:1/d", "mysql://u:***@127.0.0.1:1/d cannot be read: "),
        ("postgres://h", "the URL names no database"),
    ] {
        told(&run(what), 2, part);
    }
    told(
        &rollproof(folder, &["schema", "@head", "--format", "sqlx"]),
        2,
        "`sqlx` is a format of migrations; name it with --migrations-format",
    );
    told(&rollproof(folder, &["schema", "@head", "--format", "jsn"]), 2, "did you mean `json`?");
    told(&rollproof(folder, &["diff", "@head"]), 2, "<TO>");
    told(&rollproof(folder, &["diff", "@head", "@1", "--ignore", "structure"]), 2, "invalid value 'structure'");

    let empty = run::project();
    told(
        &rollproof(empty.path(), &["schema", "@head"]),
        2,
        "nothing to check: no rollproof.yml and no migrations found",
    );
    let entry = |name: &str| {
        format!("  - {{name: {name}, engine: sqlite, migrations: {{format: golang-migrate, path: migrations}}}}\n")
    };
    write(folder, &[("rollproof.yml", &format!("databases:\n{}{}", entry("one"), entry("two")))]);
    told(&rollproof(folder, &["schema", "@head"]), 2, "several databases; choose one with --database: one, two");
    told(
        &rollproof(folder, &["schema", "@head", "--database", "three"]),
        2,
        "--database three: the configuration knows one, two",
    );
    assert_eq!(rollproof(folder, &["schema", "@head", "--database", "two"]).code, Some(0));
    write(folder, &[("rollproof.yml", "databases: 7\n")]);
    told(&rollproof(folder, &["schema", "@head"]), 2, "rollproof.yml:1");
    Ok(())
}

fn ignored_classes() -> Result<(), Failed> {
    let project = run::project();
    let kept = |order: &str, more: &str| {
        format!(
            r#"{{"version": 1, "engine": "postgres", "server_version": "15.1", "objects": [{{"kind": "table", "path": ["public", "a"],
            "attributes": {{"column_order": {order}, "owner": "x", "comment": "{more}"{more}}}}}]}}"#
        )
    };
    let plain = kept(r#"["b", "c"]"#, "").replace("\"comment\": \"\"", "\"comment\": \"one\"");
    let other = kept(r#"["c", "b"]"#, "").replace("\"x\"", "\"y\"");
    write(project.path(), &[("one", &plain), ("other", &other)]);
    let run = |args: &[&str]| rollproof(project.path(), &[&["diff", "one", "other"], args].concat());
    let ran = run(&[]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stdout.ends_with("they differ: 3 differences (1 privilege, 1 order, 1 comment)\n"), "{}", ran.stdout);
    let ran = run(&["--ignore", "order,comment"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.ends_with("they differ: 1 difference (1 privilege); 2 hidden by --ignore\n"), "{}", ran.stdout);
    let ran = run(&["--ignore", "order", "--ignore", "comment,privilege", "--format", "json"]);
    assert_eq!(ran.code, Some(0));
    let report = ran.report().unwrap();
    assert_eq!((&report["class"], &report["hidden"]), (&"exact".into(), &3.into()));
    Ok(())
}

fn leave_out() -> Result<(), Failed> {
    let project = run::project();
    let folder = project.path();
    write(folder, MIGRATIONS);
    let config = "databases:\n  - name: main\n    engine: sqlite\n    migrations: {format: golang-migrate, path: migrations}\n    \
                  bookkeeping: [marks]\n    exclude: [{object: table loans, reason: theirs}]\n";
    let dump = "CREATE TABLE books (id integer PRIMARY KEY, title text, year integer);\nCREATE TABLE marks (a);\nCREATE TABLE \
                schema_migrations (version uint64,dirty bool);\n";
    write(folder, &[("rollproof.yml", config), ("dump.sql", dump)]);
    let ran = rollproof(folder, &["diff", "@head", "dump.sql"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    Ok(())
}
