//! The PostgreSQL servers that are installed on this machine.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::super::wanted::OLDEST_POSTGRES;
use super::super::{ProvisionError, Wanted};

/// An installed server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// The folder that holds `postgres` and `initdb`.
    pub bin: PathBuf,
    /// Its version: `15.18`.
    pub version: String,
    /// Its major version: 15.
    pub major: u32,
}

/// Folders whose subfolders hold one installed version each, and where the programs lie in such a subfolder: Debian and
/// Ubuntu, Red Hat and its kin, Homebrew on Apple silicon and on Intel, Postgres.app.
const FAMILIES: [(&str, &str, &str); 6] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// The installed servers: those of `server_bin` alone where it is given, else all that are found in `PATH` and in the
/// folders that packages use.
///
/// # Errors
/// When `server_bin` holds no server.
pub fn installations(server_bin: Option<&Path>) -> Result<Vec<Installation>, ProvisionError> {
    let Some(folder) = server_bin else {
        return Ok(describe(usual_folders()));
    };
    let wrong = |reason: &str| ProvisionError::ServerBin { folder: folder.to_owned(), reason: reason.to_owned() };
    if !folder.is_dir() {
        return Err(wrong("is not a folder"));
    }
    let bin = [folder.to_owned(), folder.join("bin")].iter().find_map(|folder| server_folder(folder));
    let bin = bin.ok_or_else(|| wrong("does not hold `postgres` and `initdb`"))?;
    let found = describe(BTreeSet::from([bin]));
    if found.is_empty() { Err(wrong("holds a `postgres` that does not tell its version")) } else { Ok(found) }
}

/// The server to use: of the wanted major version, else the newest; with `allow-substitute` the nearest.
///
/// # Errors
/// When there is none; the error says which versions there are and what to install.
pub(crate) fn choose(found: Vec<Installation>, wanted: &Wanted) -> Result<Installation, ProvisionError> {
    let major = wanted.major()?;
    let listed = if found.is_empty() {
        "no PostgreSQL server was found in PATH or where packages put it".to_owned()
    } else {
        let versions: Vec<String> =
            found.iter().map(|each| format!("{} in {}", each.version, each.bin.display())).collect();
        format!("found: {}", versions.join(", "))
    };
    let (recent, old): (Vec<_>, Vec<_>) = found.into_iter().partition(|each| each.major >= OLDEST_POSTGRES);
    let exact = |each: &Installation| major.is_none_or(|major| each.major == major);
    let best = recent
        .into_iter()
        .filter(|each| wanted.allow_substitute || exact(each))
        // The installations are sorted, newest first, and `min_by_key` takes the first of equals.
        .min_by_key(|each| major.map_or(0, |major| each.major.abs_diff(major)));
    if let Some(best) = best {
        return Ok(best);
    }
    match old.iter().find(|each| exact(each)) {
        Some(old) => {
            Err(ProvisionError::TooOld { server: format!("PostgreSQL {}", old.version), oldest: OLDEST_POSTGRES })
        }
        None => Err(ProvisionError::NoBinaries {
            wanted: major.map_or_else(|| "PostgreSQL".to_owned(), |major| format!("PostgreSQL {major}")),
            remedy: remedy(major, listed.starts_with("found")),
            found: listed,
        }),
    }
}

/// What to do when the wanted server is not there.
fn remedy(major: Option<u32>, something_else: bool) -> String {
    let (debian, brew) = match major {
        Some(major) => (format!("postgresql-{major}"), format!("postgresql@{major}")),
        None => ("postgresql".to_owned(), "postgresql".to_owned()),
    };
    let other = if something_else { ", or accept another version with `allow-substitute: true`" } else { "" };
    format!(
        "install it (`apt install {debian}`, `brew install {brew}`), name its folder with --server-bin, \
         use a running server with --url{other}"
    )
}

fn usual_folders() -> BTreeSet<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_families = FAMILIES.iter().flat_map(|(parent, prefix, bin)| {
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        let named = entries.filter(|entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix)));
        named.map(|entry| entry.path().join(bin)).collect::<Vec<_>>()
    });
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/local/pgsql/bin")])
        .chain(in_families)
        // An empty or relative part of PATH would run whatever the project's folder calls `postgres`.
        .filter(|folder| folder.is_absolute())
        .filter_map(|folder| server_folder(&folder))
        .collect()
}

/// The folder where `folder`'s server really lies, if it holds one: a link in `PATH` leads to a folder that holds
/// `initdb` too.
fn server_folder(folder: &Path) -> Option<PathBuf> {
    let program = folder.join("postgres").canonicalize().ok()?;
    let bin = program.parent()?;
    (program.is_file() && bin.join("initdb").is_file()).then(|| bin.to_owned())
}

