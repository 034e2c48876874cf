//! What `--provision auto` would do for one database, in words. Asks nobody.

use super::model::DatabaseDiagnosis;
use crate::evidence::Disagreement;
use crate::history::EngineKind;
use crate::provision::{Choice, Obstacle, ProvisionKind};

/// What is known about one database.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    /// Its name.
    pub(super) name: String,
    /// Its product.
    pub(super) engine: Option<EngineKind>,
    /// Why that is not known, where files disagree.
    pub(super) disagreement: Option<Disagreement>,
    /// The image that the configuration asks for.
    pub(super) image: Option<String>,
}

/// The servers that it could have, in words.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    /// The name and version of the container engine; empty where none answers.
    pub(super) containers: String,
    /// The image that it would run.
    pub(super) image: String,
    /// The server programs that would be started; or why there are none.
    pub(super) local: Result<String, String>,
    /// The version of SQLite; empty where it does not open.
    pub(super) sqlite: String,
    /// Commands that install the server programs.
    pub(super) install: Vec<String>,
}

/// Says what would be used and why, or what is missing. `choice` is `None` where no engine is known to choose for.
pub(super) fn judge(wish: Wish, offer: &Offer, choice: Option<Result<Choice, Obstacle>>) -> DatabaseDiagnosis {
    let (provision, why, remedies) = match choice {
        None => (
            None,
            match &wish.disagreement {
                Some(disagreement) => disagreement.to_string(),
                None => "no file tells which engine its migrations are for".to_owned(),
            },
            vec![
                "write `engine: postgres`, `mysql`, `mariadb` or `sqlite` into rollproof.yml (`rollproof init` makes one)"
                    .to_owned(),
            ],
        ),
        Some(Ok(Choice::Way(way))) => (Some(way.word()), taken(way, offer, wish.image.is_some()), Vec::new()),
        Some(Ok(Choice::Pull { instead })) => {
            let fallback = match (&offer.local, instead) {
                (Ok(server), Some(_)) => format!("where it cannot be had, {server}"),
                _ => "this is the only way that was found, and its registry was not asked".to_owned(),
            };
            let why = format!("{} would pull the image {}; {fallback}", offer.containers, offer.image);
            let remedy = format!("pull {} beforehand, so that no run waits for it", offer.image);
            (Some(ProvisionKind::Container.word()), why, vec![remedy])
        }
        Some(Err(obstacle)) => {
            let (why, remedies) = missing(&obstacle, offer);
            (None, why, remedies)
        }
    };
    DatabaseDiagnosis { name: wish.name, engine: wish.engine, image: wish.image, provision, why, remedies }
}

fn taken(way: ProvisionKind, offer: &Offer, named: bool) -> String {
    match way {
        ProvisionKind::Container => {
            let default = if named { "" } else { ", the default where none is named" };
            format!("{} has the image {}{default}", offer.containers, offer.image)
        }
        ProvisionKind::Local => offer.local.clone().unwrap_or_else(|reason| reason),
        ProvisionKind::Embedded => format!("SQLite {} is built in", offer.sqlite),
        ProvisionKind::Url => "the server that the URL names".to_owned(),
    }
}

/// Why there is no server, and what to do about it.
fn missing(obstacle: &Obstacle, offer: &Offer) -> (String, Vec<String>) {
    match obstacle {
        Obstacle::Refused(error) => (error.to_string(), Vec::new()),
        Obstacle::NoContainerEngine => ("no container engine answers; see above".to_owned(), Vec::new()),
        Obstacle::NoFolder => {
            let remedy = "set TMPDIR to a writable folder with a short path".to_owned();
            ("there is no folder for its data; see above".to_owned(), vec![remedy])
        }
        Obstacle::NoSqlite => ("the SQLite that is built in does not open".to_owned(), Vec::new()),
        Obstacle::NoBinaries => {
            let mut remedies = offer.install.clone();
            remedies.push("or name the folder of its programs with --server-bin".to_owned());
            remedies.push("or name a server that runs already with --url".to_owned());
            (offer.local.clone().err().unwrap_or_else(|| "there are no server programs".to_owned()), remedies)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(local: bool, choice: Option<Result<Choice, Obstacle>>) -> DatabaseDiagnosis {
        let offer = Offer {
            containers: "Docker 28.2".to_owned(),
            image: "postgres:17".to_owned(),
            local: if local { Ok("PostgreSQL 17.2 in /x".to_owned()) } else { Err("none is here".to_owned()) },
            sqlite: "3.51".to_owned(),
            install: vec!["apt install postgresql-17".to_owned()],
        };
        judge(Wish { name: "main".to_owned(), engine: None, disagreement: None, image: None }, &offer, choice)
    }

    #[test]
    fn a_choice_is_told_with_its_reason() {
        for (choice, provision, why) in [
            (Choice::Way(ProvisionKind::Container), "container", "Docker 28.2 has the image postgres:17, the default"),
            (Choice::Pull { instead: Some(ProvisionKind::Local) }, "container", "cannot be had, PostgreSQL 17.2 in /x"),
            (Choice::Pull { instead: None }, "container", "was not asked"),
            (Choice::Way(ProvisionKind::Local), "local", "PostgreSQL 17.2 in /x"),
            (Choice::Way(ProvisionKind::Embedded), "embedded", "SQLite 3.51 is built in"),
        ] {
            let judged = judged(true, Some(Ok(choice)));
            assert_eq!(judged.provision, Some(provision));
            assert!(judged.why.contains(why), "{judged:?}");
        }
    }

    #[test]
    fn what_is_missing_is_told_with_what_to_do() {
        for (obstacle, why, remedy) in [
            (Obstacle::NoBinaries, "none is here", "apt install postgresql-17"),
            (Obstacle::NoFolder, "no folder for its data", "set TMPDIR"),
        ] {
            let judged = judged(false, Some(Err(obstacle)));
            assert_eq!(judged.provision, None);
            assert!(judged.why.contains(why) && judged.remedies[0].contains(remedy), "{judged:?}");
        }
        let unknown = judged(true, None);
        assert_eq!((unknown.provision, unknown.remedies.len()), (None, 1));
    }
}
