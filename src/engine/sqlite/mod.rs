//! SQLite, in process.

mod catalog;
mod database;
mod lexer;
pub mod normalise;
mod read_only;
pub mod split;

pub use database::Sqlite;
pub use read_only::read_only;
