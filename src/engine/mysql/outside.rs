//! What migrations leave outside of their database and snapshots tell of, on a server where they may: other databases with
//! what is in them, and global variables that are not what they were when the run began.
//!
//! Snapshots are taken after every step, so this costs next to nothing while nobody leaves anything there: the names of the
//! databases are asked for each time, what is in others only where there are others, and variables (a millisecond) only from
//! the statement on that names what sets them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::mysql::MySqlConnection;

use super::cluster::{ClusterState, Question, VARIABLE, may_be_secret, text};
use super::connection::rows;
use super::flavour::Flavour;
use super::reading::Catalog;
use crate::engine::EngineError;
use crate::engine::rows::{ROW_SEPARATOR, SEPARATOR};

/// The kinds of objects that are told here. What is in another database is told by name and a checksum of its definition.
pub(super) const KINDS: [&str; 13] = [
    "other-database",
    "other-database privileges",
    "other-database table",
    "other-database view",
    "other-database sequence",
    "other-database function",
    "other-database procedure",
    "other-database package",
    "other-database package-body",
    "other-database event",
    "other-database library",
    "global-variable",
    "persisted-variable",
];

/// All databases but those of the server itself, each with its collation.
const NAMES: &str = "SELECT CAST(schema_name AS CHAR), CAST(default_collation_name AS CHAR) FROM information_schema.schemata \
    WHERE lower(schema_name) NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys') \
    AND schema_name NOT LIKE 'rollproof\\_%'";

/// What stands in a statement that sets a global variable, whatever else does: `SET GLOBAL`, `@@global`, `SET PERSIST`. What
/// is put together at run time stands in an earlier statement.
const SETS_VARIABLES: [&str; 3] = ["global", "persist", "persist_only"];

/// How what migrations leave outside of their database is read.
pub(super) struct Outside {
    /// The databases whose contents are somebody else's.
    not_ours: BTreeSet<String>,
    /// The variables as they were when the run began, those of later plugins as they were first seen.
    variables: BTreeMap<(String, String), String>,
    /// Whether any statement named what sets variables.
    names_variables: bool,
    /// How other databases are read.
    catalog: Option<Catalog>,
    /// The other databases whose contents were read last.
    databases: Vec<String>,
}

impl Outside {
    /// Nothing is left anywhere yet. What is in the databases that are there `then` is read only on a server of our own.
    pub(super) fn new(then: &ClusterState, owned: bool) -> Self {
        Self {
            not_ours: if owned { BTreeSet::new() } else { then.named("database").cloned().collect() },
            variables: then.variables(),
            names_variables: false,
            catalog: None,
            databases: Vec::new(),
        }
    }

    /// The other databases whose contents were read last.
    pub(super) fn databases(&self) -> &[String] {
        &self.databases
    }

    /// Whether some statement may have set global variables.
    pub(super) fn looks_at_variables(&self) -> bool {
        self.names_variables
    }

    /// Whether a statement may set global variables. Those that are not known yet are to be [learnt](Self::learn) before it.
    pub(super) fn may_set_variables(sql: &str) -> bool {
        // As words: columns are called so, too.
        sql.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
            .any(|word| SETS_VARIABLES.iter().any(|sets| word.eq_ignore_ascii_case(sets)))
    }

    /// Looks at variables from now on, and remembers those that came since.
    ///
    /// # Errors
    /// When the server refuses to tell.
    pub(super) async fn learn(
        &mut self,
        connection: &mut MySqlConnection,
        question: &Question,
    ) -> Result<(), EngineError> {
        self.names_variables = true;
        self.first_seen(&question.ask_variables(connection).await?);
        Ok(())
    }

    fn first_seen(&mut self, now: &ClusterState) {
        for (what, value) in now.variables() {
            if what.0 == VARIABLE {
                self.variables.entry(what).or_insert(value);
            }
        }
    }

    /// All rows, as [`crate::engine::rows::RowReader`] reads them. Other databases are looked for where there may be `others`.
    ///
    /// # Errors
    /// When the server refuses to tell.
    pub(super) async fn read(
        &mut self,
        connection: &mut MySqlConnection,
        flavour: Flavour,
        question: &Question,
        others: bool,
    ) -> Result<String, EngineError> {
        let mut out = Vec::new();
        self.databases.clear();
        let names = if others { rows(connection, NAMES).await? } else { Vec::new() };
        for row in names {
            let (name, collation) = (text(&row, 0)?, text(&row, 1)?);
            if self.not_ours.contains(&name) {
                out.push(line("other-database", &[&name], &json!({ "collation": collation })));
            } else {
                let catalog = match self.catalog.take() {
                    Some(catalog) => catalog,
                    None => Catalog::survey(connection, flavour, &name, false).await?,
                };
                let read = self.catalog.insert(catalog).read(connection, &name, &mut None).await?;
                let read: Vec<&str> = read.iter().map(|answer| answer.rows.as_str()).collect();
                out.extend(told(&name, &read.join(&ROW_SEPARATOR.to_string()))?);
                self.databases.push(name);
            }
        }
        if self.names_variables {
            let now = question.ask_variables(connection).await?;
            self.first_seen(&now);
            out.extend(self.changed(&now));
        }
        Ok(out.join(&ROW_SEPARATOR.to_string()))
    }

