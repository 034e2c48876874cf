//! What the files of a MariaDB server of our own tell about which objects may have changed, for the price of a look into a
//! folder.
//!
//! MariaDB keeps a file `.frm` for each table, view and sequence, which every statement that changes its definition writes
//! anew; `.TRG` and `.TRN` for triggers; `db.opt` for the database's own options (MariaDB's documentation, "MariaDB File
//! Types"). Foreign keys and numbers of tables stand in `InnoDB`'s dictionary instead: see [`super::gate`] for what follows.
//! MySQL keeps nothing of the kind since 8.0.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A file that was written this long before it was looked at may have been written once more in the same tick of the
/// kernel's clock, and under the same number where the file system gives numbers anew. Ticks last 10 ms at most.
const TICK: Duration = Duration::from_millis(20);

/// What tells one writing of a file from another.
#[derive(Clone, Debug)]
struct Stamp {
    number: u64,
    size: u64,
    written: (i64, i64),
    changed: (i64, i64),
    /// Whether the file may be written again without a trace.
    is_doubtful: bool,
}

impl PartialEq for Stamp {
    /// Doubts pass by themselves, and are asked for beside.
    fn eq(&self, other: &Self) -> bool {
        let told = |stamp: &Self| (stamp.number, stamp.size, stamp.written, stamp.changed);
        told(self) == told(other)
    }
}

/// The files of one database at one time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Look {
    /// Of each table, view and sequence, by the stem of its files' names.
    relations: BTreeMap<String, Vec<Stamp>>,
    triggers: BTreeMap<String, Stamp>,
    options: Vec<u8>,
    /// The tables, views and sequences of other databases, which views and foreign keys may point at.
    elsewhere: BTreeMap<PathBuf, Stamp>,
    /// Stems of files that may be written again without a trace.
    doubtful: BTreeSet<String>,
}

/// Databases of the server itself.
const OF_THE_SERVER: [&str; 3] = ["mysql", "performance_schema", "sys"];

/// Which objects differ between two looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Relations {
    /// Those of these names, be they there or gone.
    Named(BTreeSet<String>),
    /// Some whose names only the server can read.
    Unknown,
}

impl Look {
    /// A look at the files of this database under the server's data folder; none where they are not to be seen.
    pub(super) fn at(data: &Path, database: &str) -> Option<Self> {
        let folder = data.join(database);
        let keeps_numbers = never_gives_a_number_twice(&folder);
        let mut look = Self::default();
        for entry in std::fs::read_dir(&folder).ok()? {
            let name = entry.ok()?.file_name();
            let name = name.to_str()?;
            // What begins so is in the making, or is left to be thrown away.
            if name.starts_with('#') {
                continue;
            }
            if name == "db.opt" {
                look.options = std::fs::read(folder.join(name)).ok()?;
                continue;
            }
            let stem = name.split(['.', '#']).next()?.to_owned();
            let extension = Path::new(name).extension().and_then(OsStr::to_str).unwrap_or_default();
            if !matches!(extension, "frm" | "TRG" | "TRN" | "ibd" | "par") {
                continue;
            }
            let meta = std::fs::symlink_metadata(folder.join(name)).ok()?;
            if extension == "ibd" {
                // Rows are written here; another number is another file, as TRUNCATE makes one.
                let stamp = Stamp { number: meta.ino(), size: 0, written: (0, 0), changed: (0, 0), is_doubtful: false };
                look.relations.entry(stem).or_default().push(stamp);
                continue;
            }
            let stamp = stamp(&meta, keeps_numbers);
            if stamp.is_doubtful {
                look.doubtful.insert(stem.clone());
            }
            if matches!(extension, "TRG" | "TRN") {
                look.triggers.insert(name.to_owned(), stamp);
            } else {
                look.relations.entry(stem).or_default().push(stamp);
            }
        }
        look.elsewhere = elsewhere(data, database)?;
        for stamps in look.relations.values_mut() {
            // Folders are listed in no order.
            stamps.sort_by_key(|stamp| (stamp.number, stamp.size));
        }
        Some(look)
    }

    /// The tables, views and sequences that may differ from what they were at an earlier look.
    pub(super) fn relations_since(&self, before: &Self) -> Relations {
        if self.databases_since(before) {
            return Relations::Unknown;
        }
        let stems: BTreeSet<&String> = self.relations.keys().chain(before.relations.keys()).collect();
        let differing = stems
            .into_iter()
            .filter(|stem| self.relations.get(*stem) != before.relations.get(*stem) || before.doubtful.contains(*stem));
        let names: Option<BTreeSet<String>> = differing.map(|stem| name_of(stem)).collect();
        names.map_or(Relations::Unknown, Relations::Named)
    }

    /// Whether another database, or what it has, may differ from what it was at an earlier look.
    pub(super) fn databases_since(&self, before: &Self) -> bool {
        self.elsewhere != before.elsewhere || before.elsewhere.values().any(|stamp| stamp.is_doubtful)
    }

    /// Whether there is any database but this one and those of the server itself.
    pub(super) fn has_other_databases(&self) -> bool {
        !self.elsewhere.is_empty()
    }

    /// Whether triggers may differ from what they were at an earlier look.
    pub(super) fn triggers_since(&self, before: &Self) -> bool {
        self.triggers != before.triggers || !before.doubtful.is_empty()
    }

    /// Whether the database's own options differ from what they were at an earlier look.
    pub(super) fn options_since(&self, before: &Self) -> bool {
        self.options != before.options
    }
}

