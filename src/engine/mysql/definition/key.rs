//! Keys and constraints in a definition.

use serde_json::{Map, Value, json};

use super::cursor::{Cursor, listed};
use super::expression::Printer;
use super::tokens::{Kind, Token};

/// A line of a definition that is no column.
#[derive(Debug, PartialEq)]
pub(super) struct Key {
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) attributes: Map<String, Value>,
}

/// An index, a primary key, a foreign key or a check; `None` where it is something else. `engine` tells what an index is
/// like of which nothing is said.
pub(super) fn key(mut at: Cursor<'_>, engine: &str, printer: Printer<'_>) -> Option<Key> {
    if at.take("CONSTRAINT") {
        let name = at.name()?;
        return constraint(at, name, printer);
    }
    if at.take("PRIMARY KEY") {
        let mut attributes = index(at, engine, printer)?;
        attributes.insert("type".into(), json!("primary key"));
        return Some(Key { kind: "table constraint", name: "PRIMARY".to_owned(), attributes });
    }
    let unique = at.take("UNIQUE");
    let special = ["FULLTEXT", "SPATIAL", "VECTOR"].into_iter().find(|word| at.take(word));
    if !at.take("KEY") && !at.take("INDEX") {
        return None;
    }
    let name = at.name()?;
    let mut attributes = index(at, engine, printer)?;
    attributes.insert("unique".into(), json!(unique));
    if let Some(special) = special {
        attributes.insert("method".into(), json!(special.to_ascii_lowercase()));
    }
    Some(Key { kind: "table index", name, attributes })
}

/// The columns of an index and what follows them.
fn index(mut at: Cursor<'_>, engine: &str, printer: Printer<'_>) -> Option<Map<String, Value>> {
    let mut this = Map::new();
    let mut using = at.take("USING").then(|| at.name()).flatten();
    let columns: Vec<String> = listed(at.group()?).into_iter().map(|item| index_column(item, printer)).collect();
    this.insert("columns".into(), json!(columns));
    let mut options: Vec<String> = Vec::new();
    while !at.is_done() {
        if at.take("USING") {
            using = at.name();
        } else if at.take("COMMENT") {
            this.insert("comment".into(), json!(at.value()));
        } else if at.take("INVISIBLE") {
            this.insert("visible".into(), json!(false));
        } else if at.take("IGNORED") {
            this.insert("ignored".into(), json!(true));
        } else if at.take("WITH PARSER") {
            this.insert("parser".into(), json!(at.name()));
        } else if at.take("KEY_BLOCK_SIZE") {
            this.insert("storage_key_block_size".into(), json!(at.value()));
        } else {
            options.push(printer.text(at.until(|at| at.peek().is_some_and(|token| token.spaced && token.raw != "="))));
        }
    }
    if !options.is_empty() {
        this.insert("options".into(), json!(options));
    }
    // What is asked for is not what is made: InnoDB, MyISAM and Aria have trees whatever stands behind USING, and MariaDB
    // prints HASH of its long unique keys, which no other word could change.
    let method = match engine.to_ascii_uppercase().as_str() {
        "MEMORY" | "HEAP" => Some(using.unwrap_or_else(|| "HASH".to_owned())),
        "INNODB" | "MYISAM" | "ARIA" | "MRG_MYISAM" => None,
        _ => using,
    };
    this.insert("method".into(), json!(method.map(|method| method.to_ascii_lowercase())));
    Some(this)
}

/// A column of an index: its name with length and direction, or an expression in parentheses.
fn index_column(item: &[Token<'_>], printer: Printer<'_>) -> String {
    match item {
        [name, rest @ ..] if name.kind == Kind::Name => format!("{}{}", name.value(), printer.text_behind(rest)),
        expression => printer.text(expression),
    }
}

fn constraint(mut at: Cursor<'_>, name: String, printer: Printer<'_>) -> Option<Key> {
    let mut this = Map::new();
    if at.take("CHECK") {
        this.insert("type".into(), json!("check"));
        this.insert("expression".into(), json!(printer.expression(at.group()?)));
        if at.take("NOT ENFORCED") {
            this.insert("enforced".into(), json!(false));
        }
    } else if at.take("FOREIGN KEY") {
        this.insert("type".into(), json!("foreign key"));
        if !at.sees("(") {
            // Old servers print the name of the index here.
            at.name();
        }
        this.insert("columns".into(), json!(names(at.group()?)));
        if !at.take("REFERENCES") {
            return None;
        }
        let parent = printer.text(at.until(|at| at.sees("(")));
        this.insert("parent".into(), json!(unquoted(&parent)));
        this.insert("parent_columns".into(), json!(names(at.group()?)));
        loop {
            if at.take("MATCH") {
                this.insert("match".into(), json!(at.name()?.to_ascii_lowercase()));
            } else if at.take("ON DELETE") {
                this.insert("on_delete".into(), json!(action(&mut at)?));
            } else if at.take("ON UPDATE") {
                this.insert("on_update".into(), json!(action(&mut at)?));
            } else {
                break;
            }
        }
    } else {
        return None;
    }
    if !at.is_done() {
        this.insert("options".into(), json!(printer.text(at.rest())));
    }
    Some(Key { kind: "table constraint", name, attributes: this })
}

fn action(at: &mut Cursor<'_>) -> Option<String> {
    for words in ["NO ACTION", "SET NULL", "SET DEFAULT"] {
        if at.take(words) {
            return Some(words.to_ascii_lowercase());
        }
    }
    at.name().map(|word| word.to_ascii_lowercase())
}

/// The names of a list.
pub(super) fn names(tokens: &[Token<'_>]) -> Vec<String> {
    tokens.iter().filter(|token| matches!(token.kind, Kind::Name | Kind::Word)).map(Token::value).collect()
}

/// A printed name without quotes where it is a single one.
fn unquoted(printed: &str) -> String {
    match &super::tokens::tokens(printed)[..] {
        [name] => name.value(),
        _ => printed.to_owned(),
    }
}
