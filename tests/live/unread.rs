//! Servers that do not show everything: a role that may not read a catalog, and a version that nobody knows yet.

use libtest_mimic::Failed;
use rollproof::engine::postgres::{Postgres, TESTED, Terms, Versions};
use rollproof::engine::{Engine as _, Moment, SessionSpec};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::run;
use super::server::{Foreign, block_on};
use super::{Test, write};

pub(crate) const TESTS: &[Test] = &[
    ("unread_kinds_are_told_and_the_rest_is_checked", kinds_are_told),
    ("unread_kinds_may_be_left_out", kinds_may_be_left_out),
    ("unread_catalogs_that_everything_needs", catalogs_that_everything_needs),
    ("unread_sequences_are_put_back_otherwise", sequences_are_put_back_otherwise),
    ("unknown_version_works_with_a_note", unknown_version_works),
    ("names_that_match_nothing_are_noted", names_that_match_nothing),
];

/// A statement as the superuser in the database that others are copied from.
async fn in_template(foreign: &Foreign, statements: &str) {
    let mut admin = PgConnection::connect_with(&foreign.admin().clone().database("template1")).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut admin).await.unwrap();
    admin.close().await.unwrap();
}

/// The down of the second forgets a policy, that of the third an index.
const FORGETFUL: &[(&str, &str)] = &[
    ("1_books.up.sql", "CREATE TABLE books (id integer, title text); CREATE STATISTICS s ON id, title FROM books;"),
    ("1_books.down.sql", "DROP TABLE books;"),
    (
        "2_policy.up.sql",
        "DROP POLICY IF EXISTS own ON books; CREATE POLICY own ON books USING (id = 1); ALTER TABLE books ENABLE ROW LEVEL SECURITY;",
    ),
    ("2_policy.down.sql", "ALTER TABLE books DISABLE ROW LEVEL SECURITY;"),
    ("3_index.up.sql", "CREATE INDEX ON books (title); COMMENT ON TABLE books IS 'all';"),
    ("3_index.down.sql", "COMMENT ON TABLE books IS NULL;"),
    ("4_rename.up.sql", "ALTER TABLE books RENAME TO works; CREATE VIEW titles AS SELECT title FROM works;"),
    ("4_rename.down.sql", "DROP VIEW titles; ALTER TABLE works RENAME TO books;"),
];

fn config(project: &tempfile::TempDir, more: &str) {
    let text = format!(
        "databases:\n  - name: main\n    engine: postgres\n    migrations: {{format: sqlx, path: migrations}}\n{more}"
    );
    std::fs::write(project.path().join("rollproof.yml"), text).unwrap();
}

fn check(project: &tempfile::TempDir, foreign: &Foreign) -> (Option<i32>, Value) {
    let ran = run::check(project.path(), &["--url", &foreign.url]);
    let report = ran.report().expect("a report");
    (ran.code, report["databases"][0].clone())
}

fn rules(database: &Value) -> Vec<(&str, &str)> {
    let findings = database["findings"].as_array().unwrap();
    findings.iter().map(|found| (found["rule"].as_str().unwrap(), found["object"].as_str().unwrap_or(""))).collect()
}

