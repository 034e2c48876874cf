//! `rollproof check`: every phase; the gate.

use std::collections::BTreeSet;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Output;
use super::progress::{Progress, ProgressMode};
use crate::config::{self, Places, Project};
use crate::history::{EngineKind, find_migrations};
use crate::policy::Level;
use crate::provision::{Mode, interrupted};
use crate::replay::{Phase, with_prerequisites};
use crate::report::{Report, RunOutcome, TerminalOptions, Verbosity, to_json, to_junit, to_text};
use crate::run::{self, Settings};

/// What was typed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The project's folder.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// The configuration file [default: rollproof.yml, looked for in DIR and upward].
    #[arg(long, value_name = "FILE", conflicts_with = "migrations")]
    config: Option<PathBuf>,
    /// Check only this database of the configuration; may be given several times.
    #[arg(long, value_name = "NAME")]
    database: Vec<String>,
    /// The product; with --migrations, for a run without a configuration file.
    #[arg(long)]
    engine: Option<EngineKind>,
    /// The migrations folder; detected when left out. A configuration file is not read then.
    #[arg(long, value_name = "PATH")]
    migrations: Option<PathBuf>,
    /// The migration format; detected when left out.
    #[arg(long, value_name = "NAME")]
    format: Option<String>,
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
    /// Write a JUnit report; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write a JSON report; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// The level from which findings make the run fail [default: error, or what the configuration says].
    #[arg(long, value_name = "LEVEL")]
    fail_on: Option<FailOn>,
    /// Seconds for one migration script.
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = seconds)]
    timeout: Duration,
    /// How many databases are checked at a time.
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: u16,
    /// Print only what makes the run fail.
    #[arg(long, short, conflicts_with = "verbose")]
    quiet: bool,
    /// Print every step.
    #[arg(long, short)]
    verbose: bool,
    /// Colours in the terminal report.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Color,
    /// How progress is shown on standard error.
    #[arg(long, value_name = "HOW", default_value = "auto")]
    progress: ProgressMode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Note,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

pub(super) async fn run(args: Args) -> Output {
    let settings = match settings(&args) {
        Ok(settings) => settings,
        Err(message) => return Output::cannot(message),
    };
    let mode = if args.quiet && args.progress == ProgressMode::Auto { ProgressMode::None } else { args.progress };
    let mut progress = Progress::new(mode);
    let mut listener = |event: &crate::replay::Event| progress.handle(event);
    let report = tokio::select! {
        report = run::run(&settings, &mut listener) => report,
        // Dropping the check drops its guards: servers, folders and databases are gone before this returns.
        code = interrupted() => return interruption(code),
    };
    drop(progress);
    outputs(&args, &report)
}

fn interruption(code: i32) -> Output {
    let stderr = "interrupted; everything that was started is gone\n".to_owned();
    Output { stderr, code: u8::try_from(code).unwrap_or(130), ..Output::default() }
}

/// Writes the report's files and gives back what is to be printed.
fn outputs(args: &Args, report: &Report) -> Output {
    let color = match args.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
    };
    let verbosity = match (args.quiet, args.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Normal,
    };
    let mut output = Output { code: exit_code(report.outcome), ..Output::default() };
    let mut on_stdout = false;
    for (file, text) in [(&args.junit, to_junit as fn(&Report) -> String), (&args.json, to_json)] {
        match file.as_deref() {
            None => (),
            Some(file) if file == Path::new("-") => {
                output.stdout.push_str(&text(report));
                on_stdout = true;
            }
            Some(file) => {
                if let Err(error) = write(file, &text(report)) {
                    output.stderr.push_str(&format!("error: cannot write {}: {error}\n", file.display()));
                    output.code = 2;
                }
            }
        }
    }
    // A report for machines on standard output has it to itself.
    let text = to_text(report, TerminalOptions { color, verbosity });
    if on_stdout {
        output.stderr.push_str(&text);
    } else {
        output.stdout.push_str(&text);
    }
    output
}

fn write(file: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(file, text)
}

