//! The one place of this room that needs `unsafe`: a child that ends when we are killed.

use std::process::Command;

use nix::sys::signal::Signal;

/// Makes the child get `signal` when the thread that spawns it ends, be it by SIGKILL.
///
/// Linux ties this to the *thread* that forks, not to the process (prctl(2), `PR_SET_PDEATHSIG`): spawn from the thread that
/// lives as long as the child is needed, which is the main thread under tokio's `current_thread` runtime. Elsewhere this does
/// nothing, and what a killed run leaves is swept by the next one.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "a closure between fork and exec is the only way to set the parent-death signal")]
pub(crate) fn signal_on_parent_death(command: &mut Command, signal: Signal) {
    use std::os::unix::process::CommandExt;

    let parent = i32::try_from(std::process::id()).unwrap_or(0);
    let closure = move || {
        nix::sys::prctl::set_pdeathsig(signal)?;
        // We may have died between the fork and the line above; then no signal will ever come.
        if nix::unistd::getppid().as_raw() == parent {
            Ok(())
        } else {
            Err(std::io::Error::from_raw_os_error(nix::libc::ESRCH))
        }
    };
    // SAFETY: between fork and exec only async-signal-safe functions may be called. The closure makes two system calls,
    // prctl and getppid, and allocates nothing: both error values are plain numbers. The standard library runs it after
    // setuid, which would have cleared the signal.
    unsafe {
        command.pre_exec(closure);
    }
}

/// There is no such signal here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn signal_on_parent_death(_command: &mut Command, _signal: Signal) {}
