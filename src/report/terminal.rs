//! The report for a person at a terminal or at the end of a CI log.
//!
//! Findings stand in the order of the report, which is that of the history: the first is mostly the cause of those behind
//! it. Then what could not be checked, a line per database, and last the counts with the outcome in words.

use std::collections::BTreeMap;

use annotate_snippets::Renderer;
use annotate_snippets::renderer::{
    AnsiColor, DEFAULT_EMPHASIS_STYLE, DEFAULT_ERROR_STYLE, DEFAULT_WARNING_STYLE, Effects, Style,
};

use super::plain_text::{for_terminal, one_clean_line, one_line};
use super::terminal_finding::{INHERITED, error_block, finding_block, folded_line, set_aside_word};
use super::{DatabaseReport, FindingReport, Report, RunOutcome, StepReport, summary};
use crate::policy::Level;
use crate::replay::Outcome;

/// Findings of one rule that are shown where they do not fail the run; the others are counted.
const SHOWN_PER_RULE: usize = 5;

/// How much is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verbosity {
    /// What fails the run, what could not be checked, and the last line.
    Quiet,
    /// Every finding, suppressed ones on a line each, inherited ones counted, repeated notes only a few times.
    #[default]
    Normal,
    /// Every step with its time, and every finding with all its details.
    Verbose,
}

/// How to tell it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TerminalOptions {
    /// With colours; the caller knows whether the terminal shows them.
    pub color: bool,
    /// How much.
    pub verbosity: Verbosity,
}

/// The report as text, closed by a line end. No control character from a message or a script is passed on.
pub fn to_text(report: &Report, options: TerminalOptions) -> String {
    let renderer = if options.color { Renderer::styled() } else { Renderer::plain() };
    let paint = |style: Style, text: &str| {
        if options.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    };
    let mut page = Page::default();
    let several = report.databases.len() > 1;
    for database in &report.databases {
        let mut section = Page::default();
        if options.verbosity == Verbosity::Verbose {
            database.steps.iter().for_each(|step| section.line(&step_line(step)));
        }
        findings(&mut section, &renderer, database, report.fail_on, options.verbosity);
        if several && !section.text.is_empty() {
            page.gap();
            page.line(&paint(DEFAULT_EMPHASIS_STYLE, &one_clean_line(&format!("database {}", database.name))));
        }
        page.append(&section);
    }
    for error in &report.errors {
        page.block(&error_block(&renderer, None, error));
    }
    for database in &report.databases {
        for error in &database.errors {
            page.block(&error_block(&renderer, Some(&database.name), error));
        }
    }
    page.gap();
    if options.verbosity != Verbosity::Quiet {
        for database in &report.databases {
            for note in &database.notes {
                page.line(&one_clean_line(&format!("{}: note: {note}", database.name)));
            }
            page.line(&one_clean_line(&summary::database_line(database)));
        }
    }
    let style = match report.outcome {
        RunOutcome::Passed => AnsiColor::Green.on_default().effects(Effects::BOLD),
        RunOutcome::Failed => DEFAULT_ERROR_STYLE,
        RunOutcome::Error => DEFAULT_WARNING_STYLE,
    };
    page.line(&paint(style, &one_clean_line(&summary::last_line(report))));
    page.text
}

/// The findings of one database.
fn findings(
    page: &mut Page,
    renderer: &Renderer,
    database: &DatabaseReport,
    fail_on: Option<Level>,
    verbosity: Verbosity,
) {
    // How often each kind of line was shown already, and how often not.
    let mut seen: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for finding in &database.findings {
        let fails = finding.fails(fail_on);
        if verbosity == Verbosity::Quiet && !fails {
            continue;
        }
        let set_aside = finding.suppressed.is_some() || finding.inherited;
        let repeats = set_aside || (finding.level == Level::Note && !fails);
        if repeats && verbosity != Verbosity::Verbose {
            let (shown, hidden) = seen.entry(kind(finding, set_aside)).or_default();
            // What a change did not bring would bury what it did.
            if *shown >= SHOWN_PER_RULE || (set_aside && set_aside_word(finding) == INHERITED) {
                *hidden += 1;
                continue;
            }
            *shown += 1;
        }
        if set_aside {
            page.line(&folded_line(finding));
        } else {
            page.block(&finding_block(renderer, finding, verbosity == Verbosity::Verbose));
        }
    }
    let mut hidden = seen.into_iter().filter(|(_, (_, hidden))| *hidden > 0).peekable();
    if hidden.peek().is_some() {
        page.gap();
    }
    for (kind, (shown, hidden)) in hidden {
        let more = if shown == 0 { "at the base too" } else { "more" };
        page.line(&format!("{kind}: {hidden} {more}; --verbose shows them"));
    }
}

