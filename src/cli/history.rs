//! `rollproof history`: past runs from the ledger; slowest migrations.

use std::path::PathBuf;

use super::Output;
use super::history_text::to_text;
use crate::ledger::{Past, Question, past};

/// What was typed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The ledger, as `rollproof check --ledger` wrote it. It is only read.
    #[arg(long, value_name = "FILE")]
    ledger: PathBuf,
    /// Only this project [default: all of them].
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// Only this database [default: all of them].
    #[arg(long, value_name = "NAME")]
    database: Option<String>,
    /// How many runs, and how many slow migrations, are shown of each project.
    #[arg(long, value_name = "N", default_value = "10", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
    /// How the answer is written.
    #[arg(long, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

pub(super) async fn run(args: Args) -> Output {
    let Args { ledger, project, database, limit, format } = args;
    match past(&ledger, &Question { project, database, limit }).await {
        Ok(past) => match format {
            Format::Text => Output::text(to_text(&past, limit)),
            Format::Json => json(&past),
        },
        Err(error) => Output::cannot(error),
    }
}

fn json(past: &Past) -> Output {
    match serde_json::to_string_pretty(past) {
        Ok(text) => Output::text(text + "\n"),
        Err(error) => Output::cannot(error),
    }
}
