//! One disposable MySQL or MariaDB database.

use sqlx::mysql::MySqlConnectOptions;

use crate::engine::{Engine, EngineError};

/// On what terms a server is used.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Whether the server is ours alone.
    pub owned: bool,
    /// Whether migrations may make what outlives a database, on a server that is not ours.
    pub allow_cluster_objects: bool,
    /// What the names of all databases begin with that are made on it.
    pub prefix: String,
}

/// An empty database on the server that `admin` reaches.
///
/// # Errors
/// When the server cannot be reached, or refuses to make a database.
pub async fn create(admin: MySqlConnectOptions, terms: Terms) -> Result<Box<dyn Engine>, EngineError> {
    let _ = (admin, terms);
    Err(EngineError::unexpected("MySQL is not there yet"))
}
