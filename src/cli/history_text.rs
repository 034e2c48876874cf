//! Past runs for a person: a section per project, in it a list for each question that has an answer.

use time::OffsetDateTime;

use crate::history::EngineKind;
use crate::ledger::{
    Change, EARLIER_RUNS, LEAST_MILLIS, LEAST_RATIO, Past, PastCheck, PastFinding, PastRun, ProjectPast, RECENT_RUNS,
    SlowMigration, SlowerMigration,
};
use crate::report::{counted, one_clean_line};

/// How many characters of a commit are shown.
const REVISION: usize = 12;

/// The answer as text, closed by a line end. `limit` is the most lines of a list.
pub(super) fn to_text(past: &Past, limit: u32) -> String {
    if past.projects.is_empty() {
        return "no run is recorded yet\n".to_owned();
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let sections: Vec<String> = past.projects.iter().map(|project| section(project, limit)).collect();
    sections.join("\n")
}

fn section(past: &ProjectPast, limit: usize) -> String {
    let name = one_clean_line(&past.project);
    let recorded = whole(past.recorded);
    let shown = past.runs.len();
    let runs = if shown < recorded { format!("the last {shown} of {recorded} runs") } else { counted(recorded, "run") };
    let mut text = list(&format!("{name} · {runs}"), past.runs.iter().map(run).collect(), limit);
    let title = format!("slowest migrations · median of up in the last {RECENT_RUNS} runs, on each server version");
    text += &following(&title, past.slowest.iter().map(slow).collect(), limit);
    let title = format!(
        "slower in the last run · more than {LEAST_RATIO} times and {LEAST_MILLIS} ms above the median of at least \
         {EARLIER_RUNS} earlier runs"
    );
    text += &following(&title, past.slower.iter().map(slower).collect(), limit);
    let title = "findings · new and gone since the last comparable run";
    text + &following(title, past.findings.iter().map(finding).collect(), limit)
}

/// A list behind another one; nothing where it is empty.
fn following(title: &str, rows: Vec<Vec<Cell>>, limit: usize) -> String {
    if rows.is_empty() { String::new() } else { format!("\n{}", list(title, rows, limit)) }
}

/// A title and aligned rows below it.
fn list(title: &str, rows: Vec<Vec<Cell>>, limit: usize) -> String {
    let more = rows.len().saturating_sub(limit);
    let rows: Vec<Vec<Cell>> = rows.into_iter().take(limit).collect();
    let widths: Vec<usize> = (0..rows.iter().map(Vec::len).max().unwrap_or(0))
        .map(|column| rows.iter().filter_map(|row| row.get(column)).map(Cell::width).max().unwrap_or(0))
        .collect();
    let mut text = format!("{title}\n");
    for row in rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| cell.padded(*width)).collect();
        text.push_str(format!("  {}", cells.join("  ")).trim_end());
        text.push('\n');
    }
    if more > 0 {
        text.push_str(&format!("  and {more} more; --limit shows them\n"));
    }
    text
}

/// One field of a row.
enum Cell {
    Text(String),
    Number(String),
}

impl Cell {
    /// Text from the ledger, which anybody may have written.
    fn text(text: &str) -> Self {
        Self::Text(one_clean_line(text))
    }

    fn width(&self) -> usize {
        let (Self::Text(text) | Self::Number(text)) = self;
        text.chars().count()
    }

    fn padded(&self, width: usize) -> String {
        match self {
            Self::Text(text) => format!("{text:<width$}"),
            Self::Number(text) => format!("{text:>width$}"),
        }
    }
}

fn run(run: &PastRun) -> Vec<Cell> {
    let count = |count: i64, noun: &str| Cell::Text(counted(whole(count), noun));
    let revision: String = run.revision.iter().flat_map(|revision| revision.chars()).take(REVISION).collect();
    let server = |check: &PastCheck| {
        format!("{} {}", check.database, product(check.engine.as_deref(), check.server_version.as_deref()))
    };
    let servers: Vec<String> = run.checks.iter().map(server).collect();
    vec![
        Cell::Text(moment(run.started_at)),
        Cell::text(&run.outcome),
        count(run.errors, "error"),
        count(run.warnings, "warning"),
        count(run.notes, "note"),
        Cell::Number(format!("{:.1} s", run.millis / 1000.0)),
        Cell::text(if revision.is_empty() { "-" } else { &revision }),
        Cell::text(&servers.join(", ")),
    ]
}

fn slow(slow: &SlowMigration) -> Vec<Cell> {
    vec![
        Cell::Number(format!("{:.1} ms", slow.millis)),
        Cell::Number(counted(whole(slow.runs), "run")),
        Cell::text(&slow.database),
        Cell::text(&product(slow.engine.as_deref(), slow.server_version.as_deref())),
        Cell::text(&slow.migration),
    ]
}

fn slower(slower: &SlowerMigration) -> Vec<Cell> {
    vec![
        Cell::Number(format!("{:.1} ms", slower.millis)),
        Cell::Number(format!("was {:.1} ms in {}", slower.usual_millis, counted(whole(slower.runs), "run"))),
        Cell::text(&slower.database),
        Cell::text(&product(slower.engine.as_deref(), slower.server_version.as_deref())),
        Cell::text(&slower.migration),
    ]
}

fn finding(finding: &PastFinding) -> Vec<Cell> {
    let change = match finding.change {
        Change::New => "new",
        Change::Gone => "gone",
    };
    vec![
        Cell::text(change),
        Cell::text(&format!("{}[{}]", finding.level, finding.rule)),
        Cell::text(&finding.database),
        Cell::text(finding.migration.as_deref().unwrap_or("-")),
        Cell::text(finding.object.as_deref().unwrap_or("")),
    ]
}

