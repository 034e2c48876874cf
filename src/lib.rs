//! Rollproof proves that a project's database migrations roll forward and back.
//!
//! The story, in one line of data: a project folder becomes a validated [`config`], the config names a migration
//! [`history`], [`provision`] starts a disposable database, [`replay`] runs every migration up, down and up again on it
//! and records a trace, [`policy`] turns what was seen into facts and judges them by rules in YAML, and [`report`]
//! prints the findings. Each room takes plain data from the room before and gives plain data to the next:
//! `schema <- engine <- provision <- runner <- replay <- policy <- report <- run <- cli`.
//!
//! Beside that line, [`ledger`] remembers reports from run to run.
//!
//! Some rooms know nothing of the story: [`yaml`] reads the files that people write, the configuration and the rules, into
//! trees that know their lines, [`suggest`] finds the word that was meant by one that is not known, and [`git`] asks which
//! files a change begins from.

pub mod cli;
pub mod config;
pub mod doctor;
pub mod dump;
pub mod engine;
pub mod evidence;
pub mod git;
pub mod history;
pub mod init;
pub mod ledger;
pub mod policy;
pub mod provision;
pub mod replay;
pub mod report;
pub mod run;
pub mod runner;
pub mod schema;
pub mod suggest;
pub mod yaml;
