//! Checks on a server that is not Rollproof's own.

use libtest_mimic::Failed;
use serde_json::Value;
use sqlx::{Connection, PgConnection};

use super::run::{self, Ran};
use super::server::{Foreign, PASSWORD, block_on};
use super::{Test, write};

pub(crate) const TESTS: &[Test] = &[
    ("url_leaves_nothing", leaves_nothing),
    ("url_refuses_cluster_objects", refuses_cluster_objects),
    ("url_refuses_cluster_objects_that_commit", refuses_cluster_objects_that_commit),
    ("url_takes_cluster_objects_back_where_they_are_allowed", takes_cluster_objects_back),
    ("url_says_when_the_server_is_gone", says_when_the_server_is_gone),
    ("url_sees_what_others_made", sees_what_others_made),
    ("url_takes_any_name_of_a_role", takes_any_name_of_a_role),
];

/// Everything that outlives a database on the server, by name.
pub(crate) async fn cluster(foreign: &Foreign) -> String {
    let mut admin = PgConnection::connect_with(foreign.admin()).await.unwrap();
    let sql = "SELECT string_agg(name, ', ' ORDER BY name) FROM (\
               SELECT 'database ' || datname FROM pg_database UNION ALL SELECT 'role ' || rolname FROM pg_roles \
               WHERE rolname !~ '^pg_' UNION ALL SELECT 'tablespace ' || spcname FROM pg_tablespace) AS all_of_it (name)";
    sqlx::query_scalar(sql).fetch_one(&mut admin).await.unwrap()
}

fn check(project: &tempfile::TempDir, foreign: &Foreign, format: &str, more: &[&str]) -> Ran {
    let args = ["--migrations", "migrations", "--engine", "postgres", "--format", format, "--url", &foreign.url];
    run::check(project.path(), &[&args, more].concat())
}

fn errors(report: &Value) -> String {
    report["databases"][0]["errors"].to_string()
}

fn leaves_nothing() -> Result<(), Failed> {
    let project = run::project();
    // A down that leaves something, one that fails, a script that commits, and one that makes a fork pay.
    write(
        project.path(),
        &[
            ("1_books.up.sql", "CREATE TABLE books (id integer);"),
            ("1_books.down.sql", "DROP TABLE books;"),
            ("2_slow.up.sql", "SELECT pg_sleep(0.2); CREATE TABLE shelves (id integer);"),
            ("2_slow.down.sql", "DROP TABLE shelf;"),
            ("3_index.up.sql", "CREATE INDEX CONCURRENTLY books_by_id ON books (id);"),
            ("3_index.down.sql", "DROP INDEX books_by_id; ALTER TABLE books ADD COLUMN left_over integer;"),
        ],
    );
    block_on(async {
        let foreign = Foreign::start(&[], "CREATEDB").await;
        let before = cluster(&foreign).await;
        let ran = check(&project, &foreign, "golang-migrate", &[]);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        let report = ran.report().unwrap();
        let database = &report["databases"][0];
        assert_eq!((&database["provision"], &database["errors"]), (&"url".into(), &Value::Array(Vec::new())));
        let rules: Vec<&str> =
            database["findings"].as_array().unwrap().iter().filter_map(|found| found["rule"].as_str()).collect();
        assert_eq!(rules, ["down-fails", "down-not-inverse"]);
        assert_eq!(cluster(&foreign).await, before);
    });
    Ok(())
}

const ROLE: &[(&str, &str)] = &[
    ("1_books.up.sql", "CREATE TABLE books (id integer);"),
    ("1_books.down.sql", "DROP TABLE books;"),
    ("2_reader.up.sql", "CREATE ROLE reader; GRANT SELECT ON books TO reader;"),
    ("2_reader.down.sql", "DROP OWNED BY reader; DROP ROLE reader;"),
];

fn refuses_cluster_objects() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), ROLE);
    block_on(async {
        let foreign = Foreign::start(&[], "CREATEDB CREATEROLE").await;
        let before = cluster(&foreign).await;
        let ran = check(&project, &foreign, "sqlx", &[]);
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        let told = errors(&ran.report().unwrap());
        assert!(told.contains("role reader") && told.contains("--allow-cluster-objects"), "{told}");
        assert_eq!(cluster(&foreign).await, before);
    });
    Ok(())
}

