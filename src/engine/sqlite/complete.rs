//! Adds to the rows of the catalog what only the texts of the definitions tell.
//!
//! The rows of a table (its columns, foreign keys and indexes) are completed together. A text that is not understood, or
//! that says something else than the catalog, makes its object one that is compared by its whole text.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{Hash, Hasher};

use serde_json::{Map, Value, json};

use super::definition::{
    ColumnText, ConstraintText, TableText, index_text, names_in, normalise_tokens, table_text, trigger_text, view_text,
};
use crate::engine::EngineError;
use crate::engine::rows::{ROW_SEPARATOR, SEPARATOR};

/// How many completed objects are remembered at most beyond four times those of the present reading.
const REMEMBERED: usize = 1_000;

/// Completes answers, and remembers what it has completed: a replay reads the same tables hundreds of times.
#[derive(Default)]
pub(super) struct Completer {
    known: HashMap<Box<str>, Box<str>>,
}

impl Completer {
    /// The rows of `answer`, completed.
    ///
    /// # Errors
    /// A row that is not what the catalog queries give.
    pub(super) fn complete(&mut self, answer: &str) -> Result<String, EngineError> {
        let mut groups: HashMap<&str, Vec<&str>> = HashMap::new();
        let mut wholes: Vec<Vec<&str>> = Vec::new();
        for row in answer.split(ROW_SEPARATOR).filter(|row| !row.is_empty()) {
            match table_of(row) {
                Some(table) => groups.entry(table).or_default().push(row),
                None => wholes.push(vec![row]),
            }
        }
        let mentioned = Mentioned::of(&wholes, &groups);
        wholes.extend(groups.into_values());
        if self.known.len() > REMEMBERED + 4 * wholes.len() {
            self.known.clear();
        }
        let between = ROW_SEPARATOR.to_string();
        let mut completed: Vec<String> = Vec::with_capacity(wholes.len());
        for rows in wholes {
            let names = mentioned.by(&rows);
            let mut key = rows.join(&between);
            for name in names.iter().flatten() {
                key.push(ROW_SEPARATOR);
                key.push_str(name);
            }
            if let Some(known) = self.known.get(key.as_str()) {
                completed.push(known.to_string());
                continue;
            }
            let rows: Vec<Row> = rows.into_iter().map(Row::read).collect::<Result<_, _>>()?;
            let done: Vec<String> = object(rows, names.as_ref()).iter().map(Row::written).collect();
            let done = done.join(&between);
            self.known.insert(key.into(), done.as_str().into());
            completed.push(done);
        }
        Ok(completed.join(&between))
    }
}

/// The names that views and triggers can mean.
struct Mentioned<'a> {
    /// The columns of each table and view, by the name of the table; both in lower case.
    columns: BTreeMap<String, BTreeSet<String>>,
    /// The rows that matter: those of views and triggers with a name in double quotes.
    quoting: BTreeSet<&'a str>,
}

impl<'a> Mentioned<'a> {
    fn of(wholes: &[Vec<&'a str>], groups: &HashMap<&str, Vec<&str>>) -> Self {
        let quotes = |row: &&&'a str| {
            !row.starts_with("pragma") && row.rsplit(SEPARATOR).next().is_some_and(|text| text.contains("\\\""))
        };
        let quoting: BTreeSet<&'a str> = wholes.iter().flatten().filter(quotes).copied().collect();
        let mut columns: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        if !quoting.is_empty() {
            for row in groups.values().flatten().chain(wholes.iter().flatten()).filter_map(|row| Row::read(row).ok()) {
                let name = |at: usize| row.path.get(at).and_then(Value::as_str).map(str::to_ascii_lowercase);
                let of = match (row.kind.as_str(), name(0)) {
                    ("table" | "table column" | "view", Some(table)) => columns.entry(table).or_default(),
                    _ => continue,
                };
                of.extend(name(1));
                let named = row.attributes.get("columns").and_then(Value::as_array).into_iter().flatten();
                of.extend(named.filter_map(Value::as_str).map(str::to_ascii_lowercase));
            }
        }
        Self { columns, quoting }
    }

    /// The names that a view or a trigger can mean, if that matters: those of the tables that it names, and of their columns.
    fn by(&self, rows: &[&str]) -> Option<BTreeSet<String>> {
        let [row] = rows else { return None };
        if !self.quoting.contains(row) {
            return None;
        }
        let row = Row::read(row).ok()?;
        let text = row.attributes.get("definition").and_then(Value::as_str)?;
        let own = names_in(text);
        let mut names = BTreeSet::new();
        for (table, columns) in self.columns.iter().filter(|(table, _)| own.contains(*table)) {
            names.insert(table.clone());
            names.extend(columns.iter().cloned());
        }
        Some(names)
    }
}

