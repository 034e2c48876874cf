//! PostgreSQL 13 to 18.

mod catalog;
mod cluster;
mod connection;
mod database;
mod databases;
mod delta;
mod errors;
mod lexer;
pub mod opaque;
mod reading;
mod session;
pub mod split;

pub use catalog::is_accounted_for;
pub use cluster::Terms;
pub use database::Postgres;
