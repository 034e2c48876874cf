//! A changeset cut as Liquibase cuts it (`StringUtil.processMultiLineSQL`, `SimpleSqlGrammar.jj`, Liquibase 5.0).
//!
//! - Without an `endDelimiter` a statement ends at `;`, or at `go` or `/` at the beginning of a line. With one it ends there, in
//!   letters of either case; `\n` in it is the end of a line, a `$` at its end counts for nothing.
//! - Nothing ends between BEGIN and END, counted as words wherever they stand: `END IF` takes back a BEGIN too. BEGIN and END
//!   before TRANSACTION and the like are none of these. Dollar quotes mean nothing; quotes and comments do.

use std::ops::Range;

use crate::history::Cutting;

/// How a changeset is to be cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct How<'d> {
    /// `splitStatements`.
    pub(super) split: bool,
    /// `stripComments`; those of a rollback stay.
    pub(super) strip: bool,
    /// Whether a slash at the end of the text makes it the `endDelimiter`, which it does not in a rollback.
    pub(super) slash: bool,
    /// `endDelimiter`.
    pub(super) delimiter: Option<&'d str>,
}

/// The statements of a changeset or of its rollback.
pub(super) fn cut(text: &str, how: How<'_>) -> Cutting {
    let mut pieces = Vec::new();
    let mut start = 0;
    if how.split {
        // A slash on a line of its own at the end makes it what ends all statements.
        let by_slash = || text.trim_end().ends_with("\n/").then_some("\\n/$").filter(|_| how.slash);
        let delimiter = how.delimiter.or_else(by_slash).map(Delimiter::new);
        let tokens: Vec<Range<usize>> = tokens(text).collect();
        let mut inside = 0_usize;
        let mut until = 0;
        for (index, token) in tokens.iter().enumerate() {
            if token.start < until {
                continue;
            }
            let word = &text[token.clone()];
            let next = tokens[index + 1..].iter().map(|token| text[token.clone()].trim()).find(|word| !word.is_empty());
            let is = |words: &[&str]| next.is_some_and(|next| words.iter().any(|word| next.eq_ignore_ascii_case(word)));
            let transaction = ["transaction", "trans", "tran"];
            if word.eq_ignore_ascii_case("begin")
                && !is(&transaction)
                && !is(&["dialog", "conversation", "distributed"])
            {
                inside += 1;
            } else if word.eq_ignore_ascii_case("end") && !is(&transaction) {
                inside = inside.saturating_sub(1);
            }
            let at_line_start = token.start == 0 || text[..token.start].ends_with('\n');
            let end = match &delimiter {
                _ if inside > 0 => None,
                Some(delimiter) => delimiter.at(text, token, at_line_start),
                None if word == ";" => Some(token.end),
                None => (at_line_start && (word == "/" || word.eq_ignore_ascii_case("go"))).then_some(token.end),
            };
            if let Some(end) = end {
                pieces.push(start..token.start);
                (start, until) = (end, end);
            }
        }
    }
    pieces.push(start..text.len());
    Cutting::Pieces(pieces.into_iter().filter_map(|piece| trimmed(text, piece)).collect())
}

/// The piece without white space around it; `None` where nothing is left.
fn trimmed(text: &str, piece: Range<usize>) -> Option<Range<usize>> {
    let found = &text[piece.clone()];
    let start = piece.start + (found.len() - found.trim_start().len());
    let end = piece.start + found.trim_end().len();
    (start < end).then_some(start..end)
}

/// What an `endDelimiter` asks for.
struct Delimiter {
    letters: String,
    on_its_line: bool,
}

impl Delimiter {
    fn new(written: &str) -> Self {
        let plain = written.replace("\\n", "\n").replace("\\r", "\r").replace("\\;", ";").replace("\\|", "|");
        let plain = if plain.len() > 1 { plain.strip_suffix('$').unwrap_or(&plain) } else { &plain };
        let on_its_line = plain.starts_with(['\n', '\r']) || plain == "/";
        Self { letters: plain.trim().to_owned(), on_its_line }
    }