/// The name of the table that a row is of, as the beginning of its path writes it.
fn table_of(row: &str) -> Option<&str> {
    let (kind, rest) = row.split_once(SEPARATOR)?;
    matches!(kind, "table" | "table column" | "table constraint" | "table index").then_some(())?;
    let mut escaped = false;
    let end = rest.bytes().enumerate().skip(2).find(|(_, byte)| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    rest.get(..end?.0)
}

struct Row {
    kind: String,
    path: Vec<Value>,
    identity: String,
    attributes: Map<String, Value>,
}

impl Row {
    fn read(text: &str) -> Result<Self, EngineError> {
        let wrong = || EngineError::unexpected(format!("a catalog row cannot be read: {text:?}"));
        let mut columns = text.splitn(4, SEPARATOR);
        let mut column = || columns.next().ok_or_else(wrong);
        let (kind, path, identity, attributes) = (column()?, column()?, column()?, column()?);
        Ok(Self {
            kind: kind.to_owned(),
            path: serde_json::from_str(path).map_err(|_| wrong())?,
            identity: identity.to_owned(),
            attributes: serde_json::from_str(attributes).map_err(|_| wrong())?,
        })
    }

    fn written(&self) -> String {
        let Self { kind, path, identity, attributes } = self;
        let (path, attributes) = (json!(path), json!(attributes));
        format!("{kind}{SEPARATOR}{path}{SEPARATOR}{identity}{SEPARATOR}{attributes}")
    }

    fn name(&self) -> &str {
        self.path.last().and_then(Value::as_str).unwrap_or_default()
    }

    fn set(&mut self, attribute: &str, value: Value) {
        if value.is_null() {
            self.attributes.remove(attribute);
        } else {
            self.attributes.insert(attribute.to_owned(), value);
        }
    }

    fn take_definition(&mut self) -> String {
        match self.attributes.remove("definition") {
            Some(Value::String(text)) => text,
            _ => String::new(),
        }
    }

    /// Adds to the identity what the object looks like: neither the number of a page nor a place is anyone's for good.
    fn identify_by_looks(&mut self, place: &str) {
        let mut hasher = DefaultHasher::new();
        // A part of a table that was made anew is not a part of the table whose page that one was given.
        self.path.first().filter(|_| self.path.len() > 1).map(Value::to_string).hash(&mut hasher);
        json!(self.attributes).to_string().hash(&mut hasher);
        self.identity = format!("{place}:{:x}", hasher.finish());
    }
}

/// A table with all that is read of it, or one other object.
fn object(mut rows: Vec<Row>, names: Option<&BTreeSet<String>>) -> Vec<Row> {
    let [row] = rows.as_mut_slice() else { return table(rows) };
    match row.kind.as_str() {
        "view" => view(row, names),
        "table trigger" | "view trigger" => trigger(row, names),
        "pragma" => (),
        _ => return table(rows),
    }
    rows
}

fn view(row: &mut Row, names: Option<&BTreeSet<String>>) {
    let text = row.take_definition();
    match view_text(&text, names) {
        Some(view) => {
            if let Some(columns) = view.columns {
                row.set("columns", json!(columns));
            }
            row.set("definition", json!(view.query));
        }
        None => row.set("definition", json!(normalise_tokens(&text))),
    }
}

fn trigger(row: &mut Row, names: Option<&BTreeSet<String>>) {
    let text = row.take_definition();
    match trigger_text(&text, names) {
        Some(trigger) => {
            row.set("timing", json!(trigger.timing));
            row.set("event", json!(trigger.event));
            row.set("condition", json!(trigger.condition));
            row.set("body", json!(trigger.body));
        }
        None => row.set("definition", json!(normalise_tokens(&text))),
    }
}

fn index(row: &mut Row, columns: &[String]) {
    let text = row.take_definition();
    match index_text(&text, columns.iter().map(String::as_str)) {
        Some(index) => {
            row.set("unique", json!(index.unique));
            row.set("columns", json!(index.columns));
            row.set("condition", json!(index.condition));
        }
        None => row.set("definition", json!(normalise_tokens(&text))),
    }
}

/// The rows of one table; on a shadow table they are its indexes alone.
fn table(rows: Vec<Row>) -> Vec<Row> {
    let (mut tables, mut columns, mut keys, mut rest) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        match row.kind.as_str() {
            "table" => tables.push(row),
            "table column" => columns.push(row),
            "table constraint" => keys.push(row),
            _ => rest.push(row),
        }
    }
    let names: Vec<String> = columns.iter().map(|column| column.name().to_owned()).collect();
    for row in rest.iter_mut().filter(|row| row.kind == "table index") {
        index(row, &names);
    }
    // SQLite numbers foreign keys from the last that is declared to the first.
    keys.sort_by_key(|key| std::cmp::Reverse(key.path.last().and_then(Value::as_i64)));
    if let [table] = tables.as_mut_slice() {
        let text = table.take_definition();
        let is_virtual = table.attributes.get("type") == Some(&json!("virtual"));
        match table_text(&text).filter(|said| agrees(said, table, &names, keys.len())) {
            Some(TableText::Plain { columns: said, constraints, .. }) => {
                for (row, said) in columns.iter_mut().zip(&said) {
                    column(row, said);
                }
                keys = named(&table.path, merged(constraints, keys));
            }
            Some(TableText::Virtual { module, arguments }) => {
                table.set("module", json!(module));
                table.set("arguments", json!(arguments));
                keys = Vec::new();
            }
            None => {
                table.set("definition", json!(normalise_tokens(&text)));
                for column in &mut columns {
                    let lower = column.attributes.get("type").and_then(Value::as_str).map(str::to_ascii_lowercase);
                    column.set("type", json!(lower));
                }
                keys = named(&table.path, keys.into_iter().map(by_columns).collect());
            }
        }
        let page = std::mem::take(&mut table.identity);
        table.identify_by_looks(&page);
        for column in &mut columns {
            if is_virtual {
                column.identity.clear();
            } else {
                column.identify_by_looks(&format!("{page}.{}", column.identity));
            }
        }
    }
    [tables, columns, keys, rest].into_iter().flatten().collect()
}

