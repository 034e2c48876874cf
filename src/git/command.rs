//! Runs the `git` program. Nothing else does.
//!
//! Whoever waits for it can stop waiting at any moment: a git that is no longer waited for is ended, and with it what it
//! started itself.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Output, Stdio};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};

use super::GitError;

/// What a call of git came to.
pub(super) struct Ran {
    /// The exit code; -1 when a signal ended it.
    pub(super) code: i32,
    /// What it printed.
    pub(super) stdout: Vec<u8>,
    /// What it complained of.
    pub(super) stderr: String,
}

impl Ran {
    /// The lines of what it printed.
    pub(super) fn lines(&self) -> Vec<String> {
        String::from_utf8_lossy(&self.stdout).lines().map(str::to_owned).collect()
    }

    /// What it printed, cut at each NUL.
    pub(super) fn records(&self) -> impl Iterator<Item = &[u8]> {
        self.stdout.split(|byte| *byte == 0).filter(|record| !record.is_empty())
    }

    /// What it complained of, on one line and without git's own word for it.
    pub(super) fn complaint(&self) -> String {
        let line = self.stderr.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it said nothing");
        line.strip_prefix("fatal: ").unwrap_or(line).to_owned()
    }
}

/// The version of the `git` in `PATH`: `2.47.3`. `None` where there is none.
pub async fn version() -> Option<String> {
    let ran = run(Path::new("."), &["--version"], &[]).await.ok()?;
    ran.lines().first()?.strip_prefix("git version ").map(str::to_owned)
}

/// Git with these arguments in this folder, to its end, whatever that is.
pub(super) async fn git<A: AsRef<OsStr>>(folder: &Path, args: &[A]) -> Result<Ran, GitError> {
    run(folder, args, &[]).await
}

/// The same; an exit code other than 0 is an error.
pub(super) async fn git_or_fail<A: AsRef<OsStr>>(folder: &Path, args: &[A], input: &[u8]) -> Result<Ran, GitError> {
    let ran = run(folder, args, input).await?;
    if ran.code == 0 { Ok(ran) } else { Err(failed(folder, args, &ran)) }
}

/// The error for a call that nothing else explains.
pub(super) fn failed<A: AsRef<OsStr>>(folder: &Path, args: &[A], ran: &Ran) -> GitError {
    let command: Vec<_> = args.iter().map(|arg| arg.as_ref().to_string_lossy()).collect();
    GitError::Failed { command: command.join(" "), folder: folder.to_owned(), message: ran.complaint() }
}

async fn run<A: AsRef<OsStr>>(folder: &Path, args: &[A], input: &[u8]) -> Result<Ran, GitError> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["-c", "core.quotepath=off"]).args(args);
    command.env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0");
    // Names of files are no patterns, and a clone with a filter fetches nothing behind our back.
    command.env("GIT_LITERAL_PATHSPECS", "1").env("GIT_NO_LAZY_FETCH", "1");
    // A hook of git that runs a check has these set for itself; the place of the project decides instead.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = talk(command, input).await.map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => GitError::NotInstalled,
        _ => GitError::CannotRun { source },
    })?;
    Ok(Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// Writes and reads at the same time: either pipe would fill up while git waits for the other.
async fn talk(mut command: Command, input: &[u8]) -> io::Result<Output> {
    // In a group of its own, so that its filters and what a script of this name runs end with it.
    let mut child = command.process_group(0).kill_on_drop(true).spawn()?;
    let mut group = Group::of(&child);
    let stdin = child.stdin.take();
    let write = async move {
        if let Some(mut stdin) = stdin {
            // A git that ends before it has read everything says why itself.
            let _ = stdin.write_all(input).await;
        }
    };
    let ((), output) = tokio::join!(write, child.wait_with_output());
    group.0 = None;
    output
}

/// The processes of a git that is waited for; they are ended when this is dropped.
struct Group(Option<Pid>);

impl Group {
    fn of(leader: &Child) -> Self {
        Self(leader.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It reads only, so that nothing is left half done. One that is gone already is no matter.
            let _ = killpg(group, Signal::SIGKILL);
        }
    }
}
