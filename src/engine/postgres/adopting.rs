//! What loading a dump asks of a PostgreSQL database beside running its statements.

use super::connection::{quoted, run};
use super::database::Postgres;
use super::databases::drop_database;
use crate::engine::EngineError;

impl Postgres {
    /// Whether the server is ours alone.
    pub fn is_owned(&self) -> bool {
        self.terms.owned
    }

    /// Whether what outlives a database may be made and changed on this server.
    pub fn may_change_cluster(&self) -> bool {
        self.terms.may_change_cluster()
    }

    /// The role that connects.
    pub fn user(&self) -> &str {
        self.server.get_username()
    }

    /// Takes a database that a script has made for the working one, which is dropped. Ends the session.
    ///
    /// # Errors
    /// When there is no such database.
    pub async fn adopt(&mut self, name: &str) -> Result<(), EngineError> {
        if !self.terms.owned {
            return Err(EngineError::unexpected("only on a server of its own does Rollproof take over a database"));
        }
        if name == self.database {
            return Ok(());
        }
        self.release().await;
        let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = $1)")
            .bind(name)
            .fetch_one(&mut self.admin)
            .await
            .map_err(super::errors::engine_error)?;
        if !there {
            return Err(EngineError::unexpected(format!("there is no database {} to connect to", quoted(name))));
        }
        let before = std::mem::replace(&mut self.database, name.to_owned());
        drop_database(&mut self.admin, &before).await
    }

    /// Runs a statement outside of the working database, by the connecting role, as who looks after the server does.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn on_server(&mut self, sql: &str) -> Result<(), EngineError> {
        run(&mut self.admin, sql).await
    }
}
