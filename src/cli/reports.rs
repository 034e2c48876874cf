//! The reports of a run: which are wanted, where they go, and what is printed.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use super::Output;
use super::progress::ProgressMode;
use crate::policy::Level;
use crate::report::{Report, RunOutcome, TerminalOptions, Verbosity, to_json, to_junit, to_text};

/// The flags.
#[derive(Debug, clap::Args)]
pub(super) struct ReportArgs {
    /// Write a JUnit report; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write a JSON report; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
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

    /// Whether a report goes to this file.
    pub(super) fn writes(&self, file: &Path) -> bool {
        [&self.junit, &self.json].into_iter().flatten().any(|report| report == file)
    }

    /// # Errors
    /// When two reports would go to one place.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.junit.as_deref() == Some(Path::new("-")) && self.json.as_deref() == Some(Path::new("-")) {
            return Err("--junit and --json cannot both be standard output; give one of them a file".to_owned());
        }
        if self.junit.is_some() && self.junit == self.json {
            return Err("--junit and --json name the same file; give each its own".to_owned());
        }
        Ok(())
    }
}

/// Writes the report's files and gives back what is to be printed.
pub(super) fn outputs(args: &ReportArgs, report: &Report) -> Output {
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
