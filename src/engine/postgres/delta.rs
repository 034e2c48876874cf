//! What an open transaction has done to the schema, in one answer of the server.
//!
//! Two things tell it. The counters behind `pg_stat_xact_sys_tables` say without delay how many rows of each catalog this
//! transaction, and those before it that the server has not summed up yet, inserted, updated and deleted: within one
//! transaction they only grow, so that the difference of two readings names the catalogs that were written between them,
//! subtransactions included, rolled back ones too. And each row's xmin names the transaction that wrote it, so that the
//! relations whose rows are new can be listed, and read again together with the counters.

use std::collections::BTreeMap;

use sqlx::Row as _;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgConnection, PgRow};

use super::catalog::{Part, reading_settings};
use super::errors::engine_error;
use crate::engine::EngineError;

/// The relations that were written, as common table expressions.
const RELATIONS: &str = include_str!("delta.sql");

/// How many objects extensions have made: an object that leaves its extension leaves no other trace.
pub(super) const MEMBERS: &str = "SELECT count(*) FROM pg_catalog.pg_depend \
                                  WHERE refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass";

/// The oids of all relations and of all constraints, to tell which are gone.
pub(super) const PRESENT: &str = "SELECT ARRAY(SELECT oid FROM pg_catalog.pg_class WHERE oid >= 16384), \
                                  ARRAY(SELECT oid FROM pg_catalog.pg_constraint WHERE oid >= 16384)";

/// Enters a savepoint in which deferred constraints speak as the commit would make them, in which the session reads as the
/// connecting role with the reading settings, and answers with the delta. Leaving it puts everything back, since a rollback
/// to a savepoint restores settings and the modes of constraints (PostgreSQL manual, SET and SET CONSTRAINTS).
pub(super) const ENTER_READING: &str = "SAVEPOINT rollproof_reading; SET CONSTRAINTS ALL IMMEDIATE; \
                                        SET LOCAL SESSION AUTHORIZATION DEFAULT; EXECUTE rollproof_settings; \
                                        EXECUTE rollproof_delta";

/// Leaves the savepoint of [`ENTER_READING`].
pub(super) const LEAVE_READING: &str = "ROLLBACK TO SAVEPOINT rollproof_reading; RELEASE SAVEPOINT rollproof_reading";

/// Reads the counters, when a transaction begins.
pub(super) const EXECUTE_COUNTERS: &str = "EXECUTE rollproof_counters";

/// What was done to the rows of one catalog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Writes {
    pub(super) inserted: bool,
    pub(super) updated: bool,
    pub(super) deleted: bool,
}

/// The counters of one moment, three for each catalog; `None` when the server does not count.
pub(super) type Counters = Option<Vec<i64>>;

/// What a transaction has written until now.
#[derive(Debug)]
pub(super) struct Delta {
    /// The counters of now.
    pub(super) counters: Counters,
    /// The relations whose rows are new.
    pub(super) relations: Vec<Oid>,
    /// Something was written that is not looked at relation by relation: a system object, a member of an extension, a
    /// composite type, whose attributes stand in the texts of others.
    pub(super) special: bool,
    /// Types were written other than the row and array types that come with tables.
    pub(super) types: bool,
    /// A constraint of a domain was written.
    pub(super) domain_constraints: bool,
    /// How many objects extensions have made.
    pub(super) members: i64,
    /// The answers of the queries that can be asked for some relations, in the order of the parts.
    pub(super) answers: Vec<String>,
}

/// The statements that are prepared in each session.
#[derive(Debug)]
pub(super) struct Gauge {
    /// Name and oid of each system catalog.
    catalogs: Vec<(String, i64)>,
    /// Whether what was written can be told. Where it cannot, everything is read each time.
    follows: bool,
    /// Whether the values of sequences can be seen.
    sees_sequences: bool,
    prepare: String,
}

