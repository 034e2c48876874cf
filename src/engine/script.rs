//! What the splitters of all engines share: a statement in the making, lines, positions.

use std::ops::Range;

use super::{SplitError, Statement};

/// How many words of a statement its lead keeps: enough for `CREATE UNIQUE INDEX CONCURRENTLY`.
const LEAD_WORDS: usize = 4;

/// The byte at which the character with this 1-based number begins. Servers count an error's position in characters
/// (PostgreSQL's field `P`), text here is addressed in bytes. A position before the text is its start, one behind it its
/// end.
pub fn char_offset_to_byte(text: &str, position: usize) -> usize {
    text.char_indices().nth(position.saturating_sub(1)).map_or(text.len(), |(byte, _)| byte)
}

/// Counts lines while a script is read from its start to its end, so that a long script is read only once.
#[derive(Debug)]
pub(super) struct LineCounter<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl<'a> LineCounter<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, line: 1 }
    }

    /// The 1-based line of a byte that is not before the one asked for last.
    fn line_of(&mut self, byte: usize) -> usize {
        self.line += newlines(&self.text[self.at..byte]);
        self.at = byte;
        self.line
    }
}

/// A statement whose end has not been found yet.
#[derive(Debug, Default)]
pub(super) struct Draft {
    span: Option<Range<usize>>,
    lead: String,
    words: usize,
    lead_is_complete: bool,
}

impl Draft {
    /// Takes in a token that is neither comment nor semicolon; `word` is its text if it is a word without quotes.
    pub(super) fn push(&mut self, token: &Range<usize>, word: Option<&str>) {
        self.span.get_or_insert_with(|| token.clone()).end = token.end;
        match word {
            Some(word) if !self.lead_is_complete => {
                if self.words > 0 {
                    self.lead.push(' ');
                }
                self.lead.extend(word.chars().map(|c| c.to_ascii_uppercase()));
                self.words += 1;
                self.lead_is_complete = self.words == LEAD_WORDS;
            }
            Some(_) => {}
            // What stands before the first word, as the parenthesis of `(SELECT 1)`, does not end the lead.
            None => self.lead_is_complete |= self.words > 0,
        }
    }

    /// Takes in what belongs to the last token without saying anything, up to this byte.
    pub(super) fn extend(&mut self, end: usize) {
        if let Some(span) = &mut self.span {
            span.end = end;
        }
    }

    /// The first words so far, as [`Statement::lead`] will hold them.
    pub(super) fn lead(&self) -> &str {
        &self.lead
    }

    /// Whether no token has been taken in since the last statement.
    pub(super) fn is_empty(&self) -> bool {
        self.span.is_none()
    }

    /// The statement, if there was any token; the draft is empty again.
    pub(super) fn finish(&mut self, lines: &mut LineCounter<'_>) -> Option<Statement> {
        let done = std::mem::take(self);
        let span = done.span?;
        let line = lines.line_of(span.start);
        Some(Statement { span, line, lead: done.lead, copy: None })
    }
}

/// An error about this part of a script; the error shows no more of it than its first line.
pub(super) fn refused(text: &str, span: Range<usize>, message: impl Into<String>) -> SplitError {
    let first_line_end = text[span.clone()].find(['\r', '\n']).map_or(span.end, |length| span.start + length);
    let line = newlines(&text[..span.start]) + 1;
    SplitError { message: message.into(), span: span.start..first_line_end, line }
}

/// Refuses a NUL character. Engines take a statement as a C string: what follows a NUL would be dropped in silence.
pub(super) fn refuse_nul(text: &str) -> Result<(), SplitError> {
    match text.find('\0') {
        Some(at) => Err(refused(
            text,
            at..at + 1,
            "a NUL character, which no engine takes in a statement: save the script as UTF-8 text without it \
             (a script saved as UTF-16 is full of them)",
        )),
        None => Ok(()),
    }
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let text = "sélect ☃ x";
        for (position, byte) in [(0, 0), (1, 0), (2, 1), (3, 3), (8, 8), (9, 11), (10, 12), (11, 13), (99, 13)] {
            assert_eq!(char_offset_to_byte(text, position), byte, "position {position}");
        }
        assert_eq!(char_offset_to_byte("", 1), 0);
    }

    #[test]
    fn a_lead_is_the_first_words() {
        let lead = |tokens: &[(&str, bool)]| {
            let mut draft = Draft::default();
            for (text, is_word) in tokens {
                draft.push(&(0..1), is_word.then_some(*text));
            }
            draft.lead().to_owned()
        };
        assert_eq!(lead(&[("create", true), ("Index", true), ("\"i\"", false), ("on", true)]), "CREATE INDEX");
        assert_eq!(lead(&[("(", false), ("select", true), ("1", false)]), "SELECT");
        assert_eq!(lead(&[("a", true), ("b", true), ("c", true), ("d", true), ("e", true)]), "A B C D");
    }

    #[test]
    fn a_nul_is_refused_where_it_stands() {
        let error = refuse_nul("SELECT 1;\nSELECT\0 2").unwrap_err();
        assert_eq!((error.line, error.span), (2, 16..17));
        assert!(refuse_nul("SELECT 1").is_ok());
    }
}
