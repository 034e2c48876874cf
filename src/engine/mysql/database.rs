//! One disposable MySQL or MariaDB database: its session and its snapshots.

mod answers;

use std::collections::BTreeSet;

use sqlx::Row as _;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};

use super::cluster::{ClusterState, Question, Terms};
use super::connection::{connect, quoted, rows, run, without_settings};
use super::errors::{engine_error, lacks, no_session, too_large, with_rights};
use super::flavour::Flavour;
use super::gate::Seen;
use super::outside::Outside;
use super::overhearing::Ear;
use super::prepared::{end_own_transactions, end_prepared_transactions};
use super::reading::{Catalog, OUTSIDE, account};
use super::session::{Ready, Session};
use super::split::Rules;
use super::users::make_users;
use crate::engine::rows::{Reading, RowReader};
use crate::engine::{Engine, EngineError};
use crate::schema::Diff;

/// Bytes of a statement from which on it may not fit into a packet: no server takes less, unless somebody wants it so.
const WORTH_ASKING: usize = 64 * 1024;

/// First words of statements after which a new connection may be given something else than one that was opened before.
const CHANGE_SESSIONS: [&str; 9] =
    ["SET", "GRANT", "REVOKE", "ALTER USER", "CREATE USER", "FLUSH", "INSTALL", "UNINSTALL", "CALL"];

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
    /// The connection of the next one, opened while the present script runs.
    ready: Option<Ready>,
    /// Whether a transaction is to begin with the next statement.
    begins: bool,
    /// Whether anything ran since the last snapshot.
    ran_since: bool,
    /// How scripts are cut in the session that was opened last.
    rules: Rules,
    /// Whether a statement has changed that, and nobody has asked yet.
    cuts_otherwise: bool,
    /// Whether the session may have prepared a transaction that outlives it.
    prepares: bool,
    /// The transactions that it has prepared, as it calls them.
    prepared: BTreeSet<String>,
    /// The connection that reads, with what it may ask.
    reader: Option<(MySqlConnection, Catalog)>,
    left_out_kinds: Vec<String>,
    rows: RowReader,
    last: Reading,
    /// What `last` was read from.
    seen: Option<Seen>,
    left_out: Vec<String>,
    notes: Vec<String>,
    /// How what outlives the database is asked for.
    question: Question,
    cluster_at_start: ClusterState,
    /// What migrations leave outside of the database.
    outside: Outside,
    /// The same as at the start when the present script began, where it may not change it.
    cluster_at_step: ClusterState,
    /// What scripts have said, in small letters, where they may not change what outlives the database.
    said: String,
    /// Whether a log is kept of what other clients send.
    ear: Option<Ear>,
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
        let outside = Outside::new(&cluster_at_start, terms.owned);
        Ok(Self {
            server,
            terms,
            flavour,
            database,
            admin,
            session: None,
            ready: None,
            begins: false,
            ran_since: false,
            rules: Rules::of(flavour),
            cuts_otherwise: false,
            prepares: false,
            prepared: BTreeSet::new(),
            reader: None,
            left_out_kinds: Vec::new(),
            rows: RowReader::new(),
            last: Reading::default(),
            seen: None,
            left_out: Vec::new(),
            notes: Vec::new(),
            question,
            outside,
            cluster_at_step: cluster_at_start.clone(),
            said: String::new(),
            ear: None,
            cluster_at_start,
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
        self.begins = false;
        match self.session.take() {
            // On a server of others only what the server has let go of can be taken back by name; a server that does not answer
            // says so to whoever asks next.
            Some(session) if self.prepares && !self.terms.owned => drop(session.kill(&mut self.admin).await),
            Some(session) => session.close().await,
            None => {}
        }
    }

    /// Takes back the transactions that a script prepared and nobody ended. They outlive their session and hold its locks;
    /// what comes behind would wait for them. On a server of others only those are touched that a script has named.
    async fn end_prepared(&mut self) -> Result<(), EngineError> {
        if !self.prepares {
            return Ok(());
        }
        self.end_session().await;
        self.prepares = false;
        let own = std::mem::take(&mut self.prepared);
        let ended = if self.terms.owned {
            end_prepared_transactions(&mut self.admin, self.flavour).await?
        } else {
            end_own_transactions(&mut self.admin, own).await?
        };
        for name in ended {
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

    /// Refuses what the server would cut the connection for. Only long statements are worth the question.
    async fn fits_a_packet(&mut self, length: usize) -> Result<(), EngineError> {
        if length < WORTH_ASKING {
            return Ok(());
        }
        let session = self.session.as_mut().ok_or_else(no_session)?;
        let answer = rows(&mut session.connection, "SELECT CAST(@@max_allowed_packet AS CHAR)").await?;
        let most: Option<String> = answer.first().map(|row| row.try_get(0)).transpose().map_err(engine_error)?;
        match most.and_then(|most| most.parse::<usize>().ok()) {
            // One byte says what kind of message it is.
            Some(most) if length >= most => {
                self.end_session().await;
                Err(too_large(length, most))
            }
            _ => Ok(()),
        }
    }

    /// Runs a statement in the session, behind the BEGIN that waits for one.
    async fn own(&mut self, sql: &str) -> Result<(), EngineError> {
        let connection = &mut self.session.as_mut().ok_or_else(no_session)?.connection;
        if std::mem::take(&mut self.begins) {
            // In one message: the server counts lines in each statement by itself.
            return run(connection, &format!("BEGIN;\n{sql}")).await;
        }
        run(connection, sql).await
    }

    /// That no shortcut has missed anything. Asked after every snapshot of programs that are built for tests.
    async fn is_what_a_full_reading_gives(&mut self) -> Result<(), EngineError> {
        let Some((reader, catalog)) = self.reader.as_mut() else { return Ok(()) };
        let mut whole = Reading::without(catalog.unreadable());
        for answer in catalog.read(reader, &self.database, &mut None).await? {
            whole = self.rows.update(&whole, answer.part, &answer.rows)?;
        }
        if self.terms.may_change_cluster() {
            let answer = self.outside.read(reader, self.flavour, &self.question, true).await?;
            whole = self.rows.update(&whole, OUTSIDE, &answer)?;
        }
        let diff = Diff::between(whole.snapshot(), self.last.snapshot());
        match diff.changes.first() {
            None => Ok(()),
            Some(change) => {
                Err(EngineError::unexpected(format!("a shortcut of the snapshot has missed this: {change}")))
            }
        }
    }

    /// An error of a migration, with what the user lacks where the server is not ours and that may be why.
    async fn with_rights(&mut self, error: EngineError) -> Result<EngineError, EngineError> {
        let is_for_want = matches!(&error, EngineError::Refused { refusal } if lacks(refusal).is_some());
        if self.terms.owned || !is_for_want {
            return Ok(error);
        }
        let user = rows(&mut self.admin, "SELECT CURRENT_USER()").await?;
        let user: String = user.first().map_or(Ok(String::new()), |row| row.try_get(0)).map_err(engine_error)?;
        Ok(with_rights(error, &account(&user)))
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
