//! Runs the `git` program. Nothing else does.

use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

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

/// The version of the git that is called; `None` where there is none.
pub fn version() -> Option<String> {
    let ran = git(Path::new("."), &["--version"]).ok()?;
    ran.lines().first()?.strip_prefix("git version ").map(str::to_owned)
}

/// Git with these arguments in this folder, to its end, whatever that is.
pub(super) fn git<A: AsRef<OsStr>>(folder: &Path, args: &[A]) -> Result<Ran, GitError> {
    run(folder, args, &[])
}

/// The same; an exit code other than 0 is an error.
pub(super) fn git_or_fail<A: AsRef<OsStr>>(folder: &Path, args: &[A], input: &[u8]) -> Result<Ran, GitError> {
    let ran = run(folder, args, input)?;
    if ran.code == 0 { Ok(ran) } else { Err(failed(folder, args, &ran)) }
}

/// The error for a call that nothing else explains.
pub(super) fn failed<A: AsRef<OsStr>>(folder: &Path, args: &[A], ran: &Ran) -> GitError {
    let command: Vec<_> = args.iter().map(|arg| arg.as_ref().to_string_lossy()).collect();
    GitError::Failed { command: command.join(" "), folder: folder.to_owned(), message: ran.complaint() }
}

fn run<A: AsRef<OsStr>>(folder: &Path, args: &[A], input: &[u8]) -> Result<Ran, GitError> {
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
    let output = talk(command, input).map_err(|source| match source.kind() {
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
fn talk(mut command: Command, input: &[u8]) -> io::Result<Output> {
    let mut child = command.spawn()?;
    let stdin = child.stdin.take();
    std::thread::scope(|scope| {
        // A git that ends before it has read everything says why itself.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input)));
        child.wait_with_output()
    })
}
