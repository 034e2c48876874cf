//! Lays every rule to every fact of its kind and phase.

use std::collections::BTreeMap;

use cel::Value;
use cel::objects::Key;

use super::expression::Bound;
use super::facts::{Fact, FactKind, Facts};
use super::message::shown;
use super::rule::Rule;
use super::{Finding, Level};
use crate::replay::{CheckError, Phase};
use crate::suggest::near;

/// What the rules say about what was seen.
#[derive(Clone, Debug, Default)]
pub struct Judgement {
    /// At most one finding for each rule and fact, in the order of the facts.
    pub findings: Vec<Finding>,
    /// Rules that broke on a fact: what they would have said is not known.
    pub errors: Vec<CheckError>,
    /// Rules that were not judged because a phase that they need did not run.
    pub not_judged: Vec<NotJudged>,
}

/// A rule that was not judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotJudged {
    /// The id of the rule.
    pub rule: String,
    /// The phases that it needs and that did not run.
    pub missing: Vec<Phase>,
}

/// A name in the configuration's `rules` that no rule has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownLevel {
    /// The name.
    pub name: String,
    /// Rules that may be meant, the nearest first.
    pub near: Vec<String>,
}

/// The findings of all rules on all facts. `levels` overrides the rules' own levels; `None` turns a rule off.
pub fn judge(rules: &[Rule], facts: &Facts, levels: &BTreeMap<String, Option<Level>>) -> Judgement {
    let mut judgement = Judgement::default();
    let mut by_kind: BTreeMap<(FactKind, Phase), Vec<(&Rule, Level)>> = BTreeMap::new();
    for rule in rules {
        let Some(level) = levels.get(&rule.id).copied().unwrap_or(Some(rule.level)) else { continue };
        let needed = std::iter::once(rule.phase).chain(rule.requires.iter().copied());
        let missing: Vec<Phase> = needed.filter(|phase| !facts.ran.contains(phase)).collect();
        if missing.is_empty() {
            by_kind.entry((rule.on, rule.phase)).or_default().push((rule, level));
        } else {
            judgement.not_judged.push(NotJudged { rule: rule.id.clone(), missing });
        }
    }
    let mut broken: BTreeMap<&str, Broken<'_>> = BTreeMap::new();
    for fact in &facts.facts {
        let Some(rules) = by_kind.get(&(fact.kind, fact.phase)) else { continue };
        let bound = Bound::new(fact);
        for (rule, level) in rules {
            match apply(rule, *level, fact, &bound) {
                Ok(found) => judgement.findings.extend(found),
                Err(cause) => {
                    let broken = broken.entry(&rule.id).or_insert(Broken { rule, fact, cause, times: 0 });
                    broken.times += 1;
                }
            }
        }
    }
    judgement.errors = broken.into_values().map(|broken| broken.error()).collect();
    judgement
}

/// The first fact on which a rule broke, and how often it broke.
struct Broken<'a> {
    rule: &'a Rule,
    fact: &'a Fact,
    cause: String,
    times: usize,
}

impl Broken<'_> {
    fn error(&self) -> CheckError {
        let place = &self.rule.place;
        let on = self.fact.about.migration.as_ref().map_or_else(String::new, |id| format!(" of {id}"));
        let more = if self.times > 1 { format!(" and on {} more", self.times - 1) } else { String::new() };
        let (id, word) = (&self.rule.id, self.fact.kind.word());
        let cause = &self.cause;
        let message = format!(
            "the rule {id} ({}:{}) broke on the {word}{on}{more}: {cause}; mend the rule or turn it off under `rules`",
            place.file, place.line
        );
        CheckError { phase: Some(Phase::Policy), message }
    }
}

/// What one rule says about one fact.
fn apply(rule: &Rule, level: Level, fact: &Fact, bound: &Bound<'_>) -> Result<Option<Finding>, String> {
    match rule.when.evaluate(bound)? {
        Value::Bool(false) => return Ok(None),
        Value::Bool(true) => {}
        other => return Err(format!("`when` gave {}, not true or false", other.type_of())),
    }
    let about = &fact.about;
    let (object, details) = match &rule.shows {
        None => (about.object.clone(), about.details.clone()),
        Some(expression) => listed(&expression.evaluate(bound)?)?,
    };
    Ok(Some(Finding {
        rule: rule.id.clone(),
        level,
        phase: fact.phase,
        migration: about.migration.clone(),
        object,
        file: about.file.clone(),
        line: about.line,
        message: rule.message.fill(bound)?,
        details,
        why: rule.why.clone(),
        help: rule.fix.clone(),
        policy: rule.place.clone(),
        suppressed: None,
        inherited: false,
        snippet: about.snippet.clone(),
    }))
}

/// The object of the first of some differences, and all of them as lines; texts are lines and name no object.
fn listed(value: &Value) -> Result<(Option<String>, Vec<String>), String> {
    let Value::List(items) = value else { return Err(format!("`shows` gave {}, not a list", value.type_of())) };
    let field = |item: &Value, name: &str| match item {
        Value::Map(map) => map.get(&Key::from(name)).map(shown),
        _ => None,
    };
    let object = items.first().and_then(|item| field(item, "object"));
    let text = |item: &Value| field(item, "text").unwrap_or_else(|| shown(item));
    let more = |item: &Value| match item {
        Value::Map(map) => match map.get(&Key::from("lines")) {
            Some(Value::List(lines)) => lines.iter().map(|line| format!("    {}", shown(line))).collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let lines = items.iter().flat_map(|item| std::iter::once(text(item)).chain(more(item))).collect();
    Ok((object, lines))
}

/// The names under `rules` in a configuration that no rule has.
pub fn unknown_levels(rules: &[Rule], levels: &BTreeMap<String, Option<Level>>) -> Vec<UnknownLevel> {
    let known = || rules.iter().map(|rule| rule.id.as_str());
    let unknown = levels.keys().filter(|name| !known().any(|id| id == name.as_str()));
    unknown
        .map(|name| UnknownLevel {
            name: name.clone(),
            near: near(name, known()).into_iter().map(str::to_owned).collect(),
        })
        .collect()
}
