//! Cuts PostgreSQL text into tokens, as far as finding the end of a statement needs it.
//!
//! The rules are those of the manual's chapter "Lexical Structure", with `standard_conforming_strings` on.

use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A key word or an identifier without quotes.
    Word,
    Open,
    Close,
    Semicolon,
    /// A backslash outside quotes: never SQL, but the start of a psql command.
    Backslash,
    /// Something that begins here and is not closed before the end of the text; the text names it.
    Unterminated(&'static str),
    /// A literal, a quoted identifier, one character of an operator.
    Other,
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
    /// Reads `text` from this byte on.
    pub(super) fn starting_at(text: &'a str, at: usize) -> Self {
        Self { text, at }
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let bytes = self.text.as_bytes();
        let start = match skip_blank(self.text, self.at) {
            Ok(start) => start,
            Err(comment) => {
                self.at = bytes.len();
                return Some(Token { kind: Kind::Unterminated("comment"), span: comment..self.at });
            }
        };
        let first = *bytes.get(start)?;
        let found = match first {
            b'(' => Some((Kind::Open, start + 1)),
            b')' => Some((Kind::Close, start + 1)),
            b';' => Some((Kind::Semicolon, start + 1)),
            b'\\' => Some((Kind::Backslash, start + 1)),
            b'\'' => closed(self.text, start, b'\'').map(|end| (Kind::Other, end)),
            b'"' => closed(self.text, start, b'"').map(|end| (Kind::Other, end)),
            b'$' => dollar(self.text, start),
            _ if is_word_start(first) => word(self.text, start),
            _ => Some((Kind::Other, start + 1)),
        };
        let (kind, end) = found.unwrap_or_else(|| (Kind::Unterminated(name_of(bytes, start)), bytes.len()));
        self.at = end;
        Some(Token { kind, span: start..end })
    }
}

/// What the server calls a token that begins here and is not closed.
fn name_of(bytes: &[u8], start: usize) -> &'static str {
    match bytes[start] {
        b'"' => "quoted identifier",
        b'$' => "dollar-quoted string",
        b'u' | b'U' if bytes.get(start + 2) == Some(&b'"') => "quoted identifier",
        b'b' | b'B' => "bit string literal",
        b'x' | b'X' => "hexadecimal string literal",
        _ => "quoted string",
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0b' | b'\x0c')
}

fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || !byte.is_ascii()
}

fn is_word(byte: u8) -> bool {
    is_word_start(byte) || byte.is_ascii_digit() || byte == b'$'
}

/// The first byte from `at` on that is neither white space nor part of a comment, or where an unclosed comment begins.
fn skip_blank(text: &str, mut at: usize) -> Result<usize, usize> {
    let bytes = text.as_bytes();
    loop {
        let rest = &bytes[at..];
        if rest.first().is_some_and(|byte| is_space(*byte)) {
            at += 1;
        } else if rest.starts_with(b"--") {
            at = line_end(bytes, at);
        } else if rest.starts_with(b"/*") {
            at = block_comment_end(bytes, at).ok_or(at)?;
        } else {
            return Ok(at);
        }
    }
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r')).map_or(bytes.len(), |length| at + length)
}

/// Behind the comment that begins here. Comments nest, unlike those of most other products.
fn block_comment_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = start;
    loop {
        match bytes.get(at..at + 2)? {
            b"/*" => {
                depth += 1;
                at += 2;
            }
            b"*/" => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
}

/// Behind the closing quote of what is opened at `open`; a doubled quote is part of it.
fn closed(text: &str, open: usize, quote: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = open + 1;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == quote)? + 1;
        if bytes.get(at) != Some(&quote) {
            return Some(at);
        }
        at += 1;
    }
}

/// Behind an escape string whose quote is opened at `open`. Parts on further lines belong to it, and backslashes escape
/// in them as well. (The server reads it so. psql looks at one line at a time and takes the next part for a plain string.)
fn escape_string_end(text: &str, open: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = open + 1;
    loop {
        match bytes.get(at)? {
            b'\\' => at += 2,
            b'\'' if bytes.get(at + 1) == Some(&b'\'') => at += 2,
            b'\'' => match continued(bytes, at + 1) {
                Some(next) => at = next,
                None => return Some(at + 1),
            },
            _ => at += 1,
        }
    }
}

/// Where a string that was closed just before `at` goes on: behind white space with a line break in it, and a quote.
fn continued(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut line_break = false;
    loop {
        match bytes.get(at)? {
            b'\'' => return line_break.then_some(at + 1),
            b'-' if bytes.get(at + 1) == Some(&b'-') => at = line_end(bytes, at),
            byte if is_space(*byte) => {
                line_break |= matches!(byte, b'\n' | b'\r');
                at += 1;
            }
            _ => return None,
        }
    }
}

/// A dollar-quoted string, or a lone dollar as in `$1`; nothing if the string is not closed.
fn dollar(text: &str, start: usize) -> Option<(Kind, usize)> {
    let bytes = text.as_bytes();
    let mut end = start + 1;
    if bytes.get(end).is_some_and(|byte| is_word_start(*byte)) {
        while bytes.get(end).is_some_and(|byte| is_word(*byte) && *byte != b'$') {
            end += 1;
        }
    }
    if bytes.get(end) != Some(&b'$') {
        return Some((Kind::Other, start + 1));
    }
    let delimiter = &text[start..=end];
    let length = text[end + 1..].find(delimiter)?;
    Some((Kind::Other, end + 1 + length + delimiter.len()))
}

/// A word, or the literal or identifier that a word of one letter introduces: `E''`, `B''`, `X''`, `U&''`, `U&""`.
fn word(text: &str, start: usize) -> Option<(Kind, usize)> {
    let bytes = text.as_bytes();
    let end = bytes[start..].iter().position(|byte| !is_word(*byte)).map_or(bytes.len(), |length| start + length);
    let end_of_literal = match (&bytes[start..end], &bytes[end..]) {
        (b"e" | b"E", [b'\'', ..]) => escape_string_end(text, end),
        (b"b" | b"B" | b"x" | b"X", [b'\'', ..]) => closed(text, end, b'\''),
        (b"u" | b"U", [b'&', quote @ (b'\'' | b'"'), ..]) => closed(text, end + 1, *quote),
        _ => return Some((Kind::Word, end)),
    };
    end_of_literal.map(|end| (Kind::Other, end))
}
