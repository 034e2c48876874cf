//! A migration history as plain data, whatever tool it was written for.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Call, Commands};

/// How the real tool wraps the statements of one script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionMode {
    /// The tool opens a transaction around the whole script.
    Wrapped,
    /// The same, and its driver stops at the commit where the script has ended the transaction itself (lib/pq), when all that
    /// the script did is there.
    WrappedOnce,
    /// The same, and behind a statement that ends the transaction the driver begins another one (JDBC without auto-commit).
    WrappedAnew,
    /// The tool sends the whole script in one message, which PostgreSQL runs as one implicit transaction unless the
    /// script controls transactions itself; a script of one statement runs outside a transaction block.
    Batch,
    /// Each statement commits by itself.
    Autocommit,
}

/// One direction of one migration.
#[derive(Clone, Debug)]
pub struct Script {
    /// The file, as it is to be printed: relative to the folder that the command was started in where possible.
    pub path: PathBuf,
    /// The whole text.
    pub text: Arc<str>,
    /// The line of the file at which `text` begins, counted from 1; more than 1 where one file holds both directions.
    pub first_line: usize,
    /// How the real tool wraps it.
    pub transaction: TransactionMode,
    /// Where the real tool cuts it into what it sends.
    pub cutting: Cutting,
    /// The scripts that run behind it as parts of the same step (`group-by`), each as the tool runs it.
    pub then: Vec<Script>,
    /// What the tool runs around it in the same step and is no migration: callbacks.
    pub callbacks: Callbacks,
    /// Whether it goes on in the session, and in the transaction, of the part before it.
    pub joined: bool,
    /// What the project's own tool is told; `None` where the text is SQL that is run here.
    pub call: Option<Call>,
    /// The line of the file at which this direction stands, where `text` is more than that.
    pub stands_at: Option<usize>,
    /// Byte ranges of the text that say nothing of what this direction does, in order: the other direction, the name of
    /// the parent. A change there is no change of this script.
    pub beside: Vec<Range<usize>>,
}

/// What a tool runs around a script.
#[derive(Clone, Debug, Default)]
pub struct Callbacks {
    /// Before it, first to last.
    pub before: Vec<Script>,
    /// Behind it, first to last.
    pub behind: Vec<Script>,
}

/// Where the real tool cuts a script into the statements that it sends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cutting {
    /// It sends the text as it is, and the server finds the statements.
    #[default]
    Server,
    /// As the product's own client does, with the client's commands: `DELIMITER` of the mysql client.
    Client,
    /// At marks or by rules of its own: each of these byte ranges of the text is sent as one message, comments included.
    Pieces(Vec<Range<usize>>),
    /// Not at all: the tool itself refuses it before anything is sent.
    Refused {
        /// What the tool does not take: a byte range of the text.
        span: Range<usize>,
        /// Why, and what to do.
        message: String,
    },
    /// The same, and the tool's driver takes one statement in a message.
    Singles {
        /// The byte ranges.
        pieces: Vec<Range<usize>>,
        /// What becomes of one that holds no statement.
        none: NoStatement,
        /// What becomes of one that holds more than one.
        more: MoreStatements,
    },
}

/// What becomes of a message that holds no statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoStatement {
    /// It is not sent.
    PassedOver,
    /// It is sent, and the server says what it makes of it.
    Sent,
    /// The driver refuses it.
    Refused,
}

/// What becomes of a message that holds more than one statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoreStatements {
    /// The driver or the server refuses it.
    Refused,
    /// The driver runs the first and says nothing of the others.
    FirstRuns,
}

impl Cutting {
    /// A text that the server cuts, as it is sent to MySQL and MariaDB: they refuse one without anything in it, while a comment is
    /// enough for them (error 1065).
    pub fn sent_to_mysql(text: &str) -> Self {
        let nothing = text.chars().all(|c| c.is_whitespace() || c == ';');
        if !nothing {
            return Self::Server;
        }
        let whole = 0..text.len();
        Self::Singles { pieces: vec![whole], none: NoStatement::Sent, more: MoreStatements::Refused }
    }
}