/// What findings have in common that are counted together: `note[down-missing]`.
fn kind(finding: &FindingReport, set_aside: bool) -> String {
    let kind = format!("{}[{}]", finding.level.word(), one_clean_line(&finding.rule));
    if set_aside { format!("{} {kind}", set_aside_word(finding)) } else { kind }
}

/// One step: `down   passed    4.1 ms  0001_base (exact)`.
fn step_line(step: &StepReport) -> String {
    let outcome = match step.outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "failed",
        Outcome::Skipped => "skipped",
    };
    let class = step.class.map(|class| format!(" ({class})")).unwrap_or_default();
    let reason = step.skipped.as_ref().map(|reason| format!(": {}", one_line(reason))).unwrap_or_default();
    let time = format!("{:.1} ms", step.millis);
    for_terminal(&format!(
        "{:<7} {outcome:<7} {time:>11}  {}{class}{reason}",
        step.phase.word(),
        one_line(&step.migration)
    ))
}

/// Text in blocks with an empty line around each, and lines that stand close together.
#[derive(Default)]
struct Page {
    text: String,
    wants_gap: bool,
}

impl Page {
    fn gap(&mut self) {
        self.wants_gap = !self.text.is_empty();
    }

    fn line(&mut self, line: &str) {
        if std::mem::take(&mut self.wants_gap) {
            self.text.push('\n');
        }
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn block(&mut self, block: &str) {
        self.gap();
        self.line(block.trim_end_matches('\n'));
        self.gap();
    }

    fn append(&mut self, other: &Self) {
        if !other.text.is_empty() {
            self.line(other.text.trim_end_matches('\n'));
            self.wants_gap = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fixture::{finding, fixture, golden, snippet};
    use super::*;
    use crate::policy::Snippet;
    use crate::replay::Phase;

    fn text(report: &Report, verbosity: Verbosity) -> String {
        to_text(report, TerminalOptions { color: false, verbosity })
    }

    #[test]
    fn the_whole_report() {
        golden("report.txt", &text(&fixture(), Verbosity::Normal));
    }

    #[test]
    fn quiet() {
        golden("report.quiet.txt", &text(&fixture(), Verbosity::Quiet));
    }

    #[test]
    fn verbose() {
        golden("report.verbose.txt", &text(&fixture(), Verbosity::Verbose));
    }

    #[test]
    fn colours_are_all_that_colour_adds() {
        let styled = to_text(&fixture(), TerminalOptions { color: true, verbosity: Verbosity::Normal });
        assert!(styled.contains("\u{1b}["));
        assert_eq!(strip_ansi_escapes::strip_str(&styled), text(&fixture(), Verbosity::Normal));
    }

    #[test]
    fn findings_that_fail_the_run_are_never_counted_together() {
        let mut report = Report { fail_on: Some(Level::Note), ..fixture() };
        let note = |n| finding("down-missing", Level::Note, Phase::Down, &format!("m{n:02}"), "no down script");
        report.databases[0].findings = (0..20).map(note).collect();
        assert_eq!(text(&report, Verbosity::Normal).matches("note[down-missing]: no down").count(), 20);
        report.fail_on = Some(Level::Error);
        let folded = text(&report, Verbosity::Normal);
        assert_eq!(folded.matches("note[down-missing]: no down").count(), 5);
        assert!(folded.contains("note[down-missing]: 15 more; --verbose shows them\n"), "{folded}");
        assert_eq!(text(&report, Verbosity::Verbose).matches("note[down-missing]: no down").count(), 20);
    }

    #[test]
    fn a_statement_of_megabytes_stays_short() {
        let mut report = fixture();
        let script = format!("INSERT INTO a VALUES {};", "('x', 'y'), ".repeat(300_000));
        let failed = &mut report.databases[0].findings[3];
        failed.snippet = snippet(&script, &script, "INSERT", "oops");
        assert!(text(&report, Verbosity::Verbose).len() < 20_000);
    }

    proptest! {
        #[test]
        fn nothing_hostile_reaches_the_terminal(
            message in any::<String>(), script in any::<String>(), a in 0..80_usize, b in 0..80_usize, c in 0..80_usize,
        ) {
            let mut report = fixture();
            report.databases[0].name.clone_from(&message);
            report.errors[0].message.clone_from(&message);
            for finding in &mut report.databases[0].findings {
                for text in [&mut finding.message, &mut finding.rule, &mut finding.why, &mut finding.help] {
                    text.clone_from(&message);
                }
                finding.file = Some(message.clone());
                finding.details = vec![message.clone(), script.clone()];
                finding.snippet = Some(Snippet {
                    text: script.as_str().into(), first_line: 7, span: a..b, statement: c..b, label: message.clone(),
                });
            }
            let text = text(&report, Verbosity::Verbose);
            prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
            let reverses = text.contains(['\u{202e}', '\u{2066}', '\u{feff}']);
            prop_assert!(!reverses, "{text:?}");
        }
    }
}
