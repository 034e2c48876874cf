//! The servers that are installed on this machine, and which of them a run takes.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use super::product::{Product, are_kin, oldest};
use super::wanted::Asked;
use super::{ProvisionError, Wanted, local_mysql, local_postgres};
use crate::history::EngineKind;

/// An installed server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// The folder that holds its program.
    pub bin: PathBuf,
    /// What it is.
    pub product: Product,
}

impl Installation {
    /// As a clause: `PostgreSQL 15.18 in /usr/lib/postgresql/15/bin`.
    pub fn shown(&self) -> String {
        format!("{} in {}", self.product, self.bin.display())
    }
}

/// The installed servers of a product and of its kin, newest first, which for MySQL and MariaDB is the other one: those of
/// `server_bins` alone where such are given, else all that are found in `PATH` and in the folders that packages use.
///
/// # Errors
/// When one of `server_bins` is no folder, or none holds such a server.
pub fn installations(engine: EngineKind, server_bins: &[PathBuf]) -> Result<Vec<Installation>, ProvisionError> {
    let of = |folder: Option<&Path>| match engine {
        EngineKind::Postgres => local_postgres::installations(folder),
        EngineKind::Mysql | EngineKind::Mariadb => local_mysql::installations(folder),
        EngineKind::Sqlite => Ok(Vec::new()),
    };
    let mut found = match server_bins {
        [] => of(None)?,
        [folder] => of(Some(folder))?,
        folders => in_folders(folders, of)?,
    };
    found.sort_by_key(|each| Reverse((each.product.release, numbers(&each.product.version))));
    Ok(found)
}

/// The servers in several folders. A folder without one is for another product, as long as some folder has one.
fn in_folders(
    folders: &[PathBuf],
    of: impl Fn(Option<&Path>) -> Result<Vec<Installation>, ProvisionError>,
) -> Result<Vec<Installation>, ProvisionError> {
    let (mut found, mut lacking) = (Vec::new(), None);
    for folder in folders {
        match of(Some(folder)) {
            Ok(servers) => found.extend(servers),
            Err(ProvisionError::ServerBin { holds, .. }) if folder.is_dir() => lacking = Some(holds),
            Err(error) => return Err(error),
        }
    }
    match lacking {
        Some(holds) if found.is_empty() => Err(ProvisionError::ServerBins { folders: folders.to_vec(), holds }),
        _ => Ok(found),
    }
}

/// The server to use: of the wanted product and release, else the newest; with `allow-substitute` the nearest.
///
/// # Errors
/// When there is none; the error says which servers there are and what to install.
pub(crate) fn choose(found: &[Installation], wanted: &Wanted) -> Result<Installation, ProvisionError> {
    let asked = wanted.asked()?;
    let is_recent = |each: &Installation| each.product.release >= oldest(each.product.engine);
    let best = found
        .iter()
        .filter(|each| is_recent(each))
        .filter(|each| {
            if wanted.allow_substitute { are_kin(each.product.engine, asked.product) } else { asked.is(&each.product) }
        })
        // The installations are sorted, newest first, and `min_by_key` takes the first of equals.
        .min_by_key(|each| asked.distance(&each.product));
    if let Some(best) = best {
        return Ok(best.clone());
    }
    if let Some(old) = found.iter().find(|each| asked.is(&each.product) && !is_recent(each)) {
        return Err(ProvisionError::too_old(&old.product));
    }
    Err(ProvisionError::NoBinaries {
        wanted: asked.to_string(),
        remedy: remedy(asked, found),
        found: told(asked, found),
    })
}

/// What is there instead, as a clause.
fn told(asked: Asked, found: &[Installation]) -> String {
    let title = asked.product.title();
    if found.is_empty() {
        return format!("no {title} server was found in PATH or where packages put it");
    }
    let told = |each: &Installation| {
        let product = &each.product;
        if product.engine == asked.product {
            format!("{} in {}", product.version, each.bin.display())
        } else {
            each.shown()
        }
    };
    let listed = format!("found: {}", found.iter().map(told).collect::<Vec<_>>().join(", "));
    match found.iter().find(|each| each.product.engine != asked.product) {
        Some(other) => format!("{listed}; {} is another product", other.product.engine.title()),
        None => listed,
    }
}

