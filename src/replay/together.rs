//! What a tool does otherwise where it brings several migrations in one run. Each is judged here as the only one of a run; what
//! that leaves open is told.

use crate::engine::{Engine, Statement};
use crate::history::{History, Script};
use crate::schema::{ChangeKind, Diff};

/// What is to be told of a migration whose up passed with this difference.
pub(super) fn notes(engine: &dyn Engine, history: &History, migration: usize, diff: &Diff) -> Vec<String> {
    let script = &history.migrations[migration].up;
    match history.format {
        _ if migration + 1 == history.migrations.len() => Vec::new(),
        "drizzle" => new_values(&history.migrations[migration].id, diff),
        "dbmate" => settings(engine, script),
        _ => Vec::new(),
    }
}

/// drizzle brings all that are pending in one transaction, and PostgreSQL lets nobody use a new value of an enum before its
/// commit.
fn new_values(id: &str, diff: &Diff) -> Vec<String> {
    let is_of_labels =
        |kind: &ChangeKind| matches!(kind, ChangeKind::Altered { attribute, .. } if &**attribute == "labels");
    let altered = diff.changes.iter().filter(|change| &*change.object.kind == "enum" && is_of_labels(&change.kind));
    let told = altered.map(|change| {
        format!(
            "{id} gives {} other values: drizzle brings all pending migrations in one transaction, in which a new value cannot be \
             used yet, so that one which uses it fails unless this one was brought in a run before; each has a transaction of its \
             own here",
            change.object
        )
    });
    told.collect()
}

/// dbmate goes on in the session of the file before, and asks in it for its own table.
fn settings(engine: &dyn Engine, script: &Script) -> Vec<String> {
    let statements = engine.split(&script.text).unwrap_or_default();
    let told = statements.iter().filter_map(|statement| {
        let name = setting(statement)?;
        let (path, line) = (script.path.display(), script.first_line + statement.line - 1);
        Some(format!(
            "{path}:{line} sets {name} for the session, in which dbmate brings the next files of the same run, too, and looks for \
             its own table; each file begins with a clean session here"
        ))
    });
    told.collect()
}

/// What a statement sets for the rest of its session, in small letters. Its first words tell.
fn setting(statement: &Statement) -> Option<String> {
    let mut words = statement.lead.split(' ');
    let name = match (words.next()?, words.next()?) {
        ("SET", "LOCAL" | "TRANSACTION" | "CONSTRAINTS" | "GLOBAL" | "PERSIST" | "PASSWORD" | "DEFAULT") => {
            return None;
        }
        ("SET", "SESSION") => words.next()?,
        ("SET", name) => name,
        _ => return None,
    };
    Some(name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_a_session_are_told_from_those_of_a_transaction() {
        for (lead, expected) in [
            ("SET SEARCH_PATH", Some("search_path")),
            ("SET SESSION SQL_MODE", Some("sql_mode")),
            ("SET ROLE", Some("role")),
            ("SET LOCAL SEARCH_PATH", None),
            ("SET CONSTRAINTS ALL", None),
            ("SET", None),
            ("CREATE TABLE", None),
        ] {
            let statement = Statement { span: 0..0, line: 1, lead: lead.to_owned(), copy: None };
            assert_eq!(setting(&statement).as_deref(), expected, "{lead}");
        }
    }
}
