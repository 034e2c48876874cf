//! One disposable PostgreSQL database: its session, its snapshots, its forks.

use std::collections::BTreeSet;

use async_trait::async_trait;
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};

use super::catalog::{LEAVE_READING, enter_reading, reading_settings};
use super::connection::{clean, connect, plain_client, quoted, run};
use super::errors::{engine_error, may_be_caused_by_probing};
use super::reading::Catalog;
use super::split::split;
use crate::engine::{Engine, EngineError, Fork, Moment, SessionSpec, SplitError, Statement};
use crate::schema::Snapshot;

/// How the server treats what Rollproof makes on it.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The server is ours alone: settings that trade durability for speed are sound, and roles may be dropped again.
    pub owned: bool,
    /// Whether migrations may make objects that outlive the database.
    pub allow_cluster_objects: bool,
    /// What the names of our databases begin with.
    pub prefix: String,
    /// Who owns the database; `None` is the connecting role.
    pub owner: Option<String>,
}

impl Terms {
    /// Whether roles and tablespaces are this run's to make, to compare and to drop. On a server that others use they
    /// are not, unless the user says so: somebody else's new role would look like ours.
    fn may_change_cluster(&self) -> bool {
        self.owned || self.allow_cluster_objects
    }
}

/// A disposable database on a PostgreSQL server.
pub struct Postgres {
    server: PgConnectOptions,
    terms: Terms,
    major: u32,
    plain_client: Vec<String>,
    database: String,
    admin: PgConnection,
    session: Option<PgConnection>,
    reader: Option<PgConnection>,
    catalog: Catalog,
    forks: Vec<(Fork, BTreeSet<String>)>,
    made: usize,
    cluster_before: BTreeSet<String>,
}

impl Postgres {
    /// Connects with these options, which name a maintenance database, and makes an empty database.
    ///
    /// # Errors
    /// When the server cannot be reached, or the role may not make databases.
    pub async fn create(server: PgConnectOptions, terms: Terms) -> Result<Self, EngineError> {
        // A setting that the driver would ask for, and that real tools do not all ask for.
        let server = server.extra_float_digits(None);
        let mut admin = PgConnection::connect_with(&server).await.map_err(engine_error)?;
        let number: i32 = sqlx::query_scalar("SELECT current_setting('server_version_num')::int")
            .fetch_one(&mut admin)
            .await
            .map_err(engine_error)?;
        let major = u32::try_from(number / 10_000).unwrap_or_default();
        let cluster_before = cluster_objects(&mut admin).await?;
        let database = format!("{}work", terms.prefix);
        let catalog = Catalog::new(&mut admin, major, terms.may_change_cluster()).await?;
        let mut this = Self {
            server,
            major,
            plain_client: plain_client(&mut admin).await?,
            database,
            admin,
            session: None,
            reader: None,
            catalog,
            forks: Vec::new(),
            made: 0,
            cluster_before,
            terms,
        };
        this.make_database(&this.database.clone(), None).await?;
        Ok(this)
    }

    /// Makes roles that production has before the first migration, and takes them for given from then on.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn make_roles(&mut self, roles: &[String]) -> Result<(), EngineError> {
        for role in roles {
            run(&mut self.admin, &format!("CREATE ROLE {} LOGIN", quoted(role))).await?;
        }
        if let Some(owner) = &self.terms.owner {
            let sql = format!("ALTER DATABASE {} OWNER TO {}", quoted(&self.database), quoted(owner));
            run(&mut self.admin, &sql).await?;
        }
        self.cluster_before = cluster_objects(&mut self.admin).await?;
        Ok(())
    }

    async fn make_database(&mut self, name: &str, template: Option<&str>) -> Result<(), EngineError> {
        let mut sql = format!("CREATE DATABASE {}", quoted(name));
        if let Some(template) = template {
            sql.push_str(&format!(" TEMPLATE {}", quoted(template)));
            // Copying files skips the write-ahead log but forces checkpoints, which a server with other users would feel.
            if self.terms.owned && self.major >= 15 {
                sql.push_str(" STRATEGY file_copy");
            }
        }
        run(&mut self.admin, &sql).await
    }

    async fn drop_database(&mut self, name: &str) -> Result<(), EngineError> {
        run(&mut self.admin, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quoted(name))).await
    }

    /// Closes the connections to the working database: a template needs a source without any.
    async fn release(&mut self) {
        self.catalog.forget();
        for connection in [self.session.take(), self.reader.take()].into_iter().flatten() {
            // A connection that cannot say goodbye is gone all the same.
            let _ = connection.close().await;
        }
    }

    /// Drops the roles and tablespaces that are there now and were not at `then`. Whether none of those is missing.
    async fn take_back_cluster_objects(&mut self, then: &BTreeSet<String>) -> Result<bool, EngineError> {
        if !self.terms.may_change_cluster() {
            return Ok(true);
        }
        let now = cluster_objects(&mut self.admin).await?;
        for object in now.difference(then) {
            let (kind, name) = object.split_once(' ').unwrap_or(("role", object));
            if kind == "role" {
                run(&mut self.admin, &format!("DROP OWNED BY {}", quoted(name))).await?;
            }
            run(&mut self.admin, &format!("DROP {kind} {}", quoted(name))).await?;
        }
        Ok(then.is_subset(&now))
    }
}

