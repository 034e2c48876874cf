//! The replay: a pure plan, its execution on an engine, and the trace of what was seen.

mod carry_out;
mod checkpoint;
mod climb;
mod event;
mod execute;
mod plan;
mod rows_left;
mod together;
mod trace;
mod trial;

pub use climb::climb;
pub use event::Event;
pub use execute::{Replay, replay};
pub use plan::{MigrationPlan, Plan, Planned, plan, with_prerequisites};
pub use trace::{CheckError, Descent, Outcome, Phase, Retry, SOME_TABLE, Step, Trace};

pub use crate::runner::{ErrorKind, StepError};
