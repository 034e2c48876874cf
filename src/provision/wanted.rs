//! What kind of server a check needs.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::ProvisionError;
use super::image::{self, ImageVersion};
use super::product::{Product, Release, are_kin};
use crate::history::EngineKind;

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
    /// Accept another release or product than what the engine and the image name; MySQL and MariaDB may stand in for one another.
    pub allow_substitute: bool,
    /// The folders of server binaries, of any product; none are to be looked for where packages put them.
    pub server_bins: Vec<PathBuf>,
    /// Server settings, by name; they win over Rollproof's own.
    pub server_settings: BTreeMap<String, String>,
    /// Whether a server of our own is to keep a log of the statements that it gets, which can be read through SQL.
    pub overheard: bool,
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
            server_bins: Vec::new(),
            server_settings: BTreeMap::new(),
            overheard: false,
            start_timeout: START_TIMEOUT,
        }
    }

    /// The product that is asked for: the engine's; the image's where it may stand in for that.
    ///
    /// # Errors
    /// When the image is another product's.
    pub(crate) fn product(&self) -> Result<EngineKind, ProvisionError> {
        let Some(image) = &self.image else { return Ok(self.engine) };
        match image::product(image, self.engine) {
            Some(product) if product != self.engine => {
                let kin = are_kin(product, self.engine);
                if kin && self.allow_substitute {
                    return Ok(product);
                }
                let engine = self.engine;
                Err(ProvisionError::ImageOfOtherProduct { image: image.clone(), product, engine, kin })
            }
            Some(_) | None => Ok(self.engine),
        }
    }

    /// The product and the release that are asked for.
    ///
    /// # Errors
    /// When the image is another product's, or tells no version and no substitute is allowed.
    pub(crate) fn asked(&self) -> Result<Asked, ProvisionError> {
        let product = self.product()?;
        let release = match self.image.as_ref().map(|image| (image, image::version(image, product))) {
            None | Some((_, ImageVersion::Any)) => None,
            Some((_, ImageVersion::Release(release))) => Some(release),
            Some((_, ImageVersion::Unknown)) if self.allow_substitute => None,
            Some((image, ImageVersion::Unknown)) => {
                return Err(ProvisionError::ImageWithoutVersion { image: image.clone(), product });
            }
        };
        Ok(Asked { product, release })
    }

    /// The note for reports when an image holds another product than the engine's, or another version than its name says; a
    /// name may say none.
    ///
    /// # Errors
    /// When it does, and no substitute is allowed.
    pub(crate) fn held(&self, image: &str, server: &Product) -> Result<Option<String>, ProvisionError> {
        let named = match image::version(image, server.engine) {
            ImageVersion::Release(named) => named.covers(server.release),
            ImageVersion::Any | ImageVersion::Unknown => true,
        };
        let note = format!("the image {image} holds {server}");
        match (self.product()? == server.engine && named, self.engine == server.engine) {
            (true, true) => Ok(None),
            _ if !self.allow_substitute => {
                Err(ProvisionError::ImageOfOtherVersion { image: image.to_owned(), server: server.to_string() })
            }
            (_, true) => Ok(Some(note)),
            (_, false) => Ok(Some(format!("{note}, which stands in for {}", self.engine.title()))),
        }
    }

    /// The note for reports when a server stands in for another or for an unknown one.
    pub(crate) fn substitution(&self, server: &Product) -> Option<String> {
        let engine = self.engine.title();
        let Some(image) = &self.image else {
            return (server.engine != self.engine).then(|| format!("{server} stands in for {engine}"));
        };
        let named = image::product(image, self.engine);
        match image::version(image, named.unwrap_or(self.engine)) {
            // What the image holds is told of it; that it is not the engine's has to be.
            _ if named == Some(server.engine) && server.engine != self.engine => {
                Some(format!("{server} stands in for {engine}"))
            }
            _ if server.engine != named.unwrap_or(self.engine) => Some(format!("{server} stands in for {image}")),
            ImageVersion::Release(wanted) if !wanted.covers(server.release) => {
                Some(format!("{server} stands in for {image}"))
            }
            ImageVersion::Unknown => Some(format!("{server} stands in for {image}, whose version is not known")),
            ImageVersion::Release(_) | ImageVersion::Any => None,
        }
    }
}

/// The product that is asked for, in some release or in any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) product: EngineKind,
    /// `None` where any will do.
    pub(crate) release: Option<Release>,
}

impl Asked {
    /// Whether a server is what is asked for.
    pub(crate) fn is(self, server: &Product) -> bool {
        self.product == server.engine && self.release.is_none_or(|release| release.covers(server.release))
    }

