//! `--ledger`: what a run comes to is kept for `rollproof history`.
//!
//! A ledger that cannot be used is no fault of the migrations. The check goes on, its reports are written, and only the
//! exit code says that something is amiss. It is noticed before the check starts and said at once, so that who would
//! rather mend it first need not wait.

use std::path::{Path, PathBuf};

use super::Output;
use super::reports::ReportArgs;
use crate::git;
use crate::ledger::{self, LedgerError, Origin};
use crate::report::Report;
use crate::run::Settings;

/// The flag.
#[derive(Debug, clap::Args)]
pub(super) struct RecordingArgs {
    /// Record the run in this SQLite file, for `rollproof history`; it is made where there is none.
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
}

impl RecordingArgs {
    /// # Errors
    /// When there can be no such ledger, or a report would be written over it.
    pub(super) fn check(&self, reports: &ReportArgs) -> Result<(), String> {
        match &self.ledger {
            Some(file) if file == Path::new("-") => {
                Err("--ledger cannot be standard output, since it is read again; name a file".to_owned())
            }
            Some(file) => match reports.writing(file) {
                Some(flag) => Err(format!(
                    "--ledger and --{flag} name the same file, {}; give each its own, since a report would be written over \
                     the ledger",
                    file.display()
                )),
                None => Ok(()),
            },
            None => Ok(()),
        }
    }
}

/// A ledger that waits for its run.
pub(super) struct Recording {
    ledger: Option<PathBuf>,
    problem: Option<LedgerError>,
}

/// Looks whether the ledger, if one is wanted, can be written; makes it where there is none.
pub(super) async fn prepare(args: &RecordingArgs) -> Recording {
    let problem = match &args.ledger {
        Some(file) => ledger::prepare(file).await.err(),
        None => None,
    };
    Recording { ledger: args.ledger.clone(), problem }
}

impl Recording {
    /// What is to be said before the check starts.
    pub(super) fn warning(&self) -> Option<String> {
        let problem = self.problem.as_ref()?;
        Some(format!("this run will not be recorded and ends with exit code 2: {problem}"))
    }

    /// Records the run. Where that fails, `output` says so and its exit code is 2; all else in it stays.
    pub(super) async fn finish(self, report: &Report, settings: Settings, output: &mut Output) {
        let problem = match (self.problem, &self.ledger) {
            (Some(problem), _) => Some(problem),
            (None, Some(file)) => {
                let revision = git::head_revision(&settings.project.root).await;
                let origin = Origin { revision, phases: settings.phases };
                ledger::record(file, report, &origin).await.err()
            }
            (None, None) => None,
        };
        if let Some(problem) = problem {
            output.amiss(format!("this run is not recorded: {problem}"));
        }
    }
}
