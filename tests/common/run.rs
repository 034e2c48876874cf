//! The real program, run on a project.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

impl Ran {
    /// The JSON report, where the run printed one.
    pub(crate) fn report(&self) -> Option<Value> {
        serde_json::from_str(&self.stdout).ok()
    }
}

/// `rollproof check` in `folder` with these arguments and its JSON report on standard output, to its end.
///
/// # Panics
/// When the run leaves a folder behind.
pub(crate) fn check(folder: &Path, args: &[&str]) -> Ran {
    finish(start(folder, &[args, &["--json", "-"]].concat()))
}

/// The same, not waited for and without the flag.
pub(crate) fn start(folder: &Path, args: &[&str]) -> Child {
    command(folder, args).spawn().expect("the program starts")
}

/// The same, not started yet.
pub(crate) fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollproof"));
    command.arg("check").args(args).current_dir(folder).env_remove("NO_COLOR");
    // The tests do not depend on what git is told to do on this machine.
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    // Projects in Python run in the environment that is made for the tests.
    if let Some(environment) = std::env::var_os("ROLLPROOF_TEST_PYTHON_ENV") {
        command.env("VIRTUAL_ENV", environment);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Waits for the end of a run, and looks for what it left.
///
/// # Panics
/// When it left a folder.
pub(crate) fn finish(child: Child) -> Ran {
    let pid = child.id();
    let output = child.wait_with_output().expect("the program ends");
    let left = folders_of(pid);
    assert!(left.is_empty(), "the run left {left:?}");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// The folders that the run with this process id made.
pub(crate) fn folders_of(pid: u32) -> Vec<PathBuf> {
    let mut bases = vec![PathBuf::from("/dev/shm"), PathBuf::from("/tmp"), std::env::temp_dir()];
    bases.dedup();
    let prefix = format!("rollproof-{pid}-");
    let entries = bases.iter().flat_map(|base| fs::read_dir(base).into_iter().flatten().flatten());
    let named = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix));
    entries.map(|entry| entry.path()).filter(named).collect()
}

/// A folder of its own that marks the root of a repository, so that nothing above it is looked at.
pub(crate) fn project() -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("rpt-").tempdir().expect("a folder for the project");
    fs::create_dir(folder.path().join(".git")).expect("a mark");
    folder
}
