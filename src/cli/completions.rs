//! `rollproof completions`: what lets a shell complete the command line.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{Cli, Output};

/// What was typed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell.
    shell: Shell,
}

pub(super) fn run(args: &Args) -> Output {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "rollproof", &mut script);
    match String::from_utf8(script) {
        Ok(script) => Output::text(script),
        Err(error) => Output::cannot(format!("the script for {} is not UTF-8: {error}", args.shell)),
    }
}
