//! MySQL, and MariaDB as a flavour of it.

mod asking;
mod catalog;
mod cluster;
mod compound;
mod connection;
mod database;
mod definition;
mod definitions;
pub mod dumped;
mod errors;
mod files;
mod flavour;
mod gate;
mod hidden;
mod lexer;
mod outside;
mod overhearing;
mod portable;
mod prepared;
mod read_only;
mod reading;
mod rights;
mod rows;
mod session;
pub mod split;
mod users;

pub use cluster::Terms;
pub use database::{Mysql, create};
pub use flavour::Flavour;
pub(super) use portable::DIALECT;
pub use read_only::{ReadOnly, outlives_a_database, read_only};

/// Every kind of object that is read of MySQL or MariaDB, as [`crate::schema::ObjectId`] holds it.
pub fn kinds() -> std::collections::BTreeSet<&'static str> {
    catalog::kinds()
}
