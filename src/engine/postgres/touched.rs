//! Which catalogs a transaction wrote to, so that only what reads those is read again.
//!
//! The counters of `pg_stat_xact_sys_tables` tell without delay how many tuples this transaction, and those before it
//! that the server has not summed up yet, inserted, updated and deleted in each catalog. Within one transaction they
//! only grow, so that the difference of two readings names the catalogs that were written between them, subtransactions
//! included, rolled back ones too.

use std::collections::BTreeMap;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row as _};

use super::errors::engine_error;
use crate::engine::EngineError;

/// What was done to the rows of one catalog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Writes {
    pub(super) inserted: bool,
    pub(super) updated: bool,
    pub(super) deleted: bool,
}

/// The catalogs that may differ from what was last read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Touched {
    /// Any.
    Unknown,
    /// These.
    Only {
        /// What was done, by the catalog's name.
        catalogs: BTreeMap<String, Writes>,
        /// The oldest of the transactions that did it; `None` while nothing was written.
        since: Option<i64>,
    },
}

impl Touched {
    /// None.
    pub(super) fn nothing() -> Self {
        Self::Only { catalogs: BTreeMap::new(), since: None }
    }

    /// These too.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Only { mut catalogs, since }, Self::Only { catalogs: others, since: other }) => {
                for (name, writes) in others {
                    let known = catalogs.entry(name).or_default();
                    known.inserted |= writes.inserted;
                    known.updated |= writes.updated;
                    known.deleted |= writes.deleted;
                }
                let since = [since, other].into_iter().flatten().min();
                Self::Only { catalogs, since }
            }
            _ => Self::Unknown,
        }
    }
}

/// The counters of one moment in the order of the catalogs that were asked for, three for each, and the transaction's
/// number once it has one; `None` when the server does not count.
pub(super) type Counters = Option<(Vec<i64>, Option<i64>)>;

/// Asks for the counters of a fixed list of catalogs.
#[derive(Debug)]
pub(super) struct Gauge {
    catalogs: Vec<String>,
    sql: String,
}

impl Gauge {
    /// A gauge of every system catalog of this server.
    pub(super) async fn new(connection: &mut PgConnection) -> Result<Self, EngineError> {
        let sql = "SELECT oid::bigint, relname::text FROM pg_catalog.pg_class \
                   WHERE relnamespace = 'pg_catalog'::pg_catalog.regnamespace AND relkind = 'r' ORDER BY oid";
        let rows = sqlx::query(sql).fetch_all(connection).await.map_err(engine_error)?;
        let known: Result<BTreeMap<i64, String>, sqlx::Error> =
            rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect();
        let known = known.map_err(engine_error)?;
        let oids: Vec<String> = known.keys().map(i64::to_string).collect();
        let counter = |what: &str| {
            let function = format!("pg_catalog.pg_stat_get_xact_tuples_{what}");
            format!("ARRAY(SELECT {function}(oid) FROM unnest(ARRAY[{}]::oid[]) AS catalog (oid))", oids.join(", "))
        };
        let sql = format!(
            "SELECT pg_catalog.current_setting('track_counts')::bool, {} || {} || {}, \
             pg_catalog.pg_current_xact_id_if_assigned()::text::bigint",
            counter("inserted"),
            counter("updated"),
            counter("deleted")
        );
        Ok(Self { catalogs: known.into_values().collect(), sql })
    }

    /// Reads the counters.
    pub(super) async fn read(&self, connection: &mut PgConnection) -> Result<Counters, EngineError> {
        let row = sqlx::query(AssertSqlSafe(self.sql.as_str())).fetch_one(connection).await.map_err(engine_error)?;
        let counted: bool = row.try_get(0).map_err(engine_error)?;
        let counters: Vec<i64> = row.try_get(1).map_err(engine_error)?;
        let transaction: Option<i64> = row.try_get(2).map_err(engine_error)?;
        Ok(counted.then_some((counters, transaction)))
    }

    /// The catalogs that were written between two readings of one transaction.
    pub(super) fn between(&self, before: &Counters, after: &Counters) -> Touched {
        let (Some((before, _)), Some((after, since))) = (before, after) else { return Touched::Unknown };
        let moved = |nth: usize| before.get(nth) != after.get(nth);
        let count = self.catalogs.len();
        let catalogs = self.catalogs.iter().enumerate().filter_map(|(nth, name)| {
            let writes =
                Writes { inserted: moved(nth), updated: moved(nth + count), deleted: moved(nth + 2 * count) };
            (writes != Writes::default()).then(|| (name.clone(), writes))
        });
        Touched::Only { catalogs: catalogs.collect(), since: *since }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_touched_adds_up() {
        let one = |name: &str, writes: Writes, since: i64| Touched::Only {
            catalogs: [(name.to_owned(), writes)].into(),
            since: Some(since),
        };
        let inserted = Writes { inserted: true, ..Writes::default() };
        let deleted = Writes { deleted: true, ..Writes::default() };
        let both = Touched::nothing().and(one("pg_class", inserted, 9)).and(one("pg_class", deleted, 7));
        assert_eq!(both, one("pg_class", Writes { inserted: true, updated: false, deleted: true }, 7));
        assert_eq!(both.and(Touched::Unknown), Touched::Unknown);
    }
}
