//! What the constraints and indexes of MySQL and MariaDB say in terms that every product has.

use serde_json::Value;

use crate::engine::portable::{Dialect, text, texts};
use crate::schema::Attributes;
use crate::schema::portable::{PortableForeignKey, PortableTable, Product};

/// How their snapshots say it.
pub(in crate::engine) const DIALECT: Dialect =
    Dialect { product: Product::Mysql, default_schema: None, is_table: |_| true, constraint, index };

/// What a foreign key does with rows whose parent goes, where its definition says nothing.
const NO_ACTION: &str = "no action";

fn constraint(table: &mut PortableTable, attributes: &Attributes) {
    let columns = texts(attributes, "columns");
    match text(attributes, "type") {
        "primary key" => table.primary_key = columns.iter().map(|entry| column(entry).0).collect(),
        "foreign key" => {
            let action = |name: &str| Some(text(attributes, name)).filter(|action| !action.is_empty());
            // InnoDB makes the index that a foreign key needs where there is none.
            table.implied_indexes.insert(columns.clone());
            table.foreign_keys.insert(PortableForeignKey {
                columns,
                parent: text(attributes, "parent").to_lowercase(),
                parent_columns: texts(attributes, "parent_columns"),
                on_delete: action("on_delete").unwrap_or(NO_ACTION).to_owned(),
                on_update: action("on_update").unwrap_or(NO_ACTION).to_owned(),
            });
        }
        _ => (),
    }
}

fn index(table: &mut PortableTable, attributes: &Attributes) {
    let columns: Vec<(String, bool)> = texts(attributes, "columns").iter().map(|entry| column(entry)).collect();
    let unique = attributes.get("unique").and_then(Value::as_bool).unwrap_or_default();
    let cut = columns.iter().any(|(_, cut)| *cut);
    let columns: Vec<String> = columns.into_iter().map(|(name, _)| name).collect();
    // One over words, places or expressions has no counterpart to look for, and of the beginnings of texts being unique says
    // something else.
    let special = matches!(text(attributes, "method"), "fulltext" | "spatial" | "vector");
    if special || (unique && cut) || columns.iter().any(|column| !table.columns.contains_key(column)) {
        return;
    }
    if unique {
        table.uniques.insert(columns);
    } else if !table.implied_indexes.contains(&columns) {
        table.indexes.insert(columns);
    }
}

/// The column of an entry of an index, and whether only its beginning is taken: `title(10) DESC`.
fn column(entry: &str) -> (String, bool) {
    let name = entry.strip_suffix(" desc").unwrap_or(entry);
    match name.rsplit_once('(') {
        Some((name, length)) if !name.is_empty() && length.strip_suffix(')').is_some_and(is_number) => {
            (name.to_owned(), true)
        }
        _ => (name.to_owned(), false),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_indexes_are_columns() {
        assert_eq!(column("title"), ("title".to_owned(), false));
        assert_eq!(column("title(10)"), ("title".to_owned(), true));
        assert_eq!(column("title(10) desc"), ("title".to_owned(), true));
        assert_eq!(column("(lower(title))"), ("(lower(title))".to_owned(), false));
    }
}
