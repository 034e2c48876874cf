//! Names that one thing has in several versions.

use std::collections::BTreeMap;

/// The collation that each character set has where none is named.
#[derive(Clone, Debug, Default)]
pub(in crate::engine::mysql) struct Collations(pub(in crate::engine::mysql) BTreeMap<String, String>);

impl Collations {
    pub(super) fn of(&self, character_set: &str) -> Option<String> {
        self.0.get(character_set).cloned()
    }
}

/// A collation as new versions call it: `utf8` became `utf8mb3` with MySQL 8.0.30 and MariaDB 10.6.
pub(super) fn collation_name(name: &str) -> String {
    match name.strip_prefix("utf8_") {
        Some(rest) => format!("utf8mb3_{rest}"),
        None => name.to_owned(),
    }
}
