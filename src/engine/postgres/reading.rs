//! Reading the schema: what has to be read again, and on which connection.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use sqlx::postgres::PgConnection;
use sqlx::postgres::types::Oid;
use sqlx::{AssertSqlSafe, Row as _};

use super::catalog::{Part, Reach, is_accounted_for, part, parts};
use super::delta::{Counters, Delta, Gauge, MEMBERS, PRESENT, Writes};
use super::errors::engine_error;
use super::opaque;
use super::versions::TESTED;
use crate::engine::EngineError;
use crate::engine::rows::{Reading, RowReader, renamed};
use crate::schema::{Snapshot, Unreadable, names_kind};

/// Attributes that are the names of what is no object of its own: another's text may hold them.
const NAMES_OF_PARTS: &[&str] = &["identity_sequence_name", "not_null_constraint_name"];

/// Catalogs in which kinds of relations are born that have their names in `pg_class`.
const BORN_AS_RELATIONS: &[&str] =
    &["pg_class", "pg_rewrite", "pg_sequence", "pg_foreign_table", "pg_index", "pg_type"];

/// What is known of the schema.
#[derive(Clone, Debug, Default)]
struct Known {
    reading: Reading,
    members: i64,
    /// Whether nothing has been written since, except in the transaction that is open.
    fresh: bool,
}

/// The open transaction.
struct Transaction {
    /// What was known when it began.
    before: Known,
    /// The counters of then, or of the last reading in it.
    counters: Counters,
}

/// Reads snapshots and keeps track of what the next one can take from the last.
pub(super) struct Catalog {
    pub(super) parts: Vec<Part>,
    pub(super) gauge: Gauge,
    whole: String,
    rows: RowReader,
    known: Known,
    transaction: Option<Transaction>,
    /// Whether a script meddles with what tells us which catalogs are written.
    in_doubt: bool,
}

impl Catalog {
    /// Knows nothing yet.
    pub(super) async fn new(admin: &mut PgConnection, major: u32, reach: Reach) -> Result<Self, EngineError> {
        let mut parts = parts(major, reach);
        if reach >= Reach::Outside && !sees_settings(admin).await? {
            // Who may not read what ALTER SYSTEM has set may not run it.
            parts.retain(|part| part.born_in != "pg_file_settings");
        }
        // A test proves that the versions we know have no such catalog.
        let unknown = if major > TESTED.newest { opaque::catalogs(admin, major).await? } else { Vec::new() };
        for unknown in unknown {
            if !is_accounted_for(&unknown.name) && (reach >= Reach::Cluster || !unknown.is_shared) {
                parts.push(part(&unknown.query, major));
            }
        }
        let mut this = Self {
            gauge: Gauge::new(admin, &parts).await?,
            parts,
            whole: String::new(),
            rows: RowReader::new(),
            known: Known::default(),
            transaction: None,
            in_doubt: false,
        };
        this.ask_anew();
        Ok(this)
    }

    /// Writes the queries anew, after it changed what is asked, and forgets what was read.
    pub(super) fn ask_anew(&mut self) {
        let asked = self.parts.iter().enumerate().filter(|(_, part)| part.is_asked());
        let queries: Vec<String> = asked
            .map(|(number, part)| format!("SELECT {number} AS part, answer FROM ({}) AS query (answer)", part.sql))
            .collect();
        self.whole = match queries.is_empty() {
            true => "SELECT 0 AS part, '' AS answer WHERE false".to_owned(),
            false => queries.join("\nUNION ALL\n"),
        };
        self.gauge.ask_for(&self.parts);
        let refused = self.parts.iter().filter(|part| !part.left_out).filter_map(|part| part.refused.as_ref());
        self.known = Known { reading: Reading::without(together(refused)), ..Known::default() };
    }

    /// The query that reads everything that is asked.
    pub(super) fn whole_query(&self) -> &str {
        &self.whole
    }

