//! One fact for each table of a history that is kept for several products.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{About, FactKind, Facts, fact};
use crate::history::Migration;
use crate::replay::Phase;

/// A table at head, compared with the table of the same name in a database of another product.
#[derive(Clone, Debug)]
pub struct ComparedTable<'a> {
    /// Its name.
    pub table: String,
    /// The name of the other database.
    pub there: &'a str,
    /// Its product, as a person writes it.
    pub product: &'static str,
    /// What differs, each as a clause that says `there` of the other database; empty where nothing does.
    pub differences: Vec<String>,
    /// The migration that changed the table last, where one of this database did.
    pub migration: Option<&'a Migration>,
}

#[derive(Serialize)]
struct DialectFields<'a> {
    table: &'a str,
    there: &'a str,
    product: &'static str,
    differences: &'a [String],
}

/// The facts of tables that were compared.
pub fn dialects(tables: &[ComparedTable<'_>], ran: &BTreeSet<Phase>) -> Facts {
    let of = |compared: &ComparedTable<'_>| {
        let ComparedTable { table, there, product, differences, migration } = compared;
        let about = About {
            migration: migration.map(|migration| migration.id.clone()),
            object: Some(format!("table {table}")),
            file: migration.map(|migration| migration.up.path.clone()),
            line: migration.map(|migration| migration.up.line()),
            snippet: None,
            details: differences.clone(),
        };
        fact(FactKind::Dialect, Phase::Agreement, DialectFields { table, there, product, differences }, about)
    };
    Facts { facts: tables.iter().map(of).collect(), ran: ran.clone() }
}
