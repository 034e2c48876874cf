//! The engines: connect, split, execute, snapshot, fork. One folder per product, one interface for all.

pub mod mysql;
pub mod postgres;
pub mod sqlite;

mod error;
mod interface;
mod kinds;
mod overheard;
mod portable;
mod rows;
mod script;
mod statement;

pub use error::{EngineError, Refusal, RefusalKind};
pub use interface::{Engine, Fork, Moment, Rows, SessionSpec};
pub use overheard::Overheard;
pub use portable::{portable, portable_table};
pub use script::char_offset_to_byte;
pub use statement::{CopyData, Cut, SplitError, Statement};
