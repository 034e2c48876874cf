//! The files that changed since a commit.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use super::command::git_or_fail;
use super::{GitError, Repository};

impl Repository {
    /// The files in `folders` that differ from `commit` in the work tree, committed or not, those that are gone and those
    /// that git does not know yet included. Each begins with the folder as it is written here; a file in two folders comes
    /// with both. Folders that are not of this repository are passed over.
    ///
    /// # Errors
    /// Git fails.
    pub async fn changed_files(&self, commit: &str, folders: &[PathBuf]) -> Result<BTreeSet<PathBuf>, GitError> {
        let mut places: Vec<(PathBuf, &Path)> = Vec::new();
        for folder in folders {
            // Where links lead today is where a change shows.
            let below = self.below_top(folder).into_iter().flatten().next();
            places.extend(below.map(|place| (place, folder.as_path())));
        }
        if places.is_empty() {
            return Ok(BTreeSet::new());
        }
        let dot = |place: &Path| if place.as_os_str().is_empty() { OsString::from(".") } else { place.into() };
        let within: Vec<OsString> = places.iter().map(|(place, _)| dot(place)).collect();
        let with = |args: &[&str]| -> Vec<OsString> {
            args.iter().map(OsString::from).chain(within.iter().cloned()).collect()
        };
        let differ = ["-c", "diff.relative=false", "diff", "--name-only", "-z", "--no-renames", "--no-ext-diff"];
        let differ = with(&[&differ, &["--ignore-submodules=dirty", commit, "--"][..]].concat());
        let new = with(&["ls-files", "--others", "--exclude-standard", "-z", "--"]);
        let mut changed = BTreeSet::new();
        for args in [differ, new] {
            for record in git_or_fail(&self.top, &args, &[]).await?.records() {
                let file = Path::new(OsStr::from_bytes(record));
                changed
                    .extend(places.iter().filter_map(|(place, folder)| named(file.strip_prefix(place).ok()?, folder)));
            }
        }
        Ok(changed)
    }
}

/// The file as findings name it: behind the folder, which is left away where it is the one that the command runs in.
fn named(below: &Path, folder: &Path) -> Option<PathBuf> {
    let path = if folder == Path::new(".") { below.to_owned() } else { folder.join(below) };
    // A repository in the folder is listed with a slash at its end.
    let bytes = path.into_os_string().into_vec();
    (bytes.last() != Some(&b'/')).then(|| PathBuf::from(OsString::from_vec(bytes)))
}
