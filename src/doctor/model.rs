//! What was found out, as plain data; `doctor --format json` prints it as it is.

use std::path::PathBuf;

use serde::Serialize;

use crate::history::EngineKind;

/// Everything that was found out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// The version of this form.
    pub version: u32,
    /// Whether every database of the project can be provided; without a project, whether anything can.
    pub ready: bool,
    /// This machine.
    pub machine: Machine,
    /// The project, where there is one.
    pub project: Option<ProjectDiagnosis>,
}

/// What this machine has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// The container engine that answers.
    pub container_engine: Option<Container>,
    /// Why none can be used.
    pub container_problem: Option<String>,
    /// The server programs: PostgreSQL's, then those of MySQL and MariaDB, each newest first.
    pub servers: Vec<LocalServer>,
    /// The version of SQLite that is built in.
    pub sqlite: Option<String>,
    /// The version of git.
    pub git: Option<String>,
    /// Where the data of servers may go, best first.
    pub data_places: Vec<Place>,
    /// The cache of new data folders.
    pub cache: Cache,
    /// What killed runs left.
    pub left_behind: Leftovers,
}

/// A container engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Container {
    /// Its name: `Docker`.
    pub product: String,
    /// Its version.
    pub version: String,
    /// Where it is reached.
    pub host: String,
    /// Whether it runs without root.
    pub rootless: bool,
}

/// Programs of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LocalServer {
    /// The product.
    pub engine: EngineKind,
    /// Its version.
    pub version: String,
    /// The folder that holds them.
    pub bin: PathBuf,
    /// The user that they run as where it is not the one who runs this.
    pub runs_as: Option<String>,
    /// Why they cannot be run.
    pub problem: Option<String>,
}

/// A folder for the data of servers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The folder.
    pub path: PathBuf,
    /// Whether it is in memory.
    pub memory: bool,
    /// How much room there is.
    pub free_bytes: Option<u64>,
    /// Why it does not serve.
    pub unfit: Option<String>,
}

/// The cache of new data folders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cache {
    /// Where it is; nowhere without a home folder.
    pub path: Option<PathBuf>,
    /// How many it holds.
    pub seeds: usize,
    /// How much they take.
    pub bytes: u64,
}

/// What killed runs left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Leftovers {
    /// Folders.
    pub folders: Vec<PathBuf>,
    /// Containers.
    pub containers: Vec<String>,
}

/// The project and its databases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProjectDiagnosis {
    /// Its configuration; `None` where the databases are those that were detected.
    pub config: Option<PathBuf>,
    /// Its databases.
    pub databases: Vec<DatabaseDiagnosis>,
    /// What keeps its databases from being told.
    pub problem: Option<String>,
}

/// What `--provision auto` would do for one database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DatabaseDiagnosis {
    /// Its name.
    pub name: String,
    /// The product.
    pub engine: Option<EngineKind>,
    /// The image that the configuration asks for.
    pub image: Option<String>,
    /// `container`, `local` or `embedded`; `None` where nothing can provide it.
    pub provision: Option<&'static str>,
    /// What would be used and why, or why nothing can be.
    pub why: String,
    /// What to do so that it can be provided, or provided better: commands where there are some.
    pub remedies: Vec<String>,
}
