//! What outlives any database on a server: users and roles with their privileges, other databases, global variables, and
//! what else is the server's (MySQL's manual, "Grant Tables", "System Variables"; MariaDB's documentation, "mysql Schema").
//! Where it may be changed, and how that is undone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use sqlx::Row as _;
use sqlx::mysql::{MySqlConnection, MySqlRow};

use super::connection::{literal, quoted, rows, run};
use super::errors::engine_error;
use super::flavour::Flavour;
use crate::engine::EngineError;

/// How the server treats what Rollproof makes on it.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Whether the server is ours alone.
    pub owned: bool,
    /// Whether migrations may make what outlives a database, on a server that is not ours.
    pub allow_cluster_objects: bool,
    /// What the names of all databases begin with that are made on it.
    pub prefix: String,
    /// Where a server of our own keeps its data, where that is a folder of this machine that may be looked into.
    pub data: Option<PathBuf>,
}

impl Terms {
    /// Whether what outlives a database is this run's to change. On a server that others use it is not, unless the user
    /// says so: somebody else's new user would look like ours.
    pub(super) fn may_change_cluster(&self) -> bool {
        self.owned || self.allow_cluster_objects
    }
}

/// The tables that say who may do what, each with the columns that say about whom and what a row is. Those that a server
/// does not have are left out.
const GRANTS: &[(&str, &str, &[&str])] = &[
    ("global_priv", "the user", &["user", "host"]),
    ("user", "the user", &["user", "host"]),
    ("db", "privileges", &["db", "user", "host"]),
    ("tables_priv", "privileges on tables", &["db", "table_name", "user", "host"]),
    ("columns_priv", "privileges on columns", &["db", "table_name", "column_name", "user", "host"]),
    ("procs_priv", "privileges on routines", &["db", "routine_name", "user", "host"]),
    ("proxies_priv", "proxies", &["user", "host", "proxied_user", "proxied_host"]),
    ("global_grants", "the privilege", &["priv", "user", "host"]),
    ("roles_mapping", "the role", &["role", "user", "host"]),
    ("role_edges", "the role", &["from_user", "from_host", "to_user", "to_host"]),
    ("default_roles", "the default role", &["default_role_user", "user", "host"]),
];

/// Whole objects: how they are dropped, and the query of their names.
const OBJECTS: &[(&str, &str)] = &[
    ("database", "SELECT schema_name FROM information_schema.schemata"),
    ("function", "SELECT name FROM mysql.func"),
    ("server", "SELECT server_name FROM mysql.servers"),
];

/// What is in other databases, by name: the view of `information_schema` and its columns of the database and the name.
const ELSEWHERE: [(&str, &str, &str, &str); 3] = [
    ("the table", "tables", "table_schema", "table_name"),
    ("the routine", "routines", "routine_schema", "routine_name"),
    ("the event", "events", "event_schema", "event_name"),
];

/// What global variables are called among what outlives a database, and those that MySQL keeps for its next start.
pub(super) const VARIABLE: &str = "the global variable";
const PERSISTED: &str = "the persisted variable";

/// Variables that a server changes by itself, or that tell what it did.
const MOVING: &[&str] = &[
    "gtid_",
    "last_",
    "timestamp",
    "rand_seed",
    "pseudo_",
    "innodb_buffer_pool_load",
    "uptime",
    "server_uuid",
    "wsrep_",
];

/// Everything on a server that outlives our databases: what it is, and its value or a digest of it. Has no way to be printed
/// but by the names.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct ClusterState(BTreeMap<(String, String), String>);

impl ClusterState {
    /// What is there in only one of the two, or is not the same in both.
    pub(super) fn differences(&self, other: &Self) -> BTreeSet<String> {
        let told = |what: &(String, String)| {
            let (kind, name) = what;
            match (kind.as_str(), self.0.get(what), other.0.get(what)) {
                (VARIABLE, Some(was), Some(_)) if may_be_secret(name, was) => {
                    format!("{kind} {name} (its values may be secret and are not shown)")
                }
                (VARIABLE, Some(was), Some(is)) => {
                    let put_back = set_global_sql(name, was);
                    format!("{kind} {name} (it was {was:?} and is {is:?} now; `{put_back}` puts it back)")
                }
                (PERSISTED, None, Some(_)) => {
                    format!("{kind} {name} (`RESET PERSIST {}` takes it away)", variable(name))
                }
                _ => format!("{kind} {name}"),
            }
        };
        self.differing(other).into_iter().map(told).collect()
    }

