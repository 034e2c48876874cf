//! A schema as one flat map from object to attributes, and the difference between two of them. Pure: no I/O.

mod class;
mod diff;
mod object;
mod snapshot;
mod unreadable;
mod words;

pub use class::Class;
pub use diff::{Change, ChangeKind, Diff};
pub use object::{Attributes, Object, ObjectId};
pub use snapshot::Snapshot;
pub use unreadable::{Unreadable, names_kind, printed};
