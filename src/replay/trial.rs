//! Down and up again for one migration, from the state after its up and back to it.

use super::execute::{Replay, may_be_retried};
use super::rows_left::rows_left;
use super::{MigrationPlan, Outcome, Phase, Planned, Step, StepError};
use crate::engine::{EngineError, Moment, Rows};
use crate::history::Script;
use crate::runner::{How, fails_as_a_whole, may_be_probed};
use crate::schema::{Class, Diff, Snapshot};

/// The schema around one migration.
#[derive(Clone, Copy)]
struct Around<'s> {
    before: &'s Snapshot,
    after: &'s Snapshot,
}

/// What a trial found: the down, and the redo where it ran.
struct Tried {
    down: Step,
    redo: Option<Step>,
}

impl Tried {
    /// Whether a redo that went wrong would be held against the migration: it ran from the structure that it ran from
    /// the first time.
    fn redo_counts(&self) -> bool {
        self.down.diff.as_ref().is_some_and(|diff| diff.class() < Class::Privilege)
    }
}

impl Replay<'_> {
    /// Down, then up again, as planned; the database is then as it was after the first up.
    pub(super) async fn down_and_redo(
        &mut self,
        planned: &MigrationPlan,
        before: &Snapshot,
        after: &Snapshot,
    ) -> Result<(), EngineError> {
        let migration = planned.migration;
        let history = self.history;
        let script = match (&planned.down, &history.migrations[migration].down) {
            (Some(Planned::Run), Some(script)) => script,
            (down, _) => {
                for (phase, plan) in [(Phase::Down, down), (Phase::Redo, &planned.redo)] {
                    if let Some(Planned::Skip(reason)) = plan {
                        self.skip(migration, phase, reason);
                    }
                }
                return Ok(());
            }
        };
        let redo = planned.redo.is_some();
        let around = Around { before, after };
        let up = &history.migrations[migration].up;
        let probe = may_be_probed(self.engine, script) && may_be_probed(self.engine, up);
        let probed = if probe { self.probe(migration, script, redo, around).await? } else { None };
        let tried = match probed {
            Some(tried) => tried,
            None => self.commit_and_restore(migration, script, redo, around).await?,
        };
        let down_passed = tried.down.outcome == Outcome::Passed;
        self.note(tried.down);
        match tried.redo {
            Some(step) => self.note(step),
            None if redo && !down_passed => self.skip(migration, Phase::Redo, "its down did not pass"),
            None => (),
        }
        Ok(())
    }

    /// Down and up again in one transaction that is rolled back. `None` when what was seen may be owed to that, so that
    /// it has to be seen again for good.
    async fn probe(
        &mut self,
        migration: usize,
        script: &Script,
        redo: bool,
        around: Around<'_>,
    ) -> Result<Option<Tried>, EngineError> {
        self.engine.open_session(self.session).await?;
        self.engine.begin().await?;
        let down = self.probe_step(migration, Phase::Down, script, around.before).await?;
        let doubtful = |engine: &dyn crate::engine::Engine, error: &Option<StepError>| {
            error.as_ref().is_some_and(|error| engine.may_be_caused_by_probing(error.code.as_deref()))
        };
        let mut tried = Tried { down, redo: None };
        if doubtful(self.engine, &tried.down.error) {
            self.engine.rollback().await?;
            return Ok(None);
        }
        if redo && tried.down.outcome == Outcome::Passed {
            let history = self.history;
            let up = &history.migrations[migration].up;
            let step = self.probe_step(migration, Phase::Redo, up, around.after).await?;
            let wrong = step.outcome == Outcome::Failed
                || step.diff.as_ref().is_some_and(|diff| diff.class() >= Class::Privilege);
            if doubtful(self.engine, &step.error) || (wrong && tried.redo_counts()) {
                self.engine.rollback().await?;
                return Ok(None);
            }
            tried.redo = Some(step);
        }
        self.engine.rollback().await?;
        Ok(Some(tried))
    }

    /// One script inside the open transaction, with what its commit would have said.
    async fn probe_step(
        &mut self,
        migration: usize,
        phase: Phase,
        script: &Script,
        expected: &Snapshot,
    ) -> Result<Step, EngineError> {
        let mut step = self.run(migration, phase, script, How::Probing).await?;
        if step.outcome == Outcome::Passed {
            match self.engine.snapshot(Moment::InTransaction).await {
                Ok(now) => step.diff = Some(Diff::between(expected, &now)),
                // Deferred constraints, heard before the commit that a probe never makes.
                Err(EngineError::Refused { refusal }) => {
                    step.outcome = Outcome::Failed;
                    step.error = Some(crate::runner::refused_at_end(script, refusal));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(step)
    }

    /// Down and up again as the tool does it, then back to the state after the first up where they left another.
    async fn commit_and_restore(
        &mut self,
        migration: usize,
        script: &Script,
        redo: bool,
        around: Around<'_>,
    ) -> Result<Tried, EngineError> {
        self.checkpoint_if_it_pays().await?;
        let rows = self.engine.rows().await?;
        let (down, mut now) =
            self.committed_step(migration, Phase::Down, script, around.before, around.after, Some(&rows)).await?;
        let mut tried = Tried { down, redo: None };
        let history = self.history;
        let up = &history.migrations[migration].up;
        if redo && tried.down.outcome == Outcome::Passed {
            let (step, then) = self.committed_step(migration, Phase::Redo, up, around.after, &now, None).await?;
            tried.redo = Some(step);
            now = then;
        }
        // Where nobody asked for the up again and the down took everything back, it is the shortest way to the state after it.
        let went_up = !redo
            && tried.down.outcome == Outcome::Passed
            && rows == Rows::None
            && now == *around.before
            && self.carry_out(up, How::AsTheTool).await?.error.is_none();
        if went_up {
            now = self.engine.snapshot(Moment::Committed).await?;
        }
        // What snapshots leave out, rows above all, is not compared: it is as it was only where nothing was done, or where
        // there was nothing to lose.
        let undone = match (tried.down.outcome, &tried.redo) {
            (Outcome::Passed, Some(redo)) => redo.outcome == Outcome::Passed,
            (Outcome::Passed, None) => went_up,
            (Outcome::Failed | Outcome::Skipped, _) => fails_as_a_whole(self.engine, script),
        };
        let same = now == *around.after && !self.is_at_checkpoint();
        let as_it_was = same && ((undone && rows == Rows::None) || self.holds_the_same(&rows).await?);
        if as_it_was {
            self.made_anew = Some(now);
            self.held = Some(rows);
        } else {
            self.restore(around.after).await?;
        }
        Ok(tried)
    }

    /// Whether the tables hold what they held `then`; `false` also where nobody can tell.
    pub(super) async fn holds_the_same(&mut self, then: &Rows) -> Result<bool, EngineError> {
        Ok(*then != Rows::Some(None) && self.engine.rows().await? == *then)
    }

    /// One script for good: compared with `expected` if it passes, with `present`, the state that it began from, if not, and
    /// with what the tables `held` then, where that is known.
    async fn committed_step(
        &mut self,
        migration: usize,
        phase: Phase,
        script: &Script,
        expected: &Snapshot,
        present: &Snapshot,
        held: Option<&Rows>,
    ) -> Result<(Step, Snapshot), EngineError> {
        let mut step = self.run(migration, phase, script, How::AsTheTool).await?;
        let now = match self.engine.snapshot(Moment::Committed).await {
            Ok(now) => now,
            Err(error) => {
                self.note(step);
                return Err(error);
            }
        };
        match step.outcome {
            Outcome::Passed => step.diff = Some(Diff::between(expected, &now)),
            Outcome::Failed | Outcome::Skipped => {
                step.left_behind = Diff::between(present, &now);
                if let Some(held) = held.filter(|_| !fails_as_a_whole(self.engine, script)) {
                    match self.engine.rows().await {
                        Ok(rows) => step.rows_left = rows_left(held, &rows, &step.left_behind),
                        Err(error) => {
                            self.note(step);
                            return Err(error);
                        }
                    }
                }
            }
        }
        if may_be_retried(&step) {
            step.retry = self.retry(script, step.error.as_ref()).await?;
        }
        Ok((step, now))
    }
}