    /// Which of two servers is nearer to what is asked for: the smaller. The product goes before the release.
    pub(crate) fn distance(self, server: &Product) -> (bool, u32, u32) {
        let other = self.product != server.engine;
        // Releases of two products say nothing about one another.
        let release = self.release.filter(|_| !other);
        let (major, minor) = release.map_or((0, 0), |release| release.distance(server.release));
        (other, major, minor)
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.product.title())?;
        self.release.map_or(Ok(()), |release| write!(f, " {release}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(engine: EngineKind, image: &str, allow_substitute: bool) -> Wanted {
        let image = (!image.is_empty()).then(|| image.to_owned());
        Wanted { image, allow_substitute, ..Wanted::new(engine) }
    }

    fn server(engine: EngineKind, version: &str) -> Product {
        let numbers: Vec<u32> = version.split('.').map(|number| number.parse().unwrap()).collect();
        Product { engine, version: version.to_owned(), release: Release::of(engine, &numbers).unwrap() }
    }

    #[test]
    fn products_are_never_mixed_in_silence() {
        use EngineKind::{Mariadb, Mysql, Postgres};
        let asked = |engine, image, allow| wanted(engine, image, allow).asked().map(|asked| asked.to_string());
        assert_eq!(asked(Mysql, "mysql:8.4.1", false).unwrap(), "MySQL 8.4");
        assert_eq!(asked(Mariadb, "", false).unwrap(), "MariaDB");
        assert_eq!(asked(Mysql, "mariadb:11.8", true).unwrap(), "MariaDB 11.8");
        let error = asked(Mysql, "mariadb:11.8", false).unwrap_err().to_string();
        assert!(error.contains("is MariaDB, and the engine is mysql") && error.contains("allow-substitute"), "{error}");
        let error = asked(Postgres, "mysql:9", true).unwrap_err().to_string();
        assert!(error.contains("is MySQL") && !error.contains("allow-substitute"), "{error}");
        let error = asked(Mysql, "acme/db:3", false).unwrap_err().to_string();
        assert!(error.contains("does not tell its MySQL version") && error.contains("mysql:9"), "{error}");
    }

    #[test]
    fn what_stands_in_is_told() {
        use EngineKind::{Mariadb, Mysql, Postgres};
        let maria = server(Mariadb, "10.11.19");
        for (engine, image, server, note) in [
            (Mysql, "", &maria, Some("MariaDB 10.11.19 stands in for MySQL")),
            (Mysql, "mysql:9", &maria, Some("MariaDB 10.11.19 stands in for mysql:9")),
            (Mysql, "mariadb:10.11", &maria, Some("MariaDB 10.11.19 stands in for MySQL")),
            (Mysql, "acme/db:3", &maria, Some("MariaDB 10.11.19 stands in for acme/db:3")),
            (Mariadb, "", &maria, None),
            (Mariadb, "mariadb:10.11", &maria, None),
            (Mariadb, "mariadb:11.8", &maria, Some("MariaDB 10.11.19 stands in for mariadb:11.8")),
            (Mysql, "mysql:8", &server(Mysql, "8.4.6"), None),
            (Postgres, "postgres:17", &server(Postgres, "17.2"), None),
            (
                Postgres,
                "acme/db:3",
                &server(Postgres, "17.2"),
                Some("PostgreSQL 17.2 stands in for acme/db:3, whose version is not known"),
            ),
        ] {
            assert_eq!(wanted(engine, image, true).substitution(server).as_deref(), note, "{engine} {image}");
        }
    }

    #[test]
    fn what_an_image_holds_is_compared_with_its_name() {
        use EngineKind::{Mariadb, Mysql};
        let maria = server(Mariadb, "11.8.3");
        let held = |engine, image: &str, allow| wanted(engine, image, allow).held(image, &maria);
        assert_eq!(held(Mariadb, "mariadb:11.8", false).unwrap(), None);
        assert_eq!(held(Mariadb, "mariadb:11", false).unwrap(), None);
        assert_eq!(held(Mariadb, "acme/db:1", false).unwrap(), None);
        assert!(held(Mariadb, "mariadb:10.11", false).unwrap_err().to_string().contains("holds MariaDB 11.8.3"));
        assert!(held(Mysql, "acme/db:1", false).unwrap_err().to_string().contains("holds MariaDB 11.8.3"));
        let note = held(Mysql, "mariadb:11.8", true).unwrap().unwrap();
        assert_eq!(note, "the image mariadb:11.8 holds MariaDB 11.8.3, which stands in for MySQL");
    }
}
