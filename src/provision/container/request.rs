//! What the engine is asked for: a server in memory, fast and forgetful, that only this machine reaches.

use std::collections::HashMap;
use std::time::Duration;

use testcontainers::bollard::models::{HostConfig, PortBinding};
use testcontainers::core::{IntoContainerPort, WaitFor};
use testcontainers::{ContainerRequest, GenericImage, ImageExt};

use super::super::owner::Owner;
use super::engine;
use super::image::Image;
use super::labels::labels;
use super::product::Family;

/// Longer than a start takes with a cold disk; what is slower is waited for by query.
const START_PATIENCE: Duration = Duration::from_secs(120);

/// The request for a server whose superuser has this password, without its command line. It begins with a shell where it is
/// told to, and else with the image's entry point.
pub(super) fn request(
    image: &Image,
    family: &dyn Family,
    name: &str,
    password: &str,
    with_shell: bool,
) -> ContainerRequest<GenericImage> {
    let folders = image.folders_in_memory();
    let only_here = engine::is_here();
    let port = family.port();
    let generic = image.generic();
    let generic = if with_shell { generic.with_entrypoint("/bin/sh") } else { generic };
    let request = generic
        .with_exposed_port(port.tcp())
        // Whether the server answers is found out by asking it.
        .with_wait_for(WaitFor::Nothing)
        .with_container_name(name)
        .with_labels(labels(&Owner::this()))
        .with_startup_timeout(START_PATIENCE);
    let variables = family.environment(password);
    let request = variables.into_iter().fold(request, |request, (name, value)| request.with_env_var(name, value));
    request.with_host_config_modifier(move |host: &mut HostConfig| {
        host.tmpfs = Some(folders.iter().map(|folder| (folder.clone(), "rw".to_owned())).collect());
        host.publish_all_ports = Some(false);
        // Podman publishes on all addresses when none is named, but then names none either when it is asked.
        let address = if only_here { "127.0.0.1" } else { "0.0.0.0" };
        let binding = PortBinding { host_ip: Some(address.to_owned()), host_port: None };
        host.port_bindings = Some(HashMap::from([(format!("{port}/tcp"), Some(vec![binding]))]));
    })
}
