//! The image of a container: whether the engine has it, and what it says about itself.

use testcontainers::GenericImage;
use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error;
use testcontainers::bollard::models::ImageInspect;
use testcontainers::runners::AsyncRunner;

use super::super::ProvisionError;
use super::engine::{client, told};
use super::product::Family;
use super::worker;

/// An image that the engine has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Image {
    /// As it was asked for, with a tag.
    pub(super) name: String,
    /// Its digest in the registry that its name says; where it came from none, its id.
    pub(super) digest: String,
    /// Its id, which is that of its content and its platform.
    pub(super) id: String,
    /// The folder of the server's data.
    pub(super) data_folder: String,
    /// The folders for which the engine would make a volume.
    pub(super) volumes: Vec<String>,
    /// The program that the image begins with, and its first arguments.
    pub(super) entrypoint: Vec<String>,
}

impl Image {
    /// An image of this family, or of whatever product where only its digest is asked.
    fn new(name: &str, inspected: ImageInspect, family: Option<&dyn Family>) -> Self {
        let config = inspected.config.unwrap_or_default();
        let id = inspected.id.unwrap_or_default();
        let digest = inspected.repo_digests.iter().flatten().find_map(|full| {
            let (repository, digest) = full.split_once('@')?;
            is_of(name, repository).then(|| digest.to_owned())
        });
        let environment = config.env.unwrap_or_default();
        let value = |variable: &str| environment.iter().find_map(|line| line.strip_prefix(variable)?.strip_prefix('='));
        let data_folder = family.map(|family| {
            family.data_folder_variable().and_then(value).unwrap_or_else(|| family.data_folder()).to_owned()
        });
        Self {
            name: name.to_owned(),
            digest: digest.unwrap_or_else(|| id.clone()),
            id,
            data_folder: data_folder.unwrap_or_default(),
            volumes: config.volumes.unwrap_or_default(),
            entrypoint: config.entrypoint.unwrap_or_default(),
        }
    }

    /// The folders to be kept in memory: those for which the engine would otherwise make volumes, and the data's where it
    /// lies in none of them.
    pub(super) fn folders_in_memory(&self) -> Vec<String> {
        let mut folders = self.volumes.clone();
        let inside = |folder: &String| {
            let rest = self.data_folder.strip_prefix(folder.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if !folders.iter().any(inside) {
            folders.push(self.data_folder.clone());
        }
        folders
    }

    /// For testcontainers, which puts the two parts together again with a `:`.
    pub(super) fn generic(&self) -> GenericImage {
        generic(&self.name)
    }
}

fn generic(name: &str) -> GenericImage {
    let (name, tag) = name.rsplit_once(':').unwrap_or((name, "latest"));
    GenericImage::new(name, tag)
}

/// Whether an image of this name is one of this repository, which the engine may write with the registry's name or without.
fn is_of(name: &str, repository: &str) -> bool {
    let name = name.split('@').next().unwrap_or(name);
    let last = name.rfind('/').map_or(0, |slash| slash + 1);
    let bare = name[last..].find(':').map_or(name, |colon| &name[..last + colon]);
    repository == bare || repository.strip_suffix(bare).is_some_and(|registry| registry.ends_with('/'))
}

/// The name with the tag that is meant when none stands there. A `:` before a `/` is a port, and a digest needs no tag.
pub(super) fn with_tag(name: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.contains([':', '@']) { name.to_owned() } else { format!("{name}:latest") }
}

/// # Errors
/// When no image can have this name. The grammar is that of the distribution project's `reference` package: a repository
/// in lower case, then a tag, then a digest.
pub(super) fn check_name(image: &str) -> Result<(), ProvisionError> {
    let name = image.split('@').next().unwrap_or(image);
    let last = name.rfind('/').map_or(0, |slash| slash + 1);
    let (repository, tag) = match name[last..].find(':') {
        Some(colon) => (&name[..last + colon], Some(&name[last + colon + 1..])),
        None => (name, None),
    };
    let plain = |text: &str, more: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c));
    // The registry's name may have capital letters, as host names may.
    let path =
        repository.split_once('/').filter(|(host, _)| host.contains(['.', ':'])).map_or(repository, |(_, path)| path);
    let reason = if repository[last..].is_empty() {
        "it is empty"
    } else if !plain(repository, "._-/:") {
        "it holds a character that names of images cannot have"
    } else if path.chars().any(|c| c.is_ascii_uppercase()) {
        "it has capital letters"
    } else if tag.is_some_and(|tag| tag.is_empty() || !plain(tag, "._-")) {
        "what stands behind the colon is no tag"
    } else {
        return Ok(());
    };
    Err(ProvisionError::ImageName { image: image.to_owned(), reason })
}

