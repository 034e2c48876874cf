//! Reading the schema: what has to be read again, and on which connection.

use std::collections::{BTreeMap, HashSet};

use sqlx::postgres::PgConnection;
use sqlx::postgres::types::Oid;
use sqlx::{AssertSqlSafe, Row as _};

use super::catalog::{Part, parts};
use super::errors::engine_error;
use super::touched::{Counters, Gauge, Touched, Writes};
use crate::engine::EngineError;
use crate::engine::rows::{Reading, RowReader, renamed};
use crate::schema::Snapshot;

/// Names the relations that were written since a transaction.
const RELATIONS_WRITTEN: &str = include_str!("relations_written.sql");

/// The oids of all relations and of all constraints, to tell which are gone.
const PRESENT: &str = "SELECT ARRAY(SELECT oid FROM pg_catalog.pg_class WHERE oid >= 16384), \
                       ARRAY(SELECT oid FROM pg_catalog.pg_constraint WHERE oid >= 16384)";

/// How many objects extensions have made.
const MEMBERS: &str = "SELECT count(*) FROM pg_catalog.pg_depend \
                       WHERE refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass";

/// What is known of the schema, and what may have changed since it was read.
#[derive(Clone, Debug)]
struct Known {
    reading: Reading,
    members: i64,
    touched: Touched,
}

/// Reads snapshots and keeps track of what the next one can take from the last.
pub(super) struct Catalog {
    parts: Vec<Part>,
    whole: String,
    of_relations: String,
    rows: RowReader,
    gauge: Gauge,
    known: Known,
    /// What was known when the open transaction began, and the counters of then or of the last reading in it.
    transaction: Option<(Known, Counters)>,
}

impl Catalog {
    /// Knows nothing yet.
    pub(super) async fn new(admin: &mut PgConnection, major: u32, with_cluster: bool) -> Result<Self, EngineError> {
        let parts = parts(major, with_cluster);
        let union = |sql: &dyn Fn(&Part) -> Option<String>| {
            let numbered = parts.iter().enumerate().filter_map(|(number, part)| Some((number, sql(part)?)));
            let queries: Vec<String> = numbered
                .map(|(number, sql)| format!("SELECT {number} AS part, answer FROM ({sql}) AS query (answer)"))
                .collect();
            queries.join("\nUNION ALL\n")
        };
        Ok(Self {
            whole: union(&|part| Some(part.sql.clone())),
            of_relations: union(&|part| part.of_relations.clone()),
            parts,
            rows: RowReader::new(|_, _| ()),
            gauge: Gauge::new(admin).await?,
            known: Known { reading: Reading::default(), members: 0, touched: Touched::Unknown },
            transaction: None,
        })
    }

    /// Leaves these objects out of every later snapshot.
    pub(super) fn leave_out(&mut self, objects: Vec<String>) {
        self.rows.leave_out(objects);
        self.forget();
    }

    /// Something happened that was not watched.
    pub(super) fn forget(&mut self) {
        self.known.touched = Touched::Unknown;
        self.transaction = None;
    }

    /// Whether the transaction that is open is being watched, so that what its statements write will be known.
    pub(super) fn is_watching(&self) -> bool {
        self.transaction.is_some()
    }

    /// A transaction began in the session.
    pub(super) async fn began(&mut self, session: &mut PgConnection) -> Result<(), EngineError> {
        let counters = self.gauge.read(session).await?;
        self.transaction = Some((self.known.clone(), counters));
        Ok(())
    }

    /// The session's transaction is about to commit.
    pub(super) async fn commits(&mut self, session: &mut PgConnection) -> Result<(), EngineError> {
        match &self.transaction {
            Some(_) => {
                self.gauge_transaction(session).await?;
                self.transaction = None;
            }
            None => self.forget(),
        }
        Ok(())
    }

    /// The session's transaction was rolled back: everything is as it was when it began.
    pub(super) fn rolled_back(&mut self) {
        match self.transaction.take() {
            Some((known, _)) => self.known = known,
            None => self.forget(),
        }
    }

