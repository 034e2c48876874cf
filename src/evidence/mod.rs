//! What a project's other files say of its migrations: environment files, manifests of five languages, compose files and
//! the jobs of CI. Pure in effect: it reads files, runs nothing.
//!
//! [`Nearby`] holds the folders from the migrations up to the root of the project. Every question is asked of these folders,
//! and every answer tells which file it is from.

mod cargo;
mod drivers;
mod engine;
mod manifests;
mod nearby;
mod services;

pub use cargo::{CargoDependency, cargo_dependency};
pub use engine::{EngineClue, detect_engine, engine_clue};
pub use manifests::{javascript_packages, python_packages};
pub use nearby::{Closeness, Nearby, NearbyFolder};
pub use services::{Service, ServiceFiles, Services};
