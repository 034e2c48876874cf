//! The catalog queries, one file per kind of object.

use std::collections::BTreeSet;
use std::sync::Arc;

use include_dir::{Dir, File, include_dir};

use super::connection::literal;
use super::definition;
use super::flavour::Flavour;
use super::gate::Hold;
use crate::engine::kinds::kinds_of;
use crate::history::EngineKind;

/// A file is one SELECT of kind, path, identity and attributes. What tables, views and sequences are like is told by their
/// definitions ([`super::definition`]).
static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/engine/mysql/catalog");

/// The file that is asked for each view by itself.
const OF_VIEW: &str = "view_column.sql";

/// A session's settings that answers depend on. Names that no version lacks.
pub(super) const READING_SETTINGS: &str = "SET sql_mode = '', NAMES utf8mb4, time_zone = '+00:00', \
    sql_quote_show_create = 1, group_concat_max_len = 4294967295, sql_select_limit = DEFAULT";

/// The query of one file.
#[derive(Clone, Debug)]
pub(super) struct Part {
    sql: String,
    /// The same without what not everybody may ask, where there is such a line.
    pub(super) for_everybody: Option<String>,
    /// The kinds of objects that it gives.
    pub(super) kinds: Vec<Arc<str>>,
    /// The table of the server that it asks, for messages.
    pub(super) asks: String,
    /// What its answer hangs on, where the file says so ([`super::gate::Hold`]).
    pub(super) holds: Vec<Hold>,
}

impl Part {
    /// The query about a database.
    pub(super) fn of(&self, database: &str) -> String {
        self.sql.replace(":database", &literal(database))
    }

    /// The query about one view of a database.
    pub(super) fn of_view(&self, database: &str, view: &str) -> String {
        // The view's name may hold the other placeholder.
        let parts: Vec<String> =
            self.sql.split(":relation").map(|part| part.replace(":database", &literal(database))).collect();
        parts.join(&literal(view))
    }

    /// Whether it tells which tables, views and sequences there are.
    pub(super) fn lists_relations(&self) -> bool {
        self.kinds.iter().any(|kind| &**kind == "table")
    }

    /// Does without what not everybody may ask.
    pub(super) fn make_modest(&mut self) {
        if let Some(sql) = self.for_everybody.take() {
            self.sql = sql;
        }
    }
}

/// The queries that read a whole database on such a server. Files called `cluster_*` read what outlives a database and are
/// left out unless asked for.
pub(super) fn parts(flavour: Flavour, with_cluster: bool) -> Vec<Part> {
    let wanted = |name: &str| name != OF_VIEW && (with_cluster || !name.starts_with("cluster_"));
    files().filter(|(name, _)| wanted(name)).filter_map(|(_, text)| part(text, flavour)).collect()
}

/// The query of the columns of a view.
pub(super) fn view_columns(flavour: Flavour) -> Option<Part> {
    files().find(|(name, _)| *name == OF_VIEW).and_then(|(_, text)| part(text, flavour))
}

/// Every kind of object that is read of MySQL or MariaDB, each once.
pub(super) fn kinds() -> BTreeSet<&'static str> {
    files().flat_map(|(_, text)| kinds_of(text)).chain(definition::KINDS).chain(super::outside::KINDS).collect()
}

fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut files: Vec<&File<'_>> = FILES.files().collect();
    files.sort_by_key(|file| file.path());
    files.into_iter().filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?)))
}

/// The query of a file with this text; `None` where its first line says that such servers do not have what it asks for.
fn part(text: &'static str, flavour: Flavour) -> Option<Part> {
    if !fits(text.lines().next().unwrap_or_default(), flavour) {
        return None;
    }
    let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with("--") && fits(line, flavour)).collect();
    let modest: Vec<&str> = kept.iter().copied().filter(|line| !line.ends_with(IF_ALLOWED)).collect();
    let asks = kept.iter().filter_map(|line| line.trim_start().strip_prefix("FROM ")).map(str::split_whitespace);
    let asks = asks.filter_map(|mut words| words.next()).find(|word| !word.starts_with('(')).unwrap_or_default();
    Some(Part {
        for_everybody: (modest.len() < kept.len()).then(|| without_marks(&modest)),
        sql: without_marks(&kept),
        kinds: kinds_of(text).into_iter().collect::<BTreeSet<_>>().into_iter().map(Arc::from).collect(),
        asks: asks.to_owned(),
        holds: text.lines().find_map(|line| line.strip_prefix(CHANGES_WITH)).map(Hold::all).unwrap_or_default(),
    })
}

