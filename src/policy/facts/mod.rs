//! What was seen, as facts that rules can ask about: plain, typed and total.

mod descent;
mod dialect;
mod graph;
mod migration;
mod schema;
mod step;
mod undefined;

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Serialize;

use super::Snippet;
use crate::history::{Changes, History};
use crate::replay::{Phase, StepError, Trace};
use crate::schema::{Change, ChangeKind, Diff, Told};

pub use dialect::{ComparedTable, dialects};
pub use schema::{CHANGE, FactKind, Field, FieldType, TOLD, markdown};

/// One thing that was seen.
#[derive(Clone, Debug)]
pub struct Fact {
    /// What it is about.
    pub kind: FactKind,
    /// The phase in which it was seen.
    pub phase: Phase,
    /// Its fields, as expressions see them.
    pub value: cel::Value,
    /// What a finding about it points at.
    pub about: About,
}

/// What a finding about a fact points at.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The id of the migration.
    pub migration: Option<String>,
    /// The object that differs; the first of the gravest.
    pub object: Option<String>,
    /// The file to look at.
    pub file: Option<PathBuf>,
    /// The line to look at, counted from 1.
    pub line: Option<usize>,
    /// The text to show.
    pub snippet: Option<Snippet>,
    /// Further lines: each difference, or the database's detail and hint.
    pub details: Vec<String>,
}

/// Everything that was seen of one database and its history.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The facts: of the graph first, then the steps in the order in which they ran, then the descent.
    pub facts: Vec<Fact>,
    /// The phases that ran, whether or not they saw anything.
    pub ran: BTreeSet<Phase>,
}

/// The facts of a history and, where there are such, of what changed since its base and of its replay. `ran` names the
/// phases that ran.
pub fn gather(history: &History, changes: Option<&Changes>, trace: Option<&Trace>, ran: &BTreeSet<Phase>) -> Facts {
    let mut facts = Vec::new();
    if ran.contains(&Phase::Graph) {
        facts.extend(graph::facts(history));
        facts.extend(migration::facts(history, changes));
    }
    if ran.contains(&Phase::Down) {
        facts.extend(graph::missing_downs(history));
    }
    if let Some(trace) = trace {
        facts.extend(step::facts(history, trace));
        facts.extend(descent::fact(history, trace, ran));
    }
    Facts { facts, ran: ran.clone() }
}

/// A fact from its fields.
fn fact(kind: FactKind, phase: Phase, fields: impl Serialize, about: About) -> Fact {
    // Texts, numbers, lists and structs always have a CEL form; null would make every rule on it break, visibly.
    let value = cel::to_value(fields).unwrap_or(cel::Value::Null);
    Fact { kind, phase, value, about }
}

/// A count as CEL's only whole number type that compares with literals.
fn int(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// One difference.
#[derive(Serialize)]
struct ChangeFields<'a> {
    object: String,
    object_kind: &'a str,
    kind: &'static str,
    attribute: &'a str,
    class: &'static str,
    text: String,
    follows: String,
}

impl<'a> From<&'a Change> for ChangeFields<'a> {
    fn from(change: &'a Change) -> Self {
        let (kind, attribute) = match &change.kind {
            ChangeKind::Added(_) => ("added", ""),
            ChangeKind::Removed(_) => ("removed", ""),
            ChangeKind::Renamed { .. } => ("renamed", ""),
            ChangeKind::Altered { attribute, .. } => ("altered", &**attribute),
        };
        Self {
            object: change.object.to_string(),
            object_kind: &change.object.kind,
            kind,
            attribute,
            class: change.class.word(),
            text: change.to_string(),
            follows: change.follows.as_ref().map(ToString::to_string).unwrap_or_default(),
        }
    }
}

/// One difference as a person counts it.
#[derive(Serialize)]
struct ToldFields {
    object: String,
    class: &'static str,
    text: String,
    lines: Vec<String>,
}

fn told(diff: &Diff) -> Vec<ToldFields> {
    let fields = |told: Told| ToldFields {
        object: told.object.to_string(),
        class: told.class.word(),
        text: told.sentence,
        lines: told.lines,
    };
    diff.told().into_iter().map(fields).collect()
}

/// The differences as the further lines of a finding.
fn details(diff: &Diff) -> Vec<String> {
    let lines =
        |told: Told| std::iter::once(told.sentence).chain(told.lines.into_iter().map(|line| format!("    {line}")));
    diff.told().into_iter().flat_map(lines).collect()
}

/// Why a step failed, with empty texts where it did not.
#[derive(Default, Serialize)]
struct ErrorFields<'a> {
    kind: &'static str,
    code: &'a str,
    message: &'a str,
}

impl<'a> From<Option<&'a StepError>> for ErrorFields<'a> {
    fn from(error: Option<&'a StepError>) -> Self {
        use crate::replay::ErrorKind::{Lost, Refused, Server, Timeout, Tool};
        let Some(error) = error else { return Self::default() };
        let kind = match error.kind {
            Server => "server",
            Tool => "tool",
            Refused => "refused",
            Timeout => "timeout",
            Lost => "lost",
        };
        Self { kind, code: error.code.as_deref().unwrap_or(""), message: &error.message }
    }
}

#[cfg(test)]
mod tests;
