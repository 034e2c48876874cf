//! One disposable MySQL or MariaDB database: its session and its snapshots.

use async_trait::async_trait;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::{Connection as _, Row as _};

use super::cluster::{ClusterState, Question, Terms, make_users, outlives_the_database};
use super::connection::{connect, quoted, rows, run, without_settings};
use super::errors::{engine_error, explained, located, no_session};
use super::flavour::Flavour;
use super::prepared::end_prepared_transactions;
use super::reading::Catalog;
use super::rows as held_rows;
use super::session::Session;
use super::split::{self, Rules};
use crate::engine::rows::{Reading, RowReader};
use crate::engine::{Engine, EngineError, Fork, Moment, Rows, SessionSpec, SplitError, Statement};
use crate::schema::Snapshot;

/// What MariaDB does with a session behind XA PREPARE. MySQL takes the transaction from it (`xa_detach_on_prepare`).
const BEHIND_PREPARE: &str = "; until then MariaDB refuses everything else in the session that prepared it, so that a tool \
    that records the migration in that session fails there";

/// A disposable database on a MySQL or MariaDB server.
pub struct Mysql {
    server: MySqlConnectOptions,
    terms: Terms,
    flavour: Flavour,
    database: String,
    admin: MySqlConnection,
    session: Option<Session>,
    /// Whether the session may have prepared a transaction that outlives it.
    prepares: bool,
    /// The connection that reads, with what it may ask.
    reader: Option<(MySqlConnection, Catalog)>,
    left_out_kinds: Vec<String>,
    rows: RowReader,
    last: Reading,
    left_out: Vec<String>,
    notes: Vec<String>,
    /// How what outlives the database is asked for.
    question: Question,
    cluster_at_start: ClusterState,
    /// The same when the present script began, where it may not change it.
    cluster_at_step: ClusterState,
}

/// An empty database on the server that `admin` reaches.
///
/// # Errors
/// When the server cannot be reached, or refuses to make a database.
pub async fn create(admin: MySqlConnectOptions, terms: Terms) -> Result<Box<dyn Engine>, EngineError> {
    Ok(Box::new(Mysql::create(admin, terms).await?))
}

impl Mysql {
    /// Connects with these options and makes an empty database.
    ///
    /// # Errors
    /// When the server cannot be reached, or the user may not make databases.
    pub async fn create(server: MySqlConnectOptions, terms: Terms) -> Result<Self, EngineError> {
        let server = without_settings(server);
        let mut admin = connect(&server).await?;
        let flavour = flavour_of(&mut admin).await?;
        let database = format!("{}work", terms.prefix);
        let mut question = Question::new(&mut admin, flavour, &terms, &database).await?;
        let cluster_at_start = question.ask(&mut admin).await?;
        run(&mut admin, &format!("CREATE DATABASE {}", quoted(&database))).await?;
        if terms.owned {
            question.keep_grants(&mut admin).await?;
        }
        Ok(Self {
            server,
            terms,
            flavour,
            database,
            admin,
            session: None,
            prepares: false,
            reader: None,
            left_out_kinds: Vec::new(),
            rows: RowReader::new(),
            last: Reading::default(),
            left_out: Vec::new(),
            notes: Vec::new(),
            question,
            cluster_at_start,
            cluster_at_step: ClusterState::default(),
        })
    }

    /// Makes the users that production has before the first migration (`name` or `name@host`), where they are not there
    /// yet, and takes them for given from then on.
    ///
    /// # Errors
    /// When the server refuses, or is not ours to make users on.
    pub async fn make_users(&mut self, users: &[String]) -> Result<(), EngineError> {
        if users.is_empty() {
            return Ok(());
        }
        make_users(&mut self.admin, &self.terms, users).await?;
        self.cluster_at_start = self.question.ask(&mut self.admin).await?;
        self.question.keep_grants(&mut self.admin).await
    }

    /// What the server is.
    pub fn flavour(&self) -> Flavour {
        self.flavour
    }

    /// Whether migrations and dumps may make what outlives a database.
    pub fn may_change_cluster(&self) -> bool {
        self.terms.may_change_cluster()
    }

