//! Plays the lists on one server.

use std::sync::Mutex;

use libtest_mimic::Failed;
use rollproof::schema::Diff;

use crate::bless::Seen;
use crate::expectation::told;
use crate::ground::{Ground, Place};
use crate::line::{Line, read};

/// How statements are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Each by itself, so that the schema is read as other sessions see it, all of it.
    Committed,
    /// A line in one transaction that is rolled back, so that only what was written is read again. Lines that no
    /// transaction takes are left out.
    InTransaction,
}

/// Plays all lists that hold for this server. Fails with every line that came out otherwise than it says.
pub(crate) async fn play(place: &Place, manner: Manner, seen: &Mutex<Seen>) -> Result<(), Failed> {
    let mut lines = read(&place.folder(), &place.version);
    if manner == Manner::InTransaction {
        lines.retain(|line| line.transactional && line.category != "rollback");
    }
    take_turns(&mut lines, place, manner);
    let mut failures = Vec::new();
    let mut ground = Ground::new(place).await?;
    for line in &lines {
        let mut wrong = Vec::new();
        let clean = match manner {
            Manner::Committed => one(&mut ground, line, place, seen, &mut wrong).await?,
            Manner::InTransaction => {
                let base = ground.base.clone();
                ground.begin().await?;
                one(&mut ground, line, place, seen, &mut wrong).await?;
                ground.rollback().await?;
                ground.base = base;
                true
            }
        };
        if !wrong.is_empty() {
            let shown: Vec<String> =
                wrong.iter().map(|what| format!("    {}", what.replace('\n', "\n      "))).collect();
            failures.push(format!("{} {}: {}\n{}", line.id, line.category, line.sql.join(" ;; "), shown.join("\n")));
        }
        if !clean {
            ground = ground.renew().await?;
        }
    }
    ground.close().await?;
    if failures.is_empty() {
        return Ok(());
    }
    Err(format!("{} of {} lines failed:\n{}", failures.len(), lines.len(), failures.join("\n")).into())
}

/// Leaves to each server its share of the lines: each is played committed on one of them, and in a transaction on the next.
/// `ROLLPROOF_TEST_EVERY_LINE` plays all lines on all servers, which takes minutes; blessing needs that too.
fn take_turns(lines: &mut Vec<Line>, place: &Place, manner: Manner) {
    if is_thorough() {
        return;
    }
    let turn = place.turn + usize::from(manner == Manner::InTransaction);
    let mut nth = 0;
    lines.retain(|_| {
        nth += 1;
        (nth + turn).is_multiple_of(place.servers)
    });
}

/// Whether everything is to be played, however long it takes.
pub(crate) fn is_thorough() -> bool {
    ["ROLLPROOF_TEST_EVERY_LINE", "ROLLPROOF_MUTATIONS", "ROLLPROOF_BLESS"]
        .iter()
        .any(|name| std::env::var_os(name).is_some())
}

/// Plays one line; what is wrong about it goes to `wrong`. Whether the base schema is there again afterwards.
async fn one(
    ground: &mut Ground,
    line: &Line,
    place: &Place,
    seen: &Mutex<Seen>,
    wrong: &mut Vec<String>,
) -> Result<bool, Failed> {
    let mut base = ground.base.clone();
    if let Some(before) = &line.before {
        let made = ground.run(before).await;
        match made.and(ground.snapshot().await) {
            Ok(made) => base = made,
            Err(error) => {
                wrong.push(format!("before it: {error}"));
                return Ok(false);
            }
        }
    }
    if let Err(error) = ground.run(&line.sql).await {
        wrong.push(error);
        return Ok(false);
    }
    let after = match ground.snapshot().await {
        Ok(after) => after,
        Err(error) => {
            wrong.push(error);
            return Ok(false);
        }
    };
    let changes = told(&Diff::between(&base, &after));
    let Some(expectation) = &line.expected else {
        if after != base {
            wrong.push(format!("seen, though nothing changed: {changes:#?}"));
        }
        return Ok(wrong.is_empty());
    };
    if changes.is_empty() {
        wrong.push("nothing is seen".to_owned());
    } else {
        seen.lock().unwrap().add(line, place, &changes);
    }
    let expected = expectation.on(&place.version);
    if expected != changes {
        wrong.push(format!("expected {expected:#?}"));
        wrong.push(format!("seen     {changes:#?}"));
    }
    let Some(undo) = &line.undo else { return Ok(false) };
    if let Err(error) = ground.run(undo).await {
        wrong.push(format!("the undo failed: {error}"));
        return Ok(false);
    }
    let back = match ground.snapshot().await {
        Ok(back) => back,
        Err(error) => {
            wrong.push(format!("after the undo: {error}"));
            return Ok(false);
        }
    };
    if back != ground.base {
        let left = Diff::between(&ground.base, &back);
        let left: Vec<String> = left.changes.iter().map(ToString::to_string).collect();
        wrong.push(format!("the undo leaves {left:#?}"));
        return Ok(false);
    }
    // What the undo made anew is another object, and renames are told by which object it is.
    ground.base = back;
    Ok(true)
}
