//! Files that hold more than one script: their lines, and parts of them as scripts.

use std::ops::Range;
use std::sync::Arc;

use super::{Cutting, Entry, Script, TransactionMode};

/// One line of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line<'t> {
    /// Its bytes in the text, with its end.
    pub(super) span: Range<usize>,
    /// What it says, without `\n` or `\r\n`.
    pub(super) text: &'t str,
}

/// The lines of a text.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let span = start..start + line.len();
        start = span.end;
        let line = line.strip_suffix('\n').unwrap_or(line);
        Line { span, text: line.strip_suffix('\r').unwrap_or(line) }
    })
}

/// A part of a file as a script of its own. `text` is the whole text; `pieces` are ranges of the whole text too.
pub(super) fn section(
    entry: &Entry,
    text: &str,
    range: Range<usize>,
    transaction: TransactionMode,
    cutting: Cutting,
) -> Script {
    let within = |span: &Range<usize>| {
        let inside = |at: usize| at.clamp(range.start, range.end) - range.start;
        inside(span.start)..inside(span.end)
    };
    let cutting = match cutting {
        Cutting::Pieces(pieces) => Cutting::Pieces(pieces.iter().map(within).collect()),
        Cutting::Singles { pieces, none, more } => {
            Cutting::Singles { pieces: pieces.iter().map(within).collect(), none, more }
        }
        Cutting::Refused { span, message } => Cutting::Refused { span: within(&span), message },
        Cutting::Server | Cutting::Client => cutting,
    };
    let first_line = 1 + text[..range.start].matches('\n').count();
    let part = Arc::from(&text[range.clone()]);
    Script { first_line, cutting, ..Script::new(entry.shown.clone(), part, transaction) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_know_where_they_are() {
        let found: Vec<_> = lines("a\r\n\nb").map(|line| (line.span, line.text)).collect();
        assert_eq!(found, [(0..3, "a"), (3..4, ""), (4..5, "b")]);
        assert_eq!(lines("").count(), 0);
    }
}
