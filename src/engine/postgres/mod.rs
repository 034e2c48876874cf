//! PostgreSQL 13 to 18.

mod adopting;
mod catalog;
mod cluster;
mod connection;
mod database;
mod databases;
mod delta;
mod errors;
mod lexer;
mod read_only;
mod reading;
mod session;
pub mod split;

pub use cluster::Terms;
pub use database::Postgres;
pub use read_only::{ReadOnly, outlives_a_database, read_only};
