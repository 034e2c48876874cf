//! Cuts a script into the statements that the server would find in it.

use std::ops::Range;

use super::lexer::{Kind, Lexer};
use crate::engine::script::{Draft, LineCounter, refuse_nul, refused};
use crate::engine::{CopyData, Cut, SplitError, Statement};

/// Cuts a script into its statements, in the order of the script.
///
/// A semicolon ends a statement unless it stands in quotes, in a comment, in parentheses (`CREATE RULE ... DO (a; b)`) or
/// in the body of a routine between `BEGIN ATOMIC` and its `END`. Only the ends of statements are looked for: what is
/// wrong inside one is the server's to say. Text without any statement gives an empty list.
///
/// The rows behind `COPY ... FROM STDIN` go into [`Statement::copy`]. Commands of psql are refused, those of a dump
/// (`\restrict`, `\unrestrict`) too: whoever reads dumps takes these lines out before.
///
/// # Errors
/// A quote or comment that is never closed; a psql command; a NUL character; rows of a `COPY` that do not end with a line
/// `\.` or whose statement is not the last on its line.
pub fn split(text: &str) -> Result<Vec<Statement>, SplitError> {
    refuse_nul(text)?;
    let mut statements = Vec::new();
    let mut lines = LineCounter::new(text);
    // Editors of some systems put a byte order mark at the start of a file; the server does not want to see it.
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    loop {
        match next(text, at, &mut lines) {
            Next::Closed { mut statement, end, wants_rows } => {
                at = end;
                if wants_rows {
                    let copy = rows(text, &statement.span, end)?;
                    at = next_line(text, copy.span.end);
                    statement.copy = Some(copy);
                }
                statements.push(statement);
            }
            Next::Command { at } => return Err(psql_command(text, at)),
            Next::Unterminated { span, what } => return Err(unterminated(text, span, what)),
            Next::End { statement, wants_rows } => {
                if let Some(statement) = &statement
                    && wants_rows
                {
                    return Err(missing_rows(text, statement.span.clone()));
                }
                statements.extend(statement);
                return Ok(statements);
            }
        }
    }
}

/// The first piece of a text of which only the beginning is there, as that of a dump too large to be held as a whole.
///
/// # Errors
/// A NUL character before the piece ends, or something behind `COPY ... FROM STDIN` on its line.
pub fn cut(text: &str) -> Result<Cut, SplitError> {
    let found = next(text, 0, &mut LineCounter::new(text));
    let end = match &found {
        Next::Closed { end, .. } => *end,
        Next::Command { at } => *at,
        Next::Unterminated { .. } | Next::End { .. } => text.len(),
    };
    refuse_nul(&text[..end])?;
    Ok(match found {
        Next::Closed { statement, end, wants_rows: false } => Cut::Statement { statement, end },
        Next::Closed { mut statement, end, wants_rows: true } => {
            let Some(length) = text[end..].find('\n') else {
                return Ok(Cut::Open { statement: None, unterminated: None });
            };
            nothing_behind(text, end, end + length)?;
            statement.copy = Some(CopyData { span: end + length + 1..end + length + 1 });
            Cut::Rows { statement, rows: end + length + 1 }
        }
        Next::Command { at } => Cut::Command { at },
        Next::Unterminated { span, what } => {
            Cut::Open { statement: None, unterminated: Some(unterminated(text, span, what)) }
        }
        Next::End { statement, .. } => Cut::Open { statement, unterminated: None },
    })
}

/// What the next tokens of a text come to.
enum Next {
    /// A statement with its semicolon; `end` is behind it.
    Closed { statement: Statement, end: usize, wants_rows: bool },
    /// A command of psql.
    Command { at: usize },
    /// Something that is not closed before the end of the text.
    Unterminated { span: Range<usize>, what: &'static str },
    /// The end of the text, and what stands before it without a semicolon.
    End { statement: Option<Statement>, wants_rows: bool },
}

fn next(text: &str, at: usize, lines: &mut LineCounter<'_>) -> Next {
    let mut draft = Draft::default();
    let mut shape = Shape::default();
    for token in Lexer::starting_at(text, at) {
        match token.kind {
            Kind::Unterminated(what) => return Next::Unterminated { span: token.span, what },
            Kind::Backslash => return Next::Command { at: token.span.start },
            Kind::Semicolon if shape.is_open() => shape.previous = ";",
            Kind::Semicolon => {
                if let Some(statement) = draft.finish(lines) {
                    return Next::Closed { statement, end: token.span.end, wants_rows: shape.wants_rows };
                }
                shape = Shape::default();
            }
            Kind::Word | Kind::Open | Kind::Close | Kind::Other => {
                let token_text = &text[token.span.clone()];
                draft.push(&token.span, (token.kind == Kind::Word).then_some(token_text));
                shape.push(token.kind, token_text, draft.lead());
            }
        }
    }
    let wants_rows = shape.wants_rows && !shape.is_open();
    Next::End { statement: draft.finish(lines), wants_rows }
}

/// What of a statement is still open.
#[derive(Default)]
struct Shape<'a> {
    parentheses: usize,
    /// How many `END`s the body of a routine still needs: one for `BEGIN ATOMIC`, one for each open `CASE`.
    ends: usize,
    /// Whether rows follow, as the words `COPY ... FROM STDIN` say.
    wants_rows: bool,
    /// The text of the first token.
    first: Option<&'a str>,
    /// The text of the token before.
    previous: &'a str,
}

