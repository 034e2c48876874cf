//! What kind of server a check needs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::ProvisionError;
use super::image::{self, ImageVersion};
use crate::history::EngineKind;

/// The oldest major version of PostgreSQL that works.
pub(crate) const OLDEST_POSTGRES: u32 = crate::engine::postgres::TESTED.oldest;

/// How long a server in a container may take to its first answer unless the user says otherwise.
pub const START_TIMEOUT: Duration = Duration::from_secs(60);

/// Where `--provision` says that a server is to come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// A container where an engine answers and has or can pull the image, else server binaries of this machine.
    #[default]
    Auto,
    /// A container.
    Container,
    /// Server binaries of this machine.
    Local,
}

/// The server that is asked for. Has no `Debug`: `url` may hold a password.
#[derive(Clone)]
pub struct Wanted {
    /// The product.
    pub engine: EngineKind,
    /// Where from; a `url` goes before it.
    pub mode: Mode,
    /// A server that runs already.
    pub url: Option<String>,
    /// The container image; for local servers and URLs its version is what counts.
    pub image: Option<String>,
    /// Accept another major version or product than the image's.
    pub allow_substitute: bool,
    /// The folder of the server binaries; `None` is to be looked for.
    pub server_bin: Option<PathBuf>,
    /// Server settings, by name; they win over Rollproof's own.
    pub server_settings: BTreeMap<String, String>,
    /// How long a server in a container may take to its first answer, its image's pull not counted.
    pub start_timeout: Duration,
}

impl Wanted {
    /// Any server of `engine`, from wherever it can be had.
    pub fn new(engine: EngineKind) -> Self {
        Self {
            engine,
            mode: Mode::Auto,
            url: None,
            image: None,
            allow_substitute: false,
            server_bin: None,
            server_settings: BTreeMap::new(),
            start_timeout: START_TIMEOUT,
        }
    }

    /// # Errors
    /// When the image is another product's.
    pub(crate) fn product(&self) -> Result<(), ProvisionError> {
        match self.image.as_ref().map(|image| (image, image::version(image, self.engine))) {
            Some((image, ImageVersion::Other(product))) => {
                Err(ProvisionError::ImageOfOtherProduct { image: image.clone(), product, engine: self.engine })
            }
            _ => Ok(()),
        }
    }

    /// The major version that is asked for; `None` where any will do.
    ///
    /// # Errors
    /// When the image is another product's, or tells no version and no substitute is allowed.
    pub(crate) fn major(&self) -> Result<Option<u32>, ProvisionError> {
        self.product()?;
        let Some(image) = &self.image else { return Ok(None) };
        match image::version(image, self.engine) {
            ImageVersion::Any | ImageVersion::Other(_) => Ok(None),
            ImageVersion::Major(major) => Ok(Some(major)),
            ImageVersion::Unknown if self.allow_substitute => Ok(None),
            ImageVersion::Unknown => Err(ProvisionError::ImageWithoutVersion { image: image.clone() }),
        }
    }

    /// The note for reports when an image holds another version than its name says; a name may say none.
    ///
    /// # Errors
    /// When it does, and no substitute is allowed.
    pub(crate) fn held(&self, image: &str, server: &str, major: u32) -> Result<Option<String>, ProvisionError> {
        match image::version(image, self.engine) {
            ImageVersion::Major(named) if named != major && self.allow_substitute => {
                Ok(Some(format!("the image {image} holds {server}")))
            }
            ImageVersion::Major(named) if named != major => {
                Err(ProvisionError::ImageOfOtherVersion { image: image.to_owned(), server: server.to_owned() })
            }
            _ => Ok(None),
        }
    }

    /// The note for reports when the server of version `major` stands in for another or for an unknown one.
    pub(crate) fn substitution(&self, server: &str, major: u32) -> Option<String> {
        let image = self.image.as_ref()?;
        match image::version(image, self.engine) {
            ImageVersion::Major(wanted) if wanted != major => Some(format!("{server} stands in for {image}")),
            ImageVersion::Unknown => Some(format!("{server} stands in for {image}, whose version is not known")),
            ImageVersion::Major(_) | ImageVersion::Any | ImageVersion::Other(_) => None,
        }
    }
}
