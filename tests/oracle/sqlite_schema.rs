//! `sqlite_schema`, asked about the database of a replay.
//!
//! This knows SQLite's texts and nothing of Rollproof: it has a scanner and an idea of what makes no difference of its own.

use std::path::PathBuf;

use async_trait::async_trait;
use rollproof::engine::EngineError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _};

use super::sqlite_scan::{Word, name, scan};
use super::watched::{Described, Oracle};

/// All that the file says of its schema. Tables that a module made for a virtual table are left out, and what SQLite keeps
/// for itself.
const OBJECTS: &str = "SELECT o.type, o.name, o.tbl_name, o.sql FROM sqlite_schema AS o \
    WHERE o.sql IS NOT NULL AND o.name NOT LIKE 'sqlite~_%' ESCAPE '~' AND NOT (o.type = 'table' \
    AND EXISTS (SELECT 1 FROM pragma_table_list AS l WHERE l.schema = 'main' AND l.type = 'shadow' AND l.name = o.name))";

/// What the head of the file says.
const HEAD: [&str; 3] = ["user_version", "application_id", "encoding"];

/// Words that are values.
const CONSTANTS: [&str; 6] = ["null", "true", "false", "current_date", "current_time", "current_timestamp"];

/// A database file, and the tables that belong to a tool.
pub(crate) struct SqliteSchema {
    file: PathBuf,
    left_out: Vec<String>,
}

impl SqliteSchema {
    /// Who describes the database in `file`, without the objects that print as `left_out`.
    pub(crate) fn new(file: PathBuf, left_out: &[String]) -> Self {
        Self { file, left_out: left_out.to_vec() }
    }

    async fn read(&self) -> Result<Described, sqlx::Error> {
        let options = SqliteConnectOptions::new().filename(&self.file).create_if_missing(true).foreign_keys(false);
        let mut connection = SqliteConnection::connect_with(&options).await?;
        let objects: Vec<(String, String, String, String)> = sqlx::query_as(OBJECTS).fetch_all(&mut connection).await?;
        let mut parts: Vec<String> = objects
            .into_iter()
            .filter(|(kind, name, of, _)| {
                let own = format!("{kind} {name}");
                !self.left_out.iter().any(|left_out| *left_out == own || *left_out == format!("table {of}"))
            })
            .map(|(kind, name, of, sql)| {
                format!("{kind} {name} on {}\n{}", of.to_ascii_lowercase(), described(&sql).join("\n"))
            })
            .collect();
        for pragma in HEAD {
            let sql = format!("SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}");
            let value: String = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut connection).await?;
            if !self.left_out.contains(&format!("pragma {pragma}")) {
                parts.push(format!("{pragma}\n{value}"));
            }
        }
        connection.close().await?;
        parts.sort();
        Ok(parts)
    }
}

#[async_trait(?Send)]
impl Oracle for SqliteSchema {
    async fn describe(&mut self) -> Result<Described, EngineError> {
        self.read().await.map_err(|error| EngineError::unexpected(format!("sqlite_schema cannot be read: {error}")))
    }
}

/// The lines that describe a text, its name left away. A table gives a line for each of its columns, in their order, then
/// its constraints and options in an order that is nobody's. A constraint that stands with a column stands with the others.
pub(crate) fn described(sql: &str) -> Vec<String> {
    let mut words = scan(sql);
    let kind = words.get(1).map(|word| word.text.clone()).unwrap_or_default();
    let open = words.iter().position(|word| word.text == "(");
    match (kind.as_str(), open) {
        ("trigger", _) => vec![texts(&trigger(&without_name(words)))],
        ("table", Some(open)) => table(&words, open),
        ("view" | "virtual", _) => {
            // Queries answer with these names as they are spelled; so may the module of a virtual table.
            let end = if kind == "view" { words.iter().position(|word| word.text == "as") } else { None };
            let begin = if kind == "view" { 3 } else { 6 };
            let end = end.unwrap_or(words.len());
            for word in words.iter_mut().take(end).skip(begin) {
                word.text.clone_from(&word.raw);
            }
            vec![texts(&without_name(words))]
        }
        _ => vec![texts(&without_name(words))],
    }
}

