//! A column's line in a definition.

use serde_json::{Map, Value, json};

use super::cursor::Cursor;
use super::expression::Printer;
use super::tokens::{Kind, Token};
use super::words::{Collations, collation_name};

/// What columns have from elsewhere.
#[derive(Clone, Copy)]
pub(super) struct Context<'d> {
    pub(super) printer: Printer<'d>,
    pub(super) collations: &'d Collations,
    /// The collation of columns that name none.
    pub(super) collation: Option<&'d str>,
    pub(super) is_mariadb: bool,
}

/// The types that have a collation.
const TEXTUAL: [&str; 8] = ["char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"];
/// The types that MySQL prints no default for where it is NULL.
const WITHOUT_DEFAULT: [&str; 4] = ["text", "blob", "point", "geometry"];
/// The types that numbers stand in quotes for, on MySQL.
const NUMERIC: [&str; 9] = ["tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "year"];
/// Widths that say nothing: MariaDB prints them of each integer, and MySQL since 8.0.19 of none.
const WIDTHS: [&str; 11] = [
    "tinyint(4)",
    "tinyint(3) unsigned",
    "smallint(6)",
    "smallint(5) unsigned",
    "mediumint(9)",
    "mediumint(8) unsigned",
    "int(11)",
    "int(10) unsigned",
    "bigint(20)",
    "bigint(20) unsigned",
    "year(4)",
];

/// The attributes of a column.
pub(super) fn column(mut at: Cursor<'_>, context: &Context<'_>) -> Map<String, Value> {
    let mut this = Map::new();
    let kind = type_name(context.printer.text(at.until(begins_clause)));
    let base = kind.split(['(', ' ']).next().unwrap_or_default().to_owned();
    let (mut character_set, mut collation) = (None, None);
    let (mut not_null, mut has_default, mut computed) = (false, false, false);
    let mut options: Vec<String> = Vec::new();
    while !at.is_done() {
        if at.take("CHARACTER SET") || at.take("CHARSET") {
            character_set = at.name();
        } else if at.take("COLLATE") {
            collation = at.name();
        } else if at.take("COMPRESSED") {
            let method = if at.take("=") { at.name() } else { None };
            this.insert("compression".into(), json!(method.unwrap_or_else(|| "compressed".into())));
        } else if at.take("GENERATED ALWAYS") || at.sees("AS") {
            at.take("AS");
            computed = true;
            this.insert("generated".into(), generated(&mut at, context));
        } else if at.take("NOT NULL") {
            not_null = true;
        } else if at.take("NULL") {
        } else if at.take("DEFAULT") {
            has_default = true;
            let value = at.until(begins_clause);
            this.insert("default".into(), default(value, &base, context));
        } else if at.take("ON UPDATE") {
            let value = context.printer.text(at.until(begins_clause));
            this.insert("on_update".into(), json!(value.to_ascii_lowercase().trim_end_matches("()")));
        } else if at.take("AUTO_INCREMENT") {
            computed = true;
            this.insert("auto_increment".into(), json!(true));
        } else if at.take("INVISIBLE") {
            this.insert("visible".into(), json!(false));
        } else if at.take("WITHOUT SYSTEM VERSIONING") {
            this.insert("system_versioning".into(), json!(false));
        } else if at.take("COMMENT") {
            this.insert("comment".into(), json!(at.value()));
        } else if at.take("CHECK") {
            let condition = at.group().unwrap_or_default();
            this.insert("check".into(), json!(context.printer.expression(condition)));
        } else if at.take("SRID") || at.take("REF_SYSTEM_ID") {
            this.insert("srid".into(), json!(at.value()));
        } else if at.take("STORAGE") {
            this.insert("storage".into(), json!(at.name()));
        } else if at.take("COLUMN_FORMAT") {
            this.insert("storage_column_format".into(), json!(at.name()));
        } else {
            // Options of a storage engine, and whatever a newer server may print.
            options.push(context.printer.text(at.until(begins_clause)));
        }
    }
    if TEXTUAL.contains(&base.as_str()) {
        let of_set = character_set.as_ref().and_then(|name| context.collations.of(name));
        let collation = collation.or(of_set).or_else(|| context.collation.map(str::to_owned));
        this.insert("collation".into(), json!(collation.map(|name| collation_name(&name))));
    }
    let tells_null = context.is_mariadb || !WITHOUT_DEFAULT.iter().any(|word| base.ends_with(word));
    if !not_null && !has_default && !computed && tells_null {
        this.insert("without_default".into(), json!(true));
    }
    if !options.is_empty() {
        this.insert("options".into(), json!(options));
    }
    this.insert("type".into(), json!(kind));
    this.insert("not_null".into(), json!(not_null));
    this
}

/// Whether what follows is no part of a type or an expression any more.
fn begins_clause(at: &Cursor<'_>) -> bool {
    const WORDS: [&str; 18] = [
        "CHARACTER SET",
        "CHARSET",
        "COLLATE",
        "COMPRESSED",
        "GENERATED ALWAYS",
        "AS",
        "NOT NULL",
        "NULL",
        "DEFAULT",
        "ON UPDATE",
        "AUTO_INCREMENT",
        "INVISIBLE",
        "WITHOUT SYSTEM",
        "COMMENT",
        "CHECK",
        "SRID",
        "REF_SYSTEM_ID",
        "STORAGE",
    ];
    const MORE: [&str; 3] = ["COLUMN_FORMAT", "ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE"];
    // A name in backticks begins an option of a storage engine: in an expression it stands in parentheses.
    at.peek().is_some_and(|token| token.kind == Kind::Name && token.spaced)
        || WORDS.iter().chain(&MORE).any(|words| at.sees(words))
}

fn generated(at: &mut Cursor<'_>, context: &Context<'_>) -> Value {
    if at.take("ROW START") {
        return json!({"kind": "row start"});
    }
    if at.take("ROW END") {
        return json!({"kind": "row end"});
    }
    let expression = context.printer.expression(at.group().unwrap_or_default());
    let kind = if at.take("STORED") || at.take("PERSISTENT") { "stored" } else { "virtual" };
    at.take("VIRTUAL");
    json!({"kind": kind, "expression": expression})
}

/// A default as an expression of SQL. No default and NULL are the same for a column that may be NULL.
fn default(value: &[Token<'_>], base: &str, context: &Context<'_>) -> Value {
    match value {
        [null] if null.is("NULL") => Value::Null,
        [text] if text.kind == Kind::Text && NUMERIC.contains(&base) => json!(text.value()),
        _ => {
            let text = context.printer.expression(value);
            let lower = text.to_ascii_lowercase();
            let now = lower.strip_prefix("current_timestamp").map(|rest| rest.trim_end_matches("()"));
            json!(now.map_or(text, |precision| format!("current_timestamp{precision}")))
        }
    }
}

/// A type without a width that says nothing.
fn type_name(printed: String) -> String {
    let (text, zerofill) = match printed.strip_suffix(" zerofill") {
        Some(text) => (text, " zerofill"),
        None => (printed.as_str(), ""),
    };
    if !WIDTHS.contains(&text) {
        return printed;
    }
    let (name, rest) = text.split_once('(').unwrap_or((text, ""));
    let sign = rest.split_once(") ").map(|(_, sign)| format!(" {sign}")).unwrap_or_default();
    format!("{name}{sign}{zerofill}")
}
