//! Reads rule files; whatever is wrong with them is told at once, each with file and line.

use std::collections::BTreeMap;
use std::fmt;

use include_dir::{Dir, include_dir};
use thiserror::Error;

use super::read::{Reader, read_rule};
use super::rule::Rule;
use crate::yaml::documents;

static CORE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/policies/core");

/// A rule file that is not one of the core's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFile {
    /// Its path, as it is to be printed.
    pub path: String,
    /// Its text: one rule, or several as YAML documents.
    pub text: String,
}

/// Something wrong with a rule file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleProblem {
    /// The file.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// Cause and next step.
    pub message: String,
}

impl fmt::Display for RuleProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// Rules that cannot be used, and everything that is wrong with them. Nothing can be judged then.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{} in the rules: {}", counted(problems.len()), lines(problems))]
pub struct BrokenRules {
    /// The problems, by file and line.
    pub problems: Vec<RuleProblem>,
}

fn counted(count: usize) -> String {
    if count == 1 { "a mistake".to_owned() } else { format!("{count} mistakes") }
}

fn lines(problems: &[RuleProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// The core rules, which are always loaded, and after them those of `files`, each in the order of its file.
///
/// # Errors
/// Everything that is wrong with any of them.
pub fn load(files: &[RuleFile]) -> Result<Vec<Rule>, BrokenRules> {
    let mut all = core_files();
    all.extend(files.iter().cloned());
    load_only(&all)
}

/// The rules of these files alone.
///
/// # Errors
/// Everything that is wrong with any of them.
pub fn load_only(files: &[RuleFile]) -> Result<Vec<Rule>, BrokenRules> {
    let mut rules: Vec<Rule> = Vec::new();
    let mut problems = Vec::new();
    let mut places: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for file in files {
        let mut reader = Reader::new(&file.path);
        let mut broken = Vec::new();
        let nodes = documents(&file.text, &mut broken);
        if nodes.as_ref().is_some_and(Vec::is_empty) {
            reader.problem(1, "no rule in this file".to_owned());
        }
        for problem in broken {
            reader.problem(problem.place.line, problem.message);
        }
        for node in nodes.iter().flatten() {
            let Some((rule, line)) = read_rule(&mut reader, node) else { continue };
            if let Some((other, at)) = places.get(&rule.id) {
                let taken = format!("the rule `{}` stands in {other}:{at} already; give this one another id", rule.id);
                reader.problem(line, taken);
                continue;
            }
            places.insert(rule.id.clone(), (file.path.clone(), line));
            rules.push(rule);
        }
        problems.extend(reader.problems);
    }
    problems.sort();
    problems.dedup();
    if problems.is_empty() { Ok(rules) } else { Err(BrokenRules { problems }) }
}

/// The files of the core pack, by name.
pub fn core_files() -> Vec<RuleFile> {
    let mut files: Vec<RuleFile> = CORE
        .files()
        .filter_map(|file| {
            let name = file.path().file_name()?.to_str()?;
            let text = file.contents_utf8()?;
            name.ends_with(".yml").then(|| RuleFile { path: format!("policies/core/{name}"), text: text.to_owned() })
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}
