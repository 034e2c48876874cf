//! Signals while git is asked, and while nothing can be asked: the exit code is theirs at once, and nothing is left.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::stat::Mode;
use nix::unistd::{Pid, mkfifo};

use super::{FLAGS, changed, run, write};

const SIGNALS: [(Signal, i32); 2] = [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)];

/// Far longer than a run may take that was told to end.
const WAITS: &str = "30";

/// A git that waits where it is asked for what `word` names, and says in a file under which ids.
fn slow_git(folder: &Path, word: &str) -> (PathBuf, String) {
    let (wrapper, waiting) = (folder.join("git"), folder.join("waiting"));
    let path = std::env::var("PATH").unwrap();
    let script = format!(
        "#!/bin/sh\nPATH='{path}'\ncase \" $* \" in\n*' {word} '*)\n  sleep {WAITS} &\n  echo \"$$ $!\" > '{0}.new'\n  \
         mv '{0}.new' '{0}'\n  wait\n  ;;\nesac\nexec git \"$@\"\n",
        waiting.display()
    );
    fs::write(&wrapper, script).unwrap();
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();
    (waiting, format!("{}:{path}", folder.display()))
}

/// Whether a process runs; one that only waits to be asked how it ended does not.
fn runs(id: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}

fn within<T>(longest: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < longest, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// `rollproof` with this command and these arguments, not started yet.
fn command(name: &str, project: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollproof"));
    command.arg(name).args(args).current_dir(project);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn a_git_that_takes_long_does_not_hold_up_a_signal() {
    let project = changed();
    for name in ["check", "lint"] {
        // The first call, the one that finds the base, and the one behind which the files of the base are written.
        for word in ["--show-toplevel", "merge-base", "cat-file"] {
            for (signal, code) in SIGNALS {
                let outer = tempfile::tempdir().unwrap();
                let (waiting, path) = slow_git(outer.path(), word);
                let mut command = command(name, project.path(), &[&FLAGS[..], &["--base", "main"]].concat());
                let child = command.env("PATH", path).spawn().unwrap();
                let ids = within(Duration::from_secs(20), "git was not asked", || fs::read_to_string(&waiting).ok());
                let folder = run::folders_of(child.id());
                assert_eq!(folder.len(), usize::from(word == "cat-file"), "{folder:?}");
                let clock = Instant::now();
                kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
                // This looks for folders, too.
                let ran = run::finish(child);
                let context = format!("{name} {word} {signal}");
                assert!(clock.elapsed() < Duration::from_secs(5), "{context} took {:?}", clock.elapsed());
                assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), ""), "{context}: {}", ran.stderr);
                assert!(ran.stderr.contains("interrupted; everything that was started is gone"), "{}", ran.stderr);
                for id in ids.split_whitespace() {
                    within(Duration::from_secs(5), &format!("{context}: {id} still runs"), || {
                        (!runs(id)).then_some(())
                    });
                }
            }
        }
    }
}

/// A signal that comes while the only thread waits for a file is not heard until it goes on, by when the run is over.
#[test]
fn a_signal_in_the_last_moment_counts() {
    let project = changed();
    write(
        project.path(),
        "rollproof.yml",
        "databases: [{name: main, engine: sqlite, migrations: {format: sqlx, path: migrations}}]\n\
         policies: [policy.yml]\n",
    );
    let policy = project.path().join("policy.yml");
    mkfifo(&policy, Mode::S_IRWXU).unwrap();
    for (name, args) in [("check", &["--only", "graph"][..]), ("lint", &[])] {
        for (signal, code) in SIGNALS {
            let child = command(name, project.path(), args).spawn().unwrap();
            // This opens when the run reads it.
            let mut file = OpenOptions::new().write(true).open(&policy).unwrap();
            kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
            file.write_all(b"facts: 1\n").unwrap();
            drop(file);
            let ran = run::finish(child);
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), ""), "{name} {signal}: {}", ran.stderr);
        }
    }
}