/// The digest, or the id, of an image that the engine has; `None` when it does not have it.
///
/// # Errors
/// When no engine answers.
pub async fn container_image(name: &str) -> Result<Option<String>, ProvisionError> {
    Ok(find(&client().await?, &with_tag(name), None).await?.map(|image| image.digest))
}

/// The image, pulled when the engine does not have it; `tell` hears of that.
pub(super) async fn obtain(
    client: &Docker,
    name: &str,
    family: &dyn Family,
    tell: &dyn Fn(&str),
) -> Result<Image, ProvisionError> {
    let name = with_tag(name);
    if let Some(image) = find(client, &name, Some(family)).await? {
        return Ok(image);
    }
    tell(&format!("pulling the image {name}"));
    let missing = |reason: String| ProvisionError::NoImage { image: name.clone(), reason };
    let wanted = generic(&name);
    let pulled = worker::attempt(async move { wanted.pull_image().await.map(drop) }).await;
    pulled.map_err(|error| missing(error.to_string()))?.map_err(|error| missing(told(&error)))?;
    find(client, &name, Some(family))
        .await?
        .ok_or_else(|| missing("the engine does not have it after it was pulled".to_owned()))
}

async fn find(client: &Docker, name: &str, family: Option<&dyn Family>) -> Result<Option<Image>, ProvisionError> {
    let (client, wanted) = (client.clone(), name.to_owned());
    let asked = worker::attempt(async move { client.inspect_image(&wanted).await }).await;
    let failed = |reason: String| ProvisionError::NoImage { image: name.to_owned(), reason };
    match asked.map_err(|error| failed(error.to_string()))? {
        Ok(inspected) => Ok(Some(Image::new(name, inspected, family))),
        Err(Error::DockerResponseServerError { status_code: 404, .. }) => Ok(None),
        Err(error) => Err(failed(told(&error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(volumes: &[&str], data_folder: &str) -> Image {
        Image {
            name: "postgres:17".to_owned(),
            digest: String::new(),
            id: String::new(),
            data_folder: data_folder.to_owned(),
            volumes: volumes.iter().map(|volume| (*volume).to_owned()).collect(),
            entrypoint: Vec::new(),
        }
    }

    #[test]
    fn data_and_volumes_are_kept_in_memory() {
        let cases: [(&[&str], &str, &[&str]); 4] = [
            (&["/var/lib/postgresql/data"], "/var/lib/postgresql/data", &["/var/lib/postgresql/data"]),
            (&["/var/lib/postgresql"], "/var/lib/postgresql/18/docker", &["/var/lib/postgresql"]),
            (&["/var/lib/post"], "/var/lib/postgresql/data", &["/var/lib/post", "/var/lib/postgresql/data"]),
            (&[], "/data", &["/data"]),
        ];
        for (volumes, data, expected) in cases {
            assert_eq!(image(volumes, data).folders_in_memory(), expected);
        }
    }

    #[test]
    fn an_image_has_the_digest_of_its_own_name() {
        for (name, repository, expected) in [
            ("postgres:17", "postgres", true),
            ("postgres:17", "docker.io/library/postgres", true),
            ("postgres:17", "mypostgres", false),
            ("postgis/postgis:17", "postgres", false),
            ("localhost:5000/team/db", "localhost:5000/team/db", true),
            ("postgres:17@sha256:0123", "postgres", true),
        ] {
            assert_eq!(is_of(name, repository), expected, "{name} {repository}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for name in [
            "postgres",
            "postgres:17@sha256:0123",
            "registry.example:5000/team/postgres:15.4-alpine",
            "Registry.example/team/db_1:v2",
            "localhost/x",
        ] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for (name, reason) in [
            ("", "is empty"),
            ("team/", "is empty"),
            ("postgres:", "no tag"),
            ("Postgres:15", "capital"),
            ("postgres:15 --privileged", "no tag"),
            ("post gres", "character"),
        ] {
            assert!(check_name(name).unwrap_err().to_string().contains(reason), "{name}");
        }
    }

    #[test]
    fn names_keep_their_ports_and_digests() {
        use testcontainers::{ContainerRequest, Image as _};
        for (name, expected) in [
            ("postgres", "postgres:latest"),
            ("postgres:17", "postgres:17"),
            ("registry.example:5000/team/postgres", "registry.example:5000/team/postgres:latest"),
            ("postgres:17@sha256:0123", "postgres:17@sha256:0123"),
            ("postgres@sha256:0123", "postgres@sha256:0123"),
        ] {
            assert_eq!(with_tag(name), expected);
            let generic = generic(&with_tag(name));
            assert_eq!(format!("{}:{}", generic.name(), generic.tag()), expected);
            assert_eq!(ContainerRequest::from(generic).descriptor(), expected);
        }
    }
}
