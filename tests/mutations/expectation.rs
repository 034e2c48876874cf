//! What a list expects a difference to tell, and a difference in the same words.

use std::collections::{BTreeMap, BTreeSet};

use rollproof::schema::{Change, ChangeKind, Diff};

use crate::line::BETWEEN;
use crate::version::Version;

/// The cell `changes` of a line: changes, those of some versions only with a mark in front: `[since 18] `, `[until 17] `.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expectation(String);

impl Expectation {
    /// The expectation that a cell holds.
    pub(crate) fn of(cell: &str) -> Self {
        Self(cell.to_owned())
    }

    /// The changes that are expected of this version.
    pub(crate) fn on(&self, version: &Version) -> Vec<String> {
        let changes = self.0.split(BETWEEN).filter(|change| !change.is_empty());
        let kept = changes.filter_map(|change| {
            let Some((marks, change)) = change.strip_prefix('[').and_then(|rest| rest.split_once("] ")) else {
                return Some(change.to_owned());
            };
            let bound = |word: &str| marks.split(", ").find_map(|mark| mark.strip_prefix(word)).unwrap_or_default();
            version.is_within(bound("since "), bound("until ")).then(|| change.to_owned())
        });
        sorted(kept)
    }

    /// The cell for what was seen on these versions. Of two neighbours, what differs between them changed with the later one.
    pub(crate) fn from_seen(seen: &BTreeMap<Version, Vec<String>>) -> String {
        let versions: Vec<&Version> = seen.keys().collect();
        let all: BTreeSet<&String> = seen.values().flatten().collect();
        let mut cells = Vec::new();
        for change in all {
            let has: Vec<bool> = seen.values().map(|changes| changes.contains(change)).collect();
            // One part of the cell for each unbroken row of versions that show the change.
            let mut at = 0;
            while at < has.len() {
                let end = at + has[at..].iter().take_while(|has| **has).count();
                if end == at {
                    at += 1;
                    continue;
                }
                let since = (at > 0).then(|| format!("since {}", versions[at]));
                let until = (end < has.len()).then(|| format!("until {}", versions[end - 1]));
                let marks: Vec<String> = since.into_iter().chain(until).collect();
                cells.push(if marks.is_empty() { change.clone() } else { format!("[{}] {change}", marks.join(", ")) });
                at = end;
            }
        }
        cells.join(BETWEEN)
    }
}

/// A difference in the words of the lists, sorted.
pub(crate) fn told(diff: &Diff) -> Vec<String> {
    sorted(diff.changes.iter().map(one))
}

fn sorted(changes: impl Iterator<Item = String>) -> Vec<String> {
    let mut changes: Vec<String> = changes.collect();
    changes.sort();
    changes
}

/// One change. Values are not told: whether they are right, the server's own texts say.
fn one(change: &Change) -> String {
    let object = &change.object;
    match &change.kind {
        ChangeKind::Added(_) => format!("+ {object}"),
        ChangeKind::Removed(_) => format!("- {object}"),
        ChangeKind::Renamed { from } if from.parent() == object.parent() && from.path.len() == object.path.len() => {
            let parts = from.path.iter().zip(&object.path).skip_while(|(old, new)| old == new);
            let to: Vec<&str> = parts.map(|(_, new)| &**new).collect();
            format!("rename {from} -> {}", to.join("."))
        }
        ChangeKind::Renamed { from } => format!("rename {from} -> {object}"),
        ChangeKind::Altered { attribute, .. } => format!("{object}: {attribute}"),
    }
}
