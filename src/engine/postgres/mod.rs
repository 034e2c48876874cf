//! PostgreSQL 13 to 18.

mod adopting;
mod catalog;
mod cluster;
mod connection;
mod database;
mod databases;
mod delta;
mod errors;
mod lexer;
pub mod opaque;
mod overhearing;
mod portable;
mod read_only;
mod reading;
mod session;
pub mod split;
mod survey;
mod versions;

pub use catalog::is_accounted_for;
pub use cluster::Terms;
pub use database::Postgres;
pub(super) use portable::DIALECT;
pub use versions::{TESTED, Versions};

/// Every kind of object that is read of PostgreSQL, as [`crate::schema::ObjectId`] holds it.
pub fn kinds() -> std::collections::BTreeSet<&'static str> {
    catalog::kinds()
}
pub use read_only::{ReadOnly, outlives_a_database, read_only};
