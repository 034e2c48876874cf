//! PostgreSQL 13 to 18.

mod catalog;
mod connection;
mod database;
mod errors;
mod lexer;
mod reading;
pub mod split;
mod touched;

pub use database::{Postgres, Terms};
