//! What the first scripts of a folder say at their beginning, for formats whose tool reads a comment of its own there.
//!
//! Names like `20260101090000_books.sql` are those of half a dozen tools; what tells them apart stands in the files. Only so
//! much is read as a glance needs, since whole trees are searched for migrations.

use std::fs::File;
use std::io::Read;

use super::{Entry, Kind, Listing};

/// How many scripts are looked into.
const SCRIPTS: usize = 3;

/// How much of each is read, in bytes.
const HEAD: u64 = 16 * 1024;

/// Whether a line at the beginning of one of the first scripts is such a mark. `is_script` says which names are scripts.
pub(super) fn any_line(listing: &Listing, is_script: impl Fn(&str) -> bool, is_mark: impl Fn(&str) -> bool) -> bool {
    let scripts = listing.files().filter(|entry| !entry.is_harmless() && is_script(&entry.name));
    scripts.take(SCRIPTS).any(|entry| head(entry).lines().any(&is_mark))
}

/// The beginning of a file; empty where it cannot be read, which whoever reads the whole file will say.
fn head(entry: &Entry) -> String {
    let mut bytes = Vec::new();
    if matches!(entry.kind, Kind::File) && entry.path.is_file() {
        let read = File::open(&entry.path).and_then(|file| file.take(HEAD).read_to_end(&mut bytes));
        if read.is_err() {
            bytes.clear();
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use crate::history::sandbox::Sandbox;

    use super::*;

    #[test]
    fn only_the_beginnings_of_the_first_scripts_are_looked_at() {
        let marked = |file: &str, text: &str| {
            let folder = Sandbox::with(&["2.sql", "3.sql", "4.txt"]);
            folder.write(&format!("migrations/{file}"), text);
            any_line(&folder.listing(), |name| name.ends_with(".sql"), |line| line == "-- mark")
        };
        assert!(marked("1.sql", "\n-- mark\n"));
        assert!(marked("3.sql", "-- mark"));
        assert!(!marked("4.txt", "-- mark"));
        assert!(!marked("1.sql", &format!("{}\n-- mark\n", "x".repeat(usize::try_from(HEAD).unwrap()))));
        assert!(!marked("1.sql", "a -- mark\n"));
    }
}
