//! What PostgreSQL's constraints and indexes say in terms that every product has.
//!
//! A constraint is kept as the text that the server deparses it to, whose form is fixed (`ruleutils.c`): what stands in its
//! parentheses are names, quoted where they have to be.

use serde_json::Value;

use crate::engine::portable::{Dialect, text};
use crate::schema::Attributes;
use crate::schema::portable::{PortableForeignKey, PortableTable, Product};

/// How PostgreSQL's snapshots say it.
pub(in crate::engine) const DIALECT: Dialect =
    Dialect { product: Product::Postgres, default_schema: Some("public"), is_table: |_| true, constraint, index };

/// What a foreign key does with rows whose parent goes, where its text says nothing.
const NO_ACTION: &str = "no action";

fn constraint(table: &mut PortableTable, attributes: &Attributes) {
    let definition = text(attributes, "definition");
    match text(attributes, "type") {
        "primary key" => table.primary_key = listed(definition).map(|(names, _)| names).unwrap_or_default(),
        "unique" => table.uniques.extend(listed(definition).map(|(names, _)| names)),
        "foreign key" => table.foreign_keys.extend(foreign_key(definition)),
        _ => (),
    }
}

fn foreign_key(definition: &str) -> Option<PortableForeignKey> {
    let (columns, rest) = listed(definition)?;
    let rest = rest.trim_start().strip_prefix("REFERENCES ")?;
    let parent = rest[..rest.find('(')?].to_owned();
    let (parent_columns, rest) = listed(rest)?;
    let action = |event: &str| {
        let rest = rest.split_once(event).map_or("", |(_, rest)| rest.trim_start());
        let known = ["cascade", "restrict", "set null", "set default"];
        known.into_iter().find(|action| rest.to_lowercase().starts_with(action)).unwrap_or(NO_ACTION).to_owned()
    };
    let parent = name(parent.strip_prefix("public.").unwrap_or(&parent));
    Some(PortableForeignKey {
        columns,
        parent,
        parent_columns,
        on_delete: action("ON DELETE"),
        on_update: action("ON UPDATE"),
    })
}

fn index(table: &mut PortableTable, attributes: &Attributes) {
    let columns = attributes.get("columns").and_then(Value::as_array);
    let columns: Vec<String> = columns.into_iter().flatten().filter_map(Value::as_str).map(column).collect();
    // One over expressions or over some of the rows has no counterpart to look for.
    if attributes.contains_key("predicate") || columns.iter().any(|column| !table.columns.contains_key(column)) {
        return;
    }
    let unique = attributes.get("unique").and_then(Value::as_bool).unwrap_or_default();
    let indexes = if unique { &mut table.uniques } else { &mut table.indexes };
    indexes.insert(columns);
}

/// The column of an entry of an index, without its order, collation and operator class.
fn column(entry: &str) -> String {
    match entry.strip_prefix('"') {
        Some(quoted) => name(quoted.split('"').next().unwrap_or(quoted)),
        None => name(entry.split(' ').next().unwrap_or(entry)),
    }
}

/// The names in the first parentheses of a text, and what stands behind them.
fn listed(text: &str) -> Option<(Vec<String>, &str)> {
    let begin = text.find('(')? + 1;
    let mut quoted = false;
    let end = text[begin..].find(|c| {
        quoted ^= c == '"';
        c == ')' && !quoted
    })?;
    let names = text[begin..begin + end].split(", ").map(name).collect();
    Some((names, &text[begin + end + 1..]))
}

/// A name without its quotes, in lower case.
fn name(text: &str) -> String {
    text.trim().trim_matches('"').replace("\"\"", "\"").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deparsed_constraints_are_read() {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(listed("PRIMARY KEY (id, \"Shelf (old)\") INCLUDE (a)").unwrap().0, texts(&["id", "shelf (old)"]));
        let key =
            "FOREIGN KEY (shelf, \"Row\") REFERENCES public.shelves(id, row_no) ON UPDATE CASCADE ON DELETE SET NULL";
        assert_eq!(
            foreign_key(key).unwrap(),
            PortableForeignKey {
                columns: texts(&["shelf", "row"]),
                parent: "shelves".to_owned(),
                parent_columns: texts(&["id", "row_no"]),
                on_delete: "set null".to_owned(),
                on_update: "cascade".to_owned(),
            }
        );
        assert_eq!(foreign_key("FOREIGN KEY (a) REFERENCES app.b(c)").unwrap().parent, "app.b");
        assert_eq!(column("\"Title\" COLLATE \"C\" DESC"), "title");
        assert_eq!(column("title DESC NULLS LAST"), "title");
    }
}
