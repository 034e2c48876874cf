//! The reports of a run: which are wanted, where they go, and what is printed.

use std::io::IsTerminal as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::progress::ProgressMode;
use super::report_files::ReportFiles;
use super::{Output, github};
use crate::policy::Level;
use crate::report::{Report, RunOutcome, TerminalOptions, Verbosity, to_text};

/// The flags.
#[derive(Debug, clap::Args)]
pub(super) struct ReportArgs {
    #[command(flatten)]
    files: ReportFiles,
    /// In a step of GitHub Actions: add annotations, the step's summary and its outputs.
    #[arg(long)]
    pub(super) github: bool,
    /// The level from which findings make the run fail [default: error, or what the configuration says].
    #[arg(long, value_name = "LEVEL")]
    fail_on: Option<FailOn>,
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

impl ReportArgs {
    /// How progress is shown: not at all where only failures are to be printed.
    pub(super) fn progress(&self) -> ProgressMode {
        if self.quiet && self.progress == ProgressMode::Auto { ProgressMode::None } else { self.progress }
    }

    /// The level from which findings make the run fail; `None` is never.
    pub(super) fn fail_on(&self, configured: Option<Level>) -> Option<Level> {
        match self.fail_on {
            Some(FailOn::Error) => Some(Level::Error),
            Some(FailOn::Warning) => Some(Level::Warning),
            Some(FailOn::Note) => Some(Level::Note),
            Some(FailOn::Never) => None,
            None => configured,
        }
    }

    /// The flag whose report goes to this file, if there is one.
    pub(super) fn writing(&self, file: &Path) -> Option<&'static str> {
        self.files.going_to(file)
    }

    /// # Errors
    /// When two reports would go to one place.
    pub(super) fn check(&self) -> Result<(), String> {
        if let (true, Some(flag)) = (self.github, self.files.on_stdout()) {
            return Err(format!("--github prints to standard output; give --{flag} a file"));
        }
        self.files.check()
    }
}

/// What is to be printed where the run ended before it began. Reports that go to files say why, and a step of GitHub
/// Actions tells it as it tells a run; standard output stays empty for those who read a report there.
pub(super) fn not_begun(args: &ReportArgs, message: String) -> Output {
    let mut output = Output::cannot(&message);
    let report = without_a_run(message);
    args.files.write_files(&report, &mut output);
    if args.github {
        github::tell(&report, &mut output);
    }
    output
}

/// The same where what was typed is refused for the files that it names: none of them is written.
pub(super) fn refused(args: &ReportArgs, message: &str) -> Output {
    let mut output = Output::cannot(message);
    if args.github {
        github::tell(&without_a_run(message.to_owned()), &mut output);
    }
    output
}

fn without_a_run(message: String) -> Report {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    Report::not_begun(message, i64::try_from(now).unwrap_or_default())
}

/// Writes the report's files and gives back what is to be printed. A step of GitHub Actions is not told yet: something may
/// still go wrong.
pub(super) fn reported(args: &ReportArgs, report: &Report) -> Output {
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
    args.files.write_files(report, &mut output);
    args.files.print(report, &mut output);
    // A report for machines on standard output has it to itself.
    let text = to_text(report, TerminalOptions { color, verbosity });
    if args.files.on_stdout().is_some() {
        output.stderr.push_str(&text);
    } else {
        output.stdout.push_str(&text);
    }
    output
}

fn exit_code(outcome: RunOutcome) -> u8 {
    match outcome {
        RunOutcome::Passed => 0,
        RunOutcome::Failed => 1,
        RunOutcome::Error => 2,
    }
}
