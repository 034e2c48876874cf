//! Removing what killed runs left on a server that is not ours.

use sqlx::Connection;

use super::dropping::{drop_database, left_behind};
use super::text::{self, Target};
use super::{in_time, reach};
use crate::history::EngineKind;
use crate::provision::ProvisionError;

/// What cleaning a server came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CleanedServer {
    /// The databases that are gone; those that would be, where nothing was to be removed.
    pub databases: Vec<String>,
    /// What is still there, and why.
    pub problems: Vec<String>,
}

/// Drops the databases on the PostgreSQL server at `url` that killed runs left; with `dry_run` it only tells them. Databases
/// of any other name, and those of runs that go on, are not touched.
///
/// # Errors
/// When the URL cannot be understood or the server does not answer. No message holds a password.
pub async fn clean_server(url: &str, dry_run: bool) -> Result<CleanedServer, ProvisionError> {
    let Target { options, shown, .. } = text::read(url, EngineKind::Postgres)?;
    let mut options = options.application_name("rollproof");
    let answer = async {
        let mut connection = reach(&mut options).await?;
        let names = left_behind(&mut connection).await?;
        Ok((connection, names))
    };
    let wrong = |reason: String| ProvisionError::Url { shown: shown.clone(), reason };
    let (mut connection, names) = in_time(answer).await.map_err(wrong)?;
    let mut cleaned = CleanedServer::default();
    for name in names {
        match if dry_run { Ok(()) } else { drop_database(&mut connection, &name).await } {
            Ok(()) => cleaned.databases.push(name),
            Err(error) => cleaned.problems.push(format!("the database {name} could not be dropped: {error}")),
        }
    }
    // The server may have closed it already; that changes nothing.
    let _ = connection.close().await;
    Ok(cleaned)
}
