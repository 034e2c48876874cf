//! `rollproof lint`.

use std::time::{Duration, Instant};

use libtest_mimic::Failed;

use super::{BOOKS, Test, manifest, rollproof, run, write};

pub(crate) const TESTS: &[Test] = &[
    ("lint_judges_the_history_without_a_server", judges_without_a_server),
    ("lint_has_the_reports_and_exit_codes_of_check", reports_and_codes),
    ("lint_is_quick", is_quick),
];

fn judges_without_a_server() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), &BOOKS);
    // No engine of this name could be started here, and none is.
    let ran = rollproof(
        project.path(),
        &["lint", "--migrations", "migrations", "--format", "sqlx", "--engine", "mysql", "--json", "-"],
    );
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let report = ran.report().unwrap();
    assert_eq!(report["databases"][0]["migrations"], 1);
    assert_eq!(report["databases"][0]["steps"], serde_json::json!([]));
    assert_eq!(report["databases"][0]["server_version"], serde_json::Value::Null);
    Ok(())
}

fn reports_and_codes() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), &BOOKS);
    write(project.path(), &[("Cargo.toml", &manifest("sqlite")), ("migrations/1_again.up.sql", "SELECT 1;")]);
    let ran = rollproof(project.path(), &["lint", "--junit", "report/junit.xml"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stdout.contains("error[duplicate-version]"), "{}", ran.stdout);
    assert!(ran.stderr.is_empty(), "{}", ran.stderr);
    let junit = std::fs::read_to_string(project.path().join("report/junit.xml")).unwrap();
    assert!(junit.contains("duplicate-version"), "{junit}");
    assert_eq!(rollproof(project.path(), &["lint", "--fail-on", "never"]).code, Some(0));

    let empty = run::project();
    let ran = rollproof(empty.path(), &["lint"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("nothing to check"), "{}", ran.stderr);
    assert_eq!(rollproof(empty.path(), &["lint", "--url", "postgres://h/d"]).code, Some(2), "it knows no servers");
    Ok(())
}

fn is_quick() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), &BOOKS);
    write(project.path(), &[("Cargo.toml", &manifest("postgres"))]);
    let once = || {
        let clock = Instant::now();
        assert_eq!(rollproof(project.path(), &["lint"]).code, Some(0));
        clock.elapsed()
    };
    // The best of a few, since the machine has other things to do too.
    let best = (0..5).map(|_| once()).min().unwrap();
    assert!(best < Duration::from_millis(100), "{best:?}");
    Ok(())
}
