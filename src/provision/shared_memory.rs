//! The shared memory segment of a PostgreSQL server that was killed.
//!
//! Every server makes a System V segment of 56 bytes, by which it sees that another runs on the same data. A server that
//! ends by itself removes it; one that is killed does not, nor does an initdb that is cut off. The system has room for
//! about four thousand, so leaving them behind would keep servers from starting some day.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use super::account::Account;
use super::child;
use crate::history::EngineKind;

/// Removes the segment that the server of `data` left, if it left one. Call it only when the server is gone.
///
/// Its `postmaster.pid` is there only if it was killed, and names the segment. The file was written by the server's user and
/// by what the migrations ran as that user, so the removal runs as that user too: it can remove nothing of others.
pub(crate) fn release(data: &Path) {
    let Some(segment) = fs::read_to_string(data.join("postmaster.pid")).ok().and_then(|text| segment_in(&text)) else {
        return;
    };
    let Ok(account) = Account::to_drop_to(EngineKind::Postgres) else { return };
    let mut ipcrm = child::command(Path::new("ipcrm"), account.as_ref());
    // Without the program, or when the segment is gone already, there is nothing to be done.
    let _ = ipcrm.args(["-m", &segment.to_string()]).stdout(Stdio::null()).stderr(Stdio::null()).status();
}

/// The id of the segment: the second number on line 7 (`LOCK_FILE_LINE_SHMEM_KEY` in PostgreSQL's `pidfile.h`).
fn segment_in(postmaster_pid: &str) -> Option<u32> {
    postmaster_pid.lines().nth(6)?.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_segment_is_on_line_seven() {
        let text =
            "123\n/dev/shm/x/data\n1780000000\n5433\n/dev/shm/x/socket\n127.0.0.1\n  12345678    655369\nready   \n";
        assert_eq!(segment_in(text), Some(655_369));
        assert_eq!(segment_in("123\n/dev/shm/x/data\n1780000000\n5433\n\n\n"), None);
        assert_eq!(segment_in(""), None);
    }
}
