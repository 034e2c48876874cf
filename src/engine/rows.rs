//! From the rows of the catalog queries to a snapshot, paying only for the rows that changed.
//!
//! A replay reads the same catalog hundreds of times and finds nearly the same rows each time. A row that was seen
//! before is recognised by its text and neither parsed nor inserted again.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::EngineError;
use crate::schema::{Attributes, Object, ObjectId, Snapshot};

/// Stands between the four columns of a row; no catalog text holds it, since JSON escapes control characters.
pub(super) const SEPARATOR: char = '\u{1f}';

/// How many readings a row that is gone is remembered: a down and its redo bring the same rows back.
const REMEMBERED: u64 = 8;

struct Row {
    id: ObjectId,
    object: Arc<Object>,
    seen: u64,
    left_out: bool,
}

/// Turns rows into snapshots.
pub(super) struct RowReader {
    rows: HashMap<Box<str>, Row>,
    reading: u64,
    last: Snapshot,
    left_out: Vec<String>,
    finish: fn(&ObjectId, &mut Attributes),
}

impl RowReader {
    /// A reader; `finish` completes the attributes of an object with what SQL cannot compute.
    pub(super) fn new(finish: fn(&ObjectId, &mut Attributes)) -> Self {
        Self { rows: HashMap::new(), reading: 0, last: Snapshot::default(), left_out: Vec::new(), finish }
    }

    /// Leaves these objects and their parts out of every later snapshot.
    pub(super) fn leave_out(&mut self, objects: Vec<String>) {
        *self = Self { left_out: objects, ..Self::new(self.finish) };
    }

    /// The snapshot that these rows amount to. A row is kind, path, identity and attributes, with [`SEPARATOR`] between.
    pub(super) fn snapshot<'r>(&mut self, rows: impl Iterator<Item = &'r str>) -> Result<Snapshot, EngineError> {
        let previous = self.reading;
        self.reading += 1;
        let mut came: Vec<(ObjectId, Arc<Object>)> = Vec::new();
        let mut live = 0;
        for text in rows {
            if !self.rows.contains_key(text) {
                let row = self.parse(text)?;
                self.rows.insert(text.into(), row);
            }
            let Some(row) = self.rows.get_mut(text) else { continue };
            if !row.left_out {
                live += 1;
                if row.seen != previous || previous == 0 {
                    came.push((row.id.clone(), Arc::clone(&row.object)));
                }
            }
            row.seen = self.reading;
        }
        let gone = self.rows.values().filter(|row| row.seen == previous).map(|row| &row.id);
        let next = self.last.changed(gone, came);
        if next.len() != live {
            return Err(EngineError::unexpected(format!(
                "the catalog gave {live} objects under {} names; please report this as a bug of Rollproof",
                next.len()
            )));
        }
        let oldest = self.reading.saturating_sub(REMEMBERED);
        self.rows.retain(|_, row| row.seen >= oldest);
        self.last = next.clone();
        Ok(next)
    }

    fn parse(&self, text: &str) -> Result<Row, EngineError> {
        let wrong = |what: &str| EngineError::unexpected(format!("a catalog row {what}: {text:?}"));
        let mut columns = text.splitn(4, SEPARATOR);
        let (Some(kind), Some(path), Some(identity), Some(attributes)) =
            (columns.next(), columns.next(), columns.next(), columns.next())
        else {
            return Err(wrong("has fewer than four columns"));
        };
        let path: Vec<Arc<str>> = serde_json::from_str::<Vec<String>>(path)
            .map_err(|error| wrong(&format!("has an unreadable path ({error})")))?
            .into_iter()
            .map(Arc::from)
            .collect();
        let attributes: HashMap<String, Value> = serde_json::from_str(attributes)
            .map_err(|error| wrong(&format!("has unreadable attributes ({error})")))?;
        let mut attributes: Attributes =
            attributes.into_iter().map(|(name, value)| (Arc::from(name.as_str()), value)).collect();
        let id = ObjectId { kind: kind.into(), path };
        (self.finish)(&id, &mut attributes);
        let identity = (!identity.is_empty()).then(|| identity.into());
        let left_out = id.is_part_of_any(&self.left_out);
        Ok(Row { id, object: Arc::new(Object { identity, attributes }), seen: 0, left_out })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: &str, path: &str, attributes: &str) -> String {
        format!("{kind}{SEPARATOR}{path}{SEPARATOR}{SEPARATOR}{attributes}")
    }

    #[test]
    fn rows_come_change_go_and_come_back() {
        let mut reader = RowReader::new(|_, _| ());
        reader.leave_out(vec!["table public._sqlx_migrations".to_owned()]);
        let table = row("table", r#"["public","t"]"#, "{}");
        let column = row("table column", r#"["public","t","c"]"#, r#"{"type":"text"}"#);
        let wider = row("table column", r#"["public","t","c"]"#, r#"{"type":"bigint"}"#);
        let ours = row("table", r#"["public","_sqlx_migrations"]"#, "{}");
        let read = |reader: &mut RowReader, rows: &[&String]| reader.snapshot(rows.iter().map(|row| row.as_str())).unwrap();
        let first = read(&mut reader, &[&table, &column, &ours]);
        assert_eq!(first.len(), 2);
        let second = read(&mut reader, &[&table, &wider]);
        assert_ne!(first, second);
        let none = read(&mut reader, &[]);
        assert!(none.is_empty());
        assert_eq!(read(&mut reader, &[&ours, &column, &table]), first);
        assert_eq!(read(&mut reader, &[&table, &wider]), second);
    }

    #[test]
    fn two_rows_of_one_name_are_an_error() {
        let mut reader = RowReader::new(|_, _| ());
        let one = row("table", r#"["t"]"#, "{}");
        let other = row("table", r#"["t"]"#, r#"{"strict":true}"#);
        assert!(reader.snapshot([one.as_str(), other.as_str()].into_iter()).is_err());
    }
}
