//! What two schemas of two products say differently.

use std::collections::BTreeSet;

use super::types::{Product, disagreement};
use super::{Portable, PortableForeignKey, PortableTable};

/// A table, and what it has otherwise than the table of the same name there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDifference {
    /// Its name.
    pub table: String,
    /// What differs, each as a sentence about this table that says `there` of the other; empty where nothing does.
    pub differences: Vec<String>,
}

/// The tables of both, ordered by name, each with what differs here from there.
pub fn differences(here: (Product, &Portable), there: (Product, &Portable)) -> Vec<TableDifference> {
    let names: BTreeSet<&String> = here.1.tables.keys().chain(there.1.tables.keys()).collect();
    let of = |name: &&String| match (here.1.tables.get(*name), there.1.tables.get(*name)) {
        (Some(table), Some(other)) => table_differences((here.0, table), (there.0, other)),
        (Some(_), None) => vec!["the table is not there".to_owned()],
        (None, _) => vec!["the table is missing here".to_owned()],
    };
    names.iter().map(|name| TableDifference { table: (*name).clone(), differences: of(name) }).collect()
}

fn table_differences(here: (Product, &PortableTable), there: (Product, &PortableTable)) -> Vec<String> {
    let mut told = Vec::new();
    columns(here, there, &mut told);
    let (table, other) = (here.1, there.1);
    if table.primary_key != other.primary_key {
        let key = |key: &[String]| if key.is_empty() { "none".to_owned() } else { listed(key) };
        told.push(format!("its primary key is {}, there {}", key(&table.primary_key), key(&other.primary_key)));
    }
    let is_unique =
        |table: &PortableTable, columns: &Vec<String>| table.uniques.contains(columns) || table.primary_key == *columns;
    for columns in table.uniques.iter().filter(|columns| !is_unique(other, columns)) {
        told.push(format!("{} is unique, there it is not", listed(columns)));
    }
    for columns in other.uniques.iter().filter(|columns| !is_unique(table, columns)) {
        told.push(format!("{} is not unique, there it is", listed(columns)));
    }
    foreign_keys(table, other, &mut told);
    let is_indexed = |table: &PortableTable, columns: &Vec<String>| {
        table.indexes.contains(columns) || table.implied_indexes.contains(columns) || is_unique(table, columns)
    };
    for columns in table.indexes.iter().filter(|columns| !is_indexed(other, columns)) {
        told.push(format!("the index on {} is not there", listed(columns)));
    }
    for columns in other.indexes.iter().filter(|columns| !is_indexed(table, columns)) {
        told.push(format!("the index on {} is missing here", listed(columns)));
    }
    told
}

fn columns(here: (Product, &PortableTable), there: (Product, &PortableTable), told: &mut Vec<String>) {
    let names: BTreeSet<&String> = here.1.columns.keys().chain(there.1.columns.keys()).collect();
    for name in names {
        match (here.1.columns.get(name), there.1.columns.get(name)) {
            (Some(column), Some(other)) => {
                if let Some(why) = disagreement((here.0, &column.column_type), (there.0, &other.column_type)) {
                    told.push(format!("column {name}: {why}"));
                }
                // A primary key refuses NULL, whether or not its columns say so.
                let key = here.1.primary_key.contains(name) && there.1.primary_key.contains(name);
                match (column.not_null, other.not_null) {
                    (true, false) if !key => told.push(format!("column {name} is NOT NULL, there it may be null")),
                    (false, true) if !key => told.push(format!("column {name} may be null, there it is NOT NULL")),
                    _ => (),
                }
            }
            (Some(_), None) => told.push(format!("column {name} is not there")),
            (None, _) => told.push(format!("column {name} is missing here")),
        }
    }
}

fn foreign_keys(table: &PortableTable, other: &PortableTable, told: &mut Vec<String>) {
    let find = |table: &PortableTable, key: &PortableForeignKey| {
        table.foreign_keys.iter().find(|other| other.columns == key.columns && other.parent == key.parent).cloned()
    };
    for key in &table.foreign_keys {
        let name = || format!("the foreign key on {} to {}", listed(&key.columns), key.parent);
        let Some(there) = find(other, key) else {
            told.push(format!("{} is not there", name()));
            continue;
        };
        let both_say = !key.parent_columns.is_empty() && !there.parent_columns.is_empty();
        if both_say && key.parent_columns != there.parent_columns {
            let (here, there) = (listed(&key.parent_columns), listed(&there.parent_columns));
            told.push(format!("{} refers to {here}, there to {there}", name()));
        }
        for (what, here, there) in
            [("delete", &key.on_delete, &there.on_delete), ("update", &key.on_update, &there.on_update)]
        {
            if action(here) != action(there) {
                told.push(format!("{} says on {what} {here}, there {there}", name()));
            }
        }
    }
    for key in other.foreign_keys.iter().filter(|key| find(table, key).is_none()) {
        told.push(format!("the foreign key on {} to {} is missing here", listed(&key.columns), key.parent));
    }
}

