//! What SQLite's constraints and indexes say in terms that every product has.

use serde_json::Value;

use crate::engine::portable::{Dialect, text, texts};
use crate::schema::Attributes;
use crate::schema::portable::{PortableForeignKey, PortableTable, Product};

/// How SQLite's snapshots say it.
pub(in crate::engine) const DIALECT: Dialect = Dialect {
    product: Product::Sqlite,
    default_schema: None,
    is_table: |attributes| text(attributes, "type") == "table",
    constraint,
    index,
};

fn constraint(table: &mut PortableTable, attributes: &Attributes) {
    let columns = texts(attributes, "columns");
    match text(attributes, "type") {
        "primary key" => table.primary_key = columns,
        "unique" => drop(table.uniques.insert(columns)),
        "foreign key" => drop(table.foreign_keys.insert(PortableForeignKey {
            columns,
            parent: text(attributes, "parent").to_lowercase(),
            parent_columns: texts(attributes, "parent_columns"),
            on_delete: text(attributes, "on_delete").to_owned(),
            on_update: text(attributes, "on_update").to_owned(),
        })),
        _ => (),
    }
}

fn index(table: &mut PortableTable, attributes: &Attributes) {
    let columns = texts(attributes, "columns");
    // One over expressions or over some of the rows has no counterpart to look for.
    if attributes.contains_key("condition") || columns.iter().any(|column| !table.columns.contains_key(column)) {
        return;
    }
    let unique = attributes.get("unique").and_then(Value::as_bool).unwrap_or_default();
    let indexes = if unique { &mut table.uniques } else { &mut table.indexes };
    indexes.insert(columns);
}
