//! Reads tokens one after the other.

use super::super::lexer::{Lexer, Token};
use super::tokens::{is, name_of};

/// The tokens of a text.
pub(super) fn tokens(sql: &str) -> Vec<Token> {
    Lexer::new(sql).collect()
}

/// The tokens that are not read yet.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    pub(super) sql: &'a str,
    pub(super) rest: &'a [Token],
}

impl<'a> Cursor<'a> {
    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Whether the next tokens are these words or symbols.
    pub(super) fn sees(&self, expected: &[&str]) -> bool {
        self.rest.len() >= expected.len()
            && self.rest.iter().zip(expected).all(|(token, expected)| is(self.sql, token, expected))
    }

    /// Reads these words or symbols, if they are the next.
    pub(super) fn take(&mut self, expected: &[&str]) -> bool {
        let seen = self.sees(expected);
        if seen {
            self.rest = &self.rest[expected.len()..];
        }
        seen
    }

    /// Reads one of these words, and tells which it was.
    pub(super) fn take_one_of(&mut self, words: &[&'static str]) -> Option<&'static str> {
        words.iter().copied().find(|word| self.take(&[word]))
    }

    pub(super) fn next(&mut self) -> Option<&'a Token> {
        let (token, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(token)
    }

    /// Reads a name, which may be in quotes of any kind.
    pub(super) fn take_name(&mut self) -> Option<String> {
        let name = name_of(self.sql, self.rest.first()?)?;
        self.rest = &self.rest[1..];
        Some(name)
    }

    /// Reads a name that may follow the name of its schema.
    pub(super) fn take_qualified_name(&mut self) -> Option<String> {
        let name = self.take_name()?;
        if self.take(&["."]) { self.take_name() } else { Some(name) }
    }

    /// Reads parentheses, and gives what is inside of them.
    pub(super) fn take_group(&mut self) -> Option<&'a [Token]> {
        if !self.sees(&["("]) {
            return None;
        }
        let inside = &self.rest[1..];
        let mut depth = 1_usize;
        let close = inside.iter().position(|token| {
            if is(self.sql, token, "(") {
                depth += 1;
            } else if is(self.sql, token, ")") {
                depth -= 1;
            }
            depth == 0
        })?;
        self.rest = &inside[close + 1..];
        Some(&inside[..close])
    }

    /// Reads up to this word outside of parentheses.
    pub(super) fn take_until(&mut self, word: &str) -> Option<&'a [Token]> {
        let mut depth = 0_usize;
        let end = self.rest.iter().position(|token| {
            if is(self.sql, token, "(") {
                depth += 1;
            } else if is(self.sql, token, ")") {
                depth = depth.saturating_sub(1);
            }
            depth == 0 && is(self.sql, token, word)
        })?;
        let (before, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(before)
    }
}

/// Cuts at the commas outside of parentheses; nothing where a piece is empty.
pub(super) fn at_commas<'a>(sql: &'a str, tokens: &'a [Token]) -> Option<Vec<&'a [Token]>> {
    let mut depth = 0_usize;
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, token) in tokens.iter().enumerate() {
        if is(sql, token, "(") {
            depth += 1;
        } else if is(sql, token, ")") {
            depth = depth.checked_sub(1)?;
        } else if depth == 0 && is(sql, token, ",") {
            pieces.push(&tokens[start..at]);
            start = at + 1;
        }
    }
    pieces.push(&tokens[start..]);
    pieces.iter().all(|piece| !piece.is_empty()).then_some(pieces)
}

/// Names with commas between.
pub(super) fn names(sql: &str, tokens: &[Token]) -> Option<Vec<String>> {
    at_commas(sql, tokens)?
        .into_iter()
        .map(|piece| match piece {
            [token] => name_of(sql, token),
            _ => None,
        })
        .collect()
}
