//! SQLite: snapshots agree with `sqlite_schema`.

use libtest_mimic::Trial;

/// The trials on SQLite.
pub(crate) fn trials() -> Vec<Trial> {
    Vec::new()
}
