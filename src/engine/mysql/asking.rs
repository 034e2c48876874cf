//! Questions of catalog files and others, and what the server answers in one message.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::Row as _;
use sqlx::mysql::{MySqlConnection, MySqlRow};

use super::connection::literal;
use super::errors::engine_error;
use super::gate::{Hold, Sums};
use super::reading::{Catalog, Listed, ROUTINES, all, as_row, stands_in_proc_alone, text};
use crate::engine::EngineError;

/// Answers of the server.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) sums: Sums,
    pub(super) listed: Vec<Listed>,
    /// By the number of the question.
    pub(super) rows: BTreeMap<usize, Vec<String>>,
}

impl Asked {
    pub(super) fn add(&mut self, other: Self) {
        self.listed.extend(other.listed);
        self.rows.extend(other.rows);
    }
}

impl Catalog {
    /// The question for the checksums of all tables of the server that answers hang on.
    pub(super) fn checksums(&self) -> Option<String> {
        let holds = self.parts.iter().chain(&self.view_columns).flat_map(|part| &part.holds);
        let tables: BTreeSet<&str> = holds
            .filter_map(|hold| match hold {
                Hold::Table(table) => Some(table.as_str()),
                _ => None,
            })
            .collect();
        let tables: Vec<&str> = tables.into_iter().collect();
        (!tables.is_empty()).then(|| format!("CHECKSUM TABLE {}", tables.join(", ")))
    }

    /// The question which of tables, views and sequences has this name, if any.
    pub(super) fn question_of_relation(&self, database: &str, name: &str) -> Option<String> {
        let listing = self.parts.iter().find(|part| part.lists_relations())?;
        Some(format!("{} AND t.table_name = {}", listing.of(database), literal(name)))
    }

    /// The answers to some of the questions of files, and to `others`.
    pub(super) async fn ask(
        &mut self,
        connection: &mut MySqlConnection,
        database: &str,
        others: impl IntoIterator<Item = String>,
        asked: &[usize],
    ) -> Result<Asked, EngineError> {
        let mut answers = Asked { rows: asked.iter().map(|part| (*part, Vec::new())).collect(), ..Asked::default() };
        let questions: Vec<String> =
            others.into_iter().chain(asked.iter().map(|part| self.parts[*part].of(database))).collect();
        for row in all(connection, &questions).await? {
            if row.len() == 2 {
                answers.sums.insert(text(&row, 0)?, bytes_as_text(&row, 1)?);
                continue;
            }
            let kind = text(&row, 0)?;
            if matches!(kind.as_str(), "table" | "view" | "sequence") {
                let path: Vec<String> = serde_json::from_str(&text(&row, 1)?)
                    .map_err(|error| EngineError::unexpected(format!("the name of a {kind} is unreadable: {error}")))?;
                let name = path.into_iter().next().unwrap_or_default();
                answers.listed.push(Listed { kind, name, identity: text(&row, 2)? });
                continue;
            }
            let told = as_row(&row)?;
            // A routine of somebody else comes without its body.
            if told.contains("\"definition\": null") && ROUTINES.contains(&kind.as_str()) {
                self.hides_routines("the server does not show the bodies of other users' routines");
            }
            if self.lacks_proc && ROUTINES.contains(&kind.as_str()) && stands_in_proc_alone(&told, self.flavour) {
                self.hides_routines(
                    "the server shows there alone that a function aggregates, and defaults of parameters",
                );
            }
            let of_part = asked.iter().find(|part| self.parts[**part].kinds.iter().any(|of| **of == *kind));
            let Some(rows) = of_part.and_then(|part| answers.rows.get_mut(part)) else {
                return Err(EngineError::unexpected(format!("an answer tells of a {kind}, which nobody asked for")));
            };
            rows.push(told);
        }
        Ok(answers)
    }
}

/// A column as text, whatever type it has.
fn bytes_as_text(row: &MySqlRow, nth: usize) -> Result<String, EngineError> {
    let bytes: Option<Vec<u8>> = row.try_get_unchecked(nth).map_err(engine_error)?;
    Ok(format!("{bytes:?}"))
}
