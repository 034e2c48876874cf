//! The folder of one server: made on tmpfs where there is one, marked with its owner, removed when dropped.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::ProvisionError;
use super::account::Account;
use super::owner::Owner;
use super::shared_memory;

/// What the names of run folders begin with.
pub(crate) const PREFIX: &str = "rollproof-";
/// The folder in a run folder that holds a server's data.
pub(crate) const DATA_FOLDER: &str = "data";
/// The file in a run folder that names its owner.
pub(crate) const OWNER_FILE: &str = "owner";
/// The file in a run folder that says that a container of the same name belongs to it.
pub(crate) const CONTAINER_FILE: &str = "container";
/// Below this much free memory a tmpfs is left alone: containers often have a /dev/shm of 64 MiB, and a migration that
/// fills it would fail for a reason that is not its own.
const TMPFS_ROOM: u64 = 1 << 30;
/// The socket's path must fit into 104 bytes (macOS; 108 on Linux), and below the base there are up to 50.
const LONGEST_BASE: usize = 54;

/// Where run folders and seeds go on this machine.
#[derive(Clone, Debug)]
pub struct Places {
    /// Folders to make run folders in, best first; one that does not serve is passed over.
    pub temporary: Vec<PathBuf>,
    /// Where seeds are kept between runs; `None` keeps none.
    pub cache: Option<PathBuf>,
}

impl Places {
    /// `/dev/shm` where it is a tmpfs with 1 GiB of room, else the system's folder for temporary files; the cache is in
    /// `$XDG_CACHE_HOME/rollproof` or `~/.cache/rollproof`.
    pub fn of_this_machine() -> Self {
        let memory = PathBuf::from("/dev/shm");
        let mut temporary: Vec<PathBuf> = vec![std::env::temp_dir(), PathBuf::from("/tmp")];
        temporary.dedup();
        if is_roomy_tmpfs(&memory) {
            temporary.insert(0, memory);
        }
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
        Self { temporary, cache: cache.map(|folder| folder.join("rollproof")) }
    }

    /// Where runs may have left something: also where there is no room any more, for what they left may fill it.
    pub fn to_clean() -> Self {
        let mut places = Self::of_this_machine();
        let memory = PathBuf::from("/dev/shm");
        if !places.temporary.contains(&memory) {
            places.temporary.push(memory);
        }
        places
    }
}

fn is_roomy_tmpfs(path: &Path) -> bool {
    is_tmpfs(path) && free_bytes(path).is_some_and(|free| free >= TMPFS_ROOM)
}

/// Whether a folder is in memory, as far as the system tells.
#[cfg(target_os = "linux")]
pub(crate) fn is_tmpfs(path: &Path) -> bool {
    use nix::sys::statfs::{TMPFS_MAGIC, statfs};
    statfs(path).is_ok_and(|found| found.filesystem_type() == TMPFS_MAGIC)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn is_tmpfs(_path: &Path) -> bool {
    false
}

/// How much room there is for this user where a folder lies; `None` where the system does not tell.
pub(crate) fn free_bytes(path: &Path) -> Option<u64> {
    let found = nix::sys::statvfs::statvfs(path).ok()?;
    Some(wide(found.blocks_available()).saturating_mul(wide(found.fragment_size())))
}

/// A number of the system, whose type differs between systems.
fn wide(number: impl Into<u64>) -> u64 {
    number.into()
}

/// A folder that is removed with everything in it when this is dropped.
#[derive(Debug)]
pub(crate) struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Makes a folder for anything else than a server; it is swept like theirs should the run be killed.
    ///
    /// # Errors
    /// When there is no place for it on this machine.
    pub(crate) fn scratch() -> Result<Self, ProvisionError> {
        Self::make(&Places::of_this_machine().temporary, None)
    }

    /// Makes a folder in the first of `bases` that serves.
    ///
    /// With an `account` the folder stays ours, and that account may pass through it to the folders that are made for it
    /// inside; without one nobody else may enter.
    ///
    /// # Errors
    /// When no base serves; the error says why each was passed over.
    pub(crate) fn make(bases: &[PathBuf], account: Option<&Account>) -> Result<Self, ProvisionError> {
        let mut reasons = Vec::new();
        for base in bases {
            let made = match unfit(base, account) {
                Some(reason) => Err(reason),
                None => Self::make_in(base, account).map_err(|error| error.to_string()),
            };
            match made {
                Ok(folder) => return Ok(folder),
                Err(reason) => reasons.push(format!("{}: {reason}", base.display())),
            }
        }
        Err(ProvisionError::NoFolder { reason: reasons.join("; ") })
    }

    fn make_in(base: &Path, account: Option<&Account>) -> std::io::Result<Self> {
        let mode = if account.is_some() { 0o711 } else { 0o700 };
        let path = tempfile::Builder::new()
            .prefix(&format!("{PREFIX}{}-", std::process::id()))
            .rand_bytes(8)
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(base)?
            .keep();
        let folder = Self { path };
        fs::write(folder.path.join(OWNER_FILE), Owner::this().to_text())?;
        fs::set_permissions(&folder.path, Permissions::from_mode(mode))?;
        Ok(folder)
    }

    /// Its name, which no other run has.
    pub(crate) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes a folder inside that only `account`, or only we, may enter.
    pub(crate) fn private(&self, name: &str, account: Option<&Account>) -> Result<PathBuf, ProvisionError> {
        let path = self.path.join(name);
        let make = || {
            fs::create_dir(&path)?;
            fs::set_permissions(&path, Permissions::from_mode(0o700))?;
            account.map_or(Ok(()), |account| account.give(&path))
        };
        make().map_err(ProvisionError::file("make the folder", &path))?;
        Ok(path)
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        shared_memory::release(&self.path.join(DATA_FOLDER));
        remove(&self.path);
    }
}

