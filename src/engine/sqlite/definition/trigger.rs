//! What a CREATE TRIGGER says.

use std::collections::BTreeSet;

use super::cursor::{Cursor, tokens};
use super::tokens::{query, written};

/// A CREATE TRIGGER without the names of the trigger and its table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriggerText {
    /// `before` (also where nothing is said), `after` or `instead of`.
    pub timing: &'static str,
    /// `insert`, `delete`, `update` or `update of` and columns.
    pub event: String,
    /// The condition of WHEN.
    pub condition: Option<String>,
    /// The statements between BEGIN and END.
    pub body: String,
}

/// Reads a CREATE TRIGGER; `known` are the names that it can mean, where they are known.
pub fn trigger_text(sql: &str, known: Option<&BTreeSet<String>>) -> Option<TriggerText> {
    let tokens = tokens(sql);
    let mut at = Cursor { sql, rest: &tokens };
    at.take(&["create"]).then_some(())?;
    let _is_temporary = at.take_one_of(&["temp", "temporary"]);
    at.take(&["trigger"]).then_some(())?;
    let _may_exist = at.take(&["if", "not", "exists"]);
    at.take_qualified_name()?;
    let timing = match at.take_one_of(&["before", "after", "instead"]) {
        Some("instead") => at.take(&["of"]).then_some("instead of")?,
        Some(timing) => timing,
        None => "before",
    };
    let event = written(sql, at.take_until("on")?);
    at.take(&["on"]).then_some(())?;
    at.take_qualified_name()?;
    let _for_each_row = at.take(&["for", "each", "row"]);
    let condition = if at.take(&["when"]) { Some(query(sql, at.take_until("begin")?, known)) } else { None };
    at.take(&["begin"]).then_some(())?;
    let body = match at.rest {
        [body @ .., end] if super::tokens::is(sql, end, "end") => query(sql, body, known),
        _ => return None,
    };
    Some(TriggerText { timing, event, condition, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trigger_in_parts() {
        let found = trigger_text(
            "CREATE TRIGGER \"t\" INSTEAD OF UPDATE OF a, [B] ON v FOR EACH ROW WHEN NEW.a > (SELECT 1) BEGIN\n \
             UPDATE t SET a = CASE WHEN 1 THEN 2 END; -- why\nSELECT 'X';END",
            None,
        );
        let expected = TriggerText {
            timing: "instead of",
            event: "update of a, b".to_owned(),
            condition: Some("new.a > (select 1)".to_owned()),
            body: "update t set a = case when 1 then 2 end; select 'X';".to_owned(),
        };
        assert_eq!(found, Some(expected));
        let plain = trigger_text("CREATE TRIGGER t DELETE ON a BEGIN SELECT 1; END", None).map(|found| found.timing);
        assert_eq!(plain, Some("before"));
        for text in
            ["", "CREATE TRIGGER t", "CREATE TRIGGER t AFTER DELETE ON a BEGIN SELECT 1;", "CREATE VIEW v AS SELECT 1"]
        {
            assert_eq!(trigger_text(text, None), None, "{text}");
        }
    }
}
