//! What becomes of the steps and findings of one phase: the test cases of one suite.
//!
//! One case per migration carries the time of its step; one case per finding that fails the run, or that was suppressed
//! or inherited, carries the finding. Findings that are merely reported are told in the output of the migration's case,
//! which keeps the number of cases far below what GitLab reads. A step that failed has no case of its own where a case
//! of a finding tells of it: a failed step never shows as passed beside its failure.

use std::collections::HashSet;

use junit_report::{Duration, TestCase, TestResult};

use super::excerpt::excerpt;
use super::{ErrorReport, FindingReport, StepReport, xml_text};
use crate::policy::Level;
use crate::replay::Outcome;

/// Characters of a one-line message; the whole of it stands in the text.
const LONGEST_MESSAGE: usize = 400;
/// Characters of a name, a file or a reason.
const LONGEST_NAME: usize = 1000;
/// Lines of a statement.
const STATEMENT_LINES: usize = 40;

/// A test case, and what the JUnit writer cannot carry of it.
pub(super) struct Case {
    /// What the writer writes.
    pub(super) test: TestCase,
    /// The line of the file, counted from 1.
    pub(super) line: Option<usize>,
}

/// The names that are taken, so that no two cases of one class share a name: consumers drop or merge such.
#[derive(Default)]
pub(super) struct Names {
    taken: HashSet<(String, String)>,
}

impl Names {
    /// `name`, or if it is taken `name` with what tells it apart: the object, else a number.
    fn unique(&mut self, class: &str, name: &str, object: Option<&str>) -> String {
        let name = match xml_text::attribute(name, LONGEST_NAME) {
            empty if empty.is_empty() => "unnamed".to_owned(),
            name => name,
        };
        let with_object = object.map(|object| format!("{name} {}", xml_text::attribute(object, LONGEST_NAME)));
        let numbered = (2_usize..).map(|number| format!("{name} ({number})"));
        [name.clone()]
            .into_iter()
            .chain(with_object)
            .chain(numbered)
            .find(|name| self.taken.insert((class.to_owned(), name.clone())))
            .unwrap_or(name)
    }
}

/// The cases of one phase: of its steps in their order, then of the findings that belong to none of them.
pub(super) fn cases_of_phase(
    class: &str,
    steps: &[&StepReport],
    findings: &[&FindingReport],
    fail_on: Option<Level>,
    names: &mut Names,
) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut homeless: Vec<&FindingReport> = findings.to_vec();
    for step in steps {
        let (own, others): (Vec<_>, Vec<_>) =
            homeless.into_iter().partition(|finding| finding.migration.as_deref() == Some(&step.migration));
        homeless = others;
        let (told, with_case): (Vec<_>, Vec<_>) = own.into_iter().partition(|finding| merely_told(finding, fail_on));
        let first = cases.len();
        if step.outcome != Outcome::Failed || with_case.is_empty() {
            cases.push(case_of_step(class, step, names));
        }
        cases.extend(with_case.iter().map(|finding| case_of_finding(class, finding, fail_on, names)));
        if let Some(home) = cases.get_mut(first) {
            home.test.time = duration(step.millis);
            for finding in told {
                append_output(&mut home.test, &text_of(finding));
            }
        }
    }
    cases.extend(homeless.into_iter().map(|finding| case_of_finding(class, finding, fail_on, names)));
    cases
}

/// A case that says that something could not be checked.
pub(super) fn case_of_error(class: &str, error: &ErrorReport, names: &mut Names) -> Case {
    let name = names.unique(class, "could not check", None);
    let message = xml_text::attribute(&error.message, LONGEST_MESSAGE);
    let mut test = TestCase::error(&name, Duration::ZERO, "could-not-check", &message);
    if let TestResult::Error { cause, .. } = &mut test.result {
        *cause = Some(xml_text::cdata(&error.message));
    }
    test.set_classname(class);
    Case { test, line: None }
}

/// A case that passed, where there is nothing else to tell.
pub(super) fn case_of_silence(class: &str, name: &str, names: &mut Names) -> Case {
    let mut test = TestCase::success(&names.unique(class, name, None), Duration::ZERO);
    test.set_classname(class);
    Case { test, line: None }
}

/// Whether a finding neither fails the run nor was set aside.
fn merely_told(finding: &FindingReport, fail_on: Option<Level>) -> bool {
    !finding.fails(fail_on) && finding.suppressed.is_none() && !finding.inherited
}

