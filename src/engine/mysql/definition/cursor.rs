//! Walks through tokens.

use super::tokens::{Kind, Token};

/// A place in a list of tokens.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'t> {
    rest: &'t [Token<'t>],
}

impl<'t> Cursor<'t> {
    pub(super) fn new(tokens: &'t [Token<'t>]) -> Self {
        Self { rest: tokens }
    }

    pub(super) fn rest(&self) -> &'t [Token<'t>] {
        self.rest
    }

    pub(super) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn peek(&self) -> Option<&'t Token<'t>> {
        self.rest.first()
    }

    pub(super) fn next(&mut self) -> Option<&'t Token<'t>> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    /// Whether these words follow.
    pub(super) fn sees(&self, words: &str) -> bool {
        let mut at = self.rest.iter();
        words.split(' ').all(|word| at.next().is_some_and(|token| token.is(word)))
    }

    /// Passes over these words if they follow.
    pub(super) fn take(&mut self, words: &str) -> bool {
        let seen = self.sees(words);
        if seen {
            self.rest = &self.rest[words.split(' ').count()..];
        }
        seen
    }

    /// The tokens between the parentheses that follow.
    pub(super) fn group(&mut self) -> Option<&'t [Token<'t>]> {
        if !self.sees("(") {
            return None;
        }
        let mut depth = 0_usize;
        for (at, token) in self.rest.iter().enumerate() {
            match token.raw {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => (),
            }
            if depth == 0 {
                let inner = &self.rest[1..at];
                self.rest = &self.rest[at + 1..];
                return Some(inner);
            }
        }
        None
    }

    /// The name that follows, in backticks or a word.
    pub(super) fn name(&mut self) -> Option<String> {
        let token = self.peek().filter(|token| matches!(token.kind, Kind::Name | Kind::Word))?;
        self.next();
        Some(token.value())
    }

    /// The value that follows: `=` may stand before it.
    pub(super) fn value(&mut self) -> Option<String> {
        self.take("=");
        self.next().map(Token::value)
    }

    /// The tokens up to one outside of parentheses at which `ends` holds; never none where any is left.
    pub(super) fn until(&mut self, ends: impl Fn(&Self) -> bool) -> &'t [Token<'t>] {
        let begin = self.rest;
        loop {
            if self.group().is_none() {
                self.next();
            }
            if self.is_done() || ends(self) {
                return &begin[..begin.len() - self.rest.len()];
            }
        }
    }
}

/// What stands between the commas outside of parentheses.
pub(super) fn listed<'t>(tokens: &'t [Token<'t>]) -> Vec<&'t [Token<'t>]> {
    let mut at = Cursor::new(tokens);
    let mut items = Vec::new();
    while !at.is_done() {
        items.push(at.until(|at| at.sees(",")));
        at.take(",");
    }
    items
}
