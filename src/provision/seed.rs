//! Seeds: data folders as a server's own installer leaves them, kept between runs and copied for each.
//!
//! A seed is a folder with `data` and a file `complete`, which is written last and says how many files and bytes there
//! are. It is made beside its place and renamed into it, so that it is there as a whole or not at all. A copy counts what
//! it copies: a seed that lost a file since (cleaners do that to cache folders) does not pass for a whole one.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::account::Account;
use super::run_folder::remove;

/// What the names of seeds in the making begin with.
pub(crate) const MAKING_PREFIX: &str = ".making-";
/// What the names of broken seeds begin with that are about to be removed.
const BROKEN_PREFIX: &str = ".making-broken-";
/// The file that a whole seed has.
pub(crate) const COMPLETE: &str = "complete";
/// The folder that a seed copies.
pub(crate) const DATA: &str = "data";

/// How much a folder holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    files: u64,
    bytes: u64,
}

impl Tally {
    fn to_text(self) -> String {
        format!("files {}\nbytes {}\n", self.files, self.bytes)
    }

    fn add(&mut self, other: Self) {
        self.files += other.files;
        self.bytes += other.bytes;
    }
}

/// Where one seed is, or would be.
#[derive(Clone, Debug)]
pub(crate) struct Seed {
    cache: PathBuf,
    name: String,
}

impl Seed {
    /// The cache folder, made if need be. `None` when it cannot serve: it cannot be made, or it belongs to somebody else,
    /// whose seeds we must not trust and whose cache we must not fill with our files (`sudo` keeps the caller's home).
    pub(crate) fn usable_cache(cache: &Path) -> Option<&Path> {
        let user = nix::unistd::geteuid().as_raw();
        let nearest = cache.ancestors().find(|folder| folder.exists())?;
        if fs::metadata(nearest).ok()?.uid() != user {
            return None;
        }
        DirBuilder::new().recursive(true).mode(0o700).create(cache).ok()?;
        Some(cache)
    }

    /// The seed of this name in a cache folder that exists.
    pub(crate) fn new(cache: &Path, name: String) -> Self {
        Self { cache: cache.to_owned(), name }
    }

    fn path(&self) -> PathBuf {
        self.cache.join(&self.name)
    }

    /// Copies the seed's data into the empty folder `to` and gives it to `account`; whether a whole seed was there and was
    /// copied. Where it was not, what was copied so far is left for the caller to remove: another process may be
    /// replacing the seed at this moment, so a missing file is no more than a missing seed.
    pub(crate) fn copy_to(&self, to: &Path, account: Option<&Account>) -> bool {
        let Ok(complete) = fs::read_to_string(self.path().join(COMPLETE)) else { return false };
        copy_folder(&self.path().join(DATA), to, account).is_ok_and(|copied| copied.to_text() == complete)
    }

    /// Publishes the data in `from` as this seed, in place of what may be there.
    ///
    /// Two makers at once do no harm: each has a folder of its own, one rename wins, and the seeds are alike.
    ///
    /// # Errors
    /// When the cache cannot be written; the cache is then as it was before.
    pub(crate) fn publish(&self, from: &Path) -> io::Result<()> {
        let making = tempfile::Builder::new().prefix(MAKING_PREFIX).tempdir_in(&self.cache)?;
        DirBuilder::new().mode(0o700).create(making.path().join(DATA))?;
        let tally = copy_folder(from, &making.path().join(DATA), None)?;
        fs::write(making.path().join(COMPLETE), tally.to_text())?;
        self.discard();
        fs::rename(making.path(), self.path()).or_else(|error| {
            // Somebody else was faster.
            if self.path().join(COMPLETE).exists() { Ok(()) } else { Err(error) }
        })
    }

    /// Removes the seed if there is one, out of the way first, so that nobody meets a half-removed one.
    pub(crate) fn discard(&self) {
        let Ok(aside) = tempfile::Builder::new().prefix(BROKEN_PREFIX).tempdir_in(&self.cache) else { return };
        if fs::rename(self.path(), aside.path().join("seed")).is_ok() {
            remove(aside.path());
        }
    }
}

