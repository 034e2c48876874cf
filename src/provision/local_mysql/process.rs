//! A MySQL or MariaDB server of our own: started on a prepared data folder, gone when dropped.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use sqlx::Connection as _;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlSslMode};

use super::super::ProvisionError;
use super::super::account::Account;
use super::super::child::{self, ServerChild};
use super::super::installed::Installation;
use super::super::local::{
    LOG, MISFIT, POLL, SOCKET_FOLDER, START_PATIENCE, forget_log, free_port, lost_its_port, not_run, tail,
};
use super::super::mysql_login;
use super::super::mysql_settings::Settings;
use super::super::password::random_password;
use super::super::product::Product;
use super::super::run_folder::{DATA_FOLDER, RunFolder};
use super::binaries::{base_folder, program};
use crate::history::EngineKind;

/// The folder of the server's temporary files in a run folder.
pub(super) const TEMPORARY_FOLDER: &str = "tmp";
/// The file in it that makes root known through TCP. The server reads it once.
const INIT_FILE: &str = "init.sql";
/// The socket in its folder.
const SOCKET: &str = "s";
/// The file of the server's process id, beside the socket.
const PID_FILE: &str = "pid";
/// Where Ubuntu says which folders its MySQL may use.
const CONFINED: &str = "/etc/apparmor.d/usr.sbin.mysqld";
/// The user with all rights, as in the official images.
const SUPERUSER: &str = "root";
/// How long one attempt to connect may take. The server takes connections before it answers them.
const ATTEMPT: Duration = Duration::from_secs(1);

/// A running server, gone when this is dropped. It is killed, since nothing of its data has to be written.
#[derive(Debug)]
pub(super) struct Mysqld {
    child: ServerChild,
    folder: PathBuf,
    password: String,
    port: u16,
}

impl Mysqld {
    /// Starts the server on the data in `folder` and waits for the answer to a first query. The folder must outlive it.
    ///
    /// # Errors
    /// When the server cannot be started, ends, or does not answer. No process is left then.
    pub(super) async fn start(
        installation: &Installation,
        settings: &Settings,
        folder: &RunFolder,
        account: Option<&Account>,
    ) -> Result<Self, ProvisionError> {
        let password = random_password()?;
        let init = folder.path().join(TEMPORARY_FOLDER).join(INIT_FILE);
        let mut tries = 5;
        loop {
            tries -= 1;
            write_init(&init, installation.product.engine, &password, account)
                .map_err(ProvisionError::file("write", &init))?;
            let port = free_port()?;
            let command = command(installation, settings, folder.path(), port, account);
            let program = PathBuf::from(command.get_program());
            let child = ServerChild::spawn(command, &folder.path().join(LOG), Signal::SIGKILL)
                .map_err(|source| not_run(program, account, source))?;
            let mut server = Self { child, folder: folder.path().to_owned(), password: password.clone(), port };
            let answer = server.wait_until_it_answers(&installation.product).await;
            let _ = fs::remove_file(&init);
            let Err(reason) = answer else { return Ok(server) };
            let log = server.log_tail(40);
            drop(server);
            forget_log(folder.path());
            if tries == 0 || !lost_its_port(&log) {
                let program = installation.product.to_string();
                return Err(ProvisionError::Failed { program, reason, remedy: remedy(&log), log });
            }
        }
    }