fn kinds_are_told() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), FORGETFUL);
    config(&project, "");
    block_on(async {
        let foreign = Foreign::start(&[], "CREATEDB").await;
        let (code, database) = check(&project, &foreign);
        assert_eq!(code, Some(1), "{database}");
        assert_eq!(database["cannot_tell"], Value::Array(Vec::new()), "a role without rights reads what everyone may");
        let all = rules(&database);
        assert_eq!(all.len(), 2, "{all:?}");

        in_template(&foreign, "REVOKE SELECT ON pg_policy, pg_statistic_ext FROM PUBLIC").await;
        let (code, database) = check(&project, &foreign);
        assert_eq!(code, Some(2), "{database}");
        let told = &database["cannot_tell"];
        let kinds: Vec<String> = told.as_array().unwrap().iter().map(|told| told["kinds"].to_string()).collect();
        assert_eq!(kinds, [r#"["statistics"]"#, r#"["table policy"]"#], "{told}");
        assert_eq!((&told[1]["catalog"], &told[1]["role"]), (&"pg_policy".into(), &"maker".into()));
        let help = told[1]["help"].as_str().unwrap();
        assert!(help.contains("GRANT SELECT ON pg_catalog.pg_policy TO \"maker\""), "{help}");
        let errors = database["errors"].to_string();
        assert!(
            errors.contains("cannot tell what became of table policy") && errors.contains("kind: statistics"),
            "{errors}"
        );
        // The policy is not held against anybody, the index is.
        assert_eq!(rules(&database), all[1..], "{database}");
        let steps = database["steps"].as_array().unwrap();
        let down = steps.iter().find(|step| step["migration"] == "2_policy" && step["phase"] == "down").unwrap();
        assert_eq!(down["class"], "exact", "{down}");

        in_template(&foreign, "GRANT SELECT ON pg_policy, pg_statistic_ext TO maker").await;
        let (code, database) = check(&project, &foreign);
        assert_eq!((code, rules(&database)), (Some(1), all), "what was advised helps");
    });
    Ok(())
}

fn kinds_may_be_left_out() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), FORGETFUL);
    block_on(async {
        let foreign = Foreign::start(&[], "CREATEDB").await;
        in_template(&foreign, "REVOKE SELECT ON pg_policy FROM PUBLIC").await;
        config(&project, "    exclude: [{kind: policy, reason: the provider hides them}]\n");
        let (code, database) = check(&project, &foreign);
        assert_eq!(code, Some(1), "{database}");
        assert_eq!((&database["cannot_tell"], &database["errors"]), (&Value::Array(vec![]), &Value::Array(vec![])));
        assert!(database["notes"].to_string().contains("policy: neither read nor judged: the provider hides them"));
        assert_eq!(rules(&database), [("down-not-inverse", "table public.books index books_title_idx")]);

        // Relations that are left out have names that others' texts hold.
        config(&project, "    exclude: [{kind: policy, reason: r}, {kind: table, reason: r}]\n");
        let (code, database) = check(&project, &foreign);
        assert_eq!((code, rules(&database)), (Some(0), Vec::new()), "{database}");

        config(&project, "    exclude: [{kind: polcy, reason: r}]\n");
        let (code, database) = check(&project, &foreign);
        let errors = database["errors"].to_string();
        assert_eq!(code, Some(2), "{errors}");
        assert!(errors.contains("rollproof.yml:5:15: ") && errors.contains("did you mean `policy`"), "{errors}");
    });
    Ok(())
}

/// What tells which relations were written reads these catalogs too, so that everything is read each time.
fn catalogs_that_everything_needs() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), FORGETFUL);
    config(&project, "");
    block_on(async {
        let foreign = Foreign::start(&[], "CREATEDB").await;
        in_template(
            &foreign,
            "REVOKE SELECT ON pg_trigger FROM PUBLIC; REVOKE EXECUTE ON FUNCTION pg_get_viewdef(oid) FROM PUBLIC",
        )
        .await;
        let (code, database) = check(&project, &foreign);
        assert_eq!(code, Some(2), "{database}");
        let told = database["cannot_tell"].to_string();
        assert!(
            told.contains("table trigger") && told.contains("table constraint") && told.contains("pg_trigger"),
            "{told}"
        );
        assert!(told.contains("GRANT EXECUTE ON FUNCTION pg_catalog.pg_get_viewdef"), "{told}");
        assert_eq!(rules(&database).len(), 2, "{database}");
    });
    Ok(())
}