    /// Leaves out what is in databases that the `text` of no script names: on a server of others it comes and goes all the
    /// time, and nothing says who made it.
    pub(super) fn only_where_named(mut self, text: &str) -> Self {
        self.0.retain(|(kind, name), _| {
            let elsewhere = ELSEWHERE.iter().any(|(other, ..)| other == kind);
            !elsewhere || text.contains(&name.split('.').next().unwrap_or_default().to_lowercase())
        });
        self
    }

    /// The names of what is of this kind.
    pub(super) fn named(&self, kind: &str) -> impl Iterator<Item = &String> {
        self.0.keys().filter(move |(is, _)| is == kind).map(|(_, name)| name)
    }

    /// The variables, by what they are ([`VARIABLE`] or those that are kept) and are called.
    pub(super) fn variables(&self) -> BTreeMap<(String, String), String> {
        let is_variable = |kind: &str| kind == VARIABLE || kind == PERSISTED;
        self.0
            .iter()
            .filter(|((kind, _), _)| is_variable(kind))
            .map(|(what, value)| (what.clone(), value.clone()))
            .collect()
    }

    fn differing<'s>(&'s self, other: &'s Self) -> BTreeSet<&'s (String, String)> {
        let all = self.0.keys().chain(other.0.keys());
        all.filter(|what| self.0.get(*what) != other.0.get(*what)).collect()
    }
}

/// The question about what outlives a database, as this server and this user allow it to be asked.
pub(super) struct Question {
    sql: String,
    /// The part of it that is about variables.
    variables: String,
    /// The grant tables of this server.
    grants: Vec<&'static str>,
    /// Whether they were copied, so that they can be put back.
    kept: bool,
    /// Where a database would have been that the copies were made under.
    copies: String,
}

impl Question {
    /// Finds out what the user may see. `database` is our own, whose privileges are part of its schema; the answers tell
    /// of it nevertheless where the server is ours.
    pub(super) async fn new(
        admin: &mut MySqlConnection,
        flavour: Flavour,
        terms: &Terms,
        database: &str,
    ) -> Result<Self, EngineError> {
        let mut parts = vec![
            // Other runs of Rollproof come and go.
            format!("{} WHERE schema_name NOT LIKE 'rollproof\\_%'", part("database", OBJECTS[0].1, "schema_name")),
        ];
        if !terms.may_change_cluster() {
            // Names alone, for which no server opens a table. Where they may be changed, they are part of the snapshots.
            parts.extend(ELSEWHERE.map(|(kind, from, database, name)| {
                format!(
                    "SELECT '{kind}', CAST(concat({database}, '.', {name}) AS CHAR), '' FROM information_schema.{from} \
                     WHERE lower({database}) NOT IN ('information_schema', 'performance_schema') \
                     AND {database} NOT LIKE 'rollproof\\_%'"
                )
            }));
        }
        for (kind, query) in &OBJECTS[1..] {
            let name = query.split(' ').nth(1).unwrap_or_default();
            if may_ask(admin, query).await? {
                parts.push(part(kind, query, name));
            }
        }
        let mut grants = Vec::new();
        let ours = if terms.owned { String::new() } else { format!(" WHERE db <> {}", literal(database)) };
        let columns = columns(admin).await?;
        for (table, kind, named) in GRANTS {
            // MariaDB has a view of this name.
            let is_there = columns.contains_key(*table) && !(*table == "user" && flavour.is_mariadb());
            if !is_there || !may_ask(admin, &format!("SELECT 1 FROM mysql.{table} LIMIT 0")).await? {
                continue;
            }
            let name: Vec<String> = named.iter().map(|column| format!("coalesce({column}, '')")).collect();
            let told: Vec<String> =
                columns[*table].iter().map(|name| format!("coalesce(hex({}), '-')", quoted(name))).collect();
            let only = if named.contains(&"db") { ours.as_str() } else { "" };
            parts.push(format!(
                "SELECT '{kind}', CAST(concat_ws(' ', {}) AS CHAR), sha2(concat_ws(',', {}), 256) FROM mysql.{table}{only}",
                name.join(", "),
                told.join(", ")
            ));
            grants.push(*table);
        }
        let mut variables = "SHOW GLOBAL VARIABLES".to_owned();
        let persisted = "SELECT variable_name, variable_value FROM performance_schema.persisted_variables";
        if !flavour.is_mariadb() && may_ask(admin, persisted).await? {
            variables
                .push_str(&format!("; SELECT '{PERSISTED}', variable_name, variable_value FROM ({persisted}) AS p"));
        }
        let sql = format!("{}; {variables}", parts.join(" UNION ALL "));
        Ok(Self { sql, variables, grants, kept: false, copies: database.to_owned() })
    }

