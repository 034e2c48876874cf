//! One difference between two snapshots, as plain data.

use std::sync::Arc;

use serde_json::Value;

use super::{Class, Object, ObjectId};

/// What happened to one object, or to one attribute of it.
#[derive(Clone, Debug, PartialEq)]
pub enum ChangeKind {
    /// It is only in the later snapshot.
    Added(Arc<Object>),
    /// It is only in the earlier snapshot.
    Removed(Arc<Object>),
    /// It has another name now: the same object by its identity, or, for a constraint or an index, by its definition.
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
    /// The object whose own change brought this one along: the partitioned table of a partition, what was renamed where a
    /// definition names it, the column of a sequence. `None` for what changed in its own right. It is for telling only:
    /// what follows differs no less.
    pub follows: Option<ObjectId>,
}

impl Change {
    /// A change in its own right.
    pub fn new(object: ObjectId, class: Class, kind: ChangeKind) -> Self {
        Self { object, class, kind, follows: None }
    }
}
