//! The command line: one file per subcommand. What was typed becomes settings here, and nobody else looks at it.

mod check;
mod explain;
mod github;
mod history;
mod history_text;
mod output;
pub mod progress;
mod recording;
mod report_files;
mod reports;
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
    /// Tells what a rule means, why it is there, what to do, and shows its examples; without a name, lists the rules.
    Explain(explain::Args),
    /// Tells of past runs from a ledger: how they ended, which migrations are slow and which got slower.
    History(history::Args),
}

/// Runs the command that was typed.
pub async fn run(cli: Cli) -> Output {
    match cli.command {
        Command::Check(args) => check::run(*args).await,
        Command::Explain(args) => explain::run(&args),
        Command::History(args) => history::run(args).await,
    }
}
