//! The ledger: what earlier runs came to, in an SQLite file that many runs share.
//!
//! Its schema is the `migrations/` of this repository, kept by sqlx as any project's would be. A run is recorded in one
//! transaction that takes the write lock at its beginning, so that of many writers each waits for its turn and a killed
//! one leaves nothing. The file stays in SQLite's rollback journal mode and not in its WAL mode: WAL keeps rows in a
//! second file, which a cache that saves the first would lose; it cannot be read from a read-only place without that
//! file, and does not work over network file systems (SQLite manual, "Write-Ahead Logging", "Disadvantages"). What it
//! gives, readers beside a writer, is nothing to a file that is written once a run.

mod connection;
mod error;
mod fingerprint;
mod past;
mod place;
mod queries;
mod record;
mod rows;
mod schema;
#[cfg(test)]
mod tests;

pub use error::{LedgerError, Problem};
pub use fingerprint::fingerprint;
pub use past::{
    Change, EARLIER_RUNS, LEAST_MILLIS, LEAST_RATIO, Past, PastCheck, PastFinding, PastRun, ProjectPast, Question,
    RECENT_RUNS, SlowMigration, SlowerMigration, past,
};
pub use record::{Origin, prepare, record};
