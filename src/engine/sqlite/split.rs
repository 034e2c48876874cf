//! Cuts a script into the statements that SQLite would find in it.

use std::ops::Range;

use super::lexer::{Kind, Lexer};
use crate::engine::script::{Draft, LineCounter, refuse_nul, refused};
use crate::engine::{Cut, SplitError, Statement};

/// Cuts a script into its statements, in the order of the script.
///
/// A semicolon ends a statement unless it stands in quotes, in a comment, or in a trigger, which ends only with
/// `; END ;`. These are the rules of `sqlite3_complete()`. Only the ends of statements are looked for: what is wrong
/// inside one is SQLite's to say. Text without any statement gives an empty list.
///
/// # Errors
/// A quote that is never closed; a dot command of the `sqlite3` shell; a NUL character.
pub fn split(text: &str) -> Result<Vec<Statement>, SplitError> {
    refuse_nul(text)?;
    let mut statements = Vec::new();
    let mut lines = LineCounter::new(text);
    let mut rest = Lexer::new(text);
    loop {
        match next(text, &mut rest, &mut lines) {
            Next::Closed { statement, .. } => statements.push(statement),
            Next::Unterminated { span, what } => return Err(unterminated(text, span, what)),
            Next::Command { at, name } => {
                let message = format!(
                    "`.{name}` is a command of the sqlite3 shell, not SQL: remove it; a script that only the shell can run \
                     needs `format: command`"
                );
                return Err(refused(text, at..at + 1 + name.len(), message));
            }
            Next::End { statement } => {
                statements.extend(statement);
                return Ok(statements);
            }
        }
    }
}

/// The first piece of a text of which only the beginning is there, as that of a dump too large to be held as a whole.
///
/// # Errors
/// A NUL character before the piece ends.
pub fn cut(text: &str) -> Result<Cut, SplitError> {
    let found = next(text, &mut Lexer::new(text), &mut LineCounter::new(text));
    let end = match &found {
        Next::Closed { end, .. } => *end,
        Next::Command { at, .. } => *at,
        Next::Unterminated { .. } | Next::End { .. } => text.len(),
    };
    refuse_nul(&text[..end])?;
    Ok(match found {
        Next::Closed { statement, end } => Cut::Statement { statement, end },
        Next::Command { at, .. } => Cut::Command { at },
        Next::Unterminated { span, what } => {
            Cut::Open { statement: None, unterminated: Some(unterminated(text, span, what)) }
        }
        Next::End { statement } => Cut::Open { statement, unterminated: None },
    })
}

/// What the next tokens of a text come to.
enum Next<'a> {
    /// A statement with its semicolon; `end` is behind it.
    Closed { statement: Statement, end: usize },
    /// A command of the shell.
    Command { at: usize, name: &'a str },
    /// A quote that is not closed before the end of the text.
    Unterminated { span: Range<usize>, what: &'static str },
    /// The end of the text, and what stands before it without a semicolon.
    End { statement: Option<Statement> },
}

fn next<'a>(text: &'a str, tokens: &mut Lexer<'a>, lines: &mut LineCounter<'_>) -> Next<'a> {
    let mut draft = Draft::default();
    let mut state = State::Start;
    for token in tokens {
        let token_text = &text[token.span.clone()];
        if let Kind::Unterminated(what) = token.kind {
            return Next::Unterminated { span: token.span, what };
        }
        if draft.is_empty()
            && let Some(name) = dot_command(&text[token.span.start..])
        {
            return Next::Command { at: token.span.start, name };
        }
        state = state.after(Word::of(token.kind, token_text));
        if token.kind != Kind::Semicolon {
            draft.push(&token.span, (token.kind == Kind::Word).then_some(token_text));
        } else if state == State::Start
            && let Some(statement) = draft.finish(lines)
        {
            return Next::Closed { statement, end: token.span.end };
        }
    }
    Next::End { statement: draft.finish(lines) }
}

fn unterminated(text: &str, span: Range<usize>, what: &str) -> SplitError {
    refused(text, span, format!("unterminated {what} begins here and takes in the rest of the script: close it"))
}

/// What has been read of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing.
    Start,
    /// EXPLAIN, perhaps QUERY PLAN.
    Explain,
    /// CREATE, perhaps TEMP.
    Create,
    /// Anything that the next semicolon ends.
    Plain,
    /// CREATE TRIGGER and more.
    Trigger,
    /// A semicolon in a trigger.
    TriggerSemicolon,
    /// END directly behind such a semicolon.
    TriggerEnd,
}

/// The words that matter for the end of a statement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Semicolon,
    Explain,
    Create,
    Temp,
    Trigger,
    End,
    Other,
}

impl Word {
    fn of(kind: Kind, text: &str) -> Self {
        const KEY_WORDS: [(&str, Word); 6] = [
            ("EXPLAIN", Word::Explain),
            ("CREATE", Word::Create),
            ("TEMP", Word::Temp),
            ("TEMPORARY", Word::Temp),
            ("TRIGGER", Word::Trigger),
            ("END", Word::End),
        ];
        match kind {
            Kind::Semicolon => Self::Semicolon,
            Kind::Word => KEY_WORDS
                .iter()
                .find(|(key_word, _)| text.eq_ignore_ascii_case(key_word))
                .map_or(Self::Other, |(_, word)| *word),
            Kind::Quoted | Kind::Text | Kind::Number | Kind::Symbol | Kind::Unterminated(_) => Self::Other,
        }
    }
}

impl State {
    fn after(self, word: Word) -> Self {
        match (self, word) {
            (Self::Trigger | Self::TriggerSemicolon, Word::Semicolon) => Self::TriggerSemicolon,
            (Self::TriggerSemicolon, Word::End) => Self::TriggerEnd,
            (Self::Start | Self::Explain | Self::Create | Self::Plain | Self::TriggerEnd, Word::Semicolon) => {
                Self::Start
            }
            (Self::Trigger | Self::TriggerSemicolon | Self::TriggerEnd, _) => Self::Trigger,
            (Self::Start, Word::Explain) => Self::Explain,
            (Self::Start | Self::Explain, Word::Create) => Self::Create,
            (Self::Explain, Word::Other) => Self::Explain,
            (Self::Create, Word::Temp) => Self::Create,
            (Self::Create, Word::Trigger) => Self::Trigger,
            (Self::Start | Self::Explain | Self::Create | Self::Plain, _) => Self::Plain,
        }
    }
}

/// The name of a command of the `sqlite3` shell, which no statement can begin like.
fn dot_command(statement: &str) -> Option<&str> {
    let rest = statement.strip_prefix('.')?;
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    (end > 0).then_some(&rest[..end])
}

#[cfg(test)]
#[path = "split_tests.rs"]
mod tests;
