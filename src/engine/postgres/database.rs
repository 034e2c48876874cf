//! One disposable PostgreSQL database: its session, its snapshots, its forks.

mod answers;

use std::collections::BTreeSet;

use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection as _, Row as _};

use super::catalog::{Reach, reading_settings};
use super::cluster::{ClusterState, Question, Terms, Touched, make_roles, outlives_the_database, take_back, touched};
use super::connection::{clean, connect, plain_client, quoted, run};
use super::databases::make_database;
use super::delta::{Delta, LEAVE_READING};
use super::errors::{engine_error, no_session};
use super::overhearing::Ear;
use super::reading::Catalog;
use super::session::Session;
use super::survey::survey;
use super::versions::{TESTED, Versions};
use crate::engine::{EngineError, Fork, SessionSpec};
use crate::schema::Snapshot;

/// A disposable database on a PostgreSQL server.
pub struct Postgres {
    pub(super) server: PgConnectOptions,
    pub(super) terms: Terms,
    major: u32,
    plain_client: Vec<String>,
    pub(super) database: String,
    pub(super) admin: PgConnection,
    session: Option<Session>,
    spec: SessionSpec,
    reader: Option<PgConnection>,
    catalog: Catalog,
    forks: Vec<(Fork, ClusterState)>,
    made: usize,
    notes: Vec<String>,
    /// How what outlives the database is asked for.
    question: Question,
    cluster_at_start: ClusterState,
    /// What outlives the database, with the roles that the configuration asks for.
    cluster_before: ClusterState,
    /// The same when the present script began, where it may not change it.
    cluster_at_step: ClusterState,
    /// What outlives the database and was made by this run for certain.
    ours: BTreeSet<String>,
    /// The values of all sequences when the open transaction began.
    sequences: Vec<(Oid, Option<i64>)>,
    /// Whether the open transaction has had no statement yet.
    untouched: bool,
    /// Whether a statement ran of which nobody knows what it wrote.
    unwatched: bool,
    /// The objects that are left out of snapshots.
    left_out: Vec<String>,
    /// Where the log of what other clients send was when it was last begun to be listened to.
    ear: Option<Ear>,
}

impl Postgres {
    /// Connects with these options, which name a maintenance database, and makes an empty database.
    ///
    /// # Errors
    /// When the server cannot be reached, or the role may not make databases.
    pub async fn create(server: PgConnectOptions, terms: Terms) -> Result<Self, EngineError> {
        Self::create_knowing(server, terms, TESTED).await
    }

    /// The same, where only these versions are known.
    ///
    /// # Errors
    /// As [`Postgres::create`].
    pub async fn create_knowing(
        server: PgConnectOptions,
        terms: Terms,
        versions: Versions,
    ) -> Result<Self, EngineError> {
        // A setting that the driver would ask for, and that real tools do not all ask for.
        let server = server.extra_float_digits(None);
        let mut admin = PgConnection::connect_with(&server).await.map_err(engine_error)?;
        let sql = "SELECT current_setting('server_version_num')::int, current_setting('server_version'), \
                   coalesce((SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user), false)";
        let row = sqlx::query(sql).fetch_one(&mut admin).await.map_err(engine_error)?;
        let number: i32 = row.try_get(0).map_err(engine_error)?;
        let version: String = row.try_get(1).map_err(engine_error)?;
        let sees_all: bool = row.try_get(2).map_err(engine_error)?;
        let major = u32::try_from(number / 10_000).unwrap_or_default();
        let note = versions.note(major, version.split_whitespace().next().unwrap_or_default())?;
        let question = Question::new(&mut admin, major).await?;
        let cluster_at_start = question.ask(&mut admin).await?;
        let database = format!("{}work", terms.prefix);
        let reach = if terms.may_change_cluster() { Reach::Outside } else { Reach::Database };
        let catalog = Catalog::new(&mut admin, major, reach).await?;
        let mut this = Self {
            server,
            major,
            plain_client: plain_client(&mut admin).await?,
            database,
            admin,
            session: None,
            spec: SessionSpec::default(),
            unwatched: false,
            left_out: Vec::new(),
            ear: None,
            sequences: Vec::new(),
            untouched: false,
            reader: None,
            catalog,
            forks: Vec::new(),
            made: 0,
            notes: note.into_iter().collect(),
            question,
            cluster_before: cluster_at_start.clone(),
            cluster_at_step: ClusterState::default(),
            cluster_at_start,
            ours: BTreeSet::new(),
            terms,
        };
        make_database(&mut this.admin, &this.terms, &this.database, None).await?;
        if !sees_all || versions.is_newer(major) {
            let mut reader = connect(&this.server, &this.database).await?;
            survey(&mut this.catalog, &mut reader).await?;
            this.reader = Some(reader);
        }
        Ok(this)
    }

