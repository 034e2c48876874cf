//! The schema of one database at one moment.

use std::sync::Arc;

use imbl::OrdMap;
use imbl::ordmap::DiffItem;

use super::{Object, ObjectId};

/// Every object of a database with its attributes, at one moment.
///
/// The map shares its unchanged parts with the snapshot that it was updated from, so that thousands of snapshots of one
/// history cost little more than their differences.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    objects: OrdMap<ObjectId, Arc<Object>>,
    origin: u64,
}

/// Two snapshots are equal when their objects are; where they were read makes no difference.
impl PartialEq for Snapshot {
    fn eq(&self, other: &Self) -> bool {
        self.objects == other.objects
    }
}

impl Snapshot {
    /// This snapshot without the objects `gone` and with the objects `came`, sharing everything else.
    pub fn changed<'i>(
        &self,
        gone: impl IntoIterator<Item = &'i ObjectId>,
        came: impl IntoIterator<Item = (ObjectId, Arc<Object>)>,
    ) -> Self {
        let mut objects = self.objects.clone();
        for id in gone {
            objects.remove(id);
        }
        objects.extend(came);
        Self { objects, origin: self.origin }
    }

    /// This snapshot as one that was read at `origin`, a number that every reader of a server has for itself; 0 is unknown.
    pub fn read_at(self, origin: u64) -> Self {
        Self { origin, ..self }
    }

    /// Whether the identities of both snapshots mean the same: they were read by one reader on one server.
    pub fn shares_identities_with(&self, other: &Self) -> bool {
        self.origin != 0 && self.origin == other.origin
    }

    /// Calls `visit` with each object that is not the same in both: the one of `self`, the one of `other`.
    pub fn each_difference<'s>(
        &'s self,
        other: &'s Self,
        mut visit: impl FnMut(Option<(&'s ObjectId, &'s Arc<Object>)>, Option<(&'s ObjectId, &'s Arc<Object>)>),
    ) {
        for item in self.objects.diff(&other.objects) {
            match item {
                DiffItem::Add(id, object) => visit(None, Some((id, object))),
                DiffItem::Remove(id, object) => visit(Some((id, object)), None),
                DiffItem::Update { old: (old_id, old), new: (id, new) } => {
                    visit(Some((old_id, old)), Some((id, new)));
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
        self.objects.iter().map(|(id, object)| (id, &**object))
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
            DiffItem::Add(id, _) => Some(id),
            DiffItem::Remove(..) | DiffItem::Update { .. } => None,
        })
    }
}

impl FromIterator<(ObjectId, Object)> for Snapshot {
    fn from_iter<I: IntoIterator<Item = (ObjectId, Object)>>(objects: I) -> Self {
        Self { objects: objects.into_iter().map(|(id, object)| (id, Arc::new(object))).collect(), origin: 0 }
    }
}
