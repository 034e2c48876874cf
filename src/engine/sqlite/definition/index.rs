//! What a CREATE INDEX says.

use super::cursor::{Cursor, at_commas, tokens};
use super::tokens::{Names, expression};

/// A CREATE INDEX without the names of the index and its table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexText {
    /// Whether it says UNIQUE.
    pub unique: bool,
    /// The indexed columns and expressions, each with the collation and the direction that it declares.
    pub columns: Vec<String>,
    /// The condition of a partial index.
    pub condition: Option<String>,
}

/// Reads a CREATE INDEX; `columns` are those of its table.
pub fn index_text<'n>(sql: &str, columns: impl IntoIterator<Item = &'n str>) -> Option<IndexText> {
    let columns: Names = columns.into_iter().map(|name| (name.to_ascii_lowercase(), name.to_owned())).collect();
    let tokens = tokens(sql);
    let mut at = Cursor { sql, rest: &tokens };
    at.take(&["create"]).then_some(())?;
    let unique = at.take(&["unique"]);
    at.take(&["index"]).then_some(())?;
    let _may_exist = at.take(&["if", "not", "exists"]);
    at.take_qualified_name()?;
    at.take(&["on"]).then_some(())?;
    at.take_name()?;
    let terms = at_commas(sql, at.take_group()?)?;
    let condition = if at.take(&["where"]) {
        (!at.is_at_end()).then_some(())?;
        Some(expression(sql, at.rest, &columns))
    } else {
        at.is_at_end().then_some(())?;
        None
    };
    let terms = terms.into_iter().map(|term| expression(sql, term, &columns)).collect();
    Some(IndexText { unique, columns: terms, condition })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_in_parts() {
        let found = index_text(
            "CREATE UNIQUE INDEX \"i\" ON [T] (lower(\"Email\"), b COLLATE NOCASE DESC) WHERE \"State\" = \"New\"",
            ["Email", "b", "state"],
        );
        let columns = vec!["lower(email)".to_owned(), "b collate nocase desc".to_owned()];
        let condition = Some("state = \"New\"".to_owned());
        assert_eq!(found, Some(IndexText { unique: true, columns, condition }));
        for text in ["", "CREATE INDEX", "CREATE INDEX i ON t", "CREATE INDEX i ON t (a", "CREATE INDEX i ON t (a) x"] {
            assert_eq!(index_text(text, []), None, "{text}");
        }
    }
}
