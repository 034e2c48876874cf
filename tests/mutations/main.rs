//! Every schema change that a snapshot has to see, and every statement that it must not.
//!
//! The lists lie in `postgres/` and `sqlite/`; `README.md` beside them says how they are written and blessed. There is one
//! test for each server: the installed PostgreSQL, those of `ROLLPROOF_TEST_SERVER_BINS`, and SQLite. `ROLLPROOF_MUTATIONS`
//! restricts it to lines whose id or category begins with one of its words.

#![expect(clippy::unwrap_used, reason = "these are tests, though their harness is not the standard one")]
#![expect(clippy::panic, reason = "a list that cannot be read fails the test")]
#![expect(clippy::print_stdout, reason = "what cannot run must be seen")]

#[path = "../common/wherewithal.rs"]
mod wherewithal;

mod bless;
mod columns;
mod expectation;
mod ground;
mod line;
mod opaque;
mod pairs;
mod play;
mod version;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use libtest_mimic::{Arguments, Trial};
use rollproof::history::EngineKind;
use rollproof::provision::{installations, sqlite_version};

use crate::bless::Seen;
use crate::ground::Place;
use crate::play::Manner;
use crate::version::Version;

fn main() -> ExitCode {
    let seen: Arc<Mutex<Seen>> = Arc::default();
    let mut trials = Vec::new();
    if let Some(why) = wherewithal::postgres_is_missing() {
        println!("{why}: the tests on PostgreSQL cannot run");
        let trial = Trial::test("postgres", move || Err(why.into()));
        trials.push(trial.with_ignored_flag(!wherewithal::everything_is_to_be_tried()));
    }
    let places =
        postgres_places().into_iter().chain([Place::sqlite(Version::of(&block_on(sqlite_version()).unwrap()))]);
    let places = places.chain(mysql_places());
    for place in places {
        if place.is_postgres() {
            let of = place.clone();
            trials.push(Trial::test(format!("{place}: every column of the catalogs is accounted for"), move || {
                block_on(columns::check(&of))
            }));
            let of = place.clone();
            trials.push(Trial::test(format!("{place}: every catalog of objects is read"), move || {
                block_on(opaque::check(&of))
            }));
        }
        if place.is_postgres() && cfg!(debug_assertions) {
            let of = place.clone();
            trials.push(Trial::test(
                format!("{place}, two in a transaction: reading in part misses nothing"),
                move || block_on(pairs::play(&of)),
            ));
        }
        let manners: &[(Manner, &str)] = if place.is_postgres() {
            &[(Manner::Committed, "committed"), (Manner::InTransaction, "in transactions")]
        } else {
            &[(Manner::Committed, "committed")]
        };
        for (manner, how) in manners {
            let (place, seen) = (place.clone(), Arc::clone(&seen));
            let name = format!("{place}, {how}: what changes the schema is seen, and nothing else");
            trials.push(Trial::test(name, move || block_on(play::play(&place, *manner, &seen))));
        }
    }
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    if std::env::var_os("ROLLPROOF_BLESS").is_some() {
        bless::write(&seen.lock().unwrap());
    }
    conclusion.exit_code()
}

/// The installed PostgreSQL and the further ones, each version once.
fn postgres_places() -> Vec<Place> {
    let listed = std::env::var("ROLLPROOF_TEST_SERVER_BINS").unwrap_or_default();
    let listed = listed.split(':').filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let mut places: Vec<Place> = Vec::new();
    for bin in std::iter::once(None).chain(listed.map(Some)) {
        let found = installations(EngineKind::Postgres, bin.as_slice()).unwrap_or_else(|error| panic!("{error}"));
        for installation in found {
            let version = Version::of(&installation.product.release.major.to_string());
            if !places.iter().any(|place| place.version == version) {
                places.push(Place::postgres(installation.bin, version));
            }
        }
    }
    places.sort_by(|a, b| a.version.cmp(&b.version));
    let servers = places.len();
    for (turn, place) in places.iter_mut().enumerate() {
        (place.turn, place.servers) = (turn, servers);
    }
    places
}

/// The installed MySQL and MariaDB, those of `ROLLPROOF_TEST_MYSQL_BIN` and `ROLLPROOF_TEST_MARIADB_BIN`, and servers that run already, for this test
/// alone: `ROLLPROOF_TEST_MYSQL_URLS`, spaces between. Each version once.
fn mysql_places() -> Vec<Place> {
    let named = |name| std::env::var_os(name).filter(|bin| !bin.is_empty()).map(PathBuf::from);
    let named = ["ROLLPROOF_TEST_MYSQL_BIN", "ROLLPROOF_TEST_MARIADB_BIN"].into_iter().filter_map(named);
    let running = std::env::var("ROLLPROOF_TEST_MYSQL_URLS").unwrap_or_default();
    let running: Vec<Place> = running
        .split_whitespace()
        .map(|url| block_on(Place::running(url)).unwrap_or_else(|error| panic!("{url}: {error:?}")))
        .collect();
    let mut places: Vec<Place> = Vec::new();
    let installed = std::iter::once(None)
        .chain(named.map(Some))
        .flat_map(|bin| installations(EngineKind::Mysql, bin.as_slice()).unwrap_or_else(|error| panic!("{error}")))
        .map(|installation| Place::mysql(&installation));
    for place in running.into_iter().chain(installed) {
        if !places.iter().any(|known| known.version == place.version) {
            places.push(place);
        }
    }
    places
}

/// The folder of this test.
fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mutations")
}

/// Runs a test's future on the thread of the test, which then outlives the server that it starts.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