#[async_trait(?Send)]
impl Engine for Postgres {
    fn split(&self, text: &str) -> Result<Vec<Statement>, SplitError> {
        split(text)
    }

    fn rollback_undoes_everything(&self) -> bool {
        true
    }

    fn fork_pays_after_millis(&self) -> f64 {
        // Copying a database and connecting again takes about that long.
        150.0
    }

    fn may_be_caused_by_probing(&self, code: Option<&str>) -> bool {
        may_be_caused_by_probing(code)
    }

    fn leave_out(&mut self, objects: Vec<String>) {
        self.catalog.leave_out(objects);
    }

    async fn open_session(&mut self, spec: &SessionSpec) -> Result<(), EngineError> {
        if self.session.is_none() {
            self.session = Some(connect(&self.server, &self.database).await?);
        }
        let Some(session) = self.session.as_mut() else { return Err(no_session()) };
        clean(session, &self.plain_client, spec, false).await
    }

    async fn reset_session_in_transaction(&mut self, spec: &SessionSpec) -> Result<(), EngineError> {
        let Some(session) = self.session.as_mut() else { return Err(no_session()) };
        clean(session, &self.plain_client, spec, true).await
    }

    async fn begin(&mut self) -> Result<(), EngineError> {
        let Some(session) = self.session.as_mut() else { return Err(no_session()) };
        run(session, "BEGIN").await?;
        self.catalog.began(session).await
    }

    async fn commit(&mut self) -> Result<(), EngineError> {
        let Some(session) = self.session.as_mut() else { return Err(no_session()) };
        if !self.terms.may_change_cluster() {
            // Once committed, a role would stay on a server that is not ours; here a rollback still takes it back.
            let now = cluster_objects(session).await?;
            if now != self.cluster_before {
                run(session, "ROLLBACK").await?;
                return Err(outlives(&self.cluster_before, &now));
            }
        }
        self.catalog.commits(session).await?;
        run(session, "COMMIT").await
    }

    async fn rollback(&mut self) -> Result<(), EngineError> {
        let Some(session) = self.session.as_mut() else {
            // The session was ended by force, and its transaction with it.
            self.catalog.rolled_back();
            return Ok(());
        };
        run(session, "ROLLBACK").await?;
        self.catalog.rolled_back();
        Ok(())
    }

    async fn execute(&mut self, text: &str, statement: &Statement) -> Result<(), EngineError> {
        let Some(session) = self.session.as_mut() else { return Err(no_session()) };
        if statement.controls_transaction() || !self.catalog.is_watching() {
            self.catalog.forget();
        }
        let sql = &text[statement.span.clone()];
        let Some(copy) = &statement.copy else { return run(session, sql).await };
        let mut sink = session.copy_in_raw(sql).await.map_err(engine_error)?;
        sink.send(&text.as_bytes()[copy.span.clone()]).await.map_err(engine_error)?;
        sink.finish().await.map(drop).map_err(engine_error)
    }