impl Script {
    /// A script that is a whole file, which the server cuts.
    pub fn new(path: PathBuf, text: Arc<str>, transaction: TransactionMode) -> Self {
        Self {
            path,
            text,
            first_line: 1,
            transaction,
            cutting: Cutting::Server,
            then: Vec::new(),
            callbacks: Callbacks::default(),
            joined: false,
            call: None,
            stands_at: None,
            beside: Vec::new(),
        }
    }

    /// A script that the project's own tool runs; `text` is that of its file, to be shown.
    pub fn by_tool(path: PathBuf, text: Arc<str>, call: Call) -> Self {
        Self { call: Some(call), ..Self::new(path, text, TransactionMode::Wrapped) }
    }

    /// This script and those behind it in the same step, with what the tool runs around them.
    pub fn parts(&self) -> impl Iterator<Item = &Script> {
        self.callbacks.before.iter().chain(self.own_parts()).chain(&self.callbacks.behind)
    }

    /// The parts that are the migration's own.
    pub fn own_parts(&self) -> impl Iterator<Item = &Script> {
        std::iter::once(self).chain(&self.then)
    }

    /// The number of this script among the parts.
    pub fn own_part(&self) -> usize {
        self.callbacks.before.len()
    }

    /// The callbacks that run by themselves, in a session of their own: what they make is no migration's.
    pub fn callbacks_alone(&self) -> impl Iterator<Item = &Script> {
        let own = self.own_part()..self.own_part() + 1 + self.then.len();
        let joined = self.parts().skip(1).map(|next| next.joined).chain([false]);
        let parts = self.parts().zip(joined).enumerate();
        parts.filter_map(move |(number, (part, goes_on))| {
            (!own.contains(&number) && !part.joined && !goes_on).then_some(part)
        })
    }

    /// Whether the step is this script alone.
    pub fn is_alone(&self) -> bool {
        self.then.is_empty() && self.callbacks.before.is_empty() && self.callbacks.behind.is_empty()
    }

    /// The part with this number, counted from 0; the script itself where there is none.
    pub fn part(&self, number: usize) -> &Script {
        self.parts().nth(number).unwrap_or(self)
    }

    /// Whether another script says the same in each of its own parts, to the byte.
    pub fn says_the_same(&self, other: &Script) -> bool {
        self.own_parts().map(Self::said).eq(other.own_parts().map(Self::said))
    }

    /// The text without what stands beside this direction in its file.
    pub fn said(&self) -> Cow<'_, str> {
        let mut said = String::new();
        let mut from = 0;
        for beside in &self.beside {
            said.push_str(self.text.get(from..beside.start).unwrap_or_default());
            from = from.max(beside.end);
        }
        if from == 0 {
            return Cow::Borrowed(&self.text);
        }
        said.push_str(self.text.get(from..).unwrap_or_default());
        Cow::Owned(said)
    }

    /// The line of the file that a finding on the whole script points at, counted from 1.
    pub fn line(&self) -> usize {
        self.stands_at.unwrap_or(self.first_line)
    }
}

/// One migration.
#[derive(Clone, Debug)]
pub struct Migration {
    /// The file stem or folder name without the direction, or the revision id.
    pub id: String,
    /// The version by which the tool orders and remembers it.
    pub version: String,
    /// The ids of the migrations that it follows; for formats without declared parents the one before it.
    pub parents: Vec<String>,
    /// The line at which its file names these, counted from 1, where it does.
    pub parents_at: Option<usize>,
    /// The forward script.
    pub up: Script,
    /// The backward script, where there is one.
    pub down: Option<Script>,
    /// The language it is written in, where that is not SQL: `Go`. Its scripts are then empty and never run.
    pub language: Option<&'static str>,
    /// Why it is not run on a new database, where the configuration or the real tool says so.
    pub skip: Option<String>,
    /// The id of an earlier migration that keeps the tool from ever running this one on a database where it ran already.
    pub overtaken_by: Option<String>,
    /// Whether the tool never undoes it and passes over it on the way back, since it runs it anew whenever it changes.
    pub repeatable: bool,
    /// Whether it belongs to a package that the project uses, so that it is run and is not the project's to mend.
    pub of_a_package: bool,
    /// The ids of further migrations that have to run before it, and that it does not follow in line: those of other apps
    /// (Django), `depends_on` (Alembic).
    pub depends_on: Vec<String>,
    /// The ids of the migrations in whose place it runs on a new database (Django's squashed migrations).
    pub replaces: Vec<String>,
    /// The line of its own that it belongs to on purpose, where the tool knows several in one history: an app (Django), a
    /// branch with a label (Alembic).
    pub branch: Option<String>,
}

