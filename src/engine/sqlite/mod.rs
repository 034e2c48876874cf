//! SQLite, in process.

mod catalog;
mod database;
mod lexer;
pub mod normalise;
pub mod split;

pub use database::Sqlite;

/// Every kind of object that is read of SQLite, as [`crate::schema::ObjectId`] holds it.
pub fn kinds() -> std::collections::BTreeSet<&'static str> {
    catalog::kinds()
}