/// Asks every server for its version, all at the same time; sorted, newest first.
fn describe(folders: BTreeSet<PathBuf>) -> Vec<Installation> {
    let ask = |bin: &Path| {
        Command::new(bin.join("postgres"))
            .arg("--version")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
    };
    let asked: Vec<(PathBuf, Child)> = folders.into_iter().filter_map(|bin| ask(&bin).ok().map(|c| (bin, c))).collect();
    let mut found: Vec<Installation> = asked
        .into_iter()
        .filter_map(|(bin, child)| {
            let answer = child.wait_with_output().ok()?;
            let (version, major) = read_version(&String::from_utf8_lossy(&answer.stdout))?;
            Some(Installation { bin, version, major })
        })
        .collect();
    found.sort_by_key(|each| Reverse((each.major, numbers(&each.version))));
    found
}

/// The version in the answer to `postgres --version`: `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn read_version(answer: &str) -> Option<(String, u32)> {
    let version = answer.split_once("(PostgreSQL) ")?.1.split_whitespace().next()?;
    let digits = version.len() - version.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    Some((version.to_owned(), version[..digits].parse().ok()?))
}

fn numbers(version: &str) -> Vec<u32> {
    version.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::EngineKind;

    fn installed(versions: &[&str]) -> Vec<Installation> {
        versions
            .iter()
            .map(|version| {
                let (version, major) = read_version(&format!("postgres (PostgreSQL) {version}\n")).unwrap();
                Installation { bin: PathBuf::from(format!("/usr/lib/postgresql/{major}/bin")), version, major }
            })
            .collect()
    }

    fn chosen(versions: &[&str], image: Option<&str>, allow_substitute: bool) -> Result<String, String> {
        let image = image.map(str::to_owned);
        let wanted = Wanted { image, allow_substitute, ..Wanted::new(EngineKind::Postgres) };
        choose(installed(versions), &wanted).map(|each| each.version).map_err(|error| error.to_string())
    }

    #[test]
    fn versions_are_read() {
        let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n";
        assert_eq!(read_version(debian), Some(("15.18".to_owned(), 15)));
        assert_eq!(read_version("postgres (PostgreSQL) 18beta2\n"), Some(("18beta2".to_owned(), 18)));
        assert_eq!(read_version("postgres: command not found"), None);
    }

    #[test]
    fn the_wanted_version_is_chosen_else_the_newest() {
        let all = ["17.2", "16.6", "15.10"];
        assert_eq!(chosen(&all, None, false).as_deref(), Ok("17.2"));
        assert_eq!(chosen(&all, Some("postgres:latest"), false).as_deref(), Ok("17.2"));
        assert_eq!(chosen(&all, Some("postgres:15"), false).as_deref(), Ok("15.10"));
        assert_eq!(chosen(&all, Some("postgres:14"), true).as_deref(), Ok("15.10"));
        assert_eq!(chosen(&all, Some("postgres:18"), true).as_deref(), Ok("17.2"));
        assert_eq!(chosen(&["17.2", "15.10"], Some("postgres:16"), true).as_deref(), Ok("17.2"), "of two, the newer");
    }

    #[test]
    fn a_missing_version_says_what_is_there_and_what_to_do() {
        let error = chosen(&["16.6", "15.10"], Some("postgres:17"), false).unwrap_err();
        for part in
            ["PostgreSQL 17 is not", "16.6 in /usr/lib/postgresql/16/bin, 15.10 in", "apt install postgresql-17"]
        {
            assert!(error.contains(part), "{part} in: {error}");
        }
        for part in ["--server-bin", "--url", "allow-substitute"] {
            assert!(error.contains(part), "{part} in: {error}");
        }
        let error = chosen(&[], None, false).unwrap_err();
        assert!(
            error.contains("no PostgreSQL server was found") && error.contains("`apt install postgresql`"),
            "{error}"
        );
        assert!(!error.contains("allow-substitute"), "{error}");
    }

    #[test]
    fn old_servers_are_refused() {
        let error = chosen(&["12.22"], Some("postgres:12"), false).unwrap_err();
        assert!(error.contains("PostgreSQL 12.22 is too old") && error.contains("13 or newer"), "{error}");
        assert!(chosen(&["12.22"], None, true).unwrap_err().contains("too old"));
        assert!(chosen(&["12.22"], Some("postgres:17"), true).is_err());
    }

    #[test]
    fn a_wrong_folder_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let error = |path: &Path| installations(Some(path)).unwrap_err().to_string();
        assert!(error(&folder.path().join("none")).contains("is not a folder"));
        assert!(error(folder.path()).contains("does not hold `postgres` and `initdb`"));
        for program in ["postgres", "initdb"] {
            let path = folder.path().join(program);
            fs::write(&path, "#!/bin/sh\necho what\n").unwrap();
            fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        }
        assert!(error(folder.path()).contains("does not tell its version"));
    }
}
