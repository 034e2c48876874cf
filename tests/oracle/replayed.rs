//! One database of a project, replayed on an engine that is watched.

use std::cell::RefCell;
use std::rc::Rc;

use rollproof::config::{Database, Project};
use rollproof::engine::Engine;
use rollproof::history::History;
use rollproof::replay::{self, Event, Phase, Replay};
use rollproof::run::Before;

use super::projects::Subject;
use super::watched::{Oracle, Running, State, Watched};

/// What a replay came to.
pub(crate) struct Replayed {
    /// Each state that a snapshot was taken of.
    pub(crate) states: Vec<State>,
    /// What kept it from its end.
    pub(crate) errors: Vec<String>,
}

/// Replays `history` as a run of the program does, except that every step is committed.
pub(crate) async fn replayed<E: Engine, O: Oracle>(
    subject: &Subject,
    database: &Database,
    history: &History,
    before: Before,
    mut engine: E,
    oracle: O,
) -> Replayed {
    let running: Running = Rc::new(RefCell::new("what exists before the first migration".to_owned()));
    let hears = Rc::clone(&running);
    let mut listener = move |event: &Event| {
        if let Event::StepStarted { migration, phase } = event {
            hears.replace(format!("the {} of {migration}", phase.word()));
        }
    };
    engine.leave_out(before.left_out);
    let mut watched = Watched::new(engine, oracle, running);
    let reason = |id: &str| database.skip.iter().find(|skip| skip.migration == id).map(|skip| skip.reason.clone());
    let plan = replay::plan(history, &Phase::ALL.into_iter().collect(), reason);
    let replay = Replay::new(&mut watched, history, &before.setup, &before.session, subject.timeout, &mut listener);
    let trace = replay::replay(replay, &plan).await;
    let mut errors: Vec<String> = trace.errors.into_iter().map(|error| error.message).collect();
    errors.extend(watched.close().await.err().map(|error| error.to_string()));
    Replayed { states: watched.states, errors }
}

/// The histories of a laid out project on this engine, each with its database. Those that cannot be read are errors.
pub(crate) fn history_of(
    project: &Project,
    database: &Database,
    engine: rollproof::history::EngineKind,
) -> Result<History, String> {
    let folder = project.resolve(&database.migrations);
    rollproof::history::read(&folder, &folder, database.format.as_deref(), engine).map_err(|error| error.to_string())
}
