//! Where rollproof.yml says what it says, for the rooms that find out later that it is wrong.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{ConfigError, Place, Problem};

/// The positions of what a [`Project`](super::Project) holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The file, as it is to be printed.
    pub file: PathBuf,
    /// The names under `rules`.
    pub rules: BTreeMap<String, Place>,
    /// The entries of `policies`, in the order of [`Project::policies`](super::Project::policies).
    pub policies: Vec<Place>,
    /// The databases, in the order of [`Project::databases`](super::Project::databases).
    pub databases: Vec<DatabasePlaces>,
}

impl Places {
    /// An error about this file, in the same form as those of reading it.
    pub fn error(&self, problems: Vec<Problem>) -> ConfigError {
        ConfigError::new(&self.file, problems)
    }
}

/// The positions of what a [`Database`](super::Database) holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabasePlaces {
    /// The entry itself.
    pub entry: Place,
    /// The path of the migrations folder.
    pub migrations: Place,
    /// The entries that not every engine has a meaning for, by their keys.
    pub of_some_engines: Vec<(&'static str, Place)>,
    /// The path of the base schema.
    pub base_schema: Option<Place>,
    /// The entries of `bookkeeping`, in their order.
    pub bookkeeping: Vec<Place>,
    /// The entries of `skip`, in their order.
    pub skip: Vec<Place>,
    /// The entries of `exclude`, in their order.
    pub exclude: Vec<Place>,
}
