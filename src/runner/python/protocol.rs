//! What is said between us and the worker: one line of JSON each way.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::history::{Direction, EngineKind};
use crate::provision::Contact;
use crate::runner::{ErrorKind, Fault, Sent, StepError};

/// What the worker is asked.
#[derive(Debug, Serialize)]
#[serde(tag = "command", rename_all = "lowercase")]
pub(super) enum Request<'r> {
    /// To load the project.
    Start(Box<Start<'r>>),
    /// To tell all revisions.
    List,
    /// To run one revision.
    Step { direction: &'static str, revision: &'r str },
    /// To let go of the database.
    Release,
    /// To end.
    Quit,
}

/// The words of a direction.
pub(super) fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "up",
        Direction::Down => "down",
    }
}

/// What the worker has to know of the project.
#[derive(Debug, Serialize)]
pub(super) struct Start<'r> {
    pub(super) kind: &'r str,
    pub(super) root: &'r PathBuf,
    pub(super) migrations: &'r PathBuf,
    pub(super) engine: &'static str,
    pub(super) allowed: Vec<Target>,
    pub(super) url: &'r str,
    pub(super) sqlalchemy_url: &'r str,
    pub(super) hook: Option<&'r str>,
    pub(super) database: Option<&'r str>,
}

/// The one database that the project may connect to.
#[derive(Debug, Serialize)]
pub(super) struct Target {
    engine: &'static str,
    host: Option<String>,
    port: Option<u16>,
    socket: Option<PathBuf>,
    name: Option<String>,
    file: Option<String>,
}

impl From<&Contact> for Target {
    fn from(contact: &Contact) -> Self {
        let is_file = contact.engine == EngineKind::Sqlite;
        let on_server = |text: &str| (!is_file && !text.is_empty()).then(|| text.to_owned());
        Self {
            engine: contact.engine.word(),
            host: on_server(&contact.host),
            port: (!is_file).then_some(contact.port),
            socket: contact.socket.clone(),
            name: on_server(&contact.name),
            file: is_file.then(|| contact.name.clone()),
        }
    }
}

/// What the worker answers. Which fields are there depends on the question.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    pub(super) ok: bool,
    pub(super) error: Option<Failure>,
    pub(super) refused: Vec<Refused>,
    pub(super) notes: Vec<String>,
    pub(super) tool: String,
    pub(super) python: String,
    pub(super) framework: Option<String>,
    pub(super) bookkeeping: Vec<String>,
    pub(super) imports_millis: f64,
    pub(super) revisions: Vec<Listed>,
    pub(super) millis: f64,
    pub(super) statements: Vec<SentStatement>,
}

/// A connection that the worker did not let the project make.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Refused {
    pub(super) target: String,
    #[serde(rename = "where")]
    pub(super) place: Option<String>,
}

/// One revision as the project's tool knows it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Listed {
    /// Its id: `1975ea83b712`, `blog.0001_initial`.
    pub id: String,
    /// The revisions that it follows.
    pub parents: Vec<String>,
    /// Those that have to be there besides.
    pub depends_on: Vec<String>,
    /// Its file.
    pub file: PathBuf,
    /// The line at which it begins, counted from 1.
    pub line: Option<usize>,
    /// What can be said of its way back.
    pub down: Direct,
    /// Why there is none.
    pub why: Option<String>,
    /// The app that it is of, where the tool knows apps.
    pub app: Option<String>,
    /// Whether it is the project's own, and not of a package that it uses.
    pub ours: Option<bool>,
}

/// What can be said of a way back before it is tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direct {
    /// It is there.
    #[default]
    Present,
    /// It does nothing.
    Empty,
    /// It refuses.
    Raises,
    /// There is none.
    Missing,
}

/// A statement that the worker saw.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SentStatement {
    sql: String,
    millis: f64,
    rows: Option<i64>,
    line: Option<usize>,
    reads: bool,
}

impl From<SentStatement> for Sent {
    fn from(sent: SentStatement) -> Self {
        let SentStatement { sql, millis, rows, line, reads } = sent;
        Self { sql, millis, rows: rows.and_then(|rows| u64::try_from(rows).ok()), line, reads }
    }
}

/// An error as the worker tells it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Failure {
    pub(super) kind: String,
    #[serde(rename = "type")]
    pub(super) class: Option<String>,
    pub(super) code: Option<String>,
    pub(super) message: String,
    pub(super) detail: Option<String>,
    pub(super) file: Option<PathBuf>,
    pub(super) line: Option<usize>,
    pub(super) statement: Option<String>,
    pub(super) frames: Vec<Frame>,
    pub(super) missing_module: Option<String>,
}

/// A place in the project's own files that an error came through.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Frame {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) function: String,
    pub(super) code: Option<String>,
}

impl Failure {
    /// What a step that ended so is told to have failed with.
    pub(super) fn into_fault(self) -> Fault {
        let kind = match self.kind.as_str() {
            "server" => ErrorKind::Server,
            "refused" => ErrorKind::Refused,
            _ => ErrorKind::Tool,
        };
        let mut detail: Vec<String> = self.detail.into_iter().collect();
        detail.extend(self.statement.map(|statement| format!("STATEMENT: {statement}")));
        detail.extend(self.class.filter(|_| kind == ErrorKind::Tool).map(|class| format!("RAISED: {class}")));
        let error = StepError {
            kind,
            code: self.code,
            message: self.message,
            detail: (!detail.is_empty()).then(|| detail.join("\n")),
            part: 0,
            line: self.line.unwrap_or(1),
            span: 0..0,
            statement: 0..0,
        };
        Fault { error, file: self.file }
    }

    /// Why the project cannot be loaded, in full: the cause, the way there through the project's own files.
    pub(super) fn told(&self) -> String {
        let mut told = match (&self.missing_module, &self.class) {
            (Some(module), _) => format!("the module `{module}` is missing: {}", self.message),
            // Words of the language's own errors begin with their names already.
            (None, Some(class)) if !self.message.starts_with(class.rsplit('.').next().unwrap_or_default()) => {
                format!("{class}: {}", self.message)
            }
            (None, _) => self.message.clone(),
        };
        if let Some(detail) = &self.detail {
            told.push_str(&format!("\n{detail}"));
        }
        for Frame { file, line, function, code } in &self.frames {
            told.push_str(&format!("\n  at {file}:{line} in {function}"));
            if let Some(code) = code {
                told.push_str(&format!(": {}", code.trim()));
            }
        }
        told
    }
}
