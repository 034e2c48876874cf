//! The engine of MySQL and MariaDB on real servers: those whose URLs stand in `ROLLPROOF_TEST_MYSQL_URLS` (spaces between;
//! the user may do everything there), else a local one.

#![expect(clippy::unwrap_used, reason = "these are tests, though their harness is not the standard one")]
#![expect(clippy::print_stdout, reason = "what cannot run must be seen")]

mod columns;
mod dumps;
mod ends;
mod ground;
mod outliving;
mod sessions;
mod statements;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};

use ground::Ground;

/// A test by its name, on a server.
type Test = (&'static str, fn(&Ground) -> Result<(), Failed>);

fn main() -> ExitCode {
    let tests = || {
        statements::TESTS
            .iter()
            .chain(outliving::TESTS)
            .chain(ends::TESTS)
            .chain(dumps::TESTS)
            .chain(sessions::TESTS)
            .chain(columns::TESTS)
    };
    let mut trials = Vec::new();
    match Ground::all() {
        Ok(grounds) => {
            for ground in grounds {
                let ground = Arc::new(ground);
                for (name, test) in tests() {
                    let (test, ground) = (*test, Arc::clone(&ground));
                    trials.push(Trial::test(format!("{name}_on_{}", ground.name), move || test(&ground)));
                }
            }
        }
        Err(why) => {
            println!("{why}: the engine of MySQL and MariaDB cannot be tried");
            for (name, _) in tests() {
                let why = why.clone();
                let ignored = !std::env::var("CI").is_ok_and(|value| value == "true");
                trials.push(Trial::test(*name, move || Err(why.into())).with_ignored_flag(ignored));
            }
        }
    }
    let mut arguments = Arguments::from_args();
    // Global variables and users are one server's, and so these take turns.
    arguments.test_threads = Some(1);
    libtest_mimic::run(&arguments, trials).exit_code()
}
