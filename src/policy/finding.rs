//! What a rule says about what was seen.

use std::path::PathBuf;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::replay::Phase;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing.
    Note,
    /// Worth mending.
    Warning,
    /// Wrong.
    Error,
}

impl Level {
    /// Every level, the gravest first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Note];

    /// The lower-case word of the configuration and the report.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// The line of the rule's file that judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyPlace {
    /// The rule's file; bundled ones begin with `policies/`.
    pub file: String,
    /// The line of its `when`, counted from 1.
    pub line: usize,
}

/// The text that a finding points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The whole script.
    pub text: Arc<str>,
    /// The line of the file at which `text` begins, counted from 1.
    pub first_line: usize,
    /// The byte range to mark in `text`.
    pub span: std::ops::Range<usize>,
    /// The byte range of the whole statement in `text`.
    pub statement: std::ops::Range<usize>,
    /// What to write at the mark: the database's own error.
    pub label: String,
}

/// Says that the user's migrations, models or database are wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// How much it matters.
    pub level: Level,
    /// The phase in which it was seen.
    pub phase: Phase,
    /// The id of the migration; `None` for findings about the whole history or a file outside it.
    pub migration: Option<String>,
    /// The object that differs, as [`crate::schema::ObjectId`] prints.
    pub object: Option<String>,
    /// The file to look at.
    pub file: Option<PathBuf>,
    /// The line to look at, counted from 1.
    pub line: Option<usize>,
    /// What is wrong, on one line.
    pub message: String,
    /// Further lines: each difference, the database's detail and hint.
    pub details: Vec<String>,
    /// Why it matters.
    pub why: String,
    /// What to do.
    pub help: String,
    /// The rule's line.
    pub policy: PolicyPlace,
    /// Why it does not count, when it was suppressed.
    pub suppressed: Option<String>,
    /// Whether the base reference has it too.
    pub inherited: bool,
    /// The text to show; not part of the JSON report.
    pub snippet: Option<Snippet>,
}
