//! The worker's process: started in the project's folder, spoken to through a socket, ended with everything that it started.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::Signal;
use nix::unistd::Pid;
use serde::Serialize;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixListener;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::{Child, Command};

use super::super::group::kill_group;
use super::super::output::Output;
use super::interpreter::Interpreter;
use super::protocol::{Answer, Request};
use crate::provision::{RunFolder, signal_on_parent_death};

/// The worker's program, file by file.
const FILES: [(&str, &str); 13] = [
    (MAIN, include_str!("rollproof_worker.py")),
    ("rollproof_guard.py", include_str!("rollproof_guard.py")),
    ("rollproof_drivers.py", include_str!("rollproof_drivers.py")),
    ("rollproof_hook.py", include_str!("rollproof_hook.py")),
    ("rollproof_capture.py", include_str!("rollproof_capture.py")),
    ("rollproof_errors.py", include_str!("rollproof_errors.py")),
    ("rollproof_alembic.py", include_str!("rollproof_alembic.py")),
    ("rollproof_flask.py", include_str!("rollproof_flask.py")),
    ("rollproof_django.py", include_str!("rollproof_django.py")),
    ("rollproof_django_lines.py", include_str!("rollproof_django_lines.py")),
    ("rollproof_django_list.py", include_str!("rollproof_django_list.py")),
    ("rollproof_django_setup.py", include_str!("rollproof_django_setup.py")),
    ("rollproof_django_states.py", include_str!("rollproof_django_states.py")),
];

/// The file that is run.
const MAIN: &str = "rollproof_worker.py";

/// How long a process may take until it says its first word; Python's own start.
const FIRST_WORD: Duration = Duration::from_secs(60);

/// How long a worker that was asked to end may take.
const FAREWELL: Duration = Duration::from_secs(2);

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Silence {
    /// The process ended; the words say how.
    Ended(String),
    /// It did not answer in time, and was ended.
    TookTooLong,
}

/// A running worker. When it is dropped, its process group is killed.
#[derive(Debug)]
pub(super) struct Worker {
    child: Child,
    group: Option<Pid>,
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    /// What it and the project print.
    pub(super) output: Output,
    asked: u64,
    _folder: RunFolder,
}

#[derive(Serialize)]
struct Numbered<'r> {
    id: u64,
    #[serde(flatten)]
    request: &'r Request<'r>,
}

impl Worker {
    /// Starts a worker in the project's folder with this environment on top of ours.
    ///
    /// # Errors
    /// Says why it does not run, and what it printed.
    pub(super) async fn start(
        interpreter: &Interpreter,
        root: &Path,
        environment: &[(String, String)],
        secrets: &[String],
    ) -> Result<Self, String> {
        let folder = RunFolder::scratch().map_err(|error| error.to_string())?;
        for (name, text) in FILES {
            let path = folder.path().join(name);
            fs::write(&path, text).map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
        }
        let socket = folder.path().join("socket");
        let listener = UnixListener::bind(&socket)
            .map_err(|error| format!("the socket {} cannot be made: {error}", socket.display()))?;
        let mut command = std::process::Command::new(&interpreter.program);
        command.arg(folder.path().join(MAIN)).arg(&socket).current_dir(root);
        command.env("PYTHONUNBUFFERED", "1").envs(environment.iter().cloned());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        signal_on_parent_death(&mut command, Signal::SIGKILL);
        let mut child = Command::from(command)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{} cannot be run: {error}", interpreter.program.display()))?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
        let output = Output::default();
        if let Some(pipe) = child.stdout.take() {
            drop(output.take(pipe));
        }
        if let Some(pipe) = child.stderr.take() {
            drop(output.take(pipe));
        }
        let connected = tokio::select! {
            accepted = tokio::time::timeout(FIRST_WORD, listener.accept()) => match accepted {
                Ok(accepted) => accepted.map(|(stream, _)| stream).map_err(|error| error.to_string()),
                Err(_) => Err(format!("it did not come up within {} s", FIRST_WORD.as_secs())),
            },
            ended = child.wait() => Err(told(ended.ok())),
        };
        let stream = match connected {
            Ok(stream) => stream,
            Err(why) => {
                kill_group(group);
                // What it printed arrives a moment after it is gone.
                tokio::time::sleep(Duration::from_millis(50)).await;
                let said = output.tail(20, secrets).join("\n");
                return Err(format!("the worker in {} does not start: {why}\n{said}", interpreter.title()));
            }
        };
        let (reader, writer) = stream.into_split();
        Ok(Self { child, group, reader: BufReader::new(reader), writer, output, asked: 0, _folder: folder })
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// When there is none; the process is gone then.
    pub(super) async fn ask(&mut self, request: &Request<'_>, patience: Duration) -> Result<Answer, Silence> {
        self.asked += 1;
        let mut line = serde_json::to_vec(&Numbered { id: self.asked, request })
            .map_err(|error| Silence::Ended(error.to_string()))?;
        line.push(b'\n');
        let exchange = async {
            self.writer.write_all(&line).await.ok()?;
            let mut answer = Vec::new();
            self.reader.read_until(b'\n', &mut answer).await.ok()?;
            (!answer.is_empty()).then_some(answer)
        };
        match tokio::time::timeout(patience, exchange).await {
            Ok(Some(answer)) => serde_json::from_slice(&answer)
                .map_err(|error| Silence::Ended(format!("it answered what is no answer: {error}"))),
            Ok(None) => {
                let ended = tokio::time::timeout(FAREWELL, self.child.wait()).await;
                kill_group(self.group);
                Err(Silence::Ended(told(ended.ok().and_then(Result::ok))))
            }
            Err(_) => {
                kill_group(self.group);
                let _ = tokio::time::timeout(FAREWELL, self.child.wait()).await;
                Err(Silence::TookTooLong)
            }
        }
    }

    /// Ends it, and everything that it started.
    pub(super) async fn end(mut self) {
        let _ = self.ask(&Request::Quit, FAREWELL).await;
        let _ = tokio::time::timeout(FAREWELL, self.child.wait()).await;
        kill_group(self.group);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        kill_group(self.group);
    }
}

/// How a process ended, in words.
fn told(status: Option<std::process::ExitStatus>) -> String {
    match status {
        Some(status) => format!("its process ended ({status})"),
        None => "its process closed the connection".to_owned(),
    }
}
