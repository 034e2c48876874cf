//! From the rows of the catalog queries to a snapshot, paying only for the rows that changed.
//!
//! A replay reads the same catalog hundreds of times and finds nearly the same rows each time. A row that was seen
//! before is recognised by its text and neither parsed nor inserted again, and a query whose answer cannot have changed
//! need not be asked again.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use super::EngineError;
use crate::schema::{Attributes, Object, ObjectId, Snapshot, Unreadable, names_kind};

/// Stands between the four columns of a row; no catalog text holds it, since JSON escapes control characters.
pub(super) const SEPARATOR: char = '\u{1f}';

/// Stands between rows. A whole answer travels as one value: drivers hand rows over one at a time, which costs more than
/// reading them.
pub(super) const ROW_SEPARATOR: char = '\u{1e}';

/// How many rows are remembered at most beyond four times those of the present reading.
const REMEMBERED: usize = 20_000;

/// The number of the next reader; 0 is nobody's.
static NEXT_ORIGIN: AtomicU64 = AtomicU64::new(1);

#[derive(Debug)]
struct Row {
    id: Arc<ObjectId>,
    object: Arc<Object>,
    left_out: bool,
}

/// A snapshot together with the rows it was made of, query by query.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    parts: Vec<Arc<Vec<Arc<Row>>>>,
    snapshot: Snapshot,
}

impl Reading {
    /// Nothing was read yet, and these kinds cannot be.
    pub(super) fn without(unreadable: Arc<[Unreadable]>) -> Self {
        Self { parts: Vec::new(), snapshot: Snapshot::default().with_unreadable(unreadable) }
    }

    /// The schema that was read.
    pub(super) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Whether the query with this index gave any row.
    pub(super) fn has_any(&self, part: usize) -> bool {
        self.parts.get(part).is_some_and(|rows| !rows.is_empty())
    }
}

/// Turns rows into snapshots.
pub(super) struct RowReader {
    rows: HashMap<Box<str>, Arc<Row>>,
    /// The names of kinds, of parts of paths and of attributes, each once.
    names: HashSet<Arc<str>>,
    left_out: Vec<String>,
    left_out_kinds: Vec<String>,
    /// Whether a row was met whose text may hold the names of objects that it does not depend on.
    loosely_names: bool,
    /// Those of `left_out` that some row was left out for.
    matched: BTreeSet<String>,
    origin: u64,
}

