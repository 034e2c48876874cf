//! The tokens of the text that SHOW CREATE prints. Its session is ours, with an empty `sql_mode`: names stand in backticks,
//! strings in single quotes with backslash escapes.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word without quotes: a keyword, a function, a number, an introducer.
    Word,
    /// A name in backticks.
    Name,
    /// A string in quotes, with what belongs to it: `b'0'`, `x'00'`.
    Text,
    /// One character of anything else.
    Symbol,
}

/// One token with its text as printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind,
    pub(super) raw: &'t str,
    /// Whether white space or a comment's mark stands before it.
    pub(super) spaced: bool,
}

impl Token<'_> {
    /// Whether it is this word, in any case.
    pub(super) fn is(&self, word: &str) -> bool {
        self.kind != Kind::Text && self.raw.eq_ignore_ascii_case(word)
    }

    /// What it names or says, without quotes.
    pub(super) fn value(&self) -> String {
        let inner = |quote: char| self.raw.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        match self.kind {
            Kind::Name => inner('`').unwrap_or(self.raw).replace("``", "`"),
            Kind::Text => inner('\'').map_or_else(|| self.raw.to_owned(), unescaped),
            Kind::Word | Kind::Symbol => self.raw.to_owned(),
        }
    }
}

/// The text of a string literal (MySQL manual, "String Literals").
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\'' => {
                rest.next();
                out.push('\'');
            }
            '\\' => match rest.next() {
                Some('0') => out.push('\0'),
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                Some('b') => out.push('\u{8}'),
                Some('Z') => out.push('\u{1a}'),
                Some(other) => out.push(other),
                None => (),
            },
            other => out.push(other),
        }
    }
    out
}

/// Cuts a text. The marks of executable comments are passed over and their content is kept, since it is what the server
/// means (`/*!80023 INVISIBLE */`); other comments are left out.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let (mut at, mut spaced) = (0, false);
    while at < bytes.len() {
        let rest = &text[at..];
        if bytes[at].is_ascii_whitespace() {
            (at, spaced) = (at + 1, true);
            continue;
        }
        if rest.starts_with("*/") {
            (at, spaced) = (at + 2, true);
            continue;
        }
        if let Some(length) = comment(rest) {
            (at, spaced) = (at + length, true);
            continue;
        }
        let (kind, length) = match bytes[at] {
            b'`' => (Kind::Name, quoted(rest, '`', 1)),
            b'\'' => (Kind::Text, quoted(rest, '\'', 1)),
            b'b' | b'x' | b'B' | b'X' | b'N' | b'n' if rest[1..].starts_with('\'') => {
                (Kind::Text, quoted(rest, '\'', 2))
            }
            first if is_word(first as char) || !first.is_ascii() => {
                (Kind::Word, rest.find(|c: char| c.is_ascii() && !is_word(c)).unwrap_or(rest.len()))
            }
            _ => (Kind::Symbol, 1),
        };
        found.push(Token { kind, raw: &rest[..length], spaced });
        (at, spaced) = (at + length, false);
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

/// How much of a text is the mark of an executable comment, or a whole comment of another kind.
fn comment(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("/*")?;
    let mark = if inner.starts_with("M!") { 2 } else { usize::from(inner.starts_with('!')) };
    if mark == 0 {
        return Some(text.find("*/").map_or(text.len(), |end| end + 2));
    }
    let digits = inner[mark..].bytes().take_while(u8::is_ascii_digit).count();
    Some(2 + mark + digits)
}

/// How long a quoted text is that has its first quote before `from`.
fn quoted(text: &str, quote: char, from: usize) -> usize {
    let mut rest = text[from..].char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        if c == '\\' && quote == '\'' {
            rest.next();
        } else if c == quote && rest.next_if(|(_, next)| *next == quote).is_none() {
            return from + at + c.len_utf8();
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_servers_print_is_cut() {
        let text =
            "`a``b` int(10) /*!80023 INVISIBLE */ DEFAULT _utf8mb4'it''s\\n' /* gone */ x'00'/*M!100301 COMPRESSED*/";
        let cut: Vec<&str> = tokens(text).iter().map(|token| token.raw).collect();
        let expected =
            ["`a``b`", "int", "(", "10", ")", "INVISIBLE", "DEFAULT", "_utf8mb4", "'it''s\\n'", "x'00'", "COMPRESSED"];
        assert_eq!(cut, expected);
        assert_eq!(tokens(text)[0].value(), "a`b");
        assert_eq!(tokens(text)[8].value(), "it's\n");
    }

    #[test]
    fn no_text_is_too_strange() {
        for text in ["`", "'", "/*", "/*!", "*/", "'\\", "é`ü`", "b'"] {
            let _ = tokens(text).iter().map(Token::value).collect::<Vec<_>>();
        }
    }
}
