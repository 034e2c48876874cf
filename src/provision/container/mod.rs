//! A PostgreSQL server in a container, through testcontainers. Nothing outside this folder knows of container engines.

mod engine;
mod guard;
mod image;
mod labels;
mod ready;
mod request;
mod worker;

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use testcontainers::bollard::Docker;

pub use engine::{ContainerEngine, container_engine, unusual_engine};
pub(crate) use image::DEFAULT_POSTGRES;
pub use image::container_image;

use self::guard::Guard;
use self::image::Image;
use super::password::random_password;
use super::postgres_settings;
use super::run_folder::{Places, RunFolder};
use super::{ProvisionError, Wanted};

/// How long to wait for an answer about a container's state.
const STATE_PATIENCE: Duration = Duration::from_secs(5);

/// A server in a container of its own, which is gone when this is dropped.
pub(crate) struct ContainerServer {
    client: Docker,
    name: String,
    options: PgConnectOptions,
    password: String,
    /// Its version, as the product writes it.
    pub(crate) version: String,
    /// The image, with its tag.
    pub(crate) image: String,
    /// The image's digest.
    pub(crate) digest: String,
    guard: Guard,
    // After the container, so that it is removed after the container is gone.
    _folder: RunFolder,
}

impl ContainerServer {
    /// Options of the superuser, to the database `postgres`.
    pub(crate) fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// The last lines of the server's log.
    pub(crate) fn log_tail(&self, lines: usize) -> Vec<String> {
        let work = ready::log_tail(self.client.clone(), self.name.clone(), lines);
        let log = worker::wait(work, STATE_PATIENCE).unwrap_or_default();
        log.into_iter().map(|line| line.replace(&self.password, "***")).collect()
    }

    /// Whether the server still runs. An engine that does not answer cannot tell, and counts as yes.
    pub(crate) fn is_alive(&self) -> bool {
        worker::wait(ready::ended(self.client.clone(), self.name.clone()), STATE_PATIENCE).flatten().is_none()
    }

    /// Removes the container.
    pub(crate) async fn stop(self) -> Result<(), ProvisionError> {
        let Self { name, guard, .. } = self;
        guard.remove().await.map_err(|reason| ProvisionError::ContainerStays { name, reason })
    }
}

/// Starts a server of the wanted image; `tell` hears of what takes long.
///
/// # Errors
/// When no engine answers, it cannot get the image, a setting is wrong, or the server does not start.
pub(crate) async fn start(
    wanted: &Wanted,
    places: &Places,
    tell: &dyn Fn(&str),
) -> Result<ContainerServer, ProvisionError> {
    let settings = postgres_settings::settings(&wanted.server_settings)?;
    wanted.product()?;
    let client = engine::client().await?;
    let name = wanted.image.as_deref().unwrap_or(DEFAULT_POSTGRES);
    let (image, _) = tokio::join!(image::obtain(&client, name, tell), worker::attempt(labels::sweep(client.clone())));
    let image = image?;
    let password = random_password()?;
    let folder = RunFolder::make(&places.temporary, None)?;
    let name = folder.name();
    let guard = Guard::new(client.clone(), name.clone());
    let request = request::request(&image, &name, &settings, &password, engine::is_here());
    let failed = |reason: String| ProvisionError::Container {
        image: image.name.clone(),
        reason: format!("could not be started: {reason}"),
        log: Vec::new(),
        remedy: "see whether the engine can start it: `docker run` with the same image",
    };
    let (host, port) = guard.start(request).await.map_err(failed)?;
    let options = PgConnectOptions::new_without_pgpass()
        .host(&host)
        .port(port)
        .username("postgres")
        .password(&password)
        .database("postgres")
        .ssl_mode(PgSslMode::Disable);
    let named = ready::Named { client: &client, name: &name, image: &image.name };
    let version = ready::version(&named, &options, wanted.start_timeout).await?;
    let Image { name: image, digest, .. } = image;
    Ok(ContainerServer { client, name, options, password, version, image, digest, guard, _folder: folder })
}
