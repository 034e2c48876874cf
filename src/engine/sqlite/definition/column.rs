//! What stands behind a column's name in a CREATE TABLE.

use serde_json::json;

use super::cursor::{Cursor, names};
use super::table::{ColumnText, ConstraintText};
use super::tokens::{Names, expression, is, name_of, type_name, written};
use crate::engine::sqlite::lexer::{Kind, Token};

/// Words that end a type and begin a constraint of a column; none of them can be a name without quotes.
const BEGIN_A_CONSTRAINT: [&str; 12] = [
    "constraint",
    "default",
    "null",
    "not",
    "primary",
    "unique",
    "check",
    "references",
    "deferrable",
    "collate",
    "as",
    "on",
];

/// Reads a column with its constraints. Those that could also stand behind the columns are given to `constraints`: it makes
/// no difference where they stand.
pub(super) fn column(
    at: &mut Cursor<'_>,
    columns: &Names,
    constraints: &mut Vec<ConstraintText>,
) -> Option<ColumnText> {
    let mut column = ColumnText { name: at.take_name()?, ..ColumnText::default() };
    declared_type(at, &mut column)?;
    let mut constraint_name = None;
    let first = constraints.len();
    while !(at.is_at_end() || at.sees(&[","])) {
        if at.take(&["constraint"]) {
            column.other_names.extend(constraint_name.replace(at.take_name()?));
        } else {
            one_constraint(at, columns, &mut column, &mut constraint_name, constraints)?;
        }
    }
    column.other_names.extend(constraint_name);
    for constraint in &mut constraints[first..] {
        constraint.columns.push(column.name.clone());
    }
    Some(column)
}

fn declared_type(at: &mut Cursor<'_>, column: &mut ColumnText) -> Option<()> {
    let begins_constraint = |at: &Cursor<'_>| {
        BEGIN_A_CONSTRAINT.iter().any(|word| at.sees(&[word])) || at.sees(&["generated", "always", "as"])
    };
    let start = at.rest;
    while at.rest.first().is_some_and(|token| name_of(at.sql, token).is_some()) && !begins_constraint(at) {
        at.next();
    }
    let words = &start[..start.len() - at.rest.len()];
    let size = if words.is_empty() { None } else { at.take_group() };
    if size.is_some_and(<[Token]>::is_empty) {
        return None;
    }
    // In quotes it is a type of its own, of affinity INTEGER.
    column.is_integer = size.is_none() && matches!(words, [word] if is(at.sql, word, "integer"));
    column.declared_type = type_name(at.sql, words, size.unwrap_or_default());
    Some(())
}

fn one_constraint(
    at: &mut Cursor<'_>,
    columns: &Names,
    column: &mut ColumnText,
    name: &mut Option<String>,
    constraints: &mut Vec<ConstraintText>,
) -> Option<()> {
    if at.take(&["default"]) {
        column.default = Some(default(at, columns)?);
        column.other_names.extend(name.take());
    } else if at.take(&["null"]) {
        // It says nothing, and neither does its conflict clause.
        let _conflict = on_conflict(at)?;
        column.other_names.extend(name.take());
    } else if at.take(&["not", "null"]) {
        column.not_null = true;
        column.not_null_conflict = on_conflict(at)?;
        column.not_null_name = name.take();
    } else if at.take(&["primary", "key"]) {
        let direction = at.take_one_of(&["asc", "desc"]);
        let mut key = ConstraintText::new("primary key", name.take());
        key.set("columns", json!([key_column(&column.name, direction)]));
        key.set_conflict(on_conflict(at)?);
        if at.take(&["autoincrement"]) {
            key.set("autoincrement", json!(true));
        }
        // SQLite's manual: with DESC such a column does not become the row's number.
        if column.is_integer && direction != Some("desc") {
            key.set("is_rowid", json!(true));
        }
        constraints.push(key);
    } else if at.take(&["unique"]) {
        let mut key = ConstraintText::new("unique", name.take());
        key.set("columns", json!([key_column(&column.name, None)]));
        key.set_conflict(on_conflict(at)?);
        constraints.push(key);
    } else if at.take(&["check"]) {
        constraints.push(check(at, columns, name.take())?);
    } else if at.take(&["references"]) {
        let mut key = ConstraintText::new("foreign key", name.take());
        references(at, &mut key)?;
        constraints.push(key);
    } else if at.sees(&["deferrable"]) || at.sees(&["not", "deferrable"]) {
        let deferrable = deferrable(at)?;
        // SQLite gives it to the foreign key before it, wherever that stands, and ignores it when there is none.
        if let Some(key) = constraints.iter_mut().rev().find(|constraint| constraint.kind == "foreign key") {
            key.set("deferrable", json!(deferrable));
        }
        column.other_names.extend(name.take());
    } else if at.take(&["collate"]) {
        column.collation = Some(at.take_name()?.to_ascii_lowercase());
        column.other_names.extend(name.take());
    } else if at.take(&["generated", "always", "as"]) || at.take(&["as"]) {
        let text = expression(at.sql, at.take_group()?, columns);
        let stored = match at.rest.first() {
            Some(token) if is(at.sql, token, "stored") || is(at.sql, token, "virtual") => at.next()?,
            _ => {
                column.generated = Some((text, "virtual"));
                column.other_names.extend(name.take());
                return Some(());
            }
        };
        column.generated = Some((text, if is(at.sql, stored, "stored") { "stored" } else { "virtual" }));
        column.other_names.extend(name.take());
    } else {
        return None;
    }
    Some(())
}

