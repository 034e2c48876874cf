//! rollproof.yml: read with positions, validated as a whole; and what is detected where it says nothing.

mod model;

pub use model::{Database, Exclusion, Project, Skip};
