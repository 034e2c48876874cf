//! The versions of PostgreSQL that Rollproof knows. What depends on a single version stands in the catalog queries, behind
//! `-- since` and `-- until`.

use crate::engine::EngineError;

/// A range of major versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The oldest that works: `DROP DATABASE ... WITH (FORCE)` and `pg_current_xact_id()` came with 13.
    pub oldest: u32,
    /// The newest that Rollproof was tested with.
    pub newest: u32,
}

/// The versions that work and were tested.
pub const TESTED: Versions = Versions { oldest: 13, newest: 18 };

impl Versions {
    /// Whether a version is newer than all that were tested, so that nothing about its catalogs can be taken for granted.
    pub(super) fn is_newer(self, major: u32) -> bool {
        major > self.newest
    }

    /// What a reader should know of a server of this version.
    ///
    /// # Errors
    /// When it is too old: what removes a database with its sessions is not there, and nothing may be left behind.
    pub(super) fn note(self, major: u32, version: &str) -> Result<Option<String>, EngineError> {
        if major < self.oldest {
            return Err(EngineError::unexpected(format!(
                "PostgreSQL {version} is too old: Rollproof needs PostgreSQL {} or newer",
                self.oldest
            )));
        }
        Ok(self.is_newer(major).then(|| {
            format!(
                "PostgreSQL {version} is newer than this version of Rollproof, which was tested with PostgreSQL {} to {}: \
                 what is new in it may not be compared",
                self.oldest, self.newest
            )
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_old_is_refused_and_too_new_is_noted() {
        assert!(TESTED.note(12, "12.22").unwrap_err().to_string().contains("PostgreSQL 12.22 is too old"));
        for major in TESTED.oldest..=TESTED.newest {
            assert_eq!(TESTED.note(major, "x").unwrap(), None);
        }
        let note = TESTED.note(19, "19beta1").unwrap().unwrap();
        assert!(note.contains("19beta1") && note.contains("PostgreSQL 13 to 18"), "{note}");
    }
}
