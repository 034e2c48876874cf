//! Which tables hold other rows than they did.

use super::SOME_TABLE;
use crate::engine::Rows;
use crate::schema::{ChangeKind, Diff};

/// Whether the engine can tell what is in the tables.
pub(super) fn may_tell(rows: &Rows) -> bool {
    *rows != Rows::Some(None)
}

/// The tables that hold something else `now` than `then`, without those that have other columns: what those hold is
/// another thing in any case.
pub(super) fn rows_left(then: &Rows, now: &Rows, left_behind: &Diff) -> Vec<String> {
    let Some(mut tables) = then.differing(now) else {
        // The rows of a table that came, which is told, may be all there are.
        let table_came = left_behind.changes.iter().any(|change| matches!(change.kind, ChangeKind::Added(_)));
        let came = *then == Rows::None && *now != Rows::None && !table_came;
        return if came { vec![SOME_TABLE.to_owned()] } else { Vec::new() };
    };
    for change in &left_behind.changes {
        let renamed = match &change.kind {
            ChangeKind::Renamed { from } => Some(from),
            _ => None,
        };
        for id in std::iter::once(&change.object).chain(renamed) {
            match (&*id.kind, &*id.path) {
                ("table" | "table column" | "sequence", [name, ..]) => drop(tables.remove(&**name)),
                ("other-database table" | "other-database sequence", [database, name]) => {
                    tables.remove(&format!("{database}.{name}"));
                }
                ("other-database", [database]) => tables.retain(|table| !table.starts_with(&format!("{database}."))),
                _ => {}
            }
        }
    }
    tables.into_iter().collect()
}
