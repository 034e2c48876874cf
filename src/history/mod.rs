//! One file per migration format; each reads a folder into a [`History`]. Pure in effect: it reads files, runs nothing.

mod model;

pub use model::{EngineKind, History, Migration, Script, TransactionMode, Unmatched};
