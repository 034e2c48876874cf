//! What a list expects a difference to tell, and a difference in the same words.

use std::collections::{BTreeMap, BTreeSet};

use rollproof::schema::{Change, ChangeKind, Diff};

use crate::line::BETWEEN;
use crate::version::Version;

/// The cell `changes` of a line: changes, those of some versions only with a mark in front: `[since 18] `, `[until 17] `,
/// those of one product with its name: `[mariadb] `, `[mariadb, since 11.8] `.
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
            let of_others = marks.split(", ").any(|mark| !mark.contains(' ') && version.product() != Some(mark));
            (!of_others && version.is_within(bound("since "), bound("until "))).then(|| change.to_owned())
        });
        sorted(kept)
    }

    /// The cell for what was seen on these versions. Of two neighbours, what differs between them changed with the later one.
    pub(crate) fn from_seen(seen: &BTreeMap<Version, Vec<String>>) -> String {
        let all: BTreeSet<&String> = seen.values().flatten().collect();
        let products: BTreeSet<Option<&str>> = seen.keys().map(Version::product).collect();
        let mut cells = Vec::new();
        for change in all {
            if seen.values().all(|changes| changes.contains(change)) {
                cells.push(change.clone());
                continue;
            }
            for product in &products {
                let of_product: Vec<(&Version, bool)> = seen
                    .iter()
                    .filter(|(version, _)| version.product() == *product)
                    .map(|(version, changes)| (version, changes.contains(change)))
                    .collect();
                cells.extend(rows(&of_product).into_iter().map(|bounds| {
                    let marks: Vec<String> = product.map(str::to_owned).into_iter().chain(bounds).collect();
                    if marks.is_empty() { change.clone() } else { format!("[{}] {change}", marks.join(", ")) }
                }));
            }
        }
        cells.join(BETWEEN)
    }
}

/// The bounds of each unbroken row of versions that show a change.
fn rows(versions: &[(&Version, bool)]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < versions.len() {
        let end = at + versions[at..].iter().take_while(|(_, has)| *has).count();
        if end == at {
            at += 1;
            continue;
        }
        let since = (at > 0).then(|| format!("since {}", versions[at].0.number()));
        let until = (end < versions.len()).then(|| format!("until {}", versions[end - 1].0.number()));
        found.push(since.into_iter().chain(until).collect());
        at = end;
    }
    found
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
