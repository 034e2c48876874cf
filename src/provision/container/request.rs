//! What the engine is asked for: a server in memory, fast and forgetful, that only this machine reaches.

use std::collections::HashMap;
use std::time::Duration;

use testcontainers::bollard::models::{HostConfig, PortBinding};
use testcontainers::core::{IntoContainerPort, WaitFor};
use testcontainers::{ContainerRequest, GenericImage, ImageExt};

use super::super::owner::Owner;
use super::super::postgres_settings::Settings;
use super::engine;
use super::image::Image;
use super::labels::labels;

/// The port on which the server listens inside.
pub(super) const PORT: u16 = 5432;
/// The port as the engine's interface writes it.
pub(super) const PORT_KEY: &str = "5432/tcp";

/// Longer than a start takes with a cold disk; what is slower is waited for by query.
const START_PATIENCE: Duration = Duration::from_secs(120);

/// The request for a server whose superuser has this password, without its command line. One that begins with a seed begins
/// with a shell.
pub(super) fn request(
    image: &Image,
    name: &str,
    settings: &Settings,
    password: &str,
    with_seed: bool,
) -> ContainerRequest<GenericImage> {
    let folders = image.folders_in_memory();
    let only_here = engine::is_here();
    let generic = image.generic();
    let generic = if with_seed { generic.with_entrypoint("/bin/sh") } else { generic };
    let request = generic
        .with_exposed_port(PORT.tcp())
        // Whether the server answers is found out by asking it.
        .with_wait_for(WaitFor::Nothing)
        .with_container_name(name)
        .with_labels(labels(&Owner::this()))
        .with_startup_timeout(START_PATIENCE)
        .with_env_var("POSTGRES_PASSWORD", password)
        .with_env_var("POSTGRES_INITDB_ARGS", initdb_arguments(settings));
    request.with_host_config_modifier(move |host: &mut HostConfig| {
        host.tmpfs = Some(folders.iter().map(|folder| (folder.clone(), "rw".to_owned())).collect());
        host.publish_all_ports = Some(false);
        // Podman publishes on all addresses when none is named, but then names none either when it is asked.
        let address = if only_here { "127.0.0.1" } else { "0.0.0.0" };
        let binding = PortBinding { host_ip: Some(address.to_owned()), host_port: None };
        host.port_bindings = Some(HashMap::from([(PORT_KEY.to_owned(), Some(vec![binding]))]));
    })
}

/// The server's command line. The entry points of the images take it, also while they initialise the data.
pub(super) fn command(settings: &Settings) -> Vec<String> {
    // As the official images have it in their configuration; while they initialise, they put their own after it.
    let mut command = ["postgres", "-c", "listen_addresses=*"].map(str::to_owned).to_vec();
    for (name, value) in &settings.made {
        command.push("-c".to_owned());
        command.push(format!("{name}={value}"));
    }
    command
}

/// The options of initdb; the entry points of the images hand them to a shell once more.
fn initdb_arguments(settings: &Settings) -> String {
    let options =
        std::iter::once("--no-sync".to_owned()).chain(settings.initdb.iter().map(|option| shell_word(option)));
    options.collect::<Vec<_>>().join(" ")
}

fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '=' | '@' | ':' | '/');
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_a_shell() {
        for word in ["--locale=de_DE.UTF-8", "--locale=it's $(id)", "a b", "--icu-locale=und-u-ks-level2"] {
            let output = std::process::Command::new("sh")
                .args(["-c", &format!("printf %s {}", shell_word(word))])
                .output()
                .unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), word);
        }
        assert_eq!(shell_word("--encoding=UTF8"), "--encoding=UTF8", "images that do not ask a shell take it too");
    }
}
