//! How Flyway cuts a script into statements, and which of them it takes for such that no transaction holds.
//!
//! The facts are those of Flyway 12 (`internal/parser/Parser.java`, the `*Parser.java` of each product): it has a reader of
//! its own for each product, which looks at words, not at grammar. On MySQL it knows `DELIMITER`, and, other than the mysql
//! client, that `;` does not end a statement between `BEGIN` and `END` of a stored program.

use std::ops::Range;

use crate::history::EngineKind;

/// One statement as the tool sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Its bytes, without the delimiter.
    pub(super) range: Range<usize>,
    /// Whether the tool runs it in a transaction.
    pub(super) in_transaction: bool,
}

/// The number of words after which the tool does not look further.
const CUTOFF: usize = 10;

/// What the reader is in the midst of.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    engine: EngineKind,
    delimiter: String,
    parens: usize,
    blocks: usize,
    /// The first words of the statement, outside of parentheses, in capitals; also every `@`.
    words: Vec<String>,
    /// The last thing that is no comment, in capitals where it is a word.
    last: String,
    /// Where the statement begins.
    start: Option<usize>,
}

/// The statements of a script.
///
/// # Errors
/// The byte at which a statement begins that does not end.
pub(super) fn statements(text: &str, engine: EngineKind) -> Result<Vec<Found>, usize> {
    let mut reader = Reader {
        text,
        at: 0,
        engine,
        delimiter: ";".to_owned(),
        parens: 0,
        blocks: 0,
        words: Vec::new(),
        last: String::new(),
        start: None,
    };
    let mut found = Vec::new();
    while reader.at < text.len() {
        if reader.rest().starts_with(reader.delimiter.as_str()) {
            reader.token("", false);
            let end = reader.at;
            reader.at += reader.delimiter.len();
            if reader.parens == 0 && reader.blocks == 0 {
                found.extend(reader.take(end));
            }
        } else {
            reader.step();
        }
    }
    // An END at the very end has closed its block, too.
    reader.token("", false);
    if reader.start.is_some() && (reader.parens > 0 || reader.blocks > 0) {
        return Err(reader.start.unwrap_or_default());
    }
    found.extend(reader.take(text.trim_end().len()));
    Ok(found)
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn is_mysql(&self) -> bool {
        matches!(self.engine, EngineKind::Mysql | EngineKind::Mariadb)
    }

    /// The statement that ends here, if there is one.
    fn take(&mut self, end: usize) -> Option<Found> {
        let in_transaction = in_transaction(&self.words, self.engine);
        self.words.clear();
        self.last.clear();
        (self.parens, self.blocks) = (0, 0);
        let start = self.start.take()?;
        Some(Found { range: start..end.max(start), in_transaction })
    }

    /// Reads one thing.
    fn step(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return };
        let comment = rest.starts_with("--") || (self.is_mysql() && first == '#');
        if comment {
            self.at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            self.comment();
        } else if let Some(length) = self.quoted() {
            self.begin();
            self.at += length;
            self.token("'", false);
        } else if first.is_alphabetic() || first == '_' {
            self.word();
        } else if first.is_whitespace() {
            self.at += first.len_utf8();
        } else {
            self.begin();
            match first {
                '(' => self.parens += 1,
                ')' => self.parens = self.parens.saturating_sub(1),
                _ => {}
            }
            self.at += first.len_utf8();
            self.token(&first.to_string(), false);
        }
    }

    /// Something that is no comment stands here.
    fn begin(&mut self) {
        self.start.get_or_insert(self.at);
    }

    /// A comment; on MySQL one that begins with `!` and a version is part of a statement.
    fn comment(&mut self) {
        let rest = self.rest();
        let is_version = |text: &str| text.len() >= 5 && text.bytes().take(5).all(|byte| byte.is_ascii_digit());
        let directive = self.is_mysql() && rest.strip_prefix("/*!").is_some_and(is_version);
        let (mut depth, mut length) = (0_usize, 0);
        while let Some(next) = rest.get(length..).filter(|next| !next.is_empty()) {
            if next.starts_with("/*") && !(directive && depth > 0) {
                (depth, length) = (depth + 1, length + 2);
            } else if next.starts_with("*/") {
                (depth, length) = (depth - 1, length + 2);
                if depth == 0 {
                    break;
                }
            } else {
                length += next.chars().next().map_or(1, char::len_utf8);
            }
        }
        if directive {
            self.begin();
        }
        self.at += length;
        if directive {
            self.token("/*!", false);
        }
    }

    /// How long the quoted thing is that begins here, if one does.
    fn quoted(&self) -> Option<usize> {
        let rest = self.rest();
        let first = rest.chars().next()?;
        if self.engine == EngineKind::Postgres && first == '$' {
            let tag = rest[1..].find('$').map(|end| &rest[..end + 2])?;
            let named = tag[1..tag.len() - 1].chars().all(|c| c.is_alphanumeric() || c == '_');
            return named.then(|| rest[tag.len()..].find(tag).map_or(rest.len(), |end| end + 2 * tag.len()));
        }
        let escaped = ["B'", "E'", "X'"].iter().any(|begin| rest.starts_with(begin));
        let (open, quote) = match first {
            'B' | 'E' | 'X' if escaped => (2, '\''),
            '\'' | '"' => (1, first),
            '`' if self.engine != EngineKind::Postgres => (1, first),
            _ => return None,
        };
        let backslash = escaped || (self.is_mysql() && quote != '`');
        let mut skip = false;
        for (at, c) in rest[open..].char_indices() {
            if skip {
                skip = false;
            } else if backslash && c == '\\' {
                skip = true;
            } else if c == quote {
                // Two of them are read as two texts side by side, which comes to the same.
                return Some(open + at + c.len_utf8());
            }
        }
        Some(rest.len())
    }

    fn word(&mut self) {
        let rest = self.rest();
        let of_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.');
        let length = rest.find(|c: char| !of_word(c)).unwrap_or(rest.len());
        // A word ends where the delimiter begins, which may be of its letters: `END$$`.
        let length = rest[..length].find(&*self.delimiter).filter(|at| *at > 0).unwrap_or(length);
        let word = &rest[..length];
        let keyword = word.chars().all(|c| c.is_alphabetic() || c == '_');
        let capitals = word.to_uppercase();
        if self.is_mysql() && capitals == "DELIMITER" {
            let line = rest[length..].lines().next().unwrap_or_default();
            let delimiter = line.trim().to_owned();
            self.at += length + line.len();
            if !delimiter.is_empty() {
                self.delimiter = delimiter;
            }
            return;
        }
        self.begin();
        self.at += length;
        self.token(&capitals, keyword);
    }

    /// Something of the statement was read: a word in capitals, or a sign.
    fn token(&mut self, text: &str, keyword: bool) {
        if self.parens > 0 && text != ")" {
            return;
        }
        if (keyword || text == "@") && self.words.len() <= CUTOFF {
            self.words.push(text.to_owned());
        }
        match self.engine {
            EngineKind::Postgres if keyword => self.block_of_postgres(text),
            EngineKind::Sqlite if keyword => match text {
                "BEGIN" | "CASE" => self.blocks += 1,
                "END" => self.blocks = self.blocks.saturating_sub(1),
                _ => {}
            },
            EngineKind::Mysql | EngineKind::Mariadb => self.block_of_mysql(text, keyword),
            EngineKind::Postgres | EngineKind::Sqlite => {}
        }
        if !text.is_empty() {
            self.last = text.to_owned();
        }
    }

    fn block_of_postgres(&mut self, word: &str) {
        match word {
            "ATOMIC" if self.last == "BEGIN" => self.blocks += 1,
            "CASE" if self.blocks > 0 => self.blocks += 1,
            "END" => self.blocks = self.blocks.saturating_sub(1),
            _ => {}
        }
    }

    /// `END` ends a block unless what follows says that it ends something else, so that it counts when that is read.
    fn block_of_mysql(&mut self, text: &str, keyword: bool) {
        let behind_end = self.last == "END";
        let atomic = self.engine == EngineKind::Mariadb && text == "ATOMIC" && self.last == "NOT";
        if keyword && ((text == "BEGIN" && self.is_stored_program()) || (text == "CASE" && !behind_end) || atomic) {
            self.blocks += 1;
        }
        if behind_end && !matches!(text, "IF" | "LOOP" | "REPEAT" | "WHILE") {
            self.blocks = self.blocks.saturating_sub(1);
            self.last.clear();
        }
    }

    fn is_stored_program(&self) -> bool {
        let kind = match self.words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["CREATE", "DEFINER", "@", kind, ..] if kind.chars().all(char::is_alphabetic) => (*kind).to_owned(),
            ["CREATE", kind, ..] => (*kind).to_owned(),
            _ => return false,
        };
        matches!(kind.as_str(), "PROCEDURE" | "FUNCTION" | "EVENT" | "TRIGGER")
    }
}

