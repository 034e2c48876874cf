//! The difference between two snapshots: a map difference, the same for every engine and every kind of object.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::matching::{Matched, Pair};
use super::order::in_common;
use super::{Change, ChangeKind, Class, Object, ObjectId, Snapshot, consequence};

/// All differences between two snapshots, the gravest first; of equal gravity those first that follow from no other. Parts
/// of an object that was added or removed as a whole are not listed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diff {
    /// The differences.
    pub changes: Vec<Change>,
}

impl Diff {
    /// What is different in `after`, seen from `before`.
    pub fn between(before: &Snapshot, after: &Snapshot) -> Self {
        let matched = Matched::of(before, after);
        let mut changes = Vec::new();
        for pair in &matched.pairs {
            if pair.renamed {
                let class = if pair.name_was_generated() { Class::Name } else { Class::Structure };
                let kind = ChangeKind::Renamed { from: pair.from.clone() };
                changes.push(Change::new(pair.to.clone(), class, kind));
            }
            alterations(pair, &mut changes);
        }
        let appear = |id: &ObjectId, object: &Arc<Object>, kind: fn(Arc<Object>) -> ChangeKind| {
            let class = Class::of_object(&id.kind, object.attributes.keys().map(|name| &**name));
            Change::new(id.clone(), class, kind(Arc::clone(object)))
        };
        let gone = matched.removed_wholes().map(|(id, object)| appear(id, object, ChangeKind::Removed));
        changes.extend(gone);
        let came = matched.added_wholes().map(|(id, object)| appear(id, object, ChangeKind::Added));
        changes.extend(came);
        consequence::mark(&mut changes, before, after);
        // What an engine makes of its own accord does not head a list.
        let made =
            |id: &ObjectId| matches!(&*id.kind, "implied-object" | "opaque-object" | "cast" | "extension member");
        let key = |change: &Change| (std::cmp::Reverse(change.class), change.follows.is_some(), made(&change.object));
        changes.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| a.object.cmp(&b.object)));
        Self { changes }
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The gravest class among the differences; [`Class::Exact`] when there is none.
    pub fn class(&self) -> Class {
        self.changes.iter().map(|change| change.class).max().unwrap_or(Class::Exact)
    }
}

/// The attributes of one object that differ.
fn alterations(pair: &Pair<'_>, changes: &mut Vec<Change>) {
    let (old, new): (&Object, &Object) = (pair.old, pair.new);
    let names: BTreeSet<&Arc<str>> = old.attributes.keys().chain(new.attributes.keys()).collect();
    for name in names {
        let (before, after) = (old.attributes.get(name), new.attributes.get(name));
        if before == after {
            continue;
        }
        let class = Class::of_attribute(name);
        if class == Class::Order && same_order(before, after) {
            continue;
        }
        let kind = ChangeKind::Altered { attribute: Arc::clone(name), before: before.cloned(), after: after.cloned() };
        changes.push(Change::new(pair.to.clone(), class, kind));
    }
}

/// Whether the names that both lists hold stand in the same order: a column that came or went is told as such, and does
/// not reorder its neighbours.
fn same_order(before: Option<&Value>, after: Option<&Value>) -> bool {
    let (Some(Value::Array(before)), Some(Value::Array(after))) = (before, after) else { return false };
    in_common(before, after) == in_common(after, before)
}
