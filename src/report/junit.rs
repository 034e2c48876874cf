//! The report as JUnit XML, in the shape that GitLab, Jenkins, Buildkite and the GitHub actions read.
//!
//! One suite per database, engine version and phase. `<failure>` if and only if a finding makes the run fail; `<error>`
//! only for what could not be checked; suppressed and inherited findings and steps that did not run are `<skipped>` with
//! the reason. Names hold no line numbers and no times, so that consumers can follow a case from run to run.

use junit_report::{OffsetDateTime, ReportBuilder, TestSuite};

use super::junit_case::{Case, Names, case_of_error, case_of_silence, cases_of_phase};
use super::junit_extra::{self, FileExtra, SuiteExtra};
use super::{DatabaseReport, ErrorReport, Report, RunOutcome, xml_text};
use crate::replay::Phase;

/// Characters of a name or a property.
const LONGEST: usize = 1000;

/// One suite before it is written.
struct Suite {
    name: String,
    properties: Vec<(&'static str, String)>,
    cases: Vec<Case>,
}

/// The report as a JUnit XML file. Well-formed whatever the report's texts hold; the same for the same report.
pub fn to_junit(report: &Report) -> String {
    let suites = suites(report);
    let timestamp = timestamp(report.started_millis);
    let package = xml_text::attribute(&report.project, LONGEST);

    let mut file = ReportBuilder::new();
    let mut extra = FileExtra { attributes: Vec::new(), suites: Vec::new() };
    let (mut tests, mut failures, mut errors, mut skipped) = (0, 0, 0, 0);
    for suite in suites {
        let mut written = TestSuite::new(&suite.name);
        written.set_timestamp(timestamp);
        written.package.clone_from(&package);
        let (lines, cases): (Vec<_>, Vec<_>) = suite.cases.into_iter().map(|case| (case.line, case.test)).unzip();
        written.add_testcases(cases);
        tests += written.tests();
        failures += written.failures();
        errors += written.errors();
        skipped += written.skipped();
        extra.suites.push(SuiteExtra { skipped: written.skipped(), properties: suite.properties, lines });
        file.add_testsuite(written);
    }
    let name = if package.is_empty() { report.tool.name.as_str() } else { &package };
    let seconds = if report.totals.seconds.is_finite() { report.totals.seconds.max(0.0) } else { 0.0 };
    extra.attributes = vec![
        ("name", xml_text::attribute(name, LONGEST)),
        ("tests", tests.to_string()),
        ("failures", failures.to_string()),
        ("errors", errors.to_string()),
        ("skipped", skipped.to_string()),
        ("time", format!("{seconds:.3}")),
    ];

    let mut xml = Vec::new();
    file.build().write_xml(&mut xml).expect("a vector takes everything that is written to it");
    junit_extra::add(&String::from_utf8_lossy(&xml), extra).expect("every text went through the sanitiser")
}

fn suites(report: &Report) -> Vec<Suite> {
    let mut names = Names::default();
    let mut suites = Vec::new();
    let nameless = ErrorReport { phase: None, message: "the run ended before it reached a database".to_owned() };
    let unexplained = report.outcome == RunOutcome::Error && report.databases.is_empty() && report.errors.is_empty();
    let errors: Vec<&ErrorReport> = report.errors.iter().chain(unexplained.then_some(&nameless)).collect();
    if !errors.is_empty() {
        let class = class(&[&report.project, "run"]);
        let cases = errors.into_iter().map(|error| case_of_error(&class, error, &mut names)).collect();
        suites.push(Suite { name: "run".to_owned(), properties: Vec::new(), cases });
    }
    for database in &report.databases {
        suites.extend(suites_of_database(report, database, &mut names));
    }
    suites
}

/// A suite for each phase that ran or has something to tell, behind one for what kept all of them from running.
fn suites_of_database(report: &Report, database: &DatabaseReport, names: &mut Names) -> Vec<Suite> {
    let phases = [None].into_iter().chain(Phase::ALL.map(Some));
    let suite = |phase: Option<Phase>, cases| Suite {
        name: suite_name(database, phase_word(phase)),
        properties: properties(database),
        cases,
    };
    let class = |phase| class(&[&report.project, &database.name, phase_word(phase)]);
    let mut suites = Vec::new();
    for phase in phases {
        let class = class(phase);
        let errors = database.errors.iter().filter(|error| error.phase == phase);
        let mut cases: Vec<Case> = errors.map(|error| case_of_error(&class, error, names)).collect();
        let steps: Vec<_> = database.steps.iter().filter(|step| Some(step.phase) == phase).collect();
        let findings: Vec<_> = database.findings.iter().filter(|finding| Some(finding.phase) == phase).collect();
        cases.extend(cases_of_phase(&class, &steps, &findings, report.fail_on, names));
        if !cases.is_empty() {
            suites.push(suite(phase, cases));
        }
    }
    if suites.is_empty() {
        // Consumers take a file without cases for a broken one; nothing to report is a pass.
        suites.push(suite(None, vec![case_of_silence(&class(None), "no findings", names)]));
    }
    suites
}

/// The last part of the class name; outside of the phases `check`.
fn phase_word(phase: Option<Phase>) -> &'static str {
    phase.map_or("check", Phase::word)
}

fn suite_name(database: &DatabaseReport, phase: &str) -> String {
    let version = database.server_version.as_deref().unwrap_or_default();
    let parts = [&database.name, database.product(), version, phase].map(|part| xml_text::attribute(part, LONGEST));
    xml_text::attribute(&parts.join(" "), LONGEST)
}

fn properties(database: &DatabaseReport) -> Vec<(&'static str, String)> {
    let known = [
        ("engine", database.engine.map(crate::history::EngineKind::word)),
        ("server_version", database.server_version.as_deref()),
        ("provision", database.provision.as_deref()),
        ("image", database.image.as_deref()),
        ("image_digest", database.image_digest.as_deref()),
        ("format", database.format.as_deref()),
    ];
    known.into_iter().filter_map(|(name, value)| Some((name, xml_text::attribute(value?, LONGEST)))).collect()
}

/// A class name: parts joined by dots, at which consumers split it, so that a part has none itself.
fn class(parts: &[&str]) -> String {
    let part = |part: &&str| match xml_text::attribute(part, LONGEST).replace('.', "_") {
        empty if empty.is_empty() => "unnamed".to_owned(),
        part => part,
    };
    parts.iter().map(part).collect::<Vec<_>>().join(".")
}

/// The time of the run in UTC. A time that RFC 3339 cannot write is the epoch.
fn timestamp(millis: i64) -> OffsetDateTime {
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000);
    time.ok().filter(|time| (0..=9999).contains(&time.year())).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
