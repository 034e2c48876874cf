//! The `rollproof` command: parse, run, print, exit code.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

/// One thread: the parent-death signal of local servers is tied to the thread that starts them, and it must live as long
/// as the process.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let output = rollproof::cli::run(rollproof::cli::Cli::parse()).await;
    // A reader that went away (`rollproof check | head`) is no reason to panic or to change the verdict.
    let _ = std::io::stdout().write_all(output.stdout.as_bytes());
    let _ = std::io::stderr().write_all(output.stderr.as_bytes());
    ExitCode::from(output.code)
}
