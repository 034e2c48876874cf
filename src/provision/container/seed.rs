//! The data as an image's own entry point makes it, kept between runs: it takes the image half a second to make, or several.
//!
//! It is taken from a server that has just begun, before anybody uses it. The password of its superuser is in it, and is kept
//! beside it; the server gets another one as soon as it answers.

use std::fs;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use testcontainers::core::ExecCommand;
use testcontainers::{ContainerRequest, GenericImage, ImageExt};

use super::super::run_folder::{Places, RunFolder};
use super::super::seed::Seed;
use super::guard::Guard;
use super::image::Image;
use super::product::{Family, Login};

/// Raised when seeds made before must not be used any more.
const SEED_FORM: u32 = 2;
const ARCHIVE: &str = "data.gz";
const PASSWORD: &str = "password";
/// Where the archive lies in a container that begins with it; the scripts of each family know it.
const INSIDE: &str = "/rollproof-seed.gz";
/// A seed's content.
pub(super) struct Content {
    archive: Vec<u8>,
    /// The password of its superuser.
    pub(super) password: String,
}

/// Where the seed of an image of this family is, or would be; `None` without a cache.
///
/// The settings are part of its name, since entry points make the data with them.
pub(super) fn seed(image: &Image, family: &dyn Family, places: &Places) -> Option<Seed> {
    let mut hash = Sha256::new();
    for part in std::iter::once(image.id.clone()).chain(family.made_with()) {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let hash: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let cache = Seed::usable_cache(places.cache.as_deref()?)?;
    Some(Seed::new(cache, format!("container-{SEED_FORM}-{hash}")))
}

/// What the seed holds, if there is a whole one. `folder` is for a copy on the way.
pub(super) fn read(seed: &Seed, folder: &RunFolder) -> Option<Content> {
    let copy = folder.path().join("seed");
    fs::create_dir(&copy).ok()?;
    let read = || -> Option<Content> {
        seed.copy_to(&copy, None).then_some(())?;
        let password = fs::read_to_string(copy.join(PASSWORD)).ok()?;
        Some(Content { archive: fs::read(copy.join(ARCHIVE)).ok()?, password })
    };
    let content = read();
    let _ = fs::remove_dir_all(&copy);
    content
}

/// The request with the seed in it, for a server that begins with it. The request is for an entry point that is a shell.
pub(super) fn begin_with(
    request: ContainerRequest<GenericImage>,
    content: Content,
    image: &Image,
    family: &dyn Family,
) -> ContainerRequest<GenericImage> {
    let script = family.keeping().unpack;
    request.with_copy_to(INSIDE, content.archive).with_cmd(within(script, image, family.command()))
}

/// The arguments of a shell that runs a script in front of what the image begins with.
pub(super) fn within(script: &str, image: &Image, command: Vec<String>) -> Vec<String> {
    let shell = ["-c", script].map(str::to_owned).into_iter().chain([image.data_folder.clone()]);
    shell.chain(image.entrypoint.iter().cloned()).chain(command).collect()
}

/// Keeps the data of a server that has just begun as the seed of the runs to come. `None` when it cannot be: without it they
/// take longer, and that is all.
pub(super) async fn keep(
    seed: &Seed,
    guard: &Guard,
    image: &Image,
    family: &dyn Family,
    login: &dyn Login,
    password: &str,
    folder: &Path,
) -> Option<()> {
    login.come_to_rest().await.ok()?;
    let archive = guard.run(ExecCommand::new(["sh", "-c", family.keeping().pack, &image.data_folder])).await?;
    if archive.is_empty() {
        return None;
    }
    let making = folder.join("making");
    fs::create_dir(&making).ok()?;
    fs::write(making.join(ARCHIVE), archive).ok()?;
    fs::write(making.join(PASSWORD), password).ok()?;
    let published = seed.publish(&making).ok();
    let _ = fs::remove_dir_all(&making);
    published
}
