//! What servers from binaries of this machine have in common.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::ProvisionError;
use super::account::Account;
use super::run_folder::{DATA_FOLDER, RunFolder, remove};
use super::seed::Seed;
use super::shared_memory;

/// The folder of the socket in a run folder.
pub(super) const SOCKET_FOLDER: &str = "socket";
/// The log of the server and of what makes its data in a run folder.
pub(super) const LOG: &str = "log";
/// Longer than any start on a working machine; a server that waits this long waits for something that will not come.
pub(super) const START_PATIENCE: Duration = Duration::from_secs(60);
/// How long to wait between two looks at a server that starts.
pub(super) const POLL: Duration = Duration::from_millis(3);
/// What to do about a server that does not start.
pub(super) const MISFIT: &str = "look at `server-settings`, and at the space and the permissions of the machine";

/// Where the data of a server came from.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// Copied from this seed.
    Seed(Seed),
    /// Made in this run.
    Made,
}

/// An empty data folder, in place of what a broken seed or a failed program left there.
pub(super) fn fresh_data_folder(folder: &RunFolder, account: Option<&Account>) -> Result<PathBuf, ProvisionError> {
    let data = folder.path().join(DATA_FOLDER);
    shared_memory::release(&data);
    remove(&data);
    folder.private(DATA_FOLDER, account)
}

/// The error for a program that could not even be started.
pub(super) fn not_run(program: PathBuf, account: Option<&Account>, source: io::Error) -> ProvisionError {
    let account = account.map(|account| account.name.clone());
    let remedy = if account.is_some() {
        "put it where that user may read and run it, or run rollproof as an ordinary user"
    } else {
        "check that it is a program for this machine and that you may run it"
    };
    ProvisionError::Run { program, account, source, remedy }
}

/// A port that nobody listens on at this moment.
pub(super) fn free_port() -> Result<u16, ProvisionError> {
    let find = || Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port());
    find().map_err(ProvisionError::file("find a free port on", Path::new("127.0.0.1")))
}

/// Whether a server's log says that somebody took its port between our question and its start.
pub(super) fn lost_its_port(log: &[String]) -> bool {
    log.iter().any(|line| line.contains("Address already in use"))
}

/// Empties the log.
pub(super) fn forget_log(folder: &Path) {
    let _ = fs::remove_file(folder.join(LOG));
}

/// The last lines of a file, as far as they lie in its last 64 KiB; none when it cannot be read.
pub(super) fn tail(path: &Path, lines: usize) -> Vec<String> {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let start = file.metadata()?.len().saturating_sub(64 * 1024);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let text = read().unwrap_or_default();
    let mut last = VecDeque::new();
    for line in String::from_utf8_lossy(&text).lines() {
        last.push_back(line.to_owned());
        if last.len() > lines {
            last.pop_front();
        }
    }
    last.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        assert!(tail(&path, 3).is_empty());
        let text: String = (0..20_000).map(|line| format!("line {line}\n")).collect();
        fs::write(&path, text).unwrap();
        assert_eq!(tail(&path, 2), ["line 19998", "line 19999"]);
        fs::write(&path, b"not \xff text\n").unwrap();
        assert_eq!(tail(&path, 5), ["not \u{fffd} text"]);
    }
}
