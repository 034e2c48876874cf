//! Which way a server comes: the ways in the order in which they are tried, and which of them it would be where it is known
//! what the machine has. Asks nobody.

use super::{Mode, ProvisionError, ProvisionKind, Wanted, mysql_settings, postgres_settings};
use crate::history::EngineKind;

/// The ways that are tried for one server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ways {
    /// The first.
    pub(super) first: ProvisionKind,
    /// The next, where it turns out that the first is not there at all.
    pub(super) instead: Option<ProvisionKind>,
}

/// The ways to a server as it is wanted.
///
/// # Errors
/// When there is none to a server of this product.
pub(super) fn ways(wanted: &Wanted) -> Result<Ways, ProvisionError> {
    let only = |first| Ok(Ways { first, instead: None });
    match (wanted.engine, &wanted.url) {
        (EngineKind::Sqlite, Some(_)) => Err(ProvisionError::UrlForSqlite),
        (EngineKind::Sqlite, None) => only(ProvisionKind::Embedded),
        (_, Some(_)) => only(ProvisionKind::Url),
        (_, None) => match wanted.mode {
            Mode::Container => only(ProvisionKind::Container),
            // Whoever names a folder of binaries wants those.
            Mode::Auto if wanted.server_bins.is_empty() => {
                Ok(Ways { first: ProvisionKind::Container, instead: Some(ProvisionKind::Local) })
            }
            Mode::Auto | Mode::Local => only(ProvisionKind::Local),
        },
    }
}

/// What the machine has for a server.
#[derive(Clone, Copy, Debug)]
pub struct Means {
    /// What is known of the image.
    pub image: ImageState,
    /// Whether there are server binaries of the product and version that are wanted, and somebody to run them as.
    pub binaries: bool,
    /// Whether the SQLite of this program opens.
    pub sqlite: bool,
    /// Whether a folder of our own can be made, which containers and SQLite need.
    pub folder: bool,
    /// Whether one can be made that the user may enter who runs server binaries.
    pub server_folder: bool,
}

/// What is known of the image of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageState {
    /// No container engine answers.
    NoEngine,
    /// The engine would have to pull it.
    ToPull,
    /// The engine has it.
    Present,
}

/// How a server would come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// This way.
    Way(ProvisionKind),
    /// In a container if its image can be pulled, and else the other way, where there is one.
    Pull {
        /// The other way.
        instead: Option<ProvisionKind>,
    },
}

/// Why no server would come.
#[derive(Debug)]
pub enum Obstacle {
    /// What is wanted is not to be had anywhere.
    Refused(ProvisionError),
    /// No container engine answers, and nothing else is wanted.
    NoContainerEngine,
    /// There are no server binaries, and no other way.
    NoBinaries,
    /// No folder can be made for its data.
    NoFolder,
    /// SQLite does not open.
    NoSqlite,
}

/// The way that a server as it is wanted would come, as far as that shows without starting one.
///
/// # Errors
/// When none would.
pub fn choose(wanted: &Wanted, means: &Means) -> Result<Choice, Obstacle> {
    let Ways { first, instead } = ways(wanted).map_err(Obstacle::Refused)?;
    fitting(first, wanted).map_err(Obstacle::Refused)?;
    match (open(first, means), instead) {
        // The only obstacle after which another way is tried.
        (Err(Obstacle::NoContainerEngine), Some(way)) => open(way, means).map(|()| Choice::Way(way)),
        (Err(obstacle), _) => Err(obstacle),
        (Ok(()), _) if first == ProvisionKind::Container && means.image == ImageState::ToPull => {
            Ok(Choice::Pull { instead: instead.filter(|way| open(*way, means).is_ok()) })
        }
        (Ok(()), _) => Ok(Choice::Way(first)),
    }
}

/// What each way asks of the wishes themselves, before anything else.
fn fitting(way: ProvisionKind, wanted: &Wanted) -> Result<(), ProvisionError> {
    match way {
        ProvisionKind::Container | ProvisionKind::Local => {
            match wanted.engine {
                EngineKind::Mysql | EngineKind::Mariadb => {
                    mysql_settings::settings(&wanted.server_settings, wanted.engine)?;
                }
                EngineKind::Postgres | EngineKind::Sqlite => {
                    postgres_settings::settings(&wanted.server_settings)?;
                }
            }
            wanted.product().map(|_| ())
        }
        ProvisionKind::Embedded if !wanted.server_settings.is_empty() => Err(ProvisionError::SettingsForSqlite),
        ProvisionKind::Embedded | ProvisionKind::Url => Ok(()),
    }
}

