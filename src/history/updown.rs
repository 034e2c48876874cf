//! Plain pairs of files, for projects that run them with a script of their own: `psql -f 0001_users.up.sql`.
//!
//! No tool defines this format, so what it does is a choice of ours, the plainest one:
//! - `<name>.up.sql` goes forward, `<name>.down.sql` back. Equal names pair; the name is the version.
//! - They run in the order of the bytes of their names, as a shell in the C locale lists them.
//! - Nothing is wrapped: each statement commits by itself, unless the script says `BEGIN`.
//! - There is no table that remembers what ran, and the session is a new client's; SQLite's own default for foreign keys is
//!   off (<https://www.sqlite.org/foreignkeys.html>, section 2).

use super::flat::{Flat, Name, split_direction};
use super::{Conduct, EngineKind, Evidence, Format, History, HistoryError, Listing, TransactionMode};
use crate::evidence::Nearby;

/// The format.
pub(super) struct UpDown;

const FLAT: Flat<String> = Flat {
    format: "updown",
    key: "name",
    name,
    sends_mark: false,
    sends_nothing: false,
    transaction: |_, _| TransactionMode::Autocommit,
};

impl Format for UpDown {
    fn name(&self) -> &'static str {
        FLAT.format
    }

    fn looked_for(&self) -> &'static str {
        "<name>.up.sql and <name>.down.sql"
    }

    fn recognise(&self, listing: &Listing, _nearby: &Nearby) -> Option<Evidence> {
        let scripts = FLAT.count(listing);
        (scripts > 0).then_some(Evidence { scripts, project: None, specific: false })
    }

    fn read(&self, listing: &Listing, engine: EngineKind) -> Result<History, HistoryError> {
        FLAT.read(listing, engine)
    }

    fn conduct(&self, engine: EngineKind) -> Conduct {
        match engine {
            EngineKind::Postgres | EngineKind::Mysql | EngineKind::Mariadb => Conduct::default(),
            EngineKind::Sqlite => Conduct::new(&["PRAGMA foreign_keys = OFF"], &[], &[]),
        }
    }
}

fn name(name: &str) -> Name<String> {
    match split_direction(name) {
        Some((stem, direction)) => Name::Script { direction, version: stem.to_owned(), id: stem.to_owned() },
        None => Name::Skipped("its name ends neither in .up.sql nor in .down.sql".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use crate::history::sandbox::{Sandbox, outline};

    use super::*;

    #[test]
    fn names_pair_and_order() {
        let cases: &[(&[&str], &[&str])] = &[
            (
                &["b.up.sql", "b.down.sql", "a.up.sql", "10.up.sql", "2.up.sql"],
                &["10 = 10 up", "2 = 2 up", "a = a up", "b = b up down"],
            ),
            (
                &["a.up.sql", "A.down.sql", "notes.sql"],
                &[
                    "a = a up",
                    "A.down.sql: no up script has its name A",
                    "notes.sql: its name ends neither in .up.sql nor in .down.sql",
                ],
            ),
        ];
        for (files, expected) in cases {
            let folder = Sandbox::with(files);
            let history = UpDown.read(&folder.listing(), EngineKind::Postgres).unwrap();
            assert_eq!(outline(&history), *expected, "{files:?}");
            assert_eq!(history.migrations[0].up.transaction, TransactionMode::Autocommit);
        }
    }
}