/// Whether the text says what the catalog says, as far as both do. SQLite answers first; a reader of texts can be wrong.
fn agrees(said: &TableText, table: &Row, names: &[String], keys: usize) -> bool {
    let is = |attribute: &str, value: Value| table.attributes.get(attribute) == Some(&value);
    match said {
        TableText::Plain { columns, constraints, strict, without_rowid } => {
            is("type", json!("table"))
                && is("strict", json!(strict))
                && is("without_rowid", json!(without_rowid))
                && columns.iter().map(|column| &column.name).eq(names)
                && constraints.iter().filter(|constraint| constraint.kind == "foreign key").count() == keys
        }
        TableText::Virtual { .. } => is("type", json!("virtual")),
    }
}

fn column(row: &mut Row, said: &ColumnText) {
    // The key tells it.
    row.attributes.remove("primary_key_position");
    row.set("type", if said.declared_type.is_empty() { Value::Null } else { json!(said.declared_type) });
    row.set("not_null_conflict", json!(said.not_null_conflict));
    row.set("not_null_constraint_name", json!(said.not_null_name));
    row.set("default", json!(said.default));
    row.set("collation", json!(said.collation));
    row.set("generated_expression", json!(said.generated.as_ref().map(|(expression, _)| expression)));
    if !said.other_names.is_empty() {
        row.set("constraint_names", json!(said.other_names));
    }
}

/// The constraints of the text; what the catalog says of foreign keys goes over it, since it spells their parents.
fn merged(said: Vec<ConstraintText>, keys: Vec<Row>) -> Vec<(String, Map<String, Value>)> {
    let mut keys = keys.into_iter();
    let mut one = |mut said: ConstraintText| {
        if said.kind == "foreign key" {
            let read = keys.next().map(|key| key.attributes).unwrap_or_default();
            said.attributes.extend(read.into_iter().filter(|(_, value)| !value.is_null()));
        }
        (said.called(), said.attributes.into_iter().collect())
    };
    said.into_iter().map(&mut one).collect()
}

/// A foreign key of a table whose text is not understood.
fn by_columns(key: Row) -> (String, Map<String, Value>) {
    let columns = key.attributes.get("columns").and_then(Value::as_array);
    let columns: Vec<&str> = columns.into_iter().flatten().filter_map(Value::as_str).collect();
    (format!("foreign key ({})", columns.join(", ")), key.attributes)
}

/// Gives each constraint a name of its own. Those that are called alike are told apart by what they say, not by their order.
fn named(table: &[Value], constraints: Vec<(String, Map<String, Value>)>) -> Vec<Row> {
    let mut constraints: Vec<(String, String, Map<String, Value>)> =
        constraints.into_iter().map(|(name, attributes)| (name, json!(attributes).to_string(), attributes)).collect();
    constraints.sort_by(|(name, text, _), (other, other_text, _)| (name, text).cmp(&(other, other_text)));
    let mut taken = BTreeSet::new();
    constraints
        .into_iter()
        .map(|(name, _, attributes)| {
            let numbered = (2_u32..).map(|nth| format!("{name} #{nth}"));
            let name = std::iter::once(name.clone()).chain(numbered).find(|name| taken.insert(name.clone()));
            let path = table.iter().cloned().chain(name.map(Value::String)).collect();
            Row { kind: "table constraint".to_owned(), path, identity: String::new(), attributes }
        })
        .collect()
}

#[cfg(test)]
#[path = "complete_tests.rs"]
mod tests;
