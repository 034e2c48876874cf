//! MySQL, and MariaDB as a flavour of it.

mod database;
mod flavour;

pub use database::{Terms, create};
pub use flavour::Flavour;

/// Every kind of object that is read of MySQL or MariaDB, as [`crate::schema::ObjectId`] holds it.
pub fn kinds() -> std::collections::BTreeSet<&'static str> {
    std::collections::BTreeSet::new()
}
