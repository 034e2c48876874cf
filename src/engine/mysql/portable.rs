//! What the constraints and indexes of MySQL and MariaDB say in terms that every product has.

use crate::engine::portable::Dialect;
use crate::schema::portable::Product;

/// How their snapshots say it.
pub(in crate::engine) const DIALECT: Dialect = Dialect {
    product: Product::Mysql,
    default_schema: None,
    is_table: |_| true,
    constraint: |_, _| (),
    index: |_, _| (),
};
