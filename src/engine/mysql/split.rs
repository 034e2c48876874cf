//! Cuts a script into the statements that the server, or the product's own client, would find in it.

use std::ops::Range;

use super::compound::Compound;
pub use super::lexer::Rules;
use super::lexer::{Kind, Lexer};
use crate::engine::script::{Draft, LineCounter, refuse_nul, refused};
use crate::engine::{Cut, SplitError, Statement};

/// What the client does of itself where its name begins a statement (MySQL's manual, "mysql Client Commands"). None of them
/// is how a statement may begin.
const CLIENT_COMMANDS: &[&str] = &[
    "SOURCE",
    "SYSTEM",
    "TEE",
    "NOTEE",
    "PAGER",
    "NOPAGER",
    "EDIT",
    "EXIT",
    "QUIT",
    "CONNECT",
    "REHASH",
    "PROMPT",
    "CHARSET",
    "RESETCONNECTION",
    "SANDBOX",
];

/// Cuts a script into its statements, in the order of the script, as the server does it with one message.
///
/// A semicolon ends a statement unless it stands in quotes, in a comment, or in the body of a routine, trigger, event or
/// package, or of MariaDB's `BEGIN NOT ATOMIC`. The text of `/*! ... */` is text of a statement. Only the ends of statements
/// are looked for: what is wrong inside one is the server's to say. Text without any statement gives an empty list.
///
/// # Errors
/// A quote or comment that is never closed; a NUL character.
pub fn split(text: &str, rules: Rules) -> Result<Vec<Statement>, SplitError> {
    split_whole(text, rules, false)
}

/// The same as the client does it, which knows the command `DELIMITER` and the ends `\g` and `\G` besides.
///
/// # Errors
/// As [`split`], and commands of the client that do something else.
pub fn split_as_client(text: &str, rules: Rules) -> Result<Vec<Statement>, SplitError> {
    split_whole(text, rules.of_client(), true)
}

fn split_whole(text: &str, rules: Rules, as_client: bool) -> Result<Vec<Statement>, SplitError> {
    refuse_nul(text)?;
    let mut statements = Vec::new();
    let mut lines = LineCounter::new(text);
    // Editors of some systems put a byte order mark at the start of a file; the server does not want to see it.
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut delimiter = ";";
    let mut at = start;
    loop {
        let lexer = Lexer::new(text, rules, delimiter, at);
        match next(text, lexer, &mut lines, rules, as_client) {
            Next::Closed { statement, end } => {
                statements.push(statement);
                at = end;
            }
            Next::Command { at: command } => {
                delimiter = client_command(text, command)?;
                at = line_end(text, command);
            }
            Next::Unterminated { span, what } => {
                // What is closed nowhere may be, in the mode that the script sets: whoever runs it cuts the rest when it is set.
                let rest = at + (text[at..].len() - text[at..].trim_start().len())..text.trim_end().len();
                if statements.is_empty() || !sets_mode(&text[..at]) {
                    return Err(unterminated(text, span, what));
                }
                let line = 1 + text[..rest.start].matches('\n').count();
                statements.push(Statement { span: rest, line, lead: String::new(), copy: None });
                return Ok(statements);
            }
            Next::End { statement } => {
                statements.extend(statement);
                return Ok(statements);
            }
        }
    }
}

/// Whether a text may change `sql_mode`, which decides how the text behind it is cut.
pub fn sets_mode(text: &str) -> bool {
    const NAME: &[u8] = b"sql_mode";
    text.as_bytes().windows(NAME.len()).any(|window| window.eq_ignore_ascii_case(NAME))
}

/// Cuts the beginning of a text, again and again: a dump too large to be held as a whole, which the client would read.
#[derive(Clone, Debug)]
pub struct Cutter {
    rules: Rules,
    delimiter: String,
}

impl Cutter {
    /// Nothing was read yet.
    pub fn new(rules: Rules) -> Self {
        Self { rules, delimiter: ";".to_owned() }
    }

    /// The first piece of a text of which only the beginning is there.
    ///
    /// # Errors
    /// A NUL character before the piece ends.
    pub fn cut(&self, text: &str) -> Result<Cut, SplitError> {
        let lexer = Lexer::new(text, self.rules, &self.delimiter, 0);
        let found = next(text, lexer, &mut LineCounter::new(text), self.rules, true);
        let end = match &found {
            Next::Closed { end, .. } => *end,
            Next::Command { at } => *at,
            Next::Unterminated { .. } | Next::End { .. } => text.len(),
        };
        refuse_nul(&text[..end])?;
        Ok(match found {
            Next::Closed { statement, end } => Cut::Statement { statement, end },
            Next::Command { at } => Cut::Command { at },
            Next::Unterminated { span, what } => {
                Cut::Open { statement: None, unterminated: Some(unterminated(text, span, what)) }
            }
            Next::End { statement } => Cut::Open { statement, unterminated: None },
        })
    }

