//! Whether a container's server answers: a real query is the proof, its state and its log say why it does not.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error;
use testcontainers::bollard::models::ContainerStateStatusEnum;
use testcontainers::bollard::query_parameters::{InspectContainerOptions, LogsOptionsBuilder};

use super::super::ProvisionError;
use super::super::product::{Product, oldest};
use super::product::Login;
use super::worker;

/// How long one attempt to connect may take. The engine accepts connections before the server is there.
const ATTEMPT: Duration = Duration::from_secs(2);
/// How long to wait between two attempts.
const POLL: Duration = Duration::from_millis(10);
/// How often to ask whether the container has ended.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);
/// How many lines of the log an error shows.
const LOG_LINES: usize = 20;

/// What a container is called in errors.
pub(super) struct Named<'n> {
    pub(super) client: &'n Docker,
    pub(super) name: &'n str,
    pub(super) image: &'n str,
    /// The superuser's password, which the container may have written.
    pub(super) password: &'n str,
}

/// Waits for the server's first answer, which is what it is.
///
/// # Errors
/// When the container ends, the server is too old, or there is no answer in time.
pub(super) async fn answer(
    container: &Named<'_>,
    login: &dyn Login,
    patience: Duration,
) -> Result<Product, ProvisionError> {
    let deadline = Instant::now() + patience;
    let mut looked = Instant::now();
    loop {
        let last = match tokio::time::timeout(ATTEMPT, login.ask()).await {
            Ok(Ok(product)) if product.release < oldest(product.engine) => {
                return Err(ProvisionError::too_old(&product));
            }
            Ok(Ok(product)) => return Ok(product),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "a connection is accepted, and nobody answers".to_owned(),
        };
        if looked.elapsed() >= BETWEEN_LOOKS {
            looked = Instant::now();
            let status = worker::attempt(ended(container.client.clone(), container.name.to_owned())).await;
            if let Ok(Some(status)) = status {
                return Err(failed(container, format!("ended before it answered ({status})"), true, MISFITS).await);
            }
        }
        if Instant::now() >= deadline {
            let reason = format!("did not answer within {} s ({last})", patience.as_secs_f64());
            return Err(failed(container, reason, false, SLOW).await);
        }
        tokio::time::sleep(POLL).await;
    }
}

/// What keeps a container from being started: how it ended, where it did so at once, else what the engine said.
pub(super) async fn not_started(container: &Named<'_>, reason: String) -> ProvisionError {
    match worker::attempt(ended(container.client.clone(), container.name.to_owned())).await {
        Ok(Some(status)) if status != NEVER_MADE => {
            failed(container, format!("ended before it answered ({status})"), true, MISFITS).await
        }
        _ => failed(container, format!("could not be started: {reason}"), false, UNFIT).await,
    }
}

/// What [`ended`] says of a container that is not there.
const NEVER_MADE: &str = "somebody removed it";
const UNFIT: &str = "see whether the engine can start it: `docker run` with the same image";
const MISFITS: &str = "see whether `server-settings` and `image` fit together";
const SLOW: &str = "see what it waits for, or give it longer with --start-timeout";

async fn failed(container: &Named<'_>, reason: String, ended: bool, remedy: &'static str) -> ProvisionError {
    let log = worker::attempt(log_tail(
        container.client.clone(),
        container.name.to_owned(),
        container.password.to_owned(),
        LOG_LINES,
    ))
    .await;
    ProvisionError::Container { image: container.image.to_owned(), reason, ended, log: log.unwrap_or_default(), remedy }
}

/// How a container ended; `None` while it runs, and when the engine does not tell.
pub(super) async fn ended(client: Docker, name: String) -> Option<String> {
    match client.inspect_container(&name, None::<InspectContainerOptions>).await {
        Ok(found) => {
            let state = found.state.unwrap_or_default();
            let code = state.exit_code.unwrap_or_default();
            let killed = if state.oom_killed == Some(true) { ", out of memory" } else { "" };
            let ran = state.status != Some(ContainerStateStatusEnum::CREATED);
            (ran && state.running == Some(false)).then(|| format!("exit code {code}{killed}"))
        }
        Err(Error::DockerResponseServerError { status_code: 404, .. }) => Some(NEVER_MADE.to_owned()),
        Err(_) => None,
    }
}

/// Whether a container is there, or comes within this time.
pub(super) async fn appears(client: &Docker, name: &str, within: Duration) -> bool {
    let deadline = Instant::now() + within;
    loop {
        match client.inspect_container(name, None::<InspectContainerOptions>).await {
            Ok(_) => return true,
            Err(_) if Instant::now() >= deadline => return false,
            Err(_) => tokio::time::sleep(BETWEEN_LOOKS).await,
        }
    }
}

/// The last lines that a container wrote, oldest first and without the password; none when the engine does not tell.
pub(super) async fn log_tail(client: Docker, name: String, password: String, lines: usize) -> Vec<String> {
    let options = LogsOptionsBuilder::new().stdout(true).stderr(true).tail(&lines.to_string()).build();
    let mut bytes = Vec::new();
    let mut log = client.logs(&name, Some(options));
    while let Some(Ok(part)) = log.next().await {
        bytes.extend_from_slice(&part.into_bytes());
    }
    String::from_utf8_lossy(&bytes).lines().map(|line| line.replace(&password, "***")).collect()
}
