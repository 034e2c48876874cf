//! One disposable SQLite database: a file, the migration session, and copies of the file as forks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use super::catalog;
use super::complete::Completer;
use super::functions;
use super::reading::{self, Answer};
use super::split::split;
use crate::engine::rows::{Reading, RowReader};
use crate::engine::{
    Engine, EngineError, Fork, Moment, Refusal, RefusalKind, Rows, SessionSpec, SplitError, Statement,
};
use crate::schema::Snapshot;

/// How many of SQLite's virtual machine instructions pass between two looks at whether to give up (some milliseconds).
const INSTRUCTIONS_BETWEEN_CHECKS: i32 = 100_000;

/// `SQLITE_BUSY` (SQLite manual, "Result and Error Codes").
const BUSY: &str = "5";

/// How SQLite says that nobody registered a function.
const UNKNOWN_FUNCTION: &str = "no such function: ";
const DECLARE: &str = "HINT: a function that the application registers is declared in rollproof.yml, with its number of \
                       arguments: `functions: {NAME: 1}`";

/// A disposable database in a file of its own.
pub struct Sqlite {
    file: PathBuf,
    functions: BTreeMap<String, i32>,
    query: String,
    completer: Completer,
    session: Option<SqliteConnection>,
    reader: Option<SqliteConnection>,
    read: Answer,
    give_up: Arc<AtomicBool>,
    rows: RowReader,
    last: Reading,
    forks: Vec<Fork>,
    made: usize,
}

impl Sqlite {
    /// A database in `file`, which is made empty.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn create(file: &Path) -> Result<Self, EngineError> {
        Self::with_functions(file, BTreeMap::new()).await
    }

    /// The same, where every connection knows functions of these names and numbers of arguments, which give NULL.
    ///
    /// # Errors
    /// When the file cannot be written, or a function cannot be declared.
    pub async fn with_functions(file: &Path, functions: BTreeMap<String, i32>) -> Result<Self, EngineError> {
        let mut this = Self {
            file: file.to_owned(),
            functions,
            query: catalog::query(),
            completer: Completer::default(),
            session: None,
            reader: None,
            read: Answer::default(),
            give_up: Arc::default(),
            rows: RowReader::new(),
            last: Reading::default(),
            forks: Vec::new(),
            made: 0,
        };
        this.recreate().await?;
        Ok(this)
    }

    async fn connect(&self) -> Result<SqliteConnection, EngineError> {
        // SQLite's own default is foreign keys off; a tool that turns them on says so in its session.
        let options = SqliteConnectOptions::new().filename(&self.file).create_if_missing(true).foreign_keys(false);
        let mut connection = SqliteConnection::connect_with(&options).await.map_err(engine_error)?;
        functions::register(&mut connection, &self.functions).await?;
        Ok(connection)
    }

    async fn release(&mut self) {
        for connection in [self.session.take(), self.reader.take()].into_iter().flatten() {
            // A connection that cannot say goodbye is gone all the same.
            let _ = connection.close().await;
        }
    }

    /// Removes the database file and what SQLite keeps beside it.
    fn remove_files(&self) -> Result<(), EngineError> {
        for suffix in ["", "-journal", "-wal", "-shm"] {
            remove(&beside(&self.file, suffix))?;
        }
        Ok(())
    }

    fn session(&mut self) -> Result<&mut SqliteConnection, EngineError> {
        self.session.as_mut().ok_or_else(|| EngineError::unexpected("no migration session is open"))
    }

    async fn run(&mut self, sql: &str) -> Result<(), EngineError> {
        self.session()?.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(drop).map_err(engine_error)
    }
}

#[async_trait(?Send)]
impl Engine for Sqlite {
    fn split(&self, text: &str) -> Result<Vec<Statement>, SplitError> {
        split(text)
    }

    fn rollback_undoes_everything(&self) -> bool {
        // A copy of the file costs about a millisecond, and needs no trust in what a script does to its transaction.
        false
    }

    fn fork_pays_after_millis(&self) -> f64 {
        // Copying the file takes about a millisecond.
        0.0
    }

    fn may_be_caused_by_probing(&self, _code: Option<&str>) -> bool {
        false
    }

    fn leave_out(&mut self, objects: Vec<String>) {
        self.rows.leave_out(objects);
        self.last = Reading::default();
    }

    fn leave_out_kinds(&mut self, kinds: Vec<String>) {
        self.rows.leave_out_kinds(kinds);
        self.last = Reading::default();
    }

    fn unmatched(&self) -> Vec<String> {
        self.rows.unmatched()
    }

    fn database_name(&self) -> String {
        self.file.display().to_string()
    }

    async fn hand_over(&mut self) -> Result<(), EngineError> {
        match self.session.take() {
            Some(session) => session.close().await.map_err(engine_error),
            None => Ok(()),
        }
    }

    async fn have_back(&mut self, _said: &[String], _end_sessions: bool) -> Result<(), EngineError> {
        // A client that has ended holds no lock on a file.
        Ok(())
    }

    async fn open_session(&mut self, spec: &SessionSpec) -> Result<(), EngineError> {
        // Many settings of a SQLite connection cannot be reset, so that a clean session is a new connection.
        if let Some(session) = self.session.take() {
            session.close().await.map_err(engine_error)?;
        }
        let mut session = self.connect().await?;
        self.give_up = Arc::default();
        let give_up = Arc::clone(&self.give_up);
        session
            .lock_handle()
            .await
            .map_err(engine_error)?
            .set_progress_handler(INSTRUCTIONS_BETWEEN_CHECKS, move || !give_up.load(Ordering::Relaxed));
        self.session = Some(session);
        for statement in &spec.statements {
            self.run(statement).await.map_err(session_error)?;
        }
        Ok(())
    }

