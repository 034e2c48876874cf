//! The report as data; its JSON form is the contract, and the schema of that form is generated from these types.

use schemars::JsonSchema;
use serde::Serialize;

use crate::history::EngineKind;
use crate::policy::{Finding, Level, PolicyPlace, Snippet};
use crate::replay::{ErrorKind, Outcome, Phase};
use crate::schema::Class;

/// A whole run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Report {
    /// The version of this form; grows only when something that stands here changes its meaning.
    pub version: u32,
    /// Who made it.
    pub tool: Tool,
    /// What the exit code says.
    pub outcome: RunOutcome,
    /// One entry per database of the configuration.
    pub databases: Vec<DatabaseReport>,
    /// What kept Rollproof from checking before any database was reached: configuration, no history to be found.
    pub errors: Vec<ErrorReport>,
    /// Counts over all databases.
    pub totals: Totals,
    /// The level from which findings make the run fail; `None` is never. Not part of the JSON form.
    #[serde(skip)]
    pub fail_on: Option<Level>,
    /// Milliseconds since the Unix epoch at which the run began. Not part of the JSON form, which is reproducible.
    #[serde(skip)]
    pub started_millis: i64,
    /// The name of the project: its folder's. Not part of the JSON form.
    #[serde(skip)]
    pub project: String,
    /// The files that changed since the base reference, as findings name them; empty where there is none. Not part of the
    /// JSON form.
    #[serde(skip)]
    pub changed_files: Vec<String>,
}

/// The program that made the report.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Tool {
    /// `rollproof`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What the exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RunOutcome {
    /// Checked; nothing at or above the level to fail on. Exit code 0.
    Passed,
    /// Checked; findings at or above the level to fail on. Exit code 1.
    Failed,
    /// Could not check, in whole or in part. Exit code 2.
    Error,
}

/// One database.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DatabaseReport {
    /// Its name in the configuration.
    pub name: String,
    /// The product; absent when nothing told which.
    pub engine: Option<EngineKind>,
    /// The version that ran; absent when no server was reached.
    pub server_version: Option<String>,
    /// `container`, `local`, `url` or `embedded`; absent when no server was reached.
    pub provision: Option<String>,
    /// The image that ran or was asked for.
    pub image: Option<String>,
    /// The digest of the image that ran.
    pub image_digest: Option<String>,
    /// The migration format; absent when it could not be told.
    pub format: Option<String>,
    /// How many migrations the history has.
    pub migrations: usize,
    /// Every step, in the order in which they ran.
    pub steps: Vec<StepReport>,
    /// How far head rolls back; absent when that was not tried.
    pub descent: Option<DescentReport>,
    /// What the rules say.
    pub findings: Vec<FindingReport>,
    /// What kept Rollproof from checking.
    pub errors: Vec<ErrorReport>,
    /// What could not be compared; each is among the errors too.
    pub cannot_tell: Vec<CannotTell>,
    /// What a reader should know of how it was checked: that another version stood in for the one asked for.
    pub notes: Vec<String>,
}

/// One step.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StepReport {
    /// The id of the migration.
    pub migration: String,
    /// Up, down, redo or descent.
    pub phase: Phase,
    /// What became of it.
    pub outcome: Outcome,
    /// The class of the largest difference that a down or a redo left; null for other steps and where nothing could be
    /// compared.
    pub class: Option<Class>,
    /// Milliseconds that its statements took.
    pub millis: f64,
    /// The file that was run, or whose down is missing.
    pub file: Option<String>,
    /// The line of the error, else 1.
    pub line: Option<usize>,
    /// Why it failed.
    pub error: Option<StepErrorReport>,
    /// Why nothing was run, as a clause; null unless it was skipped.
    pub skipped: Option<String>,
    /// Whether the script runs through when it is run again on what its failure left behind; null where it left nothing.
    pub retry: Option<RetryReport>,
}

/// What a second try of a failed script came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RetryReport {
    /// It ran through.
    Retryable,
    /// It failed at the same place as the first: once that is mended, the script can be run again.
    Same,
    /// It failed otherwise: somebody has to clean up first.
    Dirty,
}

/// Why a step failed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StepErrorReport {
    /// Who failed.
    pub kind: ErrorKind,
    /// The SQLSTATE, or the engine's own code.
    pub code: Option<String>,
    /// The engine's message.
    pub message: String,
}

/// How far head rolls back.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DescentReport {
    /// How many migrations were rolled back.
    pub reached: usize,
    /// How many were applied at head.
    pub of: usize,
    /// The id of the migration that stopped it.
    pub stopped_at: Option<String>,
}