impl RowReader {
    /// A reader that has read nothing yet.
    pub(super) fn new() -> Self {
        Self {
            rows: HashMap::new(),
            names: HashSet::new(),
            left_out: Vec::new(),
            left_out_kinds: Vec::new(),
            loosely_names: false,
            matched: BTreeSet::new(),
            origin: NEXT_ORIGIN.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// Leaves these objects and their parts out of every later reading.
    pub(super) fn leave_out(&mut self, objects: Vec<String>) {
        self.left_out = objects;
        self.matched.clear();
        self.rows.clear();
    }

    /// Leaves all objects of these kinds and their parts out of every later reading; the names are a user's.
    pub(super) fn leave_out_kinds(&mut self, kinds: Vec<String>) {
        self.left_out_kinds = kinds;
        self.rows.clear();
    }

    /// Whether a row was met whose text has a constant of a type such as PostgreSQL's `regclass[]`: it prints as names, which
    /// become numbers when the objects are dropped, since nothing depends on what an array holds.
    pub(super) fn loosely_names(&self) -> bool {
        self.loosely_names
    }

    /// Those of the objects to be left out that no row was about.
    pub(super) fn unmatched(&self) -> Vec<String> {
        self.left_out.iter().filter(|object| !self.matched.contains(*object)).cloned().collect()
    }

    /// What `base` becomes when the query with index `part` now gives `answer`: rows with [`ROW_SEPARATOR`] between, each
    /// of kind, path, identity and attributes with [`SEPARATOR`] between.
    pub(super) fn update(&mut self, base: &Reading, part: usize, answer: &str) -> Result<Reading, EngineError> {
        self.update_where(base, part, |_, _| false, answer)
    }

    /// The same where only a part of the query's rows was asked for: `answer` takes the place of the rows that `keep`, which is
    /// told their identity, does not want to keep.
    pub(super) fn update_where(
        &mut self,
        base: &Reading,
        part: usize,
        keep: impl Fn(&ObjectId, &str) -> bool,
        answer: &str,
    ) -> Result<Reading, EngineError> {
        let kept = base.parts.get(part).into_iter().flat_map(|rows| rows.iter());
        let mut now: Vec<Arc<Row>> =
            kept.filter(|row| keep(&row.id, row.object.identity.as_deref().unwrap_or_default())).cloned().collect();
        for text in answer.split(ROW_SEPARATOR).filter(|text| !text.is_empty()) {
            now.push(self.row(text)?);
        }
        let empty = Arc::default();
        let old: &Arc<Vec<Arc<Row>>> = base.parts.get(part).unwrap_or(&empty);
        let pointers = |rows: &[Arc<Row>]| -> HashSet<*const Row> { rows.iter().map(Arc::as_ptr).collect() };
        let (before, after) = (pointers(old), pointers(&now));
        let gone = old.iter().filter(|row| !row.left_out && !after.contains(&Arc::as_ptr(row))).map(|row| &*row.id);
        let came: Vec<&Arc<Row>> =
            now.iter().filter(|row| !row.left_out && !before.contains(&Arc::as_ptr(row))).collect();
        let added = came.iter().map(|row| (Arc::clone(&row.id), Arc::clone(&row.object)));
        let snapshot = base.snapshot.changed(gone, added).read_at(self.origin);
        let count = |rows: &[Arc<Row>]| rows.iter().filter(|row| !row.left_out).count();
        if snapshot.len() + count(old) != base.snapshot.len() + count(&now) {
            let twice = came.first().map(|row| row.id.to_string()).unwrap_or_default();
            return Err(EngineError::unexpected(format!(
                "the catalog names two objects alike, near {twice}; please report this as a bug of Rollproof"
            )));
        }
        if self.rows.len() > REMEMBERED + 4 * snapshot.len() {
            self.rows.retain(|_, row| Arc::strong_count(row) > 1);
            self.names.retain(|name| Arc::strong_count(name) > 1);
        }
        let mut parts = base.parts.clone();
        parts.resize_with(parts.len().max(part + 1), Arc::default);
        parts[part] = Arc::new(now);
        Ok(Reading { parts, snapshot })
    }

    fn row(&mut self, text: &str) -> Result<Arc<Row>, EngineError> {
        if let Some(row) = self.rows.get(text) {
            return Ok(Arc::clone(row));
        }
        let row = Arc::new(self.parse(text)?);
        self.rows.insert(text.into(), Arc::clone(&row));
        Ok(row)
    }

    /// A name, shared with all others of its text.
    fn name(&mut self, text: &str) -> Arc<str> {
        if let Some(name) = self.names.get(text) {
            return Arc::clone(name);
        }
        let name: Arc<str> = text.into();
        self.names.insert(Arc::clone(&name));
        name
    }

    fn parse(&mut self, text: &str) -> Result<Row, EngineError> {
        let wrong = |what: &str| EngineError::unexpected(format!("a catalog row {what}: {text:?}"));
        self.loosely_names |=
            text.split("::reg").skip(1).any(|rest| rest.trim_start_matches(char::is_alphabetic).starts_with("[]"));
        let mut columns = text.splitn(4, SEPARATOR);
        let (Some(kind), Some(path), Some(identity), Some(attributes)) =
            (columns.next(), columns.next(), columns.next(), columns.next())
        else {
            return Err(wrong("has fewer than four columns"));
        };
        let path: Vec<Arc<str>> = serde_json::from_str::<Vec<String>>(path)
            .map_err(|error| wrong(&format!("has an unreadable path ({error})")))?
            .iter()
            .map(|name| self.name(name))
            .collect();
        let attributes: HashMap<String, Value> =
            serde_json::from_str(attributes).map_err(|error| wrong(&format!("has unreadable attributes ({error})")))?;
        // An attribute without a value and one that is absent mean the same: the engine's default.
        let attributes: Attributes = attributes
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (self.name(&name), value))
            .collect();
        let id = ObjectId { kind: self.name(kind), path };
        let identity = (!identity.is_empty()).then(|| identity.into());
        let whole = id.whole_among(&self.left_out);
        self.matched.extend(whole.cloned());
        // The sequence that numbers a table's rows is a part of that table, and has a name of its own.
        let owner = attributes.get("owned_by").and_then(Value::as_str).and_then(|column| column.rsplit_once('.'));
        let owned =
            owner.is_some_and(|(table, _)| self.left_out.iter().any(|left| left.strip_prefix("table ") == Some(table)));
        let left_out = owned || whole.is_some() || self.left_out_kinds.iter().any(|name| names_kind(name, &id.kind));
        Ok(Row { id: Arc::new(id), object: Arc::new(Object { identity, attributes }), left_out })
    }
}

/// Whether an object of `before` has another name in `after`, be it left out or not: its kind and identity stayed, its path
/// did not, nor one of the `names` among its attributes, which are those of its own hidden parts. Texts that engines
/// deparse name other objects, so that a rename may change what queries about quite other objects answer.
pub(super) fn renamed(before: &Reading, after: &Reading, names: &[&str]) -> bool {
    let empty = Arc::default();
    (0..before.parts.len().max(after.parts.len())).any(|part| {
        let of = |reading: &'_ Reading| Arc::clone(reading.parts.get(part).unwrap_or(&empty));
        let (old, new) = (of(before), of(after));
        if Arc::ptr_eq(&old, &new) {
            return false;
        }
        let there: HashSet<*const Row> = new.iter().map(Arc::as_ptr).collect();
        let key = |row: &Row| Some((Arc::clone(&row.id.kind), row.object.identity.clone()?));
        let gone: HashMap<_, &Arc<Row>> = old
            .iter()
            .filter(|row| !there.contains(&Arc::as_ptr(row)))
            .filter_map(|row| Some((key(row)?, row)))
            .collect();
        !gone.is_empty()
            && new.iter().any(|now| {
                let was = key(now).and_then(|key| gone.get(&key));
                was.is_some_and(|was| {
                    let name_of_part = |name: &&str| {
                        let (was, now) = (was.object.attributes.get(*name), now.object.attributes.get(*name));
                        was.is_some() && was != now
                    };
                    was.id != now.id || names.iter().any(name_of_part)
                })
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: &str, path: &str, identity: &str, attributes: &str) -> String {
        format!("{kind}{SEPARATOR}{path}{SEPARATOR}{identity}{SEPARATOR}{attributes}")
    }

    fn read(reader: &mut RowReader, base: &Reading, part: usize, rows: &[&String]) -> Reading {
        let rows: Vec<&str> = rows.iter().map(|row| row.as_str()).collect();
        reader.update(base, part, &rows.join(&ROW_SEPARATOR.to_string())).unwrap()
    }

    #[test]
    fn rows_come_change_go_and_come_back() {
        let mut reader = RowReader::new();
        reader.leave_out(vec!["table public._sqlx_migrations".to_owned()]);
        let table = row("table", r#"["public","t"]"#, "1", "{}");
        let column = row("table column", r#"["public","t","c"]"#, "1.1", r#"{"type":"text"}"#);
        let wider = row("table column", r#"["public","t","c"]"#, "1.1", r#"{"type":"bigint","default":null}"#);
        let ours = row("table", r#"["public","_sqlx_migrations"]"#, "2", "{}");
        assert_eq!(reader.unmatched(), ["table public._sqlx_migrations"]);
        let empty = Reading::default();
        let tables = read(&mut reader, &empty, 0, &[&table, &ours]);
        let first = read(&mut reader, &tables, 1, &[&column]);
        assert_eq!(first.snapshot().len(), 2);
        let second = read(&mut reader, &first, 1, &[&wider]);
        assert_ne!(first.snapshot(), second.snapshot());
        let columns_left = read(&mut reader, &second, 0, &[]);
        let gone = read(&mut reader, &columns_left, 1, &[]);
        assert!(gone.snapshot().is_empty());
        let table_back = read(&mut reader, &gone, 0, &[&ours, &table]);
        let back = read(&mut reader, &table_back, 1, &[&column]);
        assert_eq!(back.snapshot(), first.snapshot());
        assert!(!renamed(&first, &second, &[]));
        assert!(reader.unmatched().is_empty());
    }

    #[test]
    fn a_kind_is_left_out_with_its_parts() {
        let mut reader = RowReader::new();
        reader.leave_out_kinds(vec!["foreign table".to_owned(), "policy".to_owned()]);
        let rows = [
            row("table", r#"["public","t"]"#, "1", "{}"),
            row("table policy", r#"["public","t","p"]"#, "2", "{}"),
            row("foreign-table", r#"["public","f"]"#, "3", "{}"),
            row("foreign-table column", r#"["public","f","c"]"#, "3.1", "{}"),
        ];
        let reading = read(&mut reader, &Reading::default(), 0, &rows.iter().collect::<Vec<_>>());
        assert_eq!(reading.snapshot().iter().map(|(id, _)| id.to_string()).collect::<Vec<_>>(), ["table public.t"]);
    }

    #[test]
    fn a_rename_is_recognised_by_identity() {
        let mut reader = RowReader::new();
        let old = row("table", r#"["public","t"]"#, "1", "{}");
        let new = row("table", r#"["public","u"]"#, "1", "{}");
        let other = row("table", r#"["public","u"]"#, "2", "{}");
        let before = read(&mut reader, &Reading::default(), 0, &[&old]);
        assert!(renamed(&before, &read(&mut reader, &before, 0, &[&new]), &[]));
        assert!(!renamed(&before, &read(&mut reader, &before, 0, &[&other]), &[]));
        reader.leave_out(vec!["table public.t".to_owned()]);
        let before = read(&mut reader, &Reading::default(), 0, &[&old]);
        assert!(renamed(&before, &read(&mut reader, &before, 0, &[&new]), &[]), "what is left out has names too");
    }

    #[test]
    fn the_name_of_a_hidden_part_is_a_name() {
        let mut reader = RowReader::new();
        let row = |name: &str| row("column", r#"["t","c"]"#, "1", &format!(r#"{{"sequence":{name},"type":"text"}}"#));
        let before = read(&mut reader, &Reading::default(), 0, &[&row("\"a\"")]);
        let other = read(&mut reader, &before, 0, &[&row("\"b\"")]);
        assert!(renamed(&before, &other, &["sequence"]) && !renamed(&before, &other, &["type"]));
        let none = read(&mut reader, &before, 0, &[&row("null")]);
        assert!(!renamed(&none, &before, &["sequence"]), "a part that came has no text about it yet");
    }

    #[test]
    fn two_rows_of_one_name_are_an_error() {
        let mut reader = RowReader::new();
        let one = row("table", r#"["t"]"#, "", "{}");
        let other = row("table", r#"["t"]"#, "", r#"{"strict":true}"#);
        assert!(reader.update(&Reading::default(), 0, &format!("{one}{ROW_SEPARATOR}{other}")).is_err());
    }
}
