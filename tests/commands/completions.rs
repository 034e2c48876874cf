//! `rollproof completions`.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use clap::CommandFactory as _;
use libtest_mimic::Failed;

use super::{Test, rollproof};

pub(crate) const TESTS: &[Test] = &[
    ("completions_know_every_command_and_flag", know_every_command_and_flag),
    ("completions_are_read_by_their_shell", are_read_by_their_shell),
    ("completions_complete_in_bash", complete_in_bash),
];

const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "elvish", "powershell"];

fn script(shell: &str) -> String {
    let ran = rollproof(Path::new("."), &["completions", shell]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{shell}");
    ran.stdout
}

fn know_every_command_and_flag() -> Result<(), Failed> {
    let command = rollproof::cli::Cli::command();
    for shell in SHELLS {
        let script = script(shell);
        let mut flags = 0;
        for sub in command.get_subcommands() {
            assert!(script.contains(sub.get_name()), "{shell}: {}", sub.get_name());
            for long in sub.get_arguments().filter_map(|argument| argument.get_long()) {
                // fish names flags without their dashes.
                let written = if shell == "fish" { format!("-l {long}") } else { format!("--{long}") };
                assert!(script.contains(&written), "{shell}: {} {written}", sub.get_name());
                flags += 1;
            }
        }
        assert!(flags > 40, "{shell}: {flags}");
    }
    assert_eq!(rollproof(Path::new("."), &["completions", "tcsh"]).code, Some(2));
    Ok(())
}

/// Shells that are not on this machine are passed over, but for bash.
fn are_read_by_their_shell() -> Result<(), Failed> {
    for (shell, args) in [("bash", ["-n"]), ("zsh", ["-n"]), ("fish", ["--no-execute"])] {
        let started = Command::new(shell).args(args).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut started = match started {
            Ok(started) => started,
            Err(error) if shell == "bash" => return Err(format!("bash: {error}").into()),
            Err(_) => continue,
        };
        started.stdin.take().unwrap().write_all(script(shell).as_bytes()).unwrap();
        let output = started.wait_with_output().unwrap();
        assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

fn complete_in_bash() -> Result<(), Failed> {
    let asks = "\nCOMP_WORDS=(rollproof clean --dr); COMP_CWORD=2\n_rollproof rollproof --dr clean\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
    let output = Command::new("bash").args(["--norc", "-c", &(script("bash") + asks)]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "--dry-run\n", "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
