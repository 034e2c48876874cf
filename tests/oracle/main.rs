//! Snapshots against somebody else: two states of a database have the same snapshot if and only if `pg_dump`, or
//! `sqlite_schema`, describes them alike.
//!
//! Every acceptance case is replayed, those that are about schemas on every server. Each step is committed, and at each snapshot the oracle is
//! asked too. Where one side tells two states apart and the other does not, the trial fails, unless
//! `postgres-exceptions.yml` says that the other cannot show the difference; each exception carries an example, which is
//! tried too.
//!
//! `ROLLPROOF_TEST_SERVER_BINS` and `ROLLPROOF_TEST_IMAGES` name more servers, as for the cases. `pg_dump` is taken from
//! beside the server, or from the folder that `ROLLPROOF_TEST_PG_DUMP` names, where the server's version needs that.
//! `ROLLPROOF_TEST_HISTORIES` names folders of more projects, `:` between: each has a rollproof.yml or is a folder of
//! migrations itself. `ROLLPROOF_TEST_MUTATIONS` names a folder of single changes (`mutations.rs`).

#![expect(clippy::print_stdout, reason = "what cannot run must be seen")]

mod agreement;
mod exceptions;
mod mutations;
mod normalise;
mod pg_dump;
mod postgres;
mod projects;
mod replayed;
mod sqlite;
mod sqlite_scan;
mod sqlite_schema;
mod watched;

#[expect(dead_code, reason = "another test needs more of it")]
#[path = "../common/case.rs"]
mod case;
#[path = "../common/wherewithal.rs"]
mod wherewithal;

use std::process::ExitCode;

use libtest_mimic::Arguments;

fn main() -> ExitCode {
    let trials = postgres::trials().into_iter().chain(sqlite::trials()).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Runs a trial's future on the thread of the trial, which then outlives the servers that it starts.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}
