//! The saw and the descent: up, down, up again for each migration, then down from head without repair.

use std::time::Duration;

use super::checkpoint::Checkpoint;
use super::plan::no_down;
use super::rows_left::{may_tell, rows_left};
use super::together;
use super::{CheckError, Descent, ErrorKind, Event, Outcome, Phase, Plan, Planned, Retry, Step, StepError, Trace};
use crate::engine::{Engine, EngineError, Moment, Rows, SessionSpec};
use crate::history::{History, Migration, Script};
use crate::runner::{How, Ran, Tool, fails_as_a_whole, run_script};
use crate::schema::{Diff, Snapshot};

/// Everything that a replay needs, and where it stands.
pub struct Replay<'r> {
    /// The disposable database.
    pub engine: &'r mut dyn Engine,
    /// The migrations.
    pub history: &'r History,
    /// What exists before the first migration: bookkeeping tables, a base schema.
    pub setup: &'r [Script],
    /// The session that migrations run in.
    pub session: &'r SessionSpec,
    /// For one script.
    pub timeout: Duration,
    /// Told of everything that happens.
    pub listener: &'r mut dyn FnMut(&Event),
    /// The project's own tool, where migrations are not SQL that is run here.
    pub tool: Option<&'r mut dyn Tool>,
    pub(super) trace: Trace,
    pub(super) applied: Vec<usize>,
    pub(super) checkpoint: Option<Checkpoint>,
    pub(super) since_checkpoint: f64,
    /// The schema as it was read after it was made again: equal to the one before it, of other objects. Whoever compares
    /// with objects that are gone takes no rename for one.
    pub(super) made_anew: Option<Snapshot>,
    /// What the tables hold after the applied migrations, where that was asked and nothing has been made again since.
    pub(super) held: Option<Rows>,
    /// The step that runs, or ran last.
    current: Option<(usize, Phase)>,
}

impl<'r> Replay<'r> {
    /// A replay that has not begun.
    pub fn new(
        engine: &'r mut dyn Engine,
        history: &'r History,
        setup: &'r [Script],
        session: &'r SessionSpec,
        timeout: Duration,
        listener: &'r mut dyn FnMut(&Event),
    ) -> Self {
        Self {
            engine,
            history,
            setup,
            session,
            timeout,
            listener,
            tool: None,
            trace: Trace::default(),
            applied: Vec::new(),
            checkpoint: None,
            since_checkpoint: 0.0,
            made_anew: None,
            held: None,
            current: None,
        }
    }

    /// The same with the tool that runs what is not SQL.
    pub fn by_tool(mut self, tool: Option<&'r mut dyn Tool>) -> Self {
        self.tool = tool;
        self
    }

    pub(super) fn tell(&mut self, event: &Event) {
        (self.listener)(event);
    }

    /// Makes what exists before the first migration.
    pub(super) async fn prepare(&mut self) -> Result<(), EngineError> {
        let plain = SessionSpec { role: self.session.role.clone(), ..SessionSpec::default() };
        for script in self.setup {
            let ran = run_script(self.engine, script, How::AsTheTool, &plain, self.timeout).await?;
            if let Some(error) = ran.error {
                return Err(EngineError::unexpected(format!(
                    "{}:{}: what exists before the first migration could not be made: {}",
                    script.path.display(),
                    error.line,
                    error.message
                )));
            }
        }
        // A tool runs its callbacks where no migration is pending, too. What they make then is there before the first one; what
        // they cannot make yet fails here and is tried again with it.
        let history = self.history;
        let runs = |one: &&Migration| one.skip.is_none() && one.language.is_none();
        for script in history.migrations.iter().find(runs).into_iter().flat_map(|first| first.up.callbacks_alone()) {
            run_script(self.engine, script, How::AsTheTool, self.session, self.timeout).await?;
        }
        Ok(())
    }

    /// Adds what a reader should know, each thing once.
    fn add_notes(&mut self, notes: Vec<String>) {
        for note in notes {
            if !self.trace.notes.contains(&note) {
                self.trace.notes.push(note);
            }
        }
    }

    /// Runs one script and tells the listener.
    pub(super) async fn run(
        &mut self,
        migration: usize,
        phase: Phase,
        script: &Script,
        how: How,
    ) -> Result<Step, EngineError> {
        let id = self.history.migrations[migration].id.clone();
        self.tell(&Event::StepStarted { migration: id.clone(), phase });
        self.current = Some((migration, phase));
        let Ran { statements, millis, error, notes, sent } = self.carry_out(script, how).await?;
        let outcome = if error.is_some() { Outcome::Failed } else { Outcome::Passed };
        self.add_notes(notes);
        let lost = error.as_ref().is_some_and(|error| error.kind == ErrorKind::Lost);
        // A lost server has no answer, and the step is to be told nevertheless.
        if how == How::AsTheTool && !lost {
            self.engine.check_cluster().await?;
        }
        Ok(Step {
            migration,
            phase,
            outcome,
            skipped: None,
            statements,
            millis,
            error,
            diff: None,
            left_behind: Diff::default(),
            rows_left: Vec::new(),
            retry: None,
            sent,
        })
    }

