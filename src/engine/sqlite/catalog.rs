//! The catalog queries, one file per kind of object.

use include_dir::{Dir, include_dir};

use crate::engine::rows::{ROW_SEPARATOR, SEPARATOR};

/// One file per kind of object. A file is one SELECT of kind, path, identity and attributes; what only the text of a
/// definition tells is added by [`super::complete`].
static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/engine/sqlite/catalog");

/// The one statement that reads a whole schema, as one text.
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
        "SELECT coalesce(group_concat(kind || {between} || path || {between} || coalesce(identity, '') || {between} \
         || attributes, {rows_between}), '') FROM (\n{}\n)",
        parts.join("\nUNION ALL\n")
    )
}
