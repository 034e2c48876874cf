//! What this machine can provide, and what would have to be installed for a project's databases. Nothing is started but
//! programs that are asked for their version.

mod gather;
mod install;
mod judge;
mod model;
mod text;

pub use gather::{Subject, diagnose};
pub use model::{
    Cache, Container, DatabaseDiagnosis, Diagnosis, Leftovers, LocalServer, Machine, Place, ProjectDiagnosis,
};
pub use text::to_text;
