//! A server in a container, through testcontainers. Nothing outside this folder knows of container engines.

mod engine;
mod guard;
mod image;
mod labels;
mod product;
mod ready;
mod removal;
mod request;
mod seed;
mod worker;

use std::time::Duration;

use testcontainers::bollard::Docker;
use testcontainers::{ContainerRequest, GenericImage, ImageExt as _};

pub use engine::{ContainerEngine, container_engine, unusual_engine};
pub use image::container_image;

use self::guard::Guard;
use self::image::Image;
use self::product::{Family, Login};
use super::image::default_image;
use super::password::random_password;
use super::run_folder::{CONTAINER_FILE, Places, RunFolder};
use super::seed::Seed;
use super::server::Address;
use super::sweep::Expected;
use super::{Product, ProvisionError, Wanted};

/// How long to wait for an answer about a container's state.
const STATE_PATIENCE: Duration = Duration::from_secs(5);

/// A server in a container of its own, which is gone when this is dropped.
pub(crate) struct ContainerServer {
    client: Docker,
    name: String,
    login: Box<dyn Login>,
    password: String,
    /// What it is.
    pub(crate) product: Product,
    /// The image, with its tag.
    pub(crate) image: String,
    /// The image's digest.
    pub(crate) digest: String,
    guard: Guard,
    // After the container, so that it is removed after the container is gone.
    folder: RunFolder,
}

impl ContainerServer {
    /// How its superuser reaches it.
    pub(crate) fn address(&self) -> Address {
        self.login.address()
    }

    /// What errors call it.
    fn named(&self) -> ready::Named<'_> {
        ready::Named { client: &self.client, name: &self.name, image: &self.image, password: &self.password }
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
    let family = product::family(wanted)?;
    let family = family.as_ref();
    let name = wanted.image.as_deref().unwrap_or(default_image(wanted.engine));
    image::check_name(name)?;
    let client = engine::client().await?;
    let obtained = image::obtain(&client, name, family, tell);
    let (image, _) = tokio::join!(obtained, worker::attempt(labels::sweep(client.clone())));
    let image = image?;
    let seed = seed::seed(&image, family, places);
    let launch = Launch { client, image, family, patience: wanted.start_timeout };
    if let Some(seed) = &seed {
        let folder = launch.folder(places)?;
        if let Some(content) = seed::read(seed, &folder) {
            match launch.with_seed(folder, content).await {
                // A seed may be broken in a way that its size does not show: once more without it.
                Err(ProvisionError::Container { ended: true, .. }) => seed.discard(),
                other => return other,
            }
        }
    }
    launch.first(launch.folder(places)?, seed.as_ref()).await
}

/// What is to be started.
struct Launch<'f> {
    client: Docker,
    image: Image,
    family: &'f dyn Family,
    patience: Duration,
}

impl Launch<'_> {
    /// A folder whose name is the container's; it tells what may be left when the run is killed.
    fn folder(&self, places: &Places) -> Result<RunFolder, ProvisionError> {
        let folder = RunFolder::make(&places.temporary, None)?;
        let mark = folder.path().join(CONTAINER_FILE);
        std::fs::write(&mark, "").map_err(ProvisionError::file("write", &mark))?;
        Ok(folder)
    }

    /// Starts a server with the data of a seed.
    async fn with_seed(&self, folder: RunFolder, seed: seed::Content) -> Result<ContainerServer, ProvisionError> {
        let password = seed.password.clone();
        let request = request::request(&self.image, self.family, &folder.name(), &password, true);
        let request = seed::begin_with(request, seed, &self.image, self.family);
        let mut server = self.start(folder, password, request).await?;
        // That of a seed has opened every server that began with it.
        let fresh = random_password()?;
        if let Err(error) = server.login.change_password(&fresh).await {
            let reason = format!("it refused a new password ({error})");
            return Err(ready::not_started(&server.named(), reason).await);
        }
        server.password = fresh;
        Ok(server)
    }

    /// Starts a server with what its image makes, which becomes a seed where there is a place for it.
    async fn first(&self, folder: RunFolder, seed: Option<&Seed>) -> Result<ContainerServer, ProvisionError> {
        let password = random_password()?;
        let (command, begin) = (self.family.command(), seed.and(self.family.keeping().begin));
        let request = request::request(&self.image, self.family, &folder.name(), &password, begin.is_some());
        let request = match begin {
            Some(script) => request.with_cmd(seed::within(script, &self.image, command)),
            None => request.with_cmd(command),
        };
        let mut server = self.start(folder, password, request).await?;
        if let Some(seed) = seed {
            let ContainerServer { guard, login, password, folder, .. } = &server;
            let kept = seed::keep(seed, guard, &self.image, self.family, login.as_ref(), password, folder.path());
            // The server answers, so that it is worth no more waiting than its start was.
            let _ = tokio::time::timeout(self.patience, kept).await;
            if begin.is_some() {
                // It was ended for it, and has begun again.
                server.product = ready::answer(&server.named(), server.login.as_ref(), self.patience).await?;
            }
        }
        Ok(server)
    }

    /// Starts a server and waits for its first answer.
    async fn start(
        &self,
        folder: RunFolder,
        password: String,
        request: ContainerRequest<GenericImage>,
    ) -> Result<ContainerServer, ProvisionError> {
        let Self { client, image, family, patience } = self;
        let name = folder.name();
        let guard = Guard::new(client.clone(), name.clone());
        let named = ready::Named { client, name: &name, image: &image.name, password: &password };
        let (host, port) = match guard.start(request, family.port()).await {
            Ok(address) => address,
            Err(reason) => return Err(ready::not_started(&named, reason).await),
        };
        let login = family.login(&host, port, &password);
        let product = ready::answer(&named, login.as_ref(), *patience).await?;
        let (client, image, digest) = (client.clone(), image.name.clone(), image.digest.clone());
        Ok(ContainerServer { client, name, login, password, product, image, digest, guard, folder })
    }
}
