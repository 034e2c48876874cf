//! A file of Atlas cut as Atlas cuts it (`sql/migrate/lex.go` and the drivers' `ScanStmts`, Atlas 1.2).
//!
//! - A statement ends at the delimiter, `;` unless the first line is `-- atlas:delimiter X` (`\n`, `\r`, `\t` in it mean what they
//!   mean elsewhere) or a `DELIMITER` command says otherwise, outside of parentheses and quotes. Brackets that do not match and
//!   quotes that do not end stop the tool.
//! - Comments are `--` and `/* */`, on MySQL and MariaDB also `#`; `--` needs no blank behind it. One without an end is none.
//! - From a BEGIN with blanks around it to its END everything is one statement, if there is such an END. On PostgreSQL dollar
//!   quotes and BEGIN ATOMIC count too; on MySQL and MariaDB a backslash takes the meaning of the letter behind it in quotes.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

use super::directive;
use crate::history::{Cutting, EngineKind};

/// How a file is cut on this engine.
pub(super) fn cut(text: &str, engine: EngineKind) -> Cutting {
    let failed = RefCell::default();
    let mut scanner = Scanner { text, engine, start: 0, at: 0, delimiter: ";".to_owned(), depth: 0, failed: &failed };
    let refused = |Problem { at, why }: Problem| Cutting::Refused {
        span: at..text[at..].find('\n').map_or(text.len(), |end| at + end),
        message: format!("atlas stops at this file: {why}"),
    };
    let (first, behind) = text.split_once('\n').unwrap_or((text, ""));
    if let Some(delimiter) = first.starts_with("-- atlas:").then(|| directive(first, "delimiter")).flatten() {
        let begin = text.len() - behind.len();
        (scanner.start, scanner.at) = (begin, begin);
        if let Err(problem) = scanner.set_delimiter(delimiter) {
            return refused(problem);
        }
    }
    let mut pieces = Vec::new();
    loop {
        match scanner.statement() {
            Ok(Some(piece)) => pieces.push(piece),
            Ok(None) => return Cutting::Pieces(pieces),
            Err(problem) => return refused(problem),
        }
    }
}

/// Why the tool does not take a file.
struct Problem {
    at: usize,
    why: &'static str,
}

struct Scanner<'t> {
    text: &'t str,
    engine: EngineKind,
    /// Where the statement that is being read begins.
    start: usize,
    /// How far it is read.
    at: usize,
    delimiter: String,
    /// How many blocks it is in.
    depth: usize,
    /// Where a BEGIN begins no block: found once, it need not be looked for again.
    failed: &'t RefCell<BTreeSet<usize>>,
}