/// The files of tables, views and sequences of other databases, and the databases themselves.
fn elsewhere(data: &Path, database: &str) -> Option<BTreeMap<PathBuf, Stamp>> {
    let keeps_numbers = never_gives_a_number_twice(data);
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(data).ok()? {
        let entry = entry.ok()?;
        let name = entry.file_name();
        let is_other = name.to_str().is_none_or(|name| name != database && !OF_THE_SERVER.contains(&name));
        if !is_other || !entry.file_type().ok()?.is_dir() {
            continue;
        }
        found.insert(entry.path(), stamp(&entry.metadata().ok()?, keeps_numbers));
        for path in std::fs::read_dir(entry.path()).ok()?.flatten().map(|entry| entry.path()) {
            if path.extension().is_some_and(|extension| extension == "frm" || extension == "opt") {
                found.insert(path.clone(), stamp(&std::fs::symlink_metadata(&path).ok()?, keeps_numbers));
            }
        }
    }
    Some(found)
}

/// Whether the file system counts its files on for ever, as Linux's in memory does.
#[cfg(target_os = "linux")]
fn never_gives_a_number_twice(folder: &Path) -> bool {
    use nix::sys::statfs::{TMPFS_MAGIC, statfs};
    statfs(folder).is_ok_and(|system| system.filesystem_type() == TMPFS_MAGIC)
}

#[cfg(not(target_os = "linux"))]
fn never_gives_a_number_twice(_folder: &Path) -> bool {
    false
}

fn stamp(meta: &Metadata, keeps_numbers: bool) -> Stamp {
    Stamp {
        number: meta.ino(),
        size: meta.size(),
        written: (meta.mtime(), meta.mtime_nsec()),
        changed: (meta.ctime(), meta.ctime_nsec()),
        is_doubtful: !keeps_numbers && was_written_lately(meta),
    }
}

fn was_written_lately(meta: &Metadata) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let written = Duration::new(
        u64::try_from(meta.ctime()).unwrap_or_default(),
        u32::try_from(meta.ctime_nsec()).unwrap_or_default(),
    );
    written + TICK >= now
}

/// The name of the table with such files. Characters that file systems may not have stand there as `@` and four hexadecimal
/// digits (MySQL's manual, "Mapping of Identifiers to File Names"); of the shorter forms for letters `None` is made.
fn name_of(stem: &str) -> Option<String> {
    let mut parts = stem.split('@');
    let mut name = parts.next()?.to_owned();
    for part in parts {
        let digits = part.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        name.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
        name.push_str(&part[4..]);
    }
    Some(name)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str, text: &str) {
        // As the server does it, which gives the name to a new file.
        std::fs::write(folder.join("#new"), text).unwrap();
        std::fs::rename(folder.join("#new"), folder.join(name)).unwrap();
    }

    fn named(names: &[&str]) -> Relations {
        Relations::Named(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn files_tell_which_objects_changed() {
        let data = tempfile::tempdir_in("/dev/shm").unwrap();
        let folder = data.path().join("d");
        assert!(Look::at(data.path(), "d").is_none());
        std::fs::create_dir(&folder).unwrap();
        let look = || Look::at(data.path(), "d").unwrap();
        write(&folder, "db.opt", "utf8mb4");
        for name in ["a.frm", "a.ibd", "b.frm", "b.TRG", "x@002dy.frm"] {
            write(&folder, name, "1");
        }
        let first = look();
        assert_eq!(look(), first);
        assert_eq!(look().relations_since(&first), named(&[]));
        write(&folder, "a.frm", "2");
        write(&folder, "x@002dy.frm", "2");
        std::fs::remove_file(folder.join("b.frm")).unwrap();
        write(&folder, "c.frm", "1");
        assert_eq!(look().relations_since(&first), named(&["a", "b", "c", "x-y"]));
        assert!(!look().triggers_since(&first) && !look().options_since(&first));
        let second = look();
        std::fs::write(folder.join("a.ibd"), "rows").unwrap();
        assert_eq!(look().relations_since(&second), named(&[]));
        write(&folder, "a.ibd", "");
        assert_eq!(look().relations_since(&second), named(&["a"]));
        write(&folder, "b.TRG", "2");
        std::fs::write(folder.join("db.opt"), "latin1!").unwrap();
        assert!(look().triggers_since(&second) && look().options_since(&second));
        let third = look();
        let other = data.path().join("other");
        std::fs::create_dir(&other).unwrap();
        write(&other, "t.frm", "1");
        assert!(!third.has_other_databases() && look().has_other_databases());
        assert!(look().databases_since(&third) && look().relations_since(&third) == Relations::Unknown);
        let fourth = look();
        assert!(!look().databases_since(&fourth));
        write(&folder, "@1z.frm", "1");
        assert_eq!(look().relations_since(&fourth), Relations::Unknown);
    }

    #[test]
    fn where_numbers_come_again_a_file_that_was_just_written_is_looked_at_twice() {
        let data = tempfile::tempdir_in("/dev/shm").unwrap();
        write(data.path(), "a.frm", "1");
        let meta = std::fs::symlink_metadata(data.path().join("a.frm")).unwrap();
        assert!(stamp(&meta, false).is_doubtful && !stamp(&meta, true).is_doubtful);
        let mut before = Look::default();
        before.relations.insert("a".to_owned(), vec![stamp(&meta, false)]);
        before.doubtful.insert("a".to_owned());
        assert_eq!(before.relations_since(&before), named(&["a"]));
        assert!(before.triggers_since(&before));
        std::thread::sleep(TICK + Duration::from_millis(5));
        assert!(!stamp(&meta, false).is_doubtful);
    }
}
