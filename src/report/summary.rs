//! A run in a line per database and one for the whole.

use std::collections::BTreeMap;

use super::plain_text::counted;
use super::{DatabaseReport, DescentReport, Report, RunOutcome, StepReport};
use crate::policy::Level;
use crate::replay::{Outcome, Phase};
use crate::schema::Class;

/// What ran and how it went: `main · PostgreSQL 17.11 · local · sqlx · up 33 of 33 · down 33 exact, 0 failed · redo 33 ·
/// descent 33 of 33`.
pub(super) fn database_line(database: &DatabaseReport) -> String {
    let product = match &database.server_version {
        Some(version) => format!("{} {version}", database.product()),
        None => database.product().to_owned(),
    };
    let server = database.provision.as_ref().map(|provision| match (&database.image, provision.as_str()) {
        (Some(image), "container") => format!("container {image}"),
        _ => provision.clone(),
    });
    let of_phase = |phase| database.steps.iter().filter(|step| step.phase == phase).collect::<Vec<_>>();
    let phases = [
        up(&of_phase(Phase::Up), database.migrations),
        compared("down", &of_phase(Phase::Down)),
        compared("redo", &of_phase(Phase::Redo)),
        database.descent.as_ref().map(descent),
    ];
    let ran = phases.iter().any(Option::is_some);
    let not_run = (!ran).then(|| format!("{}, no step ran", counted(database.migrations, "migration")));
    let parts = [Some(database.name.clone()), Some(product), server, database.format.clone()];
    parts.into_iter().chain(phases).chain([not_run]).flatten().collect::<Vec<_>>().join(" · ")
}

/// The counts, and what the exit code says in words.
pub(super) fn last_line(report: &Report) -> String {
    let totals = &report.totals;
    let counts = format!(
        "{}, {}, {} in {:.1} s",
        counted(totals.errors, "error"),
        counted(totals.warnings, "warning"),
        counted(totals.notes, "note"),
        totals.seconds
    );
    let findings = || report.databases.iter().flat_map(|database| &database.findings);
    let suppressed = findings().filter(|finding| finding.suppressed.is_some()).count();
    let inherited = findings().filter(|finding| finding.suppressed.is_none() && finding.inherited).count();
    let set_aside = [(suppressed, "suppressed"), (inherited, "inherited")];
    let set_aside = set_aside.into_iter().filter(|(count, _)| *count > 0);
    let set_aside: String = set_aside.map(|(count, word)| format!(", {count} {word}")).collect();
    format!("{} ({counts}{set_aside})", outcome(report))
}

fn outcome(report: &Report) -> String {
    let failing = report.databases.iter().flat_map(|database| &database.findings);
    let failing = failing.filter(|finding| finding.fails(report.fail_on)).count();
    match report.outcome {
        RunOutcome::Passed => match report.fail_on {
            Some(Level::Note) => "passed: nothing was found".to_owned(),
            Some(level) => format!("passed: nothing at level {} or above", level.word()),
            None => "passed: every step was checked, and findings do not fail this run".to_owned(),
        },
        RunOutcome::Failed => {
            let level = report.fail_on.map_or("note", Level::word);
            format!("failed: {} at level {level} or above", counted(failing, "finding"))
        }
        RunOutcome::Error => {
            let kept = report.databases.iter().map(|database| database.errors.len()).sum::<usize>();
            let besides = match failing {
                0 => String::new(),
                _ => format!(", and {} besides", counted(failing, "failing finding")),
            };
            match kept + report.errors.len() {
                0 => format!("could not check everything{besides}"),
                count => format!("could not check everything: {}{besides}", counted(count, "problem")),
            }
        }
    }
}

fn up(steps: &[&StepReport], migrations: usize) -> Option<String> {
    let passed = count(steps, Outcome::Passed);
    (!steps.is_empty()).then(|| format!("up {passed} of {migrations}{}", troubles(steps, false)))
}

