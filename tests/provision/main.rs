//! Disposable servers, tried with real ones: they answer, and nothing of them is left however their owner ends.

#![expect(clippy::unwrap_used, clippy::panic, reason = "these are tests, though their harness is not the standard one")]
#![expect(clippy::print_stdout, reason = "what was measured and what could not run must be seen")]

mod containers;
mod ends;
mod hold;
mod local;
mod mysql;
mod mysql_containers;
mod mysql_ends;
mod mysql_settings;
mod mysql_url;
mod other;
mod places;
mod url;

use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

/// A test by its name.
type Test = (&'static str, fn() -> Result<(), Failed>);

fn main() -> ExitCode {
    if let Some(code) = hold::run_if_told() {
        return code;
    }
    let found = rollproof::provision::installations(rollproof::history::EngineKind::Postgres, &[]).unwrap_or_default();
    let missing = found.is_empty();
    if missing {
        println!("no PostgreSQL server is installed here: the tests that need one cannot run (apt install postgresql)");
    }
    let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    let needs_server = local::TESTS.iter().chain(ends::TESTS).chain(url::TESTS).map(|(name, test)| {
        let test = *test;
        let run = move || if missing { Err("no PostgreSQL server is installed here".into()) } else { test() };
        Trial::test(*name, run).with_ignored_flag(missing && !in_ci)
    });
    let needs_mysql = mysql::places().into_iter().flat_map(|place| place.trials(in_ci)).collect::<Vec<_>>();
    let no_image = containers::image().is_none();
    if no_image {
        println!(
            "ROLLPROOF_TEST_IMAGES names no image: the tests of containers cannot run (scripts/test brings images)"
        );
    }
    let needs_image = containers::TESTS.iter().map(|(name, test)| {
        let test = *test;
        let run = move || if no_image { Err("ROLLPROOF_TEST_IMAGES names no image".into()) } else { test() };
        Trial::test(*name, run).with_ignored_flag(no_image && !in_ci)
    });
    let no_mysql = mysql_containers::images().is_empty();
    if no_mysql && !no_image {
        println!("ROLLPROOF_TEST_IMAGES names no image of MySQL or MariaDB: the tests of these cannot run");
    }
    let needs_mysql_image = mysql_containers::TESTS.iter().chain(mysql_url::TESTS).map(|(name, test)| {
        let test = *test;
        let run = move || {
            if no_mysql { Err("ROLLPROOF_TEST_IMAGES names no image of MySQL or MariaDB".into()) } else { test() }
        };
        Trial::test(*name, run).with_ignored_flag(no_mysql && !in_ci)
    });
    let plain = other::TESTS.iter().map(|(name, test)| Trial::test(*name, *test));
    libtest_mimic::run(
        &Arguments::from_args(),
        needs_server.chain(needs_mysql).chain(needs_image).chain(needs_mysql_image).chain(plain).collect(),
    )
    .exit_code()
}

/// Runs a test's future as the program itself does: on one thread.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

/// The processes whose working folder lies in `folder`: a server's postmaster and its children.
fn processes_in(folder: &Path) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").expect("/proc; these tests run on Linux");
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid: &u32| std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(folder)))
        .collect()
}
