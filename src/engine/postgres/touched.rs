//! Which catalogs a transaction wrote to, so that only the queries that read those are asked again.
//!
//! The counters of `pg_stat_xact_sys_tables` tell without delay how many tuples this transaction, and those before it
//! that the server has not summed up yet, inserted, updated and deleted in each catalog. Within one transaction they
//! only grow, so that the difference of two readings names the catalogs that were written between them, subtransactions
//! included, rolled back ones too.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row as _};

use super::errors::engine_error;
use crate::engine::EngineError;

/// The catalogs that may differ from what was last read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Touched {
    /// Any.
    Unknown,
    /// These, by name.
    Only(BTreeSet<String>),
}

impl Touched {
    /// None.
    pub(super) fn nothing() -> Self {
        Self::Only(BTreeSet::new())
    }

    /// These too.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Only(mut mine), Self::Only(others)) => {
                mine.extend(others);
                Self::Only(mine)
            }
            _ => Self::Unknown,
        }
    }

    /// Whether a query that reads `catalogs` may answer otherwise now.
    pub(super) fn concerns(&self, catalogs: &BTreeSet<String>) -> bool {
        match self {
            Self::Unknown => true,
            Self::Only(touched) => !touched.is_disjoint(catalogs),
        }
    }
}

/// The counters of one moment, in the order of the catalogs that were asked for; `None` when the server does not count.
pub(super) type Counters = Option<Vec<i64>>;

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
        let sql = format!(
            "SELECT pg_catalog.current_setting('track_counts')::bool, array_agg(\
             pg_catalog.pg_stat_get_xact_tuples_inserted(oid) + pg_catalog.pg_stat_get_xact_tuples_updated(oid) \
             + pg_catalog.pg_stat_get_xact_tuples_deleted(oid) ORDER BY nth) \
             FROM unnest(ARRAY[{}]::oid[]) WITH ORDINALITY AS catalog (oid, nth)",
            oids.join(", ")
        );
        Ok(Self { catalogs: known.into_values().collect(), sql })
    }

    /// Reads the counters.
    pub(super) async fn read(&self, connection: &mut PgConnection) -> Result<Counters, EngineError> {
        let row = sqlx::query(AssertSqlSafe(self.sql.as_str())).fetch_one(connection).await.map_err(engine_error)?;
        let counted: bool = row.try_get(0).map_err(engine_error)?;
        let counters: Vec<i64> = row.try_get(1).map_err(engine_error)?;
        Ok(counted.then_some(counters))
    }

    /// The catalogs that were written between two readings of one transaction.
    pub(super) fn between(&self, before: &Counters, after: &Counters) -> Touched {
        let (Some(before), Some(after)) = (before, after) else { return Touched::Unknown };
        let moved = self.catalogs.iter().zip(before.iter().zip(after)).filter(|(_, (before, after))| before != after);
        Touched::Only(moved.map(|(catalog, _)| catalog.clone()).collect())
    }
}

/// What functions in catalog queries read without its standing in the query's text.
const READ_BY_FUNCTIONS: &[(&str, &[&str])] = &[
    ("obj_description", &["pg_description", "pg_shdescription"]),
    ("col_description", &["pg_description"]),
    ("shobj_description", &["pg_shdescription"]),
    ("pg_get_indexdef", &["pg_index", "pg_opclass"]),
    ("pg_get_constraintdef", &["pg_constraint", "pg_index"]),
    ("pg_get_triggerdef", &["pg_trigger"]),
    ("pg_get_ruledef", &["pg_rewrite"]),
    ("pg_get_viewdef", &["pg_rewrite"]),
    ("pg_get_function", &["pg_proc"]),
    ("pg_get_partkeydef", &["pg_partitioned_table"]),
    ("pg_get_statisticsobjdef", &["pg_statistic_ext"]),
    ("pg_get_partition_constraintdef", &["pg_class"]),
    ("pg_relation_is_publishable", &["pg_class", "pg_publication"]),
    ("format_type", &["pg_type"]),
];

/// The catalogs that a query reads: the names in its text, and what the functions in it are known to read. Names of
/// objects are read by many functions besides; a rename is noticed on its own.
pub(super) fn catalogs_read_by(sql: &str) -> BTreeSet<String> {
    let words = sql
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"))
        .flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty()));
    let mut read = BTreeSet::new();
    for word in words {
        if word.starts_with("pg_") {
            read.insert(word.to_owned());
        }
        for (function, catalogs) in READ_BY_FUNCTIONS {
            if word.starts_with(function) {
                read.extend(catalogs.iter().map(|catalog| (*catalog).to_owned()));
            }
        }
        if word == "pg_roles" || word == "pg_get_userbyid" || word == "regrole" {
            read.insert("pg_authid".to_owned());
        }
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_names_what_it_reads() {
        let read = catalogs_read_by("-- pg_proc\nSELECT pg_catalog.obj_description(c.oid) FROM pg_class AS c");
        assert!(read.contains("pg_class") && read.contains("pg_description") && !read.contains("pg_proc"));
        let touched = Touched::Only(["pg_description".to_owned()].into());
        assert!(touched.concerns(&read));
        assert!(!Touched::nothing().concerns(&read));
        assert!(Touched::nothing().and(Touched::Unknown).concerns(&read));
    }
}
