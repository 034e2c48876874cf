//! A file of goose cut as goose cuts it.
//!
//! It goes by lines (`internal/sqlparser/parser.go`, goose 3.27):
//! - A line that begins with `--`, spaces before it or not, and holds `+goose` is an annotation: Up, Down, `StatementBegin`,
//!   `StatementEnd`, NO TRANSACTION, ENVSUB ON, ENVSUB OFF, in letters of either case. Spaces before one, anything else behind
//!   `+goose`, and an annotation out of turn stop the tool.
//! - Between statements, empty lines and comment lines count for nothing.
//! - A statement ends with the line whose last word before a `--` ends in `;`, so that `SELECT 1; SELECT 2;` in one line is
//!   one message. From `StatementBegin` to `StatementEnd` everything is one statement.
//! - The file is cut anew for each direction: what is unfinished in the other one is not seen.

use std::ops::Range;

use crate::history::Cutting;
use crate::history::section::{Line, lines};

/// Both directions of a file.
pub(super) struct Halves {
    /// How the up is cut; ranges are of the whole text.
    pub(super) up: Cutting,
    /// How the down is cut; ranges are of the whole text.
    pub(super) down: Cutting,
    /// Where the down begins.
    pub(super) down_at: Option<usize>,
    /// Whether the tool opens a transaction around each direction.
    pub(super) in_transaction: bool,
}

/// Cuts a file into both directions.
pub(super) fn halves(text: &str) -> Halves {
    let annotated = |wanted: Annotation| {
        lines(text)
            .find(|line| is_annotation(line.text) && annotation(line.text) == Ok(wanted))
            .map(|line| line.span.start)
    };
    Halves {
        up: cut(text, Direction::Up),
        down: cut(text, Direction::Down),
        down_at: annotated(Annotation::Down),
        in_transaction: annotated(Annotation::NoTransaction).is_none(),
    }
}

/// Whether goose takes a line for one of its own.
pub(super) fn is_annotation(line: &str) -> bool {
    line.trim_start().starts_with("--") && line.contains("+goose")
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Annotation {
    Up,
    Down,
    StatementBegin,
    StatementEnd,
    NoTransaction,
    EnvsubOn,
    EnvsubOff,
}

/// What an annotation says, or why the tool does not take it.
pub(super) fn annotation(line: &str) -> Result<Annotation, &'static str> {
    if line.starts_with([' ', '\t']) {
        return Err("an annotation has nothing before its `--`");
    }
    let said = line.replace("--", "").replacen("+goose", "", 1);
    let known = [
        ("Up", Annotation::Up),
        ("Down", Annotation::Down),
        ("StatementBegin", Annotation::StatementBegin),
        ("StatementEnd", Annotation::StatementEnd),
        ("NO TRANSACTION", Annotation::NoTransaction),
        ("ENVSUB ON", Annotation::EnvsubOn),
        ("ENVSUB OFF", Annotation::EnvsubOff),
    ];
    let found = known.into_iter().find(|(word, _)| said.trim().eq_ignore_ascii_case(word));
    found.map(|(_, annotation)| annotation).ok_or(
        "it knows no such annotation: Up, Down, StatementBegin, StatementEnd, NO TRANSACTION, ENVSUB ON and ENVSUB OFF \
         are all there are",
    )
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

/// Where the cutting is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before `-- +goose Up`.
    Start,
    /// Among statements of a direction.
    Plain(Direction),
    /// Between `StatementBegin` and `StatementEnd`.
    Block(Direction),
}

/// The statements of one direction.
fn cut(text: &str, direction: Direction) -> Cutting {
    match pieces(text, direction) {
        Ok(pieces) => Cutting::Pieces(pieces),
        Err((span, why)) => Cutting::Refused { span, message: format!("goose stops at this file: {why}") },
    }
}