/// Begins the line of a file that names what its answer changes with on MariaDB: `tables`, `triggers` or `options` of the
/// database or other `databases`, whose files tell, or tables of the server. `memory`: the answer comes from what the server loaded of these.
const CHANGES_WITH: &str = "-- changes with: ";

/// Ends a line of a file that asks for what not everybody may read.
const IF_ALLOWED: &str = "-- if allowed";

/// Whether a line's marks keep it for such servers: `-- only mariadb`, `-- since mysql 8.0.16`, `-- until mariadb 10.6`.
/// A version that is not said to its last number counts whole.
fn fits(line: &str, flavour: Flavour) -> bool {
    let marks = line.split("-- ").skip(1).map(|mark| mark.split_whitespace().collect::<Vec<_>>());
    marks.into_iter().all(|mark| {
        let product = match mark.get(1) {
            Some(&"mysql") => EngineKind::Mysql,
            Some(&"mariadb") => EngineKind::Mariadb,
            _ => return true,
        };
        let numbers: Vec<u32> = mark.get(2).into_iter().flat_map(|text| text.split('.')).flat_map(str::parse).collect();
        let number = |nth: usize, or: u32| numbers.get(nth).copied().unwrap_or(or);
        match mark[..] {
            ["only", _] => flavour.product == product,
            ["since", _, _] => flavour.is_since(product, (number(0, 0), number(1, 0), number(2, 0))),
            ["until", _, _] => {
                let last = (number(0, 0), number(1, u32::MAX), number(2, u32::MAX));
                flavour.product != product || flavour.version <= last
            }
            _ => true,
        }
    })
}

fn without_marks(lines: &[&str]) -> String {
    let code: Vec<&str> = lines.iter().map(|line| line.split(" -- ").next().unwrap_or_default()).collect();
    code.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flavour(version: &str) -> Flavour {
        Flavour::read(version).unwrap()
    }

    #[test]
    fn marks_keep_lines_for_some_servers() {
        for (line, version, kept) in [
            (", 1 -- only mariadb", "10.6.1-MariaDB", true),
            (", 1 -- only mariadb", "9.4.0", false),
            (", 1 -- since mysql 8.0.16", "8.0.15", false),
            (", 1 -- since mysql 8.0.16", "8.0.16", true),
            (", 1 -- since mysql 8.0.16", "11.8.1-MariaDB", false),
            (", 1 -- until mariadb 10.6", "10.6.22-MariaDB", true),
            (", 1 -- until mariadb 10.6", "10.11.2-MariaDB", false),
            (", 1 -- until mariadb 10.6", "9.4.0", true),
            (", 1 -- only mariadb -- if allowed", "9.4.0", false),
            (", 1 -- only mariadb -- if allowed", "10.6.1-MariaDB", true),
            ("-- Tables of everybody, in any case.", "9.4.0", true),
        ] {
            assert_eq!(fits(line, flavour(version)), kept, "{line} on {version}");
        }
    }

    #[test]
    fn every_query_is_a_select_that_names_its_kinds() {
        for version in ["8.0.11", "9.4.0", "10.6.1-MariaDB", "11.8.3-MariaDB"] {
            let parts = parts(flavour(version), true);
            assert!(parts.len() > 10);
            for part in parts.iter().chain(&view_columns(flavour(version))) {
                assert!(part.sql.starts_with("SELECT") && !part.sql.contains("--"), "{}", part.sql);
                assert!(!part.kinds.is_empty() && part.asks.contains('.'), "{part:?}");
            }
        }
        assert!(kinds().contains("table column") && kinds().contains("role") && kinds().contains("view privileges"));
    }

    #[test]
    fn names_are_quoted_where_they_stand() {
        let part = view_columns(flavour("9.4.0")).unwrap();
        let sql = part.of_view("it's", ":database");
        assert!(sql.contains("table_schema = 'it''s'") && sql.contains("table_name = ':database'"), "{sql}");
    }
}
