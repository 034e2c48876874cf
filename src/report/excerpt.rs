//! The lines of a script around the place that a finding points at.

use std::ops::Range;

use super::plain_text;
use crate::policy::Snippet;

/// Bytes of a line above which it is cut. Seeds have statements of megabytes on one line.
const LONGEST_LINE: usize = 1000;
/// Bytes that are kept of such a line, and how many of these lie before the mark.
const KEPT_OF_LINE: usize = 600;
const KEPT_BEFORE_MARK: usize = 200;

/// Some lines of a script, safe to show, with a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The lines.
    pub(super) text: String,
    /// The line of the file at which `text` begins, counted from 1.
    pub(super) first_line: usize,
    /// The byte range of the mark in `text`.
    pub(super) mark: Range<usize>,
    /// The line of the file at which the mark begins, counted from 1.
    pub(super) line: usize,
    /// The character of that line at which the mark begins, counted from 1.
    pub(super) column: usize,
    /// Whether the line of the mark lost its beginning, so that `mark` no longer tells the column.
    pub(super) shifted: bool,
}

/// The statement of `snippet`, cut to `lines` lines around its mark.
pub(super) fn excerpt(snippet: &Snippet, lines: usize) -> Excerpt {
    let text = &*snippet.text;
    let mark = trimmed(text, within(text, &snippet.span));
    let statement = within(text, &snippet.statement);
    let shown = window(text, mark.start.min(statement.start)..mark.end.max(statement.end), mark.start, lines);

    let mut out = String::new();
    let (mut start, mut end, mut shifted) = (None, 0, false);
    let mut at = shown.start;
    for line in text[shown.clone()].split('\n') {
        if at > shown.start {
            out.push('\n');
        }
        let whole = at..at + line.trim_end_matches('\r').len();
        let kept = kept(text, whole.clone(), mark.start);
        if kept.start > whole.start {
            out.push_str("... ");
            shifted = true;
        }
        for (offset, c) in text[kept.clone()].char_indices() {
            let offset = kept.start + offset;
            if offset >= mark.start {
                start.get_or_insert(out.len());
            }
            // The renderer widens tabs itself.
            out.push(if c == '\t' { c } else { plain_text::visible(c) });
            if offset < mark.end {
                end = out.len();
            }
        }
        // A mark at the very end of a line has no character of its own.
        if (whole.start..=at + line.len()).contains(&mark.start) {
            start.get_or_insert(out.len());
        }
        if kept.end < whole.end {
            out.push_str(" ...");
        }
        at += line.len() + 1;
    }
    let start = start.unwrap_or(0);
    let line_start = text[..mark.start].rfind('\n').map_or(0, |newline| newline + 1);
    let line_of = |offset: usize| snippet.first_line + text[..offset].matches('\n').count();
    Excerpt {
        mark: start..end.max(start),
        first_line: line_of(shown.start),
        line: line_of(mark.start),
        column: text[line_start..mark.start].chars().count() + 1,
        text: out,
        shifted,
    }
}

/// `range` as far as it lies in `text`, on the boundaries of characters.
fn within(text: &str, range: &Range<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(range.start);
    start..text.floor_char_boundary(range.end).max(start)
}

/// `range` without white space at its end, so that a mark does not reach into the next line.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    range.start..range.start + text[range].trim_end().len()
}

/// At most `lines` whole lines of `range`: all of them, else those around `place`.
fn window(text: &str, range: Range<usize>, place: usize, lines: usize) -> Range<usize> {
    let begin = |offset: usize| text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let finish = |offset: usize| text[offset..].find('\n').map_or(text.len(), |newline| offset + newline);
    let (first, last) = (begin(range.start), finish(range.end));
    if text[first..last].matches('\n').count() < lines {
        return first..last;
    }
    let mut start = begin(place);
    for _ in 0..lines / 3 {
        if start > first {
            start = begin(start - 1);
        }
    }
    let mut end = finish(start);
    for _ in 1..lines {
        if end < last {
            end = finish(end + 1);
        }
    }
    start..end
}

/// What is kept of the line at `whole`: all of it unless it is very long, then the part around `place`.
fn kept(text: &str, whole: Range<usize>, place: usize) -> Range<usize> {
    if whole.len() <= LONGEST_LINE {
        return whole;
    }
    let from =
        if whole.contains(&place) { place.saturating_sub(KEPT_BEFORE_MARK).max(whole.start) } else { whole.start };
    let start = text.floor_char_boundary(from);
    start..text.floor_char_boundary(start + KEPT_OF_LINE).clamp(start, whole.end)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    fn snippet(text: &str, span: Range<usize>, statement: Range<usize>) -> Snippet {
        Snippet { text: Arc::from(text), first_line: 1, span, statement, label: String::new() }
    }

    #[test]
    fn the_statement_and_its_mark() {
        let text = "-- first\nALTER TABLE a\r\n  DROP COLUMN é, DROP COLUMN zz;\nSELECT 1;\n";
        let at = text.find("zz").unwrap();
        let start = text.find("ALTER").unwrap();
        let found = excerpt(&Snippet { first_line: 11, ..snippet(text, at..at + 2, start..at + 2) }, 12);
        assert_eq!(found.text, "ALTER TABLE a\n  DROP COLUMN é, DROP COLUMN zz;");
        assert_eq!(&found.text[found.mark.clone()], "zz");
        assert_eq!((found.first_line, found.line, found.column), (12, 13, 30));
    }

    #[test]
    fn a_long_statement_is_cut_around_the_mark() {
        let text: String = (1..=100).map(|n| format!("line {n}\n")).collect();
        let at = text.find("line 50").unwrap();
        let found = excerpt(&snippet(&text, at..at + 4, 0..text.len()), 9);
        assert_eq!(found.text.lines().next(), Some("line 47"));
        assert_eq!(found.text.lines().count(), 9);
        assert_eq!((found.first_line, found.line), (47, 50));
    }

    #[test]
    fn a_long_line_is_cut_around_the_mark() {
        let text = format!("INSERT {} oops {}", "x".repeat(5000), "y".repeat(5000));
        let at = text.find("oops").unwrap();
        let found = excerpt(&snippet(&text, at..at + 4, 0..text.len()), 9);
        assert_eq!(&found.text[found.mark.clone()], "oops");
        assert!(found.text.len() < LONGEST_LINE, "{}", found.text.len());
        assert!(found.text.starts_with("... x") && found.text.ends_with("y ..."), "{}", found.text);
        assert_eq!((found.column, found.shifted), (at + 1, true));
    }

    #[test]
    fn a_mark_at_the_end_of_the_script() {
        let found = excerpt(&snippet("SELECT", 6..6, 0..6), 9);
        assert_eq!(
            found,
            Excerpt { text: "SELECT".into(), first_line: 1, mark: 6..6, line: 1, column: 7, shifted: false }
        );
    }

    proptest! {
        #[test]
        fn any_range_of_any_text(
            text in any::<String>(), a in 0..200_usize, b in 0..200_usize, c in 0..200_usize, lines in 1..5_usize,
        ) {
            let found = excerpt(&snippet(&text, a..b, c..b), lines);
            prop_assert!(found.text.get(found.mark.clone()).is_some(), "{found:?}");
            prop_assert!(found.text.chars().all(|c| matches!(c, '\n' | '\t') || !c.is_control()));
            prop_assert!(found.text.split('\n').count() <= lines);
        }
    }
}
