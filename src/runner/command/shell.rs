//! One command line in a shell: started in the project's folder, in a process group of its own, ended with everything that it
//! started.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;
use nix::unistd::Pid;
use tokio::process::Command;

use super::super::group::kill_group;
use super::super::output::Output;
use crate::provision::signal_on_parent_death;

/// How long what was written may take to arrive once nobody is left to write it.
const DRAINING: Duration = Duration::from_millis(500);

/// How a command line ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// `None` when it had to be ended.
    pub(super) status: Option<ExitStatus>,
    pub(super) stdout: Output,
    pub(super) stderr: Output,
}

impl Ended {
    /// Whether the shell did not find the program, or may not run it (POSIX.1-2024, XCU 2.8.2).
    pub(super) fn is_not_there(&self) -> bool {
        matches!(self.status.and_then(|status| status.code()), Some(126 | 127))
    }
}

/// Runs a command line for at most `timeout`.
///
/// # Errors
/// When there is no shell.
pub(super) async fn run(
    command: &str,
    root: &Path,
    environment: &[(String, String)],
    timeout: Duration,
) -> Result<Ended, String> {
    let mut shell = std::process::Command::new("sh");
    shell.arg("-c").arg(command).current_dir(root).envs(environment.iter().cloned());
    shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    signal_on_parent_death(&mut shell, Signal::SIGKILL);
    let child = Command::from(shell).kill_on_drop(true).spawn();
    let mut child = child.map_err(|error| format!("a shell cannot be run: {error}"))?;
    let group = Group(child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw));
    let (stdout, stderr) = (Output::default(), Output::default());
    let readers =
        [child.stdout.take().map(|pipe| stdout.take(pipe)), child.stderr.take().map(|pipe| stderr.take(pipe))];
    let status = match tokio::time::timeout(timeout, child.wait()).await {
        Ok(status) => Some(status.map_err(|error| format!("a command cannot be waited for: {error}"))?),
        Err(_) => None,
    };
    // What it left running in the background would go on writing to the database.
    drop(group);
    if status.is_none() {
        let _ = tokio::time::timeout(DRAINING, child.wait()).await;
    }
    for reader in readers.into_iter().flatten() {
        let _ = tokio::time::timeout(DRAINING, reader).await;
    }
    Ok(Ended { status, stdout, stderr })
}

/// The process group of a command, which is gone when this is dropped.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        kill_group(self.0);
    }
}
