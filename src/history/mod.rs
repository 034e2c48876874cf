//! One file per migration format; each reads a folder into a [`History`]. Pure in effect: it reads files, runs nothing.
//!
//! [`listing`](Listing) holds what a folder contains, and all reading of its files is there. A [`Format`] turns it into a
//! history; that it is the format of this folder, what lies [around](Nearby) may say. [`changes()`] compares two histories.

mod alembic;
mod atlas;
mod call;
mod chain;
mod changes;
mod collation;
mod command;
mod dbmate;
mod detect;
mod diesel;
mod django;
mod drizzle;
mod engine_kind;
mod error;
mod flat;
mod flyway;
mod format;
mod golang_migrate;
mod goose;
mod grouping;
mod liquibase_sql;
mod listing;
mod marks;
mod model;
mod order;
mod popx;
mod prisma;
mod python;
mod refinery;
mod search;
mod section;
mod sqlx;
mod updown;

#[cfg(test)]
mod changes_tests;
#[cfg(test)]
mod sandbox;

use std::path::Path;

use crate::evidence::Nearby;

pub use call::{Call, Direction, ToolKind};
pub use changes::{Change, Changes, Difference, Gone, Status, Was, changes};
pub use command::{Commands, PRESETS, Preset, Revision};
pub use detect::detect;
pub use engine_kind::EngineKind;
pub use error::HistoryError;
pub use format::{Conduct, Evidence, Format, format_named, formats};
pub use listing::{Entry, Kind, Listing};
pub use model::{
    Callbacks, Cutting, GroupBy, History, Migration, MoreStatements, NoStatement, ReadOptions, Script, TransactionMode,
    Unmatched,
};
pub use search::{find_migrations, is_run_by_a_tool};

/// Reads the history in `folder`.
///
/// Paths in the history begin with `shown_as`, which is the folder as the user wrote it. Without a `format` it is detected.
///
/// # Errors
/// A folder that cannot be read or holds no migration, a file that the real tool would not read either, a format that is
/// unknown or cannot be told.
pub fn read(folder: &Path, shown_as: &Path, format: Option<&str>, engine: EngineKind) -> Result<History, HistoryError> {
    read_with(folder, shown_as, format, engine, &ReadOptions::default())
}

/// The same, as the configuration says that the files are to be read.
///
/// # Errors
/// As [`read`].
pub fn read_with(
    folder: &Path,
    shown_as: &Path,
    format: Option<&str>,
    engine: EngineKind,
    options: &ReadOptions,
) -> Result<History, HistoryError> {
    let mut listing = Listing::read(folder, shown_as)?;
    listing.options = options.clone();
    let format = match format {
        Some(name) => format_named(name).ok_or_else(|| HistoryError::unknown_format(name))?,
        None => detect::among(&listing, &Nearby::around(folder, None))?,
    };
    let history = format.read(&listing, engine)?;
    if history.migrations.is_empty() {
        return Err(HistoryError::no_migration(&listing, &[format]));
    }
    Ok(match options.group_by {
        Some(by) => grouping::grouped(history, by),
        None => history,
    })
}

#[cfg(test)]
mod tests {
    use super::sandbox::{Sandbox, outline};
    use super::*;

    fn read_in(folder: &Sandbox, format: Option<&str>) -> Result<History, HistoryError> {
        read(&folder.migrations(), Path::new("migrations"), format, EngineKind::Postgres)
    }

    fn error_of(folder: &Sandbox, format: Option<&str>) -> String {
        read_in(folder, format).unwrap_err().to_string()
    }

    #[test]
    fn a_named_format_needs_no_detection() {
        let folder = Sandbox::with(&["1_a.up.sql", "1_a.down.sql"]);
        for name in ["sqlx", "golang-migrate", "updown"] {
            assert_eq!(read_in(&folder, Some(name)).unwrap().format, name);
        }
        assert!(error_of(&folder, None).contains("fit sqlx and golang-migrate"));
        let error = error_of(&folder, Some("rails"));
        assert!(
            error.starts_with("there is no format `rails`: use one of sqlx (<version>_<description>.sql, or"),
            "{error}"
        );
        for format in formats() {
            assert!(error.contains(&format!("{} ({})", format.name(), format.looked_for())), "{error}");
        }
    }

    #[test]
    fn what_is_no_folder_of_migrations_is_an_error() {
        let folder = Sandbox::empty();
        assert!(error_of(&folder, None).starts_with("the folder migrations is empty: write the first migration"));
        assert!(error_of(&folder, Some("sqlx")).starts_with("the folder migrations is empty"));
        folder.write("migrations/.gitkeep", "");
        assert!(error_of(&folder, None).starts_with("no migration found in migrations: looked for <version>"));
        folder.write("migrations/1_a.down.sql", "");
        let error = error_of(&folder, Some("sqlx"));
        assert!(error.contains("looked for <version>_<description>.sql, or .up.sql and .down.sql (sqlx);"), "{error}");

        let missing = read(&folder.path().join("gone"), Path::new("gone"), None, EngineKind::Postgres);
        assert!(missing.unwrap_err().to_string().starts_with("there is no folder gone: name the one that holds"));
        let file = read(&folder.path().join("migrations/.gitkeep"), Path::new("x"), None, EngineKind::Postgres);
        assert!(file.unwrap_err().to_string().starts_with("x is not a folder: name the folder"));
    }

    #[test]
    fn what_is_no_text_is_an_error_that_names_the_byte() {
        let cases: &[(&[u8], &str)] = &[
            (b"SELECT '\xe9';", "migrations/1_a.sql is not UTF-8: the byte at offset 8 does not belong there"),
            (b"\xff\xfeS\0", "migrations/1_a.sql is not UTF-8: the byte at offset 0 does not belong there"),
            (b"S\0E\0", "migrations/1_a.sql holds a NUL byte at offset 1;"),
        ];
        for (bytes, expected) in cases {
            let folder = Sandbox::empty();
            folder.write("migrations/1_a.sql", bytes);
            let error = error_of(&folder, None);
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_an_error() {
        let folder = Sandbox::empty();
        std::os::unix::fs::symlink("nowhere.sql", folder.migrations().join("1_a.sql")).unwrap();
        assert!(error_of(&folder, None).starts_with("cannot read migrations/1_a.sql: No such file"));
    }

    #[test]
    fn a_pipe_is_not_waited_for() {
        let folder = Sandbox::with(&["1_a.sql"]);
        nix::unistd::mkfifo(&folder.migrations().join("2_b.sql"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        let expected = ["1_a = 1 up", "2_b.sql: it is neither a file nor a folder", "one way"];
        assert_eq!(outline(&read_in(&folder, None).unwrap()), expected);
    }

    #[test]
    fn marks_and_line_ends_shift_no_line() {
        let folder = Sandbox::empty();
        folder.write("migrations/1_a.sql", "\u{feff}-- no-transaction\r\nSELECT 1;\r\n");
        let script = read_in(&folder, Some("sqlx")).unwrap().migrations.remove(0).up;
        assert_eq!(&*script.text, "\u{feff}-- no-transaction\r\nSELECT 1;\r\n", "sqlx sends what the file holds");
        assert_eq!((script.first_line, script.transaction), (1, TransactionMode::Wrapped));
        folder.write("migrations/1_a.up.sql", "\u{feff}SELECT 1;\r\n");
        let script = read_in(&folder, Some("updown")).unwrap().migrations.remove(0).up;
        assert_eq!(&*script.text, "SELECT 1;\r\n", "a client passes over the mark");
    }
}