    /// A failed script once more, on what it left behind, as somebody in trouble would run the tool again. Whatever it does
    /// is undone with the rest.
    pub(super) async fn retry(
        &mut self,
        script: &Script,
        first: Option<&StepError>,
    ) -> Result<Option<Retry>, EngineError> {
        let ran = self.carry_out(script, How::AsTheTool).await?;
        self.engine.check_cluster().await?;
        let place = |error: &StepError| (error.part, error.statement.clone(), error.message.clone());
        Ok(Some(match ran.error {
            None => Retry::Retryable,
            Some(error) if first.is_some_and(|first| place(first) == place(&error)) => Retry::Same(error),
            Some(error) => Retry::Dirty(error),
        }))
    }

    /// Notes a step that is finished.
    pub(super) fn note(&mut self, step: Step) {
        let migration = self.history.migrations[step.migration].id.clone();
        let (phase, outcome, millis) = (step.phase, step.outcome, step.millis);
        if let Some(error) = step.error.as_ref().filter(|error| error.kind == ErrorKind::Lost) {
            // Nobody can tell what the script would have done, so it is no finding.
            let message = format!("the connection was lost in the {} of {migration}: {}", phase.word(), error.message);
            self.trace.errors.push(CheckError { phase: Some(phase), message });
        }
        self.trace.steps.push(step);
        self.tell(&Event::StepFinished { migration, phase, outcome, millis });
    }

    pub(super) fn skip(&mut self, migration: usize, phase: Phase, reason: &str) {
        self.note(Step {
            migration,
            phase,
            outcome: Outcome::Skipped,
            skipped: Some(reason.to_owned()),
            statements: 0,
            millis: 0.0,
            error: None,
            diff: None,
            left_behind: Diff::default(),
            rows_left: Vec::new(),
            retry: None,
            sent: Vec::new(),
        });
    }

    /// Up. Whether it passed.
    async fn up(&mut self, migration: usize, before: &Snapshot) -> Result<Option<Snapshot>, EngineError> {
        let history = self.history;
        let script = &history.migrations[migration].up;
        if !fails_as_a_whole(self.engine, script) {
            // Should it fail, what it leaves behind has to be undone; a transaction undoes itself.
            self.checkpoint_if_it_pays().await?;
        }
        let mut step = self.run(migration, Phase::Up, script, How::AsTheTool).await?;
        let now = match self.engine.snapshot(Moment::Committed).await {
            Ok(now) => now,
            Err(error) => {
                self.note(step);
                return Err(error);
            }
        };
        let diff = Diff::between(before, &now);
        self.since_checkpoint += step.millis;
        if step.outcome == Outcome::Passed {
            self.add_notes(together::notes(self.engine, self.history, migration, &diff));
            step.diff = Some(diff);
            self.note(step);
            self.applied.push(migration);
            self.held = None;
            return Ok(Some(now));
        }
        let held = self.held.take();
        let whole = fails_as_a_whole(self.engine, script);
        let rows = match whole {
            true => None,
            false => match self.engine.rows().await {
                Ok(rows) => Some(rows),
                Err(error) => {
                    step.left_behind = diff;
                    self.note(step);
                    return Err(error);
                }
            },
        };
        let then = held.as_ref().unwrap_or(&Rows::None);
        let same = rows.as_ref().is_none_or(|rows| may_tell(rows) && rows == then);
        let clean = diff.is_empty() && same;
        step.left_behind = diff;
        if let (Some(held), Some(rows)) = (&held, &rows) {
            step.rows_left = rows_left(held, rows, &step.left_behind);
        }
        if may_be_retried(&step) {
            step.retry = self.retry(script, step.error.as_ref()).await?;
        }
        let restored =
            if clean { Ok(()) } else { self.undo(before, script, held.is_none(), rows.as_ref(), &mut step).await };
        self.note(step);
        restored.map(|()| None)
    }

    /// Takes back what a failed up left. Where nobody asked what the tables held before it, they are asked now; and where that
    /// is something else than what was `left`, it runs once more, since what was made again may tell another time.
    async fn undo(
        &mut self,
        before: &Snapshot,
        script: &Script,
        unknown: bool,
        left: Option<&Rows>,
        step: &mut Step,
    ) -> Result<(), EngineError> {
        self.restore(before).await?;
        let Some(left) = left.filter(|_| unknown) else { return Ok(()) };
        let held = self.engine.rows().await?;
        if rows_left(&held, left, &step.left_behind).is_empty() {
            return Ok(());
        }
        if !may_tell(&held) || !may_tell(left) {
            step.rows_left = rows_left(&held, left, &step.left_behind);
            return Ok(());
        }
        self.carry_out(script, How::AsTheTool).await?;
        self.engine.check_cluster().await?;
        let rows = self.engine.rows().await?;
        step.rows_left = rows_left(&held, &rows, &step.left_behind);
        if step.retry.is_none() && may_be_retried(step) {
            step.retry = self.retry(script, step.error.as_ref()).await?;
        }
        self.restore(before).await
    }

