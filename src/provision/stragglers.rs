//! Server processes that still run in a run folder whose owner is gone.

use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Ends the PostgreSQL processes that run in `folder`: politely, so that they give their shared memory back, then by force.
///
/// A process counts only if it is a `postgres` whose working folder lies in `folder`; a process id in a file proves
/// nothing, since it may have been given to another process since.
pub(crate) fn end_postgres_in(folder: &Path) {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    signal_all(&folder, Signal::SIGQUIT);
    let deadline = Instant::now() + Duration::from_secs(1);
    while !postgres_in(&folder).is_empty() {
        if Instant::now() >= deadline {
            signal_all(&folder, Signal::SIGKILL);
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn signal_all(folder: &Path, signal: Signal) {
    for pid in postgres_in(folder) {
        let _ = kill(pid, signal);
    }
}

/// The processes, from `/proc`: name and working folder are those of the moment. A server's backends share its working
/// folder, so they are found too when their postmaster is gone.
#[cfg(target_os = "linux")]
fn postgres_in(folder: &Path) -> Vec<Pid> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid: &i32| {
            let process = format!("/proc/{pid}");
            std::fs::read_to_string(format!("{process}/comm")).is_ok_and(|name| name.trim() == "postgres")
                && std::fs::read_link(format!("{process}/cwd")).is_ok_and(|inside| inside.starts_with(folder))
        })
        .map(Pid::from_raw)
        .collect()
}

/// The postmaster, if the process that `postmaster.pid` names was really started on this data folder.
#[cfg(not(target_os = "linux"))]
fn postgres_in(folder: &Path) -> Vec<Pid> {
    let data = folder.join("data");
    let find = || {
        let text = std::fs::read_to_string(data.join("postmaster.pid")).ok()?;
        let pid: i32 = text.lines().next()?.trim().parse().ok()?;
        let listed = std::process::Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output().ok()?;
        let line = String::from_utf8_lossy(&listed.stdout).into_owned();
        (line.contains("postgres") && line.contains(data.to_str()?)).then(|| Pid::from_raw(pid))
    };
    find().into_iter().collect()
}
