//! The report for GitHub Actions: annotations at files and lines, and the outputs of the step.
//!
//! GitHub shows ten annotations of a kind for each step and drops the others without a word. So the ten that matter most
//! are written, and where there are more, a notice says how many.

use super::plain_text::{counted, for_terminal, one_clean_line, shortened};
use super::ranking::ranked;
use super::workflow_command::command;
use super::{DatabaseReport, ErrorReport, FindingReport, Report, RunOutcome};
use crate::policy::Level;

/// How many annotations of a kind GitHub takes from a step.
const MOST: usize = 10;
/// Details that are told in an annotation.
const DETAILS: usize = 12;
/// Characters of one text in an annotation.
const LONGEST: usize = 1000;
/// Characters of a title; GitHub refuses more than 255.
const LONGEST_TITLE: usize = 200;

/// The report as workflow commands, a line each: first the problems beside the check (a report that could not be written),
/// then what could not be checked, then the findings that count, the
/// gravest first and among equals those in changed files. Files stand as findings name them; GitHub wants them relative to
/// its workspace, which [`super::seen_from`] does.
pub fn to_github(report: &Report, problems: &[String]) -> String {
    let beside = problems.iter().map(|problem| (Level::Error, beside_the_check(problem)));
    let of_databases = report.databases.iter().flat_map(|database| {
        database.errors.iter().map(move |error| (Level::Error, not_checked(name_among(report, database), error)))
    });
    let of_run = report.errors.iter().map(|error| (Level::Error, not_checked(None, error)));
    let found = ranked(report)
        .into_iter()
        .map(|(database, finding)| (finding.level, annotation(name_among(report, database), finding)));
    let all: Vec<(Level, String)> = beside.chain(of_run).chain(of_databases).chain(found).collect();
    let kind = |level: Level| all.iter().filter(move |(other, _)| *other == level).map(|(_, line)| line.as_str());
    let graver = [Level::Error, Level::Warning];
    let notes = kind(Level::Note).count();
    let too_many = graver.iter().any(|level| kind(*level).count() > MOST) || notes > MOST;
    // The notice that says how many there are besides is one of its kind.
    let most_notes = if too_many { MOST - 1 } else { MOST };
    let mut lines: Vec<&str> = graver.iter().flat_map(|level| kind(*level).take(MOST)).collect();
    lines.extend(kind(Level::Note).take(most_notes));
    let mut text = lines.concat();
    if too_many {
        let more = graver.map(|level| (kind(level).count().saturating_sub(MOST), level.word()));
        let more = more.into_iter().chain([(notes.saturating_sub(most_notes), Level::Note.word())]);
        let more: Vec<String> =
            more.filter(|(more, _)| *more > 0).map(|(more, word)| counted_more(more, word)).collect();
        let message = format!("{}; the summary of this step lists them", more.join(", "));
        text.push_str(&command("notice", &[("title", Some("Rollproof".to_owned()))], &message));
    }
    text
}

/// `1 more error`, `2 more errors`.
fn counted_more(count: usize, word: &str) -> String {
    counted(count, &format!("more {word}"))
}

/// The outputs of a step, a line each: `outcome`, `failed` (findings that make the run fail), `warnings` and `migrations`.
/// The outcome is that of the step: with problems beside the check an error, whatever the check came to.
pub fn github_outputs(report: &Report, problems: &[String]) -> String {
    let findings = report.databases.iter().flat_map(|database| &database.findings);
    let failed = findings.filter(|finding| finding.fails(report.fail_on)).count();
    let outcome = match report.outcome {
        _ if !problems.is_empty() => "error",
        RunOutcome::Passed => "passed",
        RunOutcome::Failed => "failed",
        RunOutcome::Error => "error",
    };
    let totals = &report.totals;
    format!("outcome={outcome}\nfailed={failed}\nwarnings={}\nmigrations={}\n", totals.warnings, totals.migrations)
}