    async fn saw(&mut self, plan: &Plan) -> Result<(), EngineError> {
        let mut before = self.trace.base.clone();
        for planned in &plan.saw {
            let after = match &planned.up {
                Planned::Skip(reason) => {
                    self.skip(planned.migration, Phase::Up, reason);
                    None
                }
                Planned::Run => self.up(planned.migration, &before).await?,
            };
            match &after {
                Some(after) => self.down_and_redo(planned, &before, after).await?,
                None => {
                    let reason = |plan: &Option<Planned>| match plan {
                        Some(Planned::Skip(reason)) => Some(reason.clone()),
                        Some(Planned::Run) => Some("its up did not pass".to_owned()),
                        None => None,
                    };
                    for (phase, plan) in [(Phase::Down, &planned.down), (Phase::Redo, &planned.redo)] {
                        if let Some(reason) = reason(plan) {
                            self.skip(planned.migration, phase, &reason);
                        }
                    }
                }
            }
            before = self.made_anew.take().or(after).unwrap_or(before);
            self.trace.after.push(before.clone());
        }
        Ok(())
    }

    /// Down from head, one migration after another, until a script fails or is missing.
    async fn descend(&mut self) -> Result<(), EngineError> {
        self.forget_checkpoint().await?;
        let history = self.history;
        let of = self.applied.len();
        let mut reached = 0;
        let mut stopped_at = None;
        for &migration in self.applied.clone().iter().rev() {
            let Some(script) = &history.migrations[migration].down else {
                self.skip(migration, Phase::Descent, no_down(&history.migrations[migration]));
                if history.migrations[migration].repeatable || history.migrations[migration].of_a_package {
                    reached += 1;
                    continue;
                }
                stopped_at = Some(migration);
                break;
            };
            let step = self.run(migration, Phase::Descent, script, How::AsTheTool).await?;
            let failed = step.outcome == Outcome::Failed;
            let lost = step.error.as_ref().is_some_and(|error| error.kind == ErrorKind::Lost);
            self.note(step);
            if lost {
                // Whether the server is gone shows here.
                self.engine.snapshot(Moment::Committed).await?;
            }
            if failed {
                stopped_at = Some(migration);
                break;
            }
            reached += 1;
        }
        let residue = match stopped_at {
            None => Some(Diff::between(&self.trace.base, &self.engine.snapshot(Moment::Committed).await?)),
            Some(_) => None,
        };
        self.trace.descent = Some(Descent { reached, of, stopped_at, residue });
        Ok(())
    }

    async fn whole(&mut self, plan: &Plan) -> Result<(), EngineError> {
        self.prepare().await?;
        self.trace.base = self.engine.snapshot(Moment::Committed).await?;
        self.saw(plan).await?;
        if plan.descent && !self.applied.is_empty() {
            self.descend().await?;
        }
        Ok(())
    }
}

/// Whether a second try of a step would tell something: it failed by an answer of the server, and left changes behind.
pub(super) fn may_be_retried(step: &Step) -> bool {
    let answered = |error: &StepError| matches!(error.kind, ErrorKind::Server | ErrorKind::Refused);
    let left = !step.left_behind.is_empty() || !step.rows_left.is_empty();
    left && step.error.as_ref().is_some_and(answered)
}

/// Executes the plan. Whatever keeps it from being finished is an error in the trace, beside what was seen until then.
pub async fn replay(mut replay: Replay<'_>, plan: &Plan) -> Trace {
    if plan.saw.is_empty() {
        return replay.trace;
    }
    if let Err(error) = replay.whole(plan).await {
        let last = replay.trace.steps.last();
        let lost = last.and_then(|step| step.error.as_ref()).is_some_and(|error| error.kind == ErrorKind::Lost);
        let place = replay.current.map(|(migration, phase)| {
            let migration = &replay.history.migrations[migration];
            let script = match phase {
                Phase::Down | Phase::Descent => migration.down.as_ref().unwrap_or(&migration.up),
                _ => &migration.up,
            };
            format!("{}: {} of {}: ", script.path.display(), phase.word(), migration.id)
        });
        let phase = replay.current.map(|(_, phase)| phase);
        let message = format!("{}{error}", place.unwrap_or_default());
        if !lost {
            replay.trace.errors.push(CheckError { phase, message });
        }
        let missing = replay.history.migrations.len() - replay.trace.after.len();
        let known = replay.trace.after.last().unwrap_or(&replay.trace.base).clone();
        replay.trace.after.extend(std::iter::repeat_n(known, missing));
    }
    replay.trace
}