    /// Who reads and runs everything here, as `user@host`.
    ///
    /// # Errors
    /// When the server is gone.
    pub async fn account(&mut self) -> Result<String, EngineError> {
        let answer = rows(&mut self.admin, "SELECT CURRENT_USER()").await?;
        let row = answer.first().ok_or_else(no_session)?;
        row.try_get_unchecked(0).map_err(engine_error)
    }

    /// The name of the database.
    pub fn database(&self) -> &str {
        &self.database
    }

    async fn end_session(&mut self) {
        if let Some(session) = self.session.take() {
            session.close().await;
        }
    }

    /// Takes back the transactions that a script prepared and nobody ended. They outlive their session and hold its locks;
    /// what comes behind would wait for them. On a server of others they may be somebody else's.
    async fn end_prepared(&mut self) -> Result<(), EngineError> {
        if !std::mem::take(&mut self.prepares) || !self.terms.owned {
            return Ok(());
        }
        self.end_session().await;
        for name in end_prepared_transactions(&mut self.admin, self.flavour).await? {
            let note = format!(
                "a script left the prepared transaction {name} behind, which holds its locks until somebody ends it; it was \
                 rolled back{}",
                if self.flavour.is_mariadb() { BEHIND_PREPARE } else { "" }
            );
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        Ok(())
    }

    async fn own(&mut self, sql: &str) -> Result<(), EngineError> {
        run(&mut self.session.as_mut().ok_or_else(no_session)?.connection, sql).await
    }

    /// Drops the database, with what is said of it in the server's own tables.
    async fn drop_database(&mut self) -> Result<(), EngineError> {
        self.end_session().await;
        self.end_prepared().await?;
        if !self.terms.owned {
            self.question.revoke(&mut self.admin, &self.database).await?;
        }
        run(&mut self.admin, &format!("DROP DATABASE IF EXISTS {}", quoted(&self.database))).await?;
        if self.terms.owned {
            self.question.put_back(&mut self.admin, &self.cluster_at_start).await?;
        }
        Ok(())
    }
}

/// What the server is that this connection reaches.
pub(super) async fn flavour_of(connection: &mut MySqlConnection) -> Result<Flavour, EngineError> {
    let answer = rows(connection, "SELECT VERSION()").await?;
    let row = answer.first().ok_or_else(|| EngineError::unexpected("the server does not tell its version"))?;
    let version: String = row.try_get(0).map_err(engine_error)?;
    Flavour::read(&version).ok_or_else(|| {
        EngineError::unexpected(format!(
            "the server says that its version is {version}, which is none of MySQL or MariaDB"
        ))
    })
}

#[async_trait(?Send)]
impl Engine for Mysql {
    fn split(&self, text: &str) -> Result<Vec<Statement>, SplitError> {
        split::split(text, Rules::of(self.flavour))
    }

    fn split_as_client(&self, text: &str) -> Result<Vec<Statement>, SplitError> {
        split::split_as_client(text, Rules::of(self.flavour))
    }

    fn rollback_undoes_everything(&self) -> bool {
        // Statements that change a schema commit by themselves.
        false
    }

    fn ddl_commits_by_itself(&self) -> bool {
        true
    }

    fn fork_pays_after_millis(&self) -> f64 {
        // Running the migrations again is cheaper than any copy, up to hundreds of tables.
        f64::INFINITY
    }

    fn may_be_caused_by_probing(&self, _code: Option<&str>) -> bool {
        false
    }

    fn leave_out(&mut self, objects: Vec<String>) {
        self.left_out.clone_from(&objects);
        self.rows.leave_out(objects);
        self.last = Reading::default();
    }

    fn leave_out_kinds(&mut self, kinds: Vec<String>) {
        self.left_out_kinds.clone_from(&kinds);
        self.rows.leave_out_kinds(kinds);
        self.reader = None;
        self.last = Reading::default();
    }

