//! The report as Markdown: the summary of a step of GitHub Actions, or a page for a wiki or a comment.

use super::markdown_text::{code, words};
use super::plain_text::counted;
use super::ranking::Ranked;
use super::sections::{Section, fitted};
use super::{DatabaseReport, FindingReport, Report, RunOutcome, StepReport, ranking, summary};
use crate::policy::Level;
use crate::replay::{Outcome, Phase};

/// Bytes of a page. GitHub refuses summaries of more than 1 MiB as a whole.
const LIMIT: usize = 1_000_000;
/// Bytes for what went wrong beside the check, which stands behind such a page.
const LIMIT_OF_PROBLEMS: usize = 20_000;
/// Characters of a text that one cell shows.
const LONGEST: usize = 500;
/// Characters of a name.
const LONGEST_NAME: usize = 200;
/// Details that are shown with a finding.
const DETAILS: usize = 8;
/// Migrations in the list of the slowest, and the milliseconds below which none is worth a line.
const SLOWEST: usize = 5;
const WORTH_A_LINE: f64 = 50.0;

/// The report as Markdown of GitHub's kind, closed by a line end; less than 1 MiB whatever the report holds. What is too
/// much is cut by whole rows, and the page says how many.
pub fn to_markdown(report: &Report) -> String {
    let word = match report.outcome {
        RunOutcome::Passed => "passed",
        RunOutcome::Failed => "failed",
        RunOutcome::Error => "could not check everything",
    };
    let title = format!("## Rollproof: {word}\n\n{}\n", words(&summary::last_line(report), LONGEST));
    let ranked = ranking::by_database(report);
    let mut sections = vec![not_checked(report), databases(&ranked)];
    for (database, listed) in &ranked {
        let of = if report.databases.len() > 1 {
            format!(" of {}", words(&database.name, LONGEST_NAME))
        } else {
            String::new()
        };
        sections.extend([findings(database, listed, &of), failed_steps(database, &of), helps(listed, &of)]);
        sections.push(slowest(database, &of));
    }
    let sections: Vec<Section> = sections.into_iter().flatten().collect();
    let page = fitted(&sections, LIMIT.saturating_sub(title.len()));
    format!("{title}{page}")
}

/// What went wrong beside the check, to stand behind the page; nothing where nothing did.
pub fn markdown_of_problems(problems: &[String]) -> String {
    let rows = problems.iter().map(|problem| format!("- {}\n", words(problem, LONGEST)));
    let section = section("### What went wrong beside the check\n\n".to_owned(), rows.collect(), "problem");
    section.map(|section| fitted(&[section], LIMIT_OF_PROBLEMS)).unwrap_or_default()
}

/// A section unless it has nothing to tell.
fn section(head: String, rows: Vec<String>, noun: &'static str) -> Option<Section> {
    (!rows.is_empty()).then_some(Section { head, rows, noun })
}

/// The head of a table.
fn table(title: &str, columns: &[&str]) -> String {
    format!("### {title}\n\n| {} |\n|{}\n", columns.join(" | "), "---|".repeat(columns.len()))
}

fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

fn not_checked(report: &Report) -> Option<Section> {
    let of_run = report.errors.iter().map(|error| (None, error));
    let of_databases = report
        .databases
        .iter()
        .flat_map(|database| database.errors.iter().map(move |error| (Some(database.name.as_str()), error)));
    let rows = of_run.chain(of_databases).map(|(database, error)| {
        let database = database.map(|name| format!("{}, ", words(name, LONGEST_NAME))).unwrap_or_default();
        let phase = error.phase.map(|phase| format!("{} phase: ", phase.word())).unwrap_or_default();
        let place = if phase.is_empty() { database.replace(", ", ": ") } else { database };
        let lines = error.message.lines().map(|line| words(line, LONGEST)).filter(|line| !line.is_empty());
        let lines: Vec<String> = lines.take(DETAILS * 2).collect();
        format!("- {place}{phase}{}\n", lines.join("<br>"))
    });
    section("### What could not be checked\n\n".to_owned(), rows.collect(), "problem")
}

