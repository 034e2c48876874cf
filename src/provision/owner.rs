//! Who made a folder or a database, and whether that process still lives.
//!
//! A process id means something only within one boot of one machine and within one pid namespace: the processes of
//! another container are invisible here, and look dead. So an owner names its place, and only owners of our own place
//! are judged by process; all others by age.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;

/// After this many seconds what an owner from elsewhere left behind is taken for abandoned.
pub(crate) const ABANDONED_SECONDS: u64 = 24 * 60 * 60;

/// A process, named so that it is never mistaken for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    /// Its process id.
    pub(crate) pid: u32,
    /// When it started, in clock ticks since boot (field 22 of `/proc/<pid>/stat`); 0 where the system does not tell.
    pub(crate) start: u64,
    /// The boot and the pid namespace in which the process id counts.
    pub(crate) place: String,
    /// When it made what it owns, in seconds since the Unix epoch.
    pub(crate) made: u64,
}

impl Owner {
    /// This process.
    pub(crate) fn this() -> Self {
        let pid = std::process::id();
        Self { pid, start: start_of(pid).unwrap_or(0), place: place(), made: now() }
    }

    /// As the owner file holds it.
    pub(crate) fn to_text(&self) -> String {
        format!("pid {}\nstart {}\nplace {}\nmade {}\n", self.pid, self.start, self.place, self.made)
    }

    /// Reads what [`Owner::to_text`] wrote; `None` when a part is missing, as in a file that is still being written.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        Some(Self {
            pid: field("pid")?.parse().ok()?,
            start: field("start")?.parse().ok()?,
            place: field("place")?.to_owned(),
            made: field("made")?.parse().ok()?,
        })
    }

    /// Whether what it owns may be removed.
    pub(crate) fn is_gone(&self) -> bool {
        let here = self.place == place();
        judge(here, self.made, now(), || is_running(self.pid, |start| self.start == 0 || start == self.start))
    }
}

/// The rule of the sweep: an owner of this place is gone when its process is; any other when it is old.
pub(crate) fn judge(here: bool, made: u64, now: u64, is_running: impl FnOnce() -> bool) -> bool {
    if here { !is_running() } else { now.saturating_sub(made) > ABANDONED_SECONDS }
}

/// Whether the process `pid` of this place runs and its start satisfies `same`. What the system hides counts as running.
pub(crate) fn is_running(pid: u32, same: impl FnOnce(u64) -> bool) -> bool {
    let Ok(raw) = i32::try_from(pid) else { return false };
    if kill(Pid::from_raw(raw), None) == Err(Errno::ESRCH) {
        return false;
    }
    start_of(pid).is_none_or(same)
}

/// When a process started; `None` where the system does not tell. A zombie has ended, and started never.
fn start_of(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in brackets, which may itself hold brackets and spaces.
    let mut fields = stat[stat.rfind(')')? + 1..].split_ascii_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return Some(u64::MAX);
    }
    // Field 22 of the whole line; the state just taken was field 3.
    fields.nth(18)?.parse().ok()
}

/// The boot and the pid namespace that this process lives in; where the system does not tell, the machine's name.
pub(crate) fn place() -> String {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id");
    let namespace = fs::read_link("/proc/self/ns/pid");
    match (boot, namespace) {
        (Ok(boot), Ok(namespace)) => format!("{} {}", boot.trim(), namespace.display()),
        _ => {
            let host = nix::unistd::gethostname().unwrap_or_default();
            format!("host {}", host.to_string_lossy())
        }
    }
}

/// Seconds since the Unix epoch.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_survives_its_file() {
        let owner = Owner::this();
        assert_eq!(Owner::parse(&owner.to_text()), Some(owner));
        assert_eq!(Owner::parse("pid 12\nstart 3\n"), None);
        assert_eq!(Owner::parse(""), None);
    }

    #[test]
    fn this_process_lives() {
        let owner = Owner::this();
        assert!(!owner.is_gone());
        assert!(!Owner { made: 0, ..owner }.is_gone(), "age does not count at home");
    }

    #[test]
    fn a_process_of_another_start_is_another_process() {
        let owner = Owner::this();
        assert_eq!(owner.start != 0, cfg!(target_os = "linux"), "only Linux tells");
        if owner.start != 0 {
            assert!(Owner { start: owner.start + 1, ..owner.clone() }.is_gone());
        }
        assert!(Owner { pid: u32::MAX, ..owner }.is_gone());
    }

    #[test]
    fn an_ended_child_is_gone_even_before_it_is_reaped() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let start = start_of(child.id());
        assert!(is_running(child.id(), |found| Some(found) == start));
        child.kill().unwrap();
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
        let pid = child.id();
        if start.is_some() {
            while is_running(pid, |found| Some(found) == start) {
                assert!(std::time::Instant::now() < deadline, "the zombie still counts as running");
            }
        }
        child.wait().unwrap();
        assert!(!is_running(pid, |found| Some(found) == start));
    }

    #[test]
    fn others_are_judged_by_age() {
        let elsewhere = Owner { pid: u32::MAX, place: "another boot".to_owned(), ..Owner::this() };
        assert!(!elsewhere.is_gone(), "its pid says nothing here");
        assert!(Owner { made: now() - ABANDONED_SECONDS - 1, ..elsewhere }.is_gone());
        assert!(!judge(false, 1_000, 0, || false), "a clock that went back");
    }
}
