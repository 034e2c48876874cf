//! Ledgers that cannot be used: said before the check starts, and the check's reports are there all the same.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::ground::{CHECK, Database, history, project, write};
use super::run::{check, finish, start};

const NEWER: &str = "INSERT INTO _sqlx_migrations VALUES (99991231235959, 'later', '', TRUE, x'00', 0)";

/// Runs a check with this ledger, whose history has a finding.
fn refused(project: &Path, ledger: &str, says: &str) {
    write(project, "2_title.down.sql", "ALTER TABLE books DROP COLUMN titel;");
    let args = [&CHECK[..6], &["--ledger", ledger, "--junit", "report/junit.xml", "--progress", "plain"]].concat();
    let _ = fs::remove_dir_all(project.join("report"));
    let ran = check(project, &args);
    assert_eq!(ran.code, Some(2), "{ledger}: {}", ran.stderr);
    let first = ran.stderr.lines().next().unwrap_or_default();
    assert!(first.starts_with("this run will not be recorded and ends with exit code 2: "), "{ledger}: {}", ran.stderr);
    let last = ran.stderr.lines().last().unwrap_or_default();
    for line in [first, last] {
        assert!(line.contains(says) && line.contains(ledger), "{ledger}: expected `{says}` in `{line}`");
    }
    assert!(last.starts_with("error: this run is not recorded: the ledger "), "{ledger}: {}", ran.stderr);
    let report = ran.report().expect("a report");
    let rules: Vec<&Value> =
        report["databases"][0]["findings"].as_array().unwrap().iter().map(|found| &found["rule"]).collect();
    assert!(rules.contains(&&Value::from("down-fails")), "{ledger}: {rules:?}");
    assert!(fs::read_to_string(project.join("report/junit.xml")).unwrap().contains("down-fails"));
}

/// The same, of a file that stays as it is, and that `history` refuses too.
fn refused_and_left(project: &Path, says: &str) {
    let before = fs::read(project.join("ledger.db")).unwrap();
    refused(project, "ledger.db", says);
    let asked = history(project, &["--ledger", "ledger.db"]);
    assert_eq!(asked.code, Some(2));
    assert!(asked.stderr.contains(says), "{}", asked.stderr);
    assert!(fs::read(project.join("ledger.db")).unwrap() == before, "the file was changed");
}

#[test]
fn a_ledger_of_a_newer_version() {
    let project = project();
    assert_eq!(check(project.path(), CHECK).code, Some(0));
    Database::of(project.path()).execute(NEWER);
    refused_and_left(project.path(), "written by a newer rollproof (its schema has version 99991231235959");
}

#[test]
fn a_ledger_that_becomes_newer_while_the_check_runs() {
    let project = project();
    assert_eq!(check(project.path(), CHECK).code, Some(0));
    // Takes a second, in which the ledger is changed.
    let slow = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) \
                SELECT count(*) FROM n;";
    write(project.path(), "2_title.up.sql", &format!("{slow}\nALTER TABLE books ADD COLUMN title TEXT;"));
    let args = [CHECK, &["--progress", "plain", "--json", "report.json"]].concat();
    let mut child = start(project.path(), &args);
    // Its first line comes when the ledger is prepared.
    let mut line = String::new();
    let stderr = child.stderr.take().unwrap();
    let mut stderr = std::io::BufReader::new(stderr);
    std::io::BufRead::read_line(&mut stderr, &mut line).unwrap();
    Database::of(project.path()).execute(NEWER);
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut stderr, &mut rest).unwrap();
    let ran = finish(child);
    assert_eq!(ran.code, Some(2), "{line}{rest}");
    assert!(!line.contains("recorded") && rest.contains("error: this run is not recorded: "), "{line}{rest}");
    assert!(rest.contains("a newer rollproof"), "{rest}");
    assert!(ran.stdout.contains("passed: "), "{}", ran.stdout);
    let report: Value = serde_json::from_slice(&fs::read(project.path().join("report.json")).unwrap()).unwrap();
    assert_eq!(report["outcome"], "passed", "the report is of the migrations");
    assert_eq!(Database::of(project.path()).number("SELECT count(*) FROM runs"), 1);
}

