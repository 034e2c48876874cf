//! SQLite.

mod lexer;
pub mod normalise;
pub mod split;
