//! What the replay asks of an engine. Every product answers the same questions, so that nothing above this line knows
//! which one it talks to.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::{EngineError, Overheard, SplitError, Statement};
use crate::schema::Snapshot;

/// When a snapshot is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Outside any transaction: what other sessions see.
    Committed,
    /// Inside the migration session's open transaction.
    InTransaction,
}

/// A remembered state of the database; only the engine that made it knows what the name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fork(pub String);

/// What the tables of the migrations hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rows {
    /// No row at all.
    None,
    /// Rows, or perhaps rows; where the engine can tell it, a fingerprint of each table that is not empty, which is the same
    /// exactly when its rows are and the counter that numbers them.
    Some(Option<BTreeMap<String, String>>),
}

impl Rows {
    /// The tables that do not hold the same in both; `None` where the engine cannot tell.
    pub fn differing(&self, other: &Self) -> Option<BTreeSet<String>> {
        let none = BTreeMap::new();
        let tables = |rows: &'_ Self| match rows {
            Self::None => Some(none.clone()),
            Self::Some(tables) => tables.clone(),
        };
        let (one, other) = (tables(self)?, tables(other)?);
        let all = one.keys().chain(other.keys());
        Some(all.filter(|table| one.get(*table) != other.get(*table)).cloned().collect())
    }
}

/// The session that migrations run in.
#[derive(Clone, Debug, Default)]
pub struct SessionSpec {
    /// Statements that turn a fresh connection into what the real tool has, then the configuration's prelude.
    pub statements: Vec<String>,
    /// The role that runs the migrations; `None` is the one that connects.
    pub role: Option<String>,
}

/// One disposable database on one server.
///
/// There is one migration session at a time. Where a method says "session", it is that one; snapshots of committed
/// states never depend on what a migration did to its session.
#[async_trait(?Send)]
pub trait Engine {
    /// Cuts a script into statements.
    ///
    /// # Errors
    /// When the text cannot be cut: an unterminated quote, a command of the product's shell.
    fn split(&self, text: &str) -> Result<Vec<Statement>, SplitError>;

    /// Cuts a script as the product's own client does, which has commands that no server knows (`DELIMITER`).
    ///
    /// # Errors
    /// As [`Engine::split`].
    fn split_as_client(&self, text: &str) -> Result<Vec<Statement>, SplitError> {
        self.split(text)
    }

    /// Whether the statement that ran last changed how what follows it in the script is to be cut, once for each change:
    /// `sql_mode` of MySQL and MariaDB does.
    fn cuts_otherwise_now(&mut self) -> bool {
        false
    }

    /// Whether a rollback takes back everything that a transactional script did, so that a down may be tried out inside
    /// a transaction and undone for nothing.
    fn rollback_undoes_everything(&self) -> bool;

    /// Whether statements that change the schema commit by themselves, with all that came before them, so that neither a
    /// transaction nor a message of several statements is done as a whole or not at all.
    fn ddl_commits_by_itself(&self) -> bool {
        false
    }

    /// How many milliseconds of migrations have to lie behind the last fork for another fork to be worth its cost.
    fn fork_pays_after_millis(&self) -> f64;

    /// Whether this refusal may come from trying out two scripts in one transaction rather than from the scripts: an
    /// enum value used before its commit, pending trigger events, a statement that refuses transaction blocks.
    fn may_be_caused_by_probing(&self, code: Option<&str>) -> bool;

    /// What is left out of every later snapshot together with its parts, as [`crate::schema::ObjectId`] prints it.
    fn leave_out(&mut self, objects: Vec<String>);

    /// The kinds that are left out of every later snapshot together with their parts, as a user names them
    /// ([`crate::schema::names_kind`]). Queries for nothing else are not asked any more. Before the first session.
    fn leave_out_kinds(&mut self, kinds: Vec<String>);

    /// Those of the objects to be left out that no snapshot has met.
    fn unmatched(&self) -> Vec<String>;

    /// What a reader should know of the server.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// The name of the database on its server; the path of its file for SQLite.
    fn database_name(&self) -> String;

    /// Leaves the database to another client, the project's own tool: ends the session, and takes nothing that is remembered of
    /// the database for granted any more.
    async fn hand_over(&mut self) -> Result<(), EngineError>;

    /// Keeps a log of what other clients send from now on. `false` where there can be none: on a server that is not ours, or
    /// in an engine that knows no log.
    async fn listen(&mut self) -> Result<bool, EngineError> {
        Ok(false)
    }

    /// What they have sent since, as far as it was listened to.
    async fn heard(&mut self) -> Result<Overheard, EngineError> {
        Ok(Overheard::default())
    }

    /// Has the database back from the other client, which has sent these statements as far as anybody saw, and whose sessions
    /// are not to be there any more where `end_sessions`.
    async fn have_back(&mut self, said: &[String], end_sessions: bool) -> Result<(), EngineError>;

    /// Gives the next script a clean session as [`SessionSpec`] describes it. Outside a transaction.
    async fn open_session(&mut self, spec: &SessionSpec) -> Result<(), EngineError>;

    /// The same inside an open transaction, as far as settings go.
    async fn reset_session_in_transaction(&mut self, spec: &SessionSpec) -> Result<(), EngineError>;

    /// Begins a transaction in the session.
    async fn begin(&mut self) -> Result<(), EngineError>;

    /// Commits the session's transaction.
    async fn commit(&mut self) -> Result<(), EngineError>;

    /// Rolls the session's transaction back, with what a rollback leaves (the values of sequences); harmless where there is
    /// no transaction.
    async fn rollback(&mut self) -> Result<(), EngineError>;

    /// Executes one statement in the session, with the rows that follow it in the script.
    async fn execute(&mut self, text: &str, statement: &Statement) -> Result<(), EngineError>;

    /// Reads the schema. What did not change is shared with the snapshot before. Inside a transaction, deferred
    /// constraints speak first as the commit would make them: a refusal is theirs.
    async fn snapshot(&mut self, moment: Moment) -> Result<Snapshot, EngineError>;

    /// What the tables of the migrations hold, of which snapshots tell nothing. May end the session.
    async fn rows(&mut self) -> Result<Rows, EngineError>;

    /// Remembers the committed state. Ends the session.
    async fn fork(&mut self) -> Result<Fork, EngineError>;

    /// Goes back to a remembered state, which is used up. Ends the session. `false` when that state cannot be had any
    /// more; the database is gone then, and [`Engine::recreate`] is to follow.
    async fn restore(&mut self, fork: Fork) -> Result<bool, EngineError>;

    /// Forgets a remembered state.
    async fn discard(&mut self, fork: Fork) -> Result<(), EngineError>;

    /// Replaces the database by an empty one, and takes back what it left outside of itself. Ends the session.
    async fn recreate(&mut self) -> Result<(), EngineError>;

    /// Ends the session by force, whatever it is doing, and waits until the server has let go of it.
    async fn abandon_session(&mut self) -> Result<(), EngineError>;

    /// After a committed step on a server that is not ours: that it neither made nor dropped what outlives a database.
    async fn check_cluster(&mut self) -> Result<(), EngineError>;

    /// Removes the database and closes every connection.
    async fn close(&mut self) -> Result<(), EngineError>;
}
