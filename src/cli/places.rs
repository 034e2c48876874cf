//! Whether two paths that were typed are one file: what is written to one of them would be gone from the other.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

/// How many links may lead to one another; Linux follows no more.
const LONGEST_CHAIN: usize = 40;

/// Whether both lead to the same file, be it that there is none yet.
pub(super) fn same(one: &Path, other: &Path) -> bool {
    if place(one, LONGEST_CHAIN) == place(other, LONGEST_CHAIN) {
        return true;
    }
    // Two names of one file, as hard links give it, and a file system that takes `A` for `a`.
    let regular = |path: &Path| fs::metadata(path).ok().filter(fs::Metadata::is_file);
    let both = regular(one).zip(regular(other));
    both.is_some_and(|(one, other)| (one.dev(), one.ino()) == (other.dev(), other.ino()))
}

/// Where a path leads: without links as far as it is there, and as it is written behind that.
fn place(path: &Path, links: usize) -> PathBuf {
    let Ok(whole) = std::path::absolute(path) else { return path.to_owned() };
    let mut place = PathBuf::new();
    for part in whole.components() {
        if part == Component::ParentDir {
            place.pop();
            continue;
        }
        let next = place.join(part);
        place = match (fs::canonicalize(&next), fs::read_link(&next)) {
            (Ok(there), _) => there,
            // What is written to a link that leads to nothing comes to be where it leads.
            (Err(_), Ok(target)) if links > 0 => self::place(&place.join(target), links - 1),
            (Err(_), _) => next,
        };
    }
    place
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn one_file_has_many_names() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("in")).unwrap();
        fs::write(at("there"), "").unwrap();
        fs::hard_link(at("there"), at("hard")).unwrap();
        symlink("in", at("linked")).unwrap();
        symlink("../there", at("in/soft")).unwrap();
        symlink("in/later", at("dangling")).unwrap();
        symlink("circle", at("circle")).unwrap();
        for (one, other) in [
            ("there", "./there"),
            ("there", "in/../there"),
            ("there", "in/soft"),
            ("there", "hard"),
            ("none", "in/../none"),
            ("none", "linked/../none"),
            ("new/none", "new/deep/../none"),
            ("in/later", "linked/later"),
            ("in/later", "dangling"),
            ("circle", "./circle"),
        ] {
            assert!(same(&at(one), &at(other)), "{one} {other}");
        }
        for (one, other) in
            [("there", "none"), ("none", "in/none"), ("in/later", "in/soft"), ("new/none", "new/deep/none")]
        {
            assert!(!same(&at(one), &at(other)), "{one} {other}");
        }
        assert!(same(Path::new("none"), &std::env::current_dir().unwrap().join("none")));
    }
}
