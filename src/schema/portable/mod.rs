//! What a schema says in terms that every product has: tables, columns and whether they may be null, keys, indexes. Each
//! engine tells it of its own snapshots; here it is compared across products.
//!
//! Defaults, checks, triggers and the like are written in each product's own language and are left out.

mod compare;
mod types;

use std::collections::{BTreeMap, BTreeSet};

pub use compare::{TableDifference, differences};
pub use types::Product;

/// A schema in terms that every product has. Names are in lower case, since products differ in what they keep of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Portable {
    /// The tables, by name.
    pub tables: BTreeMap<String, PortableTable>,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PortableTable {
    /// The columns, by name.
    pub columns: BTreeMap<String, PortableColumn>,
    /// The columns of the primary key, in its order; empty without one.
    pub primary_key: Vec<String>,
    /// The columns of each unique constraint and of each unique index over plain columns of all rows.
    pub uniques: BTreeSet<Vec<String>>,
    /// The foreign keys.
    pub foreign_keys: BTreeSet<PortableForeignKey>,
    /// The columns of each other index over plain columns of all rows.
    pub indexes: BTreeSet<Vec<String>>,
    /// The columns of those indexes that the product may have made by itself (MySQL and MariaDB: for foreign keys).
    pub implied_indexes: BTreeSet<Vec<String>>,
}

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PortableColumn {
    /// Its type, as the product writes it.
    pub column_type: String,
    /// Whether it refuses NULL.
    pub not_null: bool,
}

/// A foreign key.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortableForeignKey {
    /// Its columns.
    pub columns: Vec<String>,
    /// The table that they refer to.
    pub parent: String,
    /// The columns of that table; empty where the product leaves them to its primary key.
    pub parent_columns: Vec<String>,
    /// What happens to rows when the row that they refer to is deleted: `cascade`.
    pub on_delete: String,
    /// The same when it is updated.
    pub on_update: String,
}
