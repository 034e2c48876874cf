//! Writing a run down.

use std::collections::BTreeSet;
use std::path::Path;

use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection as _, Executor as _};

use super::{LedgerError, Problem, connection, fingerprint, schema};
use crate::history::EngineKind;
use crate::replay::{Outcome, Phase};
use crate::report::{DatabaseReport, FindingReport, Report, RunOutcome, StepReport};
use crate::schema::Class;

/// Takes the write lock at once. A transaction that reads first and writes then can find that another has written
/// between, and nothing but starting again would help it (SQLite manual, "Transaction").
const BEGIN: &str = "BEGIN IMMEDIATE";

/// What a run was of, beyond its report.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The commit that was checked, where that is known.
    pub revision: Option<String>,
    /// The phases that were asked for: findings are compared between runs of the same ones.
    pub phases: BTreeSet<Phase>,
}

/// Makes the ledger where there is none, brings it up to date, and finds out whether it can be written, so that a long
/// check need not end in a run that nobody keeps.
///
/// # Errors
/// When it cannot be used; the file is then as it was.
pub async fn prepare(file: &Path) -> Result<(), LedgerError> {
    prepared(file).await.map_err(|problem| LedgerError::new(file, problem))
}

async fn prepared(file: &Path) -> Result<(), Problem> {
    let mut connection = connection::for_writing(file).await?;
    let mut transaction = connection.begin_with(BEGIN).await?;
    let made = schema::bring_up_to_date(&mut transaction).await?;
    if made {
        transaction.commit().await?;
    } else {
        // Only a write shows whether the journal can be made beside the file; this one is taken back.
        transaction.execute("PRAGMA user_version = 0").await?;
        transaction.rollback().await?;
    }
    Ok(connection.close().await?)
}

/// Records a run, in one transaction. The ledger is opened anew: while the check ran, it may have been moved, or another
/// program may have brought it to a newer version.
///
/// # Errors
/// When it cannot be used; nothing of the run is in it then.
pub async fn record(file: &Path, report: &Report, origin: &Origin) -> Result<(), LedgerError> {
    recorded(file, report, origin).await.map_err(|problem| LedgerError::new(file, problem))
}

async fn recorded(file: &Path, report: &Report, origin: &Origin) -> Result<(), Problem> {
    let mut connection = connection::for_writing(file).await?;
    let mut transaction = connection.begin_with(BEGIN).await?;
    schema::bring_up_to_date(&mut transaction).await?;
    let run = insert_run(&mut transaction, report, origin).await?;
    for database in &report.databases {
        let check = insert_check(&mut transaction, run, database).await?;
        for (position, step) in (0_i64..).zip(&database.steps) {
            insert_step(&mut transaction, check, position, step).await?;
        }
        for finding in &database.findings {
            insert_finding(&mut transaction, check, &database.name, finding).await?;
        }
    }
    transaction.commit().await?;
    Ok(connection.close().await?)
}

async fn insert_run(connection: &mut SqliteConnection, report: &Report, origin: &Origin) -> Result<i64, sqlx::Error> {
    let phases: Vec<&str> = origin.phases.iter().map(|phase| phase.word()).collect();
    let sql = "INSERT INTO runs (started_at, tool_version, project, revision, phases, outcome, millis) \
               VALUES (?, ?, ?, ?, ?, ?, ?)";
    let done = sqlx::query(sql)
        .bind(report.started_millis)
        .bind(&report.tool.version)
        .bind(&report.project)
        .bind(&origin.revision)
        .bind(phases.join(","))
        .bind(match report.outcome {
            RunOutcome::Passed => "passed",
            RunOutcome::Failed => "failed",
            RunOutcome::Error => "error",
        })
        .bind(report.totals.seconds * 1000.0)
        .execute(connection)
        .await?;
    Ok(done.last_insert_rowid())
}

async fn insert_check(
    connection: &mut SqliteConnection,
    run: i64,
    database: &DatabaseReport,
) -> Result<i64, sqlx::Error> {
    let sql = "INSERT INTO checks (run_id, database, engine, server_version, server_major, provision, complete) \
               VALUES (?, ?, ?, ?, ?, ?, ?)";
    let done = sqlx::query(sql)
        .bind(run)
        .bind(&database.name)
        .bind(database.engine.map(EngineKind::word))
        .bind(&database.server_version)
        .bind(database.server_version.as_deref().map(major))
        .bind(&database.provision)
        .bind(database.errors.is_empty())
        .execute(connection)
        .await?;
    Ok(done.last_insert_rowid())
}

/// `17` of `17.11`: what stands before the first point.
fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}

async fn insert_step(
    connection: &mut SqliteConnection,
    check: i64,
    position: i64,
    step: &StepReport,
) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO steps (check_id, phase, position, migration, outcome, class, millis) \
               VALUES (?, ?, ?, ?, ?, ?, ?)";
    sqlx::query(sql)
        .bind(check)
        .bind(step.phase.word())
        .bind(position)
        .bind(&step.migration)
        .bind(match step.outcome {
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
            Outcome::Skipped => "skipped",
        })
        .bind(step.class.map(Class::word))
        .bind(step.millis)
        .execute(connection)
        .await
        .map(drop)
}

async fn insert_finding(
    connection: &mut SqliteConnection,
    check: i64,
    database: &str,
    finding: &FindingReport,
) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO findings (check_id, fingerprint, rule, level, phase, migration, object, file, line, message, \
               suppressed, inherited) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let print = fingerprint(&finding.rule, database, finding.migration.as_deref(), finding.object.as_deref());
    sqlx::query(sql)
        .bind(check)
        .bind(print)
        .bind(&finding.rule)
        .bind(finding.level.word())
        .bind(finding.phase.word())
        .bind(&finding.migration)
        .bind(&finding.object)
        .bind(&finding.file)
        .bind(finding.line.and_then(|line| i64::try_from(line).ok()))
        .bind(&finding.message)
        .bind(&finding.suppressed)
        .bind(finding.inherited)
        .execute(connection)
        .await
        .map(drop)
}
