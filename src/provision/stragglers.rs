//! Server processes that still run in a run folder whose owner is gone.

use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Ends the processes of servers that run in `folder`: those of PostgreSQL politely, so that they give their shared memory
/// back, then by force; those of MySQL and MariaDB, which have nothing to give back, by force.
///
/// A process counts only if its working folder lies in `folder` and it is a `postgres`, or was told to have its data there; a
/// process id in a file proves nothing, since it may have been given to another process since.
pub(crate) fn end_servers_in(folder: &Path) {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let mut ended = servers_in(&folder);
    signal_all(&ended, Signal::SIGQUIT);
    let deadline = Instant::now() + Duration::from_secs(1);
    loop {
        // One that is about to be gone has no arguments any more, but it still is where it was.
        ended.retain(|(pid, _)| is_in(*pid, &folder));
        let left = servers_in(&folder);
        if ended.is_empty() && left.is_empty() {
            return;
        }
        if Instant::now() >= deadline {
            signal_all(&left, Signal::SIGKILL);
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn signal_all(servers: &[(Pid, Kind)], polite: Signal) {
    for (pid, product) in servers {
        let signal = match product {
            Kind::Postgres => polite,
            Kind::Mysql => Signal::SIGKILL,
        };
        let _ = kill(*pid, signal);
    }
}

/// Whose process it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Postgres,
    /// Of MySQL or MariaDB.
    Mysql,
}

/// The argument by which MySQL and MariaDB are told where their data is.
const DATA_ARGUMENT: &str = "--datadir=";

/// The processes, from `/proc`: name, arguments and working folder are those of the moment. A PostgreSQL server's backends
/// share its working folder, so they are found too when their postmaster is gone.
#[cfg(target_os = "linux")]
fn servers_in(folder: &Path) -> Vec<(Pid, Kind)> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let server = |pid: i32| {
        let process = format!("/proc/{pid}");
        if !is_in(Pid::from_raw(pid), folder) {
            return None;
        }
        if std::fs::read_to_string(format!("{process}/comm")).is_ok_and(|name| name.trim() == "postgres") {
            return Some((Pid::from_raw(pid), Kind::Postgres));
        }
        let arguments = std::fs::read(format!("{process}/cmdline")).ok()?;
        let mut arguments = arguments.split(|byte| *byte == 0);
        arguments.any(|argument| has_its_data(argument, folder)).then(|| (Pid::from_raw(pid), Kind::Mysql))
    };
    pids.filter_map(server).collect()
}

/// Whether a process works in the folder.
#[cfg(target_os = "linux")]
fn is_in(pid: Pid, folder: &Path) -> bool {
    std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|inside| inside.starts_with(folder))
}

/// Where a process works the system does not tell; that it is there has to do.
#[cfg(not(target_os = "linux"))]
fn is_in(pid: Pid, _folder: &Path) -> bool {
    kill(pid, None).is_ok()
}

/// Whether an argument says that a server's data is in the folder.
#[cfg(target_os = "linux")]
fn has_its_data(argument: &[u8], folder: &Path) -> bool {
    use std::os::unix::ffi::OsStrExt as _;
    let path = argument.strip_prefix(DATA_ARGUMENT.as_bytes());
    path.is_some_and(|path| Path::new(std::ffi::OsStr::from_bytes(path)).starts_with(folder))
}

/// The server, if the process that its file names was really started on this data folder.
#[cfg(not(target_os = "linux"))]
fn servers_in(folder: &Path) -> Vec<(Pid, Kind)> {
    let data = folder.join("data");
    let find = |file: &Path, kind: Kind, mark: &str| {
        let text = std::fs::read_to_string(file).ok()?;
        let pid: i32 = text.lines().next()?.trim().parse().ok()?;
        let listed = std::process::Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output().ok()?;
        let line = String::from_utf8_lossy(&listed.stdout).into_owned();
        (line.contains(mark) && line.contains(data.to_str()?)).then(|| (Pid::from_raw(pid), kind))
    };
    let postgres = find(&data.join("postmaster.pid"), Kind::Postgres, "postgres");
    let mysql = find(&folder.join(super::local::SOCKET_FOLDER).join("pid"), Kind::Mysql, DATA_ARGUMENT);
    postgres.into_iter().chain(mysql).collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_servers_are_ended() {
        let folder = tempfile::tempdir().unwrap();
        let start = |argument: String, inside: &Path| {
            let mut command = std::process::Command::new("sleep");
            // A program that waits, under a name that says where a server's data would be.
            std::os::unix::process::CommandExt::arg0(&mut command, argument);
            command.arg("60").current_dir(inside).spawn().unwrap()
        };
        let data = folder.path().canonicalize().unwrap().join("data");
        let mut server = start(format!("--datadir={}", data.display()), folder.path());
        let mut elsewhere = start(format!("--datadir={}", data.display()), Path::new("/"));
        let mut other = start("sleep".to_owned(), folder.path());
        end_servers_in(folder.path());
        assert!(!server.wait().unwrap().success());
        for child in [&mut elsewhere, &mut other] {
            assert!(child.try_wait().unwrap().is_none());
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}
