//! A PostgreSQL server of our own: started on a prepared data folder, gone when dropped.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};

use super::super::ProvisionError;
use super::super::account::Account;
use super::super::child::{self, ServerChild};
use super::super::installed::Installation;
use super::super::local::{
    LOG, MISFIT, POLL, SOCKET_FOLDER, START_PATIENCE, forget_log, free_port, lost_its_port, not_run, tail,
};
use super::super::password::{random_password, set_password};
use super::super::postgres_settings::OVERHEARD_LOG;
use super::super::run_folder::{DATA_FOLDER, RunFolder};
use super::super::stragglers::end_servers_in;

/// The superuser of every local server, as in the official image.
pub(crate) const SUPERUSER: &str = "postgres";
const END_PATIENCE: Duration = Duration::from_secs(2);

/// Who may connect: everybody through the socket, whose folder only the server's user may enter; with a password through
/// TCP. The roles that a configuration makes have no password, and the socket lets a session begin as any of them.
pub(crate) const WHO_MAY_CONNECT: &str = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";

/// A running server, gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Postmaster {
    child: ServerChild,
    folder: PathBuf,
    password: String,
    port: u16,
}

impl Postmaster {
    /// Starts the server on the data in `folder` and waits for the answer to a first query. The folder must outlive it.
    ///
    /// # Errors
    /// When the server cannot be started, ends, or does not answer. No process is left then.
    pub(crate) async fn start(
        installation: &Installation,
        folder: &RunFolder,
        account: Option<&Account>,
        overheard: bool,
    ) -> Result<Self, ProvisionError> {
        let password = random_password()?;
        let mut tries = 5;
        loop {
            tries -= 1;
            let port = free_port()?;
            let command = command(installation, folder.path(), port, account, overheard);
            let program = PathBuf::from(command.get_program());
            let child = ServerChild::spawn(command, &folder.path().join(LOG), Signal::SIGQUIT)
                .map_err(|source| not_run(program, account, source))?;
            let mut server = Self { child, folder: folder.path().to_owned(), password: password.clone(), port };
            let Err(reason) = server.wait_until_it_answers().await else { return Ok(server) };
            let log = server.log_tail(40);
            drop(server);
            forget_log(folder.path());
            if tries == 0 || !lost_its_port(&log) {
                let program = installation.product.to_string();
                return Err(ProvisionError::Failed { program, reason, log, remedy: MISFIT });
            }
        }
    }

    /// Polls with the query that the run needs anyway: it gives the superuser its password for TCP.
    async fn wait_until_it_answers(&mut self) -> Result<(), String> {
        let deadline = Instant::now() + START_PATIENCE;
        let socket = self.folder.join(SOCKET_FOLDER).join(format!(".s.PGSQL.{}", self.port));
        let options = self.options();
        loop {
            if let Some(status) = self.child.ended() {
                return Err(format!("did not start ({status}); it wrote"));
            }
            let mut last = None;
            if socket.exists() {
                match PgConnection::connect_with(&options).await {
                    Ok(connection) => {
                        let done = set_password(connection, SUPERUSER, &self.password).await;
                        return done.map_err(|error| format!("refused its first query ({error}); it wrote"));
                    }
                    Err(error) => last = Some(error),
                }
            }
            if Instant::now() >= deadline {
                let last = last.map_or_else(|| "there is no socket".to_owned(), |error| error.to_string());
                return Err(format!("did not answer within {} s ({last}); it wrote", START_PATIENCE.as_secs()));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Options of the superuser through the socket, to the database `postgres`.
    pub(crate) fn options(&self) -> PgConnectOptions {
        self.any_options().socket(self.folder.join(SOCKET_FOLDER))
    }

    /// The same through TCP, with the password.
    pub(crate) fn tcp_options(&self) -> PgConnectOptions {
        self.any_options().host("127.0.0.1")
    }

    fn any_options(&self) -> PgConnectOptions {
        // What the environment may say (PGHOST, PGUSER, ...) is about another server.
        PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(self.port)
            .username(SUPERUSER)
            .password(&self.password)
            .database("postgres")
            .ssl_mode(PgSslMode::Disable)
    }

    /// The last lines of the server's log, without the password should one hold it.
    pub(crate) fn log_tail(&self, lines: usize) -> Vec<String> {
        let own = tail(&self.folder.join(LOG), lines);
        let collected = tail(&self.folder.join(DATA_FOLDER).join(OVERHEARD_LOG), lines);
        let log = if collected.is_empty() { own } else { collected };
        log.into_iter().map(|line| line.replace(&self.password, "***")).collect()
    }

    /// Whether the server still runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.ended().is_none()
    }
}

impl Drop for Postmaster {
    /// PostgreSQL's immediate shutdown: the data is thrown away, so nothing needs to be written.
    fn drop(&mut self) {
        if self.child.end(END_PATIENCE) {
            // A killed postmaster takes its idle children along, but not those that are busy.
            end_servers_in(&self.folder);
        }
    }
}

/// The command line holds only what `ALTER SYSTEM` must not change; everything else is in postgresql.conf.
fn command(
    installation: &Installation,
    folder: &Path,
    port: u16,
    account: Option<&Account>,
    overheard: bool,
) -> Command {
    let mut command = child::command(&installation.bin.join("postgres"), account);
    command.arg("-D").arg(folder.join(DATA_FOLDER));
    let mut socket = OsString::from("unix_socket_directories=\"");
    socket.push(folder.join(SOCKET_FOLDER));
    socket.push("\"");
    command.arg("-c").arg(socket);
    let port = format!("port={port}");
    for setting in [&port, "listen_addresses=127.0.0.1", "logging_collector=off", "log_destination=stderr"] {
        if overheard && setting.starts_with("log") {
            continue;
        }
        command.arg("-c").arg(setting);
    }
    command
}
