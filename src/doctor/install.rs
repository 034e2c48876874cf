//! Commands that install what is missing.

use std::ffi::OsStr;
use std::path::Path;

use crate::history::EngineKind;
use crate::provision::Release;

/// The package managers: the program that tells that one is there, and its command.
const MANAGERS: [(&str, &str); 3] = [("apt-get", "apt"), ("dnf", "dnf"), ("brew", "brew")];

/// The package of a server in a package manager, of a release where there is one for each. Those of Linux have MySQL and
/// MariaDB in one release only.
fn package(manager: &str, engine: EngineKind, release: Option<Release>) -> String {
    let server = match engine {
        EngineKind::Mysql => "mysql",
        EngineKind::Mariadb => "mariadb",
        EngineKind::Postgres | EngineKind::Sqlite => "postgresql",
    };
    match (manager, release) {
        ("brew", Some(release)) => format!("{server}@{release}"),
        ("brew", None) => server.to_owned(),
        ("apt", Some(release)) if server == "postgresql" => format!("postgresql-{release}"),
        ("apt", None) if server == "postgresql" => server.to_owned(),
        (_, Some(release)) if server == "postgresql" => format!("postgresql{release}-server"),
        _ => format!("{server}-server"),
    }
}

/// The commands that install the programs of a server: those of the package managers in `path`, which is in the form of
/// `PATH`, else all that are known.
pub(super) fn commands(engine: EngineKind, release: Option<Release>, path: &OsStr) -> Vec<String> {
    let has = |program: &str| std::env::split_paths(path).any(|folder| is_program(&folder.join(program)));
    let command = |(_, manager): &(&str, &str)| format!("{manager} install {}", package(manager, engine, release));
    let here: Vec<String> = MANAGERS.iter().filter(|(program, _)| has(program)).map(command).collect();
    let mut commands = if here.is_empty() { MANAGERS.iter().map(command).collect() } else { here };
    if engine == EngineKind::Mysql && commands.iter().any(|command| command.starts_with("apt ")) {
        // Ubuntu has it.
        commands.push(
            "(Debian has no MySQL of its own; its makers have packages at https://dev.mysql.com/downloads)".to_owned(),
        );
    }
    commands
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_those_of_the_machine() {
        let release = |major, minor| Some(Release { major, minor });
        let all = |engine, release| commands(engine, release, OsStr::new("/nowhere"));
        assert_eq!(
            all(EngineKind::Postgres, release(17, None)),
            ["apt install postgresql-17", "dnf install postgresql17-server", "brew install postgresql@17"]
        );
        assert_eq!(
            all(EngineKind::Mariadb, release(11, Some(8))),
            ["apt install mariadb-server", "dnf install mariadb-server", "brew install mariadb@11.8"]
        );
        assert_eq!(
            all(EngineKind::Mysql, None)[..3],
            ["apt install mysql-server", "dnf install mysql-server", "brew install mysql"]
        );
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("dnf");
        std::fs::write(&program, "").unwrap();
        let here = || commands(EngineKind::Postgres, None, folder.path().as_os_str());
        assert_eq!(here().len(), 3, "a file is no program yet");
        std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        assert_eq!(here(), ["dnf install postgresql-server"]);
    }
}
