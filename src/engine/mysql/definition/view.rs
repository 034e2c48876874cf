//! The definitions of views and sequences.

use serde_json::{Map, Value, json};

use super::Row;
use super::cursor::Cursor;
use super::expression::Printer;
use super::key::names;
use super::tokens::{Kind, Token, tokens};

/// A view, of the text that SHOW CREATE VIEW prints; `None` where that is something else. `user` is who connects, as
/// `CURRENT_USER()` tells it: what is theirs is told of nobody, as it is theirs wherever the migrations run.
pub(super) fn view(name: &str, text: &str, database: &str, user: &str) -> Option<Row> {
    let tokens = tokens(text);
    let printer = Printer { database };
    let mut at = Cursor::new(&tokens);
    let mut this = Map::new();
    if !at.take("CREATE") {
        return None;
    }
    while !at.take("VIEW") {
        if at.take("ALGORITHM") {
            let algorithm = at.value()?.to_ascii_lowercase();
            this.insert("algorithm".into(), json!(Some(algorithm).filter(|word| word != "undefined")));
        } else if at.take("DEFINER") {
            at.take("=");
            let definer: String = at.until(|at| at.sees("SQL") || at.sees("VIEW")).iter().map(Token::value).collect();
            this.insert("definer".into(), json!(Some(definer).filter(|definer| definer != user)));
        } else if at.take("SQL SECURITY") {
            this.insert("security".into(), json!(at.name()?.to_ascii_lowercase()));
        } else {
            at.next()?;
        }
    }
    at.until(|at| at.sees("AS") || at.sees("("));
    if let Some(columns) = at.group() {
        this.insert("column_names".into(), json!(names(columns)));
    }
    if !at.take("AS") {
        return None;
    }
    let mut query = at.rest();
    for option in ["cascaded", "local"] {
        if let [rest @ .., with, word, check, last] = query
            && with.is("WITH")
            && word.is(option)
            && check.is("CHECK")
            && last.is("OPTION")
        {
            this.insert("check_option".into(), json!(option));
            query = rest;
        }
    }
    this.insert("definition".into(), json!(printer.text(query)));
    Some(Row { kind: "view", path: vec![name.to_owned()], attributes: this })
}

/// A sequence, of the text that SHOW CREATE SEQUENCE prints; `None` where that is something else.
pub(super) fn sequence(name: &str, text: &str) -> Option<Row> {
    let tokens = tokens(text);
    let mut at = Cursor::new(&tokens);
    if !at.take("CREATE SEQUENCE") {
        return None;
    }
    at.name()?;
    let mut this: Map<String, Value> = Map::new();
    let mut more: Vec<String> = Vec::new();
    let number = |at: &mut Cursor<'_>| {
        let sign = if at.take("-") { "-" } else { "" };
        at.name().map(|number| format!("{sign}{number}"))
    };
    let words = [
        "AS",
        "START",
        "MINVALUE",
        "MAXVALUE",
        "INCREMENT",
        "CACHE",
        "NOCACHE",
        "CYCLE",
        "NOCYCLE",
        "ENGINE",
        "COMMENT",
    ];
    while !at.is_done() {
        if at.take("AS") {
            let kind = at.until(|at| words.iter().any(|word| at.sees(word)));
            this.insert("type".into(), json!(Printer { database: "" }.text(kind)));
        } else if at.take("START WITH") {
            this.insert("start".into(), json!(number(&mut at)));
        } else if at.take("MINVALUE") {
            this.insert("min".into(), json!(number(&mut at)));
        } else if at.take("MAXVALUE") {
            this.insert("max".into(), json!(number(&mut at)));
        } else if at.take("INCREMENT BY") {
            this.insert("increment".into(), json!(number(&mut at)));
        } else if at.take("CACHE") {
            this.insert("cache".into(), json!(number(&mut at)));
        } else if at.take("NOCACHE") {
            this.insert("cache".into(), json!("0"));
        } else if at.take("CYCLE") {
            this.insert("cycle".into(), json!(true));
        } else if at.take("NOCYCLE") {
            this.insert("cycle".into(), json!(false));
        } else if at.take("ENGINE") {
            this.insert("engine".into(), json!(at.value()));
        } else if at.take("COMMENT") {
            this.insert("comment".into(), json!(at.value()));
        } else {
            more.extend(at.next().filter(|token| token.kind != Kind::Symbol).map(Token::value));
        }
    }
    if !more.is_empty() {
        this.insert("options".into(), json!(more));
    }
    Some(Row { kind: "sequence", path: vec![name.to_owned()], attributes: this })
}
