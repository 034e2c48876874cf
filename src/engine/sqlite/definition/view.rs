//! What a CREATE VIEW says.

use std::collections::BTreeSet;

use super::cursor::{Cursor, names, tokens};
use super::tokens::query;

/// A CREATE VIEW without the name of the view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewText {
    /// The names that it gives to its columns, if it does.
    pub columns: Option<Vec<String>>,
    /// Its query.
    pub query: String,
}

/// Reads a CREATE VIEW; `known` are the names that it can mean, where they are known.
pub fn view_text(sql: &str, known: Option<&BTreeSet<String>>) -> Option<ViewText> {
    let tokens = tokens(sql);
    let mut at = Cursor { sql, rest: &tokens };
    at.take(&["create"]).then_some(())?;
    let _is_temporary = at.take_one_of(&["temp", "temporary"]);
    at.take(&["view"]).then_some(())?;
    let _may_exist = at.take(&["if", "not", "exists"]);
    at.take_qualified_name()?;
    let columns = match at.take_group() {
        Some(group) => Some(names(sql, group)?),
        None => None,
    };
    (at.take(&["as"]) && !at.is_at_end()).then_some(())?;
    Some(ViewText { columns, query: query(sql, at.rest, known) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_in_parts() {
        let found = view_text("CREATE VIEW [v]  (\"A b\", c) AS SELECT 1, count ( * ) FROM T", None);
        let columns = Some(vec!["A b".to_owned(), "c".to_owned()]);
        assert_eq!(found, Some(ViewText { columns, query: "select 1, count(*) from t".to_owned() }));
        assert_eq!(view_text("CREATE VIEW v AS VALUES (1)", None).and_then(|view| view.columns), None);
        for text in ["", "CREATE VIEW v", "CREATE VIEW v AS", "CREATE VIEW v (1) AS SELECT 1", "CREATE TABLE v (a)"] {
            assert_eq!(view_text(text, None), None, "{text}");
        }
    }
}