    /// Leaves the objects of these kinds out of every later snapshot, and asks no more for those that come alone.
    pub(super) fn leave_out_kinds(&mut self, kinds: Vec<String>) {
        let named = |kind: &Arc<str>| kinds.iter().any(|name| names_kind(name, kind));
        for part in &mut self.parts {
            part.left_out = part.kinds.iter().all(named);
            if let Some(refused) = &mut part.refused {
                refused.kinds = part.kinds.iter().filter(|kind| !named(kind)).cloned().collect();
            }
        }
        self.rows.leave_out_kinds(kinds);
        self.ask_anew();
    }

    /// Those of the objects to be left out that no snapshot has met.
    pub(super) fn unmatched(&self) -> Vec<String> {
        self.rows.unmatched()
    }

    /// A script names the setting without which the server does not count what is written: it may be off for a while.
    /// From now on everything is read each time.
    pub(super) fn doubt_counters(&mut self) {
        self.in_doubt = true;
    }

    /// What a new session has to run first.
    pub(super) fn prepare(&self) -> &str {
        self.gauge.prepare()
    }

    /// Leaves these objects out of every later snapshot.
    pub(super) fn leave_out(&mut self, objects: Vec<String>) {
        self.rows.leave_out(objects);
        self.ask_anew();
    }

    /// Something happened that was not watched.
    pub(super) fn forget(&mut self) {
        self.known.fresh = false;
        self.transaction = None;
    }

    /// Whether the transaction that is open is being watched, so that what its statements write will be known.
    pub(super) fn is_watching(&self) -> bool {
        self.transaction.is_some()
    }

    /// Whether the last snapshot still holds.
    pub(super) fn is_known(&self) -> bool {
        self.known.fresh && self.transaction.is_none()
    }

    /// The last snapshot.
    pub(super) fn last(&self) -> Snapshot {
        self.known.reading.snapshot().clone()
    }

    /// A transaction began in the session, with these counters.
    pub(super) fn began(&mut self, counters: Counters) {
        self.transaction = Some(Transaction { before: self.known.clone(), counters });
    }

    /// The session's transaction was committed as it was last read.
    pub(super) fn committed(&mut self) {
        match self.transaction.take() {
            Some(_) => (),
            None => self.forget(),
        }
    }

    /// The session's transaction was rolled back: everything is as it was when it began.
    pub(super) fn rolled_back(&mut self) {
        match self.transaction.take() {
            Some(transaction) => self.known = transaction.before,
            None => self.forget(),
        }
    }

    /// The catalogs that the open transaction wrote since it was last read; `None` when that cannot be told.
    pub(super) fn written(&self, delta: &Delta) -> Option<BTreeMap<String, Writes>> {
        self.gauge.between(&self.transaction.as_ref()?.counters, &delta.counters).filter(|_| !self.in_doubt)
    }

    /// What the session sees inside its transaction. The reading settings have to be in force.
    pub(super) async fn in_transaction(
        &mut self,
        session: &mut PgConnection,
        delta: &Delta,
    ) -> Result<Snapshot, EngineError> {
        let written = self.written(delta).filter(|_| self.known.fresh);
        let partial = match &written {
            None => None,
            Some(written) if written.is_empty() => Some(self.known.reading.clone()),
            Some(written) => self.part(session, delta, written).await?,
        };
        if let Some(transaction) = &mut self.transaction {
            transaction.counters = delta.counters.clone();
        }
        match partial {
            None => self.whole(session).await,
            Some(reading) => {
                self.verify(session, &reading, &written).await?;
                self.known.reading = reading;
                Ok(self.last())
            }
        }
    }

    /// What this connection sees, all of it. The reading settings have to be in force.
    pub(super) async fn whole(&mut self, connection: &mut PgConnection) -> Result<Snapshot, EngineError> {
        let reading = self.read_whole(connection).await?;
        let members = match self.gauge.follows() {
            true => sqlx::query_scalar(MEMBERS).fetch_one(connection).await.map_err(engine_error)?,
            false => 0,
        };
        self.known = Known { reading, members, fresh: true };
        Ok(self.last())
    }

