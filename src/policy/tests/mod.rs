//! Histories and traces by hand, and the tests of the room as a whole.

mod core_pack;
mod judging;
mod language;
mod loading;

use std::path::PathBuf;
use std::sync::Arc;

use crate::history::{History, Migration, Script, TransactionMode};
use crate::replay::{ErrorKind, Outcome, Phase, Step, StepError};
use crate::schema::{Change, ChangeKind, Class, Diff, ObjectId};

const SCRIPT: &str = "fine;\nbad;\n";

/// A line of migrations with up and down scripts.
pub(super) fn history(ids: &[&str]) -> History {
    let script = |id: &str, direction: &str| {
        Script::new(
            PathBuf::from(format!("migrations/{id}.{direction}.sql")),
            Arc::from(SCRIPT),
            TransactionMode::Batch,
        )
    };
    let migration = |(index, id): (usize, &&str)| Migration {
        id: (*id).to_owned(),
        version: (*id).to_owned(),
        parents: index.checked_sub(1).map(|before| ids[before].to_owned()).into_iter().collect(),
        up: script(id, "up"),
        down: Some(script(id, "down")),
        language: None,
        skip: None,
        overtaken_by: None,
        repeatable: false,
        of_a_package: false,
        parents_at: None,
        depends_on: Vec::new(),
        replaces: Vec::new(),
        branch: None,
    };
    History {
        format: "updown",
        folder: PathBuf::from("migrations"),
        migrations: ids.iter().enumerate().map(migration).collect(),
        unmatched: Vec::new(),
        one_way: false,
        declares_parents: false,
    }
}

/// A step that passed.
pub(super) fn step(migration: usize, phase: Phase, diff: Option<Diff>) -> Step {
    Step {
        migration,
        phase,
        outcome: Outcome::Passed,
        skipped: None,
        statements: 1,
        millis: 1.0,
        error: None,
        diff,
        left_behind: Diff::default(),
        rows_left: Vec::new(),
        retry: None,
        sent: Vec::new(),
    }
}

/// A step that failed at the second statement of its script.
pub(super) fn failed(migration: usize, phase: Phase, kind: ErrorKind, code: &str) -> Step {
    let error = StepError {
        kind,
        code: Some(code.to_owned()),
        message: "it is wrong".to_owned(),
        detail: Some("HINT: look there".to_owned()),
        part: 0,
        line: 2,
        span: 6..9,
        statement: 6..9,
    };
    Step { outcome: Outcome::Failed, error: Some(error), ..step(migration, phase, None) }
}

/// A difference of each of these classes, in a table that is called after the class.
pub(super) fn diff(classes: &[Class]) -> Diff {
    let change = |class: &Class| {
        let kind = ChangeKind::Altered { attribute: "thing".into(), before: None, after: Some("x".into()) };
        Change::new(ObjectId::new("table", &["public", class.word()]), *class, kind)
    };
    Diff { changes: classes.iter().map(change).collect() }
}