/// Where the positions of sequences cannot be seen a probe cannot be undone whole, and nothing is probed.
fn sequences_are_put_back_otherwise() -> Result<(), Failed> {
    let project = run::project();
    write(
        project.path(),
        &[
            ("1_books.up.sql", "CREATE TABLE books (id serial PRIMARY KEY, title text);"),
            ("1_books.down.sql", "DROP TABLE books;"),
            ("2_row.up.sql", "INSERT INTO books (title) VALUES ('a');"),
            ("2_row.down.sql", "DELETE FROM books;"),
            (
                "3_next.up.sql",
                "DO $$ BEGIN IF nextval('books_id_seq') <> 2 THEN RAISE 'not 2' USING ERRCODE = '22000'; END IF; END $$;",
            ),
            ("3_next.down.sql", "SELECT setval('books_id_seq', 1);"),
        ],
    );
    config(&project, "");
    block_on(async {
        let foreign = Foreign::start(&[], "CREATEDB").await;
        in_template(&foreign, "REVOKE SELECT ON pg_sequence FROM PUBLIC").await;
        let (code, database) = check(&project, &foreign);
        assert_eq!(code, Some(2), "{database}");
        assert!(database["cannot_tell"].to_string().contains("\"sequence\""), "{database}");
        assert_eq!(rules(&database), [], "{database}");
    });
    Ok(())
}

fn terms(prefix: &str) -> Terms {
    Terms { owned: true, allow_cluster_objects: false, prefix: prefix.to_owned(), owner: None }
}

fn unknown_version_works() -> Result<(), Failed> {
    block_on(async {
        let foreign = Foreign::start(&[], "CREATEDB").await;
        let admin = || foreign.admin().clone();
        let known = Postgres::create(admin(), terms("rollproof_known_")).await.unwrap();
        assert_eq!(known.notes(), Vec::<String>::new());
        // A function that a version to come may not have any more.
        in_template(&foreign, "ALTER FUNCTION pg_get_ruledef(oid) RENAME TO pg_get_ruledef_gone").await;
        let versions = Versions { newest: 14, ..TESTED };
        let mut engine = Postgres::create_knowing(admin(), terms("rollproof_newer_"), versions).await.unwrap();
        assert!(engine.notes()[0].contains("tested with PostgreSQL 13 to 14"), "{:?}", engine.notes());
        let base = engine.snapshot(Moment::Committed).await.unwrap();
        let unreadable = base.unreadable();
        assert_eq!(unreadable.len(), 1, "{unreadable:?}");
        assert!(unreadable[0].printed_kinds().contains(&"table rule".to_owned()), "{unreadable:?}");
        assert!(unreadable[0].reason.contains("pg_get_ruledef"), "{unreadable:?}");
        engine.open_session(&SessionSpec::default()).await.unwrap();
        for sql in ["CREATE TABLE a (b integer)", "ALTER TABLE a RENAME TO c"] {
            let text = sql.to_owned();
            let statements = engine.split(&text).unwrap();
            engine.begin().await.unwrap();
            engine.execute(&text, &statements[0]).await.unwrap();
            let inside = engine.snapshot(Moment::InTransaction).await.unwrap();
            engine.commit().await.unwrap();
            let after = engine.snapshot(Moment::Committed).await.unwrap();
            assert_eq!(inside, after, "{sql}");
            assert_eq!(after.unreadable(), base.unreadable());
        }
        engine.close().await.unwrap();
        let too_new = Versions { oldest: 99, newest: 99 };
        let refused = Postgres::create_knowing(admin(), terms("rollproof_older_"), too_new).await;
        let error = refused.err().expect("a server that is too old is refused");
        assert!(error.to_string().contains("is too old"), "{error}");
    });
    Ok(())
}

fn names_that_match_nothing() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), FORGETFUL);
    config(
        &project,
        "    bookkeeping: [books, versions]\n    exclude: [{object: table public.work, reason: r}, {object: view \
         public.titles, reason: r}]\n",
    );
    block_on(async {
        let foreign = Foreign::start(&[], "CREATEDB").await;
        let (_, database) = check(&project, &foreign);
        let notes: Vec<&str> = database["notes"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert!(notes[0].contains("`bookkeeping` names `versions`, which matched nothing"), "{notes:?}");
        assert!(notes[1].contains("`exclude` names `table public.work`, which matched nothing"), "{notes:?}");
    });
    Ok(())
}