/// A column of a key, as its constraint declares it behind the columns.
fn key_column(name: &str, direction: Option<&str>) -> String {
    let quoted = format!("\"{}\"", name.replace('"', "\"\""));
    let name = super::tokens::normalise_tokens(&quoted);
    direction.map_or_else(|| name.clone(), |direction| format!("{name} {direction}"))
}

/// The value behind DEFAULT. A name there is a string, so that its case counts.
fn default(at: &mut Cursor<'_>, columns: &Names) -> Option<String> {
    if at.sees(&["("]) {
        return Some(format!("({})", expression(at.sql, at.take_group()?, columns)));
    }
    let sign = at.take_one_of(&["+", "-"]);
    let token = at.next()?;
    let text = &at.sql[token.span.clone()];
    let value = match token.kind {
        Kind::Word => {
            let lower = text.to_ascii_lowercase();
            let known = ["null", "true", "false", "current_time", "current_date", "current_timestamp"];
            if known.contains(&lower.as_str()) { lower } else { text.to_owned() }
        }
        Kind::Number => text.to_ascii_lowercase(),
        Kind::Quoted | Kind::Text => text.to_owned(),
        Kind::Semicolon | Kind::Symbol | Kind::Unterminated(_) => return None,
    };
    Some(sign.map_or_else(|| value.clone(), |sign| format!("{sign}{value}")))
}

/// `ON CONFLICT` and its word, if it is there.
#[expect(clippy::option_option, reason = "the outer one says that the text was understood")]
pub(super) fn on_conflict(at: &mut Cursor<'_>) -> Option<Option<&'static str>> {
    if !at.take(&["on", "conflict"]) {
        return Some(None);
    }
    at.take_one_of(&["rollback", "abort", "fail", "ignore", "replace"]).map(Some)
}

/// What stands behind CHECK.
pub(super) fn check(at: &mut Cursor<'_>, columns: &Names, name: Option<String>) -> Option<ConstraintText> {
    let tokens = at.take_group()?;
    let mut check = ConstraintText::new("check", name);
    check.set("expression", json!(expression(at.sql, tokens, columns)));
    check.mentions = mentioned(at.sql, tokens, columns);
    Some(check)
}

/// The columns that an expression names, in the order in which it does.
fn mentioned(sql: &str, tokens: &[Token], columns: &Names) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for token in tokens.iter().filter(|token| matches!(token.kind, Kind::Word | Kind::Quoted)) {
        let column = name_of(sql, token).and_then(|name| columns.get(&name.to_ascii_lowercase()));
        found.extend(column.filter(|column| !found.contains(column)).cloned().into_iter().collect::<Vec<_>>());
    }
    found
}

/// What stands behind REFERENCES.
pub(super) fn references(at: &mut Cursor<'_>, key: &mut ConstraintText) -> Option<()> {
    key.set("parent", json!(at.take_name()?));
    if let Some(columns) = at.take_group() {
        key.set("parent_columns", json!(names(at.sql, columns)?));
    }
    key.set("on_delete", json!("no action"));
    key.set("on_update", json!("no action"));
    loop {
        if at.take(&["match"]) {
            key.set("match", json!(at.take_name()?.to_ascii_lowercase()));
        } else if at.sees(&["on", "delete"]) || at.sees(&["on", "update"]) || at.sees(&["on", "insert"]) {
            at.next()?;
            let event = at.take_one_of(&["delete", "update", "insert"])?;
            key.set(&format!("on_{event}"), json!(action(at)?));
        } else {
            return Some(());
        }
    }
}

fn action(at: &mut Cursor<'_>) -> Option<&'static str> {
    const ACTIONS: [(&str, &[&str]); 5] = [
        ("set null", &["set", "null"]),
        ("set default", &["set", "default"]),
        ("cascade", &["cascade"]),
        ("restrict", &["restrict"]),
        ("no action", &["no", "action"]),
    ];
    ACTIONS.iter().find(|(_, words)| at.take(words)).map(|(action, _)| *action)
}

/// `DEFERRABLE` with what belongs to it.
pub(super) fn deferrable(at: &mut Cursor<'_>) -> Option<String> {
    let start = at.rest;
    let _not = at.take(&["not"]);
    at.take(&["deferrable"]).then_some(())?;
    if at.take(&["initially"]) {
        at.take_one_of(&["deferred", "immediate"])?;
    }
    Some(written(at.sql, &start[..start.len() - at.rest.len()]))
}
