//! PostgreSQL 13 to 18.

mod catalog;
mod cluster;
mod connection;
mod database;
mod databases;
mod delta;
mod errors;
mod lexer;
mod reading;
mod session;
pub mod split;

pub use cluster::Terms;
pub use database::Postgres;
