//! How one migration is applied: as SQL, statement by statement, wrapped as its real tool wraps it; or by the project's own tool,
//! in a program of its own.

pub mod command;
mod failure;
mod group;
mod native;
mod output;
mod pieces;
pub mod python;
mod tool;
mod transactions;

pub use failure::{ErrorKind, StepError};
pub use native::{How, Ran, run_script};
pub(crate) use native::{fails_as_a_whole, may_be_probed, refused_at_end};
pub(crate) use tool::engine_error as tool_engine_error;
pub use tool::{Fault, Sent, Tool, ToolError, Worked, run_by_tool};
