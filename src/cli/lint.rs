//! `rollproof lint`: the phases that need no database. Reports and exit codes are those of `check`.

use std::collections::BTreeSet;

use super::Output;
use super::check::TIMEOUT;
use super::recording::{RecordingArgs, prepare};
use super::reports::{ReportArgs, not_begun, outputs};
use super::subject::{SubjectArgs, name_of, subject};
use crate::provision::{Mode, START_TIMEOUT};
use crate::replay::Phase;
use crate::run::{self, Settings};

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

/// Nothing is started, so that there is nothing to clean up when this is interrupted.
pub(super) async fn run(args: Args) -> Output {
    let settings = match settings(&args) {
        Ok(settings) => settings,
        Err(message) => return not_begun(&args.reports, message),
    };
    let recording = prepare(&args.recording).await;
    // It is over before a progress could be shown.
    let report = run::run(&settings, &mut |_| {}).await;
    let mut output = outputs(&args.reports, &report);
    recording.finish(&report, settings, &mut output).await;
    output
}

fn settings(args: &Args) -> Result<Settings, String> {
    args.reports.check()?;
    args.recording.check(&args.reports)?;
    let (project, places) = subject(&args.subject)?;
    Ok(Settings {
        name: name_of(&project.root),
        fail_on: args.reports.fail_on(project.fail_on),
        project,
        places,
        only_databases: args.subject.database.clone(),
        base: args.subject.base.clone(),
        phases: BTreeSet::from([Phase::Graph, Phase::Policy]),
        // What follows is about servers, of which none is started.
        provision: Mode::Auto,
        url: None,
        allow_cluster_objects: false,
        image: None,
        server_bin: None,
        start_timeout: START_TIMEOUT,
        timeout: TIMEOUT,
        jobs: 1,
    })
}
