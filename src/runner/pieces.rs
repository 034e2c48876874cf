//! A script cut into what its tool sends.

use std::ops::Range;

use crate::engine::{Engine, SplitError, Statement};
use crate::history::{Cutting, MoreStatements, NoStatement, Script};

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
        Cutting::Singles { pieces, none, more } => {
            let singles = pieces.iter().map(|piece| single(engine, script, piece, *none, *more));
            singles.filter_map(Result::transpose).collect()
        }
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

/// One piece as one statement, for a driver that takes one in a message; `None` where it is not sent.
fn single(
    engine: &dyn Engine,
    script: &Script,
    piece: &Range<usize>,
    none: NoStatement,
    more: MoreStatements,
) -> Result<Option<Statement>, SplitError> {
    let text = &script.text[piece.clone()];
    let found = statement(engine, script, piece);
    let inner = engine.split(text).unwrap_or_default();
    let refused = match (found, inner.as_slice()) {
        (None, _) if none == NoStatement::PassedOver => return Ok(None),
        (None, _) if none == NoStatement::Sent => {
            let line = 1 + script.text[..piece.start].matches('\n').count();
            return Ok(Some(Statement { span: piece.clone(), line, lead: String::new(), copy: None }));
        }
        (None, _) => "the tool's driver refuses a message without a statement",
        (Some(whole), [first, _, ..]) if more == MoreStatements::FirstRuns => {
            let start = piece.start;
            return Ok(Some(Statement { span: start + first.span.start..start + first.span.end, ..whole }));
        }
        (Some(_), [_, _, ..]) => "the tool's driver takes one statement in a message, and this holds more",
        (Some(statement), _) => return Ok(Some(statement)),
    };
    let start = piece.start + (text.len() - text.trim_start().len());
    let end = piece.start + text.trim_end().len();
    let span = start.min(piece.end)..end.max(start.min(piece.end));
    let line = 1 + script.text[..span.start].matches('\n').count();
    Err(SplitError { message: refused.to_owned(), span, line })
}

/// The statements that a driver never runs, since it takes the first of a message alone: the lines of the file.
pub(super) fn never_run(engine: &dyn Engine, script: &Script) -> Vec<usize> {
    let Cutting::Singles { pieces, more: MoreStatements::FirstRuns, .. } = &script.cutting else { return Vec::new() };
    let line = |at: usize| script.first_line + script.text[..at].matches('\n').count();
    let of_piece = |piece: &Range<usize>| {
        let inner = engine.split(&script.text[piece.clone()]).unwrap_or_default();
        inner.into_iter().nth(1).map(|second| line(piece.start + second.span.start))
    };
    pieces.iter().filter_map(of_piece).collect()
}
