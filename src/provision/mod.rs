//! Where a disposable server comes from: server binaries of this machine, a URL, or a library in this program.
//!
//! [`provide`] gives a [`Server`] that answers. Whatever was made for it is gone when it is dropped, also after a panic or
//! an interrupt; and what a run leaves that was killed outright, the next one sweeps away.
//!
//! The programs of a local server get a signal when the *thread* that started them ends. So [`provide`] must run on a
//! thread that lives as long as the server is needed: the main thread, under tokio's `current_thread` runtime.

mod account;
mod cache;
mod child;
mod choice;
mod clean;
mod contact;
mod container;
mod dynamic_memory;
mod embedded;
mod error;
mod image;
mod installed;
mod interrupt;
mod local;
mod local_mysql;
mod local_postgres;
mod mysql_login;
mod mysql_settings;
mod owner;
mod parent_death;
mod password;
mod postgres_settings;
mod product;
mod run_folder;
mod seed;
mod server;
mod shared_memory;
mod stragglers;
mod survey;
mod sweep;
mod url;
mod wanted;

use self::choice::Ways;
use self::server::Guard;
use crate::history::EngineKind;

pub use cache::{CachedSeed, ClearedCache, cached_seeds, clear_cache};
pub use choice::{Choice, ImageState, Means, Obstacle, choose};
pub use clean::{Cleaned, clean};
pub use contact::Contact;
pub use container::{ContainerEngine, container_engine, container_image, leftover_containers, unusual_engine};
pub use embedded::sqlite_version;
pub use error::ProvisionError;
pub(crate) use image::default_image;
pub use installed::{Installation, installations};
pub use interrupt::interrupted;
pub(crate) use parent_death::signal_on_parent_death;
pub use product::{Product, Release};
pub use run_folder::Places;
pub(crate) use run_folder::RunFolder;
pub use server::{Address, ProvisionKind, Server};
pub use survey::{DataPlace, data_places, has_folder, local_choice, server_account, wanted_release};
pub use sweep::{leftovers, sweep};
pub use url::{CleanedServer, Readable, clean_server, readable};
pub use wanted::{Mode, START_TIMEOUT, Wanted};

/// A server as it is wanted, after sweeping up what killed runs left. `tell` hears of what takes long.
///
/// # Errors
/// When there is no such server to be had; the error says what to do.
pub async fn provide(wanted: &Wanted, tell: &dyn Fn(&str)) -> Result<Server, ProvisionError> {
    // On the heap: what the ways to all servers nest would be too deep for the compiler in the program's own future.
    Box::pin(provide_in(wanted, &Places::of_this_machine(), tell)).await
}

/// The same, with its folders in the places given.
///
/// # Errors
/// As [`provide`].
pub async fn provide_in(wanted: &Wanted, places: &Places, tell: &dyn Fn(&str)) -> Result<Server, ProvisionError> {
    sweep(places);
    let Ways { first, instead } = choice::ways(wanted)?;
    let (no_container, way) = match (provide_by(first, wanted, places, tell).await, instead) {
        (Err(error), Some(way)) if error.is_about_containers() => (error, way),
        (other, _) => return other,
    };
    match provide_by(way, wanted, places, tell).await {
        Ok(mut server) => {
            // An engine that is there was meant to be used.
            if matches!(no_container, ProvisionError::NoImage { .. }) {
                server.notes.push(format!("{} of this machine ran: {no_container}", server.title()));
            }
            Ok(server)
        }
        Err(local) => Err(ProvisionError::Neither { container: Box::new(no_container), local: Box::new(local) }),
    }
}

async fn provide_by(
    way: ProvisionKind,
    wanted: &Wanted,
    places: &Places,
    tell: &dyn Fn(&str),
) -> Result<Server, ProvisionError> {
    match way {
        ProvisionKind::Container => provide_container(wanted, places, tell).await,
        ProvisionKind::Local => provide_local(wanted, places).await,
        // An empty URL is refused as one that cannot be read.
        ProvisionKind::Url => provide_from_url(wanted, wanted.url.as_deref().unwrap_or_default()).await,
        ProvisionKind::Embedded => provide_embedded(wanted, places).await,
    }
}

async fn provide_container(wanted: &Wanted, places: &Places, tell: &dyn Fn(&str)) -> Result<Server, ProvisionError> {
    let server = container::start(wanted, places, tell).await?;
    let product = server.product.clone();
    let notes = wanted.held(&server.image, &product)?;
    Ok(Server {
        provision: ProvisionKind::Container,
        engine: product.engine,
        version: product.version,
        image: Some(server.image.clone()),
        image_digest: Some(server.digest.clone()),
        notes: notes.into_iter().collect(),
        address: server.address(),
        guard: Guard::Container(Box::new(server)),
    })
}

async fn provide_local(wanted: &Wanted, places: &Places) -> Result<Server, ProvisionError> {
    let (product, address, guard) = match wanted.engine {
        EngineKind::Mysql | EngineKind::Mariadb => {
            let server = local_mysql::start(wanted, places).await?;
            let (admin, tcp) = (Box::new(server.options()), Box::new(server.tcp_options()));
            (server.product.clone(), Address::Mysql { admin, tcp }, Guard::LocalMysql(server))
        }
        EngineKind::Postgres | EngineKind::Sqlite => {
            let server = local_postgres::start(wanted, places).await?;
            let (admin, tcp) = (Box::new(server.options()), Box::new(server.tcp_options()));
            (server.installation.product.clone(), Address::Postgres { admin, tcp }, Guard::LocalPostgres(server))
        }
    };
    Ok(Server {
        provision: ProvisionKind::Local,
        notes: wanted.substitution(&product).into_iter().collect(),
        engine: product.engine,
        version: product.version,
        image: wanted.image.clone(),
        image_digest: None,
        address,
        guard,
    })
}

async fn provide_from_url(wanted: &Wanted, url: &str) -> Result<Server, ProvisionError> {
    let (server, described) = url::connect(wanted, url).await?;
    Ok(Server {
        provision: ProvisionKind::Url,
        engine: described.product.engine,
        version: described.product.version,
        image: wanted.image.clone(),
        image_digest: None,
        notes: described.notes,
        address: server.address(),
        guard: Guard::Url(Box::new(server)),
    })
}

async fn provide_embedded(wanted: &Wanted, places: &Places) -> Result<Server, ProvisionError> {
    if !wanted.server_settings.is_empty() {
        return Err(ProvisionError::SettingsForSqlite);
    }
    let (embedded, version) = embedded::open(places).await?;
    Ok(Server {
        provision: ProvisionKind::Embedded,
        engine: EngineKind::Sqlite,
        version,
        image: wanted.image.clone(),
        image_digest: None,
        notes: Vec::new(),
        address: Address::SqliteFile(embedded.file()),
        guard: Guard::Embedded(embedded),
    })
}
