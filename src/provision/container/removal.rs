//! Removing a container, whatever state it is in and whoever else is at it.

use std::time::Duration;

use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error;
use testcontainers::bollard::query_parameters::RemoveContainerOptionsBuilder;

use super::engine::told;

/// How often to look whether a removal that somebody else began has ended, and how long to wait in between: 5 s in all.
const LOOKS: u32 = 100;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Ends and removes a container and its volumes; done when it is gone. Whether it was there: the engine lists a container
/// before it is whole, and then says that it is not there.
pub(super) async fn remove(client: &Docker, name: &str) -> Result<bool, String> {
    for _ in 0..LOOKS {
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        match client.remove_container(name, Some(options)).await {
            Ok(()) => return Ok(true),
            Err(Error::DockerResponseServerError { status_code: 404, .. }) => return Ok(false),
            // Somebody else removes it.
            Err(Error::DockerResponseServerError { status_code: 409, .. }) => {
                tokio::time::sleep(BETWEEN_LOOKS).await;
            }
            Err(error) => return Err(told(&error)),
        }
    }
    Err("another removal of it does not end".to_owned())
}
