//! What was meant by the command line and the configuration together. Nobody looks at the arguments after this.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::{Places, Project};
use crate::history::ReadOptions;
use crate::policy::Level;
use crate::provision::Mode;
use crate::replay::Phase;

/// Everything that a check needs to know. Has no `Debug`: the URL of a server may hold a password.
pub struct Settings {
    /// The configuration, or what the flags say in its place.
    pub project: Project,
    /// Where the configuration says it; `None` without a file.
    pub places: Option<Places>,
    /// The name of the project, for reports.
    pub name: String,
    /// The databases to check; empty is all.
    pub only_databases: Vec<String>,
    /// The git reference with which the histories are compared.
    pub base: Option<String>,
    /// The phases to run.
    pub phases: BTreeSet<Phase>,
    /// The level from which findings make the run fail; `None` is never.
    pub fail_on: Option<Level>,
    /// The servers that migrations are replayed on; `None` replays nothing and judges the files alone.
    pub servers: Option<Servers>,
}

/// Where servers come from, and what is done on them. Has no `Debug`: `url` may hold a password.
pub struct Servers {
    /// Where they come from.
    pub provision: Mode,
    /// A server that runs already.
    pub url: Option<String>,
    /// Let migrations make what outlives a database on a server that is not ours.
    pub allow_cluster_objects: bool,
    /// The image, in place of the configuration's.
    pub image: Option<String>,
    /// The folders of server binaries; each is for the databases of its product.
    pub server_bins: Vec<PathBuf>,
    /// How long a server in a container may take to its first answer.
    pub start_timeout: Duration,
    /// For one migration script.
    pub timeout: Duration,
    /// How many databases are checked at a time.
    pub jobs: usize,
}

impl Settings {
    /// How the files of a database's migrations are to be read, by its index in the configuration: with the paths of further
    /// folders as the rest of the program, started where the command was, has to write them.
    pub fn read_options(&self, index: usize) -> ReadOptions {
        let options = self.project.databases[index].read_options.clone();
        let locations = options.locations.iter().map(|path| self.project.resolve(path)).collect();
        ReadOptions { locations, ..options }
    }

    /// Whether the database of this name is to be checked.
    pub fn chosen(&self, name: &str) -> bool {
        self.only_databases.is_empty() || self.only_databases.iter().any(|chosen| chosen == name)
    }
}
