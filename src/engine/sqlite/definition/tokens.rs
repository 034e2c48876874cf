//! Brings tokens into one form, so that texts that mean the same come out the same.

use std::collections::{BTreeMap, BTreeSet};

use super::super::lexer::{Kind, Lexer, Token, is_word};

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

/// The names of a table's columns, by their lower case.
pub(super) type Names = BTreeMap<String, String>;

/// The text without comments and with white space in one manner. Words are in lower case, whether they are key words or
/// names. An identifier in quotes is written like a word when it could be one, else in double quotes and its own case.
/// Strings and blobs stay as they are. (Where a text misuses double quotes for a string, its case is therefore lost.)
///
/// Works on any text; a quote that is not closed takes in the rest as it is.
pub fn normalise_tokens(sql: &str) -> String {
    let tokens: Vec<Token> = Lexer::new(sql).collect();
    written(sql, &tokens)
}

/// Tokens as [`normalise_tokens`] writes them.
pub(super) fn written(sql: &str, tokens: &[Token]) -> String {
    joined(tokens.iter().map(|token| (token.kind, normalised(sql, token))))
}

/// An expression that can name nothing but `columns`, functions and collations.
///
/// SQLite takes a name in double quotes that is no column for a string, whose case counts; such a one is left as it is.
pub(super) fn expression(sql: &str, tokens: &[Token], columns: &Names) -> String {
    joined(tokens.iter().enumerate().map(|(at, token)| {
        let text = &sql[token.span.clone()];
        let follows = at.checked_sub(1).and_then(|before| tokens.get(before));
        let is_name = !text.starts_with('"')
            || token.kind != Kind::Quoted
            || columns.contains_key(&unquoted(text).to_ascii_lowercase())
            || follows.is_some_and(|before| is(sql, before, ".") || is(sql, before, "collate"))
            || tokens.get(at + 1).is_some_and(|after| is(sql, after, ".") || is(sql, after, "("));
        (token.kind, if is_name { normalised(sql, token) } else { text.to_owned() })
    }))
}

/// What may name anything in `names`, or what the text itself introduces: an alias, a common table expression. Without `names`
/// everything in double quotes is taken for a name.
pub(super) fn query(sql: &str, tokens: &[Token], names: Option<&BTreeSet<String>>) -> String {
    let Some(names) = names else { return written(sql, tokens) };
    let words = tokens.iter().filter(|token| token.kind == Kind::Word).map(|token| &sql[token.span.clone()]);
    let introduced = tokens.iter().enumerate().filter(|(at, _)| introduces(sql, tokens, *at));
    let known: Names = words
        .map(str::to_ascii_lowercase)
        .chain(introduced.filter_map(|(_, token)| Some(name_of(sql, token)?.to_ascii_lowercase())))
        .chain(names.iter().cloned())
        .map(|name| (name, String::new()))
        .collect();
    expression(sql, tokens, &known)
}

/// Whether what stands here can only be a name: behind AS, before AS, before a query of its own.
fn introduces(sql: &str, tokens: &[Token], at: usize) -> bool {
    at.checked_sub(1)
        .is_some_and(|before| ["as", "into", "from", "join", "table"].iter().any(|word| is(sql, &tokens[before], word)))
        || tokens.get(at + 1).is_some_and(|after| is(sql, after, "as") || is(sql, after, "("))
}

/// Every name in a text, in lower case.
pub fn names_in(sql: &str) -> BTreeSet<String> {
    Lexer::new(sql).filter_map(|token| Some(name_of(sql, &token)?.to_ascii_lowercase())).collect()
}

/// The arguments of a virtual table's module, which reads them as it likes: words keep their case.
pub(super) fn arguments(sql: &str, tokens: &[Token]) -> String {
    joined(tokens.iter().map(|token| {
        let text = &sql[token.span.clone()];
        let plain =
            (token.kind == Kind::Quoted).then(|| unquoted(text)).filter(|name| is_plain(&name.to_ascii_lowercase()));
        (token.kind, plain.unwrap_or_else(|| text.to_owned()))
    }))
}

/// A declared type: `varchar(120)`, `unsigned big int`.
pub(super) fn type_name(sql: &str, words: &[Token], size: &[Token]) -> String {
    let words: Vec<String> = words.iter().filter_map(|token| name_of(sql, token)).collect();
    let words = words.join(" ").to_ascii_lowercase();
    if size.is_empty() {
        return words;
    }
    let size: String = size.iter().map(|token| normalised(sql, token)).collect();
    format!("{words}({size})")
}

