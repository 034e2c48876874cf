//! One database: read its history, provide a server, replay, judge.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::on_engine::{Seen, on_engine};
use super::since_base::{self, Base, Compared};
use super::{Servers, Settings, kinds, tool};
use crate::config::{Database, Problem};
use crate::evidence;
use crate::history::{self, EngineKind, History, HistoryError};
use crate::policy::{self, Finding, Rule};
use crate::provision::{self, Server, Wanted};
use crate::replay::{self, CheckError, Event, Outcome, Phase, Plan, Trace};

/// How many lines of a dead server's log are shown.
pub(super) const LOG_LINES: usize = 20;

/// How long a server that does not answer may take to be gone, and how long to wait between two looks.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(2);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// What a check of one database has come to, however far it got.
#[derive(Default)]
pub(super) struct Checked {
    pub(super) engine: Option<EngineKind>,
    pub(super) server_version: Option<String>,
    pub(super) provision: Option<&'static str>,
    pub(super) image: Option<String>,
    pub(super) image_digest: Option<String>,
    pub(super) notes: Vec<String>,
    pub(super) history: Option<History>,
    pub(super) trace: Option<Trace>,
    pub(super) ran: BTreeSet<Phase>,
    /// The history at the base, and what became of it.
    pub(super) compared: Option<Compared>,
    /// The history as the project's own tool tells it.
    pub(super) told: Option<History>,
    pub(super) findings: Vec<Finding>,
    pub(super) errors: Vec<CheckError>,
}

/// A server that a history was replayed on, and that the base may be replayed on behind it.
pub(super) struct Used<'t> {
    pub(super) server: Server,
    pub(super) servers: &'t Servers,
    /// Whether it still answered.
    answers: bool,
    /// Whether the whole plan came to its end.
    whole: bool,
}

/// What is checked, and how.
#[derive(Clone, Copy)]
pub(super) struct Task<'t> {
    pub(super) settings: &'t Settings,
    /// The index of the database in the configuration.
    pub(super) index: usize,
    pub(super) rules: &'t [Rule],
    pub(super) tell: &'t dyn Fn(&Event),
}

impl<'t> Task<'t> {
    /// The database in the configuration.
    pub(super) fn database(self) -> &'t Database {
        &self.settings.project.databases[self.index]
    }

    /// Where its migrations are.
    pub(super) fn folder(self) -> PathBuf {
        self.settings.project.resolve(&self.database().migrations)
    }

    /// What is to be run of a history, with these phases.
    pub(super) fn plan(self, history: &History, phases: &BTreeSet<Phase>) -> Plan {
        replay::plan(history, phases, |id| self.database().skip_reason(id))
    }
}

impl Checked {
    pub(super) fn cannot(&mut self, phase: Option<Phase>, message: impl Into<String>) {
        self.errors.push(CheckError { phase, message: message.into() });
    }
}

/// Checks one database.
pub(super) async fn check(task: Task<'_>, base: Option<&Result<Base, String>>) -> Checked {
    let database = task.database();
    let servers = task.settings.servers.as_ref();
    let image = servers.and_then(|servers| servers.image.clone()).or(database.image.clone());
    let mut checked = Checked { image, ..Checked::default() };
    read_history(task.settings, task.index, &mut checked);
    // Without a base to compare with the history is replayed all the same.
    let replays = checked.errors.is_empty();
    compare(task, base, &mut checked).await;
    if let Some(mut history) = checked.history.take() {
        let used = if replays { replay_history(task, &history, &mut checked).await } else { None };
        if let Some(told) = checked.told.take() {
            checked.compared = checked.compared.take().map(|compared| compared.with_head(&told));
            history = told;
        }
        judge(task, &history, &mut checked);
        if let Some(used) = used {
            replay_base(task, &history, used, &mut checked).await;
        }
        checked.history = Some(history);
    }
    (task.tell)(&Event::DatabaseFinished { database: database.name.clone() });
    checked
}

/// The graph phase, as far as the base goes.
async fn compare(task: Task<'_>, base: Option<&Result<Base, String>>, checked: &mut Checked) {
    let (Some(base), Some(history), Some(engine)) = (base, &checked.history, checked.engine) else { return };
    let compared = match base {
        Ok(base) => {
            checked.notes.extend(base.note());
            since_base::compare(base, task, engine, history).await
        }
        Err(message) => Err(message.clone()),
    };
    match compared {
        Ok(mut compared) => {
            checked.notes.append(&mut compared.notes);
            checked.compared = Some(compared);
        }
        Err(message) => checked.cannot(Some(Phase::Graph), message),
    }
}

