//! One fact about how far head rolls back.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{About, ChangeFields, ErrorFields, Fact, FactKind, ToldFields, details, int, step, told};
use crate::history::History;
use crate::replay::{Descent, Outcome, Phase, Step, Trace};
use crate::schema::Class;

#[derive(Serialize)]
struct DescentFields<'a> {
    reached: i64,
    of: i64,
    stopped_at: &'a str,
    explained: bool,
    error: ErrorFields<'a>,
    class: &'static str,
    changes: Vec<ChangeFields<'a>>,
    told: Vec<ToldFields>,
}

/// The fact of the descent, when it was tried.
pub(super) fn fact(history: &History, trace: &Trace, ran: &BTreeSet<Phase>) -> Option<Fact> {
    let descent = trace.descent.as_ref()?;
    let stopped_at = descent.stopped_at.and_then(|index| history.migrations.get(index));
    let failed = descent.stopped_at.and_then(|index| failed_step(trace, index));
    let mut about = match (stopped_at, failed) {
        (Some(migration), Some(step)) => step::about(migration, step),
        (Some(migration), None) => {
            let script = step::script(migration, Phase::Descent);
            About {
                migration: Some(migration.id.clone()),
                file: Some(script.path.clone()),
                line: Some(script.line()),
                ..About::default()
            }
        }
        (None, _) => About::default(),
    };
    if let Some(residue) = &descent.residue {
        about.object = residue.changes.first().map(|change| change.object.to_string());
        about.details = details(residue);
    }
    let fields = DescentFields {
        reached: int(descent.reached),
        of: int(descent.of),
        stopped_at: stopped_at.map_or("", |migration| &migration.id),
        explained: explained(history, trace, descent, ran),
        error: failed.and_then(|step| step.error.as_ref()).into(),
        class: descent.residue.as_ref().map_or("", |residue| residue.class().word()),
        changes: descent.residue.as_ref().map_or_else(Vec::new, step::changes),
        told: descent.residue.as_ref().map_or_else(Vec::new, told),
    };
    Some(super::fact(FactKind::Descent, Phase::Descent, fields, about))
}

fn failed_step(trace: &Trace, migration: usize) -> Option<&Step> {
    trace
        .steps
        .iter()
        .find(|step| step.phase == Phase::Descent && step.migration == migration && step.outcome == Outcome::Failed)
}

/// Whether the down phase already says why. Of a descent that stopped, the down of the same migration: it is missing,
/// failed, was refused or skipped. Of one that reached the base with something left over: any down that was not exact.
fn explained(history: &History, trace: &Trace, descent: &Descent, ran: &BTreeSet<Phase>) -> bool {
    let mut downs = trace.steps.iter().filter(|step| step.phase == Phase::Down);
    match descent.stopped_at {
        Some(index) => {
            let missing = history.migrations.get(index).is_some_and(|migration| migration.down.is_none());
            missing && ran.contains(&Phase::Down)
                || downs.any(|step| step.migration == index && step.outcome != Outcome::Passed)
        }
        None => downs.any(|step| {
            step.outcome != Outcome::Passed || step.diff.as_ref().is_some_and(|diff| diff.class() == Class::Structure)
        }),
    }
}