impl<'t> Scanner<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest().chars().next()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn is_mysql(&self) -> bool {
        matches!(self.engine, EngineKind::Mysql | EngineKind::Mariadb)
    }

    fn set_delimiter(&mut self, delimiter: &str) -> Result<(), Problem> {
        if delimiter.is_empty() {
            return Err(Problem { at: self.start, why: "the delimiter is empty" });
        }
        self.delimiter = delimiter.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t");
        Ok(())
    }

    fn skip_spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
        self.start = self.at;
    }

    /// The next statement, up to and with a semicolon, but without any other delimiter.
    fn statement(&mut self) -> Result<Option<Range<usize>>, Problem> {
        self.skip_spaces();
        let mut open: Vec<usize> = Vec::new();
        loop {
            let here = self.at;
            let Some(next) = self.next() else {
                return match open.first() {
                    Some(at) => Err(Problem { at: *at, why: "a `(` is not closed" }),
                    None if self.at > self.start => Ok(Some(self.emit(self.at))),
                    None => Ok(None),
                };
            };
            let rest = &self.text[here..];
            match next {
                '(' => open.push(here),
                ')' if open.pop().is_none() => return Err(Problem { at: here, why: "a `)` closes nothing" }),
                ')' => {}
                '\'' | '"' | '`' => self.skip_quote(next, here)?,
                _ if here == self.start && is_delimiter_command(rest) => self.delimiter_command()?,
                _ if open.is_empty() && rest.starts_with(&self.delimiter) => {
                    self.at = here + self.delimiter.len();
                    return Ok(Some(self.emit(if self.delimiter == ";" { self.at } else { here })));
                }
                '$' if self.engine == EngineKind::Postgres => self.skip_dollar_quote(here),
                '#' if self.is_mysql() => self.comment(here, 1, "\n"),
                '-' if rest.starts_with("--") => self.comment(here, 2, "\n"),
                '/' if rest.starts_with("/*") => self.comment(here, 2, "*/"),
                _ if self.delimiter == ";" && self.skip_block(here) => return Ok(Some(self.emit(self.at))),
                _ => {}
            }
        }
    }

    /// Ends the statement; what is to be sent goes up to `end`.
    fn emit(&mut self, end: usize) -> Range<usize> {
        let span = self.start..self.start + self.text[self.start..end].trim_end().len();
        self.start = self.at;
        span
    }

    fn skip_quote(&mut self, quote: char, begin: usize) -> Result<(), Problem> {
        loop {
            match self.next() {
                None => return Err(Problem { at: begin, why: "a quote is not closed" }),
                Some('\\') if self.is_mysql() => {
                    self.next();
                }
                Some(found) if found == quote => return Ok(()),
                Some(_) => {}
            }
        }
    }

    fn skip_dollar_quote(&mut self, begin: usize) {
        let name = |c: char| c.is_ascii_alphanumeric() || c == '_' || ('\u{c8}'..='\u{ff}').contains(&c);
        let rest = &self.text[begin + 1..];
        let end = rest.find(|c| !name(c)).unwrap_or(rest.len());
        if !rest[end..].starts_with('$') || rest.starts_with(|c: char| c.is_ascii_digit()) {
            return;
        }
        let tag = &self.text[begin..begin + 1 + end + 1];
        let inside = begin + tag.len();
        self.at = self.text[inside..].find(tag).map_or(self.text.len(), |at| inside + at + tag.len());
    }

    fn comment(&mut self, begin: usize, length: usize, end: &str) {
        let inside = begin + length;
        self.at = inside;
        if let Some(at) = self.text[inside..].find(end) {
            self.at = inside + at + end.len();
            if begin == self.start {
                self.skip_spaces();
            }
        }
    }

    fn delimiter_command(&mut self) -> Result<(), Problem> {
        let behind = self.start + DELIMITER.len();
        self.at = behind;
        if !self.rest().starts_with(' ') {
            return Ok(());
        }
        let line = self.rest().split('\n').next().unwrap_or_default();
        self.at = (behind + line.len() + 1).min(self.text.len());
        let delimiter = line.trim();
        let quoted = delimiter.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        match quoted {
            Some(quoted) => self.set_delimiter(&quoted.replace("''", "'"))?,
            None => self.set_delimiter(delimiter)?,
        }
        self.skip_spaces();
        Ok(())
    }

    /// Goes behind the END of the block that begins here. Where there is none it goes behind the BEGIN.
    fn skip_block(&mut self, here: usize) -> bool {
        let rest = &self.text[here..];
        let Some(mut begin) = words(rest, &["BEGIN"]) else { return false };
        let atomic = if self.engine == EngineKind::Postgres { words(rest, &["BEGIN", "ATOMIC"]) } else { None };
        let apart = here == self.start || self.text[..here].ends_with(char::is_whitespace);
        if self.depth == DEEPEST || atomic.is_none() && !apart || !self.failed.borrow_mut().insert(here) {
            return false;
        }
        begin = atomic.unwrap_or(begin);
        self.at = here + begin;
        let mut inner =
            Scanner { start: self.at, at: self.at, delimiter: ";".to_owned(), depth: self.depth + 1, ..*self };
        loop {
            match inner.statement() {
                Err(_) | Ok(None) => return false,
                Ok(Some(span)) => {
                    let end = words_to_end(&self.text[span], "END");
                    if end.is_some_and(|behind| atomic.is_some() || behind.is_empty() || behind == ";") {
                        break;
                    }
                }
            }
        }
        self.at = inner.at;
        self.failed.borrow_mut().remove(&here);
        true
    }
}

/// How many blocks may stand in one another; nobody writes as many, and each takes room on the stack.
const DEEPEST: usize = 64;

const DELIMITER: &str = "delimiter";

