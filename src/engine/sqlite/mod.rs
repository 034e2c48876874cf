//! SQLite, in process.

mod catalog;
mod complete;
mod database;
pub mod definition;
mod functions;
mod lexer;
mod portable;
mod read_only;
mod reading;
pub mod split;

pub use database::Sqlite;
pub(super) use portable::DIALECT;
pub use read_only::read_only;

/// Every kind of object that is read of SQLite, as [`crate::schema::ObjectId`] holds it.
pub fn kinds() -> std::collections::BTreeSet<&'static str> {
    catalog::kinds()
}
