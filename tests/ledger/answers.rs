//! What a ledger remembers, and how long it takes to say so.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;
use sqlx::Row as _;

use super::ground::{CHECK, Database, history, project, write};
use super::run::check;

fn answer(project: &std::path::Path, args: &[&str]) -> Value {
    let asked = history(project, &[&["--ledger", "ledger.db", "--format", "json"], args].concat());
    assert_eq!(asked.code, Some(0), "{}", asked.stderr);
    serde_json::from_str(&asked.stdout).expect("JSON")
}

#[test]
fn a_run_is_remembered_as_it_was_reported() {
    let project = project();
    let first = check(project.path(), CHECK);
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    write(project.path(), "2_title.down.sql", "SELECT 1;");
    let second = check(project.path(), CHECK);
    assert_eq!(second.code, Some(1));
    let report = second.report().unwrap();

    let ledger = Database::of(project.path());
    let told = |row: &sqlx::sqlite::SqliteRow| -> (String, String, String, Option<String>, f64) {
        (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4))
    };
    let sql = "SELECT migration, phase, outcome, class, millis FROM steps JOIN checks ON checks.id = check_id \
               WHERE run_id = 2 ORDER BY position";
    let steps: Vec<_> = ledger.rows(sql).iter().map(told).collect();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let reported: Vec<_> = report["databases"][0]["steps"].as_array().unwrap().iter().collect();
    assert_eq!(steps.len(), reported.len());
    for (step, reported) in steps.iter().zip(reported) {
        let word = |key: &str| text(&reported[key]).unwrap();
        let millis = reported["millis"].as_f64().unwrap();
        assert_eq!(*step, (word("migration"), word("phase"), word("outcome"), text(&reported["class"]), millis));
    }

    let past = answer(project.path(), &[]);
    let shop = &past["projects"][0];
    assert_eq!((&past["version"], &shop["recorded"]), (&Value::from(1), &Value::from(2)));
    assert_eq!(shop["project"], project.path().file_name().unwrap().to_str().unwrap());
    let totals = &report["totals"];
    let run = &shop["runs"][0];
    assert_eq!(
        (&run["outcome"], &run["errors"], &run["notes"]),
        (&Value::from("failed"), &totals["errors"], &totals["notes"])
    );
    assert_eq!(run["millis"].as_f64().unwrap() / 1000.0, totals["seconds"].as_f64().unwrap());
    assert_eq!(run["phases"], "graph,up,down,redo,descent,agreement,policy");
    assert_eq!(run["revision"], Value::Null);
    assert_eq!(run["checks"][0]["server_version"], report["databases"][0]["server_version"]);
    assert_eq!(shop["runs"][1]["outcome"], "passed");
    let slowest: Vec<_> = shop["slowest"].as_array().unwrap().iter().map(|slow| slow["runs"].clone()).collect();
    assert_eq!(slowest, [2, 2]);
    let findings = shop["findings"].as_array().unwrap();
    assert_eq!(findings.len(), report["databases"][0]["findings"].as_array().unwrap().len());
    assert!(findings.iter().all(|found| found["change"] == "new" && found["migration"] == "2_title"), "{findings:?}");

    let asked = history(project.path(), &["--ledger", "ledger.db", "--limit", "1"]);
    let lines: Vec<&str> = asked.stdout.lines().collect();
    assert!(lines[0].ends_with(" · the last 1 of 2 runs"), "{}", asked.stdout);
    assert!(lines[1].contains("  failed  1 error") && lines[1].contains("main SQLite 3."), "{}", asked.stdout);
    assert!(asked.stdout.contains("\n  new  error[down-not-inverse]  main  2_title"), "{}", asked.stdout);

    // Mended: the finding is gone, and keeps its fingerprint.
    let print = findings[0]["fingerprint"].clone();
    write(project.path(), "2_title.down.sql", "-- moved\n\nALTER TABLE books DROP COLUMN title;");
    assert_eq!(check(project.path(), CHECK).code, Some(0));
    let gone = answer(project.path(), &[])["projects"][0]["findings"][0].clone();
    assert_eq!((&gone["change"], &gone["fingerprint"]), (&Value::from("gone"), &print));
}

