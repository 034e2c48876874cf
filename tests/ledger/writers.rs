//! Many processes that record at once, and some that are killed at it.

use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use sqlx::{Connection as _, Executor as _};

use super::ground::{CHECK, Database, block_on, history, project};
use super::run::{finish, start};

/// Ups, downs, redos and the descent of two migrations.
const STEPS: i64 = 8;

#[test]
fn twelve_processes_share_a_new_ledger() {
    let project = project();
    for round in 1..=2 {
        let children: Vec<Child> = (0..12).map(|_| start(project.path(), CHECK)).collect();
        for ran in children.into_iter().map(finish) {
            assert_eq!(ran.code, Some(0), "{}", ran.stderr);
            assert!(!ran.stderr.contains("record"), "{}", ran.stderr);
        }
        Database::of(project.path()).assert_whole(12 * round, STEPS);
    }
    assert_eq!(Database::of(project.path()).number("SELECT count(*) FROM _sqlx_migrations"), 3);
}

/// A reader that does not let go keeps a writer from committing: its rows are written, its journal is there. That is the
/// middle of a recording for as long as one likes.
#[test]
fn a_process_that_is_killed_in_the_middle_leaves_a_whole_ledger() {
    let project = project();
    assert_eq!(finish(start(project.path(), CHECK)).code, Some(0));
    let ledger = Database::of(project.path());
    block_on(async {
        let mut reader = ledger.connect().await;
        reader.execute("BEGIN").await.unwrap();
        reader.execute("SELECT count(*) FROM runs").await.unwrap();
        let mut child = start(project.path(), CHECK);
        let journal = project.path().join("ledger.db-journal");
        // The ledger is also written to, for a moment, before the check.
        let mut since = Instant::now();
        let began = Instant::now();
        while since.elapsed() < Duration::from_millis(500) {
            assert!(began.elapsed() < Duration::from_secs(60), "the run never came to its recording");
            assert_eq!(child.try_wait().unwrap(), None, "the run did not wait for the reader");
            if !journal.exists() {
                since = Instant::now();
            }
            sleep(Duration::from_millis(5));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(journal.exists());
        reader.execute("ROLLBACK").await.unwrap();
        reader.close().await.unwrap();
    });
    // Who only asks can be the first to come after it.
    let asked = history(project.path(), &["--ledger", "ledger.db"]);
    assert!(asked.stdout.contains(" · 1 run\n"), "{}{}", asked.stdout, asked.stderr);
    ledger.assert_whole(1, STEPS);
    assert_eq!(finish(start(project.path(), CHECK)).code, Some(0));
    ledger.assert_whole(2, STEPS);
}

#[test]
fn processes_that_are_killed_at_any_moment_leave_a_whole_ledger() {
    let project = project();
    let began = Instant::now();
    assert_eq!(finish(start(project.path(), CHECK)).code, Some(0));
    let usual = began.elapsed();
    let ledger = Database::of(project.path());
    for part in 1..=24_u32 {
        let mut child = start(project.path(), CHECK);
        sleep(usual * part / 20);
        child.kill().unwrap();
        child.wait().unwrap();
        ledger.assert_whole(ledger.number("SELECT count(*) FROM runs"), STEPS);
    }
    let before = ledger.number("SELECT count(*) FROM runs");
    assert_eq!(finish(start(project.path(), CHECK)).code, Some(0));
    ledger.assert_whole(before + 1, STEPS);
}
