//! Cuts the text of MySQL and MariaDB into tokens, as far as finding the end of a statement needs it.
//!
//! The rules are those of the manuals' chapters "Language Structure" and "Comments". A backslash escapes within quotes unless
//! `sql_mode` has `NO_BACKSLASH_ESCAPES`, and never in what is the name of something: between backticks, and with `ANSI_QUOTES`
//! between double quotes.

use std::ops::Range;

use super::flavour::Flavour;
use crate::history::EngineKind;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A key word or an identifier without quotes.
    Word,
    Open,
    Close,
    /// What ends a statement: a semicolon, or what the client was told to take for it.
    Delimiter,
    /// A semicolon where something else ends a statement, or where none can end.
    Semicolon,
    Colon,
    /// A dot or an at sign: a word behind it is a name.
    Joint,
    /// A backslash outside quotes, with the character behind it: a command of the client.
    Backslash,
    /// The start of a comment whose text the server executes.
    Enter,
    /// Its end.
    Leave,
    /// Something that begins here and is not closed before the end of the text; the text names it.
    Unterminated(&'static str),
    /// Quoted text, a number, an operator.
    Other,
}

/// A token with its place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

/// What decides how a text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whether the server is MariaDB.
    pub(super) mariadb: bool,
    /// Its version as executable comments write it: 101114.
    version: u32,
    /// Whether a backslash escapes in strings.
    backslash: bool,
    /// Whether double quotes hold names.
    ansi_quotes: bool,
}

impl Rules {
    /// Those of a server.
    pub fn of(flavour: Flavour) -> Self {
        let (major, minor, patch) = flavour.version;
        let version = major * 10_000 + minor * 100 + patch;
        Self { mariadb: flavour.is_mariadb(), version, backslash: true, ansi_quotes: false }
    }

    /// Those of a product whose version does not matter or is not known yet: everything is executed but what is written for
    /// no version at all.
    pub fn newest(product: EngineKind) -> Self {
        Self { mariadb: product == EngineKind::Mariadb, version: 990_000, backslash: true, ansi_quotes: false }
    }

    /// The same in a session with this `@@sql_mode`.
    pub fn with_mode(self, sql_mode: &str) -> Self {
        let has = |name: &str| sql_mode.split(',').any(|mode| mode.trim().eq_ignore_ascii_case(name));
        Self { backslash: !has("NO_BACKSLASH_ESCAPES"), ansi_quotes: has("ANSI_QUOTES"), ..self }
    }

    /// Those of the product's client, which the server tells of the one mode and not of the other.
    pub(super) fn of_client(self) -> Self {
        Self { ansi_quotes: false, ..self }
    }

    /// How many bytes the mark is long by which a comment says that this server is to execute it; `None` for comments
    /// that it passes over (MariaDB's documentation, "Comment Syntax"; MySQL's manual, "Comments").
    fn mark(self, comment: &[u8]) -> Option<usize> {
        let (own, mark) = match comment {
            [b'/', b'*', b'!', ..] => (false, 3),
            [b'/', b'*', b'M', b'!', ..] if self.mariadb => (true, 4),
            _ => return None,
        };
        let digits = comment[mark..].iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
        if digits < 5 {
            return Some(mark);
        }
        let version: u32 = std::str::from_utf8(&comment[mark..mark + digits]).ok()?.parse().ok()?;
        // MariaDB passes over what is written for MySQL from 5.7 on.
        let foreign = self.mariadb && !own && (50_700..=99_999).contains(&version);
        (version <= self.version && !foreign).then_some(mark + digits)
    }

    /// Whether texts between dollars are strings.
    fn has_dollar_quotes(self) -> bool {
        !self.mariadb && self.version >= 90_000
    }
}

/// The tokens of a text, without white space and comments.
#[derive(Clone, Debug)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    rules: Rules,
    delimiter: &'a str,
    at: usize,
    /// Where the executed comment begins that the text stands in.
    entered: Option<usize>,
}

/// What stands at a place where no token needs to begin.
enum Blank {
    /// The next token begins here.
    Token(usize),
    /// A comment whose text is executed, and how long its mark is.
    Enter(usize, usize),
    /// The end of such a comment.
    Leave(usize),
    /// A comment without an end.
    Unclosed(usize),
}

impl<'a> Lexer<'a> {
    /// Reads `text` from this byte on; `delimiter` ends statements.
    pub(super) fn new(text: &'a str, rules: Rules, delimiter: &'a str, at: usize) -> Self {
        Self { text, rules, delimiter, at, entered: None }
    }

    /// Whether statements end with semicolons, so that the server finds their ends.
    pub(super) fn is_plain(&self) -> bool {
        self.delimiter == ";"
    }

    fn ends_statement(&self, at: usize) -> bool {
        self.entered.is_none() && self.text.as_bytes()[at..].starts_with(self.delimiter.as_bytes())
    }

