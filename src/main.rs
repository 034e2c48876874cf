//! The `rollproof` command: parse, run, print, exit code.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    if let Some((name, value)) = rollproof::provision::unusual_engine() {
        #[expect(
            unsafe_code,
            reason = "the only way to tell testcontainers where the engine is; no other thread runs yet"
        )]
        // SAFETY: this is the first statement of the program, so nobody reads the environment at the same time.
        unsafe {
            std::env::set_var(name, value);
        };
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
