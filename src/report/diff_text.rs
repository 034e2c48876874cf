//! Differences of two schemas in words.

use super::plain_text::one_clean_line;
use crate::schema::Diff;

/// The differences, one a line.
pub fn diff_text(diff: &Diff) -> String {
    diff.changes.iter().map(|change| format!("{}: {}\n", change.class, one_clean_line(&change.to_string()))).collect()
}
