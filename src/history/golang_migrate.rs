//! The migrations of golang-migrate: `migrate -path ... up`.
//!
//! The facts are those of golang-migrate v4 (`source/parse.go`, `source/migration.go`, the drivers in `database/`):
//! - A name is digits, `_`, anything, `.up.` or `.down.`, any ending. Names of another form, and versions past 64 bits,
//!   are passed over in silence.
//! - Scripts are ordered by version as a number. The tool stops at two scripts of one version and direction.
//! - PostgreSQL and MySQL get the whole file in one message; the drivers for SQLite wrap it in a transaction.
//!
//! Some programs run such a history by code of their own and name the files `V0001.name.up.sql`. That naming is read
//! where no file has the tool's own.

use super::flat::{Direction, Flat, Name, split_direction};
use super::{Conduct, EngineKind, Evidence, Format, History, HistoryError, Listing, TransactionMode};
use crate::evidence::Nearby;

/// The format.
pub(super) struct GolangMigrate;

const FLAT: Flat<u64> =
    Flat { format: "golang-migrate", key: "version", name, sends_mark: true, sends_nothing: true, transaction };
const LETTERED: Flat<u64> = Flat {
    format: "golang-migrate",
    key: "version",
    name: lettered_name,
    sends_mark: true,
    // What a program of its own does with an empty file is not known; one that it fails at would not be there.
    sends_nothing: false,
    transaction,
};

impl Format for GolangMigrate {
    fn name(&self) -> &'static str {
        FLAT.format
    }

    fn looked_for(&self) -> &'static str {
        "<version>_<title>.up.sql and .down.sql, or V<version>.<title>.up.sql and .down.sql"
    }

    fn recognise(&self, listing: &Listing, nearby: &Nearby) -> Option<Evidence> {
        let scripts = naming(listing).count(listing);
        let project = nearby.nearest(|folder| {
            let named = folder.text("go.mod").is_some_and(|text| text.contains("golang-migrate/migrate"));
            folder.clue(named, "go.mod", ".go")
        });
        (scripts > 0).then_some(Evidence { scripts, project, specific: true })
    }

    fn read(&self, listing: &Listing, engine: EngineKind) -> Result<History, HistoryError> {
        naming(listing).read(listing, engine)
    }

    fn conduct(&self, engine: EngineKind) -> Conduct {
        const TABLE: &str = "schema_migrations";
        match engine {
            EngineKind::Postgres => Conduct::new(
                &["SET client_encoding = 'UTF8'", "SET DateStyle = 'ISO, MDY'", "SET extra_float_digits = 2"],
                &[
                    "CREATE TABLE IF NOT EXISTS \"schema_migrations\" (version bigint not null primary key, dirty boolean not null)",
                ],
                &[TABLE],
            ),
            EngineKind::Mysql | EngineKind::Mariadb => Conduct::new(
                &["SET NAMES utf8mb4 COLLATE utf8mb4_general_ci"],
                &["CREATE TABLE `schema_migrations` (version bigint not null primary key, dirty boolean not null)"],
                &[TABLE],
            ),
            EngineKind::Sqlite => Conduct::new(
                &["PRAGMA foreign_keys = OFF"],
                &[
                    "CREATE TABLE IF NOT EXISTS schema_migrations (version uint64,dirty bool)",
                    "CREATE UNIQUE INDEX IF NOT EXISTS version_unique ON schema_migrations (version)",
                ],
                &[TABLE],
            ),
        }
    }
}

/// Which of the two namings the folder has.
fn naming(listing: &Listing) -> Flat<u64> {
    if FLAT.count(listing) == 0 && LETTERED.count(listing) > 0 { LETTERED } else { FLAT }
}

fn name(name: &str) -> Name<u64> {
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    let (version, rest) = name.split_at(digits);
    if digits == 0 || !rest.starts_with('_') {
        return Name::Skipped("its name does not begin with a version, digits and a `_`".to_owned());
    }
    // The last direction in a name counts: `1_a.up.b.down.sql` goes down.
    let up = rest.rfind(".up.").map(|at| (at, Direction::Up));
    let down = rest.rfind(".down.").map(|at| (at, Direction::Down));
    let Some((at, direction)) = [up, down].into_iter().flatten().max_by_key(|(at, _)| *at) else {
        return Name::Skipped("its name says neither .up. nor .down.".to_owned());
    };
    match version.parse() {
        Ok(version) => Name::Script { direction, version, id: name[..digits + at].to_owned() },
        Err(_) => Name::Skipped("its version is larger than 64 bits hold".to_owned()),
    }
}