    async fn gauge_transaction(&mut self, session: &mut PgConnection) -> Result<(), EngineError> {
        let now = self.gauge.read(session).await?;
        if let Some((_, before)) = &mut self.transaction {
            let touched = self.gauge.between(before, &now);
            self.known.touched = self.known.touched.clone().and(touched);
            *before = now;
        }
        Ok(())
    }

    /// What the session sees inside its transaction. The reading settings have to be in force.
    pub(super) async fn snapshot_in_transaction(&mut self, session: &mut PgConnection) -> Result<Snapshot, EngineError> {
        if self.transaction.is_some() {
            self.gauge_transaction(session).await?;
        } else {
            self.forget();
        }
        self.snapshot(session).await
    }

    /// What this connection sees. The reading settings have to be in force.
    pub(super) async fn snapshot(&mut self, connection: &mut PgConnection) -> Result<Snapshot, EngineError> {
        let partial = match &self.known.touched {
            Touched::Unknown => None,
            Touched::Only { catalogs, .. } if catalogs.is_empty() => Some(self.known.reading.clone()),
            Touched::Only { since: None, .. } => None,
            Touched::Only { catalogs, since: Some(since) } => {
                let (catalogs, since) = (catalogs.clone(), *since);
                if readable_in_part(&catalogs) { self.read_part(connection, &catalogs, since).await? } else { None }
            }
        };
        let known = match partial {
            Some(reading) => {
                self.verify(connection, &reading).await?;
                Known { reading, members: self.known.members, touched: Touched::nothing() }
            }
            None => {
                let reading = self.read_whole(connection).await?;
                let members = sqlx::query_scalar(MEMBERS).fetch_one(connection).await.map_err(engine_error)?;
                Known { reading, members, touched: Touched::nothing() }
            }
        };
        self.known = known;
        Ok(self.known.reading.snapshot().clone())
    }

    /// Reads again what the writes to these catalogs may have changed. `None` where only a whole reading will do.
    async fn read_part(
        &mut self,
        connection: &mut PgConnection,
        catalogs: &BTreeMap<String, Writes>,
        since: i64,
    ) -> Result<Option<Reading>, EngineError> {
        let xid = (since % (1_i64 << 32)).to_string();
        let row = sqlx::query(RELATIONS_WRITTEN).bind(xid).fetch_one(&mut *connection).await.map_err(engine_error)?;
        let relations: Vec<Oid> = row.try_get(0).map_err(engine_error)?;
        let special: bool = row.try_get(1).map_err(engine_error)?;
        if special {
            return Ok(None);
        }
        let wrote = |catalog: &str| catalogs.get(catalog).copied().unwrap_or_default();
        if wrote("pg_depend").deleted {
            // An object that left its extension leaves no other trace.
            let members: i64 =
                sqlx::query_scalar(MEMBERS).fetch_one(&mut *connection).await.map_err(engine_error)?;
            if members != self.known.members {
                return Ok(None);
            }
        }
        let mut reading = self.known.reading.clone();
        if wrote("pg_class").deleted || wrote("pg_constraint").deleted {
            reading = self.without_what_is_gone(connection, &reading).await?;
        }
        if !relations.is_empty() {
            let written: HashSet<String> = relations.iter().map(|oid| oid.0.to_string()).collect();
            let rows = sqlx::query(AssertSqlSafe(self.of_relations.as_str()))
                .bind(&relations)
                .fetch_all(&mut *connection)
                .await
                .map_err(engine_error)?;
            for row in &rows {
                let number: i32 = row.try_get(0).map_err(engine_error)?;
                let answer: &str = row.try_get(1).map_err(engine_error)?;
                let keep = |identity: &str| !written.contains(whole_of(identity));
                let number = usize::try_from(number).unwrap_or_default();
                reading = self.rows.update_where(&reading, number, keep, answer)?;
            }
        }
        for (number, part) in self.parts.iter().enumerate().filter(|(_, part)| part.of_relations.is_none()) {
            let changed = |catalog: &String| catalogs.contains_key(catalog);
            if changed(&part.born_in) || (reading.has_any(number) && part.changes_with.iter().any(changed)) {
                let answer: String = sqlx::query_scalar(AssertSqlSafe(part.sql.as_str()))
                    .fetch_one(&mut *connection)
                    .await
                    .map_err(engine_error)?;
                reading = self.rows.update(&reading, number, &answer)?;
            }
        }
        let renamed = renamed(self.known.reading.snapshot(), reading.snapshot());
        Ok((!renamed).then_some(reading))
    }

