//! SQLite, in process.

mod catalog;
mod complete;
mod database;
pub mod definition;
mod lexer;
mod read_only;
pub mod split;

pub use database::Sqlite;
pub use read_only::read_only;
