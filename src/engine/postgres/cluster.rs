//! What outlives any database on a server: roles, tablespaces, other databases, and what is said of them (PostgreSQL
//! manual, "Database Roles", "System Catalogs"). Where it may be changed, and how that is undone.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::Row as _;
use sqlx::postgres::PgConnection;

use super::catalog::for_version;
use super::connection::{quoted, run};
use super::delta::Writes;
use super::errors::engine_error;
use crate::engine::EngineError;

/// Catalogs about nothing but what outlives a database.
const SHARED: [&str; 5] =
    ["pg_authid", "pg_auth_members", "pg_tablespace", "pg_parameter_acl", "pg_replication_origin"];

/// Catalogs about that and about our own database too.
const PARTLY_SHARED: [&str; 4] = ["pg_database", "pg_db_role_setting", "pg_shdescription", "pg_shseclabel"];

/// Asks for everything that outlives a database.
const STATE: &str = include_str!("cluster_state.sql");

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

/// One fact about what outlives a database.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fact {
    /// Statements that make it so again.
    put_back: String,
    /// The statement that takes it away; `None` for an object, which is dropped.
    undo: Option<String>,
}

/// Everything on a server that outlives our databases, by what it is: `role app`, `the comment on role app`. Has no way to
/// be printed but by these names: there are passwords in it.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct ClusterState(BTreeMap<String, Fact>);

impl ClusterState {
    /// The roles, tablespaces and databases, each with its kind in front.
    pub(super) fn objects(&self) -> BTreeSet<&str> {
        self.0.iter().filter(|(_, fact)| fact.undo.is_none()).map(|(what, _)| what.as_str()).collect()
    }

    /// What is there in only one of the two, or is not the same in both.
    pub(super) fn differences(&self, other: &Self) -> BTreeSet<String> {
        let all = self.0.keys().chain(other.0.keys());
        all.filter(|what| self.0.get(*what) != other.0.get(*what)).cloned().collect()
    }
}

/// The question about what outlives a database, as this server and this role allow it to be asked.
pub(super) struct Question(String);

impl Question {
    /// Finds out what the role may see.
    pub(super) async fn new(admin: &mut PgConnection, major: u32) -> Result<Self, EngineError> {
        let sql = "SELECT pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT'), \
                   pg_catalog.has_function_privilege('pg_catalog.pg_show_all_file_settings()', 'EXECUTE') \
                   AND pg_catalog.has_table_privilege('pg_catalog.pg_file_settings', 'SELECT')";
        let row = sqlx::query(sql).fetch_one(admin).await.map_err(engine_error)?;
        let sees = |nth: usize| row.try_get::<bool, _>(nth).map_err(engine_error);
        let (passwords, settings) = (sees(0)?, sees(1)?);
        let fits = |line: &&str| {
            let marked = |mark: &str| line.trim_end().ends_with(mark);
            if marked("-- not seeing passwords") {
                !passwords
            } else if marked("-- seeing passwords") {
                passwords
            } else {
                settings || !marked("-- seeing settings")
            }
        };
        let text = for_version(STATE, major, false);
        Ok(Self(text.lines().filter(fits).collect::<Vec<_>>().join("\n")))
    }

    /// Asks it. In a transaction the answer has what the transaction changed.
    pub(super) async fn ask(&self, connection: &mut PgConnection) -> Result<ClusterState, EngineError> {
        let query = sqlx::query(sqlx::AssertSqlSafe(self.0.as_str())).persistent(false);
        let rows = query.fetch_all(connection).await.map_err(engine_error)?;
        let fact = |row: &sqlx::postgres::PgRow| -> Result<(String, Fact), sqlx::Error> {
            let put_back: Option<String> = row.try_get(1)?;
            Ok((row.try_get(0)?, Fact { put_back: put_back.unwrap_or_default(), undo: row.try_get(2)? }))
        };
        rows.iter().map(fact).collect::<Result<_, _>>().map(ClusterState).map_err(engine_error)
    }
}

/// What a transaction's writes say about what outlives its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Touched {
    /// Nothing of it was written.
    Nothing,
    /// Something that may be about our own database: the states have to be compared.
    Perhaps,
    /// Something was written that is about nothing else, though a comparison may not show it: a password.
    Certainly,
}

/// Whether these writes touch what outlives a database; `None` is what cannot be told.
pub(super) fn touched(written: Option<&BTreeMap<String, Writes>>) -> Touched {
    let Some(written) = written else { return Touched::Perhaps };
    if SHARED.iter().any(|catalog| written.contains_key(*catalog)) {
        Touched::Certainly
    } else if PARTLY_SHARED.iter().any(|catalog| written.contains_key(*catalog)) {
        Touched::Perhaps
    } else {
        Touched::Nothing
    }
}

/// Says that a step changed something that outlives the database, on a server that is not ours.
/// `left` is whether it was committed.
pub(super) fn outlives_the_database(differences: &BTreeSet<String>, left: bool) -> EngineError {
    let names: Vec<&str> = differences.iter().map(String::as_str).collect();
    let what = if names.is_empty() {
        "alters a role, a membership, a tablespace or another database".to_owned()
    } else {
        format!("makes, alters or drops {}", names.join(", "))
    };
    let fate = if left { "it was committed and is still there: undo it by hand" } else { "it was rolled back" };
    EngineError::unexpected(format!(
        "the step {what}, which outlives the database, and this server is not Rollproof's own; {fate}; use a disposable \
         server, or pass --allow-cluster-objects to let it happen"
    ))
}

