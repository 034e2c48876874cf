//! Why no server could be had. Each message names the cause and what to do; none holds a password.

use std::path::PathBuf;

use thiserror::Error;

use super::image::default_image;
use super::product::{Product, oldest};
use crate::history::EngineKind;

/// Why no server could be had, or why one could not be given back.
#[derive(Debug, Error)]
pub enum ProvisionError {
    /// What is asked for is no name of an image.
    #[error("`{image}` is no name of a container image: {reason}; write it like postgres:17, in `image` or --image")]
    ImageName {
        /// What was asked for.
        image: String,
        /// What is wrong, as a clause.
        reason: &'static str,
    },
    /// The image holds another version than its name says.
    #[error("the image {image} holds {server}; name the image by its version, or set `allow-substitute: true`")]
    ImageOfOtherVersion {
        /// The image.
        image: String,
        /// The product and the version that answered.
        server: String,
    },
    /// No container engine.
    #[error(
        "no container engine answers at {host} ({reason}); {}, or use `--provision local` with server binaries on this \
         machine",
        reach(reason)
    )]
    NoContainerEngine {
        /// Where it was looked for.
        host: String,
        /// What happened there.
        reason: String,
    },
    /// The engine does not have the image, and cannot get it.
    #[error(
        "the container engine does not have the image {image} and cannot pull it: {reason}; pull it yourself, name another \
         with `image` or --image, or use `--provision local`"
    )]
    NoImage {
        /// The image, with its tag.
        image: String,
        /// The engine's answer.
        reason: String,
    },
    /// A container that does not become a server.
    #[error("the container of {image} {reason}{}\n{remedy}", wrote(log))]
    Container {
        /// The image, with its tag.
        image: String,
        /// What happened, as a predicate.
        reason: String,
        /// Whether it ended by itself.
        ended: bool,
        /// The last lines that it wrote.
        log: Vec<String>,
        /// What to do.
        remedy: &'static str,
    },
    /// A container that is still there.
    #[error(
        "the container {name} could not be removed: {reason}; `rollproof clean` removes what is left of ended runs"
    )]
    ContainerStays {
        /// Its name.
        name: String,
        /// The engine's answer.
        reason: String,
    },
    /// Neither a container nor server binaries.
    #[error("no server is to be had. As a container: {container}. From this machine: {local}")]
    Neither {
        /// Why there is no container.
        container: Box<Self>,
        /// Why there is no local server.
        local: Box<Self>,
    },
    /// A URL for an engine that needs none.
    #[error("a SQLite database is a file of its own that is made for each run; leave `--url` out")]
    UrlForSqlite,
    /// Settings for an engine that has no server.
    #[error("SQLite has no server, so `server-settings` mean nothing to it; remove them")]
    SettingsForSqlite,
    /// The image belongs to another product.
    #[error(
        "the image {image} is {}, and the engine is {engine}; make `image` and `engine` agree{}", product.title(),
        if *kin { ", or set `allow-substitute: true`" } else { "" }
    )]
    ImageOfOtherProduct {
        /// The image.
        image: String,
        /// Its product.
        product: EngineKind,
        /// The engine that the configuration names.
        engine: EngineKind,
        /// Whether one may stand in for the other.
        kin: bool,
    },
    /// The image does not tell which version it holds.
    #[error(
        "the image {image} does not tell its {} version, so no other server can be compared with it; \
         name an image such as {}, or set `allow-substitute: true`", product.title(), default_image(*product)
    )]
    ImageWithoutVersion {
        /// The image.
        image: String,
        /// The product that it should hold.
        product: EngineKind,
    },
    /// No server binaries of the wanted version.
    #[error("{wanted} is not on this machine ({found}); {remedy}")]
    NoBinaries {
        /// The product and version that was asked for.
        wanted: String,
        /// What was found instead, as a clause.
        found: String,
        /// What to do.
        remedy: String,
    },
    /// None of the folders that `--server-bin` names has a server of this product.
    #[error("none of the folders of --server-bin ({}) has a server that runs; name the one that holds {holds}, too", folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", "))]
    ServerBins {
        /// The folders.
        folders: Vec<PathBuf>,
        /// The programs that one of them should hold.
        holds: &'static str,
    },
    /// `--server-bin` names a folder without a usable server.
    #[error("--server-bin {} {reason}; name the folder that holds {holds}", folder.display())]
    ServerBin {
        /// The folder.
        folder: PathBuf,
        /// The programs that it should hold.
        holds: &'static str,
        /// What is wrong, as a predicate.
        reason: String,
    },
    /// The server is too old.
    #[error("{server} is too old: Rollproof needs {oldest} or newer; use a newer server")]
    TooOld {
        /// The product and its version.
        server: String,
        /// The oldest that works, with its product.
        oldest: String,
    },
    /// A setting that cannot be made.
    #[error("server-settings: {name} {reason}")]
    Setting {
        /// The setting.
        name: String,
        /// What is wrong and what to do, as a predicate.
        reason: String,
    },
    /// No place for the data of a server.
    #[error("no folder for the data of a server: {reason}; set TMPDIR to a writable folder with a short path")]
    NoFolder {
        /// Each place that was tried, and what it lacks.
        reason: String,
    },
    /// A file of the run could not be written or read.
    #[error("cannot {what} {}: {source}; check the space and the permissions there", path.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// Rollproof runs as root and there is nobody to run the server.
    #[error(
        "{} refuses to run as root, and this machine has neither a user `{account}` nor `nobody` to run it; \
         add one, or run rollproof as an ordinary user", engine.title()
    )]
    NoAccount {
        /// The product.
        engine: EngineKind,
        /// The user that its packages make.
        account: &'static str,
    },
    /// A program of the server could not be started.
    #[error("cannot run {}{}: {source}; {remedy}", program.display(), account.as_ref().map_or_else(String::new, |name| format!(" as user {name}")))]
    Run {
        /// The program.
        program: PathBuf,
        /// The user it was to run as, where that is not ours.
        account: Option<String>,
        /// The system's answer.
        source: std::io::Error,
        /// What to do.
        remedy: &'static str,
    },
    /// A program of the server started, and failed.
    #[error("{program} {reason}:\n{}\n{remedy}", telling(log).join("\n"))]
    Failed {
        /// The server or what makes its data, with its version.
        program: String,
        /// What happened, as a predicate.
        reason: String,
        /// The last lines that it wrote.
        log: Vec<String>,
        /// What to do.
        remedy: &'static str,
    },
    /// `--url` cannot be understood.
    #[error("--url {shown} {reason}")]
    Url {
        /// The URL without its password, or as much of it as is safe to show.
        shown: String,
        /// What is wrong and what to do, as a predicate.
        reason: String,
    },
    /// The server is not of the version that was asked for.
    #[error(
        "{shown} is {server}, and {wanted} is asked for; use such a server, change `engine` or `image`, \
         or set `allow-substitute: true`"
    )]
    OtherVersion {
        /// The URL without its password.
        shown: String,
        /// The product and version that answered.
        server: String,
        /// The product and version that was asked for.
        wanted: String,
    },
    /// SQLite could not be opened.
    #[error("cannot open SQLite: {0}; this is a fault of this program's build")]
    Sqlite(sqlx::Error),
}

