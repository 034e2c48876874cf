//! The validated configuration: what was meant. Nobody looks at the raw file after this.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::history::EngineKind;
use crate::policy::Level;

/// Everything that rollproof.yml, or the flags that stand for it, say.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder that relative paths start from: where rollproof.yml lies, else the folder to check.
    pub root: PathBuf,
    /// The configuration file, where there is one.
    pub file: Option<PathBuf>,
    /// The databases of the project.
    pub databases: Vec<Database>,
    /// Levels of rules; `None` is off.
    pub rules: BTreeMap<String, Option<Level>>,
    /// More rule files, besides the core pack. Absolute, or relative to `root`.
    pub policies: Vec<PathBuf>,
    /// The level from which findings make the run fail; `None` is never.
    pub fail_on: Option<Level>,
}

/// One database of the project.
#[derive(Clone, Debug, Default)]
pub struct Database {
    /// Its name.
    pub name: String,
    /// Its product; `None` where neither the configuration nor the project's files tell.
    pub engine: Option<EngineKind>,
    /// The container image; for local servers its version is what counts.
    pub image: Option<String>,
    /// Accept another product or major version than the image's.
    pub allow_substitute: bool,
    /// The migrations folder, relative to the project's root or absolute.
    pub migrations: PathBuf,
    /// The format; `None` is to be detected.
    pub format: Option<String>,
    /// The role that runs the migrations; `None` is the superuser.
    pub role: Option<String>,
    /// Roles to make before the first step.
    pub create_roles: Vec<String>,
    /// Server settings, by name.
    pub server_settings: BTreeMap<String, String>,
    /// Statements at the start of each migration session.
    pub prelude: Vec<String>,
    /// More tables that are left out of every comparison: `name` or `schema.name`.
    pub bookkeeping: Vec<String>,
    /// What exists before the first migration.
    pub base_schema: Option<PathBuf>,
    /// Steps that are not to be run.
    pub skip: Vec<Skip>,
    /// Objects that are left out of every comparison.
    pub exclude: Vec<Exclusion>,
}

/// A step that is not to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The id of the migration.
    pub migration: String,
    /// Why.
    pub reason: String,
}

/// An object that is left out of every comparison, with its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// As reports print it: `table public.spatial_ref_sys`.
    pub object: String,
    /// Why.
    pub reason: String,
}