fn is_delimiter_command(rest: &str) -> bool {
    rest.len() > DELIMITER.len() && rest.get(..DELIMITER.len()).is_some_and(|word| word.eq_ignore_ascii_case(DELIMITER))
}

/// How many bytes these words take at the beginning, with blanks before them and at least one behind each.
fn words(text: &str, words: &[&str]) -> Option<usize> {
    let mut rest = text.trim_start();
    for word in words {
        let behind =
            rest.get(..word.len()).filter(|found| found.eq_ignore_ascii_case(word)).map(|_| &rest[word.len()..])?;
        rest = behind.trim_start();
        if rest.len() == behind.len() {
            return None;
        }
    }
    Some(text.len() - rest.len())
}

/// What stands behind a word at the beginning and the blanks behind it.
fn words_to_end<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let text = text.trim_start();
    text.get(..word.len()).filter(|found| found.eq_ignore_ascii_case(word)).map(|_| text[word.len()..].trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, engine: EngineKind) -> Vec<String> {
        match cut(text, engine) {
            Cutting::Pieces(pieces) => pieces.into_iter().map(|piece| text[piece].to_owned()).collect(),
            Cutting::Refused { span, message } => vec![format!("!{}: {message}", &text[span])],
            Cutting::Server | Cutting::Client | Cutting::Singles { .. } => Vec::new(),
        }
    }

    #[test]
    fn statements_are_cut_as_the_tool_cuts_them() {
        use EngineKind::{Mysql, Postgres, Sqlite};
        let cases: &[(EngineKind, &str, &[&str])] = &[
            (Sqlite, "A (1; 2);\n-- about;\nB ';' \";\";\n", &["A (1; 2);", "B ';' \";\";"]),
            (Sqlite, "A -- in;\n;\nB", &["A -- in;\n;", "B"]),
            (Postgres, "A $x$;$x$ $1; B $$;$$;", &["A $x$;$x$ $1;", "B $$;$$;"]),
            (Sqlite, "-- atlas:delimiter \\n\\n\nA;\nB;\n\nC\n\n", &["A;\nB;", "C"]),
            (Mysql, "DELIMITER //\nA; B//\nDELIMITER ;\nC;", &["A; B", "C;"]),
            (Mysql, "delimiter '//'\nA//", &["A"]),
            (Mysql, "A '\\';';# no;\nB;", &["A '\\';';", "B;"]),
            // Not a comment for the server, but for the tool.
            (Mysql, "A 5--1;\n;B;", &["A 5--1;\n;", "B;"]),
            (Sqlite, "CREATE TRIGGER t BEGIN A; B; END;\nC;", &["CREATE TRIGGER t BEGIN A; B; END;", "C;"]),
            (
                Mysql,
                "P BEGIN IF x THEN A; END IF; BEGIN B; END; END; C;",
                &["P BEGIN IF x THEN A; END IF; BEGIN B; END; END;", "C;"],
            ),
            (Postgres, "BEGIN;\nA;\nCOMMIT;", &["BEGIN;", "A;", "COMMIT;"]),
            (Postgres, "F BEGIN ATOMIC A; B; END; C;", &["F BEGIN ATOMIC A; B; END;", "C;"]),
            (Sqlite, "BEGIN A; B;", &["BEGIN A;", "B;"]),
            (Sqlite, "-- nothing\n", &[]),
            (Sqlite, "A; -- no end;", &["A;", "-- no end;"]),
        ];
        for (engine, text, expected) in cases {
            assert_eq!(told(text, *engine), *expected, "{text}");
        }
    }

    #[test]
    fn what_the_tool_refuses_is_told_with_its_place() {
        for (text, expected) in [
            ("A (1;\n", "!(1;: atlas stops at this file: a `(` is not closed"),
            ("A 1);\n", "!);: atlas stops at this file: a `)` closes nothing"),
            ("A 'x;\n", "!'x;: atlas stops at this file: a quote is not closed"),
        ] {
            assert_eq!(told(text, EngineKind::Sqlite), [expected]);
        }
    }

    #[test]
    fn many_begins_without_an_end_take_no_long() {
        let text = "BEGIN x ".repeat(400);
        assert_eq!(told(&text, EngineKind::Sqlite).len(), 1);
    }
}
