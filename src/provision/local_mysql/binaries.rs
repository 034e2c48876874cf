//! The MySQL and MariaDB servers that are installed on this machine.
//!
//! Debian's MariaDB calls its server `mysqld` too, by a link: what a program is, only its own answer tells.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::super::ProvisionError;
use super::super::installed::Installation;
use super::super::mysql_login;
use super::super::product::Product;
use crate::history::EngineKind;

/// The names of the server, the one that tells more first.
const PROGRAMS: [&str; 2] = ["mariadbd", "mysqld"];

/// Folders that are seldom in the `PATH` of an ordinary user: of Debian and its kin, of Red Hat and its kin, of archives.
const FOLDERS: [&str; 6] =
    ["/usr/sbin", "/usr/libexec", "/usr/local/sbin", "/usr/local/libexec", "/usr/local/bin", "/usr/bin"];

/// Folders whose subfolders hold one installed version each, and what those begin with: archives and packages of the makers,
/// Homebrew on Apple silicon, on Intel and on Linux, `MacPorts`.
const FAMILIES: [(&str, &[&str]); 7] = [
    ("/usr/local", &["mysql", "mariadb"]),
    ("/opt", &["mysql", "mariadb", "percona"]),
    ("/opt/mysql", &[""]),
    ("/opt/homebrew/opt", &["mysql", "mariadb", "percona-server"]),
    ("/usr/local/opt", &["mysql", "mariadb", "percona-server"]),
    ("/home/linuxbrew/.linuxbrew/opt", &["mysql", "mariadb", "percona-server"]),
    ("/opt/local/lib", &["mysql", "mariadb", "percona"]),
];

/// Where a server lies in the folder of an installation.
const INSIDE: [&str; 4] = ["", "bin", "sbin", "libexec"];

/// The installed servers of both products: those of `server_bin` alone where it is given, else all that are found in `PATH`
/// and in the folders that packages use.
///
/// # Errors
/// When `server_bin` holds no server.
pub(crate) fn installations(server_bin: Option<&Path>) -> Result<Vec<Installation>, ProvisionError> {
    let Some(folder) = server_bin else {
        return Ok(describe(usual_programs()));
    };
    let holds = "`mariadbd` or `mysqld`";
    let wrong =
        |reason: &str| ProvisionError::ServerBin { folder: folder.to_owned(), reason: reason.to_owned(), holds };
    if !folder.is_dir() {
        return Err(wrong("is not a folder"));
    }
    let programs = INSIDE.iter().map(|inside| programs_in(&folder.join(inside))).find(|found| !found.is_empty());
    let programs = programs.ok_or_else(|| wrong("holds neither `mariadbd` nor `mysqld`"))?;
    let found = describe(programs);
    if found.is_empty() { Err(wrong("holds a server that does not tell its version")) } else { Ok(found) }
}

/// The server's program in an installation.
pub(super) fn program(installation: &Installation) -> PathBuf {
    let maria = installation.bin.join("mariadbd");
    let is_maria = installation.product.engine == EngineKind::Mariadb && maria.is_file();
    if is_maria { maria } else { installation.bin.join("mysqld") }
}

/// The script that makes the data of MariaDB, where its packages and archives have it.
pub(super) fn install_script(installation: &Installation) -> Option<PathBuf> {
    let beside = installation.bin.parent()?;
    let folders = [installation.bin.clone(), beside.join("bin"), beside.join("scripts")];
    let scripts =
        folders.iter().flat_map(|folder| ["mariadb-install-db", "mysql_install_db"].map(|name| folder.join(name)));
    scripts.into_iter().find(|script| script.is_file())
}

/// The folder that an installation has its further files in, where that is not what was built into its programs: an archive
/// that was unpacked anywhere.
pub(super) fn base_folder(installation: &Installation) -> Option<PathBuf> {
    let base = installation.bin.parent()?;
    (base != Path::new("/usr") && base != Path::new("/") && base.join("share").is_dir()).then(|| base.to_owned())
}

