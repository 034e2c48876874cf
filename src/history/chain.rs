//! Migrations that follow one another, as all formats have them whose files do not name parents.

use super::{History, Listing, Migration, Unmatched};

/// A history of `migrations` in this order, each the child of the one before it.
pub(super) fn chain(
    format: &'static str,
    listing: &Listing,
    mut migrations: Vec<Migration>,
    mut unmatched: Vec<Unmatched>,
) -> History {
    for index in 1..migrations.len() {
        migrations[index].parents = vec![migrations[index - 1].id.clone()];
    }
    unmatched.sort_by(|a, b| a.path.cmp(&b.path));
    let one_way = !migrations.is_empty() && migrations.iter().all(|migration| migration.down.is_none());
    History { format, folder: listing.shown.clone(), migrations, unmatched, one_way, declares_parents: false }
}
