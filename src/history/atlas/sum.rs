//! `atlas.sum`: what the files were when somebody last looked at them together.
//!
//! Its first line is `h1:` and a hash of all that follows; each further line is a name, ` h1:` and a hash (`HashFile` in
//! `sql/migrate/dir.go`, Atlas 1.2). One SHA-256 runs through the files in their order: it takes a file's name, then its bytes,
//! and what it comes to then, in Base64, is that file's hash. The first line's takes each name and each of those hashes. A file
//! whose first line says `atlas:sum ignore` gives its name only and has no line.

use sha2::{Digest, Sha256};

use super::{SUM, directive, scripts};
use crate::history::{HistoryError, Listing};

/// A line of the file.
#[derive(Clone, Debug, PartialEq)]
struct Hashed {
    name: String,
    hash: String,
}

const AGAIN: &str = "look at what changed, then run `atlas migrate hash`";

/// Compares the folder with its sum.
pub(super) fn verify(listing: &Listing) -> Result<(), HistoryError> {
    let now = hashes(listing)?;
    let Some(file) = listing.files().find(|entry| entry.name == SUM) else {
        if now.is_empty() {
            return Ok(());
        }
        let (path, reason) =
            (listing.shown.join(SUM), "atlas does nothing without this file, and it is missing".to_owned());
        return Err(HistoryError::Unusable {
            path,
            line: 1,
            reason,
            next_step: "run `atlas migrate hash`, which writes it",
        });
    };
    let unusable =
        |line, reason: String| Err(HistoryError::Unusable { path: file.shown.clone(), line, reason, next_step: AGAIN });
    let text = file.text()?;
    let mut lines = text.lines();
    let whole = lines.next().unwrap_or_default().trim_start_matches("h1:").to_owned();
    let mut noted = Vec::new();
    for (index, line) in lines.enumerate() {
        let Some((name, hash)) = line.split_once("h1:") else {
            return unusable(index + 2, "atlas stops at a line that is not a name, ` h1:` and a hash".to_owned());
        };
        noted.push(Hashed { name: name.trim().to_owned(), hash: hash.to_owned() });
    }
    if whole != of_all(&noted) {
        return unusable(1, "atlas stops, since this line is not the sum of the others".to_owned());
    }
    match noted.iter().zip(&now).position(|(noted, now)| noted != now) {
        None if noted.len() == now.len() => Ok(()),
        None if noted.len() < now.len() => {
            unusable(noted.len() + 2, format!("atlas stops, since {} is not in its sum", now[noted.len()].name))
        }
        None => unusable(now.len() + 2, format!("atlas stops, since {} is gone", noted[now.len()].name)),
        Some(at) => {
            let name = &noted[at].name;
            let what = match now.iter().position(|now| now.name == *name) {
                None => format!("{name} is gone"),
                Some(place) if place == at => format!("{name} is not what it was"),
                Some(_) => format!("{} was added before {name}", now[at].name),
            };
            unusable(at + 2, format!("atlas stops, since {what}"))
        }
    }
}

/// What the file would be.
#[cfg(test)]
pub(super) fn of(listing: &Listing) -> Result<String, HistoryError> {
    let now = hashes(listing)?;
    let lines: String = now.iter().map(|file| format!("{} h1:{}\n", file.name, file.hash)).collect();
    Ok(format!("h1:{}\n{lines}", of_all(&now)))
}

fn hashes(listing: &Listing) -> Result<Vec<Hashed>, HistoryError> {
    let mut running = Sha256::new();
    let mut hashed = Vec::new();
    for entry in scripts(listing) {
        let bytes = entry.bytes()?;
        running.update(entry.name.as_bytes());
        let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        if directive(&String::from_utf8_lossy(first), "sum").is_some_and(|mode| mode == "ignore") {
            continue;
        }
        running.update(&bytes);
        hashed.push(Hashed { name: entry.name.clone(), hash: base64(&running.clone().finalize()) });
    }
    Ok(hashed)
}

fn of_all(files: &[Hashed]) -> String {
    let mut whole = Sha256::new();
    for file in files {
        whole.update(file.name.as_bytes());
        whole.update(file.hash.as_bytes());
    }
    base64(&whole.finalize())
}

/// Bytes in Base64 (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let of = |index: usize| u32::from(three.get(index).copied().unwrap_or(0));
        let bits = of(0) << 16 | of(1) << 8 | of(2);
        for (index, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let letter = LETTERS[(bits >> shift & 63) as usize];
            text.push(if index <= three.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::history::sandbox::Sandbox;

    use super::*;

    fn folder() -> Sandbox {
        let folder = Sandbox::empty();
        folder.write("migrations/1_a.sql", "CREATE TABLE a (id int);\n");
        folder.write("migrations/2_b.sql", "CREATE TABLE b (id int);\n");
        folder.write("migrations/atlas.sum", of(&folder.listing()).unwrap());
        folder
    }

    fn problem(change: impl Fn(&Sandbox)) -> String {
        let folder = folder();
        change(&folder);
        verify(&folder.listing()).map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn a_folder_that_is_not_what_its_sum_says_is_told_with_the_line() {
        assert_eq!(problem(|_| ()), "");
        let gone = |folder: &Sandbox, file: &str| std::fs::remove_file(folder.migrations().join(file)).unwrap();
        type Case<'a> = (&'a dyn Fn(&Sandbox), &'a str);
        let cases: [Case<'_>; 7] = [
            (
                &|folder| folder.write("migrations/1_a.sql", "SELECT 1;"),
                "migrations/atlas.sum:2: atlas stops, since 1_a.sql is not what it was; look at",
            ),
            (
                &|folder| folder.write("migrations/3_c.sql", "SELECT 1;"),
                "migrations/atlas.sum:4: atlas stops, since 3_c.sql is not in its sum; look at",
            ),
            (
                &|folder| folder.write("migrations/1_b.sql", "SELECT 1;"),
                "migrations/atlas.sum:3: atlas stops, since 1_b.sql was added before 2_b.sql",
            ),
            (&|folder| gone(folder, "2_b.sql"), "migrations/atlas.sum:3: atlas stops, since 2_b.sql is gone"),
            (&|folder| gone(folder, "1_a.sql"), "migrations/atlas.sum:2: atlas stops, since 1_a.sql is gone"),
            (
                &|folder| gone(folder, "atlas.sum"),
                "migrations/atlas.sum:1: atlas does nothing without this file, and it is missing; run `atlas",
            ),
            (
                &|folder| folder.write("migrations/atlas.sum", "h1:x\n1_a.sql h1:y\n"),
                "migrations/atlas.sum:1: atlas stops, since this line is not",
            ),
        ];
        for (change, expected) in cases {
            let found = problem(change);
            assert!(found.starts_with(expected), "{found}");
        }
    }

    #[test]
    fn a_file_that_is_ignored_counts_with_its_name() {
        let ignored = "-- atlas:sum ignore\nSELECT 1;\n";
        let folder = folder();
        folder.write("migrations/3_c.sql", ignored);
        folder.write("migrations/atlas.sum", of(&folder.listing()).unwrap());
        folder.write("migrations/3_c.sql", format!("{ignored}SELECT 2;\n"));
        verify(&folder.listing()).unwrap();
    }
}