    /// Asks until there is an answer, which is what the server is.
    async fn wait_until_it_answers(&mut self, expected: &Product) -> Result<(), String> {
        let deadline = Instant::now() + START_PATIENCE;
        let socket = self.folder.join(SOCKET_FOLDER).join(SOCKET);
        let options = self.options();
        loop {
            if let Some(status) = self.child.ended() {
                return Err(format!("did not start ({status}); it wrote"));
            }
            let mut last = "there is no socket".to_owned();
            if socket.exists() {
                match tokio::time::timeout(ATTEMPT, version(&options)).await {
                    Ok(Ok(version)) => return is_expected(&version, expected),
                    Ok(Err(error)) => last = error.to_string(),
                    Err(_) => last = "a connection is accepted, and nobody answers".to_owned(),
                }
            }
            if Instant::now() >= deadline {
                return Err(format!("did not answer within {} s ({last}); it wrote", START_PATIENCE.as_secs()));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Options of root through the socket, which needs no password, to no database.
    pub(super) fn options(&self) -> MySqlConnectOptions {
        plain().ssl_mode(MySqlSslMode::Disabled).socket(self.folder.join(SOCKET_FOLDER).join(SOCKET))
    }

    /// The same through TCP, with the password.
    pub(super) fn tcp_options(&self) -> MySqlConnectOptions {
        plain().host("127.0.0.1").port(self.port).password(&self.password)
    }

    /// The last lines of the server's log, without the password should one hold it.
    pub(super) fn log_tail(&self, lines: usize) -> Vec<String> {
        tail(&self.folder.join(LOG), lines).into_iter().map(|line| line.replace(&self.password, "***")).collect()
    }

    /// Whether the server still runs.
    pub(super) fn is_alive(&mut self) -> bool {
        self.child.ended().is_none()
    }
}

/// Options that set nothing in the session, which is the server's own.
fn plain() -> MySqlConnectOptions {
    mysql_login::bare().username(SUPERUSER)
}

async fn version(options: &MySqlConnectOptions) -> Result<String, sqlx::Error> {
    let mut connection = MySqlConnection::connect_with(options).await?;
    let version = sqlx::query_scalar("SELECT VERSION()").fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(version)
}

/// Whether what answers is what its program said of itself.
fn is_expected(version: &str, expected: &Product) -> Result<(), String> {
    match mysql_login::product(version) {
        Ok(found) if found.engine == expected.engine && found.release == expected.release => Ok(()),
        _ => Err(format!("calls itself {version} once it runs; it wrote")),
    }
}

/// Root as the official images have it: from everywhere, and with a password that is new for each run. What the data was made
/// with knows root of this machine alone, who needs none.
fn write_init(path: &Path, product: EngineKind, password: &str, account: Option<&Account>) -> std::io::Result<()> {
    // One statement a line is all that old servers read.
    let (how, before, anybody) = if product == EngineKind::Mariadb {
        // MariaDB's script makes a root for each name of the machine.
        let others = "DELETE FROM mysql.global_priv WHERE User = 'root' AND Host <> 'localhost';\nFLUSH PRIVILEGES;\n";
        ("BY", others, "''@'%'")
    } else {
        ("WITH caching_sha2_password BY", "SET SESSION sql_log_bin = 0;\n", "''@''")
    };
    let text = format!(
        "{before}CREATE USER 'root'@'%' IDENTIFIED {how} '{password}';\n\
         GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION;\n\
         GRANT PROXY ON {anybody} TO 'root'@'%' WITH GRANT OPTION;\n"
    );
    File::options().write(true).create(true).truncate(true).mode(0o600).open(path)?.write_all(text.as_bytes())?;
    account.map_or(Ok(()), |account| account.give(path))
}

/// What to do about a server that did not start.
pub(super) fn remedy(log: &[String]) -> &'static str {
    let denied = log.iter().any(|line| line.contains("Permission denied") || line.contains("(Errcode: 13"));
    if denied && Path::new(CONFINED).exists() {
        "AppArmor keeps /usr/sbin/mysqld to its own folders (/etc/apparmor.d/usr.sbin.mysqld): let it be with `sudo aa-disable \
         /usr/sbin/mysqld`, or run the server in a container"
    } else {
        MISFIT
    }
}

fn command(
    installation: &Installation,
    settings: &Settings,
    folder: &Path,
    port: u16,
    account: Option<&Account>,
) -> Command {
    let mut command = child::command(&program(installation), account);
    let temporary = folder.join(TEMPORARY_FOLDER);
    // First of all, or it is not understood. What a file of the machine says changes nothing.
    command.arg("--no-defaults");
    if let Some(base) = base_folder(installation) {
        command.arg(folder_argument("--basedir=", &base));
    }
    command
        .arg(folder_argument("--datadir=", &folder.join(DATA_FOLDER)))
        .arg(folder_argument("--tmpdir=", &temporary))
        .arg(folder_argument("--init-file=", &temporary.join(INIT_FILE)))
        .arg(folder_argument("--socket=", &folder.join(SOCKET_FOLDER).join(SOCKET)))
        .arg(folder_argument("--pid-file=", &folder.join(SOCKET_FOLDER).join(PID_FILE)))
        .arg(format!("--port={port}"))
        .arg("--bind-address=127.0.0.1");
    if installation.product.engine == EngineKind::Mysql {
        // The folder that is built in need not be there, and then the server does not start.
        command.arg(folder_argument("--secure-file-priv=", &temporary));
    }
    command.args(&settings.server);
    command
}

/// An argument that names a folder or file, whatever bytes that has.
pub(super) fn folder_argument(name: &str, path: &Path) -> OsString {
    let mut argument = OsString::from(name);
    argument.push(path);
    argument
}