/// The name of a database where there is another one to confuse it with.
fn name_among<'r>(report: &Report, database: &'r DatabaseReport) -> Option<&'r str> {
    (report.databases.len() > 1).then_some(database.name.as_str())
}

fn title(words: &str, database: Option<&str>) -> Option<String> {
    let database = database.map(|name| format!(" ({name})")).unwrap_or_default();
    Some(shortened(&one_clean_line(&format!("{words}{database}")), LONGEST_TITLE))
}

fn beside_the_check(problem: &str) -> String {
    command("error", &[("title", Some("Rollproof".to_owned()))], &shortened(&for_terminal(problem), LONGEST))
}

fn not_checked(database: Option<&str>, error: &ErrorReport) -> String {
    let phase = error.phase.map(|phase| format!(" in the {} phase", phase.word())).unwrap_or_default();
    let message = shortened(&for_terminal(&error.message), LONGEST);
    command("error", &[("title", title(&format!("could not check{phase}"), database))], &message)
}

fn annotation(database: Option<&str>, finding: &FindingReport) -> String {
    let kind = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let text = |text: &str| shortened(&for_terminal(text), LONGEST);
    let mut lines = vec![text(&finding.message)];
    lines.extend(finding.further_details().iter().take(DETAILS).map(|detail| format!("- {}", text(detail))));
    if finding.further_details().len() > DETAILS {
        lines.push(format!("- {} more", finding.further_details().len() - DETAILS));
    }
    if !finding.help.trim().is_empty() {
        lines.push(format!("help: {}", text(&finding.help)));
    }
    let line = finding.file.as_ref().and(finding.line);
    let properties = [
        ("file", finding.file.as_deref().map(for_terminal)),
        ("line", line.map(|line| line.to_string())),
        ("endLine", line.map(|line| last_line(finding, line).to_string())),
        ("title", title(&finding.rule, database)),
    ];
    command(kind, &properties, &lines.join("\n"))
}

