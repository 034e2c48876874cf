//! Expressions as servers print them, without what says nothing.

use super::cursor::Cursor;
use super::tokens::{Kind, Token};

/// Introducers that only say in which character set the client spoke when it sent a string.
const SAY_NOTHING: [&str; 3] = ["_utf8mb4", "_utf8mb3", "_utf8"];

/// Makes texts that do not depend on the name of the database nor on the client's character set.
#[derive(Clone, Copy)]
pub(super) struct Printer<'d> {
    pub(super) database: &'d str,
}

impl Printer<'_> {
    /// The tokens with one space where there was any, without the database's name before another one.
    pub(super) fn text(&self, tokens: &[Token<'_>]) -> String {
        let mut out = String::new();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let next = tokens.get(at + 1);
            let spaced = token.spaced && !out.is_empty();
            if token.kind == Kind::Name && next.is_some_and(|dot| dot.raw == ".") && token.value() == self.database {
                out.push_str(if spaced { " " } else { "" });
                at += 2;
                out.push_str(tokens.get(at).map_or("", |token| token.raw));
                at += 1;
                continue;
            }
            let introduces = next.is_some_and(|text| text.kind == Kind::Text && !text.spaced);
            if introduces && SAY_NOTHING.iter().any(|word| token.is(word)) {
                out.push_str(if spaced { " " } else { "" });
                out.push_str(next.map_or("", |text| text.raw));
                at += 2;
                continue;
            }
            out.push_str(if spaced { " " } else { "" });
            out.push_str(token.raw);
            at += 1;
        }
        out
    }

    /// What follows a name: with its white space.
    pub(super) fn text_behind(&self, tokens: &[Token<'_>]) -> String {
        let space = if tokens.first().is_some_and(|first| first.spaced) { " " } else { "" };
        format!("{space}{}", self.text(tokens))
    }

    /// The tokens as [`Printer::text`] gives them, without parentheses around all of it, which some versions print and others do not.
    pub(super) fn expression(&self, tokens: &[Token<'_>]) -> String {
        self.text(bare(tokens))
    }
}

/// The tokens inside of all parentheses that stand around the whole.
pub(super) fn bare<'t>(mut tokens: &'t [Token<'t>]) -> &'t [Token<'t>] {
    loop {
        let mut at = Cursor::new(tokens);
        match at.group() {
            Some(inner) if at.is_done() => tokens = inner,
            _ => return tokens,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::*;

    #[test]
    fn what_says_nothing_is_gone() {
        let printer = Printer { database: "shop" };
        for (text, expected) in [
            ("((`credit` >= 0))", "`credit` >= 0"),
            ("(`a`) + (`b`)", "(`a`) + (`b`)"),
            ("concat(`a`,_utf8mb4' ',`b`)", "concat(`a`,' ',`b`)"),
            ("_latin1'x'", "_latin1'x'"),
            ("nextval(`shop`.`s`) + `other`.`s`", "nextval(`s`) + `other`.`s`"),
            ("a\n   b", "a b"),
        ] {
            assert_eq!(printer.expression(&tokens(text)), expected);
        }
    }
}