fn lettered_name(name: &str) -> Name<u64> {
    let skipped = || Name::Skipped("its name is not of the form V<version>.<title>.up.sql".to_owned());
    let Some((stem, direction)) = split_direction(name) else { return skipped() };
    let version = stem.strip_prefix('V').and_then(|stem| stem.split_once('.')).filter(|(version, title)| {
        version.bytes().all(|byte| byte.is_ascii_digit()) && !title.is_empty() && !title.contains('.')
    });
    match version.and_then(|(version, _)| version.parse().ok()) {
        Some(version) => Name::Script { direction, version, id: stem.to_owned() },
        None => skipped(),
    }
}

fn transaction(_text: &str, engine: EngineKind) -> TransactionMode {
    match engine {
        EngineKind::Postgres => TransactionMode::Batch,
        EngineKind::Sqlite => TransactionMode::Wrapped,
        EngineKind::Mysql | EngineKind::Mariadb => TransactionMode::Autocommit,
    }
}

#[cfg(test)]
mod tests {
    use crate::history::sandbox::{Sandbox, outline};

    use super::*;

    #[test]
    fn versions_order_and_pair_as_numbers() {
        let cases: &[(&[&str], &[&str])] = &[
            (
                &["000010_b.up.sql", "000010_b.down.sql", "9_a.up.sql", "9_other.down.sql"],
                &["9_a = 9 up down", "000010_b = 10 up down"],
            ),
            (&["1_.up.sql", "2_a.up.b.down.sql", "2_a.up.up.sql"], &["1_ = 1 up", "2_a.up = 2 up down"]),
            (
                &["1_a.up.sql", "2_b.down.sql", "embed.go", "3_c.sql", "init.up.sql", "99999999999999999999_x.up.sql"],
                &[
                    "1_a = 1 up",
                    "2_b.down.sql: no up script has its version 2",
                    "3_c.sql: its name says neither .up. nor .down.",
                    "99999999999999999999_x.up.sql: its version is larger than 64 bits hold",
                    "init.up.sql: its name does not begin with a version, digits and a `_`",
                ],
            ),
            (&["1_a.up.sql", "1_b.up.sql"], &["1_a = 1 up", "1_b = 1 up"]),
            (
                &["V0002.Add.up.sql", "V0002.Add.down.sql", "V0001.Initial_Schema.up.sql", "V3.a.b.up.sql"],
                &[
                    "V0001.Initial_Schema = 1 up",
                    "V0002.Add = 2 up down",
                    "V3.a.b.up.sql: its name is not of the form V<version>.<title>.up.sql",
                ],
            ),
            // Beside the tool's own naming the other one is what the tool passes over.
            (
                &["1_a.up.sql", "V0002.Add.up.sql"],
                &["1_a = 1 up", "V0002.Add.up.sql: its name does not begin with a version, digits and a `_`"],
            ),
        ];
        for (files, expected) in cases {
            let folder = Sandbox::with(files);
            let history = GolangMigrate.read(&folder.listing(), EngineKind::Postgres).unwrap();
            assert_eq!(outline(&history), *expected, "{files:?}");
        }
    }

    #[test]
    fn each_driver_wraps_in_its_own_way() {
        let folder = Sandbox::with(&["1_a.up.sql"]);
        let cases = [
            (EngineKind::Postgres, TransactionMode::Batch),
            (EngineKind::Sqlite, TransactionMode::Wrapped),
            (EngineKind::Mysql, TransactionMode::Autocommit),
        ];
        for (engine, expected) in cases {
            let history = GolangMigrate.read(&folder.listing(), engine).unwrap();
            assert_eq!(history.migrations[0].up.transaction, expected, "{engine}");
        }
    }

    #[test]
    fn an_empty_file_is_sent_by_the_tool_itself_alone() {
        use crate::history::Cutting;
        let cuts = |name: &str| {
            let folder = Sandbox::empty();
            folder.write(&format!("migrations/{name}"), "");
            let history = GolangMigrate.read(&folder.listing(), EngineKind::Mariadb).unwrap();
            history.migrations[0].up.cutting.clone()
        };
        assert!(matches!(cuts("1_a.up.sql"), Cutting::Singles { .. }));
        assert!(matches!(cuts("V0001.A.up.sql"), Cutting::Server));
    }
}
