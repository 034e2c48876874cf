//! The processes that a tool starts: one group, which is ended as a whole.

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// Kills what is left of a process group. The number stays the group's as long as one process of it is there; where none is,
/// the system says so.
pub(super) fn kill_group(group: Option<Pid>) {
    if let Some(group) = group {
        let _ = killpg(group, Signal::SIGKILL);
    }
}