/// Removes a folder. Processes that are about to end may still put files into it, so a few tries are made.
pub(crate) fn remove(path: &Path) -> bool {
    for _ in 0..50 {
        match fs::remove_dir_all(path) {
            Ok(()) => return true,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !path.exists() => return true,
            Err(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
    false
}

/// Why a folder cannot hold run folders; `None` when it seems that it can.
fn unfit(base: &Path, account: Option<&Account>) -> Option<String> {
    let text = base.as_os_str().as_encoded_bytes();
    if !base.is_absolute() {
        return Some("is not an absolute path".to_owned());
    }
    if text.len() > LONGEST_BASE {
        return Some(format!("its path is longer than {LONGEST_BASE} bytes, too long for a Unix socket"));
    }
    if text.iter().any(|byte| matches!(byte, b'"' | b',')) {
        return Some("its path holds a quotation mark or a comma".to_owned());
    }
    let closed = |folder: &&Path| fs::metadata(folder).is_ok_and(|found| found.mode() & 0o001 == 0);
    let account = account?;
    let wall = base.ancestors().find(closed)?;
    Some(format!("user {} may not pass through {}", account.name, wall.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_folder_names_its_owner_and_goes_with_it() {
        let base = tempfile::tempdir_in("/tmp").unwrap();
        let folder = RunFolder::make(&[base.path().to_owned()], None).unwrap();
        let path = folder.path().to_owned();
        let owner = Owner::parse(&fs::read_to_string(path.join(OWNER_FILE)).unwrap()).unwrap();
        assert_eq!(owner.pid, std::process::id());
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o700);
        fs::create_dir_all(path.join("a/b")).unwrap();
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn places_that_do_not_serve_are_passed_over() {
        let good = tempfile::tempdir_in("/tmp").unwrap();
        let long = PathBuf::from(format!("/tmp/{}", "x".repeat(LONGEST_BASE)));
        let missing = PathBuf::from("/tmp/no-such-folder-here");
        let bases = [PathBuf::from("relative"), long, missing.clone(), good.path().to_owned()];
        let folder = RunFolder::make(&bases, None).unwrap();
        assert_eq!(folder.path().parent(), Some(good.path()));
        let error = RunFolder::make(&[missing], None).unwrap_err().to_string();
        assert!(error.contains("/tmp/no-such-folder-here: "), "{error}");
    }

    #[test]
    fn a_closed_folder_is_no_place_for_another_user() {
        let base = tempfile::tempdir_in("/tmp").unwrap();
        let inner = base.path().join("in");
        fs::create_dir(&inner).unwrap();
        fs::set_permissions(base.path(), Permissions::from_mode(0o700)).unwrap();
        let account = Account { name: "somebody".to_owned(), uid: nix::unistd::getuid(), gid: nix::unistd::getgid() };
        let reason = unfit(&inner, Some(&account)).unwrap();
        assert!(reason.contains("user somebody may not pass through"), "{reason}");
        assert_eq!(unfit(&inner, None), None);
    }
}