/// The line at which what is marked ends; `first` where nothing is.
fn last_line(finding: &FindingReport, first: usize) -> usize {
    let Some(snippet) = &finding.snippet else { return first };
    let end = snippet.text.floor_char_boundary(snippet.span.end);
    let start = snippet.text.floor_char_boundary(snippet.span.start).min(end);
    // A mark that reaches over the end of its statement does not reach into the next line.
    let marked = start + snippet.text[start..end].trim_end().len();
    (snippet.first_line + snippet.text[..marked].matches('\n').count()).max(first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fixture::{finding, fixture, golden, snippet};
    use super::*;
    use crate::policy::Snippet;
    use crate::replay::Phase;

    #[test]
    fn the_whole_report() {
        golden("report.github.txt", &to_github(&fixture(), &[]));
    }

    #[test]
    fn the_outputs_of_a_step() {
        assert_eq!(github_outputs(&fixture(), &[]), "outcome=error\nfailed=3\nwarnings=2\nmigrations=7\n");
        let lenient = Report { fail_on: None, outcome: RunOutcome::Passed, ..fixture() };
        assert_eq!(github_outputs(&lenient, &[]), "outcome=passed\nfailed=0\nwarnings=2\nmigrations=7\n");
        let problems = ["cannot write j.xml".to_owned()];
        assert_eq!(github_outputs(&lenient, &problems), "outcome=error\nfailed=0\nwarnings=2\nmigrations=7\n");
    }

    fn many(errors: usize, warnings: usize, notes: usize) -> Report {
        let mut report = Report { errors: Vec::new(), ..fixture() };
        report.databases.truncate(1);
        report.databases[0].errors.clear();
        let found = |level, count: usize| {
            (0..count).map(move |n| finding("rule", level, Phase::Down, &format!("m{n:02}"), &format!("number {n}")))
        };
        let levels =
            found(Level::Note, notes).chain(found(Level::Warning, warnings)).chain(found(Level::Error, errors));
        report.databases[0].findings = levels.collect();
        report
    }

    fn count(text: &str, kind: &str) -> usize {
        text.lines().filter(|line| line.starts_with(&format!("::{kind} "))).count()
    }

    #[test]
    fn no_more_of_a_kind_than_github_shows() {
        for (numbers, shown, last) in [
            ((10, 10, 10), (10, 10, 10), None),
            ((11, 0, 0), (10, 0, 1), Some("1 more error;")),
            ((12, 13, 4), (10, 10, 5), Some("2 more errors, 3 more warnings;")),
            ((0, 0, 11), (0, 0, 10), Some("2 more notes;")),
            ((11, 2, 10), (10, 2, 10), Some("1 more error, 1 more note;")),
        ] {
            let text = to_github(&many(numbers.0, numbers.1, numbers.2), &[]);
            assert_eq!((count(&text, "error"), count(&text, "warning"), count(&text, "notice")), shown, "{text}");
            let end = text.lines().last().unwrap();
            match last {
                Some(last) => assert!(end.starts_with(&format!("::notice title=Rollproof::{last}")), "{end}"),
                None => assert!(!text.contains(" more "), "{text}"),
            }
        }
    }

    #[test]
    fn the_gravest_in_changed_files_are_those_that_are_shown() {
        let mut report = many(30, 0, 0);
        report.changed_files = vec!["migrations/m29.down.sql".to_owned()];
        report.databases[0].errors =
            vec![ErrorReport { phase: Some(Phase::Redo), message: "the server went away".to_owned() }];
        let text = to_github(&report, &["100% of the disk\nare full".to_owned()]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "::error title=Rollproof::100%25 of the disk%0Aare full");
        let lines = &lines[1..];
        assert_eq!(lines[0], "::error title=could not check in the redo phase::the server went away");
        assert!(lines[1].starts_with("::error file=migrations/m29.down.sql,line=1,endLine=1,title=rule::number 29"));
        assert!(lines[2].starts_with("::error file=migrations/m00.down.sql,"));
        assert_eq!(count(&text, "error"), 10);
    }

    #[test]
    fn a_mark_of_several_lines_is_told_with_its_end() {
        let script = "SELECT 1;\nALTER TABLE a\n  DROP b\n  ;\n";
        let mut found = finding("up-fails", Level::Error, Phase::Up, "m", "it fails");
        found.line = Some(2);
        found.snippet = snippet(script, "ALTER TABLE a\n  DROP b\n", "ALTER TABLE a\n  DROP b\n", "");
        assert!(
            annotation(None, &found).starts_with("::error file=migrations/m.down.sql,line=2,endLine=3,title=up-fails")
        );
    }

    proptest! {
        #[test]
        fn an_annotation_is_one_line_whatever_it_says(
            any in any::<String>(), a in 0..80_usize, b in 0..80_usize, separators in "[%:,\r\n\u{1b}]{0,9}",
        ) {
            let text = format!("{any}{separators}");
            let mut report = many(2, 1, 1);
            report.databases[0].name.clone_from(&text);
            report.errors.push(ErrorReport { phase: None, message: text.clone() });
            for found in &mut report.databases[0].findings {
                found.file = Some(text.clone());
                (found.message, found.rule, found.help) = (text.clone(), text.clone(), text.clone());
                found.details = vec![text.clone()];
                found.snippet =
                    Some(Snippet { text: text.as_str().into(), first_line: 1, span: a..b, statement: a..b, label: String::new() });
            }
            let written = to_github(&report, std::slice::from_ref(&text));
            prop_assert_eq!(written.lines().count(), 6);
            for line in written.lines() {
                let line = line.strip_prefix("::").unwrap();
                let (head, _) = line.split_once("::").unwrap();
                let (kind, properties) = head.split_once(' ').unwrap();
                prop_assert!(["error", "warning", "notice"].contains(&kind));
                for property in properties.split(',') {
                    let (key, _) = property.split_once('=').unwrap();
                    prop_assert!(["file", "line", "endLine", "title"].contains(&key), "{}", line);
                }
                prop_assert!(line.chars().all(|c| !c.is_control()), "{:?}", line);
            }
        }
    }
}
