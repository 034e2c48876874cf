//! One finding, or one thing that could not be checked, as a block of text for a person.

use annotate_snippets::{AnnotationKind, Element, Group, Level as Rank, Origin, Renderer, Snippet as Source};

use super::excerpt::excerpt;
use super::plain_text::{for_terminal, one_clean_line, shortened};
use super::{ErrorReport, FindingReport};
use crate::policy::{Level, Snippet};

/// Lines of a statement that are shown.
const STATEMENT_LINES: usize = 12;
/// Details that are shown unless all are wanted.
const DETAILS: usize = 12;
/// Characters of the text at the mark.
const LONGEST_LABEL: usize = 200;

/// The finding with its place, its statement, and what to do. `all` shows every detail.
pub(super) fn finding_block(renderer: &Renderer, finding: &FindingReport, all: bool) -> String {
    let title = rank(finding.level).primary_title(for_terminal(&finding.message)).id(one_clean_line(&finding.rule));
    let mut group = Group::with_title(title).elements(place(finding));
    let further = finding.further_details();
    let details = if all { further.len() } else { DETAILS };
    let mut lines: Vec<String> = further.iter().take(details).map(|detail| for_terminal(detail)).collect();
    if further.len() > details {
        lines.push(format!("{} more", further.len() - details));
    }
    let notes = [
        (Rank::NOTE, lines.join("\n")),
        (Rank::NOTE, for_terminal(&finding.why)),
        (Rank::HELP, for_terminal(&finding.help)),
        (Rank::NOTE, format!("judged by {}:{}", one_clean_line(&finding.policy.file), finding.policy.line)),
    ];
    let notes = notes.into_iter().filter(|(_, text)| !text.trim().is_empty());
    group = group.elements(notes.map(|(rank, text)| rank.message(text)));
    renderer.render(&[group])
}

/// A finding that does not count, on one line.
pub(super) fn folded_line(finding: &FindingReport) -> String {
    let place = match (&finding.file, finding.line) {
        (Some(file), Some(line)) => format!(" ({file}:{line})"),
        (Some(file), None) => format!(" ({file})"),
        (None, _) => String::new(),
    };
    let reason = finding.suppressed.as_ref().map(|reason| format!("; {reason}")).unwrap_or_default();
    let line = format!(
        "{} {}[{}]: {}{place}{reason}",
        set_aside_word(finding),
        finding.level.word(),
        finding.rule,
        finding.message
    );
    one_clean_line(&line)
}

/// The word for a finding that the base has too.
pub(super) const INHERITED: &str = "inherited";

/// Why a finding does not count, in a word.
pub(super) fn set_aside_word(finding: &FindingReport) -> &'static str {
    if finding.suppressed.is_some() { "suppressed" } else { INHERITED }
}

/// Something that could not be checked; clearly another thing than a finding.
pub(super) fn error_block(renderer: &Renderer, database: Option<&str>, error: &ErrorReport) -> String {
    let phase = error.phase.map(|phase| format!("the {} phase", phase.word()));
    let place = match (database, phase) {
        (Some(database), Some(phase)) => format!("{phase} of {}: ", one_clean_line(database)),
        (Some(database), None) => format!("{}: ", one_clean_line(database)),
        (None, Some(phase)) => format!("{phase}: "),
        (None, None) => String::new(),
    };
    let title = Rank::ERROR.with_name("could not check");
    renderer.render(&[Group::with_title(title.primary_title(format!("{place}{}", for_terminal(&error.message))))])
}

fn rank(level: Level) -> Rank<'static> {
    match level {
        Level::Note => Rank::NOTE,
        Level::Warning => Rank::WARNING,
        Level::Error => Rank::ERROR,
    }
}

/// Where to look: the statement with a mark, else the file and line alone, else what is known of the object.
fn place(finding: &FindingReport) -> Vec<Element<'static>> {
    let Some(file) = &finding.file else {
        let known = [("migration", &finding.migration), ("object", &finding.object)];
        let known = known.into_iter().filter_map(|(word, name)| Some(format!("{word} {}", name.as_ref()?)));
        let known: Vec<String> = known.collect();
        let text = known.join(", ");
        return if text.is_empty() { Vec::new() } else { vec![Rank::NOTE.message(for_terminal(&text)).into()] };
    };
    let file = one_clean_line(file);
    match &finding.snippet {
        Some(snippet) => marked(file, snippet),
        None => {
            let origin = Origin::path(file);
            vec![finding.line.map_or(origin.clone(), |line| origin.line(line)).into()]
        }
    }
}

/// The statement with a mark.
fn marked(file: String, snippet: &Snippet) -> Vec<Element<'static>> {
    let excerpt = excerpt(snippet, STATEMENT_LINES);
    let origin = Origin::path(file.clone()).line(excerpt.line).char_column(excerpt.column);
    if excerpt.text.trim().is_empty() {
        return vec![origin.into()];
    }
    let label = shortened(&one_clean_line(&snippet.label), LONGEST_LABEL);
    let mark = AnnotationKind::Primary.span(excerpt.mark).label((!label.is_empty()).then_some(label));
    let source = Source::source(excerpt.text).line_start(excerpt.first_line).fold(false).annotation(mark);
    if excerpt.shifted { vec![origin.into(), source.into()] } else { vec![source.path(file).into()] }
}
