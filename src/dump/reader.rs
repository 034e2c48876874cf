//! Reads a dump piece by piece, so that its size does not matter: no more of it is held than its longest statement. The
//! rows behind `COPY ... FROM STDIN` are passed over as bytes: a schema has none.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::DumpError;
use crate::engine::mysql::split::{Cutter, Rules};
use crate::engine::{Cut, SplitError, Statement, postgres, sqlite};
use crate::history::EngineKind;

/// How much is read at a time.
const CHUNK: usize = 1 << 20;

/// How much of the end of a file is looked at for the words with which dumps end.
const TAIL: usize = 1 << 16;

/// A piece of a dump.
#[derive(Debug)]
pub(super) enum Piece {
    /// A statement: its text, and where it is in the file. Its span is that of the text.
    Statement {
        /// The text.
        text: String,
        /// The statement, with the line of the file.
        statement: Statement,
    },
    /// A line with a command of the product's shell.
    Command {
        /// The line.
        text: String,
        /// Its number.
        line: usize,
        /// The line of a statement before it that has no semicolon, if there is one.
        open: Option<usize>,
    },
}

/// How a dump is cut.
enum How {
    /// All of it by the same rules.
    Alike(fn(&str) -> Result<Cut, SplitError>),
    /// By rules that commands in it change.
    AsToldBefore(Cutter),
}

impl How {
    fn cut(&self, text: &str) -> Result<Cut, SplitError> {
        match self {
            Self::Alike(cut) => cut(text),
            Self::AsToldBefore(cutter) => cutter.cut(text),
        }
    }
}

/// A dump that is being read.
pub(super) struct Reader {
    path: PathBuf,
    file: File,
    cut: How,
    /// What was read and is UTF-8; it is used up to `at`.
    text: String,
    at: usize,
    /// The line at `at`.
    line: usize,
    /// What was read behind that.
    raw: Vec<u8>,
    ended: bool,
    tail: Vec<u8>,
}

impl Reader {
    /// Opens a dump of this product.
    pub(super) fn open(path: &Path, engine: EngineKind) -> Result<Self, DumpError> {
        let file = File::open(path).map_err(|source| DumpError::Unreadable { file: path.to_owned(), source })?;
        let cut = match engine {
            EngineKind::Postgres => How::Alike(postgres::split::cut),
            EngineKind::Sqlite => How::Alike(sqlite::split::cut),
            EngineKind::Mysql | EngineKind::Mariadb => How::AsToldBefore(Cutter::new(Rules::newest(engine))),
        };
        Ok(Self {
            path: path.to_owned(),
            file,
            cut,
            text: String::new(),
            at: 0,
            line: 1,
            raw: Vec::new(),
            ended: false,
            tail: Vec::new(),
        })
    }

    /// An error at a line.
    pub(super) fn error(&self, line: usize, message: impl Into<String>) -> DumpError {
        DumpError::At { file: self.path.clone(), line, message: message.into() }
    }

    /// The end of what was read so far.
    pub(super) fn tail(&self) -> &[u8] {
        &self.tail
    }

