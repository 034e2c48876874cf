//! How a table is partitioned, in its definition.

use serde_json::{Map, Value, json};

use super::cursor::{Cursor, listed};
use super::expression::Printer;
use super::tokens::Token;

/// What stands behind PARTITION BY: attributes of the table, and of each partition that has a name.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Partitioning {
    pub(super) table: Map<String, Value>,
    pub(super) partitions: Vec<(String, Map<String, Value>)>,
}

pub(super) fn partitioning(mut at: Cursor<'_>, engine: &str, printer: Printer<'_>) -> Partitioning {
    let mut this = Partitioning::default();
    let ends = |at: &Cursor<'_>| {
        let list = at.peek().is_some_and(|token| token.spaced) && (at.sees("( PARTITION") || at.sees("( SUBPARTITION"));
        list || ["PARTITIONS", "SUBPARTITION BY", "SUBPARTITIONS"].iter().any(|words| at.sees(words))
    };
    this.table.insert("partition_by".into(), json!(printer.text(at.until(ends))));
    while !at.is_done() {
        if at.take("PARTITIONS") {
            this.table.insert("partitions".into(), json!(number(&mut at)));
        } else if at.take("SUBPARTITION BY") {
            this.table.insert("subpartition_by".into(), json!(printer.text(at.until(ends))));
        } else if at.take("SUBPARTITIONS") {
            this.table.insert("subpartitions".into(), json!(number(&mut at)));
        } else if let Some(list) = at.group() {
            this.partitions.extend(listed(list).into_iter().filter_map(|item| partition(item, engine, printer)));
        } else {
            this.table.insert("partition_options".into(), json!(printer.text(at.until(ends))));
        }
    }
    this
}

fn number(at: &mut Cursor<'_>) -> Option<u64> {
    at.name().and_then(|number| number.parse().ok())
}

fn partition(item: &[Token<'_>], engine: &str, printer: Printer<'_>) -> Option<(String, Map<String, Value>)> {
    let mut at = Cursor::new(item);
    if !at.take("PARTITION") && !at.take("SUBPARTITION") {
        return None;
    }
    let name = at.name()?;
    let mut this = Map::new();
    if at.take("VALUES") {
        let mut words = String::new();
        for bound in ["LESS THAN", "IN"] {
            if at.take(bound) {
                words = bound.to_ascii_lowercase();
            }
        }
        let values = match at.group() {
            Some(values) => format!("({})", printer.text(values)),
            None => at.name().unwrap_or_default().to_ascii_lowercase(),
        };
        this.insert("values".into(), json!(format!("{words} {values}")));
    }
    for word in ["HISTORY", "CURRENT", "DEFAULT"] {
        if at.take(word) {
            this.insert("values".into(), json!(word.to_ascii_lowercase()));
        }
    }
    let mut options: Vec<String> = Vec::new();
    while !at.is_done() {
        if at.take("COMMENT") {
            this.insert("comment".into(), json!(at.value()));
        } else if at.take("ENGINE") || at.take("STORAGE ENGINE") {
            this.insert("engine".into(), json!(at.value().filter(|name| !name.eq_ignore_ascii_case(engine))));
        } else if at.take("DATA DIRECTORY") {
            this.insert("storage_data_directory".into(), json!(at.value()));
        } else if at.take("INDEX DIRECTORY") {
            this.insert("storage_index_directory".into(), json!(at.value()));
        } else if at.take("TABLESPACE") {
            this.insert("storage_tablespace".into(), json!(at.value()));
        } else if at.take("MAX_ROWS") {
            this.insert("storage_max_rows".into(), json!(at.value()));
        } else if at.take("MIN_ROWS") {
            this.insert("storage_min_rows".into(), json!(at.value()));
        } else if let Some(list) = at.group() {
            let parts = listed(list).into_iter().filter_map(|item| partition(item, engine, printer));
            let parts: Map<String, Value> = parts.map(|(name, said)| (name, Value::Object(said))).collect();
            this.insert("subpartitions".into(), Value::Object(parts));
        } else {
            options.push(
                printer.text(
                    at.until(|at| at.sees("(") || at.peek().is_some_and(|token| token.spaced && token.raw != "=")),
                ),
            );
        }
    }
    if !options.is_empty() {
        this.insert("options".into(), json!(options));
    }
    Some((name, this))
}
