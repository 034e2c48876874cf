//! Roles and tablespaces: objects of the cluster, which outlive any database in it (PostgreSQL manual, "Database Roles").

use std::collections::BTreeSet;

use sqlx::postgres::PgConnection;

use super::connection::{quoted, run};
use super::errors::engine_error;
use crate::engine::EngineError;

/// Catalogs whose rows outlive a database.
pub(super) const CLUSTER_CATALOGS: [&str; 4] = ["pg_authid", "pg_auth_members", "pg_tablespace", "pg_database"];

/// How the server treats what Rollproof makes on it.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The server is ours alone: settings that trade durability for speed are sound, and roles may be dropped again.
    pub owned: bool,
    /// Whether migrations may make objects that outlive the database.
    pub allow_cluster_objects: bool,
    /// What the names of our databases begin with.
    pub prefix: String,
    /// Who owns the database; `None` is the connecting role.
    pub owner: Option<String>,
}

impl Terms {
    /// Whether roles and tablespaces are this run's to make, to compare and to drop. On a server that others use they
    /// are not, unless the user says so: somebody else's new role would look like ours.
    pub(super) fn may_change_cluster(&self) -> bool {
        self.owned || self.allow_cluster_objects
    }
}

/// Says that a step made or dropped something that outlives the database, on a server that is not ours.
/// `left` is whether it was committed.
pub(super) fn outlives_the_database(before: &BTreeSet<String>, now: &BTreeSet<String>, left: bool) -> EngineError {
    let names: Vec<&str> = before.symmetric_difference(now).map(String::as_str).collect();
    let what = if names.is_empty() {
        "alters a role, a membership, a tablespace or another database".to_owned()
    } else {
        format!("makes or drops {}", names.join(", "))
    };
    let fate = if left { "it was committed and is still there: undo it by hand" } else { "it was rolled back" };
    EngineError::unexpected(format!(
        "the step {what}, which outlives the database, and this server is not Rollproof's own; {fate}; use a disposable \
         server, or pass --allow-cluster-objects to let it happen"
    ))
}

/// The names of all roles and tablespaces, each with its kind in front.
pub(super) async fn cluster_objects(admin: &mut PgConnection) -> Result<BTreeSet<String>, EngineError> {
    let sql = "SELECT 'role ' || rolname FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' \
               UNION ALL SELECT 'tablespace ' || spcname FROM pg_catalog.pg_tablespace WHERE spcname !~ '^pg_'";
    let names: Vec<String> = sqlx::query_scalar(sql).fetch_all(admin).await.map_err(engine_error)?;
    Ok(names.into_iter().collect())
}

/// Makes these roles where they are not there yet; those that it made.
pub(super) async fn make_roles(
    admin: &mut PgConnection,
    terms: &Terms,
    roles: &[String],
) -> Result<BTreeSet<String>, EngineError> {
    let mut made = BTreeSet::new();
    let there = cluster_objects(admin).await?;
    for role in roles.iter().filter(|role| !there.contains(&format!("role {role}"))) {
        if !terms.may_change_cluster() {
            return Err(EngineError::unexpected(format!(
                "`create-roles` names {role}, which is not there, and a role outlives the database on a server that is \
                 not Rollproof's own; make it there yourself, use a disposable server, or pass --allow-cluster-objects"
            )));
        }
        run(admin, &format!("CREATE ROLE {} LOGIN", quoted(role))).await?;
        made.insert(format!("role {role}"));
    }
    match terms.owner.as_ref().filter(|owner| !roles.contains(owner) && !there.contains(&format!("role {owner}"))) {
        None => Ok(made),
        Some(owner) => Err(EngineError::unexpected(format!(
            "`role` names {owner}, which the server does not have; add it to `create-roles` in rollproof.yml"
        ))),
    }
}

/// Drops the roles and tablespaces that are there now and were not at `then`. Whether none of those of then is missing.
///
/// On a server that others use only `ours` are dropped, those that were seen inside a transaction of our own before its
/// commit and nowhere else: anything else may be somebody else's.
pub(super) async fn take_back(
    admin: &mut PgConnection,
    terms: &Terms,
    then: &BTreeSet<String>,
    ours: &BTreeSet<String>,
) -> Result<bool, EngineError> {
    if !terms.may_change_cluster() {
        return Ok(true);
    }
    let now = cluster_objects(admin).await?;
    for object in now.difference(then).filter(|object| terms.owned || ours.contains(*object)) {
        let (kind, name) = object.split_once(' ').unwrap_or(("role", object));
        if kind == "role" && terms.owned {
            run(admin, &format!("DROP OWNED BY {}", quoted(name))).await?;
        }
        run(admin, &format!("DROP {kind} {}", quoted(name))).await?;
    }
    Ok(then.is_subset(&now))
}
