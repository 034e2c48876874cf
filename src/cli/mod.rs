//! To come.

pub mod progress;
