//! `--ledger` and `rollproof history`, with the real program on SQLite projects.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

#[path = "ledger/ground.rs"]
mod ground;
#[path = "common/run.rs"]
mod run;

#[path = "ledger/answers.rs"]
mod answers;
#[path = "ledger/refusals.rs"]
mod refusals;
#[path = "ledger/writers.rs"]
mod writers;
