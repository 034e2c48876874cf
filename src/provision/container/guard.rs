//! A container goes when its guard does, whatever state it is in.

use std::sync::Arc;
use std::time::Duration;

use testcontainers::bollard::Docker;
use testcontainers::core::ExecCommand;
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, ContainerRequest, GenericImage, TestcontainersError};
use tokio::sync::Mutex;

use super::engine::told;
use super::removal::remove;
use super::worker;

/// How long a guard waits for the engine to remove its container. What takes longer is swept by the next run.
const PATIENCE: Duration = Duration::from_secs(30);

/// The right to one container name on one engine. There before the container is made.
pub(super) struct Guard {
    client: Docker,
    name: String,
    /// The container once it runs. Locked while it is made, so that it is not removed before it is there.
    container: Arc<Mutex<Option<ContainerAsync<GenericImage>>>>,
    armed: bool,
}

impl Guard {
    pub(super) fn new(client: Docker, name: String) -> Self {
        Self { client, name, container: Arc::default(), armed: true }
    }

    /// Makes and starts the container; the host and the port at which its port is reached. When the caller is dropped in between,
    /// the container is still made, and removed then.
    pub(super) async fn start(
        &self,
        request: ContainerRequest<GenericImage>,
        port: u16,
    ) -> Result<(String, u16), String> {
        let mut made = Arc::clone(&self.container).lock_owned().await;
        let started = worker::finish(async move {
            let container = made.insert(request.start().await?);
            let host = container.get_host().await?.to_string();
            let port = container.get_host_port_ipv4(port).await?;
            Ok::<_, TestcontainersError>((host, port))
        });
        let (host, port) = started.await.map_err(|error| error.to_string())?.map_err(|error| told(&error))?;
        // The port is published on the IPv4 address only.
        Ok((if host == "localhost" { "127.0.0.1".to_owned() } else { host }, port))
    }

    /// Runs a command in the container; what it wrote to standard output, when the container runs.
    pub(super) async fn run(&self, command: ExecCommand) -> Option<Vec<u8>> {
        let container = Arc::clone(&self.container).lock_owned().await;
        let ran = worker::attempt(async move {
            let mut ran = container.as_ref()?.exec(command).await.ok()?;
            ran.stdout_to_vec().await.ok()
        });
        ran.await.ok()?
    }

    /// Removes the container, if it was made.
    pub(super) async fn remove(mut self) -> Result<(), String> {
        let removed = worker::finish(self.removal()).await;
        // Not before: who is interrupted here waits for the removal's end when this is dropped.
        self.armed = false;
        removed.map_err(|error| error.to_string())?
    }

    fn removal(&self) -> impl Future<Output = Result<(), String>> + Send + 'static {
        let (client, name, container) = (self.client.clone(), self.name.clone(), Arc::clone(&self.container));
        async move {
            // One that failed to start is there under its name nevertheless.
            let removed = match container.lock().await.take() {
                Some(container) => container.rm().await.is_ok(),
                None => false,
            };
            if removed { Ok(()) } else { remove(&client, &name).await.map(drop) }
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.armed {
            worker::wait(self.removal(), PATIENCE);
        }
    }
}