/// What is said of a table from its first parenthesis on.
fn table(words: &[Word], open: usize) -> Vec<String> {
    let close = words.iter().rposition(|word| word.text == ")").unwrap_or(words.len() - 1).max(open + 1);
    let mut options: Vec<String> = words[close + 1..].split(|word| word.text == ",").map(texts).collect();
    options.sort();
    options.dedup();
    let (mut columns, mut constraints) = (Vec::new(), Vec::new());
    for mut piece in pieces(&words[open + 1..close]) {
        let first = piece.first().map(|word| word.text.clone()).unwrap_or_default();
        if ["constraint", "primary", "unique", "check", "foreign"].contains(&first.as_str()) {
            if first == "constraint" && piece.len() > 1 {
                piece[1].text = piece[1].raw.clone();
            }
            constraints.push(foreign_key(&conflict_of_check(piece)));
        } else {
            columns.push(column(&piece, &mut constraints));
        }
    }
    if options.iter().any(|option| option == "without rowid") {
        for line in &mut columns {
            // The columns of such a table's key are NOT NULL, whether it is said or not.
            let name = name(line.split(' ').next().unwrap_or_default());
            let of_key =
                |key: &Vec<Word>| texts(key).contains("primary key") && key.iter().any(|word| word.text == name);
            if constraints.iter().any(of_key) {
                *line = line.replace(" not null", "").trim_end().to_owned();
            }
        }
    }
    let mut constraints: Vec<String> = constraints.iter().map(|constraint| texts(constraint)).collect();
    constraints.sort();
    columns.into_iter().chain(constraints).chain(options).filter(|line| !line.is_empty()).collect()
}

/// A column, its name as it is spelled; what could stand behind the columns is put there.
fn column(piece: &[Word], constraints: &mut Vec<Vec<Word>>) -> String {
    let mut name = piece[0].clone();
    name.text = self::name(&name.raw);
    let mut clauses = clauses(&piece[1..]);
    for word in &mut clauses[0] {
        // Quotes around a type mean something around one type only.
        word.text = word.raw.to_ascii_lowercase();
    }
    if let [declared] = &mut clauses[0][..]
        && declared.quoted
        && declared.text == "integer"
    {
        declared.text = "'integer'".to_owned();
    }
    let declared = texts(&clauses.remove(0));
    let mut kept: Vec<String> = Vec::new();
    let mut names: Vec<Word> = Vec::new();
    for clause in &mut clauses {
        if let [first, value] = &mut clause[..]
            && first.text == "default"
            && !CONSTANTS.contains(&value.text.as_str())
            && !value.text.starts_with('\'')
        {
            // A name is a string there.
            value.text.clone_from(&value.raw);
        }
    }
    for at in 0..clauses.len() {
        let clause = &clauses[at];
        let has = |word: &str| clause.iter().take(2).any(|first| first.text == word);
        let same = |other: &Vec<Word>| {
            other[0].text == clause[0].text && (other[0].text != "not" || other[1].text == clause[1].text)
        };
        let overruled = clauses[at + 1..].iter().any(same);
        let first = clause[0].text.as_str();
        if first == "constraint" {
            kept.extend((!names.is_empty()).then(|| texts(&std::mem::take(&mut names))));
            names.clone_from(clause);
        } else if has("deferrable") {
            // It belongs to the last foreign key of the table, and without one to nothing.
            let key = constraints.iter_mut().rfind(|key| key.iter().any(|word| word.text == "references"));
            key.into_iter().for_each(|key| key.extend(clause.iter().cloned()));
        } else if ["primary", "unique", "check", "references"].contains(&first) {
            let clause = match first {
                "references" => {
                    [vec![word("foreign"), word("key")], in_parentheses(&name), foreign_key(clause)].concat()
                }
                "unique" => [vec![word("unique")], in_parentheses(&name), clause[1..].to_vec()].concat(),
                "primary" => primary_key(&name, &clause[2..]),
                _ => clause.clone(),
            };
            constraints.push(std::mem::take(&mut names).into_iter().chain(clause).collect());
        } else if first != "null" && !(overruled && ["default", "collate", "not"].contains(&first)) {
            kept.push(texts(
                &std::mem::take(&mut names).into_iter().chain(generated(clause.clone())).collect::<Vec<_>>(),
            ));
        }
    }
    kept.extend((!names.is_empty()).then(|| texts(&names)));
    kept.sort();
    format!("{} {declared} {}", name.raw, kept.join(" ")).trim_end().to_owned()
}

/// What is said behind the name of a column, clause by clause; the first one is the type.
fn clauses(words: &[Word]) -> Vec<Vec<Word>> {
    const BEGINS: [&str; 12] = [
        "not",
        "null",
        "default",
        "collate",
        "primary",
        "unique",
        "check",
        "references",
        "deferrable",
        "constraint",
        "generated",
        "as",
    ];
    let mut clauses: Vec<Vec<Word>> = vec![Vec::new()];
    let mut depth = 0_i32;
    let mut before = "";
    for (at, word) in words.iter().enumerate() {
        let text = word.text.as_str();
        let follows = matches!(
            (before, text),
            ("not", "null" | "deferrable") | ("set", "null" | "default") | ("default", "null") | ("always", "as")
        );
        // As a word of a type it stands alone.
        let is_type = text == "generated" && words.get(at + 1).is_none_or(|next| next.text != "always");
        if depth == 0 && BEGINS.contains(&text) && !word.quoted && !follows && !is_type && before != "constraint" {
            clauses.push(Vec::new());
        }
        depth += i32::from(text == "(") - i32::from(text == ")");
        let mut word = word.clone();
        if before == "constraint" {
            word.text.clone_from(&word.raw);
        }
        before = text;
        if let Some(clause) = clauses.last_mut() {
            clause.push(word);
        }
    }
    clauses
}

