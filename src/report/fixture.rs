//! A report that has everything, for the tests of this room, and the comparison with files that a switch rewrites.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::{
    DatabaseReport, DescentReport, ErrorReport, FindingReport, Report, RunOutcome, StepErrorReport, StepReport, Tool,
    Totals,
};
use crate::history::EngineKind;
use crate::policy::{Level, PolicyPlace, Snippet};
use crate::replay::{ErrorKind, Outcome, Phase};
use crate::schema::Class;

/// Compares with a file of tests/golden/; `ROLLPROOF_BLESS=1` rewrites it.
pub(super) fn golden(name: &str, text: &str) {
    keep(&format!("tests/golden/{name}"), text);
}

/// Compares with a file of the repository; `ROLLPROOF_BLESS=1` rewrites it.
pub(super) fn keep(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("ROLLPROOF_BLESS").is_some_and(|value| value == "1") {
        fs::write(&file, text).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == text, "{path} is not what the code gives; ROLLPROOF_BLESS=1 rewrites it. The code gives:\n{text}");
}

/// A script whose statement and mark are found by their text.
pub(super) fn snippet(text: &str, statement: &str, mark: &str, label: &str) -> Option<Snippet> {
    let range = |part: &str| -> Range<usize> {
        let start = text.find(part).unwrap();
        start..start + part.len()
    };
    Some(Snippet {
        text: Arc::from(text),
        first_line: 1,
        span: range(mark),
        statement: range(statement),
        label: label.to_owned(),
    })
}

/// A step that passed.
pub(super) fn step(migration: &str, phase: Phase, class: Option<Class>, millis: f64) -> StepReport {
    let direction = if matches!(phase, Phase::Up | Phase::Redo) { "up" } else { "down" };
    StepReport {
        migration: migration.to_owned(),
        phase,
        outcome: Outcome::Passed,
        class,
        millis,
        file: Some(format!("migrations/{migration}.{direction}.sql")),
        line: Some(1),
        error: None,
        skipped: None,
        retry: None,
    }
}

/// A finding about a migration, at the first line of its down script.
pub(super) fn finding(rule: &str, level: Level, phase: Phase, migration: &str, message: &str) -> FindingReport {
    FindingReport {
        rule: rule.to_owned(),
        level,
        phase,
        migration: Some(migration.to_owned()),
        object: None,
        file: Some(format!("migrations/{migration}.down.sql")),
        line: Some(1),
        message: message.to_owned(),
        details: Vec::new(),
        help: "write a down script that undoes the up script".to_owned(),
        policy: PolicyPlace { file: format!("policies/core/{rule}.yml"), line: 6 },
        suppressed: None,
        inherited: false,
        why: String::new(),
        snippet: None,
    }
}

/// Two databases: one with every kind of step and finding, one that could not be checked.
pub(super) fn fixture() -> Report {
    let databases = vec![main_database(), broken_database()];
    Report {
        version: 1,
        tool: Tool { name: "rollproof".to_owned(), version: "0.1.0".to_owned() },
        outcome: RunOutcome::Error,
        databases,
        errors: vec![ErrorReport { phase: None, message: "rollproof.yml:3:5: unknown key `engin`".to_owned() }],
        totals: Totals { migrations: 7, steps: 18, failed: 2, errors: 3, warnings: 2, notes: 9, seconds: 1.234 },
        fail_on: Some(Level::Error),
        started_millis: 1_763_890_000_000,
        project: "shop.example".to_owned(),
        changed_files: Vec::new(),
    }
}

const DROP_STATUS: &str = "-- drops what the up made\n\
    ALTER TABLE releases\n\tDROP COLUMN status,\n\tDROP COLUMN statsu;\n\
    DROP TYPE status;\n";

fn main_database() -> DatabaseReport {
    DatabaseReport {
        name: "main".to_owned(),
        engine: Some(EngineKind::Postgres),
        server_version: Some("17.11".to_owned()),
        provision: Some("container".to_owned()),
        image: Some("postgres:17".to_owned()),
        image_digest: Some("sha256:0123abcd".to_owned()),
        format: Some("sqlx".to_owned()),
        migrations: 6,
        steps: main_steps(),
        descent: Some(DescentReport { reached: 1, of: 5, stopped_at: Some("0004_status".to_owned()) }),
        findings: main_findings(),
        errors: vec![ErrorReport {
            phase: Some(Phase::Redo),
            message: "the server went away after 0005_audit; run again with --verbose".to_owned(),
        }],
        cannot_tell: Vec::new(),
        notes: Vec::new(),
    }
}

