//! Reading the schema of a database that is somebody else's: nothing is made or changed there.

use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};

use super::catalog::{Reach, reading_settings};
use super::connection::run;
use super::errors::engine_error;
use super::reading::Catalog;
use super::survey::do_without;
use super::versions::TESTED;
use crate::engine::EngineError;
use crate::schema::{Snapshot, Unreadable};

/// What was read.
#[derive(Clone, Debug)]
pub struct ReadOnly {
    /// The schema.
    pub snapshot: Snapshot,
    /// The server's version: `15.18`.
    pub version: String,
    /// What a reader should know of that version.
    pub note: Option<String>,
}

/// Reads the schema of the database that the options name, in one read-only transaction of one moment. Nothing is set for
/// the session and no statement is named, since a pool may give the connection to somebody else afterwards. The server gives
/// up after `patience`.
///
/// # Errors
/// When the server cannot be reached, is too old, or refuses to be read.
pub async fn read_only(options: &PgConnectOptions, patience: Duration) -> Result<ReadOnly, EngineError> {
    let options = options.clone().statement_cache_capacity(0);
    let mut connection = PgConnection::connect_with(&options).await.map_err(engine_error)?;
    begin(&mut connection, patience).await?;
    let (number, version, role, sees_all): (i32, String, String, bool) = sqlx::query_as(
        "SELECT pg_catalog.current_setting('server_version_num')::int4, pg_catalog.current_setting('server_version'), \
         current_user::text, pg_catalog.current_setting('is_superuser')::bool",
    )
    .persistent(false)
    .fetch_one(&mut connection)
    .await
    .map_err(engine_error)?;
    let major = u32::try_from(number / 10_000).unwrap_or_default();
    let version = version.split_whitespace().next().unwrap_or(&version).to_owned();
    let note = TESTED.note(major, &version)?;
    if sees_all {
        // The server describes some objects in its own language.
        run(&mut connection, "SET LOCAL lc_messages = 'C'").await?;
    }
    let mut catalog = Catalog::new(&mut connection, major, Reach::Cluster).await?;
    let snapshot = match catalog.whole(&mut connection).await {
        Err(EngineError::Refused { .. }) => {
            run(&mut connection, "ROLLBACK").await?;
            begin(&mut connection, patience).await?;
            do_without(&mut catalog, &mut connection, &role).await?;
            catalog.whole(&mut connection).await?
        }
        read => read?,
    };
    run(&mut connection, "ROLLBACK").await?;
    // A connection that cannot say goodbye is gone all the same.
    let _ = connection.close().await;
    let snapshot = if sees_all { snapshot } else { with_hidden_values(snapshot, &role) };
    Ok(ReadOnly { snapshot, version, note })
}

async fn begin(connection: &mut PgConnection, patience: Duration) -> Result<(), EngineError> {
    let millis = patience.as_millis().clamp(1, i32::MAX as u128);
    let settings = reading_settings(true);
    run(
        connection,
        &format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {settings}; SET LOCAL statement_timeout = {millis}"),
    )
    .await
}

/// Some values are hidden in rows that everybody may read. What a role does not see it cannot call the same.
fn with_hidden_values(snapshot: Snapshot, role: &str) -> Snapshot {
    let hides = |kind: &str, attribute: &str| {
        snapshot.iter().any(|(id, object)| &*id.kind == kind && !object.attributes.contains_key(attribute))
    };
    let hidden = [("user-mapping", "options", "pg_user_mapping"), ("subscription", "connection", "pg_subscription")];
    let hidden = hidden.into_iter().filter(|(kind, attribute, _)| hides(kind, attribute));
    let hidden = hidden.map(|(kind, attribute, catalog)| Unreadable {
        kinds: vec![kind.into()],
        catalog: catalog.to_owned(),
        role: role.to_owned(),
        reason: format!("the server shows {attribute} to superusers only"),
        help: "connect as a superuser".to_owned(),
    });
    let unreadable: Vec<Unreadable> = snapshot.unreadable().iter().cloned().chain(hidden).collect();
    snapshot.with_unreadable(unreadable.into())
}

/// Whether objects of this kind belong to the whole cluster: they are there in each of its databases, and stay when one of
/// them goes. The files `catalog/cluster_*.sql` and `catalog/outside_*.sql` read them.
pub fn outlives_a_database(kind: &str) -> bool {
    matches!(kind, "role" | "tablespace" | "cluster" | "parameter" | "other-database" | "persisted-variable")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_the_cluster_is_known() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine/postgres/catalog");
        let mut seen = 0;
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.starts_with("cluster_") && !name.starts_with("outside_") {
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
