//! What other clients send, out of the server's own log: the one in CSV, which a server of ours keeps in its data folder where
//! it was asked to, and which is read through SQL, since that works in containers as well.
//!
//! The log is written by a process of its own that every other one tells through a pipe, so that it is behind. A mark that we
//! put into it behind the last statement says when everything before it has arrived.

use std::time::{Duration, Instant};

use sqlx::Row as _;
use sqlx::postgres::PgConnection;

use super::connection::run;
use super::errors::engine_error;
use super::split::split;
use crate::engine::{EngineError, Overheard, Refusal, RefusalKind};

/// How long the log may take to have what was put into it.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long to wait between two looks.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// How many bytes are read at a time, and at most of one step.
const CHUNK: i64 = 1 << 20;
const MOST: usize = 32 << 20;

/// SQLSTATE of what is sent behind an error in the same transaction (PostgreSQL manual, appendix A: `in_failed_sql_transaction`).
const BEHIND_ANOTHER: &str = "25P02";

/// SQLSTATE of RAISE EXCEPTION without a code of its own.
const RAISED: &str = "P0001";

/// Where in the log a step began.
#[derive(Clone, Debug)]
pub(super) struct Ear {
    file: String,
    from: i64,
}

impl Ear {
    /// The present end of the log; `None` where the server keeps none that can be read.
    ///
    /// # Errors
    /// When the server refuses to tell.
    pub(super) async fn open(admin: &mut PgConnection) -> Result<Option<Self>, EngineError> {
        let sql = "SELECT file, (pg_catalog.pg_stat_file(file, true)).size \
                   FROM pg_catalog.pg_current_logfile('csvlog') AS file WHERE file IS NOT NULL";
        let row = sqlx::query(sql).fetch_optional(admin).await.map_err(engine_error)?;
        let Some(row) = row else { return Ok(None) };
        let file: String = row.try_get(0).map_err(engine_error)?;
        let from: Option<i64> = row.try_get(1).map_err(engine_error)?;
        Ok(Some(Self { file, from: from.unwrap_or_default() }))
    }

    /// What was sent to this database since.
    ///
    /// # Errors
    /// When the server refuses to tell.
    pub(super) async fn heard(self, admin: &mut PgConnection, database: &str) -> Result<Overheard, EngineError> {
        let mark = format!("rollproof has read the log up to byte {}", self.from);
        run(admin, &format!("DO $rollproof$ BEGIN RAISE LOG '{mark}'; END $rollproof$")).await?;
        let (mut log, deadline) = (Vec::new(), Instant::now() + PATIENCE);
        while log.len() < MOST {
            let from = self.from.saturating_add(i64::try_from(log.len()).unwrap_or(i64::MAX));
            let more: Vec<u8> = sqlx::query_scalar("SELECT pg_catalog.pg_read_binary_file($1, $2, $3)")
                .bind(&self.file)
                .bind(from)
                .bind(CHUNK)
                .fetch_one(&mut *admin)
                .await
                .map_err(engine_error)?;
            // A mark may lie across the end of what was read before.
            let seen = log.len().saturating_sub(mark.len());
            log.extend_from_slice(&more);
            if log[seen..].windows(mark.len()).any(|bytes| bytes == mark.as_bytes()) {
                break;
            }
            if more.is_empty() {
                if Instant::now() >= deadline {
                    break;
                }
                tokio::time::sleep(BETWEEN_LOOKS).await;
            }
        }
        Ok(told(&String::from_utf8_lossy(&log), database))
    }
}

// The columns (PostgreSQL manual, "Using CSV-Format Log Output").
const DATABASE: usize = 2;
const SEVERITY: usize = 11;
const STATE: usize = 12;
const MESSAGE: usize = 13;
const DETAIL: usize = 14;
const HINT: usize = 15;
const CONTEXT: usize = 18;
const QUERY: usize = 19;

