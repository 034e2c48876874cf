//! The replay: a pure plan, its execution on an engine, and the trace of what was seen.

mod event;
mod trace;

pub use event::Event;
pub use trace::{CheckError, Descent, ErrorKind, Outcome, Phase, Step, StepError, Trace};
