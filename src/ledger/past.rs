//! What a ledger remembers. The questions are the files of `queries/`; each is answered from indexes and looks at no more
//! than the recent runs, however long the ledger is.

use std::path::Path;

use serde::Serialize;
use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;

use super::schema::State;
use super::{LedgerError, Problem, connection, queries, schema};

/// How many runs of a project medians and comparisons look back: older ones ran other migrations on other machines.
pub const RECENT_RUNS: u32 = 100;

/// A migration is called slower only if at least so many earlier runs say what is usual,
pub const EARLIER_RUNS: u32 = 3;
/// if it took more than so many times their median,
pub const LEAST_RATIO: f64 = 2.0;
/// and if it took at least so many milliseconds more. Below that, machines are as noisy as migrations are slow.
pub const LEAST_MILLIS: f64 = 20.0;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// Only this project.
    pub project: Option<String>,
    /// Only this database.
    pub database: Option<String>,
    /// How many runs, and how many slow migrations, of each project.
    pub limit: u32,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Past {
    /// The version of this form; grows only when something that stands here changes its meaning.
    pub version: u32,
    /// The projects that were asked for, the one that ran last first; empty where the ledger is.
    pub projects: Vec<ProjectPast>,
}

/// The past of one project.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProjectPast {
    /// Its name.
    pub project: String,
    /// How many runs the ledger has of it.
    pub recorded: i64,
    /// The last runs, the newest first.
    pub runs: Vec<PastRun>,
    /// The migrations whose up takes longest.
    pub slowest: Vec<SlowMigration>,
    /// The migrations whose up took longer in the last run than before.
    pub slower: Vec<SlowerMigration>,
    /// The findings that came and went between the last two comparable runs.
    pub findings: Vec<PastFinding>,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PastRun {
    /// Milliseconds since the Unix epoch.
    pub started_at: i64,
    /// The version of rollproof.
    pub tool_version: String,
    /// The commit that was checked.
    pub revision: Option<String>,
    /// The phases that were asked for, with commas between.
    pub phases: String,
    /// `passed`, `failed` or `error`.
    pub outcome: String,
    /// How long it took.
    pub millis: f64,
    /// Findings of level error that were neither suppressed nor inherited.
    pub errors: i64,
    /// Findings of level warning, likewise.
    pub warnings: i64,
    /// Findings of level note, likewise.
    pub notes: i64,
    /// Its databases.
    pub checks: Vec<PastCheck>,
}

/// One database of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct PastCheck {
    /// Its name.
    pub database: String,
    /// The word of its product.
    pub engine: Option<String>,
    /// The version that ran.
    pub server_version: Option<String>,
    /// Where the server came from.
    pub provision: Option<String>,
}

/// A migration and how long its up takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SlowMigration {
    /// The database.
    pub database: String,
    /// The word of its product.
    pub engine: Option<String>,
    /// The version that ran.
    pub server_version: Option<String>,
    /// The id of the migration.
    pub migration: String,
    /// The median over the recent runs on that version.
    pub millis: f64,
    /// How many they are.
    pub runs: i64,
}

/// A migration that got slower.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SlowerMigration {
    /// The database.
    pub database: String,
    /// The word of its product.
    pub engine: Option<String>,
    /// The version that ran last.
    pub server_version: Option<String>,
    /// The id of the migration.
    pub migration: String,
    /// Its up in the last run.
    pub millis: f64,
    /// The median of the earlier ones on the same engine and major version.
    pub usual_millis: f64,
    /// How many they are.
    pub runs: i64,
}

/// Whether a finding came or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// The last run has it, the one before it has not.
    New,
    /// The other way round.
    Gone,
}

/// A finding that came or went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PastFinding {
    /// Whether it came or went.
    pub change: Change,
    /// The database.
    pub database: String,
    /// `error`, `warning` or `note`.
    pub level: String,
    /// The rule's id.
    pub rule: String,
    /// The id of the migration.
    pub migration: Option<String>,
    /// The object that differs.
    pub object: Option<String>,
    /// What makes it the same finding in every run.
    pub fingerprint: String,
}

/// Asks a ledger. It is not written to.
///
/// # Errors
/// When there is none or it cannot be used, and when it knows nothing of a project or database that was named.
pub async fn past(file: &Path, question: &Question) -> Result<Past, LedgerError> {
    asked(file, question).await.map_err(|problem| LedgerError::new(file, problem))
}

async fn asked(file: &Path, question: &Question) -> Result<Past, Problem> {
    let mut connection = connection::for_reading(file).await?;
    // One transaction, so that all answers are about the same runs.
    let mut transaction = connection.begin().await?;
    let mut past = Past { version: 1, projects: Vec::new() };
    match schema::state(&mut transaction).await? {
        State::Empty => return Ok(past),
        State::Behind => return Err(Problem::Older),
        State::Current => (),
    }
    let known: Vec<String> = sqlx::query_scalar(queries::PROJECTS).fetch_all(&mut *transaction).await?;
    if let Some(project) = question.project.as_ref().filter(|project| !known.is_empty() && !known.contains(project)) {
        return Err(Problem::UnknownProject { name: project.clone(), known: known.join(", ") });
    }
    let wanted = known.iter().filter(|known| question.project.as_ref().is_none_or(|project| project == *known));
    for project in wanted {
        past.projects.push(of_project(&mut transaction, project, question).await?);
    }
    if let Some(database) = &question.database {
        past.projects.retain(|project| !project.runs.is_empty());
        if past.projects.is_empty() && !known.is_empty() {
            return Err(Problem::UnknownDatabase(database.clone()));
        }
    }
    Ok(past)
}

async fn of_project(
    connection: &mut SqliteConnection,
    project: &str,
    question: &Question,
) -> Result<ProjectPast, sqlx::Error> {
    let database = question.database.as_deref();
    let recorded = sqlx::query_scalar(queries::COUNT).bind(project).bind(database);
    let runs = sqlx::query_as(queries::RUNS).bind(project).bind(database).bind(question.limit);
    let slowest = sqlx::query_as(queries::SLOWEST).bind(project).bind(database).bind(RECENT_RUNS).bind(question.limit);
    let slower = sqlx::query_as(queries::SLOWER)
        .bind(project)
        .bind(database)
        .bind(RECENT_RUNS)
        .bind(EARLIER_RUNS)
        .bind(LEAST_RATIO)
        .bind(LEAST_MILLIS);
    let findings = sqlx::query_as(queries::CHANGES).bind(project).bind(database).bind(RECENT_RUNS);
    Ok(ProjectPast {
        project: project.to_owned(),
        recorded: recorded.fetch_one(&mut *connection).await?,
        runs: runs.fetch_all(&mut *connection).await?,
        slowest: slowest.fetch_all(&mut *connection).await?,
        slower: slower.fetch_all(&mut *connection).await?,
        findings: findings.fetch_all(connection).await?,
    })
}
