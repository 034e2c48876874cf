//! PostgreSQL.

mod lexer;
pub mod split;
