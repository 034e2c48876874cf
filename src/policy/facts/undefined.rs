//! Which object an engine says does not exist.
//!
//! Only the engine's own message is read, never the SQL: the engine knows what it missed.

use std::collections::HashSet;

use crate::replay::{StepError, Trace};
use crate::schema::ObjectId;

/// SQLSTATEs of PostgreSQL (appendix A of its manual, "PostgreSQL Error Codes") that say that an object does not exist:
/// `undefined_table`, `undefined_column`, `undefined_object`, `undefined_function`, `invalid_schema_name`.
const POSTGRES: [&str; 5] = ["42P01", "42703", "42704", "42883", "3F000"];

/// How SQLite begins to say the same; the messages stand in its `build.c`, `resolve.c` and `trigger.c` and carry the
/// general code `SQLITE_ERROR`, so that only the words tell.
const SQLITE: [&str; 5] =
    ["no such table: ", "no such column: ", "no such index: ", "no such view: ", "no such trigger: "];

/// The name of the object that this error says does not exist, without its schema; empty where the error says so and
/// names none, `None` where the error says something else.
pub(super) fn undefined_name(error: &StepError) -> Option<&str> {
    let message = error.message.as_str();
    if error.code.as_deref().is_some_and(|code| POSTGRES.contains(&code)) {
        // Also `undefined_table`: "missing FROM-clause entry for table", which names an alias that the query lacks.
        return (!message.contains("FROM-clause")).then(|| postgres_name(message));
    }
    SQLITE.iter().find_map(|start| message.split_once(start)).map(|(_, rest)| {
        let name = rest.lines().next().unwrap_or("").trim();
        last_part(name.trim_matches('"'))
    })
}

/// The name in `relation "public.books" does not exist`, `column b.title does not exist`, `function f(integer) does not
/// exist`. Names stand in quotes, except those of functions and of columns that the statement qualified.
fn postgres_name(message: &str) -> &str {
    let quoted = message.split('"').nth(1);
    let bare = || {
        let rest = message.strip_prefix("column ").or_else(|| message.strip_prefix("function "))?;
        rest.split([' ', '(']).next()
    };
    last_part(quoted.or_else(bare).unwrap_or(""))
}

/// `books` of `public.books`.
fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name).trim_matches('"')
}

/// Every name that an object has at any moment of a run.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: HashSet<String>,
    /// Whether objects of some kinds could not be read, so that any name may be one of theirs.
    in_part: bool,
}

impl Names {
    /// The names in all snapshots, and those of objects that a failed step left behind. Letters of either case count as
    /// the same, and so do the overloads of a function: to find a name too often costs a hint, to find it too seldom
    /// would give a wrong one.
    pub(super) fn of(trace: &Trace) -> Self {
        let mut names = Self { in_part: !trace.unreadable().is_empty(), ..Self::default() };
        trace.base.iter().for_each(|(id, _)| names.add(id));
        let mut previous = &trace.base;
        for snapshot in &trace.after {
            snapshot.ids_added_since(previous).for_each(|id| names.add(id));
            previous = snapshot;
        }
        trace.steps.iter().flat_map(|step| &step.left_behind.changes).for_each(|change| names.add(&change.object));
        names
    }

    fn add(&mut self, id: &ObjectId) {
        for part in &id.path {
            let name = part.split('(').next().unwrap_or(part).to_lowercase();
            self.names.insert(name);
        }
    }

    /// Whether some object has this name, or may have it.
    pub(super) fn hold(&self, name: &str) -> bool {
        self.in_part || self.names.contains(&name.to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::ErrorKind;

    fn error(code: &str, message: &str) -> StepError {
        StepError {
            kind: ErrorKind::Server,
            code: Some(code.to_owned()),
            message: message.to_owned(),
            detail: None,
            part: 0,
            line: 1,
            span: 0..0,
            statement: 0..0,
        }
    }

    #[test]
    fn the_name_is_read_from_the_engines_message() {
        let table = [
            ("42P01", r#"relation "books" does not exist"#, Some("books")),
            ("42P01", r#"relation "public.books" does not exist"#, Some("books")),
            ("42P01", r#"missing FROM-clause entry for table "b""#, None),
            ("42703", r#"column "title" of relation "books" does not exist"#, Some("title")),
            ("42703", "column b.title does not exist", Some("title")),
            ("42704", r#"type "citext" does not exist"#, Some("citext")),
            ("42883", "function slug(text, integer) does not exist", Some("slug")),
            ("42883", "operator does not exist: text = integer", Some("")),
            ("3F000", r#"schema "audit" does not exist"#, Some("audit")),
            ("42601", r#"syntax error at or near "books""#, None),
            ("1", "no such table: main.books", Some("books")),
            ("1", r#"no such column: "title""#, Some("title")),
            ("1", "error in view shelf: no such table: main.books", Some("books")),
            ("1", "no such function: REGEXP", None),
            ("1", "table books already exists", None),
        ];
        for (code, message, name) in table {
            assert_eq!(undefined_name(&error(code, message)), name, "{message}");
        }
    }
}