const UNFINISHED: &str = "a statement is not finished; end it with a semicolon at the end of a line, or put it between \
                          `-- +goose StatementBegin` and `-- +goose StatementEnd`";
const NO_UP: &str = "nothing comes before `-- +goose Up`, which it lacks here";

fn pieces(text: &str, direction: Direction) -> Result<Vec<Range<usize>>, (Range<usize>, String)> {
    let mut pieces = Vec::new();
    let mut place = Place::Start;
    // The statement that is being collected, and the line at which the last block began.
    let mut open: Option<Range<usize>> = None;
    let mut block = 0..0;
    for line in lines(text) {
        let shown = line.span.start..line.span.start + line.text.trim_end().len();
        let refuse = |why: &str| Err((shown.clone(), why.to_owned()));
        if is_annotation(line.text) {
            let said = match annotation(line.text) {
                Ok(said) => said,
                Err(why) => return refuse(why),
            };
            place = match (said, place) {
                (Annotation::NoTransaction | Annotation::EnvsubOn | Annotation::EnvsubOff, _) => place,
                (Annotation::Up, Place::Start) => Place::Plain(Direction::Up),
                (Annotation::Up, _) => return refuse("`-- +goose Up` stands in it twice"),
                (Annotation::Down, Place::Plain(Direction::Up)) => match open.take() {
                    Some(open) => return Err((trimmed(text, open), UNFINISHED.to_owned())),
                    None => Place::Plain(Direction::Down),
                },
                (Annotation::Down, _) => {
                    return refuse("`-- +goose Down` comes once, behind the statements of `-- +goose Up`");
                }
                (Annotation::StatementBegin, Place::Plain(of)) => {
                    block = shown;
                    Place::Block(of)
                }
                (Annotation::StatementBegin, _) => {
                    return refuse(
                        "`-- +goose StatementBegin` comes behind `-- +goose Up` or `-- +goose Down`, not in another block",
                    );
                }
                (Annotation::StatementEnd, Place::Block(of)) => {
                    pieces.extend(open.take().filter(|_| of == direction));
                    Place::Plain(of)
                }
                (Annotation::StatementEnd, _) => {
                    return refuse("`-- +goose StatementEnd` has no `-- +goose StatementBegin`");
                }
            };
            continue;
        }
        let counts_for_nothing = line.text.is_empty() || line.text.trim_start().starts_with("--");
        if open.is_none() && counts_for_nothing || place == Place::Start && line.text.trim().is_empty() {
            continue;
        }
        match place {
            Place::Start => return refuse(NO_UP),
            Place::Plain(of) | Place::Block(of) if of != direction => {}
            Place::Plain(_) | Place::Block(_) => {
                let start = open.as_ref().map_or(line.span.start, |open| open.start);
                let end = start_of_end(&line);
                open = Some(start..end);
                if matches!(place, Place::Plain(_)) && ends_with_semicolon(line.text) {
                    pieces.extend(open.take());
                }
            }
        }
    }
    match (place, open) {
        (Place::Start, _) => Err((0..text.trim_end().len().min(1), NO_UP.to_owned())),
        (Place::Block(_), _) => Err((block, "this block lacks its `-- +goose StatementEnd`".to_owned())),
        (Place::Plain(_), Some(open)) if !text[open.clone()].trim().is_empty() => {
            Err((trimmed(text, open), UNFINISHED.to_owned()))
        }
        (Place::Plain(_), _) => Ok(pieces),
    }
}

/// Where a line's text ends.
fn start_of_end(line: &Line<'_>) -> usize {
    line.span.start + line.text.len()
}

fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    span.start..span.start + text[span].trim_end().len()
}

