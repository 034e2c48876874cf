//! Reading the schema of a database that is somebody else's: nothing is made or changed there.

use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};

use super::catalog::reading_settings;
use super::connection::run;
use super::errors::engine_error;
use super::reading::Catalog;
use super::survey::survey;
use crate::engine::EngineError;
use crate::schema::Snapshot;

/// What was read.
#[derive(Clone, Debug)]
pub struct ReadOnly {
    /// The schema.
    pub snapshot: Snapshot,
    /// The server's version: `15.18`.
    pub version: String,
}

/// Reads the schema of the database that the options name, in one read-only transaction of one moment.
///
/// # Errors
/// When the server cannot be reached, or refuses to be read.
pub async fn read_only(options: &PgConnectOptions) -> Result<ReadOnly, EngineError> {
    let mut connection = PgConnection::connect_with(options).await.map_err(engine_error)?;
    run(&mut connection, "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY").await?;
    run(&mut connection, &reading_settings(false)).await?;
    let (number, version): (i32, String) = sqlx::query_as(
        "SELECT pg_catalog.current_setting('server_version_num')::int4, pg_catalog.current_setting('server_version')",
    )
    .fetch_one(&mut connection)
    .await
    .map_err(engine_error)?;
    let major = u32::try_from(number / 10_000).unwrap_or_default();
    let mut catalog = Catalog::new(&mut connection, major, true).await?;
    let snapshot = match of_one_moment(&mut catalog, &mut connection).await {
        Err(EngineError::Refused { .. }) => {
            survey(&mut catalog, &mut connection).await?;
            of_one_moment(&mut catalog, &mut connection).await?
        }
        read => read?,
    };
    // A connection that cannot say goodbye is gone all the same.
    let _ = connection.close().await;
    let version = version.split_whitespace().next().unwrap_or(&version).to_owned();
    Ok(ReadOnly { snapshot, version })
}

async fn of_one_moment(catalog: &mut Catalog, connection: &mut PgConnection) -> Result<Snapshot, EngineError> {
    run(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let read = catalog.whole(connection).await;
    run(connection, "ROLLBACK").await?;
    read
}

/// Whether objects of this kind belong to the whole cluster: they are there in each of its databases, and stay when one of
/// them goes. The files `catalog/cluster_*.sql` read them.
pub fn outlives_a_database(kind: &str) -> bool {
    matches!(kind, "role" | "tablespace" | "cluster" | "parameter")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_the_cluster_is_known() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine/postgres/catalog");
        let mut seen = 0;
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if !entry.file_name().to_string_lossy().starts_with("cluster_") {
                continue;
            }
            let text = std::fs::read_to_string(entry.path()).unwrap();
            for line in text.lines().filter(|line| line.contains("' AS kind")) {
                let kind = line.split('\'').nth(1).unwrap();
                assert!(outlives_a_database(kind), "{kind}");
                seen += 1;
            }
        }
        assert!(seen >= 3);
    }
}
