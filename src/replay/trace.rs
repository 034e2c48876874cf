//! The trace: what the replay saw, as plain data.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::runner::{Sent, StepError};
use crate::schema::{Diff, Snapshot, Unreadable};

/// The phases of a check.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Is the history one line? No database is needed.
    Graph,
    /// Does every migration apply, in order?
    Up,
    /// Does every down script run and restore the schema of the step before?
    Down,
    /// Does up work again after down, to the same schema?
    Redo,
    /// How far down does the history roll from its head, without any repair?
    Descent,
    /// Do the models say what the migrated schema is?
    Agreement,
    /// Do the facts satisfy the rules?
    Policy,
}

impl Phase {
    /// All phases, in the order in which they run.
    pub const ALL: [Self; 7] =
        [Self::Graph, Self::Up, Self::Down, Self::Redo, Self::Descent, Self::Agreement, Self::Policy];

    /// The lower-case word of the flags and the report.
    pub fn word(self) -> &'static str {
        match self {
            Self::Graph => "graph",
            Self::Up => "up",
            Self::Down => "down",
            Self::Redo => "redo",
            Self::Descent => "descent",
            Self::Agreement => "agreement",
            Self::Policy => "policy",
        }
    }
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Every statement ran.
    Passed,
    /// A statement failed, or the script could not be run.
    Failed,
    /// Nothing was run.
    Skipped,
}

/// What stands among [`Step::rows_left`] where rows came and nobody can tell in which table.
pub const SOME_TABLE: &str = "some table";

/// One script that ran, or was to run.
#[derive(Clone, Debug)]
pub struct Step {
    /// Index of the migration in the history.
    pub migration: usize,
    /// Up, down, redo or descent.
    pub phase: Phase,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was skipped, as a clause; `None` unless it was.
    pub skipped: Option<String>,
    /// How many statements the script has.
    pub statements: usize,
    /// Milliseconds that the statements took on the server, transaction control included.
    pub millis: f64,
    /// Why it failed; `None` unless it did.
    pub error: Option<StepError>,
    /// After a down: the difference from the schema before its up. After a redo: the difference from the schema after the
    /// first up. After an up that passed: what it changed. `None` where nothing could be compared.
    pub diff: Option<Diff>,
    /// After a step that failed: what it left behind of its changes once the tool had given up. Empty when nothing.
    pub left_behind: Diff,
    /// After a step that failed: the tables whose rows it left changed, as far as the engine can tell, without those that
    /// `left_behind` tells to have other columns. [`SOME_TABLE`] where only that is known.
    pub rows_left: Vec<String>,
    /// What a second try came to, on what the first left behind; `None` where there was nothing to try it on.
    pub retry: Option<Retry>,
    /// The statements that the project's own tool was seen to send; none of a script that is SQL.
    pub sent: Vec<Sent>,
}

/// What a second try of a failed script came to, on what the first try had left behind of its changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Retry {
    /// It ran through: to run the tool again is enough.
    Retryable,
    /// It came as far as the first try, and failed as that did: what stayed is in nobody's way, and once the fault is mended
    /// the script can be run again.
    Same(StepError),
    /// It failed otherwise, for this reason: somebody has to clean up by hand first.
    Dirty(StepError),
}

/// How far the history rolls back from its head.
#[derive(Clone, Debug, PartialEq)]
pub struct Descent {
    /// How many migrations were rolled back one after another.
    pub reached: usize,
    /// How many were applied at head.
    pub of: usize,
    /// Index of the migration whose down stopped it.
    pub stopped_at: Option<usize>,
    /// The difference from the base schema, when the descent reached the base.
    pub residue: Option<Diff>,
}

/// Something that kept Rollproof from checking. Not a finding: it says nothing about the migrations.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckError {
    /// Where in the check it happened; `None` before the first phase.
    pub phase: Option<Phase>,
    /// Cause and next step.
    pub message: String,
}

/// Everything that the replay of one database saw.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The schema before the first migration.
    pub base: Snapshot,
    /// The schema after each migration's up; an entry repeats its predecessor where the up failed or was skipped.
    pub after: Vec<Snapshot>,
    /// The steps in the order in which they ran.
    pub steps: Vec<Step>,
    /// How far head rolls back; `None` when the phase did not run.
    pub descent: Option<Descent>,
    /// What kept Rollproof from checking a part.
    pub errors: Vec<CheckError>,
    /// What a reader should know of the server and of what was left out.
    pub notes: Vec<String>,
}

impl Trace {
    /// What could not be read in any of the snapshots, each once.
    pub fn unreadable(&self) -> BTreeSet<&Unreadable> {
        std::iter::once(&self.base).chain(&self.after).flat_map(Snapshot::unreadable).collect()
    }
}
