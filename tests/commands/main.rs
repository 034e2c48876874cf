//! The commands beside `check`, as the real program on real small projects.

#![expect(clippy::unwrap_used, reason = "these are tests, though their harness is not the standard one")]
#![expect(clippy::print_stdout, reason = "what cannot run must be seen")]

#[path = "../common/git.rs"]
mod git;
#[path = "../common/run.rs"]
mod run;
#[path = "../common/server.rs"]
mod server;
#[path = "../common/wherewithal.rs"]
mod wherewithal;

mod clean;
mod completions;
mod doctor;
mod dumps;
mod init;
mod lint;
mod schema_urls;
mod schemas;

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use libtest_mimic::{Arguments, Failed, Trial};

use run::Ran;
use server::Foreign;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// A test by its name.
type Test = (&'static str, fn() -> Result<(), Failed>);

fn main() -> ExitCode {
    let missing = wherewithal::postgres_is_missing();
    if let Some(why) = missing {
        println!("{why}: some of these tests cannot run");
    }
    let on_postgres =
        [init::ON_POSTGRES, clean::ON_POSTGRES, schemas::ON_POSTGRES, schema_urls::ON_POSTGRES, dumps::ON_POSTGRES]
            .concat();
    let on_postgres = on_postgres.into_iter().map(|(name, test)| {
        let run = move || missing.map_or_else(test, |why| Err(why.into()));
        Trial::test(name, run).with_ignored_flag(missing.is_some() && !wherewithal::everything_is_to_be_tried())
    });
    let plain =
        [init::TESTS, clean::TESTS, lint::TESTS, completions::TESTS, doctor::TESTS, schemas::TESTS, dumps::TESTS]
            .concat();
    let plain = plain.into_iter().map(|(name, test)| Trial::test(name, test));
    libtest_mimic::run(&Arguments::from_args(), on_postgres.chain(plain).collect()).exit_code()
}

/// `rollproof` in a folder with these arguments and these variables in its environment.
fn rollproof_with(folder: &Path, args: &[&str], variables: &[(&str, &Path)]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollproof"));
    command.args(args).current_dir(folder).envs(variables.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    run::finish(command.spawn().unwrap())
}

fn rollproof(folder: &Path, args: &[&str]) -> Ran {
    rollproof_with(folder, args, &[])
}

/// Runs statements as the superuser of a server, in one of its databases.
async fn run_in(server: &Foreign, database: &str, statements: &str) {
    let mut admin = PgConnection::connect_with(&server.admin().clone().database(database)).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut admin).await.unwrap();
}

/// The names of all databases of a server.
async fn databases(server: &Foreign) -> Vec<String> {
    let mut admin = PgConnection::connect_with(server.admin()).await.unwrap();
    sqlx::query_scalar("SELECT datname::text FROM pg_database ORDER BY 1").fetch_all(&mut admin).await.unwrap()
}

/// Writes files, with the folders above them.
fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// A history that rolls forward and back on every engine.
const BOOKS: [(&str, &str); 2] = [
    ("migrations/1_books.up.sql", "CREATE TABLE books (id integer);"),
    ("migrations/1_books.down.sql", "DROP TABLE books;"),
];

/// A manifest that names sqlx for an engine.
fn manifest(engine: &str) -> String {
    format!("[dependencies]\nsqlx = {{version = \"0.9\", features = [\"{engine}\"]}}\n")
}
