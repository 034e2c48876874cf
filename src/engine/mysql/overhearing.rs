//! What other clients send, out of the server's general log: kept in a table while a step runs, on a server of our own. What it
//! was told to keep before is what it is told to keep afterwards, since global variables are compared.

use sqlx::Row as _;
use sqlx::mysql::MySqlConnection;

use super::connection::{literal, rows, run};
use super::errors::engine_error;
use crate::engine::{EngineError, Overheard};

/// What the server was told of its logs before.
#[derive(Clone, Debug)]
pub(super) struct Ear {
    output: String,
    on: String,
}

impl Ear {
    /// Begins to keep the log.
    ///
    /// # Errors
    /// When the server refuses.
    pub(super) async fn open(admin: &mut MySqlConnection) -> Result<Self, EngineError> {
        let answer =
            rows(admin, "SELECT CAST(@@GLOBAL.log_output AS CHAR), CAST(@@GLOBAL.general_log AS CHAR)").await?;
        let row = answer.first().ok_or_else(|| EngineError::unexpected("the server does not tell where it logs to"))?;
        let output: String = row.try_get(0).map_err(engine_error)?;
        let on: String = row.try_get(1).map_err(engine_error)?;
        run(admin, "TRUNCATE TABLE mysql.general_log; SET GLOBAL log_output = 'TABLE'; SET GLOBAL general_log = 1")
            .await?;
        Ok(Self { output, on })
    }

    /// Ends it, and tells what others sent. Statements that are prepared are told once, as they were prepared: without values.
    ///
    /// # Errors
    /// When the server refuses.
    pub(super) async fn heard(self, admin: &mut MySqlConnection) -> Result<Overheard, EngineError> {
        let on = if matches!(self.on.as_str(), "1" | "ON") { "1" } else { "0" };
        let output = literal(&self.output);
        run(
            admin,
            &format!("SET GLOBAL general_log = 0; SET GLOBAL log_output = {output}; SET GLOBAL general_log = {on}"),
        )
        .await?;
        let sql = "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log \
                   WHERE command_type IN ('Query', 'Prepare') AND thread_id <> CONNECTION_ID()";
        let mut heard = Overheard::default();
        for row in rows(admin, sql).await? {
            let statement: String = row.try_get(0).map_err(engine_error)?;
            let statement = statement.trim().trim_end_matches(';').trim_end();
            if !statement.is_empty() {
                heard.statements.push(statement.to_owned());
            }
        }
        run(admin, "TRUNCATE TABLE mysql.general_log").await?;
        Ok(heard)
    }
}
