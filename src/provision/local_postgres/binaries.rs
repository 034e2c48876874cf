//! The PostgreSQL servers that are installed on this machine.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::super::ProvisionError;
use super::super::installed::Installation;
use super::super::product::{Product, Release};
use crate::history::EngineKind;

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
pub(crate) fn installations(server_bin: Option<&Path>) -> Result<Vec<Installation>, ProvisionError> {
    let Some(folder) = server_bin else {
        return Ok(describe(usual_folders()));
    };
    let wrong = |reason: &str| ProvisionError::ServerBin {
        folder: folder.to_owned(),
        reason: reason.to_owned(),
        holds: "`postgres` and `initdb`",
    };
    if !folder.is_dir() {
        return Err(wrong("is not a folder"));
    }
    let bin = [folder.to_owned(), folder.join("bin")].iter().find_map(|folder| server_folder(folder));
    let bin = bin.ok_or_else(|| wrong("does not hold `postgres` and `initdb`"))?;
    let found = describe(BTreeSet::from([bin]));
    if found.is_empty() { Err(wrong("holds a `postgres` that does not tell its version")) } else { Ok(found) }
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

/// Asks every server for its version, all at the same time.
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
    let told = |(bin, child): (PathBuf, Child)| {
        let answer = child.wait_with_output().ok()?;
        let (version, major) = read_version(&String::from_utf8_lossy(&answer.stdout))?;
        let product = Product { engine: EngineKind::Postgres, version, release: Release { major, minor: None } };
        Some(Installation { bin, product })
    };
    asked.into_iter().filter_map(told).collect()
}

/// The version in the answer to `postgres --version`: `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn read_version(answer: &str) -> Option<(String, u32)> {
    let version = answer.split_once("(PostgreSQL) ")?.1.split_whitespace().next()?;
    let digits = version.len() - version.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    Some((version.to_owned(), version[..digits].parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n";
        assert_eq!(read_version(debian), Some(("15.18".to_owned(), 15)));
        assert_eq!(read_version("postgres (PostgreSQL) 18beta2\n"), Some(("18beta2".to_owned(), 18)));
        assert_eq!(read_version("postgres: command not found"), None);
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