impl<'a> Shape<'a> {
    fn is_open(&self) -> bool {
        self.parentheses > 0 || self.ends > 0
    }

    fn push(&mut self, kind: Kind, text: &'a str, lead: &str) {
        self.first.get_or_insert(text);
        match kind {
            Kind::Open => self.parentheses += 1,
            Kind::Close => self.parentheses = self.parentheses.saturating_sub(1),
            Kind::Word if self.parentheses == 0 => self.push_word(text, lead),
            Kind::Word | Kind::Semicolon | Kind::Backslash | Kind::Unterminated(_) | Kind::Other => {}
        }
        self.previous = text;
    }

    fn push_word(&mut self, word: &str, lead: &str) {
        let is = |key_word: &str| word.eq_ignore_ascii_case(key_word);
        let after = |key_word: &str| self.previous.eq_ignore_ascii_case(key_word);
        if self.first.is_some_and(|first| first.eq_ignore_ascii_case("COPY")) {
            // The grammar takes STDOUT for STDIN here.
            self.wants_rows |= after("FROM") && (is("STDIN") || is("STDOUT"));
        } else if is("ATOMIC") && after("BEGIN") {
            self.ends += usize::from(defines_routine(lead));
        } else if self.ends > 0 && !after(".") && !after("AS") {
            // Behind a dot or AS any key word is a mere name.
            if is("CASE") {
                self.ends += 1;
            } else if is("END") {
                self.ends -= 1;
            }
        }
    }
}

fn begins_with(lead: &str, words: &str) -> bool {
    lead.strip_prefix(words).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// Only routines have bodies with semicolons in them.
fn defines_routine(lead: &str) -> bool {
    ["CREATE FUNCTION", "CREATE PROCEDURE", "CREATE OR REPLACE FUNCTION", "CREATE OR REPLACE PROCEDURE"]
        .iter()
        .any(|words| begins_with(lead, words))
}

/// The rows that begin on the line after the semicolon that ends `COPY ... FROM STDIN`.
fn rows(text: &str, statement: &Range<usize>, semicolon_end: usize) -> Result<CopyData, SplitError> {
    let line_end = text[semicolon_end..].find('\n').map_or(text.len(), |length| semicolon_end + length);
    nothing_behind(text, semicolon_end, line_end)?;
    let start = next_line(text, line_end);
    let mut at = start;
    while at < text.len() {
        let next = next_line(text, at);
        if matches!(&text[at..next], "\\." | "\\.\n" | "\\.\r\n") {
            return Ok(CopyData { span: start..at });
        }
        at = next;
    }
    Err(missing_rows(text, statement.clone()))
}

fn nothing_behind(text: &str, semicolon_end: usize, line_end: usize) -> Result<(), SplitError> {
    match Lexer::starting_at(&text[..line_end], semicolon_end).next() {
        Some(token) => Err(refused(
            text,
            token.span,
            "something follows COPY ... FROM STDIN on its line, where its rows should begin on the next: \
             move it behind the rows",
        )),
        None => Ok(()),
    }
}

/// The start of the line after the one that holds this byte.
fn next_line(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |length| at + length + 1)
}

fn missing_rows(text: &str, at: Range<usize>) -> SplitError {
    refused(
        text,
        at,
        "the rows of COPY ... FROM STDIN are expected on the lines behind it, and no line `\\.` ends them: \
         add that line, or write INSERT statements",
    )
}

fn unterminated(text: &str, span: Range<usize>, what: &str) -> SplitError {
    let message = format!("unterminated {what} begins here and takes in the rest of the script: close it");
    refused(text, span, message)
}

/// The error for a backslash outside quotes. The arguments of the command are left out, they may hold a password.
fn psql_command(text: &str, start: usize) -> SplitError {
    let rest = &text[start + 1..];
    let name_length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    let name = &rest[..name_length];
    let span = start..start + 1 + name_length;
    let message = match name {
        "" if rest.starts_with('.') => "`\\.` ends the rows of COPY ... FROM STDIN, and none stands before it: remove \
                                        the line, or put the COPY statement back"
            .to_owned(),
        "" => "a backslash outside quotes is not SQL: remove it, or quote the text it stands in".to_owned(),
        "restrict" | "unrestrict" => {
            format!("`\\{name}` is a command that pg_dump writes for psql, not SQL: remove the line from the script")
        }
        _ => format!(
            "`\\{name}` is a command of psql, not SQL, and no server takes it: remove it or write it in SQL; \
             a script that only psql can run needs `format: command`"
        ),
    };
    refused(text, span, message)
}

#[cfg(test)]
#[path = "split_tests.rs"]
mod tests;
