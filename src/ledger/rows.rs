//! From rows of the ledger to what it is asked for.

use sqlx::sqlite::SqliteRow;
use sqlx::types::Json;
use sqlx::{FromRow, Row as _};

use super::past::{Change, PastFinding, PastRun, SlowMigration, SlowerMigration};

impl FromRow<'_, SqliteRow> for PastRun {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        let Json(checks) = row.try_get("checks")?;
        Ok(Self {
            started_at: row.try_get("started_at")?,
            tool_version: row.try_get("tool_version")?,
            revision: row.try_get("revision")?,
            phases: row.try_get("phases")?,
            outcome: row.try_get("outcome")?,
            millis: row.try_get("millis")?,
            errors: row.try_get("errors")?,
            warnings: row.try_get("warnings")?,
            notes: row.try_get("notes")?,
            checks,
        })
    }
}

impl FromRow<'_, SqliteRow> for SlowMigration {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            database: row.try_get("database")?,
            engine: row.try_get("engine")?,
            server_version: row.try_get("server_version")?,
            migration: row.try_get("migration")?,
            millis: row.try_get("millis")?,
            runs: row.try_get("runs")?,
        })
    }
}

impl FromRow<'_, SqliteRow> for SlowerMigration {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            database: row.try_get("database")?,
            engine: row.try_get("engine")?,
            server_version: row.try_get("server_version")?,
            migration: row.try_get("migration")?,
            millis: row.try_get("millis")?,
            usual_millis: row.try_get("usual_millis")?,
            runs: row.try_get("runs")?,
        })
    }
}

impl FromRow<'_, SqliteRow> for PastFinding {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        let change: String = row.try_get("change")?;
        Ok(Self {
            change: if change == "new" { Change::New } else { Change::Gone },
            database: row.try_get("database")?,
            level: row.try_get("level")?,
            rule: row.try_get("rule")?,
            migration: row.try_get("migration")?,
            object: row.try_get("object")?,
            fingerprint: row.try_get("fingerprint")?,
        })
    }
}
