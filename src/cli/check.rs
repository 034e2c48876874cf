//! `rollproof check`: every phase; the gate.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use super::recording::RecordingArgs;
use super::reports::ReportArgs;
use super::subject::{SubjectArgs, name_of, subject};
use super::{Output, pipeline};
use crate::provision::Mode;
use crate::replay::{Phase, with_prerequisites};
use crate::run::{Servers, Settings};

/// What was typed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    subject: SubjectArgs,
    /// Where servers come from.
    #[arg(long, default_value = "auto")]
    provision: Mode,
    /// Use this server: create a database there, drop it after, touch no other.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// With --url: let migrations make roles and the like; those made in a transaction are dropped again.
    #[arg(long)]
    allow_cluster_objects: bool,
    /// The container image; for local servers its version is what counts.
    #[arg(long, value_name = "IMAGE")]
    image: Option<String>,
    /// The folder of the server binaries.
    #[arg(long, value_name = "DIR")]
    server_bin: Option<PathBuf>,
    /// Only these phases, and those that they build on.
    #[arg(long, value_name = "PHASES", value_delimiter = ',', conflicts_with = "skip")]
    only: Vec<Phase>,
    /// All phases but these.
    #[arg(long, value_name = "PHASES", value_delimiter = ',')]
    skip: Vec<Phase>,
    /// Seconds for one migration script.
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = seconds)]
    timeout: Duration,
    /// Seconds that a server in a container may take to its first answer.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    start_timeout: Duration,
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

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "a number of seconds is expected, such as 300 or 0.5".to_owned())?;
    if seconds > 0.0 {
        Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
    } else {
        Err("the timeout has to be more than 0 seconds".to_owned())
    }
}

fn settings(args: &Args) -> Result<Settings, String> {
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
        servers: Some(Servers {
            provision: args.provision,
            url: args.url.clone(),
            allow_cluster_objects: args.allow_cluster_objects,
            image: args.image.clone(),
            server_bin: args.server_bin.clone(),
            start_timeout: args.start_timeout,
            timeout: args.timeout,
            jobs: usize::from(args.jobs),
        }),
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
