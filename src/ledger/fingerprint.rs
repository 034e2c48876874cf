//! What makes two findings of two runs the same one.

use sha2::{Digest, Sha256};

/// The same 32 hexadecimal digits for the same rule, database, migration and object, in every run and every version.
/// Lines, messages and file names are not in it: they move while the finding stays.
pub fn fingerprint(rule: &str, database: &str, migration: Option<&str>, object: Option<&str>) -> String {
    let mut hash = Sha256::new();
    for part in [Some(rule), Some(database), migration, object] {
        // With its length before it, no part can pass for the beginning of the next.
        let length = part.map_or(u64::MAX, |text| text.len() as u64);
        hash.update(length.to_be_bytes());
        hash.update(part.unwrap_or_default());
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn it_never_changes() {
        let known = fingerprint("down-fails", "main", Some("0001_books"), Some("table public.books"));
        assert_eq!(known, "3933cbbc665d7e3ce5884b7c8cd017ee");
    }

    #[test]
    fn each_part_counts_and_none_runs_into_the_next() {
        let prints = [
            fingerprint("a", "b", None, None),
            fingerprint("ab", "", None, None),
            fingerprint("", "ab", None, None),
            fingerprint("a", "b", Some(""), None),
            fingerprint("a", "b", None, Some("")),
            fingerprint("a", "b", Some("c"), None),
            fingerprint("a", "b", None, Some("c")),
            fingerprint("a", "bc", None, None),
        ];
        assert_eq!(prints.iter().collect::<BTreeSet<_>>().len(), prints.len());
        assert!(prints.iter().all(|print| print.len() == 32));
    }
}
