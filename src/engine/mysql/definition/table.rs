//! A table's definition, read to its last token.

use serde_json::{Map, Value, json};

use super::Row;
use super::column::{Context, column};
use super::cursor::{Cursor, listed};
use super::expression::Printer;
use super::key::{key, names};
use super::options;
use super::partition::partitioning;
use super::tokens::{Kind, tokens};
use super::words::Collations;

/// The table and its parts, of the text that SHOW CREATE TABLE prints; `None` where that is something else.
pub(super) fn table(
    name: &str,
    text: &str,
    database: &str,
    collations: &Collations,
    is_mariadb: bool,
) -> Option<Vec<Row>> {
    let tokens = tokens(text);
    let mut at = Cursor::new(&tokens);
    if !(at.take("CREATE TABLE") || at.take("CREATE TEMPORARY TABLE")) {
        return None;
    }
    at.name()?;
    let lines = listed(at.group()?);
    let printer = Printer { database };
    let mut context = Context { printer, collations, collation: None, is_mariadb };
    let engine = options::engine(at);
    let collation = options::collation(at, &context);
    context.collation = collation.as_deref();
    let mut this = options::options(&mut at, &context);
    this.insert("collation".into(), json!(collation));
    let mut rows = Vec::new();
    if !at.is_done() {
        let found = partitioning(at, &engine, printer);
        this.extend(found.table);
        rows.extend(found.partitions.into_iter().map(|(partition, said)| Row {
            kind: "table partition",
            path: vec![name.to_owned(), partition],
            attributes: said,
        }));
    }
    let (mut order, mut periods, mut others) = (Vec::new(), Map::new(), Vec::new());
    for line in lines {
        let mut at = Cursor::new(line);
        if at.peek().is_some_and(|token| token.kind == Kind::Name) {
            let named = at.name()?;
            order.push(named.clone());
            let path = vec![name.to_owned(), named];
            rows.push(Row { kind: "table column", path, attributes: column(at, &context) });
        } else if at.take("PERIOD FOR") {
            let period = at.name()?;
            periods.insert(period, json!(names(at.group().unwrap_or_default())));
        } else if let Some(key) = key(at, &engine, printer) {
            let path = vec![name.to_owned(), key.name];
            rows.push(Row { kind: key.kind, path, attributes: key.attributes });
        } else {
            others.push(printer.text(line));
        }
    }
    this.insert("column_order".into(), json!(order));
    if !periods.is_empty() {
        this.insert("periods".into(), Value::Object(periods));
    }
    if !others.is_empty() {
        this.insert("definition".into(), json!(others));
    }
    rows.push(Row { kind: "table", path: vec![name.to_owned()], attributes: this });
    Some(rows)
}
