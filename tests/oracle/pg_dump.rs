//! `pg_dump` and `pg_dumpall`, asked about the database of a replay.

use std::path::{Path, PathBuf};
use std::process::Command;

use async_trait::async_trait;
use rollproof::engine::EngineError;
use sqlx::postgres::PgConnection;

use super::normalise;
use super::watched::{Described, Oracle};

/// The folder of a `pg_dump` that can dump a server of this major version: one of the same version or newer.
pub(crate) fn programs(beside: &[PathBuf], major: u32) -> Option<PathBuf> {
    let named = std::env::var_os("ROLLPROOF_TEST_PG_DUMP").map(PathBuf::from);
    let fits =
        |folder: &&PathBuf| major_of(folder).is_some_and(|own| own >= major) && folder.join("pg_dumpall").exists();
    beside.iter().chain(&named).find(fits).cloned()
}

/// The major version of a folder's `pg_dump`.
fn major_of(folder: &Path) -> Option<u32> {
    let output = Command::new(folder.join("pg_dump")).arg("--version").output().ok()?;
    // `pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(2)?.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// How the programs reach the database.
#[derive(Clone, Debug)]
pub(crate) struct Reached {
    /// The folder of a socket, or a name.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) database: String,
}

/// The programs, and what they are to leave out.
pub(crate) struct PgDump {
    folder: PathBuf,
    reached: Reached,
    left_out: Vec<String>,
    cluster: PgConnection,
    /// What was said of roles and tablespaces, and the mark of their catalogs then.
    globals: Option<(String, String)>,
}

/// The place and the writer of each row that `pg_dumpall` tells something of, which it is only asked for when they moved.
const MARK: &str = "SELECT concat_ws(' ', \
    (SELECT string_agg(ctid::text || xmin::text, ',' ORDER BY ctid) FROM pg_catalog.pg_authid), \
    (SELECT string_agg(ctid::text || xmin::text, ',' ORDER BY ctid) FROM pg_catalog.pg_auth_members), \
    (SELECT string_agg(ctid::text || xmin::text, ',' ORDER BY ctid) FROM pg_catalog.pg_tablespace), \
    (SELECT string_agg(ctid::text || xmin::text, ',' ORDER BY ctid) FROM pg_catalog.pg_db_role_setting), \
    (SELECT string_agg(ctid::text || xmin::text, ',' ORDER BY ctid) FROM pg_catalog.pg_shdescription), \
    (SELECT string_agg(ctid::text || xmin::text, ',' ORDER BY ctid) FROM pg_catalog.pg_shseclabel))";

impl PgDump {
    /// Dumps without these objects and what belongs to them, as [`rollproof::schema::ObjectId`] prints them. `cluster` is a
    /// connection to another database of the server.
    ///
    /// # Errors
    /// When `pg_dump` cannot leave out an object of that kind.
    pub(crate) fn new(
        folder: PathBuf,
        reached: Reached,
        left_out: &[String],
        cluster: PgConnection,
    ) -> Result<Self, String> {
        let left_out: Result<Vec<String>, String> = left_out.iter().map(|object| flag_for(object)).collect();
        Ok(Self { folder, reached, left_out: left_out?, cluster, globals: None })
    }

    /// What `pg_dumpall` says of roles and tablespaces.
    async fn globals(&mut self) -> Result<String, EngineError> {
        let mark: Result<String, sqlx::Error> = sqlx::query_scalar(MARK).fetch_one(&mut self.cluster).await;
        let mark = mark.map_err(|error| EngineError::unexpected(format!("the cluster's catalogs: {error}")))?;
        if let Some((_, said)) = self.globals.as_ref().filter(|(then, _)| *then == mark) {
            return Ok(said.clone());
        }
        let said = normalise::globals(&self.run("pg_dumpall", &["--globals-only"])?);
        self.globals = Some((mark, said.clone()));
        Ok(said)
    }

    fn run(&self, program: &str, args: &[&str]) -> Result<String, EngineError> {
        let Reached { host, port, user, password, database } = &self.reached;
        let mut command = Command::new(self.folder.join(program));
        command.args(args).args(["--no-password", "--host", host, "--port", &port.to_string(), "--username", user]);
        let known_as = if program == "pg_dumpall" { "--database" } else { "--dbname" };
        command.args([known_as, database]).env_clear().env("PGPASSWORD", password).env("PGCLIENTENCODING", "UTF8");
        let output =
            command.output().map_err(|error| EngineError::unexpected(format!("{program} did not start: {error}")))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(EngineError::unexpected(format!("{program} failed: {said}")));
        }
        String::from_utf8(output.stdout).map_err(|error| EngineError::unexpected(format!("{program}: {error}")))
    }
}

/// The flag that leaves out an object; `table public.books` is printed without quotes.
fn flag_for(object: &str) -> Result<String, String> {
    let quoted = |name: &str| {
        let parts: Vec<String> = name.split('.').map(|part| format!("\"{part}\"")).collect();
        parts.join(".")
    };
    let kinds = ["table ", "view ", "materialized view ", "foreign table ", "sequence "];
    if let Some(name) = kinds.iter().find_map(|kind| object.strip_prefix(kind)) {
        return Ok(format!("--exclude-table={}", quoted(name)));
    }
    match object.strip_prefix("schema ") {
        Some(name) => Ok(format!("--exclude-schema={}", quoted(name))),
        None => Err(format!("pg_dump cannot leave out {object}")),
    }
}

#[async_trait(?Send)]
impl Oracle for PgDump {
    async fn describe(&mut self) -> Result<Described, EngineError> {
        let mut args = vec!["--schema-only", "--create", "--lock-wait-timeout=20s"];
        args.extend(self.left_out.iter().map(String::as_str));
        let mut described = normalise::entries(&self.run("pg_dump", &args)?);
        if described.is_empty() {
            return Err(EngineError::unexpected("the dump has no entry at all: its form is not known"));
        }
        described.push(self.globals().await?);
        described.sort();
        Ok(described)
    }
}