/// What to do when the wanted server is not there.
fn remedy(asked: Asked, found: &[Installation]) -> String {
    let release = asked.release.map(|release| release.to_string()).unwrap_or_default();
    let brew = |name: &str| if release.is_empty() { name.to_owned() } else { format!("{name}@{release}") };
    let (debian, brew) = match asked.product {
        EngineKind::Mysql => ("mysql-server".to_owned(), brew("mysql")),
        EngineKind::Mariadb => ("mariadb-server".to_owned(), brew("mariadb")),
        _ if release.is_empty() => ("postgresql".to_owned(), brew("postgresql")),
        _ => (format!("postgresql-{release}"), brew("postgresql")),
    };
    let other = if found.is_empty() {
        ""
    } else if found.iter().any(|each| each.product.engine == asked.product) {
        ", or accept another version with `allow-substitute: true`"
    } else {
        ", or accept the other product with `allow-substitute: true`"
    };
    format!(
        "install it (`apt install {debian}`, `brew install {brew}`), name its folder with --server-bin, \
         use a running server with --url{other}"
    )
}

fn numbers(version: &str) -> Vec<u32> {
    version.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::product::Release;
    use super::*;

    fn installed(engine: EngineKind, versions: &[&str]) -> Vec<Installation> {
        let one = |version: &&str| {
            let release = Release::of(engine, &numbers(version)).unwrap();
            let bin = PathBuf::from(format!("/usr/lib/{engine}/{release}/bin"));
            Installation { bin, product: Product { engine, version: (*version).to_owned(), release } }
        };
        versions.iter().map(one).collect()
    }

    fn chosen(found: &[Installation], engine: EngineKind, image: Option<&str>, allow: bool) -> Result<String, String> {
        let image = image.map(str::to_owned);
        let wanted = Wanted { image, allow_substitute: allow, ..Wanted::new(engine) };
        choose(found, &wanted).map(|each| each.product.version).map_err(|error| error.to_string())
    }

    fn postgres(versions: &[&str], image: Option<&str>, allow: bool) -> Result<String, String> {
        chosen(&installed(EngineKind::Postgres, versions), EngineKind::Postgres, image, allow)
    }

    #[test]
    fn several_folders_are_for_several_products() {
        let folder = tempfile::tempdir().unwrap();
        let (maria, postgres) = (folder.path().join("maria"), folder.path().join("postgres"));
        for each in [&maria, &postgres] {
            std::fs::create_dir(each).unwrap();
        }
        let both = [maria.clone(), postgres];
        let of = |at: Option<&Path>| match at {
            Some(at) if at == maria => Ok(installed(EngineKind::Mariadb, &["11.8.3"])),
            at => Err(ProvisionError::ServerBin {
                folder: at.unwrap().to_owned(),
                reason: "is not it".to_owned(),
                holds: "`mariadbd`",
            }),
        };
        assert_eq!(in_folders(&both, of).unwrap().len(), 1);
        let none = in_folders(&both[1..], of).unwrap_err().to_string();
        assert!(none.contains("postgres) has a server that runs; name the one that holds `mariadbd`"), "{none}");
        let gone = in_folders(&[maria.clone(), "/no/such/folder".into()], of).unwrap_err().to_string();
        assert!(gone.starts_with("--server-bin /no/such/folder is not it"), "{gone}");
    }

    #[test]
    fn the_wanted_version_is_chosen_else_the_newest() {
        let all = ["17.2", "16.6", "15.10"];
        assert_eq!(postgres(&all, None, false).as_deref(), Ok("17.2"));
        assert_eq!(postgres(&all, Some("postgres:latest"), false).as_deref(), Ok("17.2"));
        assert_eq!(postgres(&all, Some("postgres:15"), false).as_deref(), Ok("15.10"));
        assert_eq!(postgres(&all, Some("postgres:14"), true).as_deref(), Ok("15.10"));
        assert_eq!(postgres(&all, Some("postgres:18"), true).as_deref(), Ok("17.2"));
        assert_eq!(postgres(&["17.2", "15.10"], Some("postgres:16"), true).as_deref(), Ok("17.2"), "of two, the newer");
    }

    #[test]
    fn a_missing_version_says_what_is_there_and_what_to_do() {
        let error = postgres(&["16.6", "15.10"], Some("postgres:17"), false).unwrap_err();
        for part in ["PostgreSQL 17 is not", "16.6 in /usr/lib/postgres/16/bin, 15.10 in", "apt install postgresql-17"]
        {
            assert!(error.contains(part), "{part} in: {error}");
        }
        for part in ["--server-bin", "--url", "allow-substitute"] {
            assert!(error.contains(part), "{part} in: {error}");
        }
        let error = postgres(&[], None, false).unwrap_err();
        assert!(
            error.contains("no PostgreSQL server was found") && error.contains("`apt install postgresql`"),
            "{error}"
        );
        assert!(!error.contains("allow-substitute"), "{error}");
    }

    #[test]
    fn old_servers_are_refused() {
        let error = postgres(&["12.22"], Some("postgres:12"), false).unwrap_err();
        assert!(error.contains("PostgreSQL 12.22 is too old") && error.contains("PostgreSQL 13 or newer"), "{error}");
        assert!(postgres(&["12.22"], None, true).unwrap_err().contains("too old"));
        assert!(postgres(&["12.22"], Some("postgres:17"), true).is_err());
        let maria = chosen(&installed(EngineKind::Mariadb, &["10.5.1"]), EngineKind::Mariadb, None, false).unwrap_err();
        assert!(maria.contains("MariaDB 10.5.1 is too old") && maria.contains("MariaDB 10.6 or newer"), "{maria}");
    }

    #[test]
    fn mysql_and_mariadb_stand_in_for_one_another_only_where_that_is_allowed() {
        use EngineKind::{Mariadb, Mysql};
        let maria = || installed(Mariadb, &["11.8.3", "10.11.19"]);
        let both = || installed(Mysql, &["9.4.0", "8.0.43"]).into_iter().chain(maria()).collect::<Vec<_>>();
        for (found, engine, image, allow, expected) in [
            (both(), Mysql, None, false, "9.4.0"),
            (both(), Mysql, Some("mysql:8"), false, "8.0.43"),
            (both(), Mysql, Some("mysql:8.4"), true, "8.0.43"),
            (both(), Mysql, Some("mariadb:10.11"), true, "10.11.19"),
            (both(), Mariadb, None, true, "11.8.3"),
            (both(), Mariadb, Some("mariadb:10.11"), false, "10.11.19"),
            (maria(), Mysql, Some("mysql:9"), true, "11.8.3"),
        ] {
            assert_eq!(chosen(&found, engine, image, allow).as_deref(), Ok(expected), "{engine} {image:?}");
        }
        for image in [None, Some("mysql:8.4")] {
            let error = chosen(&maria(), Mysql, image, false).unwrap_err();
            let parts = ["MySQL", "is not on this machine", "found: MariaDB 11.8.3 in /usr/lib", "another product"];
            for part in parts.into_iter().chain(["the other product with `allow-substitute: true`", "mysql-server"]) {
                assert!(error.contains(part), "{part} in: {error}");
            }
        }
        let error = chosen(&installed(Mysql, &["9.4.0"]), Mysql, Some("mysql:8.4"), false).unwrap_err();
        assert!(error.contains("MySQL 8.4 is not") && error.contains("brew install mysql@8.4"), "{error}");
    }
}
