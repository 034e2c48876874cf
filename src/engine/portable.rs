//! Snapshots in terms that every product has. Each engine tells how it writes constraints and indexes; the rest is here.

use serde_json::Value;

use super::{mysql, postgres, sqlite};
use crate::history::EngineKind;
use crate::schema::portable::{Portable, PortableColumn, PortableTable, Product};
use crate::schema::{Attributes, ObjectId, Snapshot};

/// How an engine's snapshots say what every product has.
pub(super) struct Dialect {
    /// The product, as the table of types knows it.
    pub(super) product: Product,
    /// The schema that names without one are in, which paths begin with; `None` where paths begin with the table.
    pub(super) default_schema: Option<&'static str>,
    /// Whether an object of the kind `table` is one that the migrations made and fill.
    pub(super) is_table: fn(&Attributes) -> bool,
    /// Adds what a `table constraint` says.
    pub(super) constraint: fn(&mut PortableTable, &Attributes),
    /// Adds what a `table index` says.
    pub(super) index: fn(&mut PortableTable, &Attributes),
}

/// The dialect of a product.
fn dialect(engine: EngineKind) -> &'static Dialect {
    match engine {
        EngineKind::Postgres => &postgres::DIALECT,
        EngineKind::Mysql | EngineKind::Mariadb => &mysql::DIALECT,
        EngineKind::Sqlite => &sqlite::DIALECT,
    }
}

/// A snapshot of `engine` in terms that every product has, and the product as the table of types knows it.
pub fn portable(engine: EngineKind, snapshot: &Snapshot) -> (Product, Portable) {
    let dialect = dialect(engine);
    let mut portable = Portable::default();
    // The objects are ordered by kind, and a table comes before its parts.
    for (id, object) in snapshot.iter() {
        let attributes = &object.attributes;
        let Some(table) = table_of(dialect, id) else { continue };
        let part = id.parent().map(|_| id.name());
        match (&*id.kind, part) {
            ("table", None) if (dialect.is_table)(attributes) => {
                portable.tables.entry(table).or_default();
            }
            ("table column", Some(name)) => {
                if let Some(table) = portable.tables.get_mut(&table) {
                    table.columns.insert(name.to_lowercase(), column(attributes));
                }
            }
            ("table constraint", Some(_)) => {
                if let Some(table) = portable.tables.get_mut(&table) {
                    (dialect.constraint)(table, attributes);
                }
            }
            ("table index", Some(_)) => {
                if let Some(table) = portable.tables.get_mut(&table) {
                    (dialect.index)(table, attributes);
                }
            }
            _ => (),
        }
    }
    (dialect.product, portable)
}

/// The table that an object of `engine` is, or is a part of, by the name that it has in a [`Portable`].
pub fn portable_table(engine: EngineKind, id: &ObjectId) -> Option<String> {
    table_of(dialect(engine), id)
}

fn table_of(dialect: &Dialect, id: &ObjectId) -> Option<String> {
    if &*id.kind != "table" && !id.kind.starts_with("table ") {
        return None;
    }
    let name = match (dialect.default_schema, id.path.as_slice()) {
        (None, [table, ..]) => table.to_string(),
        (Some(default), [schema, table, ..]) if **schema == *default => table.to_string(),
        (Some(_), [schema, table, ..]) => format!("{schema}.{table}"),
        _ => return None,
    };
    Some(name.to_lowercase())
}

fn column(attributes: &Attributes) -> PortableColumn {
    PortableColumn {
        column_type: text(attributes, "type").to_owned(),
        not_null: attributes.get("not_null").and_then(Value::as_bool).unwrap_or_default(),
    }
}

/// An attribute that is a text; empty where it is not there.
pub(super) fn text<'a>(attributes: &'a Attributes, name: &str) -> &'a str {
    attributes.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// An attribute that lists texts, in lower case.
pub(super) fn texts(attributes: &Attributes, name: &str) -> Vec<String> {
    let list = attributes.get(name).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_lowercase).collect()
}