    async fn reset_session_in_transaction(&mut self, _spec: &SessionSpec) -> Result<(), EngineError> {
        Err(EngineError::unexpected("SQLite scripts are not tried out inside a transaction"))
    }

    async fn begin(&mut self) -> Result<(), EngineError> {
        self.run("BEGIN").await
    }

    async fn commit(&mut self) -> Result<(), EngineError> {
        self.run("COMMIT").await
    }

    async fn rollback(&mut self) -> Result<(), EngineError> {
        match self.run("ROLLBACK").await {
            // Some errors have already rolled back (SQLite manual, "Response To Errors Within A Transaction").
            Err(EngineError::Refused { .. }) | Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn execute(&mut self, text: &str, statement: &Statement) -> Result<(), EngineError> {
        self.run(&text[statement.span.clone()]).await
    }

    async fn snapshot(&mut self, _moment: Moment) -> Result<Snapshot, EngineError> {
        if self.reader.is_none() {
            self.reader = Some(self.connect().await?);
        }
        let Some(reader) = self.reader.as_mut() else {
            return Err(EngineError::unexpected("no connection to read by"));
        };
        let answer = match reading::read(&self.query, reader, &self.read).await.map_err(engine_error) {
            Err(EngineError::Refused { refusal }) if refusal.code.as_deref() == Some(BUSY) => {
                // A script may have taken the file for its session alone (PRAGMA locking_mode).
                if let Some(session) = self.session.take() {
                    session.close().await.map_err(engine_error)?;
                }
                reading::read(&self.query, reader, &self.read).await.map_err(engine_error)?
            }
            answer => answer?,
        };
        let rows = self.completer.complete(answer.rows())?;
        self.last = self.rows.update(&self.last, 0, &rows)?;
        self.read = answer;
        Ok(self.last.snapshot().clone())
    }

    async fn rows(&mut self) -> Result<Rows, EngineError> {
        // Going back is a copy of a file, cheaper than asking.
        Ok(Rows::Some(None))
    }

    async fn fork(&mut self) -> Result<Fork, EngineError> {
        self.release().await;
        self.made += 1;
        let fork = Fork(format!("-fork{}", self.made));
        let copy = beside(&self.file, &fork.0);
        std::fs::copy(&self.file, &copy).map_err(|error| file_error("copy", &self.file, &error))?;
        self.forks.push(fork.clone());
        Ok(fork)
    }

    async fn restore(&mut self, fork: Fork) -> Result<bool, EngineError> {
        self.release().await;
        let known = self.forks.len();
        self.forks.retain(|other| *other != fork);
        if self.forks.len() == known {
            return Ok(false);
        }
        self.remove_files()?;
        let copy = beside(&self.file, &fork.0);
        std::fs::rename(&copy, &self.file).map_err(|error| file_error("move", &copy, &error))?;
        Ok(true)
    }

    async fn discard(&mut self, fork: Fork) -> Result<(), EngineError> {
        self.forks.retain(|other| *other != fork);
        remove(&beside(&self.file, &fork.0))
    }

    async fn recreate(&mut self) -> Result<(), EngineError> {
        self.release().await;
        for fork in std::mem::take(&mut self.forks) {
            remove(&beside(&self.file, &fork.0))?;
        }
        self.remove_files()?;
        self.reader = Some(self.connect().await?);
        Ok(())
    }

    async fn abandon_session(&mut self) -> Result<(), EngineError> {
        // The statement runs in this process; it looks at the flag now and then and ends itself.
        self.give_up.store(true, Ordering::Relaxed);
        self.release().await;
        Ok(())
    }

    async fn check_cluster(&mut self) -> Result<(), EngineError> {
        Ok(())
    }

    async fn close(&mut self) -> Result<(), EngineError> {
        self.release().await;
        for fork in std::mem::take(&mut self.forks) {
            remove(&beside(&self.file, &fork.0))?;
        }
        self.remove_files()
    }
}

/// A statement of the session itself was refused, which says nothing about any script.
fn session_error(error: EngineError) -> EngineError {
    match error {
        EngineError::Refused { refusal } => EngineError::unexpected(format!(
            "the session for migrations could not be prepared: {}; check `prelude` in rollproof.yml",
            refusal.message
        )),
        other => other,
    }
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn remove(file: &Path) -> Result<(), EngineError> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(file_error("remove", file, &error)),
        _ => Ok(()),
    }
}

fn file_error(what: &str, file: &Path, error: &std::io::Error) -> EngineError {
    EngineError::unexpected(format!("cannot {what} the database file {}: {error}", file.display()))
}

/// The driver's error as data. SQLite gives no position through this driver; its code is the extended result code.
pub(super) fn engine_error(error: sqlx::Error) -> EngineError {
    match error {
        sqlx::Error::Database(error) => EngineError::Refused {
            refusal: Refusal {
                kind: RefusalKind::Server,
                code: error.code().map(|code| code.to_string()),
                message: error.message().to_owned(),
                detail: error.message().starts_with(UNKNOWN_FUNCTION).then(|| DECLARE.to_owned()),
                position: None,
            },
        },
        sqlx::Error::Io(cause) => EngineError::Lost { cause: cause.to_string() },
        sqlx::Error::WorkerCrashed => EngineError::Lost { cause: "the driver's worker ended".to_owned() },
        other => EngineError::unexpected(other.to_string()),
    }
}