/// What to do when an engine does not answer for this reason.
fn reach(reason: &str) -> &'static str {
    if reason.contains("ermission denied") {
        "let your user use it (`sudo usermod -aG docker $USER`, then log in again)"
    } else {
        "start Docker or Podman, set DOCKER_HOST to where it listens (unix:// or tcp://)"
    }
}

/// What a program wrote, behind a sentence.
fn wrote(log: &[String]) -> String {
    if log.is_empty() { "; it wrote nothing".to_owned() } else { format!("; it wrote:\n{}", telling(log).join("\n")) }
}

/// The lines of a log that say which setting a server does not take, with the hints behind them; where there are none, all
/// (MySQL's manual, "Server Error Message Reference"; PostgreSQL's `guc.c` for the words.)
fn telling(log: &[String]) -> Vec<&str> {
    const REFUSED: [&str; 11] = [
        "unknown variable '",
        "unknown option '",
        "ambiguous option '",
        "Error while setting value '",
        "Unknown suffix '",
        "Character set '",
        "Unknown collation",
        "requires an argument",
        "parameter \"",
        "could not access file \"",
        "invalid locale",
    ];
    let (mut lines, mut behind): (Vec<&str>, bool) = (Vec::new(), false);
    for line in log {
        let unimportant = ["[Warning]", "[Note]", "[System]"].iter().any(|mark| line.contains(mark));
        let refuses = !unimportant && REFUSED.iter().any(|refused| line.contains(refused));
        let explains = behind && ["HINT:", "DETAIL:"].iter().any(|mark| line.contains(mark));
        behind = refuses || explains;
        if behind && !lines.contains(&line.as_str()) {
            lines.push(line);
        }
    }
    if lines.is_empty() { log.iter().map(String::as_str).collect() } else { lines }
}

impl ProvisionError {
    /// For a server that is older than the oldest that works.
    pub(crate) fn too_old(server: &Product) -> Self {
        let oldest = format!("{} {}", server.engine.title(), oldest(server.engine));
        Self::TooOld { server: server.to_string(), oldest }
    }

    /// Whether there is no container to be had here, through no fault of what was asked for.
    pub(crate) fn is_about_containers(&self) -> bool {
        matches!(self, Self::NoContainerEngine { .. } | Self::NoImage { .. })
    }

    /// A closure for `map_err` that says what was tried on which path.
    pub(crate) fn file(what: &'static str, path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { what, path, source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_told_by_the_setting_that_is_wrong() {
        let told = |log: &str| {
            let lines: Vec<String> = log.lines().map(str::to_owned).collect();
            telling(&lines).iter().map(|line| (*line).to_owned()).collect::<Vec<_>>()
        };
        let mariadb = "2026-11-24  0:00:01 0 [Note] Starting MariaDB\n2026-11-24  0:00:01 0 [Note] InnoDB: started\n\
                       2026-11-24  0:00:01 0 [ERROR] mariadbd: unknown variable 'no-such=1'\n2026-11-24  0:00:01 0 [ERROR] Aborting";
        assert_eq!(told(mariadb), ["2026-11-24  0:00:01 0 [ERROR] mariadbd: unknown variable 'no-such=1'"]);
        let postgres = "LOG:  invalid value for parameter \"work_mem\": \"much\"\nHINT:  Valid units are kB.\n\
                        LOG:  something else\nFATAL:  configuration file \"/a/postgresql.conf\" contains errors";
        assert_eq!(told(postgres).len(), 2);
        let other = "[Warning] unknown variable 'loose-x=1'\n[ERROR] no space left";
        assert_eq!(told(other).len(), 2, "what is no setting's fault is told whole");
    }
}
