//! Many processes that record at once, and some that are killed at it.

use std::path::Path;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::{Connection as _, Executor as _};

use super::ground::{CHECK, Database, block_on, history, project, write};
use super::run::{Ran, command, finish, start};

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

/// Starts a run beside a reader that does not let go, and ends it with this signal while it records: its rows are written
/// and its journal is there, but it cannot commit. That is the middle of a recording for as long as one likes.
fn ended_in_the_middle(project: &Path, more: &[&str], signal: Signal) -> Ran {
    let ledger = Database::of(project);
    block_on(async {
        let mut reader = ledger.connect().await;
        reader.execute("BEGIN").await.unwrap();
        reader.execute("SELECT count(*) FROM runs").await.unwrap();
        let mut command = command(project, &[CHECK, more].concat());
        for name in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"] {
            command.env(name, project.join(name));
        }
        let mut child = command.spawn().unwrap();
        let journal = project.join("ledger.db-journal");
        // The ledger is also written to, for a moment, before the check.
        let (began, mut since) = (Instant::now(), Instant::now());
        while since.elapsed() < Duration::from_millis(500) {
            assert!(began.elapsed() < Duration::from_secs(60), "the run never came to its recording");
            assert_eq!(child.try_wait().unwrap(), None, "the run did not wait for the reader");
            if !journal.exists() {
                since = Instant::now();
            }
            sleep(Duration::from_millis(5));
        }
        kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
        let ran = finish(child);
        assert!(began.elapsed() < Duration::from_secs(20), "it waited for the lock");
        reader.execute("ROLLBACK").await.unwrap();
        reader.close().await.unwrap();
        ran
    })
}

#[test]
fn a_process_that_ends_in_the_middle_leaves_a_whole_ledger() {
    let project = project();
    assert_eq!(finish(start(project.path(), CHECK)).code, Some(0));
    let ledger = Database::of(project.path());
    assert_eq!(ended_in_the_middle(project.path(), &[], Signal::SIGKILL).code, None);
    assert!(project.path().join("ledger.db-journal").exists(), "there is nothing to roll back");
    // Who only asks can be the first to come after it.
    let asked = history(project.path(), &["--ledger", "ledger.db"]);
    assert!(asked.stdout.contains(" · 1 run\n"), "{}{}", asked.stdout, asked.stderr);
    ledger.assert_whole(1, STEPS);
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let ran = ended_in_the_middle(project.path(), &[], signal);
        assert_eq!(ran.code, Some(code), "{}", ran.stderr);
        assert!(ran.stdout.contains("passed: "), "the report was there already: {}", ran.stdout);
        ledger.assert_whole(1, STEPS);
    }
    assert_eq!(finish(start(project.path(), CHECK)).code, Some(0));
    ledger.assert_whole(2, STEPS);
}

/// A step of GitHub Actions that is cancelled while it records has no outcome of its own, and prints no commands.
#[test]
fn an_interrupted_recording_tells_github_nothing() {
    let project = project();
    write(
        project.path(),
        "2_title.down.sql",
        "ALTER TABLE books DROP COLUMN \"\n::stop-commands::all\n##[add-mask]t\";",
    );
    finish(start(project.path(), CHECK));
    let ran = ended_in_the_middle(project.path(), &["--github"], Signal::SIGTERM);
    assert_eq!(ran.code, Some(143), "{}", ran.stderr);
    assert!(ran.stdout.contains("stop-commands"), "the report is printed: {}", ran.stdout);
    for line in ran.stdout.lines().chain(ran.stderr.lines()) {
        assert!(!line.trim_start().starts_with("::") && !line.contains("##["), "{line}");
    }
    for name in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"] {
        assert!(!project.path().join(name).exists(), "{name}");
    }
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