    fn changed(&self, now: &ClusterState) -> Vec<String> {
        let (mut out, is) = (Vec::new(), now.variables());
        for (what, value) in &is {
            let (kind, was) =
                (if what.0 == VARIABLE { "global-variable" } else { "persisted-variable" }, self.variables.get(what));
            if was != Some(value) {
                let shown = |value: &String| {
                    if may_be_secret(&what.1, value) { checksum([value.as_str()]) } else { value.clone() }
                };
                out.push(line(kind, &[&what.1], &json!({ "value": shown(value), "value_at_start": was.map(shown) })));
            }
        }
        out
    }
}

/// The rows of another database, those of one object as one.
fn told(database: &str, read: &str) -> Result<Vec<String>, EngineError> {
    let mut objects: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
    let mut out = Vec::new();
    for row in read.split(ROW_SEPARATOR).filter(|row| !row.is_empty()) {
        let wrong = || EngineError::unexpected(format!("a catalog row is unreadable: {row:?}"));
        let columns: Vec<&str> = row.splitn(4, SEPARATOR).collect();
        let &[kind, path, _, attributes] = columns.as_slice() else { return Err(wrong()) };
        let path: Vec<String> = serde_json::from_str(path).map_err(|_| wrong())?;
        let whole = kind.split(' ').next().unwrap_or_default();
        if whole == "database" {
            let attributes: Value = serde_json::from_str(attributes).map_err(|_| wrong())?;
            match path.get(1) {
                None => out.push(line("other-database", &[database], &attributes)),
                Some(whom) => out.push(line("other-database privileges", &[database, whom], &attributes)),
            }
        } else {
            let name = path.first().cloned().unwrap_or_default();
            objects.entry((whole, name)).or_default().push(format!("{kind}{SEPARATOR}{path:?}{SEPARATOR}{attributes}"));
        }
    }
    for ((kind, name), mut rows) in objects {
        rows.sort();
        let checksum = checksum(rows.iter().map(String::as_str));
        out.push(line(
            &format!("other-database {kind}"),
            &[database, &name],
            &json!({ "definition_checksum": checksum }),
        ));
    }
    Ok(out)
}

fn line(kind: &str, path: &[&str], attributes: &Value) -> String {
    format!("{kind}{SEPARATOR}{}{SEPARATOR}{SEPARATOR}{attributes}", json!(path))
}

fn checksum<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_set_variables_is_found_in_any_spelling() {
        for sql in ["SET GLOBAL a = 1", "set @@GLOBAL.a = 1", "SET persist_only a = 1", "CALL p('SET GLOBAL a = 1')"] {
            assert!(Outside::may_set_variables(sql), "{sql}");
        }
        assert!(!Outside::may_set_variables("ALTER TABLE t ADD COLUMN excluded_globals INT"));
        assert!(!Outside::may_set_variables("SET SESSION a = 1") && !Outside::may_set_variables(""));
    }

    #[test]
    fn the_rows_of_one_object_are_told_as_one() {
        let row = |kind: &str, path: &str, identity: &str, attributes: &str| {
            format!("{kind}{SEPARATOR}{path}{SEPARATOR}{identity}{SEPARATOR}{attributes}")
        };
        let of = |identity: &str, column: &str| {
            let rows = [
                row("database", r#"["current"]"#, "", r#"{"collation":"c"}"#),
                row("database privileges", r#"["current","u@%"]"#, "", r#"{"privileges":["SELECT"]}"#),
                row("table", r#"["t"]"#, identity, "{}"),
                row("table column", r#"["t","a"]"#, "", &format!(r#"{{"type":"{column}"}}"#)),
            ];
            told("o", &rows.join(&ROW_SEPARATOR.to_string())).unwrap()
        };
        let one = of("1", "int");
        assert_eq!(one.len(), 3);
        assert!(one[2].starts_with(&format!(r#"other-database table{SEPARATOR}["o","t"]"#)), "{one:?}");
        assert_eq!(one, of("2", "int"), "identities are no part of what an object is");
        assert_ne!(one, of("1", "bigint"));
    }
}
