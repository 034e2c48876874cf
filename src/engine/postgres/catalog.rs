//! The catalog queries, one file per kind of object.

use std::collections::BTreeSet;
use std::sync::Arc;

use include_dir::{Dir, File, include_dir};

use crate::engine::kinds::kinds_of;
use crate::engine::rows::{ROW_SEPARATOR, SEPARATOR};
use crate::schema::Unreadable;

/// A file is one SELECT of kind, path, identity and attributes.
static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/engine/postgres/catalog");

/// Deparse functions leave out the schema of whatever the search path finds, so the path has to be empty for names that
/// do not depend on the session (`pg_dump` does the same). Where it does not name them, temporary tables come first, and one
/// may be called like a catalog.
///
/// Defaults and partition bounds print through the other settings.
pub(super) const READING_SETTINGS: &[(&str, &str)] = &[
    ("search_path", "pg_catalog, pg_temp"),
    ("DateStyle", "ISO, MDY"),
    ("IntervalStyle", "postgres"),
    ("TimeZone", "UTC"),
    ("extra_float_digits", "1"),
    ("bytea_output", "hex"),
    ("quote_all_identifiers", "off"),
    ("client_encoding", "UTF8"),
    ("standard_conforming_strings", "on"),
    ("lc_monetary", "C"),
    ("xmloption", "content"),
    ("statement_timeout", "0"),
    ("plan_cache_mode", "force_generic_plan"),
];

/// The query that sets them, for a session or for a transaction only.
pub(super) fn reading_settings(in_transaction: bool) -> String {
    let set = |(name, value): &(&str, &str)| format!("pg_catalog.set_config('{name}', '{value}', {in_transaction})");
    format!("SELECT {}", READING_SETTINGS.iter().map(set).collect::<Vec<_>>().join(", "))
}

/// The query of one file.
#[derive(Debug)]
pub(super) struct Part {
    /// Gives one text: the rows of the file's query, with separators between.
    pub(super) sql: String,
    /// The same for the relations in the common table expression `relations`; `None` where the kind is read as a whole.
    pub(super) of_relations: Option<String>,
    /// The catalog in which every object of these kinds has a row.
    pub(super) born_in: String,
    /// The other catalogs that its answer depends on, once there is such an object.
    pub(super) changes_with: BTreeSet<String>,
    /// The kinds of objects that it gives.
    pub(super) kinds: Vec<Arc<str>>,
    /// Why it cannot be asked on this server.
    pub(super) refused: Option<Unreadable>,
    /// Whether the user wants none of what it gives.
    pub(super) left_out: bool,
}

impl Part {
    /// Whether it is asked at all.
    pub(super) fn is_asked(&self) -> bool {
        self.refused.is_none() && !self.left_out
    }
}

/// How far a snapshot reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// The database.
    Database,
    /// What outlives it and can be said of another server too: roles, tablespaces. Files called `cluster_*` read it.
    Cluster,
    /// What else a script may leave on its server: other databases, what ALTER SYSTEM set. Files called `outside_*` read it.
    Outside,
}

/// The queries that read as far on a server of this major version.
///
/// The first lines of a file say in which catalog its objects are `born in` and which others it `changes with`. Names of
/// other objects need no mention: a rename is noticed on its own.
pub(super) fn parts(major: u32, reach: Reach) -> Vec<Part> {
    let wanted = |file: &&File<'_>| {
        let name = file.path().to_string_lossy();
        (reach >= Reach::Cluster || !name.starts_with("cluster_"))
            && (reach >= Reach::Outside || !name.starts_with("outside_"))
    };
    let mut files: Vec<_> = FILES.files().filter(wanted).collect();
    files.sort_by_key(|file| file.path());
    files.iter().filter_map(|file| file.contents_utf8()).map(|text| part(text, major)).collect()
}

/// Catalogs whose rows are objects and that no query file names: large objects are rows by another name, and user mappings
/// are read through the view that hides what not everybody may see.
const NAMED_NOWHERE: [&str; 2] = ["pg_largeobject_metadata", "pg_user_mapping"];

/// Whether a query file reads this catalog, or none has to.
pub fn is_accounted_for(catalog: &str) -> bool {
    let queries = FILES.files().filter_map(|file| file.contents_utf8()).flat_map(str::lines);
    let mut words = queries
        .filter(|line| !line.starts_with("--"))
        .flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    NAMED_NOWHERE.contains(&catalog) || words.any(|word| word == catalog)
}

/// The query of a file with this text.
pub(super) fn part(text: &str, major: u32) -> Part {
    let said = |word: &str| {
        let lines = text.lines().filter_map(|line| line.strip_prefix("-- ")?.strip_prefix(word));
        lines.flat_map(str::split_whitespace).map(str::to_owned).collect::<BTreeSet<String>>()
    };
    let of_relations = text.lines().any(|line| line.ends_with(OF_RELATIONS));
    Part {
        sql: as_one_text(&for_version(text, major, false)),
        of_relations: of_relations.then(|| as_one_text(&for_version(text, major, true))),
        born_in: said("born in:").into_iter().next().unwrap_or_default(),
        changes_with: said("changes with:"),
        kinds: kinds_of(text).into_iter().map(Arc::from).collect(),
        refused: None,
        left_out: false,
    }
}

/// Every kind of object that PostgreSQL has here, each once.
pub(super) fn kinds() -> BTreeSet<&'static str> {
    FILES.files().filter_map(|file| file.contents_utf8()).flat_map(kinds_of).collect()
}

/// Ends the line of a file that is kept only in the query for some relations.
const OF_RELATIONS: &str = "-- of relations";

fn as_one_text(query: &str) -> String {
    let between = format!("pg_catalog.chr({})", u32::from(SEPARATOR));
    let rows_between = format!("pg_catalog.chr({})", u32::from(ROW_SEPARATOR));
    format!(
        "SELECT coalesce(string_agg(concat_ws({between}, kind, path, coalesce(identity, ''), attributes), \
         {rows_between}), '') FROM (\n{query}\n) AS objects (kind, path, identity, attributes)"
    )
}

/// A query without the lines that its version marks shut out: `-- since 14` at the end of a line keeps it for 14 and
/// later, `-- until 13` for 13 and earlier.
pub(super) fn for_version(text: &str, major: u32, of_relations: bool) -> String {
    let fits = |line: &&str| {
        let mark = |word: &str| {
            line.rsplit_once("-- ")
                .and_then(|(_, mark)| mark.trim().strip_prefix(word))
                .and_then(|number| number.trim().parse::<u32>().ok())
        };
        mark("since ").is_none_or(|since| major >= since)
            && mark("until ").is_none_or(|until| major <= until)
            && (of_relations || !line.ends_with(OF_RELATIONS))
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
        assert!(for_version(text, 14, false).contains(", 2") && !for_version(text, 14, false).contains(", 3"));
        assert!(for_version(text, 13, false).contains(", 3") && !for_version(text, 13, false).contains(", 2"));
        assert!(for_version(text, 13, false).contains(", 4"));
    }

    #[test]
    fn every_query_says_when_its_answer_changes() {
        for part in parts(18, Reach::Outside) {
            assert!(part.born_in.starts_with("pg_"), "nothing is said of {}", part.sql);
            assert!(!part.kinds.is_empty(), "no kind is named in {}", part.sql);
        }
        let of_relations: Vec<Part> =
            parts(18, Reach::Outside).into_iter().filter(|part| part.of_relations.is_some()).collect();
        assert!(of_relations.len() >= 4);
        assert!(of_relations.iter().all(|part| !part.sql.contains("FROM relations")));
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
