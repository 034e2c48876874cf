//! The history whose revisions are asked for, and that at the base.

use std::collections::{BTreeMap, BTreeSet};

use super::servers::Servers as Pool;
use crate::config::{Database, Project};
use crate::history::{EngineKind, History};
use crate::replay::{Event, Phase, Replay, climb, plan};
use crate::run::before::{Before, before, before_from};
use crate::run::database::{Checked, Task, read_history, undeclared, wanted};
use crate::run::on_engine::open;
use crate::run::since_base::{self, AsItWas};
use crate::run::tool::{self, Readied};
use crate::run::{Servers, Settings};
use crate::schema::Snapshot;

/// A history, and what its migrations run on.
pub(super) struct Known {
    pub(super) engine: EngineKind,
    pub(super) history: History,
    pub(super) database: Database,
    before: Before,
    /// The project as it lies here; none at the base, whose application is not there to be run.
    project: Option<Project>,
}

/// The history of the database with this index.
///
/// # Errors
/// When it cannot be read.
pub(super) fn at_head(settings: &Settings, index: usize) -> Result<Known, String> {
    let mut checked = Checked::default();
    read_history(settings, index, &mut checked);
    let why = || checked.errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("\n");
    let (Some(engine), Some(history), true) = (checked.engine, checked.history.take(), checked.errors.is_empty())
    else {
        return Err(why());
    };
    if let Some(missing) = undeclared(&history).next() {
        return Err(missing);
    }
    let database = settings.project.databases[index].clone();
    let before = before(&settings.project, &database, &history, engine)?;
    Ok(Known { engine, history, database, before, project: Some(settings.project.clone()) })
}

/// The same at the base that the settings name.
///
/// # Errors
/// When they name none, or it is not to be had.
pub(super) async fn at_base(
    settings: &Settings,
    index: usize,
    head: &Known,
    notes: &mut Vec<String>,
) -> Result<Known, String> {
    let base = match since_base::find(settings).await {
        None => {
            return Err(
                "@base is where this branch parts from another; name that with --base, such as --base main".to_owned()
            );
        }
        Some(base) => base?,
    };
    notes.extend(base.note());
    let task = Task { settings, index, rules: &[], tell: &|_| () };
    let AsItWas { database, history, base_schema } =
        since_base::as_it_was(&base, task, head.engine, &head.history).await?;
    let engine = database.engine.unwrap_or(head.engine);
    if history.is_none() {
        notes.push("there are no migrations at the base, so that @base is what exists before the first one".to_owned());
    }
    let history = history.unwrap_or_else(|| History {
        migrations: Vec::new(),
        unmatched: Vec::new(),
        one_way: false,
        ..head.history.clone()
    });
    let before = before_from(base_schema, &database, &history, engine)?;
    Ok(Known { engine, history, database, before, project: None })
}

impl Known {
    /// The objects that are left out of every comparison.
    pub(super) fn left_out(&self) -> Vec<String> {
        self.before.left_out.clone()
    }

    /// The kinds of objects that are left out of every comparison, as the user names them.
    pub(super) fn left_out_kinds(&self) -> Vec<String> {
        self.before.left_out_kinds.iter().cloned().map(|(kind, _)| kind).collect()
    }

    /// The schema at each of these heights, from an empty database up.
    ///
    /// # Errors
    /// A migration that fails, or no server.
    pub(super) async fn climb(
        &self,
        servers: &Servers,
        pool: &mut Pool,
        heights: &BTreeSet<usize>,
        tell: &dyn Fn(&Event),
    ) -> Result<Climbed, String> {
        let highest = heights.last().copied().unwrap_or_default();
        tell(&Event::DatabaseStarted { database: self.database.name.clone(), steps: highest });
        let server = pool.server(&wanted(servers, &self.database, self.engine), tell).await?;
        let mut engine = open(servers, &self.database, server).await.map_err(|error| error.to_string())?;
        let mut tool = match &self.project {
            Some(project) => {
                let ready = tool::ready(project, &self.database, &self.history, (server, engine.as_mut()), tell).await;
                ready.map_err(|message| format!("{}: {message}", self.database.name))?
            }
            None if tool::kind(&self.history).is_none() => Readied::default(),
            None => {
                return Err("the migrations of the base are run by its own application, which is not there; check it out, and run \
                            rollproof in it"
                    .to_owned());
            }
        };
        let (told, own_tables) = (tool.told.take(), std::mem::take(&mut tool.left_out));
        let heights = &heights_in(told.as_ref(), &self.history, heights);
        let history = told.as_ref().unwrap_or(&self.history);
        engine.leave_out(self.left_out().into_iter().chain(own_tables).collect());
        engine.leave_out_kinds(self.left_out_kinds());
        let Before { setup, session, .. } = &self.before;
        let plan = plan(history, &BTreeSet::from([Phase::Up]), |id| self.database.skip_reason(id));
        let mut listener = |event: &Event| tell(event);
        let replay = Replay::new(engine.as_mut(), history, setup, session, servers.timeout, &mut listener);
        let climbed = climb(replay.by_tool(tool.tool()), &plan, &heights.keys().copied().collect()).await;
        tool.close().await;
        let mut notes = server.notes.clone();
        let closed = engine.close().await;
        notes.extend(engine.notes());
        tell(&Event::DatabaseFinished { database: self.database.name.clone() });
        let snapshots = climbed?.into_iter().map(|(height, snapshot)| (heights[&height], snapshot)).collect();
        closed.map_err(|error| format!("the database could not be removed: {error}"))?;
        Ok(Climbed { snapshots, version: server.version.clone(), owned: server.owned(), notes })
    }
}

/// Where each height lies in the history as the project's own tool tells it: behind the same migration. What packages bring
/// is in that one only.
fn heights_in(told: Option<&History>, read: &History, heights: &BTreeSet<usize>) -> BTreeMap<usize, usize> {
    let place = |height: usize| {
        let Some(told) = told else { return height };
        let last = height.checked_sub(1).and_then(|at| read.migrations.get(at));
        match last {
            _ if height == read.migrations.len() => told.migrations.len(),
            Some(last) => told.migrations.iter().position(|one| one.id == last.id).map_or(height, |at| at + 1),
            None => 0,
        }
    };
    heights.iter().map(|height| (place(*height), *height)).collect()
}

/// What a history came to.
pub(super) struct Climbed {
    /// The schemas, by how many migrations lie below.
    pub(super) snapshots: BTreeMap<usize, Snapshot>,
    /// The server's version.
    pub(super) version: String,
    /// Whether the server is ours alone.
    pub(super) owned: bool,
    /// What the server has to say.
    pub(super) notes: Vec<String>,
}
