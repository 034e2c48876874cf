//! The `rollproof` command: parse, run, print, exit code.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use clap::Parser as _;

fn main() -> ExitCode {
    // The client of container engines looks into the environment only, so this program starts once more in the right one.
    if let (Some((name, value)), Ok(program)) = (rollproof::provision::unusual_engine(), std::env::current_exe()) {
        // It returns only when it fails; then there are no containers, and whoever wants one is told.
        let _ = Command::new(program).args(std::env::args_os().skip(1)).env(name, value).exec();
    }
    run()
}

/// One thread: the parent-death signal of local servers is tied to the thread that starts them, and it must live as long
/// as the process.
#[tokio::main(flavor = "current_thread")]
async fn run() -> ExitCode {
    let output = rollproof::cli::run(rollproof::cli::Cli::parse()).await;
    let printed = std::io::stdout().write_all(output.stdout.as_bytes()).and_then(|()| std::io::stdout().flush());
    let _ = std::io::stderr().write_all(output.stderr.as_bytes());
    // A reader that went away (`rollproof check | head`) is no reason to change the verdict; a full disk is.
    if let Err(error) = printed
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        let _ = writeln!(std::io::stderr(), "error: cannot write to standard output: {error}");
        return ExitCode::from(2);
    }
    ExitCode::from(output.code)
}