#[test]
fn a_ledger_whose_migrations_are_others() {
    let project = project();
    assert_eq!(check(project.path(), CHECK).code, Some(0));
    let ledger = Database::of(project.path());
    ledger.execute("UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 20261123090100");
    refused_and_left(project.path(), "version 20261123090100 of its schema is not what");
    ledger.execute("UPDATE _sqlx_migrations SET success = FALSE WHERE version = 20261123090100");
    refused_and_left(project.path(), "version 20261123090100 of its schema is marked as unfinished");
}

#[test]
fn a_ledger_of_an_older_version_is_brought_up_to_date_by_a_check_only() {
    let project = project();
    assert_eq!(check(project.path(), CHECK).code, Some(0));
    Database::of(project.path())
        .execute("DROP TABLE findings; DELETE FROM _sqlx_migrations WHERE version = 20261123090200");
    let asked = history(project.path(), &["--ledger", "ledger.db"]);
    assert_eq!(asked.code, Some(2));
    assert!(asked.stderr.contains("written by an older rollproof"), "{}", asked.stderr);
    assert_eq!(check(project.path(), CHECK).code, Some(0));
    let asked = history(project.path(), &["--ledger", "ledger.db"]);
    assert!(asked.stdout.contains(" · 2 runs\n"), "{}{}", asked.stdout, asked.stderr);
}

#[test]
fn files_of_others() {
    let project = project();
    let ledger = Database::of(project.path());
    ledger.execute("CREATE TABLE users (name TEXT)");
    refused_and_left(project.path(), "a database of another program");
    // An application that sqlx migrates.
    ledger.execute(
        "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT, installed_on TIMESTAMP, \
         success BOOLEAN, checksum BLOB, execution_time BIGINT); \
         INSERT INTO _sqlx_migrations VALUES (1, 'users', '', TRUE, x'00', 0)",
    );
    refused_and_left(project.path(), "a database of another program");
    fs::write(
        project.path().join("ledger.db"),
        "# Notes\n\nThings to remember, at some length, so that it is a page.\n",
    )
    .unwrap();
    refused_and_left(project.path(), "not an SQLite database");
}

#[test]
fn places_that_hold_no_file() {
    let project = project();
    fs::write(project.path().join("file"), "").unwrap();
    refused(project.path(), "migrations", "it is a folder");
    refused(project.path(), "file/ledger.db", "it cannot be reached");
    refused(project.path(), "/dev/null", "it is not a regular file");
    for (name, says) in [("migrations", "it is a folder"), ("none/ledger.db", "there is no such file")] {
        let asked = history(project.path(), &["--ledger", name]);
        assert_eq!((asked.code, asked.stdout.as_str()), (Some(2), ""));
        assert!(asked.stderr.contains(says), "{}", asked.stderr);
    }
    assert!(!project.path().join("none").exists(), "asking makes nothing");
    for (name, says) in
        [("-", "--ledger cannot be standard output"), ("x", "--ledger and --junit name the same file, x")]
    {
        let typed = check(project.path(), &[&CHECK[..6], &["--ledger", name, "--junit", "x"]].concat());
        assert_eq!((typed.code, typed.stdout.as_str()), (Some(2), ""), "a mistake in what was typed ends the run");
        assert!(typed.stderr.contains(says), "{}", typed.stderr);
    }
}

