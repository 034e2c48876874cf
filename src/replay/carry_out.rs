//! Running one script by whomever it is run: by us, or by the project's own tool.

use super::execute::Replay;
use crate::engine::EngineError;
use crate::history::Script;
use crate::runner::{How, Ran, run_by_tool, run_script, tool_engine_error};

impl Replay<'_> {
    /// Runs one script, by whomever it is run.
    pub(super) async fn carry_out(&mut self, script: &Script, how: How) -> Result<Ran, EngineError> {
        match (&script.call, self.tool.as_deref_mut()) {
            (None, _) => run_script(self.engine, script, how, self.session, self.timeout).await,
            (Some(call), Some(tool)) => run_by_tool(self.engine, tool, script, call, self.timeout).await,
            (Some(call), None) => Err(EngineError::unexpected(format!(
                "{} is run by the project's own tool, which was not started",
                call.revision
            ))),
        }
    }

    /// Sees to it that no other program holds on to the database, which is about to be copied or replaced.
    pub(super) async fn release(&mut self) -> Result<(), EngineError> {
        match self.tool.as_deref_mut() {
            Some(tool) => tool.release().await.map_err(tool_engine_error),
            None => Ok(()),
        }
    }
}
