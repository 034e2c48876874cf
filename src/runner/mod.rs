//! How one migration is applied: here as SQL, statement by statement, wrapped as its real tool wraps it.

mod failure;
mod native;
mod pieces;
mod transactions;

pub use failure::{ErrorKind, StepError};
pub use native::{How, Ran, run_script};
pub(crate) use native::{fails_as_a_whole, may_be_probed, refused_at_end};
