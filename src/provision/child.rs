//! A program of the server as a child process that does not outlive us.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use super::account::Account;
use super::{dynamic_memory, parent_death};

/// What of our environment a server program gets. The rest would make the server differ from one caller to the next, and
/// `PGDATA`, `PGPORT` and the locale variables would change it outright.
const KEPT: [&str; 4] = ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"];

/// A command for a server program: as `account` where there is one, with a fixed environment and in the root folder, which
/// every user may enter.
pub(crate) fn command(program: &Path, account: Option<&Account>) -> Command {
    let mut command = Command::new(program);
    let kept = KEPT.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    command.env_clear().envs(kept).env("LC_ALL", "C").env("TZ", "UTC").current_dir("/").stdin(Stdio::null());
    if let Some(account) = account {
        // The standard library calls setgroups with no groups before setgid and setuid when root sets a user id.
        command.uid(account.uid.as_raw()).gid(account.gid.as_raw());
    }
    command
}

/// A running child in a process group of its own, ended when this is dropped.
#[derive(Debug)]
pub(crate) struct ServerChild {
    child: Child,
    pid: Pid,
    farewell: Signal,
    ended: Option<ExitStatus>,
}

impl ServerChild {
    /// Starts `command`; its output goes to `log`. When this is dropped, or the thread that called this ends, the child
    /// gets `farewell`.
    ///
    /// The process group of its own keeps a terminal's Ctrl-C away from the child, so that we decide in which order
    /// things end.
    pub(crate) fn spawn(mut command: Command, log: &Path, farewell: Signal) -> io::Result<Self> {
        let output = File::options().append(true).create(true).mode(0o600).open(log)?;
        command.stdout(output.try_clone()?).stderr(output).process_group(0);
        parent_death::signal_on_parent_death(&mut command, farewell);
        let child = command.spawn()?;
        let pid = i32::try_from(child.id()).map_err(io::Error::other)?;
        Ok(Self { child, pid: Pid::from_raw(pid), farewell, ended: None })
    }

    /// How the child ended; `None` while it runs.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            // An error would mean that it is no child of ours any more, and so not ours to wait for.
            self.ended = self.child.try_wait().ok().flatten();
        }
        self.ended
    }

    /// Ends the child and waits until it is gone. Whether it had to be killed because it took longer than `patience`.
    pub(crate) fn end(&mut self, patience: Duration) -> bool {
        if self.ended().is_some() {
            return false;
        }
        let _ = kill(self.pid, self.farewell);
        if self.gone_within(patience) {
            return false;
        }
        let _ = killpg(self.pid, Signal::SIGKILL);
        self.gone_within(Duration::from_secs(5));
        true
    }

    fn gone_within(&mut self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        loop {
            if self.ended().is_some() {
                return true;
            }
            if Instant::now() >= deadline {
                return false;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for ServerChild {
    fn drop(&mut self) {
        let mut memory = BTreeSet::new();
        if self.ended().is_none() && self.farewell == Signal::SIGKILL {
            // The group, so that the children of initdb end with it; they stand still while their memory is looked up.
            let _ = killpg(self.pid, Signal::SIGSTOP);
            memory = dynamic_memory::of_group(self.pid);
            let _ = killpg(self.pid, Signal::SIGKILL);
        }
        self.end(Duration::from_secs(2));
        dynamic_memory::release(&memory);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(script: &str, farewell: Signal) -> (ServerChild, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let mut command = command(Path::new("/bin/sh"), None);
        command.args(["-c", script]);
        (ServerChild::spawn(command, &folder.path().join("log"), farewell).unwrap(), folder)
    }

    fn wait_for_line(folder: &tempfile::TempDir) -> String {
        let deadline = Instant::now() + Duration::from_secs(5);
        loop {
            let text = std::fs::read_to_string(folder.path().join("log")).unwrap();
            if text.ends_with('\n') {
                return text.trim().to_owned();
            }
            assert!(Instant::now() < deadline, "the child wrote nothing");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn a_child_that_obeys_is_not_killed() {
        let (mut child, folder) =
            start("trap 'exit 3' QUIT; echo ready; while :; do sleep 0.01; done", Signal::SIGQUIT);
        assert_eq!(wait_for_line(&folder), "ready");
        assert!(!child.end(Duration::from_secs(2)));
        assert_eq!(child.ended().unwrap().code(), Some(3));
    }

    #[test]
    fn a_child_that_does_not_obey_is_killed() {
        let (mut child, folder) = start("trap '' QUIT; echo ready; while :; do sleep 0.01; done", Signal::SIGQUIT);
        assert_eq!(wait_for_line(&folder), "ready");
        assert!(child.end(Duration::from_millis(50)));
        assert!(child.ended().is_some());
    }

    #[test]
    fn the_environment_is_fixed() {
        let (mut child, folder) = start("echo $LC_ALL $TZ ${HOME-none} $(pwd)", Signal::SIGKILL);
        assert_eq!(wait_for_line(&folder), "C UTC none /");
        child.end(Duration::from_secs(1));
    }

    #[test]
    fn dropping_kills_grandchildren_of_the_group() {
        let (child, folder) = start("sleep 600 & echo $!; wait", Signal::SIGKILL);
        let grandchild: u32 = wait_for_line(&folder).parse().unwrap();
        assert!(super::super::owner::is_running(grandchild, |_| true));
        drop(child);
        let deadline = Instant::now() + Duration::from_secs(5);
        while super::super::owner::is_running(grandchild, |start| start != u64::MAX) {
            assert!(Instant::now() < deadline, "the grandchild still runs");
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}
