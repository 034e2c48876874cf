//! What a project's other files say of its migrations: what it says it connects to, manifests of its languages, compose files and
//! the jobs of CI. Pure in effect: it reads files, runs nothing.
//!
//! [`Nearby`] holds the folders from the migrations up to the root of the project. Every question is asked of these folders,
//! and every answer tells which file it is from.

mod cargo;
mod declared;
mod drivers;
mod engine;
mod gradle;
mod ini;
mod manifests;
mod nearby;
mod pom;
mod properties;
mod services;
mod url;

pub use cargo::{CargoDependency, cargo_dependency};
pub use engine::{Disagreement, EngineClue, detect_engine, engine_clue, engine_evidence};
pub(crate) use ini::sections as ini_sections;
pub use manifests::{javascript_packages, python_packages};
pub use nearby::{Closeness, Nearby, NearbyFolder};
pub(crate) use properties::flyway_properties;
pub use services::{Service, ServiceFiles, Services};