fn main_steps() -> Vec<StepReport> {
    let failed = |step: StepReport, line: usize, code: &str, message: &str| StepReport {
        outcome: Outcome::Failed,
        line: Some(line),
        error: Some(StepErrorReport {
            kind: ErrorKind::Server,
            code: Some(code.to_owned()),
            message: message.to_owned(),
        }),
        ..step
    };
    let skipped = |step: StepReport, reason: &str| StepReport {
        outcome: Outcome::Skipped,
        millis: 0.0,
        skipped: Some(reason.to_owned()),
        ..step
    };
    vec![
        step("0001_base", Phase::Up, None, 12.0625),
        step("0001_base", Phase::Down, Some(Class::Exact), 4.1),
        step("0001_base", Phase::Redo, Some(Class::Exact), 11.0),
        step("0002_users", Phase::Up, None, 3.5),
        step("0002_users", Phase::Down, Some(Class::Structure), 1.25),
        step("0002_users", Phase::Redo, Some(Class::Exact), 3.25),
        step("0003_order", Phase::Up, None, 3.0),
        step("0003_order", Phase::Down, Some(Class::Order), 1.5),
        step("0003_order", Phase::Redo, Some(Class::Order), 2.75),
        step("0004_status", Phase::Up, None, 2.0),
        failed(
            step("0004_status", Phase::Down, None, 0.75),
            4,
            "42703",
            "column \"statsu\" of relation \"releases\" does not exist",
        ),
        step("0005_audit", Phase::Up, None, 2.5),
        skipped(step("0005_audit", Phase::Down, None, 0.0), "it has no down script"),
        failed(step("0006_view", Phase::Up, None, 0.5), 1, "42P01", "relation \"gone\" does not exist"),
        skipped(step("0006_view", Phase::Down, None, 0.0), "its up failed"),
        step("0005_audit", Phase::Descent, None, 1.0),
    ]
}

fn main_findings() -> Vec<FindingReport> {
    let mut findings = vec![
        FindingReport {
            migration: None,
            file: Some("migrations/notes.txt".to_owned()),
            help: "move it out of the folder".to_owned(),
            ..finding("unmatched-file", Level::Warning, Phase::Graph, "", "notes.txt is not read: it has no version")
        },
        FindingReport {
            object: Some("table public.users column email".to_owned()),
            details: (1..=14).map(|n| format!("table public.users column c{n} is gone")).collect(),
            why: "A rollback would lose what later code needs.\nIt cannot be tried twice.".to_owned(),
            ..finding("down-not-inverse", Level::Error, Phase::Down, "0002_users", "the down left 14 differences")
        },
        finding("down-reorders-columns", Level::Note, Phase::Down, "0003_order", "columns are in another order"),
        FindingReport {
            line: Some(4),
            details: vec!["hint: perhaps you meant \"status\"".to_owned()],
            why: "A release that fails cannot be rolled back.".to_owned(),
            snippet: snippet(
                DROP_STATUS,
                "ALTER TABLE releases\n\tDROP COLUMN status,\n\tDROP COLUMN statsu",
                "statsu",
                "42703: column \"statsu\" of relation \"releases\" does not exist",
            ),
            ..finding(
                "down-fails",
                Level::Error,
                Phase::Down,
                "0004_status",
                "the down script fails: column \"statsu\" of relation \"releases\" does not exist",
            )
        },
        FindingReport {
            suppressed: Some("written before we had reviews".to_owned()),
            ..finding("down-empty", Level::Warning, Phase::Down, "0001_base", "the down script has no statement")
        },
        FindingReport {
            inherited: true,
            ..finding("redo-differs", Level::Error, Phase::Redo, "0003_order", "redo ends elsewhere")
        },
        FindingReport {
            file: Some("migrations/0006_view.up.sql".to_owned()),
            snippet: snippet(
                "CREATE VIEW v AS\nSELECT *\nFROM gone;\n",
                "CREATE VIEW v AS\nSELECT *\nFROM gone",
                "CREATE VIEW v AS\nSELECT *\nFROM gone",
                "42P01: relation \"gone\" does not exist\u{1b}[31m\u{7}",
            ),
            ..finding(
                "up-fails",
                Level::Error,
                Phase::Up,
                "0006_view",
                "the up script fails: \u{1b}[1mno \"gone\"\0 ]]>",
            )
        },
        FindingReport {
            migration: None,
            file: None,
            line: None,
            help: String::new(),
            ..finding("descent-stops", Level::Warning, Phase::Descent, "", "head rolls back 1 of 5 migrations")
        },
    ];
    findings.extend((10..18).map(|n| {
        finding(
            "down-missing",
            Level::Note,
            Phase::Down,
            &format!("00{n}_more"),
            &format!("00{n}_more has no down script"),
        )
    }));
    findings
}

fn broken_database() -> DatabaseReport {
    DatabaseReport {
        name: "events".to_owned(),
        engine: Some(EngineKind::Sqlite),
        server_version: None,
        provision: None,
        image: None,
        image_digest: None,
        format: None,
        migrations: 1,
        steps: Vec::new(),
        descent: None,
        findings: Vec::new(),
        errors: vec![ErrorReport {
            phase: None,
            message: "no server to be had: nothing answers\ninstall one".to_owned(),
        }],
        cannot_tell: Vec::new(),
        notes: Vec::new(),
    }
}
