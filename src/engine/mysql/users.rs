//! The users that production has before the first migration.

use sqlx::mysql::MySqlConnection;

use super::cluster::Terms;
use super::connection::{literal, run};
use crate::engine::EngineError;

/// Makes these users, `name` or `name@host`, where they are not there yet.
pub(super) async fn make_users(
    admin: &mut MySqlConnection,
    terms: &Terms,
    users: &[String],
) -> Result<(), EngineError> {
    for user in users {
        if !terms.owned {
            return Err(EngineError::unexpected(format!(
                "`create-roles` names {user}, and users outlive the database on a server that is not Rollproof's own; make \
                 it there yourself and leave it out of `create-roles`, or use a disposable server"
            )));
        }
        let (name, host) = user.rsplit_once('@').unwrap_or((user, "%"));
        run(admin, &format!("CREATE USER IF NOT EXISTS {}@{}", literal(name), literal(host))).await?;
    }
    Ok(())
}