/// The name that a token stands for. SQLite takes a string literal for a name where only a name can stand.
pub(super) fn name_of(sql: &str, token: &Token) -> Option<String> {
    let text = &sql[token.span.clone()];
    match token.kind {
        Kind::Word => Some(text.to_owned()),
        Kind::Quoted => Some(unquoted(text)),
        Kind::Text if text.starts_with('\'') => Some(unquoted(text)),
        Kind::Text | Kind::Number | Kind::Semicolon | Kind::Symbol | Kind::Unterminated(_) => None,
    }
}

/// Whether the token is this word or symbol.
pub(super) fn is(sql: &str, token: &Token, expected: &str) -> bool {
    matches!(token.kind, Kind::Word | Kind::Symbol | Kind::Semicolon)
        && sql[token.span.clone()].eq_ignore_ascii_case(expected)
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

/// The tokens as a person would space them: `coalesce(a, 'x') > 0`.
fn joined(tokens: impl Iterator<Item = (Kind, String)>) -> String {
    let mut text = String::new();
    let mut before: Option<(Kind, String)> = None;
    let mut tokens = tokens.peekable();
    while let Some((kind, token)) = tokens.next() {
        let is_name = |kind: Kind| matches!(kind, Kind::Word | Kind::Quoted);
        let glued = before.as_ref().is_none_or(|(kind_before, before)| match (before.as_str(), token.as_str()) {
            ("(", _) | (_, ")" | "," | ";") => true,
            (function, "(") => is_name(*kind_before) && !RESERVED.contains(&function),
            (_, ".") => is_name(*kind_before) && tokens.peek().is_some_and(|(kind, _)| is_name(*kind)),
            (".", _) => is_name(kind) && text.ends_with('.') && !text.ends_with(" ."),
            _ => false,
        });
        if !glued {
            text.push(' ');
        }
        text.push_str(&token);
        before = Some((kind, token));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_brought_into_one_form() {
        for (text, expected) in [
            ("CREATE  INDEX\n\"i\" ON [T](a DESC) -- x", "create index i on t(a desc)"),
            ("/* x */ WHERE `A` IS NOT NULL", "where a is not null"),
            ("a IN(1,2) AND lower ( b )=c . d", "a in (1, 2) and lower(b) = c.d"),
            ("'It''s' || \"a b\" || [c\"d] || `e``f`", "'It''s' || \"a b\" || \"c\"\"d\" || \"e`f\""),
            ("\"null\" <> NULL AND [Order] = `key`", "\"null\" <> null and \"Order\" = key"),
            ("1.5E-3+.5-0XFF", "1.5e-3 + .5 - 0xff"),
            ("x'AB' X'cd'", "x'AB' X'cd'"),
            ("a->>'$.b'<=c==d", "a ->> '$.b' <= c == d"),
            ("\"größe\" größe \"1a\" \"\" \"a$b\" \"$a\"", "größe größe \"1a\" \"\" a$b \"$a\""),
            ("a 'not closed  ", "a 'not closed  "),
            ("", ""),
        ] {
            assert_eq!(normalise_tokens(text), expected);
            assert_eq!(normalise_tokens(expected), expected, "done twice");
        }
    }

    #[test]
    fn a_string_in_double_quotes_keeps_its_case() {
        let columns: Names = [("state".to_owned(), "State".to_owned())].into();
        let of = |text: &str| {
            let tokens: Vec<Token> = Lexer::new(text).collect();
            expression(text, &tokens, &columns)
        };
        assert_eq!(of("\"State\" = \"New\" COLLATE \"NoCase\""), "state = \"New\" collate nocase");
        assert_ne!(of("state = \"New\""), of("state = \"new\""));
        assert_eq!(of("\"T\".\"STATE\" = [New]"), "t.state = new");
    }

    #[test]
    fn a_query_tells_names_from_strings() {
        let names: BTreeSet<String> = ["orders", "state"].map(str::to_owned).into();
        let of = |text: &str| {
            let tokens: Vec<Token> = Lexer::new(text).collect();
            query(text, &tokens, Some(&names))
        };
        assert_eq!(of("SELECT \"State\" FROM \"Orders\""), of("select state from orders"));
        assert_eq!(of("SELECT \"O\".state AS \"S\" FROM orders AS \"O\""), "select o.state as s from orders as o");
        assert_ne!(of("SELECT 1 FROM orders WHERE state = \"New\""), of("SELECT 1 FROM orders WHERE state = \"new\""));
    }

    #[test]
    fn arguments_keep_their_case() {
        let text = "\"Title\" UNINDEXED, tokenize='porter  ascii', Path=[a b]";
        let tokens: Vec<Token> = Lexer::new(text).collect();
        assert_eq!(arguments(text, &tokens), "Title UNINDEXED, tokenize = 'porter  ascii', Path = [a b]");
    }
}
