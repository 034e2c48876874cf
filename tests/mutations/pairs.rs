//! Two changes in one transaction: what is read again after the second has to fit what was read again after the first.
//!
//! In debug builds the engine compares each reading in part with a whole one; a difference is an error, and is what this
//! looks for. What the changes are is the other tests' matter.

use libtest_mimic::Failed;

use crate::ground::{Ground, Place};
use crate::line::{Line, read};

/// The error of a reading that missed something.
const MISSED: &str = "missed a change";

/// Plays every line that a transaction takes together with two others.
pub(crate) async fn play(place: &Place) -> Result<(), Failed> {
    let mut lines = read(&place.folder(), &place.version);
    lines.retain(|line| line.transactional && line.category != "rollback");
    let mut ground = Ground::new(place).await?;
    let mut failures = Vec::new();
    for first in 0..lines.len() {
        // A neighbour is about the same kind of object, the other one about something else.
        for second in [(first + 1) % lines.len(), (first * 37 + 11) % lines.len()] {
            ground.begin().await?;
            if let Err(error) = pair(&mut ground, &lines[first], &lines[second]).await
                && error.contains(MISSED)
            {
                failures.push(format!("{} then {}: {error}", lines[first].id, lines[second].id));
            }
            ground.rollback().await?;
        }
    }
    ground.close().await?;
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n").into()) }
}

/// One after the other, then both undone in the same order. Many pairs cannot do all of that, since one change stands in the
/// other's way; they end where they fail.
async fn pair(ground: &mut Ground, first: &Line, second: &Line) -> Result<(), String> {
    for statements in [Some(&first.sql), Some(&second.sql), first.undo.as_ref(), second.undo.as_ref()] {
        let Some(statements) = statements else { continue };
        ground.run(statements).await?;
        ground.snapshot().await?;
    }
    Ok(())
}