/// `PRIMARY KEY` of one column, as it stands behind the columns. With `DESC` that would be another key.
fn primary_key(name: &Word, rest: &[Word]) -> Vec<Word> {
    let (inside, behind): (Vec<Word>, Vec<Word>) =
        rest.iter().cloned().partition(|word| ["asc", "desc", "autoincrement"].contains(&word.text.as_str()));
    let mark = if inside.iter().any(|word| word.text == "desc") { vec![word("one")] } else { Vec::new() };
    let open = vec![word("primary"), word("key"), word("("), name.clone()];
    [mark, open, inside, vec![word(")")], behind].concat()
}

fn in_parentheses(name: &Word) -> Vec<Word> {
    vec![word("("), name.clone(), word(")")]
}

fn word(text: &str) -> Word {
    Word { text: text.to_owned(), raw: text.to_owned(), quoted: false }
}

/// `GENERATED ALWAYS` and `VIRTUAL` say what is so without them too.
fn generated(mut clause: Vec<Word>) -> Vec<Word> {
    if clause.first().is_some_and(|word| word.text == "generated") {
        clause.drain(..2.min(clause.len()));
    }
    if clause.first().is_some_and(|word| word.text == "as") && clause.last().is_some_and(|word| word.text == "virtual")
    {
        clause.pop();
    }
    clause
}

/// Of several actions for one event the last one counts, and none means the same as `NO ACTION`.
fn foreign_key(clause: &[Word]) -> Vec<Word> {
    let is_action = |at: usize| {
        clause[at].text == "on"
            && clause.get(at + 1).is_some_and(|event| ["delete", "update", "insert"].contains(&event.text.as_str()))
    };
    let length = |at: usize| match clause.get(at + 2).map(|word| word.text.as_str()) {
        Some("set" | "no") => 4,
        _ => 3,
    };
    let mut kept = Vec::new();
    let mut at = 0;
    while at < clause.len() {
        if !is_action(at) {
            kept.push(clause[at].clone());
            at += 1;
            continue;
        }
        let end = (at + length(at)).min(clause.len());
        let again = (end..clause.len()).any(|later| is_action(later) && clause[later + 1].text == clause[at + 1].text);
        if !again && clause[at + 2].text != "no" {
            kept.extend_from_slice(&clause[at..end]);
        }
        at = end;
    }
    kept
}

/// SQLite reads a conflict clause of a check and makes nothing of it.
fn conflict_of_check(mut piece: Vec<Word>) -> Vec<Word> {
    let is_check = piece.iter().take(3).any(|word| word.text == "check");
    if is_check && piece.len() > 3 && piece[piece.len() - 3].text == "on" && piece[piece.len() - 2].text == "conflict" {
        piece.truncate(piece.len() - 3);
    }
    piece
}

/// A trigger without `FOR EACH ROW`, which is always so, and with `BEFORE`, which is so when nothing is said.
fn trigger(words: &[Word]) -> Vec<Word> {
    let mut kept: Vec<Word> = Vec::new();
    let mut in_head = true;
    let mut at = 0;
    while at < words.len() {
        in_head &= words[at].text != "begin";
        let text = |from: usize| words.get(from).map(|word| word.text.as_str());
        if in_head && (text(at), text(at + 1), text(at + 2)) == (Some("for"), Some("each"), Some("row")) {
            at += 3;
            continue;
        }
        if at == 2 && !["before", "after", "instead"].contains(&words[at].text.as_str()) {
            kept.push(word("before"));
        }
        kept.push(words[at].clone());
        at += 1;
    }
    kept
}

/// Everything but the name of the object, which its title tells.
fn without_name(mut words: Vec<Word>) -> Vec<Word> {
    let of = words.iter().position(|word| ["index", "view", "trigger", "table"].contains(&word.text.as_str()));
    if let Some(of) = of.filter(|of| of + 1 < words.len()) {
        words.remove(of + 1);
    }
    words
}

fn texts(words: &[Word]) -> String {
    words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// Cuts at the commas outside of parentheses.
fn pieces(words: &[Word]) -> Vec<Vec<Word>> {
    let mut depth = 0_i32;
    let mut pieces = vec![Vec::new()];
    for word in words {
        depth += i32::from(word.text == "(") - i32::from(word.text == ")");
        if word.text == "," && depth == 0 {
            pieces.push(Vec::new());
        } else if let Some(piece) = pieces.last_mut() {
            piece.push(word.clone());
        }
    }
    pieces
}
