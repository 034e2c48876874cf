//! Asks the machine.

use std::path::PathBuf;

use super::install;
use super::judge::{Offer, Wish, judge};
use super::model::{
    Cache, Container, DatabaseDiagnosis, Diagnosis, Leftovers, LocalServer, Machine, Place, ProjectDiagnosis,
};
use crate::config::{Database, Project};
use crate::evidence;
use crate::git;
use crate::history::EngineKind;
use crate::provision::{self, ImageState, Installation, Means, Places, ProvisionError, Wanted};

/// The project whose databases are asked for.
pub enum Subject {
    /// There is none.
    Nothing,
    /// A project that was configured or detected.
    Project(Box<Project>),
    /// A project that cannot be read, and why.
    Broken(String),
}

/// Finds out what this machine can provide, and what of it the project would get. With `server_bins` only the server
/// programs in that folder count.
pub async fn diagnose(subject: Subject, server_bins: &[PathBuf]) -> Diagnosis {
    let places = Places::of_this_machine();
    let machine = machine(&places, server_bins).await;
    let project = match subject {
        Subject::Nothing => None,
        Subject::Broken(problem) => {
            Some(ProjectDiagnosis { config: None, databases: Vec::new(), problem: Some(problem) })
        }
        Subject::Project(project) => Some(self::project(&project, &places, &machine, server_bins).await),
    };
    let ready = match &project {
        None => {
            let can = |engine: &EngineKind| {
                let wanted = Wanted { server_bins: server_bins.to_vec(), ..Wanted::new(*engine) };
                let binaries = machine.servers.iter().any(|server| server.engine == *engine);
                let binaries = binaries && provision::server_account(*engine).is_ok();
                provision::choose(&wanted, &means(&machine, &places, false, binaries)).is_ok()
            };
            EngineKind::ALL.iter().any(can)
        }
        Some(project) => {
            project.problem.is_none() && project.databases.iter().all(|database| database.provision.is_some())
        }
    };
    Diagnosis { version: 1, ready, machine, project }
}

async fn machine(places: &Places, server_bins: &[PathBuf]) -> Machine {
    let (container_engine, container_problem) = match provision::container_engine().await {
        Ok(engine) => {
            let (product, version) = (engine.product, engine.version);
            (Some(Container { product, version, host: engine.host, rootless: engine.rootless }), None)
        }
        Err(error) => (None, Some(error.to_string())),
    };
    // MySQL's are told with MariaDB's.
    let servers: Vec<LocalServer> = [EngineKind::Postgres, EngineKind::Mysql]
        .into_iter()
        .flat_map(|engine| provision::installations(engine, server_bins).unwrap_or_default())
        .map(local_server)
        .collect();
    let seeds = provision::cached_seeds(places);
    let place = |place: provision::DataPlace| Place {
        path: place.path,
        memory: place.memory,
        free_bytes: place.free_bytes,
        unfit: place.unfit,
    };
    Machine {
        container_engine,
        container_problem,
        servers,
        sqlite: provision::sqlite_version().await.ok(),
        git: git::version().await,
        data_places: provision::data_places(places).into_iter().map(place).collect(),
        cache: Cache {
            path: places.cache.clone(),
            seeds: seeds.len(),
            bytes: seeds.iter().map(|seed| seed.bytes).sum(),
        },
        left_behind: Leftovers {
            folders: provision::leftovers(&Places::to_clean()),
            containers: provision::leftover_containers().await,
        },
    }
}

fn local_server(found: Installation) -> LocalServer {
    let Installation { bin, product } = found;
    let (runs_as, problem) = match provision::server_account(product.engine) {
        Ok(account) => (account, None),
        Err(error) => (None, Some(error.to_string())),
    };
    LocalServer { engine: product.engine, version: product.version, bin, runs_as, problem }
}

async fn project(project: &Project, places: &Places, machine: &Machine, server_bins: &[PathBuf]) -> ProjectDiagnosis {
    let mut databases = Vec::new();
    for configured in &project.databases {
        databases.push(database(project, configured, places, machine, server_bins).await);
    }
    ProjectDiagnosis { config: project.file.clone(), databases, problem: None }
}

async fn database(
    project: &Project,
    configured: &Database,
    places: &Places,
    machine: &Machine,
    server_bins: &[PathBuf],
) -> DatabaseDiagnosis {
    let folder: PathBuf = project.resolve(&configured.migrations);
    let detect = || evidence::detect_engine(&folder, &project.root);
    let (engine, disagreement) = match configured.engine.map_or_else(detect, |engine| Ok(Some(engine))) {
        Ok(engine) => (engine, None),
        Err(disagreement) => (None, Some(disagreement)),
    };
    let wanted = Wanted {
        image: configured.image.clone(),
        allow_substitute: configured.allow_substitute,
        server_bins: server_bins.to_vec(),
        server_settings: configured.server_settings.clone(),
        ..Wanted::new(engine.unwrap_or(EngineKind::Postgres))
    };
    let default = || provision::default_image(wanted.engine).to_owned();
    let image = configured.image.clone().unwrap_or_else(default);
    let is_present = !matches!(engine, None | Some(EngineKind::Sqlite))
        && machine.container_engine.is_some()
        && provision::container_image(&image).await.ok().flatten().is_some();
    let local = provision::local_choice(&wanted)
        .map(|server| match wanted.substitution(&server.product) {
            Some(note) => format!("{}; {note}", server.shown()),
            None => server.shown(),
        })
        .map_err(|error| match error {
            // What to do about it is told apart.
            ProvisionError::NoBinaries { wanted, found, .. } => format!("{wanted} is not on this machine ({found})"),
            other => other.to_string(),
        });
    let means = means(machine, places, is_present, local.is_ok());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let engine_title = |container: &Container| format!("{} {}", container.product, container.version);
    let offer = Offer {
        containers: machine.container_engine.as_ref().map(engine_title).unwrap_or_default(),
        image,
        local,
        sqlite: machine.sqlite.clone().unwrap_or_default(),
        install: install::commands(wanted.engine, provision::wanted_release(&wanted), &path),
    };
    let choice = engine.map(|_| provision::choose(&wanted, &means));
    judge(Wish { name: configured.name.clone(), engine, disagreement, image: configured.image.clone() }, &offer, choice)
}

/// What the machine has for a server whose image is there or not, and its binaries.
fn means(machine: &Machine, places: &Places, image: bool, binaries: bool) -> Means {
    Means {
        image: match (&machine.container_engine, image) {
            (None, _) => ImageState::NoEngine,
            (Some(_), true) => ImageState::Present,
            (Some(_), false) => ImageState::ToPull,
        },
        binaries,
        sqlite: machine.sqlite.is_some(),
        folder: provision::has_folder(places),
        server_folder: machine.data_places.iter().any(|place| place.unfit.is_none()),
    }
}