/// Lays the rules to what was seen.
fn judge(task: Task<'_>, history: &History, checked: &mut Checked) {
    let changes = checked.compared.as_ref().map(|compared| &compared.changes);
    let facts = policy::gather(history, changes, checked.trace.as_ref(), &checked.ran);
    let judgement = policy::judge(task.rules, &facts, &task.settings.project.rules);
    checked.findings = judgement.findings;
    checked.errors.extend(judgement.errors);
    for message in undeclared(history) {
        checked.cannot(Some(Phase::Graph), message);
    }
    if let Some(compared) = &checked.compared {
        since_base::mark(compared, task, history, &checked.ran, &mut checked.findings);
    }
}

/// What is missing where steps are skipped that nobody declared: whatever they do is not there for those behind them.
pub(super) fn undeclared(history: &History) -> impl Iterator<Item = String> {
    history.undeclared().map(|(migration, language)| {
        format!(
            "{} is written in {language}, which is not run here, so that what comes behind it was checked without it; say that \
             it is to be skipped, and why: `skip: [{{migration: {}, reason: ...}}]` in rollproof.yml",
            migration.up.path.display(),
            migration.id
        )
    })
}

/// The graph phase, as far as files go.
pub(super) fn read_history(settings: &Settings, index: usize, checked: &mut Checked) {
    let database = &settings.project.databases[index];
    let folder = settings.project.resolve(&database.migrations);
    if !folder.is_dir() {
        // A slip in the path would otherwise look like an engine that nothing tells.
        let missing = HistoryError::missing(&folder);
        return checked.cannot(None, missing.to_string());
    }
    let engine = match database
        .engine
        .map_or_else(|| evidence::detect_engine(&folder, &settings.project.root), |e| Ok(Some(e)))
    {
        Ok(Some(engine)) => engine,
        Ok(None) => {
            let message = format!(
                "nothing tells which engine these migrations are for (looked for: {}); pass --engine or write `engine:` into \
                 rollproof.yml",
                evidence::engine_evidence()
            );
            return checked.cannot(None, message);
        }
        Err(disagreement) => return checked.cannot(None, disagreement.to_string()),
    };
    checked.engine = Some(engine);
    let mut history =
        match history::read_with(&folder, &folder, database.format.as_deref(), engine, &settings.read_options(index)) {
            Ok(history) => history,
            Err(error) => return checked.cannot(None, error.to_string()),
        };
    history.note_skips(|id| database.skip_reason(id));
    let known = |id: &str| history.migrations.iter().any(|migration| migration.id == id);
    let problems = database.skip.iter().enumerate().filter(|(_, skip)| !known(&skip.migration)).map(|(at, skip)| {
        let message = format!("there is no migration `{}` to skip", skip.migration);
        match settings.places.as_ref() {
            Some(places) => match places.databases[index].skip.get(at) {
                Some(place) => places.error(vec![Problem::new(*place, message)]).to_string(),
                None => message,
            },
            None => message,
        }
    });
    let problems =
        problems.chain(kinds::misfits(settings, index, engine)).chain(kinds::unknown(settings, index, engine));
    for problem in problems.collect::<Vec<_>>() {
        checked.cannot(None, problem);
    }
    checked.history = Some(history);
    checked.ran.insert(Phase::Graph);
}

/// Replays the history; gives back the server where there is one and something was run on it.
async fn replay_history<'t>(task: Task<'t>, history: &History, checked: &mut Checked) -> Option<Used<'t>> {
    let Task { settings, tell, .. } = task;
    let engine = checked.engine?;
    let plan = task.plan(history, &settings.phases);
    let runs = [Phase::Graph, Phase::Up, Phase::Down, Phase::Redo, Phase::Descent];
    if !runs.iter().any(|phase| settings.phases.contains(phase)) {
        // The phases that are left judge models, which this version does not read, or nothing without the others.
        checked.cannot(None, "nothing was checked: the phases that were chosen have nothing to run here");
        return None;
    }
    tell(&Event::DatabaseStarted { database: task.database().name.clone(), steps: plan.steps() });
    let servers = settings.servers.as_ref()?;
    if plan.saw.is_empty() {
        return None;
    }
    let clock = Instant::now();
    match provide(servers, task.database(), engine, tell).await {
        Ok(server) => {
            let name = server.title();
            let millis = clock.elapsed().as_secs_f64() * 1000.0;
            tell(&Event::ServerReady { server: name, provision: server.provision.word(), millis });
            checked.ran = replay::with_prerequisites(&settings.phases);
            Some(on_server(task, history, &plan, server, servers, checked).await)
        }
        Err(message) => {
            checked.cannot(None, message);
            None
        }
    }
}

