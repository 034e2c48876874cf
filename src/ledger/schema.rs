//! The schema of a ledger: this repository's `migrations/`, embedded, and what a file says that it has of them.

use include_dir::{Dir, include_dir};
use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnection;

use super::Problem;

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/migrations");

const UP: &str = ".up.sql";

/// How far a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing is in it.
    Empty,
    /// A ledger that lacks some migrations.
    Behind,
    /// A ledger of this version.
    Current,
}

/// The forward migrations, first to last, read from their files' names and texts as sqlx reads them from a folder. The
/// backward ones are never run by this program.
fn migrations() -> Vec<Migration> {
    let mut migrations: Vec<Migration> = FILES.files().filter_map(migration).collect();
    migrations.sort();
    migrations
}

fn migration(file: &'static include_dir::File<'static>) -> Option<Migration> {
    let (version, description) = file.path().file_name()?.to_str()?.strip_suffix(UP)?.split_once('_')?;
    let description = description.replace('_', " ").into();
    let sql = file.contents_utf8()?.into_sql_str();
    Some(Migration::new(version.parse().ok()?, description, MigrationType::ReversibleUp, sql, false))
}

/// How far the file is.
///
/// # Errors
/// When it is not a ledger, or one that this version must not touch.
pub(super) async fn state(connection: &mut SqliteConnection) -> Result<State, Problem> {
    let has_table = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '_sqlx_migrations')";
    let applied = if sqlx::query_scalar(has_table).fetch_one(&mut *connection).await? {
        let columns = "SELECT version, success, checksum FROM _sqlx_migrations ORDER BY version";
        sqlx::query_as(columns).fetch_all(&mut *connection).await?
    } else {
        Vec::new()
    };
    let others = "SELECT EXISTS (SELECT 1 FROM sqlite_schema \
                  WHERE tbl_name <> '_sqlx_migrations' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\')";
    let has_others = sqlx::query_scalar(others).fetch_one(connection).await?;
    judge(&migrations(), &applied, has_others)
}

/// A row of `_sqlx_migrations`: version, whether it succeeded, checksum.
type Applied = (i64, bool, Vec<u8>);

/// Tells how far a file is from the migrations it names and from whether it holds anything besides their table.
fn judge(known: &[Migration], applied: &[Applied], has_others: bool) -> Result<State, Problem> {
    let find = |version: i64| known.iter().find(|migration| migration.version == version);
    if applied.is_empty() {
        return if has_others { Err(Problem::Foreign) } else { Ok(State::Empty) };
    }
    // An application that sqlx migrates has this table too; whoever lacks our first migration is not ours.
    if known.first().is_some_and(|first| applied.iter().all(|(version, ..)| *version != first.version)) {
        return Err(Problem::Foreign);
    }
    if let Some((newest, ..)) = applied.iter().rfind(|(version, ..)| find(*version).is_none()) {
        return Err(Problem::Newer(*newest));
    }
    for (version, success, checksum) in applied {
        if !success {
            return Err(Problem::Unfinished(*version));
        }
        if find(*version).is_some_and(|migration| migration.checksum.as_ref() != checksum.as_slice()) {
            return Err(Problem::Changed(*version));
        }
    }
    Ok(if applied.len() < known.len() { State::Behind } else { State::Current })
}

/// Runs the migrations that the file lacks; says whether there were any.
///
/// sqlx takes no lock on SQLite while it migrates, so this has to be called within a transaction that has the write lock:
/// then of several processes that find a new file one makes the tables, and the others find them made.
///
/// # Errors
/// As [`state`], and when a migration fails.
pub(super) async fn bring_up_to_date(connection: &mut SqliteConnection) -> Result<bool, Problem> {
    if state(connection).await? == State::Current {
        return Ok(false);
    }
    Migrator::with_migrations(migrations()).run(connection).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// A ledger that sqlx's own command line has migrated is the same as one of ours, and the other way round.
    #[test]
    fn the_files_are_read_as_sqlx_reads_them() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let theirs = runtime.block_on(Migrator::new(folder)).unwrap();
        let theirs = theirs.iter().filter(|migration| migration.migration_type.is_up_migration());
        let told = |migration: &Migration| {
            let Migration { version, description, checksum, migration_type, no_tx, .. } = migration.clone();
            (version, description, checksum, migration_type, no_tx)
        };
        let ours: Vec<_> = migrations().iter().map(told).collect();
        assert!(ours.len() >= 3);
        assert_eq!(ours, theirs.map(told).collect::<Vec<_>>());
    }

    #[test]
    fn every_state_of_a_file_is_told_apart() {
        let known = migrations();
        let rows = |count: usize| -> Vec<Applied> {
            known.iter().take(count).map(|known| (known.version, true, known.checksum.to_vec())).collect()
        };
        let all = known.len();
        let told = |applied: &[Applied], has_others| match judge(&known, applied, has_others) {
            Ok(state) => format!("{state:?}"),
            Err(problem) => format!("{problem:?}"),
        };
        let first = known[0].version;
        assert_eq!(told(&[], false), "Empty");
        assert_eq!(told(&[], true), "Foreign");
        assert_eq!(told(&rows(all), true), "Current");
        assert_eq!(told(&rows(1), true), "Behind");
        assert_eq!(told(&rows(all)[1..], true), "Foreign");
        assert_eq!(told(&[(7, true, vec![1])], true), "Foreign");
        let with = |row: Applied| [rows(all), vec![row]].concat();
        assert_eq!(told(&with((99_991_231_235_959, true, vec![1])), true), "Newer(99991231235959)");
        assert_eq!(told(&with((99_991_231_235_959, false, vec![1])), true), "Newer(99991231235959)");
        let changed = |success, checksum| [vec![(first, success, checksum)], rows(all)[1..].to_vec()].concat();
        assert_eq!(told(&changed(true, vec![1]), true), format!("Changed({first})"));
        assert_eq!(told(&changed(false, known[0].checksum.to_vec()), true), format!("Unfinished({first})"));
    }
}