impl Gauge {
    /// A gauge of every system catalog of this server.
    pub(super) async fn new(connection: &mut PgConnection, parts: &[Part]) -> Result<Self, EngineError> {
        let sql = "SELECT oid::bigint, relname::text FROM pg_catalog.pg_class \
                   WHERE relnamespace = 'pg_catalog'::pg_catalog.regnamespace AND relkind = 'r' ORDER BY oid";
        let rows = sqlx::query(sql).fetch_all(connection).await.map_err(engine_error)?;
        let known: Result<Vec<(String, i64)>, sqlx::Error> =
            rows.iter().map(|row| Ok((row.try_get(1)?, row.try_get(0)?))).collect();
        let catalogs = known.map_err(engine_error)?;
        let mut gauge = Self { catalogs, follows: true, sees_sequences: true, prepare: String::new() };
        gauge.ask_for(parts);
        Ok(gauge)
    }

    /// Does without what this server does not show.
    pub(super) fn do_without(&mut self, delta: bool, sequences: bool) {
        self.follows &= !delta;
        self.sees_sequences &= !sequences;
    }

    /// Whether what was written can be told.
    pub(super) fn follows(&self) -> bool {
        self.follows
    }

    /// Whether the values of sequences can be seen, and so be put back.
    pub(super) fn sees_sequences(&self) -> bool {
        self.sees_sequences
    }

    /// Writes the statements anew, for these parts. Sessions that are there already keep the old ones.
    pub(super) fn ask_for(&mut self, parts: &[Part]) {
        let oids: Vec<String> = self.catalogs.iter().map(|(_, oid)| oid.to_string()).collect();
        let counter = |what: &str| {
            let function = format!("pg_catalog.pg_stat_get_xact_tuples_{what}");
            format!("ARRAY(SELECT {function}(oid) FROM unnest(ARRAY[{}]::oid[]) AS catalog (oid))", oids.join(", "))
        };
        let counters = format!(
            "pg_catalog.current_setting('track_counts')::bool, {} || {} || {}",
            counter("inserted"),
            counter("updated"),
            counter("deleted")
        );
        let no_counters = "false, '{}'::bigint[]";
        let sequences = "ARRAY(SELECT seqrelid FROM pg_catalog.pg_sequence \
                 WHERE pg_catalog.has_sequence_privilege(seqrelid, 'USAGE, SELECT') ORDER BY seqrelid), \
             ARRAY(SELECT pg_catalog.pg_sequence_last_value(seqrelid) FROM pg_catalog.pg_sequence \
                 WHERE pg_catalog.has_sequence_privilege(seqrelid, 'USAGE, SELECT') ORDER BY seqrelid)";
        let answers: Vec<String> = parts
            .iter()
            .filter(|part| part.is_asked())
            .filter_map(|part| Some(format!("({})", part.of_relations.as_ref()?)))
            .collect();
        let delta = format!(
            "WITH {RELATIONS} SELECT {counters}, \
             ARRAY(SELECT relation FROM relations), \
             EXISTS (SELECT FROM written WHERE relation BETWEEN 1 AND 16383) \
             OR EXISTS (SELECT FROM written w JOIN pg_catalog.pg_depend e ON e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass \
                AND e.objid = w.relation AND e.deptype = 'e') \
             OR EXISTS (SELECT FROM written w JOIN pg_catalog.pg_class c ON c.oid = w.relation WHERE c.relkind = 'c') \
             OR EXISTS (SELECT FROM pg_catalog.pg_namespace n, since WHERE n.oid < 16384 AND age(n.xmin) <= since.age) \
             OR EXISTS (SELECT FROM pg_catalog.pg_language l, since WHERE l.oid < 16384 AND age(l.xmin) <= since.age) \
             OR EXISTS (SELECT FROM types WHERE oid < 16384) OR (SELECT are_new FROM members), \
             EXISTS (SELECT FROM types WHERE NOT is_plain), \
             EXISTS (SELECT FROM written WHERE relation = 0), \
             (SELECT count FROM members), \
             ARRAY[{}]::text[]",
            answers.join(", ")
        );
        self.prepare = format!(
            "PREPARE rollproof_settings AS {}; \
             PREPARE rollproof_counters AS SELECT {}, {}; \
             PREPARE rollproof_delta AS {}",
            reading_settings(true),
            if self.follows { counters.as_str() } else { no_counters },
            if self.sees_sequences { sequences } else { "'{}'::oid[], '{}'::bigint[]" },
            if self.follows {
                delta
            } else {
                format!("SELECT {no_counters}, '{{}}'::oid[], false, false, false, 0::bigint, '{{}}'::text[]")
            },
        );
    }

