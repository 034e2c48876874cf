//! The catalog queries, one file per kind of object.

use std::collections::BTreeSet;

use include_dir::{Dir, include_dir};

use crate::engine::kinds::kinds_of;
use crate::engine::rows::{ROW_SEPARATOR, SEPARATOR};

/// One file per kind of object. A file is one SELECT of kind, path, identity and attributes; what only the text of a
/// definition tells is added by [`super::complete`].
static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/engine/sqlite/catalog");

/// The views and virtual tables of which SQLite does not know the columns.
const UNKNOWN: &str = "SELECT json_group_array(l.name) FROM pragma_table_list AS l \
    WHERE l.schema = 'main' AND l.type IN ('view', 'virtual') AND l.ncol = 0";

/// The one statement that reads a whole schema, as one text: the schema's version, which changes with it; what is not known
/// yet, as a JSON array of names; then the rows.
pub(super) fn query() -> String {
    let mut files: Vec<_> = FILES.files().collect();
    files.sort_by_key(|file| file.path());
    let parts: Vec<String> = files
        .iter()
        .filter_map(|file| file.contents_utf8())
        .map(|text| format!("SELECT kind, path, identity, attributes FROM (\n{}\n)", text.trim().trim_end_matches(';')))
        .collect();
    let between = format!("char({})", u32::from(SEPARATOR));
    let rows_between = format!("char({})", u32::from(ROW_SEPARATOR));
    format!(
        "SELECT (SELECT schema_version FROM pragma_schema_version) || {rows_between} || ({UNKNOWN}) || {rows_between} \
         || coalesce(group_concat(kind || {between} || path || {between} || coalesce(identity, '') || {between} \
         || attributes, {rows_between}), '') FROM (\n{}\n)",
        parts.join("\nUNION ALL\n")
    )
}

/// Every kind of object that SQLite has here, each once.
pub(super) fn kinds() -> BTreeSet<&'static str> {
    FILES.files().filter_map(|file| file.contents_utf8()).flat_map(kinds_of).collect()
}
