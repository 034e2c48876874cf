//! Reading the schema of a database that is somebody else's: nothing is made or changed there.

use std::time::Duration;

use sqlx::mysql::MySqlConnectOptions;
use sqlx::{Connection as _, Row as _};

use super::connection::{connect, rows, run, without_settings};
use super::database::flavour_of;
use super::errors::engine_error;
use super::reading::Catalog;
use crate::engine::EngineError;
use crate::engine::rows::{Reading, RowReader};
use crate::history::EngineKind;
use crate::schema::Snapshot;

/// What was read.
#[derive(Clone, Debug)]
pub struct ReadOnly {
    /// The schema.
    pub snapshot: Snapshot,
    /// The product that answered, MySQL or MariaDB.
    pub engine: EngineKind,
    /// The server's version: `10.11.14`.
    pub version: String,
    /// Who read, as `user@host`. What they have defined themselves has no `definer`.
    pub user: String,
}

/// Reads the schema of the database that the options name, in one read-only transaction of one moment. The server gives up
/// a question after `patience`.
///
/// # Errors
/// When the options name no database, or the server cannot be reached or refuses to be read.
pub async fn read_only(options: &MySqlConnectOptions, patience: Duration) -> Result<ReadOnly, EngineError> {
    let Some(database) = options.get_database().map(str::to_owned) else {
        return Err(EngineError::unexpected("the URL names no database; add its name: mysql://user@host/name"));
    };
    let mut connection = connect(&without_settings(options.clone())).await?;
    let flavour = flavour_of(&mut connection).await?;
    // How the server writes it, which may differ in case from what was asked for.
    let sql = "SELECT CAST(coalesce(DATABASE(), '') AS CHAR)";
    let named = rows(&mut connection, sql).await?;
    let named = named.first().map(|row| row.try_get::<String, _>(0)).transpose().map_err(engine_error)?;
    let database = named.filter(|name| !name.is_empty()).unwrap_or(database);
    let limit = if flavour.is_mariadb() {
        format!("max_statement_time = {}", patience.as_secs_f64().max(0.001))
    } else {
        format!("max_execution_time = {}", patience.as_millis().clamp(1, u128::from(u32::MAX)))
    };
    run(&mut connection, &format!("SET SESSION {limit}; START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"))
        .await?;
    let mut catalog = Catalog::survey(&mut connection, flavour, &database, true).await?;
    catalog.find_hidden(&mut connection, &database).await?;
    let answers = catalog.read(&mut connection, &database, &mut None).await?;
    run(&mut connection, "ROLLBACK").await?;
    // A connection that cannot say goodbye is gone all the same.
    let _ = connection.close().await;
    let mut reading = Reading::without(catalog.unreadable());
    let mut reader = RowReader::new();
    for answer in answers {
        reading = reader.update(&reading, answer.part, &answer.rows)?;
    }
    let snapshot = reading.snapshot().clone();
    let (major, minor, patch) = flavour.version;
    Ok(ReadOnly {
        snapshot,
        engine: flavour.product,
        version: format!("{major}.{minor}.{patch}"),
        user: catalog.user().to_owned(),
    })
}

/// Whether objects of this kind belong to the whole server: they are there in each of its databases, and stay when one of
/// them goes. The files `catalog/cluster_*.sql` read them.
pub fn outlives_a_database(kind: &str) -> bool {
    matches!(
        kind,
        "user"
            | "role"
            | "plugin"
            | "component"
            | "loadable-function"
            | "server"
            | "tablespace"
            | "resource-group"
            | "spatial-reference-system"
            | "global-variable"
            | "persisted-variable"
    ) || kind.split(' ').next() == Some("other-database")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_the_server_is_known() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine/mysql/catalog");
        let mut seen = 0;
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if !entry.file_name().to_string_lossy().starts_with("cluster_") {
                continue;
            }
            for kind in crate::engine::kinds::kinds_of(&std::fs::read_to_string(entry.path()).unwrap()) {
                assert!(outlives_a_database(kind), "{kind}");
                seen += 1;
            }
        }
        assert!(seen >= 5);
    }
}