    /// Asks it.
    pub(super) async fn ask(&self, connection: &mut MySqlConnection) -> Result<ClusterState, EngineError> {
        Self::answer(connection, &self.sql).await
    }

    /// Asks for the variables alone.
    pub(super) async fn ask_variables(&self, connection: &mut MySqlConnection) -> Result<ClusterState, EngineError> {
        Self::answer(connection, &self.variables).await
    }

    async fn answer(connection: &mut MySqlConnection, sql: &str) -> Result<ClusterState, EngineError> {
        let mut state = BTreeMap::new();
        for row in rows(connection, sql).await? {
            let text = |nth: usize| text(&row, nth);
            let (kind, name, value) = match row.len() {
                2 => (VARIABLE.to_owned(), text(0)?, text(1)?),
                _ => (text(0)?, text(1)?, text(2)?),
            };
            if row.len() != 2 || !MOVING.iter().any(|start| name.starts_with(start)) {
                state.insert((kind, name), value);
            }
        }
        Ok(ClusterState(state))
    }

    /// Copies the grant tables of a server of our own, so that they can be put back. The copies are the connection's alone.
    pub(super) async fn keep_grants(&mut self, admin: &mut MySqlConnection) -> Result<(), EngineError> {
        let copies: Vec<String> = self
            .grants
            .iter()
            .map(|table| {
                let copy = self.copy(table);
                format!(
                    "DROP TEMPORARY TABLE IF EXISTS {copy}; CREATE TEMPORARY TABLE {copy} AS SELECT * FROM mysql.{table}"
                )
            })
            .collect();
        self.kept = true;
        run(admin, &copies.join("; ")).await
    }

    fn copy(&self, table: &str) -> String {
        format!("{}.{}", quoted(&self.copies), quoted(&format!("rollproof_kept_{table}")))
    }

    /// Takes back what was granted on a database of ours, which a server keeps for the next database of the name.
    pub(super) async fn revoke(&self, admin: &mut MySqlConnection, database: &str) -> Result<(), EngineError> {
        let seen = GRANTS_OF_DATABASE.iter().filter(|(table, _)| self.grants.contains(table));
        let asked: Vec<String> = seen
            .map(|(table, on)| {
                let whom = "concat(quote(user), if(host = '', '', concat('@', quote(host))))";
                format!(
                    "SELECT DISTINCT CAST(concat('REVOKE ALL PRIVILEGES ON ', {on}, ' FROM ', {whom}) AS CHAR) \
                     FROM mysql.{table} WHERE db = {}",
                    literal(database)
                )
            })
            .collect();
        if asked.is_empty() {
            // Who may not see that could not grant anything there either.
            return Ok(());
        }
        for row in rows(admin, &asked.join("; ")).await? {
            run(admin, &text(&row, 0)?).await?;
        }
        Ok(())
    }

    /// Makes what outlives a database what it was `then`, on a server of our own.
    pub(super) async fn put_back(&self, admin: &mut MySqlConnection, then: &ClusterState) -> Result<(), EngineError> {
        let now = self.ask(admin).await?;
        let mut granted = false;
        for what in now.differing(then) {
            let (kind, name) = what;
            let (was, is) = (then.0.get(what), now.0.get(what));
            if OBJECTS.iter().any(|(object, _)| object == kind) {
                if was.is_none() {
                    run(admin, &format!("DROP {kind} {}", quoted(name))).await?;
                }
            } else if kind == PERSISTED {
                if was.is_none() && is.is_some() {
                    run(admin, &format!("RESET PERSIST {}", variable(name))).await?;
                }
            } else if kind == VARIABLE {
                if let Some(was) = was {
                    set_global(admin, name, was).await?;
                }
            } else {
                granted = true;
            }
        }
        if granted && self.kept {
            let mut sql = String::new();
            for table in &self.grants {
                sql.push_str(&format!(
                    "DELETE FROM mysql.{table}; INSERT INTO mysql.{table} SELECT * FROM {}; ",
                    self.copy(table)
                ));
            }
            sql.push_str("FLUSH PRIVILEGES");
            run(admin, &sql).await?;
        }
        Ok(())
    }
}