    fn unmatched(&self) -> Vec<String> {
        self.rows.unmatched()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    async fn open_session(&mut self, spec: &SessionSpec) -> Result<(), EngineError> {
        self.end_session().await;
        self.end_prepared().await?;
        if !self.terms.may_change_cluster() {
            self.cluster_at_step = self.question.ask(&mut self.admin).await?;
        }
        self.session = Some(Session::open(&self.server, &self.database, spec).await?);
        Ok(())
    }

    async fn reset_session_in_transaction(&mut self, _spec: &SessionSpec) -> Result<(), EngineError> {
        Err(EngineError::unexpected("scripts of MySQL and MariaDB are not tried out inside a transaction"))
    }

    async fn begin(&mut self) -> Result<(), EngineError> {
        self.own("BEGIN").await
    }

    async fn commit(&mut self) -> Result<(), EngineError> {
        self.own("COMMIT").await
    }

    async fn rollback(&mut self) -> Result<(), EngineError> {
        if self.prepares {
            // ROLLBACK is refused within XA. The tool's connection ends, and so does what it had not prepared.
            self.end_session().await;
        }
        // Where the session was ended by force, its transaction ended with it.
        if self.session.is_some() { self.own("ROLLBACK").await } else { Ok(()) }
    }

    async fn execute(&mut self, text: &str, statement: &Statement) -> Result<(), EngineError> {
        let sql = &text[statement.span.clone()];
        self.prepares |= statement.lead.starts_with("XA ");
        self.own(sql).await.map_err(|error| explained(located(error, sql), statement))
    }

    async fn snapshot(&mut self, _moment: Moment) -> Result<Snapshot, EngineError> {
        if self.reader.is_none() {
            let mut connection = connect(&self.server).await?;
            let with_cluster = self.terms.may_change_cluster();
            let mut catalog = Catalog::survey(&mut connection, self.flavour, &self.database, with_cluster).await?;
            catalog.pass_over_what_cannot_change(&mut connection).await?;
            catalog.leave_out_kinds(&self.left_out_kinds);
            self.reader = Some((connection, catalog));
        }
        let Some((reader, catalog)) = self.reader.as_mut() else {
            return Err(EngineError::unexpected("no connection to read by"));
        };
        let answer = catalog.read(reader, &self.database).await?;
        let unreadable = catalog.unreadable();
        if *unreadable != *self.last.snapshot().unreadable() {
            self.last = Reading::without(unreadable);
        }
        self.last = self.rows.update(&self.last, 0, &answer)?;
        Ok(self.last.snapshot().clone())
    }

    async fn rows(&mut self) -> Result<Rows, EngineError> {
        // What the session has locked would not be told, and what it has not committed is nobody's.
        self.end_session().await;
        self.end_prepared().await?;
        held_rows::held(&mut self.admin, self.flavour, &self.database, &self.left_out).await
    }

    async fn fork(&mut self) -> Result<Fork, EngineError> {
        Err(EngineError::unexpected("databases of MySQL and MariaDB are not copied"))
    }

    async fn restore(&mut self, _fork: Fork) -> Result<bool, EngineError> {
        Ok(false)
    }

    async fn discard(&mut self, _fork: Fork) -> Result<(), EngineError> {
        Ok(())
    }

    async fn recreate(&mut self) -> Result<(), EngineError> {
        self.drop_database().await?;
        run(&mut self.admin, &format!("CREATE DATABASE {}", quoted(&self.database))).await
    }

    async fn abandon_session(&mut self) -> Result<(), EngineError> {
        match self.session.take() {
            Some(session) => session.kill(&mut self.admin).await,
            None => Ok(()),
        }
    }

    async fn check_cluster(&mut self) -> Result<(), EngineError> {
        self.end_prepared().await?;
        if self.terms.may_change_cluster() {
            return Ok(());
        }
        let now = self.question.ask(&mut self.admin).await?;
        let differences = self.cluster_at_step.differences(&now);
        if differences.is_empty() { Ok(()) } else { Err(outlives_the_database(&differences)) }
    }

    async fn close(&mut self) -> Result<(), EngineError> {
        self.drop_database().await?;
        if !self.terms.owned && self.terms.may_change_cluster() {
            let left = self.cluster_at_start.differences(&self.question.ask(&mut self.admin).await?);
            if !left.is_empty() {
                let left: Vec<String> = left.into_iter().collect();
                self.notes.push(format!(
                    "on the server these are not what they were before the run, by it or by somebody else: {}",
                    left.join(", ")
                ));
            }
        }
        if let Some((reader, _)) = self.reader.take() {
            // A connection that cannot say goodbye is gone all the same.
            let _ = reader.close().await;
        }
        Ok(())
    }
}
