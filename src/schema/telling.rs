//! A difference as a person counts it: what follows is told with its cause, and what many objects have in common once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::words::altered;
use super::{Change, ChangeKind, Class, Diff, ObjectId};

/// So many objects with the same alteration are told in one sentence.
const MANY: usize = 3;
/// Names that a sentence lists before it counts.
const NAMES: usize = 3;
/// Lines of a definition around a changed one.
const CONTEXT: usize = 1;

/// One difference, as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// How grave it is.
    pub class: Class,
    /// The object that differs; the first of them where many do.
    pub object: ObjectId,
    /// `+` for what is there and was not before, `-` for what is gone, `~` for what is otherwise.
    pub sign: char,
    /// What, where, before and after, on one line.
    pub sentence: String,
    /// The names that the sentence only counts. Where a text of several lines differs: its lines, each with `+`, `-` or a
    /// space in front.
    pub lines: Vec<String>,
}

impl Diff {
    /// The differences as a person counts them, the gravest first.
    pub fn told(&self) -> Vec<Told> {
        let mut followers: BTreeMap<&ObjectId, BTreeSet<&ObjectId>> = BTreeMap::new();
        let mut alike: BTreeMap<(Class, &str, String), Vec<&Change>> = BTreeMap::new();
        for change in &self.changes {
            match &change.follows {
                Some(cause) => {
                    followers.entry(cause).or_default().insert(&change.object);
                }
                None => alike.extend(alteration(change).map(|key| (key, Vec::new()))),
            }
        }
        for change in self.changes.iter().filter(|change| change.follows.is_none()) {
            if let Some(same) = alteration(change).and_then(|key| alike.get_mut(&key)) {
                same.push(change);
            }
        }
        let mut told_with: BTreeSet<&ObjectId> = BTreeSet::new();
        let mut told = Vec::new();
        for change in self.changes.iter().filter(|change| change.follows.is_none()) {
            let same = alteration(change).and_then(|key| alike.get(&key)).filter(|same| same.len() >= MANY);
            match same {
                Some(same) if std::ptr::eq(same[0], change) => {
                    let with = same.iter().filter(|change| told_with.insert(&change.object));
                    let with: BTreeSet<&ObjectId> =
                        with.filter_map(|change| followers.get(&change.object)).flatten().copied().collect();
                    told.push(many(change, same, &with));
                }
                Some(_) => (),
                None => {
                    let with = followers.get(&change.object).filter(|_| told_with.insert(&change.object));
                    told.push(one(change, with));
                }
            }
        }
        told
    }
}

/// What alterations of several objects have in common.
fn alteration(change: &Change) -> Option<(Class, &str, String)> {
    match &change.kind {
        ChangeKind::Altered { attribute, before, after } => {
            let value = |value: &Option<Value>| value.as_ref().map(Value::to_string).unwrap_or_default();
            Some((change.class, attribute, format!("{}\u{0}{}", value(before), value(after))))
        }
        _ => None,
    }
}

fn one(change: &Change, with: Option<&BTreeSet<&ObjectId>>) -> Told {
    let (sign, mut lines) = match &change.kind {
        ChangeKind::Added(_) => ('+', Vec::new()),
        ChangeKind::Removed(_) => ('-', Vec::new()),
        ChangeKind::Renamed { .. } => ('~', Vec::new()),
        ChangeKind::Altered { before, after, .. } => ('~', differing_lines(before.as_ref(), after.as_ref())),
    };
    let with: Vec<&ObjectId> = with.into_iter().flatten().copied().filter(|id| **id != change.object).collect();
    lines.extend(further(&with));
    let with = if with.is_empty() { String::new() } else { format!("; with it {}", names(&with)) };
    Told { class: change.class, object: change.object.clone(), sign, sentence: format!("{change}{with}"), lines }
}

fn many(change: &Change, same: &[&Change], with: &BTreeSet<&ObjectId>) -> Told {
    let ChangeKind::Altered { attribute, before, after } = &change.kind else { return one(change, Some(with)) };
    let what = altered(&attribute.replace('_', " "), before.as_ref(), after.as_ref());
    let objects: Vec<&ObjectId> = same.iter().map(|change| &change.object).collect();
    let with: Vec<&ObjectId> = with.iter().copied().filter(|id| !objects.contains(id)).collect();
    let lines = further(&objects).chain(further(&with)).collect();
    let with = if with.is_empty() { String::new() } else { format!("; with them {}", names(&with)) };
    let sentence = format!("{what}, on {} objects: {}{with}", objects.len(), names(&objects));
    Told { class: change.class, object: change.object.clone(), sign: '~', sentence, lines }
}

fn names(objects: &[&ObjectId]) -> String {
    let some: Vec<String> = objects.iter().take(listed(objects)).map(ToString::to_string).collect();
    match objects.len() - some.len() {
        0 => some.join(", "),
        more => format!("{} and {more} more", some.join(", ")),
    }
}

/// How many of them a sentence names: counting a single one takes as much room as naming it.
fn listed(objects: &[&ObjectId]) -> usize {
    if objects.len() == NAMES + 1 { NAMES + 1 } else { objects.len().min(NAMES) }
}

/// The names that [`names`] only counts, each as a line.
fn further(objects: &[&ObjectId]) -> impl Iterator<Item = String> {
    objects.iter().skip(listed(objects)).map(|object| format!("  and {object}"))
}

/// The lines that differ, where a text has several.
fn differing_lines(before: Option<&Value>, after: Option<&Value>) -> Vec<String> {
    let (Some(Value::String(before)), Some(Value::String(after))) = (before, after) else { return Vec::new() };
    if !before.contains('\n') && !after.contains('\n') {
        return Vec::new();
    }
    let diff = TextDiff::from_lines(before, after);
    let mut lines = Vec::new();
    for (nth, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if nth > 0 {
            lines.push("  ...".to_owned());
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            lines.push(format!("{sign} {}", change.value().trim_end()));
        }
    }
    lines
}
