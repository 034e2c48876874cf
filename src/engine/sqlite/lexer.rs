//! Cuts SQLite text into tokens, as SQLite's own tokenizer does.

use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A key word or an identifier without quotes.
    Word,
    /// An identifier in double quotes, backticks or brackets.
    Quoted,
    /// A string or blob literal.
    Text,
    Number,
    Semicolon,
    /// An operator or another mark.
    Symbol,
    /// A quote that is not closed before the end of the text; the text names it.
    Unterminated(&'static str),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

/// The tokens of a text, without white space and comments.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let start = skip_blank(self.text, self.at);
        let rest = &self.text.as_bytes()[start..];
        let (kind, length) = match *rest.first()? {
            b';' => (Kind::Semicolon, 1),
            b'\'' => closed(rest, 0, Kind::Text, "string"),
            b'x' | b'X' if rest.get(1) == Some(&b'\'') => closed(rest, 1, Kind::Text, "blob"),
            b'"' | b'`' | b'[' => closed(rest, 0, Kind::Quoted, "quoted identifier"),
            b'0'..=b'9' => (Kind::Number, number(rest)),
            b'.' if rest.get(1).is_some_and(u8::is_ascii_digit) => (Kind::Number, number(rest)),
            first if is_word(first) => (Kind::Word, rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len())),
            _ => (Kind::Symbol, symbol(rest)),
        };
        self.at = start + length;
        Some(Token { kind, span: start..self.at })
    }
}

/// Letters, digits, underscore, dollar, and whatever is not ASCII.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii()
}

/// The first byte from `at` on that is neither white space nor part of a comment. A byte order mark counts as white
/// space; a comment that is not closed runs to the end of the text, and SQLite is content with it.
fn skip_blank(text: &str, mut at: usize) -> usize {
    loop {
        let rest = &text[at..];
        at += match rest.as_bytes() {
            [b' ' | b'\t' | b'\n' | b'\r' | b'\x0b' | b'\x0c', ..] => 1,
            [b'-', b'-', ..] => rest.find('\n').unwrap_or(rest.len()),
            // The last two bytes of a text are no comment but two operators.
            [b'/', b'*', comment @ ..] if !comment.is_empty() => {
                rest[2..].find("*/").map_or(rest.len(), |length| length + 4)
            }
            _ if rest.starts_with('\u{feff}') => '\u{feff}'.len_utf8(),
            _ => return at,
        };
    }
}

/// What is quoted from `open` on, up to its closing quote; a doubled quote is part of it, except in brackets.
fn closed(rest: &[u8], open: usize, kind: Kind, what: &'static str) -> (Kind, usize) {
    let close = if rest[open] == b'[' { b']' } else { rest[open] };
    let mut at = open + 1;
    while let Some(length) = rest[at..].iter().position(|byte| *byte == close) {
        at += length + 1;
        if close == b']' || rest.get(at) != Some(&close) {
            return (kind, at);
        }
        at += 1;
    }
    (Kind::Unterminated(what), rest.len())
}

/// The length of a number. Letters directly behind it belong to it; SQLite will refuse them.
fn number(rest: &[u8]) -> usize {
    let is_hexadecimal = rest.len() > 1 && rest[0] == b'0' && rest[1].eq_ignore_ascii_case(&b'x');
    let mut end = 0;
    while let Some(byte) = rest.get(end) {
        let is_sign_of_exponent =
            matches!(byte, b'+' | b'-') && !is_hexadecimal && rest[end - 1].eq_ignore_ascii_case(&b'e');
        let is_sign = is_sign_of_exponent && rest.get(end + 1).is_some_and(u8::is_ascii_digit);
        if !(is_word(*byte) || *byte == b'.' || is_sign) {
            break;
        }
        end += 1;
    }
    end
}

/// The length of an operator; all its characters are ASCII.
fn symbol(rest: &[u8]) -> usize {
    const LONG: [&[u8]; 10] = [b"->>", b"->", b"||", b"<>", b"<=", b">=", b"<<", b">>", b"==", b"!="];
    LONG.iter().find(|operator| rest.starts_with(operator)).map_or(1, |operator| operator.len())
}