    /// Makes the roles that production has before the first migration, where they are not there yet, and takes them for
    /// given until the database is closed.
    ///
    /// # Errors
    /// When the server refuses, or is not ours to make roles on.
    pub async fn make_roles(&mut self, roles: &[String]) -> Result<(), EngineError> {
        let there = self.question.ask(&mut self.admin).await?;
        self.ours.extend(make_roles(&mut self.admin, &self.terms, &there, roles).await?);
        if let Some(owner) = &self.terms.owner {
            let sql = format!("ALTER DATABASE {} OWNER TO {}", quoted(&self.database), quoted(owner));
            run(&mut self.admin, &sql).await?;
        }
        self.cluster_before = self.question.ask(&mut self.admin).await?;
        Ok(())
    }

    /// Closes the connections to the working database: a template needs a source without any.
    pub(super) async fn release(&mut self) {
        self.catalog.forget();
        if let Some(session) = self.session.take() {
            session.close().await;
        }
        if let Some(reader) = self.reader.take() {
            // A connection that cannot say goodbye is gone all the same.
            let _ = reader.close().await;
        }
    }

    /// A new session, which has nothing of the old one.
    async fn new_session(&mut self) -> Result<(), EngineError> {
        let mut connection = connect(&self.server, &self.database).await?;
        run(&mut connection, self.catalog.prepare()).await?;
        let mut session = Session::new(connection);
        session.later(clean(&self.plain_client, &self.spec, false));
        self.session = Some(session);
        Ok(())
    }

    /// The schema as a connection of our own sees it.
    async fn read_committed(&mut self) -> Result<Snapshot, EngineError> {
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None => {
                let mut reader = connect(&self.server, &self.database).await?;
                run(&mut reader, &reading_settings(false)).await?;
                reader
            }
        };
        let snapshot = self.catalog.whole(&mut reader).await?;
        self.reader = Some(reader);
        Ok(snapshot)
    }

    /// Reads the schema inside the transaction that is about to commit, so that nothing need be read after it.
    async fn read_before_commit(&mut self) -> Result<(), EngineError> {
        let session = self.session.as_mut().ok_or_else(no_session)?;
        let delta = session.enter_reading().await?;
        self.guard_cluster(&delta).await?;
        let session = self.session.as_mut().ok_or_else(no_session)?;
        // What is said of the database or of a role holds for sessions that begin later, as the next deployment's does.
        let wrote = self.catalog.written(&delta);
        session.worn |= wrote.is_none_or(|wrote| wrote.contains_key("pg_db_role_setting"));
        self.catalog.in_transaction(session.ready().await?, &delta).await?;
        session.later(LEAVE_READING.to_owned());
        Ok(())
    }

    /// On a server that is not ours, sees to it that what the open transaction did to what outlives the database is
    /// allowed, and remembers what it made.
    async fn guard_cluster(&mut self, delta: &Delta) -> Result<(), EngineError> {
        let touched = touched(self.catalog.written(delta).as_ref());
        if self.terms.owned || touched == Touched::Nothing {
            return Ok(());
        }
        let session = self.session.as_mut().ok_or_else(no_session)?;
        let committed = self.question.ask(&mut self.admin).await?;
        let session = session.ready().await?;
        let seen = self.question.ask(session).await?;
        if !self.terms.may_change_cluster() {
            let differences = committed.differences(&seen);
            if differences.is_empty() && touched != Touched::Certainly {
                return Ok(());
            }
            // Once committed it would stay on a server that is not ours; here a rollback still takes it back.
            run(session, "ROLLBACK").await?;
            self.catalog.rolled_back();
            return Err(outlives_the_database(&differences, false));
        }
        // What nobody else sees yet was made in this very transaction.
        let (seen, committed) = (seen.objects(), committed.objects());
        self.ours.extend(seen.difference(&committed).map(|object| (*object).to_owned()));
        Ok(())
    }

    /// Goes back to what outlives the database as it was `then`. Whether nothing of then was missing.
    async fn take_back(&mut self, then: &ClusterState) -> Result<bool, EngineError> {
        take_back(&mut self.admin, &self.terms, &self.question, then, &self.ours).await
    }
}
