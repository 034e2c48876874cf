//! What outlives a database: on a server that is not ours nothing may change it, and on our own it is put back.

use std::collections::BTreeSet;

use libtest_mimic::Failed;
use sqlx::{Connection as _, PgConnection};

use super::run;
use super::server::{Foreign, block_on};
use super::{Test, write};

pub(crate) const TESTS: &[Test] = &[
    ("outliving_what_a_transaction_does_is_refused", in_a_transaction),
    ("outliving_what_commits_by_itself_is_told", by_itself),
    ("outliving_what_is_our_own_is_allowed", our_own),
    ("outliving_what_is_allowed_and_stays_is_told", allowed_and_left),
];

/// Statements, what the refusal names, and what undoes them.
const STATEMENTS: &[(&str, &str, &str)] = &[
    ("ALTER ROLE app SET statement_timeout = '1s'", "the settings of role app", "ALTER ROLE app RESET ALL"),
    ("ALTER ROLE ALL SET statement_timeout = '1s'", "the settings of all roles", "ALTER ROLE ALL RESET ALL"),
    (
        "ALTER ROLE app IN DATABASE other SET work_mem = '1MB'",
        "in database other",
        "ALTER ROLE app IN DATABASE other RESET ALL",
    ),
    ("ALTER DATABASE other SET work_mem = '1MB'", "in database other", "ALTER DATABASE other RESET ALL"),
    ("ALTER DATABASE other CONNECTION LIMIT 3", "database other", "ALTER DATABASE other CONNECTION LIMIT -1"),
    ("GRANT CONNECT ON DATABASE other TO app", "database other", "REVOKE CONNECT ON DATABASE other FROM app"),
    ("COMMENT ON ROLE app IS 'x'", "the comment on role app", "COMMENT ON ROLE app IS NULL"),
    ("COMMENT ON DATABASE other IS 'x'", "the comment on database other", "COMMENT ON DATABASE other IS NULL"),
    (
        "COMMENT ON TABLESPACE pg_default IS 'x'",
        "the comment on tablespace pg_default",
        "COMMENT ON TABLESPACE pg_default IS NULL",
    ),
    (
        "GRANT SET ON PARAMETER wal_compression TO app",
        "the parameter wal_compression",
        "REVOKE ALL ON PARAMETER wal_compression FROM app",
    ),
    ("ALTER ROLE app CREATEDB", "role app", "ALTER ROLE app NOCREATEDB"),
    ("ALTER ROLE app PASSWORD 'secret-word'", "role app", "ALTER ROLE app PASSWORD NULL"),
    ("GRANT grp TO app", "the membership of app in grp", "REVOKE grp FROM app"),
    (
        "ALTER TABLESPACE pg_default SET (random_page_cost = 1)",
        "tablespace pg_default",
        "ALTER TABLESPACE pg_default RESET (random_page_cost)",
    ),
    (
        "SELECT pg_replication_origin_create('rp_origin')",
        "replication origin rp_origin",
        "SELECT pg_replication_origin_drop('rp_origin')",
    ),
];

/// Those that no transaction takes.
const ALONE: &[(&str, &str, &str)] = &[
    ("CREATE DATABASE made", "database made", "DROP DATABASE made"),
    ("ALTER SYSTEM SET work_mem = '5MB'", "the setting work_mem of ALTER SYSTEM", "ALTER SYSTEM RESET work_mem"),
];

/// Everything that outlives a database, as the server's own catalogs have it.
async fn state(foreign: &Foreign) -> BTreeSet<String> {
    let mut admin = PgConnection::connect_with(foreign.admin()).await.unwrap();
    let sql = "SELECT line FROM (\
        SELECT to_jsonb(a)::text FROM pg_authid a UNION ALL SELECT to_jsonb(m)::text FROM pg_auth_members m \
        UNION ALL SELECT to_jsonb(s)::text FROM pg_db_role_setting s UNION ALL SELECT to_jsonb(t)::text FROM pg_tablespace t \
        UNION ALL SELECT (to_jsonb(b) - '{datfrozenxid,datminmxid,datacl}'::text[])::text || coalesce(datacl, acldefault('d', datdba))::text FROM pg_database b \
        UNION ALL SELECT to_jsonb(d)::text FROM pg_shdescription d UNION ALL SELECT to_jsonb(p)::text FROM pg_parameter_acl p \
        UNION ALL SELECT to_jsonb(f)::text FROM pg_file_settings f UNION ALL SELECT to_jsonb(o)::text FROM pg_replication_origin o\
        ) AS lines (line)";
    let lines: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut admin).await.unwrap();
    lines.into_iter().collect()
}

const NONE: Vec<String> = Vec::new();