async fn provide(
    servers: &Servers,
    database: &Database,
    engine: EngineKind,
    tell: &dyn Fn(&Event),
) -> Result<Server, String> {
    let preparing = |what: &str| tell(&Event::Preparing { what: what.to_owned() });
    provision::provide(&wanted(servers, database, engine), &preparing).await.map_err(|error| error.to_string())
}

/// The server that a database is to run on.
pub(super) fn wanted(servers: &Servers, database: &Database, engine: EngineKind) -> Wanted {
    Wanted {
        engine,
        mode: servers.provision,
        url: servers.url.clone(),
        image: servers.image.clone().or(database.image.clone()),
        allow_substitute: database.allow_substitute,
        server_bins: servers.server_bins.clone(),
        server_settings: database.server_settings.clone(),
        overheard: database.format.as_deref() == Some("command"),
        start_timeout: servers.start_timeout,
    }
}

/// The history itself, on a server that answers.
async fn on_server<'t>(
    task: Task<'t>,
    history: &History,
    plan: &Plan,
    server: Server,
    servers: &'t Servers,
    checked: &mut Checked,
) -> Used<'t> {
    // What stands in for another product is not taken for a version of that.
    let is_other = checked.engine.is_some_and(|engine| engine != server.engine);
    checked.server_version =
        Some(if is_other { format!("{} ({})", server.version, server.engine.title()) } else { server.version.clone() });
    checked.provision = Some(server.provision.word());
    checked.notes.extend(server.notes.iter().cloned());
    checked.image = server.image.clone();
    checked.image_digest = server.image_digest.clone();
    let mut used = Used { server, servers, answers: true, whole: false };
    match on_engine(task, history, plan, &used, task.tell).await {
        Ok(Seen { mut trace, closed, told }) => {
            used.answers = closed;
            checked.told = told;
            checked.errors.append(&mut trace.errors);
            checked.notes.append(&mut trace.notes);
            if !trace.steps.iter().any(|step| step.outcome != Outcome::Skipped) && checked.errors.is_empty() {
                checked.cannot(None, "nothing was checked: every step of the history is skipped");
            }
            checked.trace = Some(trace);
        }
        Err(message) => checked.cannot(None, message),
    }
    used.whole = used.answers && checked.errors.is_empty();
    used
}

/// What the base takes of the server after it was judged what the history did there, and the end of the server.
async fn replay_base(task: Task<'_>, history: &History, mut used: Used<'_>, checked: &mut Checked) {
    let tooled = tool::kind(history).is_some();
    if tooled && checked.compared.is_some() {
        checked.notes.push(
            "the history at the base was compared by its files and not run: the application that runs it is the one of this change"
                .to_owned(),
        );
    }
    if used.whole && !tooled {
        used.answers = since_base::replay(task, history, &used, checked).await;
    }
    let Used { mut server, answers, .. } = used;
    if has_ended(&mut server, answers).await {
        let log = server.log_tail(LOG_LINES).await;
        let tail =
            if log.is_empty() { "it left no log".to_owned() } else { format!("its log ends:\n{}", log.join("\n")) };
        checked.cannot(None, format!("the server ended while it was in use; {tail}"));
    }
    if let Err(error) = server.stop().await {
        checked.cannot(None, error.to_string());
    }
}

/// Whether the server is gone. One that does not answer any more may still be on its way out: the connections of a server
/// that is shut down end before it does.
pub(super) async fn has_ended(server: &mut Server, answers: bool) -> bool {
    let deadline = Instant::now() + if answers { Duration::ZERO } else { SHUTDOWN_PATIENCE };
    loop {
        if !server.is_alive().await {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}
