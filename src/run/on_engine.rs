//! One replay on one server: the database is made, the project's own tool is started where there is one, and both are ended.

use super::Servers;
use super::before::{before, matched_nothing};
use super::database::{Task, Used};
use super::tool;
use crate::config::Database;
use crate::engine::mysql::{self, Mysql};
use crate::engine::postgres::{Postgres, Terms};
use crate::engine::sqlite::Sqlite;
use crate::engine::{Engine, EngineError};
use crate::history::History;
use crate::provision::{Address, Server};
use crate::replay::{self, CheckError, Event, Plan, Replay, Trace};

/// What the replay saw.
pub(super) struct Seen {
    pub(super) trace: Trace,
    /// Whether the database could be removed after it.
    pub(super) closed: bool,
    /// The history that was replayed, where the project's own tool told it.
    pub(super) told: Option<History>,
}

/// Replays a history, or what the project's own tool says that it is.
pub(super) async fn on_engine(
    task: Task<'_>,
    history: &History,
    plan: &Plan,
    on: &Used<'_>,
    tell: &dyn Fn(&Event),
) -> Result<Seen, String> {
    let Used { server, servers, .. } = on;
    let (settings, database) = (task.settings, task.database());
    let before = before(&settings.project, database, history, server.engine)?;
    let mut engine = open(servers, database, server).await.map_err(|error| error.to_string())?;
    let mut tool = tool::ready(&settings.project, database, history, (server, engine.as_mut()), tell).await?;
    let (told, own_tables) = (tool.told.take(), std::mem::take(&mut tool.left_out));
    let own_plan = told.as_ref().map(|told| task.plan(told, &settings.phases));
    let (history, plan) = (told.as_ref().unwrap_or(history), own_plan.as_ref().unwrap_or(plan));
    engine.leave_out(before.left_out.into_iter().chain(own_tables).collect());
    let kinds = &before.left_out_kinds;
    if !kinds.is_empty() {
        engine.leave_out_kinds(kinds.iter().map(|(kind, _)| kind.clone()).collect());
    }
    let mut listener = |event: &Event| tell(event);
    let replay = Replay::new(engine.as_mut(), history, &before.setup, &before.session, servers.timeout, &mut listener);
    let mut trace = replay::replay(replay.by_tool(tool.tool()), plan).await;
    tool.close().await;
    let closed = engine.close().await;
    trace.notes.append(&mut tool.notes);
    trace.notes.extend(engine.notes());
    trace.notes.extend(kinds.iter().map(|(kind, reason)| format!("{kind}: neither read nor judged: {reason}")));
    if trace.errors.is_empty() {
        trace.notes.extend(matched_nothing(database, server.engine, &engine.unmatched()));
    }
    if let Err(error) = &closed
        && trace.errors.is_empty()
    {
        trace.errors.push(CheckError { phase: None, message: format!("the database could not be removed: {error}") });
    }
    Ok(Seen { trace, closed: closed.is_ok(), told })
}

/// The engine of this server, with an empty database.
pub(super) async fn open(
    servers: &Servers,
    database: &Database,
    server: &Server,
) -> Result<Box<dyn Engine>, EngineError> {
    match server.address() {
        Address::SqliteFile(file) => Ok(Box::new(Sqlite::with_functions(file, database.functions.clone()).await?)),
        Address::Mysql { admin, .. } => {
            let terms = mysql::Terms {
                owned: server.owned(),
                allow_cluster_objects: servers.allow_cluster_objects,
                prefix: server.database_prefix().to_owned(),
                data: server.data_folder(),
            };
            let mut engine = Mysql::create((**admin).clone(), terms).await?;
            engine.make_users(&database.create_roles).await?;
            Ok(Box::new(engine))
        }
        Address::Postgres { admin, .. } => {
            let terms = Terms {
                owned: server.owned(),
                allow_cluster_objects: servers.allow_cluster_objects,
                prefix: server.database_prefix().to_owned(),
                owner: database.role.clone(),
            };
            let mut engine = Postgres::create((**admin).clone(), terms).await?;
            engine.make_roles(&database.create_roles).await?;
            Ok(Box::new(engine))
        }
    }
}