    async fn snapshot(&mut self, moment: Moment) -> Result<Snapshot, EngineError> {
        if moment == Moment::InTransaction {
            let Some(session) = self.session.as_mut() else { return Err(no_session()) };
            run(session, &enter_reading()).await?;
            let snapshot = self.catalog.snapshot_in_transaction(session).await?;
            run(session, LEAVE_READING).await?;
            return Ok(snapshot);
        }
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None => {
                let mut reader = connect(&self.server, &self.database).await?;
                run(&mut reader, &reading_settings("SESSION")).await?;
                reader
            }
        };
        let snapshot = self.catalog.snapshot(&mut reader).await?;
        self.reader = Some(reader);
        Ok(snapshot)
    }

    async fn fork(&mut self) -> Result<Fork, EngineError> {
        self.release().await;
        self.made += 1;
        let fork = Fork(format!("{}fork{}", self.terms.prefix, self.made));
        let database = self.database.clone();
        self.make_database(&fork.0, Some(&database)).await?;
        let cluster = cluster_objects(&mut self.admin).await?;
        self.forks.push((fork.clone(), cluster));
        Ok(fork)
    }

    async fn restore(&mut self, fork: Fork) -> Result<bool, EngineError> {
        self.release().await;
        let Some(at) = self.forks.iter().position(|(known, _)| *known == fork) else { return Ok(false) };
        let (fork, cluster) = self.forks.swap_remove(at);
        let database = self.database.clone();
        self.drop_database(&database).await?;
        let whole = self.take_back_cluster_objects(&cluster).await?;
        if !whole {
            // A role that the fork's objects refer to is gone: the copy is broken, and only the migrations can mend it.
            self.drop_database(&fork.0).await?;
            return Ok(false);
        }
        run(&mut self.admin, &format!("ALTER DATABASE {} RENAME TO {}", quoted(&fork.0), quoted(&database))).await?;
        Ok(true)
    }

    async fn discard(&mut self, fork: Fork) -> Result<(), EngineError> {
        self.forks.retain(|(known, _)| *known != fork);
        self.drop_database(&fork.0).await
    }

    async fn recreate(&mut self) -> Result<(), EngineError> {
        self.release().await;
        for (fork, _) in std::mem::take(&mut self.forks) {
            self.drop_database(&fork.0).await?;
        }
        let database = self.database.clone();
        self.drop_database(&database).await?;
        let before = self.cluster_before.clone();
        self.take_back_cluster_objects(&before).await?;
        self.make_database(&database, None).await?;
        if let Some(owner) = self.terms.owner.clone() {
            let sql = format!("ALTER DATABASE {} OWNER TO {}", quoted(&database), quoted(&owner));
            run(&mut self.admin, &sql).await?;
        }
        Ok(())
    }

    async fn abandon_session(&mut self) -> Result<(), EngineError> {
        // Dropping the connection closes the socket; a backend that is busy notices only when told.
        self.session = None;
        let sql = "SELECT count(pg_catalog.pg_terminate_backend(pid)) FROM pg_catalog.pg_stat_activity \
                   WHERE datname = $1 AND pid <> coalesce($2, 0)";
        let reader: Option<i32> = match self.reader.as_mut() {
            Some(reader) => Some(
                sqlx::query_scalar("SELECT pg_catalog.pg_backend_pid()")
                    .fetch_one(reader)
                    .await
                    .map_err(engine_error)?,
            ),
            None => None,
        };
        loop {
            let left: i64 = sqlx::query_scalar(sql)
                .bind(&self.database)
                .bind(reader)
                .fetch_one(&mut self.admin)
                .await
                .map_err(engine_error)?;
            if left == 0 {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    async fn check_cluster(&mut self) -> Result<(), EngineError> {
        if self.terms.may_change_cluster() {
            return Ok(());
        }
        let now = cluster_objects(&mut self.admin).await?;
        if now == self.cluster_before { Ok(()) } else { Err(outlives(&self.cluster_before, &now)) }
    }

    async fn close(&mut self) -> Result<(), EngineError> {
        self.release().await;
        for (fork, _) in std::mem::take(&mut self.forks) {
            self.drop_database(&fork.0).await?;
        }
        let database = self.database.clone();
        self.drop_database(&database).await?;
        let before = self.cluster_before.clone();
        self.take_back_cluster_objects(&before).await.map(drop)
    }
}

fn no_session() -> EngineError {
    EngineError::unexpected("no migration session is open")
}

/// Says that a step made or dropped something that outlives the database, on a server that is not ours.
fn outlives(before: &BTreeSet<String>, now: &BTreeSet<String>) -> EngineError {
    let names: Vec<&str> = before.symmetric_difference(now).map(String::as_str).collect();
    EngineError::unexpected(format!(
        "the step makes or drops {}, which outlives the database, and this server is not Rollproof's own; use a \
         disposable server, or pass --allow-cluster-objects to let it happen and be dropped again at the end",
        names.join(", ")
    ))
}

/// The names of all roles and tablespaces, each with its kind in front.
async fn cluster_objects(admin: &mut PgConnection) -> Result<BTreeSet<String>, EngineError> {
    let sql = "SELECT 'role ' || rolname FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' \
               UNION ALL SELECT 'tablespace ' || spcname FROM pg_catalog.pg_tablespace WHERE spcname !~ '^pg_'";
    let names: Vec<String> = sqlx::query_scalar(sql).fetch_all(admin).await.map_err(engine_error)?;
    Ok(names.into_iter().collect())
}
