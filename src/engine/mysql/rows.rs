//! Whether the rows of a database's tables are what they were.

use std::collections::BTreeMap;

use sqlx::Row as _;
use sqlx::mysql::MySqlConnection;

use super::connection::{literal, quoted, rows};
use super::errors::engine_error;
use super::flavour::Flavour;
use super::gate::Defined;
use crate::engine::{EngineError, Rows};

/// What the tables of a database hold but for those that are `left_out`, and those of `others` that migrations made: `CHECKSUM
/// TABLE` of each, and the numbers that counters give next. What the database has need not be asked where it is `known`.
///
/// # Errors
/// When the server refuses to tell.
pub(super) async fn held(
    connection: &mut MySqlConnection,
    flavour: Flavour,
    database: &str,
    others: &[String],
    left_out: &[String],
    known: Option<&BTreeMap<String, Defined>>,
) -> Result<Rows, EngineError> {
    let mut tables: Vec<(String, String, String)> = Vec::new();
    for schema in std::iter::once(database).chain(others.iter().map(String::as_str)) {
        let known = known.filter(|_| schema == database);
        for (name, counter) in listed(connection, flavour, schema, known).await? {
            let is_left_out = left_out.iter().any(|object| object.strip_prefix("table ") == Some(&*name));
            if schema != database || !is_left_out {
                let told = if schema == database { name.clone() } else { format!("{schema}.{name}") };
                tables.push((format!("{}.{}", quoted(schema), quoted(&name)), told, counter));
            }
        }
    }
    if tables.is_empty() {
        return Ok(Rows::None);
    }
    let names: Vec<&str> = tables.iter().map(|(name, ..)| name.as_str()).collect();
    let mut sums: Vec<Option<u64>> = Vec::new();
    for row in rows(connection, &format!("CHECKSUM TABLE {}", names.join(", "))).await? {
        // One product's sums have a sign and the other's have none.
        sums.push(match row.try_get_unchecked::<Option<i64>, _>(1) {
            Ok(sum) => sum.map(i64::cast_unsigned),
            Err(_) => row.try_get_unchecked(1).map_err(engine_error)?,
        });
    }
    if sums.len() != tables.len() || sums.contains(&None) {
        return Ok(Rows::Some(None));
    }
    let mut held = BTreeMap::new();
    for ((_, told, counter), sum) in tables.into_iter().zip(sums) {
        if sum != Some(0) || counter != "1" {
            held.insert(told, format!("{counter} {}", sum.unwrap_or_default()));
        }
    }
    Ok(if held.is_empty() { Rows::None } else { Rows::Some(Some(held)) })
}

/// Up to so many tables are asked for by name; each costs as much as a listed one that is not told.
const BY_NAME: usize = 12;

/// The tables of a database, each with the number that its counter gives next.
async fn listed(
    connection: &mut MySqlConnection,
    flavour: Flavour,
    schema: &str,
    known: Option<&BTreeMap<String, Defined>>,
) -> Result<Vec<(String, String)>, EngineError> {
    // MySQL remembers counters for a day unless told not to.
    let fresh = if flavour.is_mariadb() { "" } else { "SET SESSION information_schema_stats_expiry = 0; " };
    let of_schema = format!(
        "SELECT CAST(table_name AS CHAR), CAST(coalesce(auto_increment, 1) AS CHAR) FROM information_schema.tables \
         WHERE table_schema = {} AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE')",
        literal(schema)
    );
    let counts = |defined: &Defined| defined.text.contains("AUTO_INCREMENT") || !defined.text.starts_with("CREATE");
    let counting: Option<Vec<String>> = known.map(|known| {
        let of = known.iter().filter(|(_, defined)| counts(defined));
        of.map(|(name, _)| format!("{of_schema} AND table_name = {}", literal(name))).collect()
    });
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let sql = match (known, counting) {
        (Some(known), Some(counting)) if counting.len() <= BY_NAME => {
            let tables = known.iter().filter(|(_, defined)| defined.kind != "view");
            found.extend(tables.map(|(name, _)| (name.clone(), "1".to_owned())));
            counting.join(" UNION ALL ")
        }
        _ => of_schema,
    };
    if !sql.is_empty() {
        for row in rows(connection, &format!("{fresh}{sql}")).await? {
            found.insert(row.try_get(0).map_err(engine_error)?, row.try_get(1).map_err(engine_error)?);
        }
    }
    Ok(found.into_iter().collect())
}