/// One finding.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FindingReport {
    /// The rule's id.
    pub rule: String,
    /// How much it matters.
    pub level: Level,
    /// The phase in which it was seen.
    pub phase: Phase,
    /// The id of the migration.
    pub migration: Option<String>,
    /// The object that differs.
    pub object: Option<String>,
    /// The file to look at.
    pub file: Option<String>,
    /// The line to look at.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// Each difference; the database's detail and hint.
    pub details: Vec<String>,
    /// What to do.
    pub help: String,
    /// The line of the rule that judged.
    pub policy: PolicyPlace,
    /// Why it does not count, when it was suppressed.
    pub suppressed: Option<String>,
    /// Whether the base reference has it too; such findings do not fail the run.
    pub inherited: bool,
    /// Why it matters. Not part of the JSON form: `rollproof explain` tells it.
    #[serde(skip)]
    pub why: String,
    /// The text to show. Not part of the JSON form.
    #[serde(skip)]
    pub snippet: Option<Snippet>,
}

/// Kinds of objects of which the server told nothing, so that whatever happened to them was not compared.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CannotTell {
    /// The kinds, as objects of them are printed: `table policy`.
    pub kinds: Vec<String>,
    /// The catalog or the function that the server did not let us use.
    pub catalog: String,
    /// The role that asked.
    pub role: String,
    /// The server's words.
    pub reason: String,
    /// What would help.
    pub help: String,
}

impl CannotTell {
    /// All of it in one sentence.
    pub(crate) fn message(&self) -> String {
        format!(
            "cannot tell what became of {}: the server does not let {} read {} ({})\nto have it compared: {}\nto do \
             without, write into rollproof.yml: exclude: [{}]",
            self.kinds.join(", "),
            self.role,
            self.catalog,
            self.reason,
            self.help,
            self.kinds.iter().map(|kind| format!("{{kind: {kind}, reason: ...}}")).collect::<Vec<_>>().join(", ")
        )
    }
}

/// Something that kept Rollproof from checking.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ErrorReport {
    /// Where in the check it happened.
    pub phase: Option<Phase>,
    /// Cause and next step.
    pub message: String,
}

/// Counts over all databases.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Totals {
    /// Migrations.
    pub migrations: usize,
    /// Steps that ran or were skipped.
    pub steps: usize,
    /// Steps that failed.
    pub failed: usize,
    /// Findings of level error, without suppressed and inherited ones.
    pub errors: usize,
    /// Findings of level warning, likewise.
    pub warnings: usize,
    /// Findings of level note, likewise.
    pub notes: usize,
    /// Seconds that the whole run took.
    pub seconds: f64,
}

impl Report {
    /// The report of a run that ended before it began: a configuration that cannot be read, nothing to check. The time
    /// is in milliseconds since the Unix epoch.
    pub fn not_begun(message: String, started_millis: i64) -> Self {
        Self {
            version: 1,
            tool: Tool::this(),
            outcome: RunOutcome::Error,
            databases: Vec::new(),
            errors: vec![ErrorReport { phase: None, message }],
            totals: Totals::default(),
            fail_on: None,
            started_millis,
            project: String::new(),
            changed_files: Vec::new(),
        }
    }
}

impl Tool {
    /// This program.
    pub fn this() -> Self {
        Self { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

impl DatabaseReport {
    /// The product's own spelling, or what stands for it where nothing told which it is.
    pub fn product(&self) -> &'static str {
        self.engine.map_or("unknown engine", EngineKind::title)
    }
}

impl FindingReport {
    /// Whether this finding makes a run fail that fails from `fail_on` upwards.
    pub fn fails(&self, fail_on: Option<Level>) -> bool {
        self.suppressed.is_none() && !self.inherited && fail_on.is_some_and(|level| self.level >= level)
    }

    /// The details that the message does not tell: where it quotes the only difference, the lines of that one.
    pub fn further_details(&self) -> &[String] {
        match self.details.split_first() {
            Some((only, lines))
                if self.message.contains(only.as_str()) && lines.iter().all(|line| line.starts_with("    ")) =>
            {
                lines
            }
            _ => &self.details,
        }
    }
}

impl From<Finding> for FindingReport {
    fn from(finding: Finding) -> Self {
        Self {
            rule: finding.rule,
            level: finding.level,
            phase: finding.phase,
            migration: finding.migration,
            object: finding.object,
            file: finding.file.map(|file| file.display().to_string()),
            line: finding.line,
            message: finding.message,
            details: finding.details,
            help: finding.help,
            policy: finding.policy,
            suppressed: finding.suppressed,
            inherited: finding.inherited,
            why: finding.why,
            snippet: finding.snippet,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_told_names_who_may_not_read_what_and_two_ways_out() {
        let told = CannotTell {
            kinds: vec!["table policy".to_owned(), "statistics".to_owned()],
            catalog: "pg_policy".to_owned(),
            role: "reader".to_owned(),
            reason: "permission denied for table pg_policy".to_owned(),
            help: "GRANT SELECT ON pg_catalog.pg_policy TO reader".to_owned(),
        };
        assert_eq!(
            told.message().lines().collect::<Vec<_>>(),
            [
                "cannot tell what became of table policy, statistics: the server does not let reader read pg_policy \
                 (permission denied for table pg_policy)",
                "to have it compared: GRANT SELECT ON pg_catalog.pg_policy TO reader",
                "to do without, write into rollproof.yml: exclude: [{kind: table policy, reason: ...}, {kind: statistics, \
                 reason: ...}]",
            ]
        );
    }
}
