//! `rollproof check`: every phase; the gate.

use std::collections::BTreeSet;

use super::recording::RecordingArgs;
use super::reports::ReportArgs;
use super::servers::ServerArgs;
use super::subject::{SubjectArgs, name_of, subject};
use super::{Output, pipeline};
use crate::replay::{Phase, with_prerequisites};
use crate::run::Settings;

/// What was typed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    subject: SubjectArgs,
    #[command(flatten)]
    servers: ServerArgs,
    /// Only these phases, and those that they build on.
    #[arg(long, value_name = "PHASES", value_delimiter = ',', conflicts_with = "skip")]
    only: Vec<Phase>,
    /// All phases but these.
    #[arg(long, value_name = "PHASES", value_delimiter = ',')]
    skip: Vec<Phase>,
    /// How many databases are checked at a time.
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: u16,
    #[command(flatten)]
    reports: ReportArgs,
    #[command(flatten)]
    recording: RecordingArgs,
}

pub(super) async fn run(args: Args) -> Output {
    pipeline::run(&args.reports, &args.recording, args.reports.progress(), || settings(&args)).await
}

fn settings(args: &Args) -> Result<Settings, String> {
    let servers = args.servers.servers(usize::from(args.jobs))?;
    let chosen = phases(args);
    let needed = with_prerequisites(&chosen);
    if let Some(skipped) = args.skip.iter().find(|skipped| needed.contains(skipped)) {
        return Err(format!(
            "--skip {}: other phases build on it; skip down, redo and descent too, or choose phases with --only",
            skipped.word()
        ));
    }
    let (project, places) = subject(&args.subject)?;
    Ok(Settings {
        name: name_of(&project.root),
        fail_on: args.reports.fail_on(project.fail_on),
        project,
        places,
        only_databases: args.subject.database.clone(),
        base: args.subject.base.clone(),
        phases: chosen,
        servers: Some(servers),
    })
}

fn phases(args: &Args) -> BTreeSet<Phase> {
    let all = Phase::ALL.into_iter();
    if args.only.is_empty() {
        all.filter(|phase| !args.skip.contains(phase)).collect()
    } else {
        all.filter(|phase| args.only.contains(phase)).collect()
    }
}
