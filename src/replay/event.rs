//! What happens during a replay, as it happens; several consumers may listen.

use super::{Outcome, Phase};

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A database's check began.
    DatabaseStarted {
        /// The name of the database in the configuration.
        database: String,
        /// How many steps are planned, without repairs.
        steps: usize,
    },
    /// Something that takes long is done before the server is there.
    Preparing {
        /// What, as a clause: `pulling the image postgres:17`.
        what: String,
    },
    /// A server answers.
    ServerReady {
        /// The product and its version: `PostgreSQL 15.18`.
        server: String,
        /// Where it comes from: `local`, `url`, `embedded`, `container`.
        provision: &'static str,
        /// Milliseconds from the request to the first answered query.
        millis: f64,
    },
    /// A script is about to run.
    StepStarted {
        /// The id of the migration.
        migration: String,
        /// Up, down, redo or descent.
        phase: Phase,
    },
    /// A script ran, or was skipped.
    StepFinished {
        /// The id of the migration.
        migration: String,
        /// Up, down, redo or descent.
        phase: Phase,
        /// What became of it.
        outcome: Outcome,
        /// Milliseconds that its statements took.
        millis: f64,
    },
    /// The database is brought back to a known state after a step that failed or was not exact.
    Restoring {
        /// What is done, as a clause: `replaying 12 migrations`.
        how: String,
    },
    /// A database's check ended.
    DatabaseFinished {
        /// The name of the database in the configuration.
        database: String,
    },
}