fn usual_programs() -> BTreeSet<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_families = FAMILIES.iter().flat_map(|(parent, prefixes)| {
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        let named = entries.filter(|entry| {
            let name = entry.file_name();
            name.to_str().is_some_and(|name| prefixes.iter().any(|prefix| name.starts_with(prefix)))
        });
        named.flat_map(|entry| INSIDE.map(|inside| entry.path().join(inside))).collect::<Vec<_>>()
    });
    std::env::split_paths(&path)
        .chain(FOLDERS.map(PathBuf::from))
        .chain(in_families)
        // An empty or relative part of PATH would run whatever the project's folder calls `mysqld`.
        .filter(|folder| folder.is_absolute())
        .flat_map(|folder| programs_in(&folder))
        .collect()
}

/// Where the servers in a folder really lie: links lead to one program.
fn programs_in(folder: &Path) -> BTreeSet<PathBuf> {
    let real = |name: &&str| folder.join(name).canonicalize().ok();
    // A link may lead to a program of another name, which would not be found again in its folder.
    let known = |program: &PathBuf| {
        program.is_file() && program.file_name().is_some_and(|name| PROGRAMS.iter().any(|known| name == *known))
    };
    PROGRAMS.iter().filter_map(real).filter(known).collect()
}

/// Asks every server for its version, all at the same time.
fn describe(programs: BTreeSet<PathBuf>) -> Vec<Installation> {
    let ask = |program: &Path| {
        Command::new(program)
            // What is wrong with a configuration of the machine is nothing to us.
            .args(["--no-defaults", "--version"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
    };
    let asked: Vec<(PathBuf, Child)> =
        programs.into_iter().filter_map(|program| ask(&program).ok().map(|child| (program, child))).collect();
    let told = |(program, child): (PathBuf, Child)| {
        let answer = child.wait_with_output().ok()?;
        let product = read_version(&String::from_utf8_lossy(&answer.stdout))?;
        Some(Installation { bin: program.parent()?.to_owned(), product })
    };
    asked.into_iter().filter_map(told).collect()
}

/// The product in the answer to `--version`: `mysqld  Ver 8.0.43 for Linux on x86_64 (MySQL Community Server - GPL)`.
fn read_version(answer: &str) -> Option<Product> {
    let version = answer.split_once(" Ver ")?.1.split_whitespace().next()?;
    mysql_login::product(version).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        for (answer, expected) in [
            ("/usr/sbin/mysqld  Ver 8.0.43-0ubuntu0.24.04.1 for Linux on x86_64 ((Ubuntu))\n", "MySQL 8.0.43"),
            ("/usr/sbin/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))\n", "MySQL 9.7.4"),
            (
                "/usr/sbin/mysqld  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)\n",
                "MariaDB 10.11.19",
            ),
            ("mysqld  Ver 8.4.6-6 for Linux on x86_64 (Percona Server (GPL), Release 6, Revision 0)\n", "MySQL 8.4.6"),
        ] {
            assert_eq!(read_version(answer).unwrap().to_string(), expected);
        }
        assert_eq!(read_version("mysqld: command not found"), None);
    }

    #[test]
    fn a_wrong_folder_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let error = |path: &Path| installations(Some(path)).unwrap_err().to_string();
        assert!(error(&folder.path().join("none")).contains("is not a folder"));
        let empty = error(folder.path());
        assert!(empty.contains("holds neither") && empty.contains("`mariadbd` or `mysqld`"), "{empty}");
        let path = folder.path().join("mysqld");
        fs::write(&path, "#!/bin/sh\necho what\n").unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        assert!(error(folder.path()).contains("does not tell its version"));
    }

    #[test]
    fn a_link_is_what_it_leads_to() {
        let folder = tempfile::tempdir().unwrap();
        let sbin = folder.path().join("sbin");
        fs::create_dir(&sbin).unwrap();
        let program = sbin.join("mariadbd");
        fs::write(&program, "#!/bin/sh\necho \"$0  Ver 11.8.3-MariaDB for Linux\"\n").unwrap();
        fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        std::os::unix::fs::symlink("mariadbd", sbin.join("mysqld")).unwrap();
        let found = installations(Some(folder.path())).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].product.to_string(), "MariaDB 11.8.3");
    }
}
