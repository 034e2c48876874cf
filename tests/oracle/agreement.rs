//! Whether two descriptions of the same states draw the line between equal and different at the same places.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use rollproof::schema::{Diff, Snapshot};

use super::exceptions::{Exception, Side};
use super::watched::State;

/// How many lines of a difference are shown.
const SHOWN: usize = 60;

/// What came of comparing all states of one run.
#[derive(Debug, Default)]
pub(crate) struct Agreement {
    /// Each pair of states that one side tells apart and the other does not, in words.
    pub(crate) disagreements: Vec<String>,
    /// The exceptions that occurred, by their index.
    pub(crate) excepted: BTreeSet<usize>,
    /// How many different states there are by the snapshots.
    pub(crate) different: usize,
}

/// Compares the states in all pairs: snapshots are equal if and only if descriptions are. Where more states than two
/// belong together one of each sort stands for the others.
pub(crate) fn compare(states: &[State], exceptions: &[Exception]) -> Agreement {
    let mut by_snapshot: Vec<&Snapshot> = Vec::new();
    let mut by_description: BTreeMap<&[String], usize> = BTreeMap::new();
    let mut sorts: BTreeMap<(usize, usize), &State> = BTreeMap::new();
    for state in states {
        let ours = by_snapshot.iter().position(|other| **other == state.snapshot).unwrap_or_else(|| {
            by_snapshot.push(&state.snapshot);
            by_snapshot.len() - 1
        });
        let number = by_description.len();
        let theirs = *by_description.entry(state.described.as_slice()).or_insert(number);
        sorts.entry((ours, theirs)).or_insert(state);
    }
    let mut agreement = Agreement { different: by_snapshot.len(), ..Agreement::default() };
    let sorts: Vec<_> = sorts.into_iter().collect();
    for (at, ((ours, theirs), one)) in sorts.iter().enumerate() {
        for ((other_ours, other_theirs), other) in &sorts[at + 1..] {
            if (ours == other_ours) == (theirs == other_theirs) {
                continue;
            }
            let found = if ours == other_ours {
                only_described(one, other, exceptions)
            } else {
                only_in_snapshot(one, other, exceptions)
            };
            match found {
                Ok(excepted) => agreement.excepted.extend(excepted),
                Err(told) => agreement.disagreements.push(told),
            }
        }
    }
    agreement
}

/// The snapshots differ and the descriptions do not: by which exceptions that may be.
fn only_in_snapshot(one: &State, other: &State, exceptions: &[Exception]) -> Result<BTreeSet<usize>, String> {
    let mut excepted = BTreeSet::new();
    let mut unexplained = Vec::new();
    for (kind, attribute, object) in differences(&one.snapshot, &other.snapshot) {
        let fits = |exception: &Exception| match &exception.only {
            Side::Snapshot { kind: of, attribute: named } => *of == kind && *named == attribute,
            Side::Dump { .. } => false,
        };
        match exceptions.iter().position(fits) {
            Some(exception) => {
                excepted.insert(exception);
            }
            None => unexplained.push(format!("{kind}, {attribute}: {object}")),
        }
    }
    if unexplained.is_empty() {
        return Ok(excepted);
    }
    let mut told = format!("{}\nThe snapshots differ, the dumps do not:\n", moments(one, other));
    for change in Diff::between(&one.snapshot, &other.snapshot).changes.iter().take(SHOWN) {
        let _ = writeln!(told, "    {change}");
    }
    let _ = writeln!(told, "no exception names (kind, attribute):\n    {}", unexplained.join("\n    "));
    Err(told)
}

/// The descriptions differ and the snapshots do not.
fn only_described(one: &State, other: &State, exceptions: &[Exception]) -> Result<BTreeSet<usize>, String> {
    let mut excepted = BTreeSet::new();
    let mut unexplained = Vec::new();
    for line in differing_lines(&one.described, &other.described) {
        let fits = |exception: &Exception| match &exception.only {
            Side::Snapshot { .. } => false,
            Side::Dump { contains } => line.contains(contains.as_str()),
        };
        match exceptions.iter().position(fits) {
            Some(exception) => {
                excepted.insert(exception);
            }
            None => unexplained.push(line),
        }
    }
    if unexplained.is_empty() {
        return Ok(excepted);
    }
    unexplained.truncate(SHOWN);
    let moments = moments(one, other);
    Err(format!("{moments}\nThe dumps differ, the snapshots do not:\n    {}\n", unexplained.join("\n    ")))
}

fn moments(one: &State, other: &State) -> String {
    format!("after {} / after {}", one.after, other.after)
}

/// Every attribute that differs, as kind, attribute and object; the attribute is `*` where the object came or went.
fn differences(one: &Snapshot, other: &Snapshot) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    one.each_difference(other, |old, new| match (old, new) {
        (Some((id, old)), Some((_, new))) => {
            let names: BTreeSet<_> = old.attributes.keys().chain(new.attributes.keys()).collect();
            let differing = names.into_iter().filter(|name| old.attributes.get(*name) != new.attributes.get(*name));
            found.extend(differing.map(|name| (id.kind.to_string(), name.to_string(), id.to_string())));
        }
        (Some((id, _)), None) | (None, Some((id, _))) => {
            found.push((id.kind.to_string(), "*".to_owned(), id.to_string()));
        }
        (None, None) => (),
    });
    found
}

/// The lines of the parts that are on one side only, each with the first line of its part; lines that both sides have in
/// parts of that name are left away.
fn differing_lines(one: &[String], other: &[String]) -> Vec<String> {
    let gather = |mine: &[String], theirs: &[String], sign: char| -> Vec<(String, String, char)> {
        let only = mine.iter().filter(|part| theirs.binary_search(part).is_err());
        only.flat_map(|part| {
            let title = part.lines().next().unwrap_or_default();
            part.lines().map(move |line| (title.to_owned(), line.to_owned(), sign))
        })
        .collect()
    };
    let (left, right) = (gather(one, other, '-'), gather(other, one, '+'));
    let has = |side: &[(String, String, char)], title: &str, line: &str| {
        side.iter().any(|(other_title, other, _)| other_title == title && other == line)
    };
    let mut lines: Vec<&(String, String, char)> = left
        .iter()
        .filter(|(title, line, _)| !has(&right, title, line))
        .chain(right.iter().filter(|(title, line, _)| !has(&left, title, line)))
        .collect();
    if lines.is_empty() {
        // The same lines in another order.
        lines = left.iter().chain(&right).collect();
    }
    lines.sort_by(|a, b| a.0.cmp(&b.0));
    lines.into_iter().map(|(title, line, sign)| format!("{sign} [{title}] {line}")).collect()
}