/// Copies the files of a folder into another that exists; gives what the copy now belongs to and how much it was.
fn copy_folder(from: &Path, to: &Path, account: Option<&Account>) -> io::Result<Tally> {
    let mut tally = Tally::default();
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            DirBuilder::new().mode(0o700).create(&target)?;
            tally.add(copy_folder(&source, &target, account)?);
        } else if kind.is_file() {
            tally.add(Tally { files: 1, bytes: fs::copy(&source, &target)? });
        } else {
            return Err(io::Error::other(format!("{} is neither file nor folder", source.display())));
        }
        if let Some(account) = account {
            account.give(&target)?;
        }
    }
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(base: &Path) -> PathBuf {
        let data = base.join("made");
        fs::create_dir_all(data.join("base/1")).unwrap();
        fs::create_dir(data.join("empty")).unwrap();
        fs::write(data.join("PG_VERSION"), "15\n").unwrap();
        fs::write(data.join("base/1/1259"), vec![7; 8192]).unwrap();
        data
    }

    fn seed_in(cache: &Path) -> Seed {
        Seed::new(Seed::usable_cache(cache).unwrap(), "one".to_owned())
    }

    fn copy(seed: &Seed) -> (bool, tempfile::TempDir) {
        let to = tempfile::tempdir().unwrap();
        (seed.copy_to(to.path(), None), to)
    }

    #[test]
    fn a_seed_is_published_and_copied() {
        let base = tempfile::tempdir().unwrap();
        let seed = seed_in(&base.path().join("a/cache"));
        assert!(!copy(&seed).0, "there is none yet");
        seed.publish(&data(base.path())).unwrap();
        let (whole, to) = copy(&seed);
        assert!(whole);
        assert_eq!(fs::read(to.path().join("base/1/1259")).unwrap(), vec![7; 8192]);
        assert!(to.path().join("empty").is_dir());
        let left: Vec<_> = fs::read_dir(&seed.cache).unwrap().flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(left, ["one"], "nothing else stays in the cache");
    }

    #[test]
    fn a_broken_seed_does_not_pass_and_is_replaced() {
        let base = tempfile::tempdir().unwrap();
        let seed = seed_in(&base.path().join("cache"));
        let made = data(base.path());
        let breakers: [fn(&Path); 4] = [
            |seed| fs::remove_file(seed.join("data/PG_VERSION")).unwrap(),
            |seed| fs::write(seed.join("data/base/1/1259"), "short").unwrap(),
            |seed| fs::remove_file(seed.join(COMPLETE)).unwrap(),
            |seed| fs::write(seed.join(COMPLETE), "files").unwrap(),
        ];
        for break_it in breakers {
            seed.publish(&made).unwrap();
            assert!(copy(&seed).0);
            break_it(&seed.path());
            assert!(!copy(&seed).0);
        }
        seed.publish(&made).unwrap();
        assert!(copy(&seed).0);
    }

    #[test]
    fn makers_at_the_same_time_leave_one_whole_seed() {
        let base = tempfile::tempdir().unwrap();
        let seed = seed_in(&base.path().join("cache"));
        let made = data(base.path());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..10 {
                        // A seed that another maker is replacing right now cannot be published over; that is all.
                        let _ = seed.publish(&made);
                    }
                });
            }
        });
        assert!(copy(&seed).0);
    }

    #[test]
    fn a_cache_of_somebody_else_is_left_alone() {
        if !nix::unistd::geteuid().is_root() {
            // Only root can give a folder away; the system's own folders serve as well.
            assert!(Seed::usable_cache(Path::new("/usr/rollproof")).is_none());
            return;
        }
        let base = tempfile::tempdir().unwrap();
        std::os::unix::fs::chown(base.path(), Some(65_534), None).unwrap();
        assert!(Seed::usable_cache(&base.path().join("cache")).is_none());
        assert!(!base.path().join("cache").exists());
    }
}