    /// What a new session has to run first.
    pub(super) fn prepare(&self) -> &str {
        &self.prepare
    }

    /// The catalogs that were written between two readings of one transaction; `None` when the server does not count.
    pub(super) fn between(&self, before: &Counters, after: &Counters) -> Option<BTreeMap<String, Writes>> {
        let (before, after) = (before.as_ref()?, after.as_ref()?);
        let moved = |nth: usize| before.get(nth) != after.get(nth);
        let count = self.catalogs.len();
        let catalogs = self.catalogs.iter().enumerate().filter_map(|(nth, (name, _))| {
            let writes = Writes { inserted: moved(nth), updated: moved(nth + count), deleted: moved(nth + 2 * count) };
            (writes != Writes::default()).then(|| (name.clone(), writes))
        });
        Some(catalogs.collect())
    }
}

/// The answer of [`EXECUTE_COUNTERS`].
pub(super) fn counters(row: &PgRow) -> Result<Counters, EngineError> {
    let counted: bool = row.try_get(0).map_err(engine_error)?;
    let counters: Vec<i64> = row.try_get(1).map_err(engine_error)?;
    Ok(counted.then_some(counters))
}

/// The values of all sequences in the answer of [`EXECUTE_COUNTERS`]; `None` for one that has given no number yet.
pub(super) fn sequences(row: &PgRow) -> Result<Vec<(Oid, Option<i64>)>, EngineError> {
    let oids: Vec<Oid> = row.try_get(2).map_err(engine_error)?;
    let values: Vec<Option<i64>> = row.try_get(3).map_err(engine_error)?;
    Ok(oids.into_iter().zip(values).collect())
}

/// The statement that gives sequences the values that they had `before`; `None` where they have them.
pub(super) fn put_back(before: &[(Oid, Option<i64>)], now: &[(Oid, Option<i64>)]) -> Option<String> {
    let moved = before.iter().filter(|(oid, value)| now.iter().any(|(other, now)| other == oid && now != value));
    let sets: Vec<String> = moved
        .map(|(oid, value)| {
            let oid = oid.0;
            match value {
                Some(value) => format!("pg_catalog.setval({oid}::oid::pg_catalog.regclass, {value})"),
                None => format!(
                    "(SELECT pg_catalog.setval({oid}::oid::pg_catalog.regclass, seqstart, false) \
                     FROM pg_catalog.pg_sequence WHERE seqrelid = {oid})"
                ),
            }
        })
        .collect();
    (!sets.is_empty()).then(|| format!("RESET SESSION AUTHORIZATION; SELECT {}", sets.join(", ")))
}

/// The answer of [`ENTER_READING`].
pub(super) fn delta(row: &PgRow) -> Result<Delta, EngineError> {
    let read = || -> Result<Delta, sqlx::Error> {
        Ok(Delta {
            counters: None,
            relations: row.try_get(2)?,
            special: row.try_get(3)?,
            types: row.try_get(4)?,
            domain_constraints: row.try_get(5)?,
            members: row.try_get(6)?,
            answers: row.try_get(7)?,
        })
    };
    Ok(Delta { counters: counters(row)?, ..read().map_err(engine_error)? })
}
