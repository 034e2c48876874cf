//! What has to be known of a product to run it in a container: one file for each family of images.

mod mysql;
mod postgres;

use async_trait::async_trait;

use super::super::server::Address;
use super::super::{Product, ProvisionError, Wanted};
use crate::history::EngineKind;

/// The images of one product, or of products that are run alike.
pub(super) trait Family: Send + Sync {
    /// The port on which the server listens inside.
    fn port(&self) -> u16;
    /// The folder of the server's data, where the image does not say otherwise.
    fn data_folder(&self) -> &'static str;
    /// The variable in which an image says otherwise.
    fn data_folder_variable(&self) -> Option<&'static str>;
    /// What the entry point finds in its environment.
    fn environment(&self, password: &str) -> Vec<(&'static str, String)>;
    /// The command line that the entry point gets.
    fn command(&self) -> Vec<String>;
    /// What decides, beside the image, what the data is like that the entry point makes.
    fn made_with(&self) -> Vec<String>;
    /// How the data is kept for the runs to come.
    fn keeping(&self) -> Keeping;
    /// The superuser of a server that has this password.
    fn login(&self, host: &str, port: u16, password: &str) -> Box<dyn Login>;
}

/// How the data of a server that has just begun is kept. The scripts find the data folder in `$0`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keeping {
    /// What a container begins with that makes data to keep, in front of the entry point and its command line (`"$@"`);
    /// `None` where that is the entry point itself.
    pub(super) begin: Option<&'static str>,
    /// Run in that container once its server has come to rest: writes the data as a compressed archive, or nothing.
    pub(super) pack: &'static str,
    /// What a container begins with that has such an archive in `/rollproof-seed.gz`, in front of the entry point.
    pub(super) unpack: &'static str,
}

/// The superuser of a server in a container. Has no `Debug`: it holds the password.
#[async_trait]
pub(super) trait Login: Send + Sync {
    /// Asks the server what it is.
    async fn ask(&self) -> Result<Product, sqlx::Error>;
    /// Gives the superuser another password, without a word of it in the server's log.
    async fn change_password(&mut self, password: &str) -> Result<(), sqlx::Error>;
    /// Brings the server to where its data can be packed.
    async fn come_to_rest(&self) -> Result<(), sqlx::Error>;
    /// How the server is reached.
    fn address(&self) -> Address;
}

/// The family of the images that are wanted.
///
/// # Errors
/// When a setting is wrong, or the image is another product's.
pub(super) fn family(wanted: &Wanted) -> Result<Box<dyn Family>, ProvisionError> {
    match wanted.product()? {
        // SQLite never runs in a container.
        EngineKind::Postgres | EngineKind::Sqlite => Ok(Box::new(postgres::Postgres::new(wanted)?)),
        product @ (EngineKind::Mysql | EngineKind::Mariadb) => {
            Ok(Box::new(mysql::MySql::new(&wanted.server_settings, product)?))
        }
    }
}