/// Whether a statement ends with this line.
fn ends_with_semicolon(line: &str) -> bool {
    line.split_whitespace().take_while(|word| !word.starts_with("--")).last().is_some_and(|word| word.ends_with(';'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, cutting: &Cutting) -> Vec<String> {
        match cutting {
            Cutting::Pieces(pieces) => pieces.iter().map(|piece| text[piece.clone()].to_owned()).collect(),
            Cutting::Refused { span, message } => vec![format!("!{}: {message}", &text[span.clone()])],
            Cutting::Server | Cutting::Client | Cutting::Singles { .. } => Vec::new(),
        }
    }

    #[test]
    fn statements_end_where_lines_end_in_a_semicolon() {
        let cases: &[(&str, &[&str], &[&str])] = &[
            ("-- +goose Up\nA;\n\n-- +goose Down\nB;\nC\n;\n", &["A;"], &["B;", "C\n;"]),
            // Two statements in one line are one message, and a comment may follow the semicolon.
            ("-- +goose up\nA; B; -- both\r\nC;--no\nD;\n", &["A; B; -- both", "C;--no\nD;"], &[]),
            // Comments before a statement are left away, those in it are not.
            ("-- +goose Up\n-- about\n  -- more\nA\n-- in it;\n;\n", &["A\n-- in it;\n;"], &[]),
            (
                "-- +goose Up\n-- +goose StatementBegin\nBEGIN;\n  A;\nEND;\n-- +goose StatementEnd\nB;\n-- +goose Down\n",
                &["BEGIN;\n  A;\nEND;", "B;"],
                &[],
            ),
            ("\n  \n-- +goose UP\n--+goose no transaction\nA;", &["A;"], &[]),
        ];
        for (text, up, down) in cases {
            let halves = halves(text);
            assert_eq!(told(text, &halves.up), *up, "{text}");
            assert_eq!(told(text, &halves.down), *down, "{text}");
        }
    }

    #[test]
    fn what_the_tool_refuses_is_told_with_its_place() {
        let cases = [
            ("A;\n", "!A;: goose stops at this file: nothing comes before `-- +goose Up`"),
            ("", "!: goose stops at this file: nothing comes before"),
            ("-- +goose Down\n", "!-- +goose Down: goose stops at this file: `-- +goose Down` comes once"),
            (
                "-- +goose Up\nA;\n-- +goose Up\n",
                "!-- +goose Up: goose stops at this file: `-- +goose Up` stands in it twice",
            ),
            ("-- +goose Up\nA\nB\n-- +goose Down\n", "!A\nB: goose stops at this file: a statement is not finished"),
            ("-- +goose Up\nA\n", "!A: goose stops at this file: a statement is not finished"),
            (
                "-- +goose Up\n -- +goose Down\n",
                "! -- +goose Down: goose stops at this file: an annotation has nothing before",
            ),
            ("-- +goose Up\n-- see +goose\n", "!-- see +goose: goose stops at this file: it knows no such annotation"),
            (
                "-- +goose Up\n-- +goose StatementBegin\nA;\n",
                "!-- +goose StatementBegin: goose stops at this file: this block lacks",
            ),
            (
                "-- +goose Up\n-- +goose StatementEnd\n",
                "!-- +goose StatementEnd: goose stops at this file: `-- +goose StatementEnd` has no",
            ),
            (
                "-- +goose StatementBegin\n",
                "!-- +goose StatementBegin: goose stops at this file: `-- +goose StatementBegin` comes behind",
            ),
        ];
        for (text, expected) in cases {
            let found = told(text, &halves(text).up);
            assert!(found[0].starts_with(expected), "{found:?}");
        }
    }

    #[test]
    fn what_is_unfinished_in_the_other_direction_is_not_seen() {
        let text = "-- +goose Up\nA\n-- +goose Down\nB\n";
        let halves = halves(text);
        assert!(told(text, &halves.up)[0].starts_with("!A"));
        assert!(told(text, &halves.down)[0].starts_with("!B"));
        let text = "-- +goose Up\nA\n-- +goose Down\nB;\n";
        assert_eq!(told(text, &super::halves(text).down), ["B;"]);
    }
}
