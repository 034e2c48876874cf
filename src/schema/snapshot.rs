//! The schema of one database at one moment.

use std::sync::Arc;

use imbl::OrdMap;
use imbl::ordmap::DiffItem;

use super::{Object, ObjectId, Unreadable};

/// Every object of a database with its attributes, at one moment.
///
/// The map shares its unchanged parts with the snapshot that it was updated from, so that thousands of snapshots of one
/// history cost little more than their differences.
///
/// Of kinds that could not be read it tells nothing: two snapshots differ in no object of a kind that is unreadable in
/// either of them. Who compares has to say so.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    // Every snapshot has nodes of its own around what changed, and each holds dozens of ids: they are shared too.
    objects: OrdMap<Arc<ObjectId>, Arc<Object>>,
    unreadable: Arc<[Unreadable]>,
    origin: u64,
}

/// Two snapshots are equal when their objects are; where they were read makes no difference.
impl PartialEq for Snapshot {
    fn eq(&self, other: &Self) -> bool {
        if self.unreadable == other.unreadable {
            return self.objects == other.objects;
        }
        let mut same = true;
        self.each_difference(other, |_, _| same = false);
        same
    }
}

impl Snapshot {
    /// This snapshot without the objects `gone` and with the objects `came`, sharing everything else.
    pub fn changed<'i>(
        &self,
        gone: impl IntoIterator<Item = &'i ObjectId>,
        came: impl IntoIterator<Item = (Arc<ObjectId>, Arc<Object>)>,
    ) -> Self {
        let mut objects = self.objects.clone();
        for id in gone {
            objects.remove(id);
        }
        objects.extend(came);
        Self { objects, unreadable: Arc::clone(&self.unreadable), origin: self.origin }
    }

    /// This snapshot as one that was read at `origin`, a number that every reader of a server has for itself; 0 is unknown.
    pub fn read_at(self, origin: u64) -> Self {
        Self { origin, ..self }
    }

    /// Whether the identities of both snapshots mean the same: they were read by one reader on one server.
    pub fn shares_identities_with(&self, other: &Self) -> bool {
        self.origin != 0 && self.origin == other.origin
    }

    /// This snapshot, of which these kinds could not be read.
    pub fn with_unreadable(self, unreadable: Arc<[Unreadable]>) -> Self {
        Self { unreadable, ..self }
    }

    /// What could not be read; empty where everything was.
    pub fn unreadable(&self) -> &[Unreadable] {
        &self.unreadable
    }

    /// Whether objects of this kind could not be read.
    fn hides(&self, kind: &str) -> bool {
        self.unreadable.iter().any(|unreadable| unreadable.kinds.iter().any(|hidden| **hidden == *kind))
    }

    /// Calls `visit` with each object that is not the same in both: the one of `self`, the one of `other`. Objects of kinds
    /// that one of the two could not read are passed over.
    pub fn each_difference<'s>(
        &'s self,
        other: &'s Self,
        mut visit: impl FnMut(Option<(&'s ObjectId, &'s Arc<Object>)>, Option<(&'s ObjectId, &'s Arc<Object>)>),
    ) {
        let hidden = |id: &ObjectId| self.hides(&id.kind) || other.hides(&id.kind);
        for item in self.objects.diff(&other.objects) {
            match item {
                DiffItem::Add(id, _) | DiffItem::Remove(id, _) | DiffItem::Update { old: (id, _), .. }
                    if hidden(id) => {}
                DiffItem::Add(id, object) => visit(None, Some((id.as_ref(), object))),
                DiffItem::Remove(id, object) => visit(Some((id.as_ref(), object)), None),
                DiffItem::Update { old: (old_id, old), new: (id, new) } => {
                    visit(Some((old_id.as_ref(), old)), Some((id.as_ref(), new)));
                }
            }
        }
    }

    /// The object with this id.
    pub fn get(&self, id: &ObjectId) -> Option<&Object> {
        self.objects.get(id).map(|object| &**object)
    }

    /// All objects, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&ObjectId, &Object)> {
        self.objects.iter().map(|(id, object)| (&**id, &**object))
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether there is no object at all.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// The ids of the objects that are here and not in `previous`. Where one snapshot was updated from the other this costs
    /// as much as their difference, not as much as the schema.
    pub fn ids_added_since<'a>(&'a self, previous: &'a Self) -> impl Iterator<Item = &'a ObjectId> {
        previous.objects.diff(&self.objects).filter_map(|item| match item {
            DiffItem::Add(id, _) => Some(&**id),
            DiffItem::Remove(..) | DiffItem::Update { .. } => None,
        })
    }
}

impl FromIterator<(ObjectId, Object)> for Snapshot {
    fn from_iter<I: IntoIterator<Item = (ObjectId, Object)>>(objects: I) -> Self {
        let objects = objects.into_iter().map(|(id, object)| (Arc::new(id), Arc::new(object))).collect();
        Self { objects, unreadable: Arc::default(), origin: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Attributes, Diff};

    #[test]
    fn what_could_not_be_read_is_no_difference() {
        let object = || Object { identity: None, attributes: Attributes::new() };
        let table = ObjectId::new("table", &["public", "t"]);
        let policy = ObjectId::new("table policy", &["public", "t", "p"]);
        let whole: Snapshot = [(table.clone(), object()), (policy, object())].into_iter().collect();
        let part: Snapshot = [(table, object())].into_iter().collect();
        assert_ne!(whole, part);
        let unreadable = Unreadable {
            kinds: vec!["table policy".into()],
            catalog: "pg_policy".into(),
            role: "reader".into(),
            reason: "permission denied".into(),
            help: String::new(),
        };
        let blind = part.clone().with_unreadable([unreadable].into());
        assert_eq!(whole, blind);
        assert_eq!(blind, whole);
        assert!(Diff::between(&whole, &blind).is_empty() && Diff::between(&blind, &whole).is_empty());
        assert_ne!(blind, Snapshot::default());
        assert_eq!(blind.changed([], []).unreadable().len(), 1);
    }
}
