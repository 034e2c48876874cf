//! Going back to the state after a known list of migrations, as cheaply as may be.

use super::Event;
use super::execute::Replay;
use crate::engine::{EngineError, Fork, Moment};
use crate::runner::How;
use crate::schema::{Diff, Snapshot};

/// How much more than a fork costs has to lie behind the last one for another one before a step of a tool.
const STEPS_OF_TOOLS_PER_FORK: f64 = 4.0;

/// A remembered state, and the migrations that lead to it.
#[derive(Debug)]
pub(super) struct Checkpoint {
    fork: Fork,
    applied: Vec<usize>,
}

impl Replay<'_> {
    /// Remembers the present state if enough has happened since the last time to pay for it.
    pub(super) async fn checkpoint_if_it_pays(&mut self) -> Result<(), EngineError> {
        // Every step of a tool runs outside of our transactions, and nearly all pass: to remember the state before each of them
        // would cost more than to run what led to it again after the few that do not.
        let worth = if self.tool.is_some() { STEPS_OF_TOOLS_PER_FORK } else { 1.0 };
        if self.since_checkpoint < worth * self.engine.fork_pays_after_millis() {
            return Ok(());
        }
        self.forget_checkpoint().await?;
        self.release().await?;
        let fork = self.engine.fork().await?;
        self.checkpoint = Some(Checkpoint { fork, applied: self.applied.clone() });
        self.since_checkpoint = 0.0;
        Ok(())
    }

    /// Whether the state after the applied migrations is the remembered one, so that going back to it replays nothing.
    pub(super) fn is_at_checkpoint(&self) -> bool {
        self.checkpoint.as_ref().is_some_and(|checkpoint| checkpoint.applied == self.applied)
    }

    /// Forgets the remembered state.
    pub(super) async fn forget_checkpoint(&mut self) -> Result<(), EngineError> {
        match self.checkpoint.take() {
            Some(checkpoint) => self.engine.discard(checkpoint.fork).await,
            None => Ok(()),
        }
    }

    /// Goes back to the state after the applied migrations, which `expected` describes: from the checkpoint and what came
    /// after it, or from nothing where that is not to be had or does not give what it should.
    ///
    /// # Errors
    /// When a migration that passed before fails now, or leads to another schema.
    pub(super) async fn restore(&mut self, expected: &Snapshot) -> Result<(), EngineError> {
        // What is written again may tell the time of now.
        self.held = None;
        self.release().await?;
        let usable = self.checkpoint.take_if(|checkpoint| self.applied.starts_with(&checkpoint.applied));
        if let Some(checkpoint) = usable {
            let behind = checkpoint.applied.len();
            if self.engine.restore(checkpoint.fork).await? {
                // A copy does not carry what is said of the database itself, such as ALTER DATABASE ... SET.
                let again = self.apply_again(behind).await;
                if again.is_ok() {
                    let now = self.engine.snapshot(Moment::Committed).await?;
                    if now == *expected {
                        self.made_anew = Some(now);
                        return Ok(());
                    }
                }
            }
        }
        self.checkpoint = None;
        self.release().await?;
        self.engine.recreate().await?;
        self.prepare().await?;
        self.apply_again(0).await?;
        let now = self.engine.snapshot(Moment::Committed).await?;
        let diff = Diff::between(expected, &now);
        match diff.changes.first() {
            None => {
                self.made_anew = Some(now);
                Ok(())
            }
            Some(change) => Err(EngineError::unexpected(format!(
                "the same migrations led to another schema the second time: {change}; a migration depends on chance or \
                 on something outside of its database"
            ))),
        }
    }

    /// Runs the applied migrations from the `first` on once more.
    async fn apply_again(&mut self, first: usize) -> Result<(), EngineError> {
        let again: Vec<usize> = self.applied[first..].to_vec();
        self.tell(&Event::Restoring { how: format!("replaying {} migrations", again.len()) });
        self.since_checkpoint = 0.0;
        for index in again {
            let history = self.history;
            let migration = &history.migrations[index];
            let ran = self.carry_out(&migration.up, How::AsTheTool).await?;
            self.since_checkpoint += ran.millis;
            if let Some(error) = ran.error {
                return Err(EngineError::unexpected(format!(
                    "the up script of {} passed once and fails when its database is made again: {}; it depends on \
                     something outside of its database",
                    migration.id, error.message
                )));
            }
        }
        Ok(())
    }
}
