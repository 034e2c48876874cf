//! From what was seen and judged to the report.

use std::time::Duration;

use super::Settings;
use super::database::Checked;
use crate::history::{EngineKind, History};
use crate::policy::Level;
use crate::replay::{CheckError, Outcome, Phase, Retry, Step, Trace};
use crate::report::{
    CannotTell, DatabaseReport, DescentReport, ErrorReport, Report, RetryReport, RunOutcome, StepErrorReport,
    StepReport, Tool, Totals,
};
use crate::schema::Unreadable;

/// The report of one database.
pub(super) fn database(name: &str, checked: Checked) -> DatabaseReport {
    let history = checked.history.as_ref();
    let trace = checked.trace.as_ref();
    let id = |index: usize| history.map_or_else(String::new, |history| history.migrations[index].id.clone());
    let steps = match (history, trace) {
        (Some(history), Some(trace)) => trace.steps.iter().map(|taken| step(history, taken)).collect(),
        _ => Vec::new(),
    };
    let descent = trace.and_then(|trace| trace.descent.as_ref()).map(|descent| DescentReport {
        reached: descent.reached,
        of: descent.of,
        stopped_at: descent.stopped_at.map(id),
    });
    let cannot_tell: Vec<CannotTell> = trace.map(Trace::unreadable).into_iter().flatten().map(cannot_tell).collect();
    let mut errors: Vec<ErrorReport> = checked.errors.into_iter().map(error).collect();
    errors.extend(cannot_tell.iter().map(|unread| ErrorReport { phase: None, message: unread.message() }));
    DatabaseReport {
        name: name.to_owned(),
        engine: checked.engine,
        server_version: checked.server_version,
        provision: checked.provision.map(str::to_owned),
        image: checked.image.filter(|_| checked.engine != Some(EngineKind::Sqlite)),
        image_digest: checked.image_digest,
        format: history.map(|history| history.format.to_owned()),
        migrations: history.map_or(0, |history| history.migrations.len()),
        steps,
        descent,
        findings: checked.findings.into_iter().map(Into::into).collect(),
        errors,
        cannot_tell,
        notes: checked.notes,
    }
}

fn cannot_tell(unreadable: &Unreadable) -> CannotTell {
    CannotTell {
        kinds: unreadable.printed_kinds(),
        catalog: unreadable.catalog.clone(),
        role: unreadable.role.clone(),
        reason: unreadable.reason.clone(),
        help: unreadable.help.clone(),
    }
}

fn error(error: CheckError) -> ErrorReport {
    ErrorReport { phase: error.phase, message: error.message }
}

fn step(history: &History, step: &Step) -> StepReport {
    let migration = &history.migrations[step.migration];
    let script = match step.phase {
        Phase::Down | Phase::Descent => migration.down.as_ref().unwrap_or(&migration.up),
        _ => &migration.up,
    };
    let script = script.part(step.error.as_ref().map_or(0, |error| error.part));
    let compared = matches!(step.phase, Phase::Down | Phase::Redo);
    StepReport {
        migration: migration.id.clone(),
        phase: step.phase,
        outcome: step.outcome,
        class: step.diff.as_ref().filter(|_| compared).map(crate::schema::Diff::class),
        millis: rounded(step.millis, 1000.0),
        file: Some(script.path.display().to_string()),
        line: Some(step.error.as_ref().map_or_else(|| script.line(), |error| error.line)),
        error: step.error.as_ref().map(|error| StepErrorReport {
            kind: error.kind,
            code: error.code.clone(),
            message: error.message.clone(),
        }),
        skipped: step.skipped.clone(),
        retry: step.retry.as_ref().map(|retry| match retry {
            Retry::Retryable => RetryReport::Retryable,
            Retry::Same(_) => RetryReport::Same,
            Retry::Dirty(_) => RetryReport::Dirty,
        }),
    }
}

/// The report of the run, but for its time and the files that changed.
pub(super) fn report(
    settings: &Settings,
    databases: Vec<DatabaseReport>,
    mut errors: Vec<ErrorReport>,
    took: Duration,
) -> Report {
    if databases.is_empty() && errors.is_empty() {
        let message = "nothing was checked: no database of the configuration was chosen".to_owned();
        errors.push(ErrorReport { phase: None, message });
    }
    let failed = databases.iter().flat_map(|database| &database.findings).any(|found| found.fails(settings.fail_on));
    let outcome = if !errors.is_empty() || databases.iter().any(|database| !database.errors.is_empty()) {
        RunOutcome::Error
    } else if failed {
        RunOutcome::Failed
    } else {
        RunOutcome::Passed
    };
    Report {
        version: 1,
        tool: Tool::this(),
        outcome,
        totals: totals(&databases, took),
        databases,
        errors,
        fail_on: settings.fail_on,
        started_millis: 0,
        project: settings.name.clone(),
        changed_files: Vec::new(),
    }
}

fn totals(databases: &[DatabaseReport], took: Duration) -> Totals {
    let steps = || databases.iter().flat_map(|database| &database.steps);
    let count = |level: Level| {
        let counts = |found: &&crate::report::FindingReport| {
            found.level == level && found.suppressed.is_none() && !found.inherited
        };
        databases.iter().flat_map(|database| &database.findings).filter(counts).count()
    };
    Totals {
        migrations: databases.iter().map(|database| database.migrations).sum(),
        steps: steps().count(),
        failed: steps().filter(|step| step.outcome == Outcome::Failed).count(),
        errors: count(Level::Error),
        warnings: count(Level::Warning),
        notes: count(Level::Note),
        seconds: rounded(took.as_secs_f64(), 1000.0),
    }
}

fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}
