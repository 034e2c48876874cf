//! What `--provision auto` would do for one database, decided from what was found. Asks nobody.

use super::model::DatabaseDiagnosis;
use crate::history::EngineKind;

/// What is known about one database.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    /// Its name.
    pub(super) name: String,
    /// Its product.
    pub(super) engine: Option<EngineKind>,
    /// The image that the configuration asks for.
    pub(super) image: Option<String>,
}

/// What is known about the servers that it could have.
#[derive(Clone, Debug)]
pub(super) struct Means {
    /// The container engine that answers.
    pub(super) container: Option<ContainerMeans>,
    /// The server programs that would be started, as words; or why there are none.
    pub(super) local: Result<String, String>,
    /// The version of SQLite.
    pub(super) sqlite: Option<String>,
    /// Whether there is no folder for the data of a server.
    pub(super) no_place: bool,
    /// Commands that install the server programs.
    pub(super) install: Vec<String>,
}

/// A container engine and the image that it would run.
#[derive(Clone, Debug)]
pub(super) struct ContainerMeans {
    /// The engine's name and version.
    pub(super) product: String,
    /// The image.
    pub(super) image: String,
    /// Whether it is there already.
    pub(super) present: bool,
}

/// Decides.
pub(super) fn judge(wish: Wish, means: &Means) -> DatabaseDiagnosis {
    let (provision, why, remedies) = match wish.engine {
        None => (
            None,
            "no file tells which engine its migrations are for".to_owned(),
            vec![
                "write `engine: postgres` or `engine: sqlite` into rollproof.yml (`rollproof init` makes one)"
                    .to_owned(),
            ],
        ),
        Some(EngineKind::Sqlite) if means.no_place => without_place(),
        Some(EngineKind::Sqlite) => match &means.sqlite {
            Some(version) => (Some("embedded"), format!("SQLite {version} is built in"), Vec::new()),
            None => (None, "the SQLite that is built in does not open".to_owned(), Vec::new()),
        },
        Some(engine @ (EngineKind::Mysql | EngineKind::Mariadb)) => (
            None,
            format!("this version starts no {} server", engine.title()),
            vec!["`rollproof lint` checks what needs no server".to_owned()],
        ),
        Some(EngineKind::Postgres) => postgres(means, wish.image.is_some()),
    };
    DatabaseDiagnosis { name: wish.name, engine: wish.engine, image: wish.image, provision, why, remedies }
}

fn postgres(means: &Means, named: bool) -> (Option<&'static str>, String, Vec<String>) {
    match (&means.container, &means.local) {
        (Some(container), _) if container.present => {
            let default = if named { "" } else { ", the default where none is named" };
            let why = format!("{} has the image {}{default}", container.product, container.image);
            (Some("container"), why, Vec::new())
        }
        (Some(container), local) => {
            let fallback = match local {
                Ok(server) => format!("where it cannot be had, {server}"),
                Err(_) => "this is the only way that was found, and its registry was not asked".to_owned(),
            };
            let why = format!("{} would pull the image {}; {fallback}", container.product, container.image);
            (Some("container"), why, vec![format!("pull {} beforehand, so that no run waits for it", container.image)])
        }
        (None, Ok(_)) if means.no_place => without_place(),
        (None, Ok(server)) => (Some("local"), server.clone(), Vec::new()),
        (None, Err(reason)) => {
            let mut remedies = means.install.clone();
            remedies.push("or name the folder of its programs with --server-bin".to_owned());
            remedies.push("or name a server that runs already with --url".to_owned());
            (None, reason.clone(), remedies)
        }
    }
}

fn without_place() -> (Option<&'static str>, String, Vec<String>) {
    let remedy = "set TMPDIR to a writable folder with a short path".to_owned();
    (None, "there is no folder for its data; see above".to_owned(), vec![remedy])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(engine: Option<EngineKind>, container: Option<bool>, local: bool) -> DatabaseDiagnosis {
        let container = container.map(|present| ContainerMeans {
            product: "Docker 28.2".to_owned(),
            image: "postgres:17".to_owned(),
            present,
        });
        let local = if local { Ok("PostgreSQL 17.2 in /x".to_owned()) } else { Err("none is here".to_owned()) };
        let install = vec!["apt install postgresql-17".to_owned()];
        let means = Means { container, local, sqlite: Some("3.51".to_owned()), no_place: false, install };
        judge(Wish { name: "main".to_owned(), engine, image: None }, &means)
    }

    #[test]
    fn the_first_way_that_serves_is_taken() {
        let postgres = Some(EngineKind::Postgres);
        for (container, local, provision, why) in [
            (Some(true), true, Some("container"), "has the image"),
            (Some(false), true, Some("container"), "where it cannot be had, PostgreSQL 17.2"),
            (Some(false), false, Some("container"), "was not asked"),
            (None, true, Some("local"), "PostgreSQL 17.2 in /x"),
            (None, false, None, "none is here"),
        ] {
            let judged = judged(postgres, container, local);
            assert_eq!(judged.provision, provision);
            assert!(judged.why.contains(why), "{judged:?}");
        }
        assert!(judged(postgres, None, false).remedies[0].contains("apt install postgresql-17"));
    }

    #[test]
    fn other_engines_need_other_things() {
        assert_eq!(judged(Some(EngineKind::Sqlite), None, false).provision, Some("embedded"));
        assert_eq!(judged(Some(EngineKind::Mariadb), Some(true), true).provision, None);
        let unknown = judged(None, Some(true), true);
        assert_eq!((unknown.provision, unknown.remedies.len()), (None, 1));
    }
}
