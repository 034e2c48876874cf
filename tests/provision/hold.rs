//! This test program run again as a process that holds a server, so that a test can end it from outside.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use rollproof::history::EngineKind;
use rollproof::provision::{Address, Mode, Places, Wanted, interrupted, provide_in};
use sqlx::{AssertSqlSafe, Connection, MySqlConnection, PgConnection};

use super::block_on;
use super::places::Ground;

const RUNS: &str = "ROLLPROOF_TEST_HOLD_RUNS";
const CACHE: &str = "ROLLPROOF_TEST_HOLD_CACHE";
const IMAGE: &str = "ROLLPROOF_TEST_HOLD_IMAGE";
const URL: &str = "ROLLPROOF_TEST_HOLD_URL";
const ENGINE: &str = "ROLLPROOF_TEST_HOLD_ENGINE";
const SERVER_BIN: &str = "ROLLPROOF_TEST_HOLD_SERVER_BIN";

/// Does what [`Holder::start`] told this process to do; `None` in a process that is to run tests.
pub(crate) fn run_if_told() -> Option<ExitCode> {
    let runs = PathBuf::from(std::env::var_os(RUNS)?);
    let places = Places { temporary: vec![runs], cache: std::env::var_os(CACHE).map(PathBuf::from) };
    let image = std::env::var(IMAGE).ok();
    let mode = if image.is_some() { Mode::Container } else { Mode::Local };
    let engine =
        std::env::var(ENGINE).ok().and_then(|word| EngineKind::ALL.into_iter().find(|kind| kind.word() == word));
    let server_bin = std::env::var_os(SERVER_BIN).map(PathBuf::from);
    let wanted = Wanted {
        url: std::env::var(URL).ok(),
        mode,
        image,
        server_bins: server_bin.into_iter().collect(),
        ..Wanted::new(engine.unwrap_or(EngineKind::Postgres))
    };
    let code = block_on(async move {
        let interrupted = interrupted();
        let server = provide_in(&wanted, &places, &|_| ()).await.expect("a server");
        let name = format!("{}work", server.database_prefix());
        let statement = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        match server.address() {
            Address::Postgres { admin, .. } => {
                let mut connection = PgConnection::connect_with(admin).await.expect("a connection");
                sqlx::raw_sql(statement).execute(&mut connection).await.expect("made");
            }
            Address::Mysql { admin, .. } => {
                let mut connection = MySqlConnection::connect_with(admin).await.expect("a connection");
                sqlx::raw_sql(statement).execute(&mut connection).await.expect("made");
            }
            Address::SqliteFile(_) => panic!("not a server"),
        }
        println!("holding {name}");
        std::io::stdout().flush().expect("standard output");
        let code = interrupted.await;
        server.stop().await.expect("stopped");
        code
    });
    Some(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// A process that holds a server until it is told to end, or killed.
pub(crate) struct Holder {
    pub(crate) process: Child,
    /// The database that it made.
    pub(crate) database: String,
}

impl Holder {
    pub(crate) fn start(ground: &Ground, url: Option<&str>) -> Self {
        let program = std::env::current_exe().expect("this program");
        Self::start_as(&program, ground, url, None)
    }

    /// One that holds a container.
    pub(crate) fn start_container(ground: &Ground, image: &str) -> Self {
        let program = std::env::current_exe().expect("this program");
        Self::start_with(Command::new(program).env(IMAGE, image), ground)
    }

    /// One of this product, in a container of this image or at this URL.
    pub(crate) fn start_of(engine: EngineKind, ground: &Ground, image: Option<&str>, url: Option<&str>) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.env(ENGINE, engine.word());
        if let Some(image) = image {
            command.env(IMAGE, image);
        }
        if let Some(url) = url {
            command.env(URL, url);
        }
        Self::start_with(&mut command, ground)
    }

    /// One that holds a local server as it is wanted.
    pub(crate) fn start_local(ground: &Ground, wanted: &Wanted) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.env(ENGINE, wanted.engine.word());
        if let Some(bin) = wanted.server_bins.first() {
            command.env(SERVER_BIN, bin);
        }
        Self::start_with(&mut command, ground)
    }

    pub(crate) fn start_as(program: &Path, ground: &Ground, url: Option<&str>, user: Option<u32>) -> Self {
        let mut command = Command::new(program);
        if let Some(url) = url {
            command.env(URL, url);
        }
        if let Some(user) = user {
            command.uid(user).gid(user);
        }
        Self::start_with(&mut command, ground)
    }

    fn start_with(command: &mut Command, ground: &Ground) -> Self {
        command.env(RUNS, ground.runs()).env(CACHE, ground.cache()).stdout(Stdio::piped()).current_dir("/");
        let mut process = command.spawn().expect("this program once more");
        let mut line = String::new();
        let output = process.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut line).expect("a line");
        let database = line.trim().strip_prefix("holding ").expect("the line of a holder").to_owned();
        Self { process, database }
    }

    /// Sends a signal and gives the exit code.
    pub(crate) fn end_with(mut self, signal: &str) -> Option<i32> {
        let sent = Command::new("kill").args([signal, &self.process.id().to_string()]).status().expect("kill");
        assert!(sent.success());
        self.process.wait().expect("its end").code()
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // After `end_with` it is reaped, and this does nothing.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
