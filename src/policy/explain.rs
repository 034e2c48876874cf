//! Rules in words, for `rollproof explain`.

use std::collections::BTreeMap;
use std::fmt::Write;

use thiserror::Error;

use super::expression::one_line;
use super::rule::{Example, Given, Node, Rule};
use crate::suggest::hint;

/// The rule that was asked for does not exist.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("no rule is called `{name}`{hint} `rollproof explain` lists them all")]
pub struct UnknownRule {
    /// The name.
    pub name: String,
    hint: String,
}

/// The list of rules, or one rule with its reasons and examples.
///
/// # Errors
/// When no rule has that name.
pub fn explain(rules: &[Rule], name: Option<&str>) -> Result<String, UnknownRule> {
    let Some(name) = name else { return Ok(table(rules)) };
    let rule = rules.iter().find(|rule| rule.id == name).ok_or_else(|| {
        let hint = match hint(name, rules.iter().map(|rule| rule.id.as_str())) {
            near if near.is_empty() => ";".to_owned(),
            near => near,
        };
        UnknownRule { name: name.to_owned(), hint }
    })?;
    Ok(page(rule))
}

/// One line for each rule.
fn table(rules: &[Rule]) -> String {
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    rules.iter().fold(String::new(), |mut text, rule| {
        let _ = writeln!(text, "{:width$}  {:7}  {}", rule.id, rule.level.word(), first_sentence(&rule.why));
        text
    })
}

fn first_sentence(text: &str) -> String {
    let text = one_line(text);
    match text.split_once(". ") {
        Some((first, _)) => format!("{first}."),
        None => text,
    }
}

/// Everything about one rule.
fn page(rule: &Rule) -> String {
    let mut page = format!("{} ({})\n", rule.id, rule.level.word());
    let mut section = |title: &str, text: &str| {
        let _ = write!(page, "\n{title}\n");
        text.trim_end().lines().for_each(|line| {
            let _ = writeln!(page, "{}", format!("    {line}").trim_end());
        });
    };
    section("It says", &wrapped(&rule.message.in_words()));
    section("Why it matters", &wrapped(&rule.why));
    section("How to fix it", &wrapped(&rule.fix));
    let place = format!("{} on {} ({}:{})", rule.phase.word(), rule.on.word(), rule.place.file, rule.place.line);
    section(&format!("When, in phase {place}"), &rule.when.source);
    if !rule.requires.is_empty() {
        let phases: Vec<&str> = rule.requires.iter().map(|phase| phase.word()).collect();
        section("Judged only after these phases", &phases.join(", "));
    }
    for example in &rule.examples {
        let verdict = if rule.is_bad(example) { "Bad" } else { "Good" };
        section(&format!("{verdict}: {}", example.name), &example_text(example));
    }
    page
}

/// The files of an example and the findings on them.
fn example_text(example: &Example) -> String {
    let mut text = String::new();
    match &example.given {
        Given::Files { engines, format, files, beside } => {
            let engines: Vec<&str> = engines.iter().map(|engine| engine.title()).collect();
            let _ = writeln!(text, "format {format}, on {}", engines.join(" and "));
            files_text(files, &mut text);
            if let Some((engine, files)) = beside {
                let _ = writeln!(text, "beside it, on {}", engine.title());
                files_text(files, &mut text);
            }
        }
        Given::Graph { base, history } => {
            for node in base.iter().flatten() {
                let _ = writeln!(text, "at the base {}", node_text(node));
            }
            for node in history {
                let _ = writeln!(text, "{}", node_text(node));
            }
        }
    }
    if example.findings.is_empty() {
        text.push_str("=> no finding\n");
    }
    for finding in &example.findings {
        let migration = finding.migration.as_ref().map_or_else(String::new, |id| format!(" for {id}"));
        let _ = writeln!(text, "=> {}{migration}", finding.rule);
    }
    text
}

fn files_text(files: &BTreeMap<String, String>, text: &mut String) {
    for (name, content) in files {
        let _ = writeln!(text, "-- {name}");
        content.lines().for_each(|line| {
            let _ = writeln!(text, "{line}");
        });
    }
}

/// A migration of a graph: `titles follows books: CREATE TABLE ...`.
fn node_text(node: &Node) -> String {
    let parents = if node.parents.is_empty() { "nothing".to_owned() } else { node.parents.join(", ") };
    let up = if node.up.is_empty() { String::new() } else { format!(": {}", one_line(&node.up)) };
    let language = node.language.map_or_else(String::new, |language| format!(" is in {language},"));
    let skip = node.skip.as_ref().map_or_else(String::new, |reason| format!(", to be skipped since {reason}"));
    format!("{}{language} follows {parents}{skip}{up}", node.id)
}

/// A paragraph in lines of at most 92 letters.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 92;
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}