/// Whether the machine has what a way needs, in the order in which that is needed.
fn open(way: ProvisionKind, means: &Means) -> Result<(), Obstacle> {
    let needed = match way {
        ProvisionKind::Container => {
            [(means.image != ImageState::NoEngine, Obstacle::NoContainerEngine), (means.folder, Obstacle::NoFolder)]
        }
        ProvisionKind::Local => [(means.binaries, Obstacle::NoBinaries), (means.server_folder, Obstacle::NoFolder)],
        ProvisionKind::Embedded => [(means.folder, Obstacle::NoFolder), (means.sqlite, Obstacle::NoSqlite)],
        // Only the server itself tells.
        ProvisionKind::Url => return Ok(()),
    };
    needed.into_iter().find(|(is_there, _)| !is_there).map_or(Ok(()), |(_, obstacle)| Err(obstacle))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Means =
        Means { image: ImageState::Present, binaries: true, sqlite: true, folder: true, server_folder: true };

    fn chosen(wanted: &Wanted, means: &Means) -> String {
        match choose(wanted, means) {
            Ok(Choice::Way(way)) => way.word().to_owned(),
            Ok(Choice::Pull { instead }) => format!("pull, or {}", instead.map_or("nothing", ProvisionKind::word)),
            Err(Obstacle::Refused(error)) => error.to_string(),
            Err(obstacle) => format!("{obstacle:?}"),
        }
    }

    #[test]
    fn the_first_way_that_is_there_is_taken() {
        use ImageState::{NoEngine, Present, ToPull};
        let auto = Wanted::new(EngineKind::Postgres);
        for (image, binaries, folder, server_folder, expected) in [
            (Present, true, true, true, "container"),
            (Present, false, true, false, "container"),
            (ToPull, true, true, true, "pull, or local"),
            (ToPull, true, true, false, "pull, or nothing"),
            (ToPull, false, true, true, "pull, or nothing"),
            (NoEngine, true, true, true, "local"),
            (NoEngine, false, true, true, "NoBinaries"),
            (NoEngine, false, false, false, "NoBinaries"),
            // A container needs a folder as well, and that it has none is no reason to try binaries.
            (Present, true, false, false, "NoFolder"),
            (ToPull, true, false, false, "NoFolder"),
            (NoEngine, true, true, false, "NoFolder"),
        ] {
            let means = Means { image, binaries, folder, server_folder, ..ALL };
            assert_eq!(chosen(&auto, &means), expected, "{means:?}");
        }
    }

    #[test]
    fn what_is_asked_for_decides_first() {
        let nothing =
            Means { image: ImageState::NoEngine, binaries: false, sqlite: false, folder: false, server_folder: false };
        let auto = Wanted::new(EngineKind::Postgres);
        let container = Wanted { mode: Mode::Container, ..auto.clone() };
        let local = Wanted { mode: Mode::Local, ..auto.clone() };
        let named = Wanted { server_bins: vec!["/opt/pg/bin".into()], ..auto.clone() };
        let sqlite = Wanted::new(EngineKind::Sqlite);
        for family in [EngineKind::Mysql, EngineKind::Mariadb] {
            let auto = Wanted::new(family);
            assert_eq!(chosen(&auto, &ALL), "container");
            assert_eq!(chosen(&auto, &Means { image: ImageState::NoEngine, ..ALL }), "local");
            let url = Some("mysql://h".to_owned());
            assert_eq!(chosen(&Wanted { url, ..auto }, &nothing), "url");
        }
        for (wanted, expected, without) in [
            (&container, "container", "NoContainerEngine"),
            (&local, "local", "NoBinaries"),
            (&named, "local", "NoBinaries"),
            (&sqlite, "embedded", "NoFolder"),
        ] {
            assert_eq!((chosen(wanted, &ALL).as_str(), chosen(wanted, &nothing).as_str()), (expected, without));
        }
        assert_eq!(chosen(&Wanted { url: Some("postgres://h".to_owned()), ..auto.clone() }, &nothing), "url");
        assert_eq!(chosen(&sqlite, &Means { sqlite: false, ..ALL }), "NoSqlite");

        let settings = [("port".to_owned(), "1".to_owned())].into();
        let other = Wanted { image: Some("mysql:8".to_owned()), ..auto.clone() };
        for refused in [
            Wanted { image: Some("mariadb:11.8".to_owned()), ..Wanted::new(EngineKind::Mysql) },
            Wanted { url: Some("postgres://h".to_owned()), ..sqlite.clone() },
            Wanted { server_settings: settings, ..auto },
            Wanted { server_settings: [("a".to_owned(), "1".to_owned())].into(), ..sqlite },
            other,
        ] {
            assert!(matches!(choose(&refused, &ALL), Err(Obstacle::Refused(_))), "{}", chosen(&refused, &ALL));
        }
    }
}
