//! PostgreSQL 13 to 18.

mod catalog;
mod connection;
mod database;
mod errors;
mod lexer;
pub mod split;

pub use database::Postgres;