fn exit_code(outcome: RunOutcome) -> u8 {
    match outcome {
        RunOutcome::Passed => 0,
        RunOutcome::Failed => 1,
        RunOutcome::Error => 2,
    }
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
    if args.junit.as_deref() == Some(Path::new("-")) && args.json.as_deref() == Some(Path::new("-")) {
        return Err("--junit and --json cannot both be standard output; give one of them a file".to_owned());
    }
    if args.junit.is_some() && args.junit == args.json {
        return Err("--junit and --json name the same file; give each its own".to_owned());
    }
    let chosen = phases(args);
    let needed = with_prerequisites(&chosen);
    if let Some(skipped) = args.skip.iter().find(|skipped| needed.contains(skipped)) {
        return Err(format!(
            "--skip {}: other phases build on it; skip down, redo and descent too, or choose phases with --only",
            skipped.word()
        ));
    }
    let (project, places) = project(args)?;
    let known: Vec<&str> = project.databases.iter().map(|database| database.name.as_str()).collect();
    if let Some(unknown) = args.database.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(format!("--database {unknown}: the configuration knows {}", known.join(", ")));
    }
    let fail_on = match args.fail_on {
        Some(FailOn::Error) => Some(Level::Error),
        Some(FailOn::Warning) => Some(Level::Warning),
        Some(FailOn::Note) => Some(Level::Note),
        Some(FailOn::Never) => None,
        None => project.fail_on,
    };
    Ok(Settings {
        name: name_of(&project.root),
        project,
        places,
        only_databases: args.database.clone(),
        phases: chosen,
        provision: args.provision,
        url: args.url.clone(),
        allow_cluster_objects: args.allow_cluster_objects,
        image: args.image.clone(),
        server_bin: args.server_bin.clone(),
        timeout: args.timeout,
        jobs: usize::from(args.jobs),
        fail_on,
    })
}

/// The configuration, or what the flags and the project's files say in its place.
fn project(args: &Args) -> Result<(Project, Option<Places>), String> {
    let file = match (&args.migrations, &args.config) {
        (Some(_), _) => None,
        (None, Some(file)) => Some(config::named(file).map_err(|error| error.to_string())?),
        (None, None) => config::locate(&args.dir).map_err(|error| error.to_string())?,
    };
    if let Some(file) = file {
        if args.engine.is_some() || args.format.is_some() {
            return Err(format!(
                "--engine and --format go with --migrations; without it, {} says what to check",
                file.display()
            ));
        }
        let (project, places) = config::load(&file).map_err(|error| error.to_string())?;
        return Ok((project, Some(places)));
    }
    let folder = match &args.migrations {
        Some(folder) => folder.clone(),
        None => only_folder(&args.dir)?,
    };
    let project = Project::from_flags(args.dir.clone(), args.engine, folder, args.format.clone());
    Ok((project.map_err(|error| error.to_string())?, None))
}

/// The one folder of migrations below `dir`, relative to it.
fn only_folder(dir: &Path) -> Result<PathBuf, String> {
    let found = find_migrations(dir);
    match found.as_slice() {
        [folder] => Ok(folder.strip_prefix(dir).unwrap_or(folder).to_owned()),
        [] => Err(format!(
            "nothing to check: no rollproof.yml and no migrations found in {} or below; name their folder with \
             --migrations",
            dir.display()
        )),
        several => {
            let list: Vec<String> = several.iter().map(|folder| format!("  {}", folder.display())).collect();
            Err(format!(
                "several folders look like migrations; name one with --migrations, or all of them in rollproof.yml:\n{}",
                list.join("\n")
            ))
        }
    }
}

fn phases(args: &Args) -> BTreeSet<Phase> {
    let all = Phase::ALL.into_iter();
    if args.only.is_empty() {
        all.filter(|phase| !args.skip.contains(phase)).collect()
    } else {
        all.filter(|phase| args.only.contains(phase)).collect()
    }
}

/// The name of the project: its folder's.
fn name_of(root: &Path) -> String {
    let name =
        root.canonicalize().ok().and_then(|root| root.file_name().map(|name| name.to_string_lossy().into_owned()));
    name.unwrap_or_else(|| "project".to_owned())
}