    /// Where it ends if it begins with this token.
    fn at(&self, text: &str, token: &Range<usize>, at_line_start: bool) -> Option<usize> {
        let end = token.start + self.letters.len();
        let found = text.get(token.start..end)?;
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let apart = !self.letters.ends_with(word) || !text[end..].starts_with(word);
        let here = !self.letters.is_empty() && found.eq_ignore_ascii_case(&self.letters) && apart;
        (here && (at_line_start || !self.on_its_line)).then_some(end)
    }
}

/// The tokens that cutting goes by: quotes, comments, white space, words, and everything else letter by letter.
fn tokens(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at;
        let rest = &text[start..];
        let first = rest.chars().next()?;
        let word = |c: char| c.is_alphanumeric() || "$_@#".contains(c);
        let length = match first {
            '-' if rest.starts_with("--") => rest.find(['\r', '\n']),
            '/' if rest.starts_with("/*") => rest[2..].find("*/").map(|end| end + 4).or(Some(1)),
            '\'' | '"' | '`' => quoted(rest, first).or(Some(1)),
            c if c.is_whitespace() => rest.find(|c: char| !c.is_whitespace()),
            c if word(c) => rest.find(|c| !word(c)),
            c => Some(c.len_utf8()),
        };
        at = start + length.unwrap_or(rest.len());
        Some(start..at)
    })
}

/// How long a quote is; two quotes in it, or one behind a backslash, do not end it.
fn quoted(rest: &str, quote: char) -> Option<usize> {
    let mut letters = rest.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' && quote != '`' {
            letters.next();
        } else if letter == quote {
            match letters.peek() {
                Some((_, next)) if *next == quote => {
                    letters.next();
                }
                _ => return Some(at + 1),
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_cut_as_the_tool_cuts_them() {
        let cases: &[(&str, bool, Option<&str>, &[&str])] = &[
            ("A; B 'x;''y' -- c;\n;\n\n", true, None, &["A", "B 'x;''y' -- c;"]),
            ("A\ngo\nB\n/\nC / 2; going", true, None, &["A", "B", "C / 2", "going"]),
            ("A\n/\nB\n/\n", true, None, &["A", "B"]),
            ("A\ngo\nB; C\n/\n", true, None, &["A\ngo\nB; C"]),
            ("A; B;", false, None, &["A; B;"]),
            ("P BEGIN A; B; END; C;", true, None, &["P BEGIN A; B; END", "C"]),
            (
                "BEGIN TRANSACTION; A; END TRANSACTION; B",
                true,
                None,
                &["BEGIN TRANSACTION", "A", "END TRANSACTION", "B"],
            ),
            // END IF takes back the BEGIN, so that the function is cut to pieces.
            (
                "F $$ BEGIN IF x THEN A; END IF; B; END; $$",
                true,
                None,
                &["F $$ BEGIN IF x THEN A; END IF", "B", "END", "$$"],
            ),
            ("A; B\n//\nC", true, Some("//"), &["A; B", "C"]),
            ("A; B\nGo\nC going", true, Some("\\nGO"), &["A; B", "C going"]),
            ("A / 2\n/\nB", true, Some("/"), &["A / 2", "B"]),
            ("A 'it\\'s;' ; B", true, None, &["A 'it\\'s;'", "B"]),
            ("/* a; */ A /* ; B", true, None, &["/* a; */ A /*", "B"]),
            (" \n", true, None, &[]),
        ];
        for (text, split, delimiter, expected) in cases {
            let Cutting::Pieces(pieces) =
                cut(text, How { split: *split, strip: true, slash: true, delimiter: *delimiter })
            else {
                panic!()
            };
            let found: Vec<_> = pieces.into_iter().map(|piece| &text[piece]).collect();
            assert_eq!(found, *expected, "{text}");
        }
    }
}
