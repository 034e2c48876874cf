//! The container engine of this machine: where it listens, and what it is.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};
use testcontainers::bollard::Docker;
use testcontainers::core::client::docker_client_instance;

use super::super::ProvisionError;
use super::worker;

/// How long an engine may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(10);
/// The variable by which every client is told where the engine listens.
const HOST: &str = "DOCKER_HOST";
/// Where an engine listens unless it is told otherwise.
const USUAL_SOCKET: &str = "/var/run/docker.sock";

/// A container engine that answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerEngine {
    /// Where it listens: `unix:///var/run/docker.sock`.
    pub host: String,
    /// The product: `Docker` or `Podman`.
    pub product: String,
    /// Its version: `28.2.2`.
    pub version: String,
    /// Whether it runs without root's rights.
    pub rootless: bool,
}

/// The engine that answers on this machine, or where `DOCKER_HOST` says.
///
/// # Errors
/// When none answers.
pub async fn container_engine() -> Result<ContainerEngine, ProvisionError> {
    let client = client().await?;
    let asked = worker::attempt(async move {
        let version = client.version().await?;
        let info = client.info().await?;
        Ok::<_, testcontainers::bollard::errors::Error>((version, info))
    });
    let (version, info) = asked.await.map_err(|error| silent(&error))?.map_err(|error| silent(&error))?;
    let podman = version
        .components
        .iter()
        .flatten()
        .find(|component| component.name.starts_with("Podman"))
        .map(|component| component.version.clone());
    let product = if podman.is_some() { "Podman" } else { "Docker" };
    let rootless = info.security_options.iter().flatten().any(|option| option.contains("rootless"));
    Ok(ContainerEngine {
        host: host(),
        product: product.to_owned(),
        version: podman.or(version.version).unwrap_or_default(),
        rootless,
    })
}

/// A client of the engine that has answered.
///
/// # Errors
/// When no engine answers.
pub(super) async fn client() -> Result<Docker, ProvisionError> {
    let over_tls = std::env::var("DOCKER_TLS_VERIFY").is_ok_and(|value| value == "1");
    if over_tls && std::env::var_os("DOCKER_CERT_PATH").is_none() {
        return Err(silent(&"DOCKER_TLS_VERIFY is set, and DOCKER_CERT_PATH names no certificates"));
    }
    let asked = worker::attempt(async {
        let client = docker_client_instance().await.map_err(|error| error.to_string())?;
        match tokio::time::timeout(PATIENCE, client.ping()).await {
            Ok(Ok(_)) => Ok(client),
            Ok(Err(error)) => Err(told(&error)),
            Err(_) => Err(format!("it does not answer within {} s", PATIENCE.as_secs())),
        }
    });
    asked.await.map_err(|error| silent(&error))?.map_err(|reason| silent(&reason))
}

fn silent(reason: &dyn std::fmt::Display) -> ProvisionError {
    ProvisionError::NoContainerEngine { host: host(), reason: reason.to_string() }
}

/// An error with its causes, of which the outermost often says nothing.
pub(super) fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}

/// Whether the engine listens on this machine, and this is the machine itself: then nobody else need reach its containers.
pub(super) fn is_here() -> bool {
    host().starts_with("unix:") && !Path::new("/.dockerenv").exists() && !Path::new("/run/.containerenv").exists()
}

fn host() -> String {
    std::env::var(HOST).ok().filter(|host| !host.is_empty()).unwrap_or_else(|| format!("unix://{USUAL_SOCKET}"))
}

/// What `DOCKER_HOST` has to be set to so that the engine of this machine is found, where it does not listen at its usual
/// place: the docker command's current context, then the sockets of rootless Docker, Colima and Podman. `None` where
/// nothing has to be set: it is set already, the usual socket is there, or there is no other.
pub fn unusual_engine() -> Option<(&'static str, String)> {
    let told = std::env::var_os(HOST);
    if told.as_ref().is_some_and(|host| !host.is_empty()) {
        return None;
    }
    if Path::new(USUAL_SOCKET).exists() {
        // An empty variable counts as none, and testcontainers would take it for an address.
        return told.map(|_| (HOST, format!("unix://{USUAL_SOCKET}")));
    }
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let context = home.as_deref().and_then(context_host);
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let below = |base: &Option<PathBuf>, path: &str| base.as_ref().map(|base| base.join(path));
    let sockets = [
        below(&runtime, "docker.sock"),
        below(&home, ".docker/run/docker.sock"),
        below(&home, ".docker/desktop/docker.sock"),
        below(&home, ".colima/default/docker.sock"),
        below(&runtime, "podman/podman.sock"),
        Some(PathBuf::from("/run/podman/podman.sock")),
    ];
    let socket = sockets.into_iter().flatten().find(|socket| socket.exists());
    let found = context.or_else(|| socket.map(|socket| format!("unix://{}", socket.display())))?;
    Some((HOST, found))
}

/// The endpoint of the docker command's current context, as `docker context use` keeps it: the name in
/// `~/.docker/config.json`, the endpoint in a folder that is named by the SHA-256 of the name. Endpoints that testcontainers
/// cannot reach (`ssh://`) are none.
fn context_host(home: &Path) -> Option<String> {
    let folder = std::env::var_os("DOCKER_CONFIG").map_or_else(|| home.join(".docker"), PathBuf::from);
    let read = |path: PathBuf| -> Option<serde_json::Value> {
        serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
    };
    let name = match std::env::var("DOCKER_CONTEXT") {
        Ok(name) => name,
        Err(_) => read(folder.join("config.json"))?.get("currentContext")?.as_str()?.to_owned(),
    };
    let hash: String = Sha256::digest(name.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let meta = read(folder.join("contexts/meta").join(hash).join("meta.json"))?;
    let host = meta.pointer("/Endpoints/docker/Host")?.as_str()?;
    ["unix://", "tcp://", "http://"].iter().any(|scheme| host.starts_with(scheme)).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_current_context_is_followed() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(context_host(home.path()), None, "there is none");
        let meta = home.path().join(".docker/contexts/meta");
        let name_hash: String = Sha256::digest(b"colima").iter().map(|byte| format!("{byte:02x}")).collect();
        std::fs::create_dir_all(meta.join(&name_hash)).unwrap();
        std::fs::write(home.path().join(".docker/config.json"), r#"{"currentContext": "colima"}"#).unwrap();
        let endpoint = r#"{"Name": "colima", "Endpoints": {"docker": {"Host": "unix:///srv/colima/docker.sock"}}}"#;
        std::fs::write(meta.join(&name_hash).join("meta.json"), endpoint).unwrap();
        assert_eq!(context_host(home.path()).as_deref(), Some("unix:///srv/colima/docker.sock"));
        std::fs::write(meta.join(&name_hash).join("meta.json"), endpoint.replace("unix://", "ssh://")).unwrap();
        assert_eq!(context_host(home.path()), None, "nobody here speaks ssh");
    }
}
