//! What happens around a check: servers that are not ours, servers that die, and runs that are interrupted.

#![expect(clippy::unwrap_used, reason = "these are tests, though their harness is not the standard one")]
#![expect(clippy::print_stdout, reason = "what cannot run must be seen")]

#[path = "../common/run.rs"]
mod run;
#[path = "../common/server.rs"]
mod server;
#[path = "../common/wherewithal.rs"]
mod wherewithal;

mod interrupts;
mod outliving;
mod secrets;
mod unread;
mod url;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

/// A test by its name.
type Test = (&'static str, fn() -> Result<(), Failed>);

fn main() -> ExitCode {
    let missing = wherewithal::postgres_is_missing();
    if let Some(why) = missing {
        println!("{why}: most of these tests cannot run");
    }
    let on_postgres = url::TESTS
        .iter()
        .chain(outliving::TESTS)
        .chain(unread::TESTS)
        .chain(secrets::TESTS)
        .chain(interrupts::ON_POSTGRES)
        .map(|(name, test)| {
            let test = *test;
            let run = move || missing.map_or_else(test, |why| Err(why.into()));
            Trial::test(*name, run).with_ignored_flag(missing.is_some() && !wherewithal::everything_is_to_be_tried())
        });
    let plain = interrupts::ON_SQLITE.iter().map(|(name, test)| Trial::test(*name, *test));
    libtest_mimic::run(&Arguments::from_args(), on_postgres.chain(plain).collect()).exit_code()
}

/// Writes the migrations of a project: file names and texts.
fn write(project: &Path, files: &[(&str, &str)]) {
    let folder = project.join("migrations");
    fs::create_dir_all(&folder).unwrap();
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
}
