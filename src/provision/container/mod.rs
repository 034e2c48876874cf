//! A PostgreSQL server in a container, through testcontainers. Nothing outside this folder knows of container engines.

mod engine;
mod guard;
mod image;
mod labels;
mod ready;
mod removal;
mod request;
mod seed;
mod worker;

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use testcontainers::ImageExt as _;
use testcontainers::bollard::Docker;

pub use engine::{ContainerEngine, container_engine, unusual_engine};
pub use image::container_image;

use self::guard::Guard;
use self::image::Image;
use super::password::{change_password, random_password};
use super::postgres_settings::{self, Settings};
use super::run_folder::{CONTAINER_FILE, Places, RunFolder};
use super::sweep::Expected;
use super::{ProvisionError, Wanted};

/// How long to wait for an answer about a container's state.
const STATE_PATIENCE: Duration = Duration::from_secs(5);
/// The superuser, as the official images have it.
const SUPERUSER: &str = "postgres";

/// A server in a container of its own, which is gone when this is dropped.
pub(crate) struct ContainerServer {
    client: Docker,
    name: String,
    options: PgConnectOptions,
    password: String,
    /// Its version, as the product writes it.
    pub(crate) version: String,
    /// Its major version: 17.
    pub(crate) major: u32,
    /// The image, with its tag.
    pub(crate) image: String,
    /// The image's digest.
    pub(crate) digest: String,
    guard: Guard,
    // After the container, so that it is removed after the container is gone.
    folder: RunFolder,
}

impl ContainerServer {
    /// Options of the superuser, to the database `postgres`.
    pub(crate) fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// The last lines of the server's log.
    pub(crate) async fn log_tail(&self, lines: usize) -> Vec<String> {
        let work = ready::log_tail(self.client.clone(), self.name.clone(), self.password.clone(), lines);
        let asked = tokio::time::timeout(STATE_PATIENCE, worker::attempt(work)).await;
        asked.ok().and_then(Result::ok).unwrap_or_default()
    }

    /// Whether the server still runs. An engine that does not answer cannot tell, and counts as yes.
    pub(crate) async fn is_alive(&self) -> bool {
        let work = ready::ended(self.client.clone(), self.name.clone());
        let asked = tokio::time::timeout(STATE_PATIENCE, worker::attempt(work)).await;
        asked.ok().and_then(Result::ok).flatten().is_none()
    }

    /// Removes the container.
    pub(crate) async fn stop(self) -> Result<(), ProvisionError> {
        let Self { name, guard, folder, .. } = self;
        let removed = guard.remove().await;
        // Not before: it says that there may be a container.
        drop(folder);
        removed.map_err(|reason| ProvisionError::ContainerStays { name, reason })
    }
}

/// Removes the containers of killed runs, and those that are `expected` to come of them: their names, and what went wrong.
///
/// # Errors
/// When no engine answers.
pub(crate) async fn sweep_all(expected: &[Expected]) -> Result<(Vec<String>, Vec<String>), ProvisionError> {
    let client = engine::client().await?;
    let expected = expected.to_vec();
    let swept = worker::finish(async move {
        let mut swept = labels::sweep(client.clone()).await;
        for late in expected {
            let missed = !swept.removed.contains(&late.name);
            if missed && ready::appears(&client, &late.name, late.within).await {
                swept.note(late.name.clone(), removal::remove(&client, &late.name).await);
            }
        }
        swept
    });
    Ok(swept.await.map_or_else(|error| (Vec::new(), vec![error.to_string()]), |swept| (swept.removed, swept.problems)))
}

/// The names of the containers that killed runs left; none when no engine answers.
pub async fn leftover_containers() -> Vec<String> {
    let Ok(client) = engine::client().await else { return Vec::new() };
    let found = worker::attempt(labels::abandoned(client)).await;
    let found = found.ok().and_then(Result::ok).unwrap_or_default();
    found.into_iter().map(|container| container.name).collect()
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
    let name = wanted.image.as_deref().unwrap_or(super::image::default_image(wanted.engine));
    image::check_name(name)?;
    let client = engine::client().await?;
    let (image, _) = tokio::join!(image::obtain(&client, name, tell), worker::attempt(labels::sweep(client.clone())));
    let image = image?;
    let seed = seed::seed(&image, &settings, places);
    let launch = Launch { client, image, settings, patience: wanted.start_timeout };
    if let Some(seed) = &seed {
        let folder = launch.folder(places)?;
        if let Some(content) = seed::read(seed, &folder) {
            match launch.start(folder, Some(content)).await {
                // A seed may be broken in a way that its size does not show: once more without it.
                Err(ProvisionError::Container { ended: true, .. }) => seed.discard(),
                other => return other,
            }
        }
    }
    let server = launch.start(launch.folder(places)?, None).await?;
    if let Some(seed) = &seed {
        let ContainerServer { guard, options, password, folder, .. } = &server;
        seed::keep(seed, guard, &launch.image, options, password, folder.path()).await;
    }
    Ok(server)
}

/// What is to be started.
struct Launch {
    client: Docker,
    image: Image,
    settings: Settings,
    patience: Duration,
}

impl Launch {
    /// A folder whose name is the container's; it tells what may be left when the run is killed.
    fn folder(&self, places: &Places) -> Result<RunFolder, ProvisionError> {
        let folder = RunFolder::make(&places.temporary, None)?;
        let mark = folder.path().join(CONTAINER_FILE);
        std::fs::write(&mark, "").map_err(ProvisionError::file("write", &mark))?;
        Ok(folder)
    }

    /// Starts a server, with the data of a seed or with what the image makes.
    async fn start(&self, folder: RunFolder, seed: Option<seed::Content>) -> Result<ContainerServer, ProvisionError> {
        let Self { client, image, settings, patience } = self;
        let name = folder.name();
        let password = seed.as_ref().map_or_else(random_password, |seed| Ok(seed.password.clone()))?;
        let with_seed = seed.is_some();
        let request = request::request(image, &name, settings, &password, with_seed);
        let request = match seed {
            Some(content) => seed::begin_with(request, content, image, request::command(settings)),
            None => request.with_cmd(request::command(settings)),
        };
        let guard = Guard::new(client.clone(), name.clone());
        let named = ready::Named { client, name: &name, image: &image.name, password: &password };
        let (host, port) = match guard.start(request).await {
            Ok(address) => address,
            Err(reason) => return Err(ready::not_started(&named, reason).await),
        };
        let mut options = PgConnectOptions::new_without_pgpass()
            .host(&host)
            .port(port)
            .username(SUPERUSER)
            .password(&password)
            .database("postgres")
            .ssl_mode(PgSslMode::Disable);
        let (version, major) = ready::version(&named, &options, *patience).await?;
        // That of a seed has opened every server that began with it.
        let fresh = if with_seed { Some(random_password()?) } else { None };
        if let Some(fresh) = &fresh {
            if let Err(error) = change_password(&options, SUPERUSER, fresh).await {
                return Err(ready::not_started(&named, format!("it refused a new password ({error})")).await);
            }
            options = options.password(fresh);
        }
        let password = fresh.unwrap_or(password);
        let (client, image, digest) = (client.clone(), image.name.clone(), image.digest.clone());
        Ok(ContainerServer { client, name, options, password, version, major, image, digest, guard, folder })
    }
}
