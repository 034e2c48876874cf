//! SQLite, in process.

mod catalog;
mod complete;
mod database;
pub mod definition;
mod lexer;
pub mod split;

pub use database::Sqlite;
