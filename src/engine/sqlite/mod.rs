//! SQLite, in process.

mod catalog;
mod database;
mod lexer;
pub mod normalise;
pub mod split;

pub use database::Sqlite;
