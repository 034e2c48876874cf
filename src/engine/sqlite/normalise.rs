//! Brings the text of `sqlite_schema.sql` into a form that two schemas can be compared by.
//!
//! Checks, collations, conflict clauses, deferrability, generated expressions and the options of virtual tables show
//! nowhere else. Two texts that differ only in white space, comments, the case of words, or the way in which identifiers
//! are quoted come out the same.

use std::collections::BTreeMap;

use super::lexer::{Kind, Lexer, Token, is_word};

/// Words that keep their quotes: `"null"` without them would look like NULL. They are those that SQLite 3.40 refuses as
/// the name of an indexed column unless they are quoted, and those that mean a value where they stand without quotes.
const RESERVED: [&str; 65] = [
    "add",
    "all",
    "alter",
    "and",
    "as",
    "autoincrement",
    "between",
    "case",
    "cast",
    "check",
    "collate",
    "commit",
    "constraint",
    "create",
    "current_date",
    "current_time",
    "current_timestamp",
    "default",
    "deferrable",
    "delete",
    "distinct",
    "drop",
    "else",
    "escape",
    "except",
    "exists",
    "false",
    "foreign",
    "from",
    "group",
    "having",
    "in",
    "index",
    "insert",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "limit",
    "not",
    "nothing",
    "notnull",
    "null",
    "on",
    "or",
    "order",
    "primary",
    "raise",
    "references",
    "returning",
    "select",
    "set",
    "table",
    "then",
    "to",
    "transaction",
    "true",
    "union",
    "unique",
    "update",
    "using",
    "values",
    "when",
    "where",
];

/// The text of a CREATE TABLE, in pieces that can be compared one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TablePieces {
    /// What stands behind the name of each column: type and column constraints, as [`normalise_tokens`] writes them. The
    /// key is the name without quotes in its own case, as `pragma table_xinfo` gives it. Empty for a virtual table.
    pub columns: BTreeMap<String, String>,
    /// The table constraints, each as [`normalise_tokens`] writes it, sorted.
    pub constraints: Vec<String>,
    /// What stands behind the columns, in a fixed order (`strict, without rowid`); for a virtual table all from USING on.
    pub options: String,
}

/// The text with one space between tokens and without comments. Words are in lower case, whether they are key words or
/// names. An identifier in quotes is written like a word when it could be one, else in double quotes and its own case.
/// Strings and blobs stay as they are. (Where a text misuses double quotes for a string, its case is therefore lost.)
///
/// Works on any text; a quote that is not closed takes in the rest as it is.
pub fn normalise_tokens(sql: &str) -> String {
    join(Lexer::new(sql).map(|token| normalised(sql, &token)))
}

/// Cuts a CREATE TABLE or CREATE VIRTUAL TABLE into pieces; nothing if the text is something else. The name of the table
/// is in none of them, so that a table that was rebuilt under another name and renamed compares equal, and neither is
/// the order of the columns or of the constraints.
pub fn table_pieces(sql: &str) -> Option<TablePieces> {
    let tokens: Vec<Token> = Lexer::new(sql).collect();
    let mut head = Head { sql, rest: &tokens };
    head.take("create").then_some(())?;
    let _is_temporary = head.take("temp") || head.take("temporary");
    let is_virtual = head.take("virtual");
    head.take("table").then_some(())?;
    if head.take("if") && !(head.take("not") && head.take("exists")) {
        return None;
    }
    head.take_name()?;
    if head.take(".") {
        head.take_name()?;
    }
    if is_virtual {
        let options = normalised_run(sql, head.rest);
        return options.starts_with("using ").then_some(TablePieces { options, ..TablePieces::default() });
    }
    head.take("(").then_some(())?;
    let close = closing_parenthesis(sql, head.rest)?;
    let (definitions, options) = head.rest.split_at(close);
    let mut pieces = TablePieces { options: table_options(sql, &options[1..]), ..TablePieces::default() };
    for definition in at_commas(sql, definitions) {
        // Constraints come after the columns and, against what the manual's diagrams say, need no comma between them.
        if !pieces.constraints.is_empty() || starts_constraint(sql, definition.first()?) {
            pieces.constraints.extend(constraints(sql, definition).map(|run| normalised_run(sql, run)));
        } else {
            let (name, rest) = definition.split_first()?;
            pieces.columns.insert(name_of(sql, name)?, normalised_run(sql, rest));
        }
    }
    pieces.constraints.sort_unstable();
    Some(pieces)
}

/// The tokens that are not read yet.
struct Head<'a> {
    sql: &'a str,
    rest: &'a [Token],
}