/// No report is written over a ledger, whatever it is called: not that of the run, and not the one that says why there is
/// none.
#[test]
fn a_report_and_a_ledger_are_never_one_file() {
    let project = project();
    assert_eq!(check(project.path(), CHECK).code, Some(0));
    let ledger = project.path().join("ledger.db");
    let before = fs::read(&ledger).unwrap();
    fs::hard_link(&ledger, project.path().join("hard.db")).unwrap();
    std::os::unix::fs::symlink("ledger.db", project.path().join("soft.db")).unwrap();
    let absolute = ledger.to_str().unwrap();
    let run = |command: &str, ledger: &str, report: &[&str]| {
        let mut run = Command::new(env!("CARGO_BIN_EXE_rollproof"));
        run.arg(command).args(&CHECK[..6]).args(["--ledger", ledger]).args(report).current_dir(project.path());
        let output = run.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for command in ["check", "lint"] {
        for name in ["ledger.db", "./ledger.db", "migrations/../ledger.db", absolute, "hard.db", "soft.db"] {
            for flag in ["--json", "--junit", "--markdown"] {
                // What else is wrong with what was typed is no reason to write it either.
                for more in [&[][..], &["--database", "none"]] {
                    let (code, stderr) = run(command, "ledger.db", &[&[flag, name], more].concat());
                    assert_eq!(code, Some(2), "{command} {flag} {name}: {stderr}");
                    let says = format!("--ledger and {flag} name the same file, ledger.db");
                    assert!(stderr.contains(&says), "{command} {flag} {name}: {stderr}");
                    assert!(fs::read(&ledger).unwrap() == before, "{command} {flag} {name} wrote over the ledger");
                }
            }
        }
    }
    // Before there is a file, and before there is a folder for it.
    for (ledger, report) in [("new.db", "./new.db"), ("new/runs.db", "migrations/../new/runs.db")] {
        let (code, stderr) = run("check", ledger, &["--json", report]);
        assert_eq!(code, Some(2), "{ledger} {report}: {stderr}");
        assert!(!project.path().join(ledger).exists(), "{ledger} {report}");
    }
    // Two reports keep off each other in the same way, and the ledger is not even prepared.
    let (code, stderr) = run("check", "new.db", &["--json", "report", "--junit", "./report"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("--junit and --json name the same file"), "{stderr}");
    assert!(!project.path().join("report").exists() && !project.path().join("new.db").exists());
}

#[test]
fn names_that_mean_something_else_to_sqlite_are_files() {
    let project = project();
    for name in [":memory:", "file:x?mode=memory", "deep/down/ledger.db"] {
        let ran = check(project.path(), &[&CHECK[..6], &["--ledger", name]].concat());
        assert_eq!(ran.code, Some(0), "{name}: {}", ran.stderr);
        assert!(project.path().join(name).is_file(), "{name}");
        let asked = history(project.path(), &["--ledger", name]);
        assert!(asked.stdout.contains(" · 1 run\n"), "{name}: {}{}", asked.stdout, asked.stderr);
    }
}

/// Files and folders without write access, and a user to whom that means something.
#[test]
fn a_ledger_that_may_not_be_written_can_be_read() {
    let project = project();
    assert_eq!(check(project.path(), CHECK).code, Some(0));
    let (file, folder) = (project.path().join("ledger.db"), project.path());
    let program = folder.join("rollproof");
    fs::copy(env!("CARGO_BIN_EXE_rollproof"), &program).unwrap();
    let mode = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let told = |args: &[&str]| {
        let mut command = Command::new(&program);
        command.args(args).current_dir(folder).stdin(Stdio::null());
        if nix::unistd::geteuid().is_root() {
            command.uid(65534).gid(65534);
        }
        let output = command.output().expect("a program that everybody may run");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let checked = [&["check"], CHECK].concat();
    for (file_mode, folder_mode) in [(0o444, 0o777), (0o444, 0o555), (0o666, 0o555)] {
        mode(&file, file_mode);
        mode(folder, folder_mode);
        let (code, stdout, stderr) = told(&checked);
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stdout.contains("passed: "), "{stdout}{stderr}");
        assert!(stderr.starts_with("this run will not be recorded"), "{stderr}");
        assert!(stderr.contains("it cannot be written"), "{stderr}");
        let (code, stdout, stderr) = told(&["history", "--ledger", "ledger.db"]);
        assert_eq!(code, Some(0), "{stderr}");
        assert!(stdout.contains(" · 1 run\n"), "{stdout}");
    }
    mode(&file, 0o000);
    let (code, _, stderr) = told(&["history", "--ledger", "ledger.db"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("the ledger ledger.db: "), "{stderr}");
    mode(folder, 0o755);
}
