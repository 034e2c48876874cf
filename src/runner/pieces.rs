//! A script cut into what its tool sends.

use std::ops::Range;

use crate::engine::{Engine, SplitError, Statement};
use crate::history::{Cutting, Script};

/// The statements of a script, as its tool cuts it.
///
/// # Errors
/// When the server's or the client's way is asked for and the text cannot be cut so, or the tool refuses it.
pub(super) fn statements(engine: &dyn Engine, script: &Script) -> Result<Vec<Statement>, SplitError> {
    match &script.cutting {
        Cutting::Server => engine.split(&script.text),
        Cutting::Client => engine.split_as_client(&script.text),
        Cutting::Refused { span, message } => {
            let line = 1 + script.text[..span.start].matches('\n').count();
            Err(SplitError { message: message.clone(), span: span.clone(), line })
        }
        Cutting::Pieces(pieces) => Ok(pieces.iter().filter_map(|piece| statement(engine, script, piece)).collect()),
        Cutting::Singles(pieces) => pieces.iter().map(|piece| single(engine, script, piece)).collect(),
    }
}

/// One piece as one statement; `None` where it holds nothing that a server would run. Its first words are those of its first
/// statement, and where the engine cannot cut it, the server is to say what it makes of it.
fn statement(engine: &dyn Engine, script: &Script, piece: &Range<usize>) -> Option<Statement> {
    let text = &script.text[piece.clone()];
    let whole = |lead: String, start: usize, end: usize| {
        let line = 1 + script.text[..start].matches('\n').count();
        Statement { span: start..end, line, lead, copy: None }
    };
    match engine.split(text) {
        Ok(inner) => {
            let (first, last) = (inner.first()?, inner.last()?);
            Some(whole(first.lead.clone(), piece.start + first.span.start, piece.start + last.span.end))
        }
        Err(_) => {
            let start = piece.start + (text.len() - text.trim_start().len());
            Some(whole(String::new(), start, piece.start + text.trim_end().len()))
        }
    }
}

/// One piece as one statement, for a driver that takes no message with fewer or more.
fn single(engine: &dyn Engine, script: &Script, piece: &Range<usize>) -> Result<Statement, SplitError> {
    let text = &script.text[piece.clone()];
    let found = statement(engine, script, piece);
    let refused = match (&found, engine.split(text).map_or(1, |inner| inner.len())) {
        (None, _) => "the tool's driver refuses a message without a statement",
        (Some(_), 2..) => "the tool's driver takes one statement in a message, and this holds more",
        (Some(_), _) => "",
    };
    match found {
        Some(statement) if refused.is_empty() => Ok(statement),
        found => {
            let start = piece.start + (text.len() - text.trim_start().len());
            let span = found.map_or(start.min(piece.end)..piece.end, |statement| statement.span);
            let line = 1 + script.text[..span.start].matches('\n').count();
            Err(SplitError { message: refused.to_owned(), span, line })
        }
    }
}
