//! The engines: connect, split, execute, snapshot, fork. One folder per product, one interface for all.

pub mod postgres;
mod script;
pub mod sqlite;
mod statement;

pub use script::char_offset_to_byte;
pub use statement::{CopyData, SplitError, Statement};