/// The tables that say who may do what in one database, each with what follows `ON` where that is taken back.
const GRANTS_OF_DATABASE: &[(&str, &str)] = &[
    ("procs_priv", "concat(routine_type, ' ', '`', db, '`.`', replace(routine_name, '`', '``'), '`')"),
    ("tables_priv", "concat('`', db, '`.`', replace(table_name, '`', '``'), '`')"),
    ("db", "concat('`', db, '`.*')"),
];

/// A variable's name as SQL has it: those of components and key caches have one part more.
fn variable(name: &str) -> String {
    name.split('.').map(quoted).collect::<Vec<_>>().join(".")
}

/// The statement that gives a variable this value. Numbers are written without quotes and all else with them.
fn set_global_sql(name: &str, value: &str) -> String {
    let value = if value.parse::<f64>().is_ok() { value.to_owned() } else { literal(value) };
    format!("SET GLOBAL {} = {value}", variable(name))
}

/// A text may look like a number.
async fn set_global(admin: &mut MySqlConnection, name: &str, value: &str) -> Result<(), EngineError> {
    if run(admin, &set_global_sql(name, value)).await.is_ok() {
        return Ok(());
    }
    match run(admin, &format!("SET GLOBAL {} = {}", variable(name), literal(value))).await {
        // One that cannot be set was changed by setting another, which is put back itself.
        Ok(()) | Err(EngineError::Refused { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Parts of the names of variables whose values may be secret, or may be statements that hold such.
const SECRET: &[&str] = &["pass", "pwd", "secret", "token", "key", "auth", "credential", "connect", "init_"];

/// Whether a variable's value is better not shown. Numbers and switches say nothing.
pub(super) fn may_be_secret(name: &str, value: &str) -> bool {
    let harmless = value.is_empty() || value.parse::<f64>().is_ok() || matches!(value, "ON" | "OFF" | "YES" | "NO");
    !harmless && SECRET.iter().any(|part| name.to_ascii_lowercase().contains(part))
}

fn part(kind: &str, query: &str, name: &str) -> String {
    let from = query.split_once(" FROM ").map_or("", |(_, from)| from);
    let value =
        if kind == "database" { "concat_ws(' ', default_character_set_name, default_collation_name)" } else { "''" };
    format!("SELECT '{kind}' AS kind, CAST({name} AS CHAR) AS name, CAST({value} AS CHAR) AS value FROM {from}")
}

/// Whether the user may see this.
async fn may_ask(admin: &mut MySqlConnection, query: &str) -> Result<bool, EngineError> {
    match rows(admin, query).await {
        Ok(_) => Ok(true),
        Err(EngineError::Refused { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The columns of the grant tables that the user may see.
async fn columns(admin: &mut MySqlConnection) -> Result<BTreeMap<String, Vec<String>>, EngineError> {
    let sql = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'mysql' \
               ORDER BY table_name, ordinal_position";
    let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows(admin, sql).await? {
        columns.entry(text(&row, 0)?).or_default().push(text(&row, 1)?);
    }
    Ok(columns)
}

/// A column as text, whatever type the server gives it.
pub(super) fn text(row: &MySqlRow, nth: usize) -> Result<String, EngineError> {
    let bytes: Option<Vec<u8>> = row.try_get_unchecked(nth).map_err(engine_error)?;
    Ok(String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned())
}

/// The error of a step that touched what outlives the database, on a server that is not ours.
pub(super) fn outlives_the_database(differences: &BTreeSet<String>) -> EngineError {
    let names: Vec<&str> = differences.iter().map(String::as_str).collect();
    EngineError::unexpected(format!(
        "the step makes, alters or drops {}, which outlives the database, and this server is not Rollproof's own; it is \
         still there: undo it by hand; use a disposable server, or pass --allow-cluster-objects to let it happen",
        names.join(", ")
    ))
}