    /// The known reading with what was written since. `None` where only a whole reading will do.
    async fn part(
        &mut self,
        connection: &mut PgConnection,
        delta: &Delta,
        written: &BTreeMap<String, Writes>,
    ) -> Result<Option<Reading>, EngineError> {
        if delta.special || delta.members != self.known.members || !self.readable_in_part(written) {
            return Ok(None);
        }
        let gone = ["pg_class", "pg_constraint", "pg_index"];
        let gone = gone.iter().any(|catalog| written.get(*catalog).is_some_and(|writes| writes.deleted));
        let present = if gone { Some(present(connection).await?) } else { None };
        let mut reading = self.relations(delta, present.as_ref())?;
        for (number, part) in self.parts.iter().enumerate().filter(|(_, part)| part.is_asked()) {
            if may_answer_otherwise(part, reading.has_any(number), delta, written) {
                let answer: String = sqlx::query_scalar(AssertSqlSafe(part.sql.as_str()))
                    .fetch_one(&mut *connection)
                    .await
                    .map_err(engine_error)?;
                reading = self.rows.update(&reading, number, &answer)?;
            }
        }
        let renamed = renamed(&self.known.reading, &reading, NAMES_OF_PARTS);
        Ok((!renamed).then_some(reading))
    }

    /// Whether writes of this kind can be followed from the rows that were written. Updates that may change the texts of
    /// objects whose own rows stay as they are, and deletions that leave no row to be found by, cannot.
    fn readable_in_part(&self, written: &BTreeMap<String, Writes>) -> bool {
        let unseen: Vec<&str> =
            self.parts.iter().filter(|part| !part.is_asked()).map(|part| part.born_in.as_str()).collect();
        let unseen_relations = unseen.iter().any(|catalog| BORN_AS_RELATIONS.contains(catalog));
        written.iter().all(|(catalog, writes)| match catalog.as_str() {
            // A loose member of a family of the system makes that family an object of ours.
            "pg_extension" | "pg_authid" | "pg_tablespace" | "pg_amop" | "pg_amproc" => false,
            // They decide which operator class is the default one, which texts leave out.
            "pg_opclass" | "pg_cast" | "pg_am" => false,
            "pg_inherits" | "pg_description" if writes.deleted => false,
            // A name that changes here may be the name of something that no snapshot holds: a member of an extension, what
            // cannot be read, or what the user leaves out.
            "pg_type"
            | "pg_enum"
            | "pg_collation"
            | "pg_proc"
            | "pg_language"
            | "pg_namespace"
            | "pg_operator"
            | "pg_opfamily"
            | "pg_ts_config"
            | "pg_ts_dict"
            | "pg_ts_parser"
            | "pg_ts_template"
            | "pg_foreign_server"
            | "pg_foreign_data_wrapper"
            | "pg_publication"
                if writes.updated =>
            {
                false
            }
            catalog if writes.updated && unseen.contains(&catalog) => false,
            "pg_class" if writes.updated && unseen_relations => false,
            _ => !(writes.deleted && self.rows.loosely_names()),
        })
    }

    /// The known reading with the relations that were written as they are now, and without what is gone, where that may
    /// be anything.
    fn relations(&mut self, delta: &Delta, present: Option<&Present>) -> Result<Reading, EngineError> {
        let written = texts(&delta.relations);
        let mut reading = self.known.reading.clone();
        let of_relations =
            self.parts.iter().enumerate().filter(|(_, part)| part.is_asked() && part.of_relations.is_some());
        for ((number, part), answer) in of_relations.zip(&delta.answers) {
            let is_there = |whole: &str, own: &str| {
                present.is_none_or(|present| match part.born_in.as_str() {
                    "pg_constraint" => present.relations.contains(whole) && present.constraints.contains(own),
                    "pg_index" => present.relations.contains(whole) && present.relations.contains(own),
                    _ => present.relations.contains(whole),
                })
            };
            let keep = |identity: &str| {
                let (whole, own) = identity.split_once('.').unwrap_or((identity, identity));
                !written.contains(whole) && is_there(whole, own)
            };
            reading = self.rows.update_where(&reading, number, |_, identity| keep(identity), answer)?;
        }
        Ok(reading)
    }

    async fn read_whole(&mut self, connection: &mut PgConnection) -> Result<Reading, EngineError> {
        let rows = sqlx::query(AssertSqlSafe(self.whole.as_str())).fetch_all(connection).await.map_err(engine_error)?;
        let mut reading = self.known.reading.clone();
        for row in &rows {
            let number: i32 = row.try_get(0).map_err(engine_error)?;
            let answer: &str = row.try_get(1).map_err(engine_error)?;
            reading = self.rows.update(&reading, usize::try_from(number).unwrap_or_default(), answer)?;
        }
        Ok(reading)
    }