/// What the entries of one database tell.
fn told(log: &str, database: &str) -> Overheard {
    let mut heard = Overheard::default();
    for entry in entries(log) {
        let column = |number: usize| entry.get(number).map_or("", String::as_str);
        if column(DATABASE) != database {
            // Lines begin in the middle where the log was not there yet.
            continue;
        }
        match column(SEVERITY) {
            "LOG" => heard.statements.extend(statements(column(MESSAGE))),
            "ERROR" | "FATAL" if column(STATE) != BEHIND_ANOTHER => {
                let lines = [("DETAIL", DETAIL), ("HINT", HINT), ("CONTEXT", CONTEXT)];
                let lines = lines.iter().map(|(name, at)| (name, column(*at))).filter(|(_, text)| !text.is_empty());
                let detail: Vec<String> = lines.map(|(name, text)| format!("{name}: {text}")).collect();
                let refusal = Refusal {
                    kind: if column(STATE) == RAISED { RefusalKind::Author } else { RefusalKind::Server },
                    code: Some(column(STATE).to_owned()),
                    message: column(MESSAGE).to_owned(),
                    detail: (!detail.is_empty()).then(|| detail.join("\n")),
                    position: None,
                };
                heard.refusals.push((refusal, column(QUERY).to_owned()));
            }
            _ => {}
        }
    }
    heard
}

/// The statements that a message of the log tells: `statement: ...`, or `execute <name>: ...` with its parameters apart.
fn statements(message: &str) -> Vec<String> {
    let text = match message.split_once(": ") {
        Some(("statement", text)) => text,
        Some((kind, text)) if kind.starts_with("execute ") => text,
        _ => return Vec::new(),
    };
    match split(text) {
        Ok(statements) => statements.into_iter().map(|statement| text[statement.span].to_owned()).collect(),
        Err(_) => vec![text.trim().to_owned()],
    }
}

/// The whole entries of a log, each with its columns.
fn entries(log: &str) -> Vec<Vec<String>> {
    let (mut entries, mut entry, mut column, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut left = log.chars().peekable();
    while let Some(c) = left.next() {
        match c {
            '"' if quoted && left.peek() == Some(&'"') => {
                left.next();
                column.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => entry.push(std::mem::take(&mut column)),
            '\n' if !quoted => {
                entry.push(std::mem::take(&mut column));
                entries.push(std::mem::take(&mut entry));
            }
            c => column.push(c),
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_tell_statements_and_refusals() {
        let line = |database: &str, severity: &str, state: &str, message: &str, query: &str| {
            format!(
                "2026-01-01 00:00:00.000 UTC,\"u\",\"{database}\",7,\"h:1\",a.1,1,\"SELECT\",2026,3/1,0,{severity},{state},\
                 \"{message}\",,\"a hint\",,,,\"{query}\",,,\"knex\",\"client backend\",,0\n"
            )
        };
        let log = [
            line(
                "work",
                "LOG",
                "00000",
                "statement: CREATE TABLE \"\"t\"\" (a int);\n-- a remark, with \"\"quotes\"\"\nDROP TABLE x",
                "",
            ),
            line("postgres", "LOG", "00000", "statement: SELECT 'not ours'", ""),
            line("work", "LOG", "00000", "execute <unnamed>: INSERT INTO t VALUES ($1)", ""),
            line("work", "LOG", "00000", "disconnection: session time: 0:00:00.1", ""),
            line("work", "ERROR", "42P07", "relation \"\"t\"\" already exists", "CREATE TABLE t ()"),
            line("work", "ERROR", "25P02", "current transaction is aborted", "SELECT 1"),
            "2026,\"cut".to_owned(),
        ];
        let heard = told(&log.concat(), "work");
        assert_eq!(heard.statements, ["CREATE TABLE \"t\" (a int)", "DROP TABLE x", "INSERT INTO t VALUES ($1)"]);
        let [(refusal, query)] = heard.refusals.as_slice() else { panic!("{:?}", heard.refusals) };
        assert_eq!(refusal.message, "relation \"t\" already exists");
        assert_eq!((refusal.code.as_deref(), query.as_str()), (Some("42P07"), "CREATE TABLE t ()"));
        assert_eq!(refusal.detail.as_deref(), Some("HINT: a hint"));
    }
}