impl Migration {
    /// A migration in SQL, whose parents are not known yet.
    pub fn new(id: String, version: String, up: Script, down: Option<Script>) -> Self {
        Self {
            id,
            version,
            parents: Vec::new(),
            parents_at: None,
            up,
            down,
            language: None,
            skip: None,
            overtaken_by: None,
            repeatable: false,
            of_a_package: false,
            depends_on: Vec::new(),
            replaces: Vec::new(),
            branch: None,
        }
    }

    /// The ids of all that have to run before it.
    pub fn before(&self) -> impl Iterator<Item = &String> {
        self.parents.iter().chain(&self.depends_on)
    }

    /// A migration that is not in SQL, whose parents are not known yet.
    pub fn in_language(id: String, version: String, file: PathBuf, language: &'static str) -> Self {
        let script = Script::new(file, Arc::from(""), TransactionMode::Wrapped);
        Self { language: Some(language), ..Self::new(id, version, script, None) }
    }
}

/// What the configuration says of how the files are to be read, beyond the format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Which migrations are parts of one step.
    pub group_by: Option<GroupBy>,
    /// Folders whose files belong to the history too.
    pub locations: Vec<PathBuf>,
    /// What placeholders in scripts stand for, by name.
    pub placeholders: BTreeMap<String, String>,
    /// What runs them, for the format `command`.
    pub commands: Option<Commands>,
}

/// Which migrations are parts of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// Those whose versions begin with the same fourteen digits, as histories that were cut into single statements have it.
    VersionPrefix,
}

/// A file in the migrations folder that the format does not read.
#[derive(Clone, Debug)]
pub struct Unmatched {
    /// The file, as it is to be printed.
    pub path: PathBuf,
    /// Why the format does not read it, as a clause: `its name has no version`.
    pub reason: String,
}

/// All migrations of one database, in the order in which the real tool runs them.
#[derive(Clone, Debug)]
pub struct History {
    /// The name of the format.
    pub format: &'static str,
    /// The folder they were read from, as it is to be printed.
    pub folder: PathBuf,
    /// The migrations, first to last. Two may have the same version; that is for a rule to judge.
    pub migrations: Vec<Migration>,
    /// Files that were not read.
    pub unmatched: Vec<Unmatched>,
    /// Whether the format or this project's use of it knows no down scripts at all (sqlx's one-way migrations).
    pub one_way: bool,
    /// Whether the files themselves say which migrations each one follows. Where they do not, each follows the one before it.
    pub declares_parents: bool,
}

impl History {
    /// Notes which migrations the configuration has skipped, and why; `reason` is asked for each id.
    pub fn note_skips(&mut self, reason: impl Fn(&str) -> Option<String>) {
        for migration in &mut self.migrations {
            migration.skip = reason(&migration.id).or(migration.skip.take());
        }
    }

    /// The migrations that nothing here can run, and of which the configuration does not say that they are to be skipped.
    pub fn undeclared(&self) -> impl Iterator<Item = (&Migration, &'static str)> {
        let undeclared = self.migrations.iter().filter(|migration| migration.skip.is_none());
        undeclared.filter_map(|migration| Some((migration, migration.language?)))
    }

    /// The history of a format without declared parents: each migration follows the one before it. It goes one way where it
    /// has migrations in SQL and none of them a down.
    pub(super) fn in_a_row(
        format: &'static str,
        folder: PathBuf,
        mut migrations: Vec<Migration>,
        mut unmatched: Vec<Unmatched>,
    ) -> Self {
        for index in 1..migrations.len() {
            migrations[index].parents = vec![migrations[index - 1].id.clone()];
        }
        unmatched.sort_by(|a, b| a.path.cmp(&b.path));
        let mut in_sql = migrations.iter().filter(|migration| migration.language.is_none()).peekable();
        let one_way = in_sql.peek().is_some() && in_sql.all(|migration| migration.down.is_none());
        Self { format, folder, migrations, unmatched, one_way, declares_parents: false }
    }
}
