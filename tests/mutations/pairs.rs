//! Two changes in one transaction: what is read again after the second has to fit what was read again after the first.
//!
//! In debug builds the engine compares each reading in part with a whole one; a difference is an error, and is what this
//! looks for. What the changes are is the other tests' matter.

use libtest_mimic::Failed;

use crate::ground::{Ground, Place};
use crate::line::{Line, read};
use crate::play::is_thorough;

/// What the errors of a reading say that went wrong; all other errors are those of a pair that does not fit together.
const WRONG: [&str; 3] = ["missed a change", "cannot be read", "two objects alike"];

/// Of so many lines one is played, unless all are wanted; another one on each server.
const ONE_OF: usize = 12;

/// Plays every line that a transaction takes together with another one.
pub(crate) async fn play(place: &Place) -> Result<(), Failed> {
    let mut lines = read(&place.folder(), &place.version);
    lines.retain(|line| line.transactional && line.category != "rollback");
    let mut ground = Ground::new(place).await?;
    let mut failures = Vec::new();
    for (nth, first) in lines.iter().enumerate() {
        if !is_thorough() && nth % ONE_OF != place.turn {
            continue;
        }
        // A neighbour is about the same kind of object, another one about something else.
        let second = &lines[if nth % 2 == 0 { nth + 1 } else { nth * 37 + 11 } % lines.len()];
        ground.begin().await?;
        if let Err(error) = pair(&mut ground, first, second).await
            && WRONG.iter().any(|wrong| error.contains(wrong))
        {
            failures.push(format!("{} then {}: {error}", first.id, second.id));
        }
        ground.rollback().await?;
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