/// Nothing takes back a role that its script has committed, and to drop what may be somebody else's is worse than to
/// leave it: the run stops at once and names it.
fn refuses_cluster_objects_that_commit() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), ROLE);
    block_on(async {
        let foreign = Foreign::start(&[], "CREATEDB CREATEROLE").await;
        let before = cluster(&foreign).await;
        let ran = check(&project, &foreign, "updown", &[]);
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        let told = errors(&ran.report().unwrap());
        assert!(told.contains("role reader") && told.contains("--allow-cluster-objects"), "{told}");
        let after = cluster(&foreign).await;
        assert_eq!(after.replace(", role reader", ""), before);
    });
    Ok(())
}

fn takes_cluster_objects_back() -> Result<(), Failed> {
    for (format, down) in [("sqlx", ROLE[3].1), ("updown", ROLE[3].1), ("sqlx", "REVOKE ALL ON books FROM reader;")] {
        let project = run::project();
        write(project.path(), ROLE);
        write(project.path(), &[("2_reader.down.sql", down)]);
        block_on(async {
            let foreign = Foreign::start(&[], "SUPERUSER").await;
            let before = cluster(&foreign).await;
            let ran = check(&project, &foreign, format, &["--allow-cluster-objects"]);
            let forgets = down != ROLE[3].1;
            assert_eq!(ran.code, Some(i32::from(forgets)), "{format}: {}", ran.stderr);
            assert_eq!(cluster(&foreign).await, before, "{format}");
        });
    }
    Ok(())
}

fn says_when_the_server_is_gone() -> Result<(), Failed> {
    let project = run::project();
    write(
        project.path(),
        &[
            ("1_books.up.sql", "CREATE TABLE books (id integer);"),
            ("1_books.down.sql", "DROP TABLE book;"),
            (
                "2_ends.up.sql",
                "COPY (SELECT 1) TO PROGRAM 'kill -QUIT $(head -1 postmaster.pid)'; SELECT pg_sleep(20);",
            ),
            ("2_ends.down.sql", "SELECT 1;"),
        ],
    );
    block_on(async {
        let foreign = Foreign::start(&[], "SUPERUSER").await;
        let ran = check(&project, &foreign, "sqlx", &[]);
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        let report = ran.report().unwrap();
        assert!(errors(&report).contains("the connection was lost in the up of 2_ends"), "{}", errors(&report));
        assert_eq!(report["databases"][0]["findings"][0]["rule"], "down-fails", "what was seen before is told");
    });
    Ok(())
}

/// Roles that somebody else makes meanwhile are neither a difference nor ours to drop.
fn sees_what_others_made() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), &[("1_sleeps.up.sql", "SELECT pg_sleep(1);"), ("1_sleeps.down.sql", "SELECT 1;")]);
    block_on(async {
        let foreign = Foreign::start(&[], "CREATEDB").await;
        let before = cluster(&foreign).await;
        let args = ["--migrations", "migrations", "--engine", "postgres", "--format", "sqlx", "--only", "up"];
        let child = run::start(project.path(), &[&args[..], &["--url", &foreign.url]].concat());
        while cluster(&foreign).await == before {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        foreign.run("CREATE DATABASE others").await;
        let ran = run::finish(child);
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        assert_eq!(cluster(&foreign).await, before.replace("database postgres", "database others, database postgres"));
    });
    Ok(())
}

/// A role whose name has to be quoted, and whose own settings a session of it has.
fn takes_any_name_of_a_role() -> Result<(), Failed> {
    let project = run::project();
    let zone = "DO $$ BEGIN IF current_setting('TimeZone') <> 'Asia/Tokyo' THEN RAISE EXCEPTION '%', \
                current_setting('TimeZone'); END IF; END $$;";
    write(project.path(), &[("1_zone.up.sql", zone), ("1_zone.down.sql", zone)]);
    block_on(async {
        let mut foreign = Foreign::start(&[], "CREATEDB").await;
        foreign.run(&format!("CREATE ROLE \"Maker-2 x\" SUPERUSER LOGIN PASSWORD '{}'", PASSWORD.0)).await;
        foreign.run("ALTER ROLE \"Maker-2 x\" SET timezone = 'Asia/Tokyo'").await;
        foreign.url = foreign.url.replace("maker:", "Maker-2%20x:");
        let ran = check(&project, &foreign, "updown", &[]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    });
    Ok(())
}