/// Two actions refuse alike, but for the moment, which some products do not tell apart.
fn action(word: &str) -> &str {
    if word == "restrict" { "no action" } else { word }
}

fn listed(columns: &[String]) -> String {
    format!("({})", columns.join(", "))
}

#[cfg(test)]
mod tests {
    use crate::schema::portable::PortableColumn;

    use super::*;

    fn schema(table: PortableTable) -> Portable {
        Portable { tables: [("books".to_owned(), table)].into() }
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn books() -> PortableTable {
        let column = |column_type: &str, not_null| PortableColumn { column_type: column_type.to_owned(), not_null };
        PortableTable {
            columns: [
                ("id".to_owned(), column("integer", true)),
                ("title".to_owned(), column("text", true)),
                ("shelf".to_owned(), column("integer", false)),
            ]
            .into(),
            primary_key: names(&["id"]),
            uniques: [names(&["title"])].into(),
            foreign_keys: [PortableForeignKey {
                columns: names(&["shelf"]),
                parent: "shelves".to_owned(),
                parent_columns: names(&["id"]),
                on_delete: "cascade".to_owned(),
                on_update: "no action".to_owned(),
            }]
            .into(),
            indexes: [names(&["shelf"])].into(),
            implied_indexes: BTreeSet::new(),
        }
    }

    fn told(here: PortableTable, there: PortableTable) -> Vec<String> {
        let (here, there) = (schema(here), schema(there));
        differences((Product::Postgres, &here), (Product::Sqlite, &there)).remove(0).differences
    }

    #[test]
    fn what_is_said_alike_is_no_difference() {
        let mut there = books();
        there.columns.get_mut("id").unwrap().not_null = false;
        there.uniques.clear();
        there.uniques.insert(names(&["title"]));
        there.indexes.clear();
        there.implied_indexes.insert(names(&["shelf"]));
        let mut key = there.foreign_keys.pop_first().unwrap();
        key.on_update = "restrict".to_owned();
        key.parent_columns.clear();
        there.foreign_keys.insert(key);
        assert_eq!(told(books(), there.clone()), Vec::<String>::new());
        assert_eq!(told(there, books()), Vec::<String>::new());
    }

    #[test]
    fn each_difference_is_told_from_both_sides() {
        type Case = (fn(&mut PortableTable), &'static str, &'static str);
        let cases: &[Case] = &[
            (
                |t| t.columns.get_mut("shelf").unwrap().not_null = true,
                "column shelf may be null, there it is NOT NULL",
                "column shelf is NOT NULL, there it may be null",
            ),
            (|t| drop(t.columns.remove("title")), "column title is not there", "column title is missing here"),
            (
                |t| t.columns.get_mut("title").unwrap().column_type = "integer".to_owned(),
                "column title: its type is text, there integer",
                "column title: its type is integer, there text",
            ),
            (
                |t| t.primary_key.push("shelf".to_owned()),
                "its primary key is (id), there (id, shelf)",
                "its primary key is (id, shelf), there (id)",
            ),
            (|t| t.uniques.clear(), "(title) is unique, there it is not", "(title) is not unique, there it is"),
            (
                |t| t.foreign_keys.clear(),
                "the foreign key on (shelf) to shelves is not there",
                "the foreign key on (shelf) to shelves is missing here",
            ),
            (|t| t.indexes.clear(), "the index on (shelf) is not there", "the index on (shelf) is missing here"),
        ];
        for (change, forward, back) in cases {
            let mut there = books();
            change(&mut there);
            assert_eq!(told(books(), there.clone()), [*forward]);
            let schemas = (schema(there), schema(books()));
            let back_told = differences((Product::Postgres, &schemas.0), (Product::Sqlite, &schemas.1));
            assert_eq!(back_told[0].differences, [*back]);
        }
        let mut there = books();
        let mut key = there.foreign_keys.pop_first().unwrap();
        key.on_delete = "set null".to_owned();
        there.foreign_keys.insert(key);
        assert_eq!(
            told(books(), there),
            ["the foreign key on (shelf) to shelves says on delete cascade, there set null"]
        );
    }

    #[test]
    fn a_table_of_one_side_is_a_difference() {
        let here = schema(books());
        let both = differences((Product::Postgres, &here), (Product::Mysql, &Portable::default()));
        assert_eq!(both[0].differences, ["the table is not there"]);
        let both = differences((Product::Mysql, &Portable::default()), (Product::Postgres, &here));
        assert_eq!(both[0].differences, ["the table is missing here"]);
    }
}