    /// Does what a line says that is a command of the client.
    ///
    /// # Errors
    /// A command other than `DELIMITER`.
    pub fn command(&mut self, line: &str) -> Result<(), SplitError> {
        self.delimiter = client_command(line, 0)?.to_owned();
        Ok(())
    }
}

/// What the next tokens of a text come to.
enum Next {
    /// A statement with what ends it; `end` is behind that.
    Closed { statement: Statement, end: usize },
    /// A command of the client.
    Command { at: usize },
    /// Something that is not closed before the end of the text.
    Unterminated { span: Range<usize>, what: &'static str },
    /// The end of the text, and what stands before it.
    End { statement: Option<Statement> },
}

fn next(text: &str, tokens: Lexer<'_>, lines: &mut LineCounter<'_>, rules: Rules, as_client: bool) -> Next {
    let by_grammar = tokens.is_plain();
    let mut draft = Draft::default();
    let mut compound = Compound::new(rules.mariadb);
    // Where an executed comment begins of which nothing was read yet.
    let mut entered = None;
    for token in tokens {
        let token_text = &text[token.span.clone()];
        match token.kind {
            Kind::Unterminated(what) => return Next::Unterminated { span: token.span, what },
            Kind::Enter if draft.is_empty() => {
                entered.get_or_insert(token.span.start);
            }
            Kind::Enter => {}
            Kind::Leave => {
                entered = None;
                draft.extend(token.span.end);
            }
            Kind::Delimiter if !(by_grammar && compound.is_open()) => {
                if let Some(statement) = draft.finish(lines) {
                    return Next::Closed { statement, end: token.span.end };
                }
                compound = Compound::new(rules.mariadb);
            }
            Kind::Backslash if as_client && matches!(token_text, "\\g" | "\\G") => {
                if let Some(statement) = draft.finish(lines) {
                    return Next::Closed { statement, end: token.span.end };
                }
            }
            Kind::Backslash if as_client && token_text != "\\N" => return Next::Command { at: token.span.start },
            Kind::Word if as_client && draft.is_empty() && is_command(token_text) => {
                return Next::Command { at: token.span.start };
            }
            kind => {
                // A statement that begins in such a comment has its mark.
                let start = entered.take().filter(|_| draft.is_empty()).unwrap_or(token.span.start);
                draft.push(&(start..token.span.end), (kind == Kind::Word).then_some(token_text));
                compound.push(kind, token_text);
            }
        }
    }
    Next::End { statement: draft.finish(lines) }
}

fn is_command(word: &str) -> bool {
    let is = |name: &str| word.eq_ignore_ascii_case(name);
    is("DELIMITER") || CLIENT_COMMANDS.iter().any(|name| is(name))
}

/// What ends statements behind the command of the client that stands here.
fn client_command(text: &str, start: usize) -> Result<&str, SplitError> {
    let line = &text[start..line_end(text, start)];
    let name_length = line.find(char::is_whitespace).unwrap_or(line.len());
    let (name, arguments) = line.split_at(name_length);
    let span = start..start + name_length;
    if !name.eq_ignore_ascii_case("DELIMITER") {
        // Arguments stay out of the message, they may hold a password.
        let name = match name.strip_prefix('\\').and_then(|rest| rest.chars().next()) {
            Some(letter) => format!("\\{letter}"),
            None => name.trim_end_matches(';').to_owned(),
        };
        return Err(refused(
            text,
            span,
            format!(
                "`{name}` is a command of the mysql client that is not done here, and no server takes it: remove it, or write \
                 into the script what it brings in"
            ),
        ));
    }
    let argument = arguments.trim_start();
    let word = match argument.chars().next() {
        Some(quote @ ('\'' | '"' | '`')) => argument[1..].split(quote).next(),
        _ => argument.split_whitespace().next(),
    };
    match word.filter(|word| !word.is_empty()) {
        Some(word) if word.contains('\\') => Err(refused(
            text,
            span,
            "DELIMITER takes no backslash, which escapes in MySQL: choose another, such as `//`",
        )),
        Some(word) => Ok(word),
        None => Err(refused(text, span, "DELIMITER names nothing that is to end statements: write `DELIMITER //`")),
    }
}

/// The end of the line that holds this byte.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |length| at + length)
}

fn unterminated(text: &str, span: Range<usize>, what: &str) -> SplitError {
    let message = format!("unterminated {what} begins here and takes in the rest of the script: close it");
    refused(text, span, message)
}

#[cfg(test)]
#[path = "split_tests.rs"]
mod tests;
