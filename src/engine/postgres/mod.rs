//! PostgreSQL 13 to 18.

mod catalog;
mod connection;
mod database;
mod delta;
mod errors;
mod lexer;
mod reading;
pub mod split;

pub use database::{Postgres, Terms};