    /// The next piece; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Piece>, DumpError> {
        loop {
            let rest = &self.text[self.at..];
            let cut = self.cut.cut(rest).map_err(|error| self.error(self.line + error.line - 1, error.message))?;
            match cut {
                Cut::Statement { statement, end } => return Ok(Some(self.take(statement, end))),
                Cut::Rows { statement, rows } => {
                    let piece = self.take(statement, rows);
                    self.pass_over_rows().await?;
                    return Ok(Some(piece));
                }
                Cut::Command { at } => {
                    let length = rest[at..].find('\n').map(|length| length + 1);
                    if length.is_none() && self.more().await? {
                        continue;
                    }
                    let rest = &self.text[self.at..];
                    let line = self.line + newlines(&rest[..at]);
                    let end = length.map_or(rest.len(), |length| at + length);
                    let text = rest[at..end].to_owned();
                    let open = match self.cut.cut(&rest[..at]) {
                        Ok(Cut::Open { statement: Some(open), .. }) => Some(self.line + open.line - 1),
                        _ => None,
                    };
                    self.advance(end);
                    if let How::AsToldBefore(cutter) = &mut self.cut {
                        let told = cutter.command(text.trim_end());
                        told.map_err(|error| self.error(line, error.message))?;
                        continue;
                    }
                    return Ok(Some(Piece::Command { text, line, open }));
                }
                Cut::Open { statement, unterminated } => {
                    if self.more().await? {
                        continue;
                    }
                    if let Some(error) = unterminated {
                        return Err(self.error(self.line + error.line - 1, error.message));
                    }
                    let end = self.text.len() - self.at;
                    return Ok(statement.map(|statement| self.take(statement, end)));
                }
            }
        }
    }

    fn take(&mut self, statement: Statement, end: usize) -> Piece {
        let text = self.text[self.at..][statement.span.clone()].to_owned();
        let copy = statement.copy.map(|_| crate::engine::CopyData { span: 0..0 });
        let statement =
            Statement { span: 0..text.len(), line: self.line + statement.line - 1, copy, lead: statement.lead };
        self.advance(end);
        Piece::Statement { text, statement }
    }

    fn advance(&mut self, bytes: usize) {
        self.line += newlines(&self.text[self.at..self.at + bytes]);
        self.at += bytes;
    }

    /// Reads on until there is at least twice as much text as now, so that a long statement is looked at a few times only.
    /// Whether there is any more.
    async fn more(&mut self) -> Result<bool, DumpError> {
        self.text.drain(..self.at);
        self.at = 0;
        let before = self.text.len();
        while self.text.len() <= before * 2 {
            let read = self.read().await?;
            self.decode()?;
            if read == 0 {
                break;
            }
        }
        if self.ended && self.text.len() == before && !self.raw.is_empty() {
            return Err(self.not_text());
        }
        Ok(self.text.len() > before)
    }

    /// Reads a chunk into `raw`. Waits for nothing, but lets signals be heard.
    async fn read(&mut self) -> Result<usize, DumpError> {
        tokio::task::yield_now().await;
        let before = self.raw.len();
        let unreadable = |source| DumpError::Unreadable { file: self.path.clone(), source };
        let wanted = u64::try_from(CHUNK).unwrap_or(u64::MAX);
        let read = (&mut self.file).take(wanted).read_to_end(&mut self.raw).map_err(unreadable)?;
        self.ended |= read == 0;
        let new = &self.raw[before..];
        if new.len() >= TAIL {
            self.tail = new[new.len() - TAIL..].to_vec();
        } else {
            self.tail.extend_from_slice(new);
            self.tail.drain(..self.tail.len().saturating_sub(TAIL));
        }
        Ok(read)
    }

    /// Moves what is UTF-8 at the start of `raw` into the text.
    fn decode(&mut self) -> Result<(), DumpError> {
        let (valid, broken) = match std::str::from_utf8(&self.raw) {
            Ok(text) => (text.len(), false),
            Err(error) => (error.valid_up_to(), error.error_len().is_some()),
        };
        if valid == 0 && broken {
            return Err(self.not_text());
        }
        let bytes: Vec<u8> = self.raw.drain(..valid).collect();
        let mut text = String::from_utf8(bytes).map_err(|_| self.not_text())?;
        if self.line == 1 && self.at == 0 && self.text.is_empty() && text.starts_with('\u{feff}') {
            text.remove(0);
        }
        self.text.push_str(&text);
        Ok(())
    }

    fn not_text(&self) -> DumpError {
        let line = self.line + newlines(&self.text[self.at..]);
        self.error(line, "is not UTF-8; dump with `pg_dump --encoding=UTF8`, or convert the file with iconv")
    }

    /// Passes over rows up to the line `\.`, without looking at what they hold.
    async fn pass_over_rows(&mut self) -> Result<(), DumpError> {
        let began = self.line;
        let mut pending = self.text.split_off(self.at).into_bytes();
        pending.append(&mut self.raw);
        self.raw = pending;
        loop {
            let mut used = 0;
            for line in self.raw.split_inclusive(|byte| *byte == b'\n') {
                let whole = line.ends_with(b"\n") || self.ended;
                if !whole {
                    break;
                }
                used += line.len();
                self.line += 1;
                if matches!(line, b"\\." | b"\\.\n" | b"\\.\r\n") {
                    self.raw.drain(..used);
                    return self.decode();
                }
            }
            self.raw.drain(..used);
            if self.ended {
                let message =
                    "the rows of COPY ... FROM STDIN begin here, and no line `\\.` ends them: the file is cut off";
                return Err(self.error(began, message));
            }
            self.read().await?;
        }
    }
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// The pieces of a text as `line: first words`, or the error.
    fn pieces(engine: EngineKind, bytes: &[u8]) -> Result<Vec<String>, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("dump.sql");
        fs::write(&file, bytes).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut reader = Reader::open(&file, engine).unwrap();
            let mut pieces = Vec::new();
            loop {
                match reader.next().await {
                    Ok(Some(Piece::Statement { text, statement })) => {
                        assert_eq!(statement.span, 0..text.len());
                        let rows = if statement.copy.is_some() { " with rows" } else { "" };
                        pieces.push(format!("{}: {}{rows}", statement.line, statement.lead));
                    }
                    Ok(Some(Piece::Command { text, line, .. })) => pieces.push(format!("{line}: {}", text.trim_end())),
                    Ok(None) => return Ok(pieces),
                    Err(error) => return Err(error.to_string().replace(&*file.display().to_string(), "dump.sql")),
                }
            }
        })
    }

    #[test]
    fn a_dump_is_cut_as_psql_does() {
        let dump = "\u{feff}--\n\\restrict abc\nSET a = 'b;\n';\nCREATE FUNCTION f() RETURNS int\nBEGIN ATOMIC\n SELECT 1;\nEND;\n\
                    COPY t (a) FROM stdin;\n1\t\\.x\n\\\\.\n;'\"$$\n\\.\n\n\\connect app\nSELECT 1";
        let cut = pieces(EngineKind::Postgres, dump.as_bytes()).unwrap();
        assert_eq!(
            cut,
            [
                "2: \\restrict abc",
                "3: SET A",
                "5: CREATE FUNCTION F",
                "9: COPY T with rows",
                "15: \\connect app",
                "16: SELECT"
            ]
        );
        let crlf = pieces(EngineKind::Postgres, dump.replace('\n', "\r\n").as_bytes()).unwrap();
        assert_eq!(crlf.len(), cut.len());
    }

    #[test]
    fn pieces_larger_than_a_chunk_are_whole() {
        let long = "x".repeat(3 * CHUNK);
        let rows = format!("{long}\n").repeat(3);
        let dump = format!("SELECT '{long}';\nCOPY t FROM stdin;\n{rows}\\.\nSELECT 'é';\n");
        assert_eq!(
            pieces(EngineKind::Postgres, dump.as_bytes()).unwrap(),
            ["1: SELECT", "2: COPY T FROM STDIN with rows", "7: SELECT"]
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (bytes, expected) in [
            (&b"SELECT 1;\nSELECT 'a;\n"[..], "dump.sql:2: unterminated quoted string begins here"),
            (
                b"SELECT 1;\nCOPY t FROM stdin;\n1\n",
                "dump.sql:3: the rows of COPY ... FROM STDIN begin here, and no line",
            ),
            (b"SELECT 1;\nSELECT '\xe9';\n", "dump.sql:2: is not UTF-8"),
            (b"SELECT 1;\nSELECT\0 2;\n", "dump.sql:2: a NUL character"),
        ] {
            let error = pieces(EngineKind::Postgres, bytes).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
        let rows = b"COPY t FROM stdin;\n\xe9\n\\.\nSELECT 1;";
        assert_eq!(pieces(EngineKind::Postgres, rows).unwrap().len(), 2, "rows may be of any encoding");
    }

    #[test]
    fn delimiters_of_mysql_are_heeded() {
        let dump = "/*M!999999\\- enable the sandbox mode */ \nCREATE TABLE a (b int);\nDELIMITER ;;\n\
                    /*!50003 CREATE*/ /*!50003 TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET @a = 1; END */;;\n\
                    DELIMITER ;\nSELECT 1";
        let expected = ["2: CREATE TABLE A", "4: CREATE TRIGGER T BEFORE", "6: SELECT"];
        for engine in [EngineKind::Mysql, EngineKind::Mariadb] {
            assert_eq!(pieces(engine, dump.as_bytes()).unwrap(), expected);
        }
        let error = pieces(EngineKind::Mysql, b"SELECT 1;\n\\! rm secret\n").unwrap_err();
        assert!(error.starts_with("dump.sql:2: `\\!` is a command of the mysql client"), "{error}");
        assert!(!error.contains("secret"));
    }

    #[test]
    fn triggers_of_sqlite_are_whole() {
        let dump = "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TRIGGER t AFTER INSERT ON a BEGIN\n SELECT 1; END;\nCOMMIT;\n";
        let cut = pieces(EngineKind::Sqlite, dump.as_bytes()).unwrap();
        assert_eq!(cut, ["1: PRAGMA FOREIGN_KEYS", "2: BEGIN TRANSACTION", "3: CREATE TRIGGER T AFTER", "5: COMMIT"]);
    }
}
