//! The engines: connect, split, execute, snapshot, fork. One folder per product, one interface for all.

mod statement;

pub use statement::{CopyData, SplitError, Statement};
