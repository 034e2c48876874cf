//! The command line: one file per subcommand. What was typed becomes settings here, and nobody else looks at it.

mod check;
mod clean;
mod completions;
mod diff;
mod doctor;
mod explain;
mod github;
mod history;
mod history_text;
mod init;
mod lint;
mod output;
mod pipeline;
mod places;
pub mod progress;
mod recording;
mod report_files;
mod reports;
mod schema;
mod servers;
mod sides;
mod subject;

use clap::{Parser, Subcommand};

pub use output::Output;

/// Proves that a project's database migrations roll forward and back.
#[derive(Debug, Parser)]
#[command(name = "rollproof", version, about, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Replays the whole history up and down on a disposable database and judges what it saw.
    Check(Box<check::Args>),
    /// The checks that need no database: the history's files and their names.
    Lint(Box<lint::Args>),
    /// Prints a schema: of a revision of the history, a database, a dump.
    Schema(Box<schema::Args>),
    /// Compares two schemas. Exit code 0: the same, 1: they differ, 2: could not.
    Diff(Box<diff::Args>),
    /// Tells what a rule means, why it is there, what to do, and shows its examples; without a name, lists the rules.
    Explain(explain::Args),
    /// Tells of past runs from a ledger: how they ended, which migrations are slow and which got slower.
    History(history::Args),
    /// Looks at the project and writes rollproof.yml.
    Init(init::Args),
    /// Says what this machine can provide for the project's databases, and what to install.
    Doctor(doctor::Args),
    /// Removes what runs left that were killed.
    Clean(clean::Args),
    /// Prints the script that lets a shell complete this command line.
    Completions(completions::Args),
}

/// Runs the command that was typed.
pub async fn run(cli: Cli) -> Output {
    match cli.command {
        Command::Check(args) => check::run(*args).await,
        Command::Lint(args) => lint::run(*args).await,
        Command::Schema(args) => schema::run(*args).await,
        Command::Diff(args) => diff::run(*args).await,
        Command::Explain(args) => explain::run(&args),
        Command::History(args) => history::run(args).await,
        Command::Init(args) => init::run(&args),
        Command::Doctor(args) => doctor::run(args).await,
        Command::Clean(args) => clean::run(args).await,
        Command::Completions(args) => completions::run(&args),
    }
}
