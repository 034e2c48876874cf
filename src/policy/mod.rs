//! The judge: rules in YAML, facts, CEL evaluation. Pure: no I/O beyond the bundled files.

mod finding;

pub use finding::{Finding, Level, PolicyPlace, Snippet};
