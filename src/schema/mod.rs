//! A schema as one flat map from object to attributes, and the difference between two of them. Pure: no I/O.

mod change;
mod class;
mod consequence;
mod diff;
mod matching;
mod object;
mod order;
pub mod portable;
mod snapshot;
mod telling;
mod tokens;
mod unreadable;
mod words;

#[cfg(test)]
mod tests;

pub use change::{Change, ChangeKind};
pub use class::Class;
pub use diff::Diff;
pub use object::{Attributes, Object, ObjectId};
pub use snapshot::Snapshot;
pub use telling::Told;
pub use unreadable::{Unreadable, names_kind, printed};
