//! What SHOW CREATE tells of tables, views and sequences. Servers print it themselves, in one form each, so that it is read to
//! its last token; what is not understood is kept as text, so that no difference in it is missed.

mod column;
mod cursor;
mod expression;
mod key;
mod options;
mod partition;
mod table;
mod tokens;
mod view;
mod words;

use serde_json::{Map, Value, json};

use crate::engine::rows::SEPARATOR;

pub(super) use words::Collations;

/// The kinds that definitions give beside those that a catalog file names.
pub(super) const KINDS: [&str; 4] = ["table column", "table constraint", "table index", "table partition"];

/// An object as a definition tells it.
#[derive(Debug, PartialEq)]
pub(super) struct Row {
    kind: &'static str,
    path: Vec<String>,
    attributes: Map<String, Value>,
}

impl Row {
    /// The row as [`crate::engine::rows::RowReader`] takes it. The identity is the whole's: parts have none of their own.
    pub(super) fn text(&self, identity: &str) -> String {
        let (kind, path, attributes) = (self.kind, json!(self.path), json!(self.attributes));
        let identity = if self.path.len() == 1 { identity } else { "" };
        format!("{kind}{SEPARATOR}{path}{SEPARATOR}{identity}{SEPARATOR}{attributes}")
    }
}

/// Of what a definition is read.
pub(super) struct Reader<'d> {
    /// The database's name, which is left out of every text.
    pub(super) database: &'d str,
    /// Who connects, as `CURRENT_USER()` tells it.
    pub(super) user: &'d str,
    pub(super) collations: &'d Collations,
    pub(super) is_mariadb: bool,
}

impl Reader<'_> {
    /// The objects of a definition, the whole among them.
    pub(super) fn rows(&self, name: &str, text: &str) -> Vec<Row> {
        table::table(name, text, self.database, self.collations, self.is_mariadb)
            .or_else(|| Some(vec![view::view(name, text, self.database, self.user)?]))
            .or_else(|| Some(vec![view::sequence(name, text)?]))
            .unwrap_or_else(|| {
                let attributes = [("definition".to_owned(), json!(text))].into_iter().collect();
                vec![Row { kind: "table", path: vec![name.to_owned()], attributes }]
            })
    }
}

#[cfg(test)]
mod tests;
