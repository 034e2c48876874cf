//! The difference between two snapshots: a map difference, the same for every engine and every kind of object.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Attributes, Class, Object, ObjectId, Snapshot};

/// What happened to one object, or to one attribute of it.
#[derive(Clone, Debug, PartialEq)]
pub enum ChangeKind {
    /// It is only in the later snapshot.
    Added,
    /// It is only in the earlier snapshot.
    Removed,
    /// It has another name now and the same definition.
    Renamed {
        /// The name in the earlier snapshot.
        from: ObjectId,
    },
    /// One of its attributes differs.
    Altered {
        /// Which one.
        attribute: Arc<str>,
        /// Its value in the earlier snapshot; `None` is the engine's default.
        before: Option<Value>,
        /// Its value in the later snapshot.
        after: Option<Value>,
    },
}

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The object that differs, by its name in the later snapshot unless it was removed.
    pub object: ObjectId,
    /// How grave it is.
    pub class: Class,
    /// What differs.
    pub kind: ChangeKind,
}

/// All differences between two snapshots, the gravest first. Parts of an object that was added or removed as a whole are
/// not listed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diff {
    /// The differences.
    pub changes: Vec<Change>,
}

/// Kinds whose names engines generate, so that they are matched by definition before name.
fn matched_by_definition(id: &ObjectId) -> bool {
    matches!(id.own_kind(), "constraint" | "index")
}

impl Diff {
    /// What is different in `after`, seen from `before`.
    pub fn between(before: &Snapshot, after: &Snapshot) -> Self {
        let mut removed: BTreeMap<&ObjectId, &Object> = BTreeMap::new();
        let mut added: BTreeMap<&ObjectId, &Object> = BTreeMap::new();
        let mut changes = Vec::new();
        before.each_difference(after, |old, new| match (old, new) {
            (None, Some((id, object))) => {
                added.insert(id, object);
            }
            (Some((id, object)), None) => {
                removed.insert(id, object);
            }
            (Some((id, old)), Some((_, new))) => alterations(id, old, new, &mut changes),
            (None, None) => (),
        });
        for (from, to) in same_definition(&removed, &added) {
            removed.remove(&from);
            added.remove(&to);
            let class = if generated_names(&from, &to) { Class::Name } else { Class::Structure };
            changes.push(Change { object: to, class, kind: ChangeKind::Renamed { from } });
        }
        let whole = |id: &ObjectId, of: &BTreeMap<&ObjectId, &Object>| {
            id.parent().is_none_or(|parent| !of.contains_key(&parent))
        };
        let appear = |id: &ObjectId, kind| Change { object: id.clone(), class: Class::Structure, kind };
        changes.extend(removed.keys().filter(|id| whole(id, &removed)).map(|id| appear(id, ChangeKind::Removed)));
        changes.extend(added.keys().filter(|id| whole(id, &added)).map(|id| appear(id, ChangeKind::Added)));
        changes.sort_by(|a, b| b.class.cmp(&a.class).then_with(|| a.object.cmp(&b.object)));
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
fn alterations(id: &ObjectId, old: &Object, new: &Object, changes: &mut Vec<Change>) {
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
        if let ("columns", Some(Value::Object(before)), Some(Value::Object(after))) = (&**name, before, after) {
            changes.extend(columns(id, before, after));
            continue;
        }
        let kind = ChangeKind::Altered { attribute: Arc::clone(name), before: before.cloned(), after: after.cloned() };
        changes.push(Change { object: id.clone(), class, kind });
    }
}

/// Whether the names that both lists hold stand in the same order: a column that came or went is told as such, and does
/// not reorder its neighbours.
fn same_order(before: Option<&Value>, after: Option<&Value>) -> bool {
    let (Some(Value::Array(before)), Some(Value::Array(after))) = (before, after) else { return false };
    let common = |list: &'_ [Value], other: &[Value]| -> Vec<Value> {
        list.iter().filter(|name| other.contains(name)).cloned().collect()
    };
    common(before, after) == common(after, before)
}

/// SQLite keeps the definitions of a table's columns in the text of the table. Each that differs is told of its column;
/// those that came or went are told as such.
fn columns(table: &ObjectId, before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<Change> {
    let column = |name: &str| ObjectId {
        kind: format!("{} column", table.kind).into(),
        path: table.path.iter().cloned().chain([Arc::from(name)]).collect(),
    };
    let differing = before.iter().filter_map(|(name, before)| Some((name, before, after.get(name)?)));
    differing
        .filter(|(_, before, after)| before != after)
        .map(|(name, before, after)| {
            let (before, after) = (Some(before.clone()), Some(after.clone()));
            let kind = ChangeKind::Altered { attribute: Arc::from("definition"), before, after };
            Change { object: column(name), class: Class::Structure, kind }
        })
        .collect()
}

/// Pairs of a removed and an added constraint or index of one table whose definitions are equal.
fn same_definition(
    removed: &BTreeMap<&ObjectId, &Object>,
    added: &BTreeMap<&ObjectId, &Object>,
) -> Vec<(ObjectId, ObjectId)> {
    let mut taken: BTreeSet<&ObjectId> = BTreeSet::new();
    let mut pairs = Vec::new();
    for (from, old) in removed.iter().filter(|(id, _)| matched_by_definition(id)) {
        let fits = |id: &ObjectId, new: &Object| {
            id.kind == from.kind
                && id.parent() == from.parent()
                && structural(&old.attributes).eq(structural(&new.attributes))
        };
        let found = added.iter().find(|(id, new)| !taken.contains(**id) && fits(id, new));
        if let Some((to, _)) = found {
            taken.insert(to);
            pairs.push(((*from).clone(), (*to).clone()));
        }
    }
    pairs
}

/// The attributes that define an object, without comments and storage.
fn structural(attributes: &Attributes) -> impl Iterator<Item = (&Arc<str>, &Value)> {
    attributes.iter().filter(|(name, _)| Class::of_attribute(name) == Class::Structure)
}

/// Whether a name may have been made by the engine rather than chosen by the author.
///
/// PostgreSQL builds `{table}_{columns}_{suffix}` (in the manual of CREATE INDEX: "a
/// name is chosen based on the parent table's name and the indexed column names"), SQLite numbers its automatic indexes.
/// When one side at least carries such a name nobody chose both, and the difference is one of names.
fn generated_names(from: &ObjectId, to: &ObjectId) -> bool {
    let generated = |id: &ObjectId| {
        let name = id.name().trim_end_matches(|c: char| c.is_ascii_digit());
        let suffix = ["_pkey", "_key", "_idx", "_fkey", "_check", "_excl", "_not_null"];
        // Long names are cut, the table's part of it too; what is left of that part is still its beginning.
        let table = id.parent().map(|table| table.name().chars().take(20).collect::<String>()).unwrap_or_default();
        name.starts_with("sqlite_autoindex")
            || (name.starts_with(&table) && suffix.iter().any(|suffix| name.ends_with(suffix)))
    };
    generated(from) || generated(to)
}
