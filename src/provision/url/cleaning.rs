//! Removing what killed runs left on a server that is not ours.

use super::target;
use crate::provision::ProvisionError;

/// What cleaning a server came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CleanedServer {
    /// The databases that are gone; those that would be, where nothing was to be removed.
    pub databases: Vec<String>,
    /// What is still there, and why.
    pub problems: Vec<String>,
}

/// Drops the databases on the server at `url` that killed runs left; with `dry_run` it only tells them. Databases of any
/// other name, and those of runs that go on, are not touched.
///
/// # Errors
/// When the URL cannot be understood or the server does not answer. No message holds a password.
pub async fn clean_server(url: &str, dry_run: bool) -> Result<CleanedServer, ProvisionError> {
    let (mut host, shown) = target(url, None)?;
    host.clean(dry_run).await.map_err(|reason| ProvisionError::Url { shown, reason })
}

/// Notes what became of a database.
pub(super) fn clean(cleaned: &mut CleanedServer, name: String, dropped: Result<(), sqlx::Error>) {
    match dropped {
        Ok(()) => cleaned.databases.push(name),
        Err(error) => cleaned.problems.push(format!("the database {name} could not be dropped: {error}")),
    }
}
