//! `rollproof lint`: the phases that need no database. Reports and exit codes are those of `check`.

use std::collections::BTreeSet;

use super::progress::ProgressMode;
use super::recording::RecordingArgs;
use super::reports::ReportArgs;
use super::subject::{SubjectArgs, name_of, subject};
use super::{Output, pipeline};
use crate::replay::Phase;
use crate::run::Settings;

/// What was typed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    subject: SubjectArgs,
    #[command(flatten)]
    reports: ReportArgs,
    #[command(flatten)]
    recording: RecordingArgs,
}

pub(super) async fn run(args: Args) -> Output {
    // It is over before a progress could be shown.
    pipeline::run(&args.reports, &args.recording, ProgressMode::None, || settings(&args)).await
}

fn settings(args: &Args) -> Result<Settings, String> {
    let (project, places) = subject(&args.subject)?;
    Ok(Settings {
        name: name_of(&project.root),
        fail_on: args.reports.fail_on(project.fail_on),
        project,
        places,
        only_databases: args.subject.database.clone(),
        base: args.subject.base.clone(),
        phases: BTreeSet::from([Phase::Graph, Phase::Policy]),
        servers: None,
    })
}