/// A count of SQLite's, which has only signed numbers.
fn whole(count: i64) -> usize {
    usize::try_from(count).unwrap_or_default()
}

/// `PostgreSQL 17.11`.
fn product(engine: Option<&str>, version: Option<&str>) -> String {
    let known = EngineKind::ALL.into_iter().find(|known| engine == Some(known.word()));
    let title = match known {
        Some(known) => known.title(),
        None => engine.unwrap_or("unknown engine"),
    };
    version.map_or_else(|| title.to_owned(), |version| format!("{title} {version}"))
}

/// `2026-11-23 09:00:00 UTC`; runs come from machines in many time zones.
fn moment(millis: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000);
    let time = time.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (year, month, day) = time.to_calendar_date();
    let (hour, minute, second) = time.to_hms();
    format!("{year:04}-{:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC", u8::from(month))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(database: &str) -> PastCheck {
        PastCheck {
            database: database.to_owned(),
            engine: Some("postgres".to_owned()),
            server_version: Some("17.11".to_owned()),
            provision: Some("local".to_owned()),
        }
    }

    fn past_run(started_at: i64, errors: i64, millis: f64) -> PastRun {
        PastRun {
            started_at,
            tool_version: "0.1.0".to_owned(),
            revision: (errors > 0).then(|| "0123456789abcdef0123".to_owned()),
            phases: "up,down".to_owned(),
            outcome: if errors > 0 { "failed" } else { "passed" }.to_owned(),
            millis,
            errors,
            warnings: 1,
            notes: 0,
            checks: vec![check("main"), PastCheck { engine: None, server_version: None, ..check("audit") }],
        }
    }

    fn full() -> ProjectPast {
        let slow = |migration: &str, millis| SlowMigration {
            database: "main".to_owned(),
            engine: Some("postgres".to_owned()),
            server_version: Some("17.11".to_owned()),
            migration: migration.to_owned(),
            millis,
            runs: 2,
        };
        ProjectPast {
            project: "shop".to_owned(),
            recorded: 12,
            runs: vec![past_run(1_763_890_000_000, 12, 12_345.6), past_run(0, 0, 600.0)],
            slowest: vec![slow("0042_backfill", 1203.54), slow("0001_base", 9.0)],
            slower: vec![SlowerMigration {
                database: "main".to_owned(),
                engine: Some("postgres".to_owned()),
                server_version: Some("17.11".to_owned()),
                migration: "0042_backfill".to_owned(),
                millis: 1203.5,
                usual_millis: 200.25,
                runs: 3,
            }],
            findings: vec![PastFinding {
                change: Change::New,
                database: "main".to_owned(),
                level: "error".to_owned(),
                rule: "down-fails".to_owned(),
                migration: Some("0042_backfill".to_owned()),
                object: None,
                fingerprint: "00".to_owned(),
            }],
        }
    }

    #[test]
    fn the_whole_page() {
        let text = to_text(&Past { version: 1, projects: vec![full()] }, 10);
        assert_eq!(
            text,
            "shop · the last 2 of 12 runs
  2025-11-23 09:26:40 UTC  failed  12 errors  1 warning  0 notes  12.3 s  0123456789ab  main PostgreSQL 17.11, audit unknown engine
  1970-01-01 00:00:00 UTC  passed  0 errors   1 warning  0 notes   0.6 s  -             main PostgreSQL 17.11, audit unknown engine

slowest migrations · median of up in the last 100 runs, on each server version
  1203.5 ms  2 runs  main  PostgreSQL 17.11  0042_backfill
     9.0 ms  2 runs  main  PostgreSQL 17.11  0001_base

slower in the last run · more than 2 times and 20 ms above the median of at least 3 earlier runs
  1203.5 ms  was 200.2 ms in 3 runs  main  PostgreSQL 17.11  0042_backfill

findings · new and gone since the last comparable run
  new  error[down-fails]  main  0042_backfill
"
        );
    }

    #[test]
    fn what_is_empty_is_left_out_and_what_is_long_is_counted() {
        assert_eq!(to_text(&Past { version: 1, projects: Vec::new() }, 10), "no run is recorded yet\n");
        let bare = ProjectPast { slowest: Vec::new(), slower: Vec::new(), findings: Vec::new(), ..full() };
        assert_eq!(to_text(&Past { version: 1, projects: vec![bare] }, 10).lines().count(), 3);
        let finding = full().findings[0].clone();
        let many = ProjectPast { findings: vec![finding; 5], ..full() };
        let text = to_text(&Past { version: 1, projects: vec![many.clone(), many] }, 3);
        assert_eq!(text.matches("new  error[down-fails]").count(), 6, "{text}");
        assert_eq!(text.matches("and 2 more; --limit shows them").count(), 2, "{text}");
    }

    #[test]
    fn a_ledger_from_elsewhere_does_nothing_to_the_terminal() {
        let hostile = "\u{1b}[31m\u{202e}evil\n\u{7}";
        let mut project = full();
        for text in [&mut project.project, &mut project.runs[0].outcome, &mut project.slowest[0].migration] {
            hostile.clone_into(text);
        }
        project.runs[0].revision = Some(hostile.to_owned());
        project.runs[0].checks[0].engine = Some(hostile.to_owned());
        project.findings[0].rule = hostile.to_owned();
        let text = to_text(&Past { version: 1, projects: vec![project] }, 10);
        assert!(text.chars().all(|c| c == '\n' || (!c.is_control() && c != '\u{202e}')), "{text:?}");
        assert_eq!(text.lines().count(), 13);
    }
}