fn case_of_step(class: &str, step: &StepReport, names: &mut Names) -> Case {
    let name = names.unique(class, &step.migration, None);
    let mut test = match step.outcome {
        Outcome::Skipped => {
            let reason = step.skipped.as_deref().unwrap_or("not run");
            TestCase::skipped_with_cause(&name, "skipped", &xml_text::attribute(reason, LONGEST_MESSAGE))
        }
        Outcome::Passed | Outcome::Failed => TestCase::success(&name, Duration::ZERO),
    };
    test.set_classname(class);
    if let Some(file) = &step.file {
        test.set_filepath(&xml_text::attribute(file, LONGEST_NAME));
    }
    if let Some(error) = &step.error {
        let code = error.code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default();
        append_output(&mut test, &format!("the step failed{code}: {}", error.message));
    }
    Case { test, line: step.file.as_ref().map(|_| step.line.unwrap_or(1)) }
}

fn case_of_finding(class: &str, finding: &FindingReport, fail_on: Option<Level>, names: &mut Names) -> Case {
    let parts = [&finding.migration, &finding.file, &finding.object];
    let subject = parts.into_iter().flatten().next().map_or("history", String::as_str);
    let name = names.unique(class, &format!("{subject} [{}]", finding.rule), finding.object.as_deref());
    let rule = xml_text::attribute(&finding.rule, LONGEST_NAME);
    let text = text_of(finding);
    let mut test = if let Some(reason) = set_aside(finding) {
        let mut test = TestCase::skipped_with_cause(&name, &rule, &xml_text::attribute(&reason, LONGEST_MESSAGE));
        if let TestResult::SkippedWithCause { cause, .. } = &mut test.result {
            *cause = Some(xml_text::cdata(&text));
        }
        test
    } else if finding.fails(fail_on) {
        let message = xml_text::attribute(&finding.message, LONGEST_MESSAGE);
        let mut test = TestCase::failure(&name, Duration::ZERO, &rule, &message);
        if let TestResult::Failure { cause, .. } = &mut test.result {
            *cause = Some(xml_text::cdata(&text));
        }
        if let Some(statement) = statement(finding) {
            append_output(&mut test, &statement);
        }
        test
    } else {
        let mut test = TestCase::success(&name, Duration::ZERO);
        append_output(&mut test, &text);
        test
    };
    test.set_classname(class);
    if let Some(file) = &finding.file {
        test.set_filepath(&xml_text::attribute(file, LONGEST_NAME));
    }
    Case { test, line: finding.file.as_ref().map(|_| finding.line.unwrap_or(1)) }
}

/// Why a finding does not count, if it does not.
fn set_aside(finding: &FindingReport) -> Option<String> {
    match (&finding.suppressed, finding.inherited) {
        (Some(reason), _) => Some(format!("suppressed: {reason}")),
        (None, true) => Some("inherited: the base reference has this finding too".to_owned()),
        (None, false) => None,
    }
}

/// Everything about a finding, one fact a line.
fn text_of(finding: &FindingReport) -> String {
    let mut lines = vec![format!("{}[{}]: {}", finding.level.word(), finding.rule, finding.message)];
    lines.extend(finding.further_details().iter().map(|detail| format!("  {detail}")));
    let stated = |word: &str, text: &str| (!text.is_empty()).then(|| format!("{word}: {text}"));
    lines.extend(stated("why", &finding.why));
    lines.extend(stated("help", &finding.help));
    if let Some(file) = &finding.file {
        // On a line of its own: consumers look for `path:line` in the text.
        lines.push(format!("{file}:{}", finding.line.unwrap_or(1)));
    }
    lines.push(format!("policy: {}:{}", finding.policy.file, finding.policy.line));
    lines.extend(statement(finding).map(|statement| format!("\n{statement}")));
    lines.join("\n")
}

/// The statement that a finding points at.
fn statement(finding: &FindingReport) -> Option<String> {
    let text = excerpt(finding.snippet.as_ref()?, STATEMENT_LINES).text;
    (!text.trim().is_empty()).then_some(text)
}

fn append_output(test: &mut TestCase, text: &str) {
    let text = xml_text::cdata(text);
    test.system_out = Some(match test.system_out.take() {
        Some(before) => format!("{before}\n\n{text}"),
        None => text,
    });
}

/// Milliseconds as a duration of whole microseconds. What no clock gives counts as nothing.
fn duration(millis: f64) -> Duration {
    const LONGEST_MILLIS: f64 = 1e10;
    let millis = if millis.is_finite() { millis.clamp(0.0, LONGEST_MILLIS) } else { 0.0 };
    Duration::seconds_f64((millis * 1e3).round() / 1e6)
}