    fn blank(&self, mut at: usize) -> Blank {
        let bytes = self.text.as_bytes();
        loop {
            let rest = &bytes[at..];
            if self.ends_statement(at) && !rest.is_empty() {
                return Blank::Token(at);
            }
            match rest {
                [byte, ..] if is_space(*byte) => at += 1,
                [b'#', ..] => at = line_end(bytes, at),
                [b'-', b'-'] => at = bytes.len(),
                [b'-', b'-', byte, ..] if is_space(*byte) || byte.is_ascii_control() => at = line_end(bytes, at),
                [b'/', b'*', ..] => match self.rules.mark(rest) {
                    Some(length) => return Blank::Enter(at, length),
                    None => match comment_end(bytes, at) {
                        Some(end) => at = end,
                        None => return Blank::Unclosed(at),
                    },
                },
                [b'*', b'/', ..] if self.entered.is_some() => return Blank::Leave(at),
                _ => return Blank::Token(at),
            }
        }
    }

    fn take(&mut self, kind: Kind, span: Range<usize>) -> Token {
        self.at = span.end;
        Token { kind, span }
    }

    /// The end of a word, or of what else is made of these bytes.
    fn run(&self, start: usize, belongs: fn(u8) -> bool) -> usize {
        let bytes = self.text.as_bytes();
        let length = bytes[start..].iter().position(|byte| !belongs(*byte)).unwrap_or(bytes.len() - start);
        let end = start + length.max(1);
        // The client looks for its delimiter everywhere, also within words.
        let delimiter = self.delimiter.as_bytes();
        if delimiter == b";" {
            return end;
        }
        (start + 1..end).find(|at| self.ends_statement(*at)).unwrap_or(end)
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let bytes = self.text.as_bytes();
        let start = match self.blank(self.at) {
            Blank::Token(start) => start,
            Blank::Enter(at, length) => {
                self.entered.get_or_insert(at);
                return Some(self.take(Kind::Enter, at..at + length));
            }
            Blank::Leave(at) => {
                self.entered = None;
                return Some(self.take(Kind::Leave, at..at + 2));
            }
            Blank::Unclosed(at) => return Some(self.take(Kind::Unterminated("comment"), at..bytes.len())),
        };
        let Some(&first) = bytes.get(start) else {
            let open = self.entered.take()?;
            return Some(self.take(Kind::Unterminated("comment"), open..bytes.len()));
        };
        if self.ends_statement(start) {
            return Some(self.take(Kind::Delimiter, start..start + self.delimiter.len()));
        }
        let found = match first {
            b'(' => Some((Kind::Open, start + 1)),
            b')' => Some((Kind::Close, start + 1)),
            b';' => Some((Kind::Semicolon, start + 1)),
            b':' => Some((Kind::Colon, start + 1)),
            b'.' | b'@' => Some((Kind::Joint, start + 1)),
            b'\\' => {
                let next = self.text[start + 1..].chars().next().map_or(0, char::len_utf8);
                Some((Kind::Backslash, start + 1 + next))
            }
            b'\'' => closed(bytes, start, self.rules.backslash).map(|end| (Kind::Other, end)),
            b'"' => {
                let escapes = self.rules.backslash && !self.rules.ansi_quotes;
                closed(bytes, start, escapes).map(|end| (Kind::Other, end))
            }
            b'`' => closed(bytes, start, false).map(|end| (Kind::Other, end)),
            b'$' if self.rules.has_dollar_quotes() => {
                Some(dollar(self.text, start).unwrap_or_else(|| (Kind::Word, self.run(start, is_word))))
            }
            b'0'..=b'9' => Some((Kind::Other, self.run(start, is_word))),
            _ if is_word(first) => Some((Kind::Word, self.run(start, is_word))),
            _ => Some((Kind::Other, start + 1)),
        };
        let (kind, end) = found.unwrap_or_else(|| {
            let what = if first == b'`' { "quoted identifier" } else { "quoted string" };
            (Kind::Unterminated(what), bytes.len())
        });
        Some(self.take(kind, start..end))
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0b' | b'\x0c')
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii()
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |length| at + length)
}

/// Behind the comment that begins here. One that is written for another server may hold further comments.
fn comment_end(bytes: &[u8], start: usize) -> Option<usize> {
    let conditional = matches!(&bytes[start + 2..], [b'!', ..] | [b'M', b'!', ..]);
    let mut at = start + 2;
    loop {
        match bytes.get(at..at + 2)? {
            b"*/" => return Some(at + 2),
            b"/*" if conditional => {
                at += 2;
                at += bytes[at..].windows(2).position(|pair| pair == b"*/")? + 2;
            }
            _ => at += 1,
        }
    }
}

/// Behind the closing quote of what is opened here; a doubled quote is part of it, and so is what a backslash escapes.
fn closed(bytes: &[u8], open: usize, escapes: bool) -> Option<usize> {
    let quote = bytes[open];
    let mut at = open + 1;
    loop {
        match *bytes.get(at)? {
            b'\\' if escapes => at += 2,
            byte if byte == quote => {
                if bytes.get(at + 1) != Some(&quote) {
                    return Some(at + 1);
                }
                at += 2;
            }
            _ => at += 1,
        }
    }
}

/// A string between dollars (MySQL 9); nothing if none begins here.
fn dollar(text: &str, start: usize) -> Option<(Kind, usize)> {
    let bytes = text.as_bytes();
    let name = bytes[start + 1..].iter().take_while(|byte| is_word(**byte) && **byte != b'$').count();
    let end = start + 1 + name;
    if bytes.get(end) != Some(&b'$') {
        return None;
    }
    let mark = &text[start..=end];
    let length = text[end + 1..].find(mark)?;
    Some((Kind::Other, end + 1 + length + mark.len()))
}