/// What is not as it was.
async fn differing(foreign: &Foreign, before: &BTreeSet<String>) -> Vec<String> {
    state(foreign).await.symmetric_difference(before).cloned().collect()
}

async fn foreign(rights: &str) -> Foreign {
    let foreign = Foreign::start(&[], rights).await;
    for statement in ["CREATE ROLE app", "CREATE ROLE grp", "CREATE DATABASE other"] {
        foreign.run(statement).await;
    }
    foreign
}

fn check(project: &tempfile::TempDir, foreign: &Foreign, format: &str, more: &[&str]) -> (Option<i32>, String) {
    let args = ["--migrations", "migrations", "--engine", "postgres", "--format", format, "--url", &foreign.url];
    let ran = run::check(project.path(), &[&args, more].concat());
    let report = ran.report().expect("a report");
    (ran.code, report["databases"][0].to_string())
}

fn in_a_transaction() -> Result<(), Failed> {
    block_on(async {
        let foreign = foreign("SUPERUSER").await;
        for (statement, names, _) in STATEMENTS {
            // In the up, and in a down that is only tried out.
            for (up, down) in [(*statement, "SELECT 1"), ("SELECT 1", *statement)] {
                let project = run::project();
                write(project.path(), &[("1_a.up.sql", up), ("1_a.down.sql", down)]);
                let before = state(&foreign).await;
                let (code, told) = check(&project, &foreign, "sqlx", &["--skip", "descent"]);
                assert_eq!(code, Some(2), "{statement}: {told}");
                assert!(told.contains(names) && told.contains("it was rolled back"), "{statement}: {told}");
                assert!(!told.contains("secret-word"), "{told}");
                assert_eq!(differing(&foreign, &before).await, NONE, "{statement}");
            }
        }
    });
    Ok(())
}

fn by_itself() -> Result<(), Failed> {
    block_on(async {
        let foreign = foreign("SUPERUSER").await;
        for (statement, names, undo) in STATEMENTS.iter().chain(ALONE) {
            let project = run::project();
            write(project.path(), &[("1_a.up.sql", statement), ("1_a.down.sql", "SELECT 1")]);
            let before = state(&foreign).await;
            let (code, told) = check(&project, &foreign, "updown", &[]);
            assert_eq!(code, Some(2), "{statement}: {told}");
            assert!(told.contains(names) && told.contains("undo it by hand"), "{statement}: {told}");
            foreign.run(undo).await;
            assert_eq!(differing(&foreign, &before).await, NONE, "{statement} leaves nothing else");
        }
    });
    Ok(())
}

/// What is said of the database that Rollproof made goes with it.
fn our_own() -> Result<(), Failed> {
    let own = |what: &str| format!("DO $$ BEGIN EXECUTE format({what}, current_database()); END $$;\n");
    let up = own("'ALTER DATABASE %I SET work_mem = ''1MB'''")
        + &own("'COMMENT ON DATABASE %I IS ''x'''")
        + &own("'ALTER ROLE app IN DATABASE %I SET work_mem = ''2MB'''")
        + &own("'GRANT CREATE ON DATABASE %I TO app'")
        + &own("'ALTER DATABASE %I CONNECTION LIMIT 90'");
    let down = own("'ALTER DATABASE %I RESET ALL'")
        + &own("'COMMENT ON DATABASE %I IS NULL'")
        + &own("'ALTER ROLE app IN DATABASE %I RESET ALL'")
        + &own("'REVOKE CREATE ON DATABASE %I FROM app'")
        + &own("'ALTER DATABASE %I CONNECTION LIMIT -1'");
    block_on(async {
        let foreign = foreign("SUPERUSER").await;
        for format in ["sqlx", "updown"] {
            let project = run::project();
            write(project.path(), &[("1_a.up.sql", &up), ("1_a.down.sql", &down)]);
            let before = state(&foreign).await;
            let (code, told) = check(&project, &foreign, format, &[]);
            assert_eq!(code, Some(0), "{format}: {told}");
            assert_eq!(differing(&foreign, &before).await, NONE, "{format}");
        }
    });
    Ok(())
}

fn allowed_and_left() -> Result<(), Failed> {
    block_on(async {
        let foreign = foreign("SUPERUSER").await;
        let project = run::project();
        write(project.path(), &[("1_a.up.sql", "ALTER ROLE app CREATEDB"), ("1_a.down.sql", "SELECT 1")]);
        let (code, told) = check(&project, &foreign, "sqlx", &["--allow-cluster-objects"]);
        assert_eq!(code, Some(1), "{told}");
        assert!(told.contains("role app") && told.contains("not what they were before the run"), "{told}");
    });
    Ok(())
}