/// A phase whose steps are compared with an earlier schema, by what they left: `down 25 exact, 2 order, 0 failed`.
fn compared(word: &str, steps: &[&StepReport]) -> Option<String> {
    if steps.is_empty() {
        return None;
    }
    let mut classes: BTreeMap<Option<Class>, usize> = BTreeMap::new();
    for step in steps.iter().filter(|step| step.outcome == Outcome::Passed) {
        *classes.entry(step.class).or_default() += 1;
    }
    let unknown = classes.remove(&None).unwrap_or(0);
    let all_exact = classes.keys().all(|class| *class == Some(Class::Exact)) && unknown == 0;
    let exact = classes.remove(&Some(Class::Exact)).unwrap_or(0);
    if word == "redo" && all_exact {
        return Some(format!("redo {exact}{}", troubles(steps, false)));
    }
    let others = classes.iter().map(|(class, count)| format!(", {count} {}", class.map_or("", Class::word)));
    let others: String = others.collect();
    let unknown = if unknown > 0 { format!(", {unknown} not compared") } else { String::new() };
    Some(format!("{word} {exact} exact{others}{unknown}{}", troubles(steps, true)))
}

/// How many failed and how many did not run.
fn troubles(steps: &[&StepReport], even_none: bool) -> String {
    let (failed, skipped) = (count(steps, Outcome::Failed), count(steps, Outcome::Skipped));
    let failed = if failed > 0 || even_none { format!(", {failed} failed") } else { String::new() };
    let skipped = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
    failed + &skipped
}

fn count(steps: &[&StepReport], outcome: Outcome) -> usize {
    steps.iter().filter(|step| step.outcome == outcome).count()
}

fn descent(descent: &DescentReport) -> String {
    let stopped = descent.stopped_at.as_ref().map(|at| format!(", stopped at {at}")).unwrap_or_default();
    format!("descent {} of {}{stopped}", descent.reached, descent.of)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{fixture, step};
    use super::super::{Report, Totals};
    use super::*;

    #[test]
    fn a_database_in_a_line() {
        let report = fixture();
        assert_eq!(
            database_line(&report.databases[0]),
            "main · PostgreSQL 17.11 · container postgres:17 · sqlx · up 5 of 6, 1 failed · \
             down 1 exact, 1 order, 1 structure, 1 failed, 2 skipped · redo 2 exact, 1 order, 0 failed · \
             descent 1 of 5, stopped at 0004_status"
        );
        assert_eq!(database_line(&report.databases[1]), "events · SQLite · 1 migration, no step ran");
    }

    #[test]
    fn what_went_well_is_short() {
        let mut database = fixture().databases.remove(0);
        database.steps = vec![
            step("a", Phase::Up, None, 1.0),
            step("a", Phase::Down, Some(Class::Exact), 1.0),
            step("a", Phase::Redo, Some(Class::Exact), 1.0),
        ];
        database.migrations = 1;
        database.descent = Some(DescentReport { reached: 1, of: 1, stopped_at: None });
        let line = database_line(&database);
        assert!(line.ends_with("up 1 of 1 · down 1 exact, 0 failed · redo 1 · descent 1 of 1"), "{line}");
    }

    #[test]
    fn the_outcome_in_words() {
        let passed = Report {
            outcome: RunOutcome::Passed,
            databases: Vec::new(),
            errors: Vec::new(),
            totals: Totals { notes: 1, seconds: 0.04, ..Totals::default() },
            ..fixture()
        };
        assert_eq!(
            last_line(&passed),
            "passed: nothing at level error or above (0 errors, 0 warnings, 1 note in 0.0 s)"
        );
        let never = Report { fail_on: None, ..passed };
        assert!(last_line(&never).starts_with("passed: every step was checked, and findings do not fail"));
        let failed = Report { outcome: RunOutcome::Failed, ..fixture() };
        assert_eq!(
            last_line(&failed),
            "failed: 3 findings at level error or above (3 errors, 2 warnings, 9 notes in 1.2 s, 1 suppressed, 1 inherited)"
        );
        let error = last_line(&fixture());
        assert!(
            error.starts_with("could not check everything: 3 problems, and 3 failing findings besides ("),
            "{error}"
        );
    }
}
