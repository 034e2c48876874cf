//! One fact for each step of the replay.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use super::undefined::{Names, undefined_name};
use super::{About, ChangeFields, ErrorFields, Fact, FactKind, ToldFields, details, fact, int, told};
use crate::history::{History, Migration, Script};
use crate::policy::Snippet;
use crate::replay::{ErrorKind, Outcome, Phase, Retry, Step, StepError, Trace};
use crate::schema::{Class, Diff};

#[derive(Serialize)]
struct StepFields<'a> {
    migration: &'a str,
    phase: &'static str,
    outcome: &'static str,
    skipped: &'a str,
    statements: i64,
    down_exists: bool,
    error: ErrorFields<'a>,
    class: &'static str,
    changes: Vec<ChangeFields<'a>>,
    told: Vec<ToldFields>,
    left_behind: Vec<ChangeFields<'a>>,
    left_told: Vec<ToldFields>,
    rows_left: &'a [String],
    retry: &'static str,
    retry_error: &'a str,
    up_changed_structure: bool,
    down_restored_structure: bool,
    down_restored_privileges: bool,
    names_undefined_object: bool,
    undefined_name: &'a str,
    names_object_never_seen: bool,
    first_failing_up: bool,
    lacks_base: bool,
}

/// The facts of all steps, in the order in which they ran.
pub(super) fn facts(history: &History, trace: &Trace) -> Vec<Fact> {
    let ups = ups_by_migration(trace);
    let first_failing_up = trace.steps.iter().position(failing_up);
    let mut names: Option<Names> = None;
    let mut last_down: HashMap<usize, &Step> = HashMap::new();
    let mut facts = Vec::with_capacity(trace.steps.len());
    for (index, step) in trace.steps.iter().enumerate() {
        let Some(migration) = history.migrations.get(step.migration) else { continue };
        if step.phase == Phase::Down {
            last_down.insert(step.migration, step);
        }
        let down = (step.phase == Phase::Redo).then(|| last_down.get(&step.migration)).flatten();
        let restored = |class| down.is_some_and(|down| restored(down, class));
        let undefined = step.error.as_ref().filter(|_| step.phase == Phase::Up).and_then(undefined_name);
        // The names are gathered only when an error asks for them, which a clean history never does.
        let never_seen =
            undefined.is_some_and(|name| !name.is_empty() && !names.get_or_insert_with(|| Names::of(trace)).hold(name));
        let first = first_failing_up == Some(index);
        let fields = StepFields {
            migration: &migration.id,
            phase: step.phase.word(),
            outcome: outcome(step.outcome),
            skipped: step.skipped.as_deref().unwrap_or(""),
            statements: int(step.statements),
            down_exists: migration.down.is_some(),
            error: step.error.as_ref().into(),
            class: step.diff.as_ref().map_or("", |diff| diff.class().word()),
            changes: step.diff.as_ref().map_or_else(Vec::new, changes),
            told: step.diff.as_ref().map_or_else(Vec::new, told),
            left_behind: changes(&step.left_behind),
            left_told: told(&step.left_behind),
            rows_left: &step.rows_left,
            retry: match &step.retry {
                None => "",
                Some(Retry::Retryable) => "retryable",
                Some(Retry::Same(_)) => "same",
                Some(Retry::Dirty(_)) => "dirty",
            },
            retry_error: match &step.retry {
                Some(Retry::Same(error) | Retry::Dirty(error)) => &error.message,
                Some(Retry::Retryable) | None => "",
            },
            up_changed_structure: ups.get(&step.migration).is_some_and(|up| changed_structure(up)),
            down_restored_structure: restored(Class::Structure),
            down_restored_privileges: restored(Class::Privilege),
            names_undefined_object: undefined.is_some(),
            undefined_name: undefined.unwrap_or(""),
            names_object_never_seen: never_seen,
            first_failing_up: first,
            lacks_base: first && never_seen,
        };
        facts.push(fact(FactKind::Step, step.phase, fields, about(migration, step)));
    }
    facts
}

/// The first up of each migration that ran through; what it changed is what its down has to undo.
fn ups_by_migration(trace: &Trace) -> HashMap<usize, &Step> {
    let mut ups = HashMap::new();
    for step in &trace.steps {
        if step.phase == Phase::Up && step.outcome == Outcome::Passed {
            ups.entry(step.migration).or_insert(step);
        }
    }
    ups
}

fn changed_structure(up: &Step) -> bool {
    up.diff.as_ref().is_some_and(|diff| diff.class() == Class::Structure)
}

/// A lost server says nothing about the migration.
fn failing_up(step: &Step) -> bool {
    step.phase == Phase::Up
        && step.outcome == Outcome::Failed
        && step.error.as_ref().is_none_or(|error| error.kind != ErrorKind::Lost)
}

/// Whether a down ran and left no difference of this class.
fn restored(down: &Step, class: Class) -> bool {
    let Some(diff) = &down.diff else { return false };
    down.outcome == Outcome::Passed && diff.changes.iter().all(|change| change.class != class)
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "failed",
        Outcome::Skipped => "skipped",
    }
}

pub(super) fn changes(diff: &Diff) -> Vec<ChangeFields<'_>> {
    diff.changes.iter().map(ChangeFields::from).collect()
}

/// The script that a step runs; the up script where the down script that it wants is missing.
pub(super) fn script(migration: &Migration, phase: Phase) -> &Script {
    match phase {
        Phase::Down | Phase::Descent => migration.down.as_ref().unwrap_or(&migration.up),
        Phase::Graph | Phase::Up | Phase::Redo | Phase::Agreement | Phase::Policy => &migration.up,
    }
}

/// What a finding about a step points at: the error where there is one, else the script and the differences.
pub(super) fn about(migration: &Migration, step: &Step) -> About {
    let script = script(migration, step.phase);
    let script = script.part(step.error.as_ref().map_or(script.own_part(), |error| error.part));
    let diff = step.diff.as_ref().unwrap_or(&step.left_behind);
    let details = match &step.error {
        Some(error) => error.detail.iter().flat_map(|detail| detail.lines()).map(str::to_owned).collect(),
        None => details(diff),
    };
    About {
        migration: Some(migration.id.clone()),
        object: diff.changes.first().map(|change| change.object.to_string()),
        file: Some(script.path.clone()),
        line: Some(step.error.as_ref().map_or_else(|| script.line(), |error| error.line)),
        snippet: step.error.as_ref().and_then(|error| snippet(script, error)),
        details,
    }
}

/// The script with the error marked in it; none for a script without text, as tools that do not run files have.
fn snippet(script: &Script, error: &StepError) -> Option<Snippet> {
    let fits = script.text.get(error.span.clone()).is_some() && script.text.get(error.statement.clone()).is_some();
    (fits && !script.text.is_empty()).then(|| Snippet {
        text: Arc::clone(&script.text),
        first_line: script.first_line,
        span: error.span.clone(),
        statement: error.statement.clone(),
        label: error.message.clone(),
    })
}