impl Head<'_> {
    /// Reads this word or symbol, if it is the next.
    fn take(&mut self, expected: &str) -> bool {
        match self.rest {
            [token, rest @ ..] if is(self.sql, token, expected) => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn take_name(&mut self) -> Option<()> {
        let (token, rest) = self.rest.split_first()?;
        name_of(self.sql, token)?;
        self.rest = rest;
        Some(())
    }
}

fn is(sql: &str, token: &Token, expected: &str) -> bool {
    matches!(token.kind, Kind::Word | Kind::Symbol) && sql[token.span.clone()].eq_ignore_ascii_case(expected)
}

/// The name that a token stands for. SQLite takes a string literal for a name where only a name can stand.
fn name_of(sql: &str, token: &Token) -> Option<String> {
    let text = &sql[token.span.clone()];
    match token.kind {
        Kind::Word => Some(text.to_owned()),
        Kind::Quoted => Some(unquoted(text)),
        Kind::Text if text.starts_with('\'') => Some(unquoted(text)),
        Kind::Text | Kind::Number | Kind::Semicolon | Kind::Symbol | Kind::Unterminated(_) => None,
    }
}

/// The inside of quotes, which are one ASCII character at each end.
fn unquoted(text: &str) -> String {
    let inside = &text[1..text.len() - 1];
    match text.as_bytes()[0] {
        b'"' => inside.replace("\"\"", "\""),
        b'`' => inside.replace("``", "`"),
        b'\'' => inside.replace("''", "'"),
        _ => inside.to_owned(),
    }
}

fn normalised(sql: &str, token: &Token) -> String {
    let text = &sql[token.span.clone()];
    match token.kind {
        Kind::Word | Kind::Number => text.to_ascii_lowercase(),
        Kind::Quoted => {
            let name = unquoted(text);
            let lower = name.to_ascii_lowercase();
            if is_plain(&lower) { lower } else { format!("\"{}\"", name.replace('"', "\"\"")) }
        }
        Kind::Text | Kind::Semicolon | Kind::Symbol | Kind::Unterminated(_) => text.to_owned(),
    }
}

/// Whether this name could stand without quotes.
fn is_plain(name: &str) -> bool {
    name.bytes().all(is_word)
        && name.starts_with(|first: char| !first.is_ascii_digit() && first != '$')
        && !name.contains('\u{feff}')
        && !RESERVED.contains(&name)
}

fn normalised_run(sql: &str, tokens: &[Token]) -> String {
    join(tokens.iter().map(|token| normalised(sql, token)))
}

fn join(tokens: impl Iterator<Item = String>) -> String {
    tokens.collect::<Vec<_>>().join(" ")
}

/// How far each token is inside parentheses; a parenthesis counts as outside of itself.
fn with_depth<'a>(sql: &'a str, tokens: &'a [Token]) -> impl Iterator<Item = (usize, &'a Token, usize)> {
    let mut depth = 0_usize;
    tokens.iter().enumerate().map(move |(index, token)| {
        if is(sql, token, ")") {
            depth = depth.saturating_sub(1);
        }
        let at = depth;
        depth += usize::from(is(sql, token, "("));
        (index, token, at)
    })
}

/// Where the parenthesis that was opened before these tokens is closed.
fn closing_parenthesis(sql: &str, tokens: &[Token]) -> Option<usize> {
    let mut depth = 1_usize;
    tokens.iter().position(|token| {
        if is(sql, token, "(") {
            depth += 1;
        } else if is(sql, token, ")") {
            depth -= 1;
        }
        depth == 0
    })
}

fn at_commas<'a>(sql: &'a str, tokens: &'a [Token]) -> impl Iterator<Item = &'a [Token]> {
    let commas = with_depth(sql, tokens).filter(|(_, token, depth)| *depth == 0 && is(sql, token, ","));
    let mut start = 0;
    commas
        .map(|(index, ..)| index)
        .chain([tokens.len()])
        .map(move |end| {
            let piece = &tokens[start..end];
            start = end + 1;
            piece
        })
        .filter(|piece| !piece.is_empty())
}

fn starts_constraint(sql: &str, token: &Token) -> bool {
    ["constraint", "primary", "unique", "check", "foreign"].iter().any(|word| is(sql, token, word))
}

/// Cuts before each token that starts a table constraint, except where `CONSTRAINT name` has started it already.
fn constraints<'a>(sql: &'a str, tokens: &'a [Token]) -> impl Iterator<Item = &'a [Token]> {
    let mut starts = vec![0];
    for (index, token, depth) in with_depth(sql, tokens).skip(1) {
        let start = starts.last().copied().unwrap_or(0);
        let is_named = is(sql, &tokens[start], "constraint") && index == start + 2;
        let is_new = is(sql, token, "constraint") || !is_named;
        if depth == 0 && is_new && starts_constraint(sql, token) {
            starts.push(index);
        }
    }
    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([tokens.len()]).collect();
    starts.into_iter().zip(ends).map(|(start, end)| &tokens[start..end])
}

fn table_options(sql: &str, tokens: &[Token]) -> String {
    let mut options: Vec<String> = at_commas(sql, tokens).map(|option| normalised_run(sql, option)).collect();
    options.sort_unstable();
    options.join(", ")
}

#[cfg(test)]
#[path = "normalise_tests.rs"]
mod tests;
