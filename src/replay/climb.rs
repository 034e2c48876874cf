//! Up, migration by migration, without any trial: what the schema is at some heights of a history.

use std::collections::{BTreeMap, BTreeSet};

use super::{Outcome, Phase, Plan, Planned, Replay};
use crate::engine::{EngineError, Moment};
use crate::runner::How;
use crate::schema::Snapshot;

/// Runs the ups of the plan in order and gives the schema at each of `heights`: how many migrations lie below it, none being
/// what exists before the first.
///
/// # Errors
/// A migration that fails, or a server that does not answer. The message names the migration with its file and line.
pub async fn climb(
    mut replay: Replay<'_>,
    plan: &Plan,
    heights: &BTreeSet<usize>,
) -> Result<BTreeMap<usize, Snapshot>, String> {
    let mut seen = BTreeMap::new();
    let text = |error: EngineError| error.to_string();
    replay.prepare().await.map_err(text)?;
    if heights.contains(&0) {
        seen.insert(0, replay.engine.snapshot(Moment::Committed).await.map_err(text)?);
    }
    let highest = heights.last().copied().unwrap_or_default();
    for (below, planned) in plan.saw.iter().enumerate().take(highest) {
        match &planned.up {
            Planned::Skip(reason) => replay.skip(planned.migration, Phase::Up, reason),
            Planned::Run => up(&mut replay, planned.migration).await?,
        }
        if heights.contains(&(below + 1)) {
            seen.insert(below + 1, replay.engine.snapshot(Moment::Committed).await.map_err(text)?);
        }
    }
    Ok(seen)
}

async fn up(replay: &mut Replay<'_>, index: usize) -> Result<(), String> {
    let history = replay.history;
    let migration = &history.migrations[index];
    let path = migration.up.path.display();
    let ran = replay.run(index, Phase::Up, &migration.up, How::AsTheTool).await;
    let step = ran.map_err(|error| format!("{path}: the up of {}: {error}", migration.id))?;
    let failed = step.error.clone().filter(|_| step.outcome == Outcome::Failed);
    replay.note(step);
    match failed {
        None => Ok(()),
        Some(error) => {
            let detail = error.detail.map(|detail| format!(" ({})", detail.replace('\n', "; "))).unwrap_or_default();
            Err(format!("{path}:{}: the up of {} fails: {}{detail}", error.line, migration.id, error.message))
        }
    }
}
