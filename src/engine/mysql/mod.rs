//! MySQL, and MariaDB as a flavour of it.

mod database;
mod flavour;
mod portable;

pub use database::{Terms, create};
pub use flavour::Flavour;
pub(super) use portable::DIALECT;

/// Every kind of object that is read of MySQL or MariaDB, as [`crate::schema::ObjectId`] holds it.
pub fn kinds() -> std::collections::BTreeSet<&'static str> {
    std::collections::BTreeSet::new()
}
