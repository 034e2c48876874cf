//! The catalog queries, one file per kind of object.

use std::collections::BTreeSet;

use include_dir::{Dir, File, include_dir};

use super::touched::catalogs_read_by;
use crate::engine::rows::SEPARATOR;

/// A file is one SELECT of kind, path, identity and attributes.
static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/engine/postgres/catalog");

/// Deparse functions leave out the schema of whatever the search path finds, so the path has to be empty for names that
/// do not depend on the session (`pg_dump` does the same).
///
/// Defaults and partition bounds print through the other settings.
pub(super) const READING_SETTINGS: &[(&str, &str)] = &[
    ("search_path", ""),
    ("DateStyle", "ISO, MDY"),
    ("IntervalStyle", "postgres"),
    ("TimeZone", "UTC"),
    ("extra_float_digits", "1"),
    ("bytea_output", "hex"),
    ("quote_all_identifiers", "off"),
    ("statement_timeout", "0"),
];

/// The statements that set them; `scope` is SET's, `SESSION` or `LOCAL`.
pub(super) fn reading_settings(scope: &str) -> String {
    let sets: Vec<String> =
        READING_SETTINGS.iter().map(|(name, value)| format!("SET {scope} {name} = '{value}'")).collect();
    sets.join("; ")
}

/// Enters a savepoint in which deferred constraints speak as the commit would make them, and in which the session reads
/// as the connecting role with an empty search path. Leaving it puts everything back, since a rollback to a savepoint
/// restores settings and the modes of constraints (PostgreSQL manual, SET and SET CONSTRAINTS).
pub(super) fn enter_reading() -> String {
    format!(
        "SAVEPOINT rollproof_reading; SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL SESSION AUTHORIZATION DEFAULT; {}",
        reading_settings("LOCAL")
    )
}

/// Leaves the savepoint of [`enter_reading`].
pub(super) const LEAVE_READING: &str = "ROLLBACK TO SAVEPOINT rollproof_reading; RELEASE SAVEPOINT rollproof_reading";

/// The query of one file.
#[derive(Debug)]
pub(super) struct Part {
    /// Gives one text a row: kind, path, identity and attributes.
    pub(super) sql: String,
    /// The catalogs that its answer depends on.
    pub(super) reads: BTreeSet<String>,
}

/// The queries that read a whole schema on a server of this major version. Files called `cluster_*` read what outlives a
/// database and are left out unless asked for.
pub(super) fn parts(major: u32, with_cluster: bool) -> Vec<Part> {
    let wanted = |file: &&File<'_>| with_cluster || !file.path().to_string_lossy().starts_with("cluster_");
    let mut files: Vec<_> = FILES.files().filter(wanted).collect();
    files.sort_by_key(|file| file.path());
    let texts = files.iter().filter_map(|file| file.contents_utf8()).map(|text| for_version(text, major));
    let separator = format!("pg_catalog.chr({})", u32::from(SEPARATOR));
    texts
        .map(|text| Part {
            sql: format!(
                "SELECT kind || {separator} || path || {separator} || coalesce(identity, '') || {separator} || \
                 attributes FROM (\n{text}\n) AS objects (kind, path, identity, attributes)"
            ),
            reads: catalogs_read_by(&text),
        })
        .collect()
}

/// A query without the lines that its version marks shut out: `-- since 14` at the end of a line keeps it for 14 and
/// later, `-- until 13` for 13 and earlier.
fn for_version(text: &str, major: u32) -> String {
    let fits = |line: &&str| {
        let mark = |word: &str| {
            line.rsplit_once("-- ")
                .and_then(|(_, mark)| mark.trim().strip_prefix(word))
                .and_then(|number| number.trim().parse::<u32>().ok())
        };
        mark("since ").is_none_or(|since| major >= since) && mark("until ").is_none_or(|until| major <= until)
    };
    let kept: Vec<&str> = text.lines().filter(fits).collect();
    kept.join("\n").trim().trim_end_matches(';').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_marks_keep_and_drop_lines() {
        let text = "select 1\n, 2 -- since 14\n, 3 -- until 13\n, 4 -- since then it is so";
        assert!(for_version(text, 14).contains(", 2") && !for_version(text, 14).contains(", 3"));
        assert!(for_version(text, 13).contains(", 3") && !for_version(text, 13).contains(", 2"));
        assert!(for_version(text, 13).contains(", 4"));
    }

    /// Objects that an extension made are told by the extension and its version; every file says how it leaves them out.
    #[test]
    fn every_query_leaves_out_the_members_of_extensions() {
        for file in FILES.files() {
            let text = file.contents_utf8().unwrap();
            let said = text.contains("deptype = 'e'") || text.contains("-- extension members:");
            assert!(said, "{} says nothing of extension members", file.path().display());
        }
    }
}