    /// A reading without the rows of relations, indexes and constraints that are no longer there.
    async fn without_what_is_gone(
        &mut self,
        connection: &mut PgConnection,
        reading: &Reading,
    ) -> Result<Reading, EngineError> {
        let row = sqlx::query(PRESENT).fetch_one(connection).await.map_err(engine_error)?;
        let present = |nth: usize| -> Result<HashSet<String>, EngineError> {
            let oids: Vec<Oid> = row.try_get(nth).map_err(engine_error)?;
            Ok(oids.iter().map(|oid| oid.0.to_string()).collect())
        };
        let (relations, constraints) = (present(0)?, present(1)?);
        let mut reading = reading.clone();
        for (number, part) in self.parts.iter().enumerate().filter(|(_, part)| part.of_relations.is_some()) {
            let own = match part.born_in.as_str() {
                "pg_constraint" => Some(&constraints),
                "pg_index" => Some(&relations),
                _ => None,
            };
            let there = |identity: &str| {
                let part = identity.rsplit_once('.').map_or(identity, |(_, part)| part);
                relations.contains(whole_of(identity)) && own.is_none_or(|own| own.contains(part))
            };
            reading = self.rows.update_where(&reading, number, there, "")?;
        }
        Ok(reading)
    }

    async fn read_whole(&mut self, connection: &mut PgConnection) -> Result<Reading, EngineError> {
        let rows =
            sqlx::query(AssertSqlSafe(self.whole.as_str())).fetch_all(connection).await.map_err(engine_error)?;
        let mut reading = self.known.reading.clone();
        for row in &rows {
            let number: i32 = row.try_get(0).map_err(engine_error)?;
            let answer: &str = row.try_get(1).map_err(engine_error)?;
            reading = self.rows.update(&reading, usize::try_from(number).unwrap_or_default(), answer)?;
        }
        Ok(reading)
    }

    /// In a debug build, and so in every test, proves that nothing was missed by reading less.
    async fn verify(&mut self, connection: &mut PgConnection, reading: &Reading) -> Result<(), EngineError> {
        if !cfg!(debug_assertions) {
            return Ok(());
        }
        let whole = self.read_whole(connection).await?;
        let diff = crate::schema::Diff::between(reading.snapshot(), whole.snapshot());
        if whole.snapshot() == reading.snapshot() {
            return Ok(());
        }
        let (touched, missed) = (&self.known.touched, &diff.changes);
        Err(EngineError::unexpected(format!("reading in part missed a change: touched {touched:?}, missed {missed:?}")))
    }
}

/// The oid of the relation that an identity belongs to: `16390` of `16390.2`.
fn whole_of(identity: &str) -> &str {
    identity.split_once('.').map_or(identity, |(whole, _)| whole)
}

/// Whether writes of this kind can be followed from the rows that were written. Updates that may change the texts of
/// objects whose own rows stay as they are, and deletions that leave no row to be found by, cannot.
fn readable_in_part(catalogs: &BTreeMap<String, Writes>) -> bool {
    catalogs.iter().all(|(catalog, writes)| match catalog.as_str() {
        "pg_extension" | "pg_authid" | "pg_tablespace" => false,
        "pg_type" | "pg_collation" | "pg_opclass" | "pg_am" => !writes.updated,
        "pg_inherits" | "pg_description" => !writes.deleted,
        _ => true,
    })
}