fn databases(ranked: &[Ranked<'_>]) -> Option<Section> {
    let columns = ["database", "server", "format", "migrations", "errors", "warnings", "notes", "rolls back from head"];
    let rows = ranked.iter().map(|(database, counted)| {
        let count = |level: Level| counted.iter().filter(|finding| finding.level == level).count().to_string();
        let descent = database.descent.as_ref().map(|descent| {
            let stopped = descent.stopped_at.as_ref().map(|at| format!(", stopped at {}", code(at, LONGEST_NAME)));
            format!("{} of {}{}", descent.reached, descent.of, stopped.unwrap_or_default())
        });
        row(&[
            words(&database.name, LONGEST_NAME),
            server(database),
            words(database.format.as_deref().unwrap_or("unknown"), LONGEST_NAME),
            database.migrations.to_string(),
            count(Level::Error),
            count(Level::Warning),
            count(Level::Note),
            descent.unwrap_or_else(|| "not tried".to_owned()),
        ])
    });
    section(table("Databases", &columns), rows.collect(), "database")
}

fn server(database: &DatabaseReport) -> String {
    let version = database.server_version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
    let provision = database.provision.as_ref().map(|provision| format!(", {provision}")).unwrap_or_default();
    let image = database.image.as_ref().filter(|_| database.provision.as_deref() == Some("container"));
    let image = image.map(|image| format!(" {image}")).unwrap_or_default();
    let notes: String =
        database.notes.iter().map(|note| format!("<br>{}", words(note, LONGEST))).take(DETAILS).collect();
    words(&format!("{}{version}{provision}{image}", database.product()), LONGEST_NAME) + &notes
}

/// The findings that count. How many do not is said in the title.
fn findings(database: &DatabaseReport, listed: &[&FindingReport], of: &str) -> Option<Section> {
    let set_aside = database.findings.len() - listed.len();
    let besides =
        if set_aside > 0 { format!(" ({set_aside} more are suppressed or inherited)") } else { String::new() };
    let title = format!("{}{of}{besides}", counted(listed.len(), "finding"));
    let rows = listed.iter().map(|finding| {
        let place = finding.file.as_ref().map(|file| match finding.line {
            Some(line) => format!("{file}:{line}"),
            None => file.clone(),
        });
        let place = place.or_else(|| finding.migration.clone()).or_else(|| finding.object.clone()).unwrap_or_default();
        row(&[
            finding.level.word().to_owned(),
            code(&finding.rule, LONGEST_NAME),
            code(&place, LONGEST_NAME),
            what(finding),
        ])
    });
    section(table(&title, &["level", "rule", "where", "what"]), rows.collect(), "finding")
}

fn what(finding: &FindingReport) -> String {
    let mut lines = vec![words(&finding.message, LONGEST)];
    let details = finding.further_details();
    lines.extend(details.iter().take(DETAILS).map(|detail| words(detail, LONGEST)));
    if details.len() > DETAILS {
        lines.push(format!("{} more", details.len() - DETAILS));
    }
    lines.retain(|line| !line.is_empty());
    lines.join("<br>")
}

fn failed_steps(database: &DatabaseReport, of: &str) -> Option<Section> {
    let failed = database.steps.iter().filter(|step| step.outcome == Outcome::Failed);
    let rows = failed.map(|step| {
        let place = step.file.as_ref().map(|file| format!("{file}:{}", step.line.unwrap_or(1))).unwrap_or_default();
        let error = step.error.as_ref().map(|error| {
            let code = error.code.as_ref().map(|code| format!("{code}: ")).unwrap_or_default();
            words(&format!("{code}{}", error.message), LONGEST)
        });
        row(&[
            step.phase.word().to_owned(),
            code(&step.migration, LONGEST_NAME),
            code(&place, LONGEST_NAME),
            error.unwrap_or_default(),
        ])
    });
    section(table(&format!("Steps that failed{of}"), &["phase", "migration", "where", "error"]), rows.collect(), "step")
}

/// What to do, once for all findings of a rule that say the same.
fn helps(listed: &[&FindingReport], of: &str) -> Option<Section> {
    let mut told: Vec<(&str, &str)> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for finding in listed {
        let help = (finding.rule.as_str(), finding.help.as_str());
        if !finding.help.trim().is_empty() && seen.insert(help) {
            told.push(help);
        }
    }
    let rows = told.iter().map(|(rule, help)| format!("- {}: {}\n", code(rule, LONGEST_NAME), words(help, LONGEST)));
    section(format!("### What to do{of}\n\n"), rows.collect(), "hint")
}

fn slowest(database: &DatabaseReport, of: &str) -> Option<Section> {
    let mut ups: Vec<&StepReport> = database.steps.iter().filter(|step| step.phase == Phase::Up).collect();
    ups.retain(|step| step.millis >= WORTH_A_LINE);
    ups.sort_by(|a, b| b.millis.total_cmp(&a.millis));
    let down = |up: &StepReport| {
        let of_it = |step: &&StepReport| step.phase == Phase::Down && step.migration == up.migration;
        let step = database.steps.iter().find(of_it).filter(|step| step.outcome != Outcome::Skipped);
        step.map(|step| format!("{:.0} ms", step.millis)).unwrap_or_default()
    };
    let rows = ups
        .into_iter()
        .take(SLOWEST)
        .map(|step| row(&[code(&step.migration, LONGEST_NAME), format!("{:.0} ms", step.millis), down(step)]));
    section(table(&format!("Slowest migrations{of}"), &["migration", "up", "down"]), rows.collect(), "migration")
}

#[cfg(test)]
#[path = "markdown_tests.rs"]
mod tests;
