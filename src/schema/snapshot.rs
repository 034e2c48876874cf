//! The schema of one database at one moment.

use std::collections::HashSet;
use std::sync::Arc;

use imbl::OrdMap;
use imbl::ordmap::DiffItem;

use super::{Object, ObjectId};

/// Every object of a database with its attributes, at one moment.
///
/// The map shares its unchanged parts with the snapshot that it was updated from, so that thousands of snapshots of one
/// history cost little more than their differences.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    objects: OrdMap<ObjectId, Arc<Object>>,
}

impl Snapshot {
    /// A snapshot of these objects that shares with `previous` whatever is the same in both.
    pub fn updated_from(previous: &Self, objects: impl IntoIterator<Item = (ObjectId, Object)>) -> Self {
        let mut next = previous.objects.clone();
        let mut unseen: HashSet<&ObjectId> = previous.objects.keys().collect();
        for (id, object) in objects {
            unseen.remove(&id);
            let same = next.get(&id).is_some_and(|old| **old == object && old.identity == object.identity);
            if !same {
                next.insert(id, Arc::new(object));
            }
        }
        for id in unseen {
            next.remove(id);
        }
        Self { objects: next }
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

    /// This snapshot without the objects that `leave_out` names, nor their parts.
    pub fn without(&self, leave_out: impl Fn(&ObjectId) -> bool) -> Self {
        let gone = |id: &ObjectId| {
            let mut at = Some(id.clone());
            while let Some(id) = at {
                if leave_out(&id) {
                    return true;
                }
                at = id.parent();
            }
            false
        };
        let mut objects = self.objects.clone();
        for id in self.objects.keys().filter(|id| gone(id)) {
            objects.remove(id);
        }
        Self { objects }
    }

    pub(super) fn objects(&self) -> &OrdMap<ObjectId, Arc<Object>> {
        &self.objects
    }
}

impl FromIterator<(ObjectId, Object)> for Snapshot {
    fn from_iter<I: IntoIterator<Item = (ObjectId, Object)>>(objects: I) -> Self {
        Self { objects: objects.into_iter().map(|(id, object)| (id, Arc::new(object))).collect() }
    }
}