/// Makes these roles where they are not there yet; those that it made.
pub(super) async fn make_roles(
    admin: &mut PgConnection,
    terms: &Terms,
    there: &ClusterState,
    roles: &[String],
) -> Result<BTreeSet<String>, EngineError> {
    let mut made = BTreeSet::new();
    let lacks = |role: &str| !there.0.contains_key(&format!("role {role}"));
    for role in roles.iter().filter(|role| lacks(role)) {
        if !terms.may_change_cluster() {
            return Err(EngineError::unexpected(format!(
                "`create-roles` names {role}, which is not there, and a role outlives the database on a server that is \
                 not Rollproof's own; make it there yourself, use a disposable server, or pass --allow-cluster-objects"
            )));
        }
        run(admin, &format!("CREATE ROLE {} LOGIN", quoted(role))).await?;
        made.insert(format!("role {role}"));
    }
    match terms.owner.as_ref().filter(|owner| !roles.contains(owner) && lacks(owner)) {
        None => Ok(made),
        Some(owner) => Err(EngineError::unexpected(format!(
            "`role` names {owner}, which the server does not have; add it to `create-roles` in rollproof.yml"
        ))),
    }
}

/// Drops the roles, tablespaces and databases that are there now and were not at `then`, and on a server of our own makes
/// all else what it was. Whether no object of then was missing.
///
/// On a server that others use only `ours` are dropped, those that were seen inside a transaction of our own before its
/// commit and nowhere else, and nothing is put back: anything else may be somebody else's.
pub(super) async fn take_back(
    admin: &mut PgConnection,
    terms: &Terms,
    question: &Question,
    then: &ClusterState,
    ours: &BTreeSet<String>,
) -> Result<bool, EngineError> {
    if !terms.may_change_cluster() {
        return Ok(true);
    }
    let now = question.ask(admin).await?;
    if now == *then {
        return Ok(true);
    }
    let (there, were) = (now.objects(), then.objects());
    // In the order of their kinds: a database may have an owner and lie in a tablespace, which a role may own.
    for kind in ["database", "tablespace", "role"] {
        let new = there.difference(&were).filter(|object| terms.owned || ours.contains(**object));
        for name in new.filter_map(|object| object.strip_prefix(kind)?.strip_prefix(' ')) {
            let name = quoted(name);
            match kind {
                "database" => {
                    run(admin, &format!("ALTER DATABASE {name} IS_TEMPLATE false")).await?;
                    run(admin, &format!("DROP DATABASE {name} WITH (FORCE)")).await?;
                }
                "role" if terms.owned => run(admin, &format!("DROP OWNED BY {name}; DROP ROLE {name}")).await?,
                _ => run(admin, &format!("DROP {kind} {name}")).await?,
            }
        }
    }
    if terms.owned {
        put_back(admin, question, then).await?;
    }
    Ok(were.is_subset(&there))
}

/// Makes what outlives a database what it was. Roles that are gone are made again; tablespaces and databases are not.
async fn put_back(admin: &mut PgConnection, question: &Question, then: &ClusterState) -> Result<(), EngineError> {
    let now = question.ask(admin).await?;
    let missing = |what: &str| !now.0.contains_key(what);
    for role in then.0.keys().filter(|what| missing(what)).filter_map(|what| what.strip_prefix("role ")) {
        run(admin, &format!("CREATE ROLE {}", quoted(role))).await?;
    }
    let differences = now.differences(then);
    for what in &differences {
        if let Some(undo) = now.0.get(what).and_then(|fact| fact.undo.as_ref()) {
            run(admin, undo).await?;
        }
        let gone_for_good = missing(what) && (what.starts_with("database ") || what.starts_with("tablespace "));
        if let Some(fact) = then.0.get(what).filter(|fact| !gone_for_good && !fact.put_back.is_empty()) {
            run(admin, &fact.put_back).await?;
        }
    }
    if differences.iter().any(|what| what.ends_with(" of ALTER SYSTEM")) {
        // A script may have made the server read the file.
        run(admin, "SELECT pg_catalog.pg_reload_conf()").await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_to_shared_catalogs_are_told_apart() {
        let wrote = |catalogs: &[&str]| -> BTreeMap<String, Writes> {
            catalogs.iter().map(|catalog| ((*catalog).to_owned(), Writes::default())).collect()
        };
        assert_eq!(touched(Some(&wrote(&["pg_class", "pg_shdepend"]))), Touched::Nothing);
        assert_eq!(touched(Some(&wrote(&["pg_class", "pg_db_role_setting"]))), Touched::Perhaps);
        assert_eq!(touched(Some(&wrote(&["pg_db_role_setting", "pg_authid"]))), Touched::Certainly);
        assert_eq!(touched(None), Touched::Perhaps);
    }
}