    /// In a debug build, and so in every test, proves that nothing was missed by reading less.
    async fn verify(
        &mut self,
        connection: &mut PgConnection,
        reading: &Reading,
        written: &Option<BTreeMap<String, Writes>>,
    ) -> Result<(), EngineError> {
        if !cfg!(debug_assertions) {
            return Ok(());
        }
        let whole = self.read_whole(connection).await?;
        if whole.snapshot() == reading.snapshot() {
            return Ok(());
        }
        let missed = crate::schema::Diff::between(reading.snapshot(), whole.snapshot()).changes;
        Err(EngineError::unexpected(format!("reading in part missed a change: written {written:?}, missed {missed:?}")))
    }
}

/// The oids of what is there.
struct Present {
    relations: HashSet<String>,
    constraints: HashSet<String>,
}

/// Whether the role may read what ALTER SYSTEM has set.
async fn sees_settings(admin: &mut PgConnection) -> Result<bool, EngineError> {
    let sql = "SELECT pg_catalog.has_function_privilege('pg_catalog.pg_show_all_file_settings()', 'EXECUTE') \
               AND pg_catalog.has_table_privilege('pg_catalog.pg_file_settings', 'SELECT') \
               AND pg_catalog.has_function_privilege('pg_catalog.pg_read_binary_file(text,bigint,bigint,boolean)', 'EXECUTE')";
    sqlx::query_scalar(sql).fetch_one(admin).await.map_err(engine_error)
}

async fn present(connection: &mut PgConnection) -> Result<Present, EngineError> {
    let row = sqlx::query(PRESENT).fetch_one(connection).await.map_err(engine_error)?;
    let oids = |nth: usize| row.try_get::<Vec<Oid>, _>(nth).map_err(engine_error);
    Ok(Present { relations: texts(&oids(0)?), constraints: texts(&oids(1)?) })
}

fn texts(oids: &[Oid]) -> HashSet<String> {
    oids.iter().map(|oid| oid.0.to_string()).collect()
}

/// Whether a query that is not asked relation by relation may answer otherwise after these writes.
fn may_answer_otherwise(part: &Part, has_any: bool, delta: &Delta, written: &BTreeMap<String, Writes>) -> bool {
    let wrote = |catalog: &str| written.get(catalog).copied().unwrap_or_default();
    let depend_deleted = wrote("pg_depend").deleted;
    if part.of_relations.is_some() {
        // A sequence that loses its owning column leaves no row to be found by.
        return part.born_in == "pg_sequence" && has_any && depend_deleted;
    }
    let born = wrote(&part.born_in);
    let born = match part.born_in.as_str() {
        // Every table comes with types of its own, and every foreign key with a constraint.
        "pg_type" => delta.types || (has_any && (born.deleted || born.updated)),
        "pg_constraint" => delta.domain_constraints || (has_any && born.deleted),
        // A domain that an extension owns has its constraints with it.
        "pg_extension" => born != Writes::default() || delta.domain_constraints || wrote("pg_constraint").deleted,
        _ => born != Writes::default(),
    };
    born || (has_any && part.changes_with.iter().any(|catalog| written.contains_key(catalog)))
}

/// What could not be read, the kinds of one catalog together.
fn together<'u>(refused: impl Iterator<Item = &'u Unreadable>) -> Arc<[Unreadable]> {
    let mut together: Vec<Unreadable> = Vec::new();
    for refused in refused.filter(|refused| !refused.kinds.is_empty()) {
        let alike = |other: &&mut Unreadable| other.catalog == refused.catalog && other.reason == refused.reason;
        match together.iter_mut().find(alike) {
            Some(other) => other.kinds.extend(refused.kinds.iter().cloned()),
            None => together.push(refused.clone()),
        }
    }
    for unreadable in &mut together {
        unreadable.kinds.sort();
        unreadable.kinds.dedup();
    }
    together.into()
}
