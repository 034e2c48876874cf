//! A rule, as its file says it and as it was checked.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::expression::Expression;
use super::facts::FactKind;
use super::message::Message;
use super::{Level, PolicyPlace};
use crate::history::{EngineKind, History, Migration, Script, TransactionMode};
use crate::replay::Phase;

/// A rule that loaded.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name: what is bad.
    pub id: String,
    /// How much a finding matters where the configuration says nothing else.
    pub level: Level,
    /// The kind of fact that it judges.
    pub on: FactKind,
    /// The phase of those facts.
    pub phase: Phase,
    /// Gives a finding where it is true.
    pub when: Expression,
    /// What a finding says.
    pub message: Message,
    /// What a finding lists under its message, and which object it names; the fact's own where a rule says nothing.
    pub shows: Option<Expression>,
    /// Why it matters.
    pub why: String,
    /// What to do.
    pub fix: String,
    /// Phases that must have run besides its own for it to be judged.
    pub requires: Vec<Phase>,
    /// Migrations that it finds fault with, and some that it does not.
    pub examples: Vec<Example>,
    /// The line of its `when`.
    pub place: PolicyPlace,
}

/// An example of a rule: a small history, and all findings that the core rules give on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// The history.
    pub given: Given,
    /// All findings, in no particular order; empty for a good example.
    pub findings: Vec<Expected>,
    /// The line of the rule's file at which it begins, counted from 1.
    pub line: usize,
}

/// The history of an example.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// Files to write to a folder and to check on a real engine.
    Files {
        /// The engines that show it, each for itself.
        engines: Vec<EngineKind>,
        /// The migration format.
        format: String,
        /// Texts by file name.
        files: BTreeMap<String, String>,
        /// The same history in the dialect of another product: its engine, and texts by file name.
        beside: Option<(EngineKind, BTreeMap<String, String>)>,
    },
    /// A graph alone, for the phases that need no database.
    Graph {
        /// The history with which it is compared, where it is.
        base: Option<Vec<Node>>,
        /// The history.
        history: Vec<Node>,
    },
}

/// A migration of an example that is a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its id.
    pub id: String,
    /// Its version; the id where the example gives none.
    pub version: String,
    /// The ids of the migrations that it follows.
    pub parents: Vec<String>,
    /// The text of its up script; empty where the example gives none.
    pub up: String,
    /// The language it is written in, where that is not SQL.
    pub language: Option<&'static str>,
    /// Why the configuration has it skipped, where it does.
    pub skip: Option<String>,
}

/// A finding that an example is to give.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expected {
    /// The id of the rule.
    pub rule: String,
    /// The id of the migration; `None` for findings that name none.
    pub migration: Option<String>,
}

impl Rule {
    /// Whether one of its own examples expects a finding of this rule.
    pub fn is_bad(&self, example: &Example) -> bool {
        example.findings.iter().any(|finding| finding.rule == self.id)
    }
}

impl Example {
    /// The history of an example that is a graph; `None` for one that is files, which a migration format has to read.
    pub fn graph(&self) -> Option<History> {
        match &self.given {
            Given::Graph { history, .. } => Some(history_of(history)),
            Given::Files { .. } => None,
        }
    }

    /// The history with which that is compared, where it is.
    pub fn base(&self) -> Option<History> {
        match &self.given {
            Given::Graph { base, .. } => base.as_deref().map(history_of),
            Given::Files { .. } => None,
        }
    }
}

/// Nodes as a history of a format that declares parents.
fn history_of(nodes: &[Node]) -> History {
    let script = |node: &Node, direction: &str, text: &str| {
        Script::new(
            PathBuf::from(format!("migrations/{}.{direction}.sql", node.id)),
            Arc::from(text),
            TransactionMode::Autocommit,
        )
    };
    let migration = |node: &Node| Migration {
        id: node.id.clone(),
        version: node.version.clone(),
        parents: node.parents.clone(),
        up: script(node, "up", &node.up),
        down: Some(script(node, "down", "")),
        language: node.language,
        skip: node.skip.clone(),
        overtaken_by: None,
        repeatable: false,
        of_a_package: false,
        parents_at: None,
        depends_on: Vec::new(),
        replaces: Vec::new(),
        branch: None,
    };
    History {
        format: "graph",
        folder: PathBuf::from("migrations"),
        migrations: nodes.iter().map(migration).collect(),
        unmatched: Vec::new(),
        one_way: false,
        declares_parents: true,
    }
}
