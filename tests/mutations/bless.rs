//! Writes what was seen into the lists, when `ROLLPROOF_BLESS` asks for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use crate::expectation::Expectation;
use crate::ground::Place;
use crate::line::Line;
use crate::version::Version;

/// What was seen of one line, by version.
type OfLine = BTreeMap<Version, Vec<String>>;

/// What was seen of each line.
#[derive(Debug, Default)]
pub(crate) struct Seen(BTreeMap<PathBuf, BTreeMap<String, OfLine>>);

impl Seen {
    /// Keeps what was seen of a line.
    pub(crate) fn add(&mut self, line: &Line, place: &Place, changes: &[String]) {
        let of_line = self.0.entry(line.file.clone()).or_default().entry(line.id.clone()).or_default();
        of_line.insert(place.version.clone(), changes.to_vec());
    }
}

/// Rewrites the cells whose expectation did not come true. Versions that were not played keep what is expected of them where
/// the lists say it of all versions alike.
pub(crate) fn write(seen: &Seen) {
    for (file, of_file) in &seen.0 {
        let text = fs::read_to_string(file).unwrap();
        let mut lines = text.lines();
        let header = lines.next().unwrap_or_default();
        let at = header.split('\t').position(|name| name == "changes").unwrap();
        let rewritten = lines.map(|line| {
            let mut cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
            cells.resize(cells.len().max(at + 1), String::new());
            if let Some(of_line) = of_file.get(&cells[0]) {
                cells[at] = cell(&cells[at], of_line);
            }
            cells.join("\t")
        });
        let rewritten: Vec<String> = std::iter::once(header.to_owned()).chain(rewritten).collect();
        fs::write(file, rewritten.join("\n") + "\n").unwrap();
    }
}

fn cell(present: &str, seen: &OfLine) -> String {
    let expectation = Expectation::of(present);
    let set = |changes: &[String]| changes.iter().cloned().collect::<BTreeSet<String>>();
    if seen.iter().all(|(version, changes)| set(&expectation.on(version)) == set(changes)) {
        return present.to_owned();
    }
    Expectation::from_seen(seen)
}
