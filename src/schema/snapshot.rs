//! The schema of one database at one moment.

use std::sync::Arc;

use imbl::OrdMap;

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
        Self { objects }
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

    pub(super) fn objects(&self) -> &OrdMap<ObjectId, Arc<Object>> {
        &self.objects
    }
}

impl FromIterator<(ObjectId, Object)> for Snapshot {
    fn from_iter<I: IntoIterator<Item = (ObjectId, Object)>>(objects: I) -> Self {
        Self { objects: objects.into_iter().map(|(id, object)| (id, Arc::new(object))).collect() }
    }
}
