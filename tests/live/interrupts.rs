//! Runs that are interrupted, and runs whose server dies: nothing of them is left, and the exit code tells.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use libtest_mimic::Failed;

use super::run;
use super::server::{Foreign, block_on};
use super::url::cluster;
use super::{Test, write};

pub(crate) const ON_POSTGRES: &[Test] = &[
    ("interrupts_end_a_local_run", interrupts_end_a_local_run),
    ("interrupts_end_a_run_on_a_url", interrupts_end_a_run_on_a_url),
    ("a_local_server_that_is_killed_is_told", a_local_server_that_is_killed_is_told),
];

pub(crate) const ON_SQLITE: &[Test] = &[("interrupts_end_a_run_on_sqlite", interrupts_end_a_run_on_sqlite)];

const SIGNALS: [(&str, i32); 4] = [("-INT", 130), ("-TERM", 143), ("-HUP", 129), ("-QUIT", 131)];

const SLEEPS: &[(&str, &str)] = &[
    ("1_books.up.sql", "CREATE TABLE books (id integer);"),
    ("1_books.down.sql", "DROP TABLE books;"),
    ("2_sleeps.up.sql", "SELECT pg_sleep(60);"),
];

fn args(engine: &'static str) -> [&'static str; 8] {
    ["--provision", "local", "--migrations", "migrations", "--engine", engine, "--format", "sqlx"]
}

fn signal(child: &Child, signal: &str) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Waits until the run has a folder of its own.
fn wait_for_folder(child: &Child) -> std::path::PathBuf {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(folder) = run::folders_of(child.id()).pop() {
            return folder;
        }
        assert!(Instant::now() < deadline, "no folder was made");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The processes whose working folder lies in `folder`: a server and its children.
fn processes_in(folder: &Path) -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("/proc; these tests run on Linux");
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid: &u32| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(folder)))
        .collect()
}

/// Ends a run with a signal after a while and looks for what is left.
fn interrupted(project: &Path, args: &[&str], (name, code): (&str, i32), after: Duration) {
    let child = run::start(project, args);
    let folder = wait_for_folder(&child);
    std::thread::sleep(after);
    let clock = Instant::now();
    signal(&child, name);
    let ran = run::finish(child);
    assert_eq!(ran.code, Some(code), "{name} after {after:?}: {}", ran.stderr);
    assert!(ran.stderr.contains("interrupted"), "{}", ran.stderr);
    assert!(clock.elapsed() < Duration::from_secs(10), "{name} after {after:?} took {:?}", clock.elapsed());
    assert_eq!(processes_in(&folder), Vec::<u32>::new(), "{name} after {after:?}");
}

fn interrupts_end_a_local_run() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), SLEEPS);
    for signal in SIGNALS {
        // While the server is made, while it starts, in the middle of a script.
        for after in [0, 60, 1000] {
            interrupted(project.path(), &args("postgres"), signal, Duration::from_millis(after));
        }
    }
    Ok(())
}

fn interrupts_end_a_run_on_sqlite() -> Result<(), Failed> {
    let project = run::project();
    let endless = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n) SELECT max(n) FROM n;";
    write(project.path(), &[("1_endless.up.sql", endless), ("1_endless.down.sql", "SELECT 1;")]);
    for signal in SIGNALS {
        interrupted(project.path(), &args("sqlite"), signal, Duration::from_millis(300));
    }
    Ok(())
}

fn interrupts_end_a_run_on_a_url() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), SLEEPS);
    block_on(async {
        let foreign = Foreign::start(&[], "CREATEDB").await;
        let before = cluster(&foreign).await;
        for (name, code) in SIGNALS {
            for after in [0, 300] {
                let more = ["--url", foreign.url.as_str()];
                let child = run::start(project.path(), &[&args("postgres")[..], &more].concat());
                let deadline = Instant::now() + Duration::from_secs(20);
                while cluster(&foreign).await == before {
                    assert!(Instant::now() < deadline, "no database was made");
                }
                tokio::time::sleep(Duration::from_millis(after)).await;
                signal(&child, name);
                let ran = run::finish(child);
                assert_eq!(ran.code, Some(code), "{}", ran.stderr);
                assert_eq!(cluster(&foreign).await, before, "{name} after {after} ms");
            }
        }
    });
    Ok(())
}

fn a_local_server_that_is_killed_is_told() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), SLEEPS);
    for name in ["-KILL", "-QUIT", "-INT"] {
        let child = run::start(project.path(), &[&args("postgres")[..], &["--json", "-"]].concat());
        let folder = wait_for_folder(&child);
        let deadline = Instant::now() + Duration::from_secs(20);
        let postmaster = loop {
            let file = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
            if file.contains("ready") {
                break file.lines().next().unwrap_or_default().to_owned();
            }
            assert!(Instant::now() < deadline, "no server came up");
            std::thread::sleep(Duration::from_millis(2));
        };
        std::thread::sleep(Duration::from_millis(700));
        assert!(Command::new("kill").args([name, &postmaster]).status().unwrap().success());
        let ran = run::finish(child);
        assert_eq!(ran.code, Some(2), "{name}: {}", ran.stderr);
        let report = ran.report().unwrap();
        let told = report["databases"][0]["errors"].to_string();
        assert!(told.contains("the server ended while it was in use; its log ends"), "{name}: {told}");
        assert_eq!(processes_in(&folder), Vec::<u32>::new(), "{name}");
    }
    Ok(())
}