/// Whether the tool runs a statement that begins with these words in a transaction.
///
/// `ALTER TYPE ... ADD VALUE` is one of those that it does not only before PostgreSQL 12.
fn in_transaction(words: &[String], engine: EngineKind) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match engine {
        EngineKind::Postgres => !matches!(
            words.as_slice(),
            ["CREATE" | "DROP", "DATABASE" | "TABLESPACE" | "SUBSCRIPTION", ..]
                | ["ALTER", "SYSTEM", ..]
                | ["CREATE" | "DROP", "INDEX", "CONCURRENTLY", ..]
                | ["CREATE" | "DROP", "UNIQUE", "INDEX", "CONCURRENTLY", ..]
                | ["REINDEX", "SCHEMA" | "DATABASE" | "SYSTEM", ..]
                | ["REINDEX", "VERBOSE", "SCHEMA" | "DATABASE" | "SYSTEM", ..]
                | ["VACUUM", ..]
                | ["DISCARD", "ALL", ..]
        ),
        EngineKind::Sqlite => !matches!(words.as_slice(), ["PRAGMA", "FOREIGN_KEYS", ..]),
        EngineKind::Mysql | EngineKind::Mariadb => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, engine: EngineKind) -> Vec<&str> {
        statements(text, engine).unwrap().into_iter().map(|found| &text[found.range]).collect()
    }

    #[test]
    fn statements_end_where_the_tool_ends_them() {
        use EngineKind::{Mariadb, Mysql, Postgres, Sqlite};
        let cases: &[(EngineKind, &str, &[&str])] = &[
            (
                Postgres,
                "-- a;\nSELECT 1; ;\n/* ; /* ; */ */ SELECT 'a;''b', \"c;\" ;\n",
                &["SELECT 1", "SELECT 'a;''b', \"c;\" "],
            ),
            (Postgres, "SELECT $$a;$$; SELECT $x$;$$;$x$, $1", &["SELECT $$a;$$", "SELECT $x$;$$;$x$, $1"]),
            (
                Postgres,
                "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END; SELECT 2;",
                &["CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END", "SELECT 2"],
            ),
            (
                Sqlite,
                "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE WHEN 1 THEN 2 END; SELECT 1; END;\nSELECT 2",
                &["CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE WHEN 1 THEN 2 END; SELECT 1; END", "SELECT 2"],
            ),
            (Mysql, "SELECT 'a\\';b'; # c;\nSELECT `d;`;", &["SELECT 'a\\';b'", "SELECT `d;`"]),
            (
                Mysql,
                "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN IF 1 THEN SET @x = 1; END IF; SET @y = 2; END;\nSELECT 2;",
                &[
                    "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN IF 1 THEN SET @x = 1; END IF; SET @y = 2; END",
                    "SELECT 2",
                ],
            ),
            (
                Mysql,
                "CREATE PROCEDURE p() BEGIN CASE 1 WHEN 1 THEN SELECT 1; END CASE; END;SELECT 2",
                &["CREATE PROCEDURE p() BEGIN CASE 1 WHEN 1 THEN SELECT 1; END CASE; END", "SELECT 2"],
            ),
            (
                Mysql,
                "DELIMITER //\nCREATE PROCEDURE p()\nBEGIN SELECT 1; END//\nDELIMITER ;\nSELECT 2;",
                &["CREATE PROCEDURE p()\nBEGIN SELECT 1; END", "SELECT 2"],
            ),
            (
                Mysql,
                "DELIMITER $$\nCREATE PROCEDURE p() BEGIN SELECT 1; END$$\nDELIMITER ;\nSELECT a$b;",
                &["CREATE PROCEDURE p() BEGIN SELECT 1; END", "SELECT a$b"],
            ),
            (
                Mysql,
                "/*!40101 SET NAMES utf8 */; /* plain; */ START TRANSACTION;",
                &["/*!40101 SET NAMES utf8 */", "START TRANSACTION"],
            ),
            (
                Mariadb,
                "BEGIN NOT ATOMIC SELECT 1; SELECT 2; END; SELECT 3;",
                &["BEGIN NOT ATOMIC SELECT 1; SELECT 2; END", "SELECT 3"],
            ),
        ];
        for (engine, text, expected) in cases {
            assert_eq!(cut(text, *engine), *expected, "{text}");
        }
    }

    #[test]
    fn what_does_not_end_is_told_by_its_place() {
        assert_eq!(statements("SELECT 1;\nSELECT (2;", EngineKind::Postgres), Err(10));
        assert_eq!(statements("BEGIN;\nSELECT 1;\nCOMMIT;", EngineKind::Sqlite), Err(0));
        assert!(statements("BEGIN;\nSELECT 1;\nCOMMIT;", EngineKind::Postgres).is_ok());
    }

    #[test]
    fn some_statements_run_outside_of_a_transaction() {
        for (text, engine, expected) in [
            ("CREATE INDEX CONCURRENTLY i ON a (b)", EngineKind::Postgres, false),
            ("create unique index concurrently i on a (b)", EngineKind::Postgres, false),
            ("-- x\nVACUUM", EngineKind::Postgres, false),
            ("REINDEX DATABASE d", EngineKind::Postgres, false),
            ("CREATE INDEX i ON a (b)", EngineKind::Postgres, true),
            ("ALTER TYPE mood ADD VALUE 'x'", EngineKind::Postgres, true),
            ("PRAGMA foreign_keys = OFF", EngineKind::Sqlite, false),
            ("PRAGMA defer_foreign_keys = ON", EngineKind::Sqlite, true),
            ("CREATE TABLE a (b int)", EngineKind::Mysql, true),
        ] {
            assert_eq!(statements(text, engine).unwrap()[0].in_transaction, expected, "{text}");
        }
    }
}