#[test]
fn a_run_that_could_not_check_is_remembered_too() {
    let project = project();
    fs::write(project.path().join("policy.yml"), "facts: 1\n").unwrap();
    fs::write(
        project.path().join("rollproof.yml"),
        "databases: [{name: main, engine: sqlite, migrations: migrations}]\npolicies: [policy.yml]\n",
    )
    .unwrap();
    assert_eq!(check(project.path(), &["--ledger", "ledger.db"]).code, Some(2));
    let past = answer(project.path(), &[]);
    assert_eq!(past["projects"][0]["runs"][0]["outcome"], "error");
    // What was typed wrongly is no run.
    assert_eq!(check(project.path(), &["--ledger", "ledger.db", "--database", "mian"]).code, Some(2));
    assert_eq!(answer(project.path(), &[])["projects"][0]["recorded"], 1);
}

#[test]
fn an_empty_ledger_says_so() {
    let project = project();
    fs::write(project.path().join("ledger.db"), "").unwrap();
    let asked = history(project.path(), &["--ledger", "ledger.db"]);
    assert_eq!((asked.code, asked.stdout.as_str()), (Some(0), "no run is recorded yet\n"), "{}", asked.stderr);
    assert_eq!(answer(project.path(), &[]), serde_json::json!({"version": 1, "projects": []}));
    assert_eq!(fs::metadata(project.path().join("ledger.db")).unwrap().len(), 0, "asking writes nothing");
}

/// 1,000 runs of 300 steps. The bound is for a debug build on a busy machine.
#[test]
fn a_long_ledger_answers_at_once() {
    let project = project();
    assert_eq!(check(project.path(), CHECK).code, Some(0));
    Database::of(project.path()).execute(
        "PRAGMA synchronous = OFF; BEGIN; DELETE FROM runs;
         CREATE TEMP TABLE n AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n;
         INSERT INTO runs SELECT i, i * 60000, '0.1.0', 'shop', hex(randomblob(20)), 'graph,up,down,redo', 'failed', 1000 + i FROM n;
         INSERT INTO checks SELECT i, i, 'main', 'postgres', '17.' || ((i - 1) / 100), '17', 'container', 1 FROM n;
         INSERT INTO steps
           SELECT run.i, phase.column1, step.i * 3 + phase.column2, printf('20260101%06d_add_something', step.i), 'passed',
                  NULL, step.i + run.i % 7 + iif(run.i = 1000 AND step.i = 5, 500.0, 0.0)
           FROM n AS run, n AS step, (VALUES ('up', 0), ('down', 1), ('redo', 2)) AS phase
           WHERE step.i <= 100;
         INSERT INTO findings (check_id, fingerprint, rule, level, phase, migration, message, inherited)
           SELECT run.i, 'print' || found.i, 'down-missing', 'note', 'down', 'm' || found.i, 'no down script', 0
           FROM n AS run, n AS found WHERE found.i <= 20 + (run.i = 1000);
         COMMIT",
    );
    let began = Instant::now();
    let past = answer(project.path(), &[]);
    let took = began.elapsed();
    let shop = &past["projects"][0];
    assert_eq!((&shop["recorded"], &shop["runs"][0]["notes"]), (&Value::from(1000), &Value::from(21)));
    assert_eq!(shop["slowest"][0]["migration"], "20260101000100_add_something");
    assert_eq!(shop["slower"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&shop["slower"][0]["migration"], &shop["slower"][0]["runs"]),
        (&Value::from("20260101000005_add_something"), &Value::from(99))
    );
    assert_eq!(shop["findings"].as_array().unwrap().len(), 1);
    assert!(took < Duration::from_secs(2), "{took:?}");
}
