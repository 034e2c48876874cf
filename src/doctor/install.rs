//! Commands that install what is missing.

use std::path::Path;

/// A package manager: its program, and the commands for PostgreSQL of a major version and of any.
struct Manager {
    program: &'static str,
    versioned: fn(u32) -> String,
    newest: &'static str,
}

const MANAGERS: [Manager; 3] = [
    Manager {
        program: "apt-get",
        versioned: |major| format!("apt install postgresql-{major}"),
        newest: "apt install postgresql",
    },
    Manager {
        program: "dnf",
        versioned: |major| format!("dnf install postgresql{major}-server"),
        newest: "dnf install postgresql-server",
    },
    Manager {
        program: "brew",
        versioned: |major| format!("brew install postgresql@{major}"),
        newest: "brew install postgresql",
    },
];

/// The commands that install the programs of a PostgreSQL server: those of the package managers in `path`, which is in the
/// form of `PATH`, else all that are known.
pub(super) fn postgres(major: Option<u32>, path: &std::ffi::OsStr) -> Vec<String> {
    let has = |program: &str| std::env::split_paths(path).any(|folder| is_program(&folder.join(program)));
    let command = |manager: &Manager| major.map_or_else(|| manager.newest.to_owned(), manager.versioned);
    let here: Vec<String> = MANAGERS.iter().filter(|manager| has(manager.program)).map(command).collect();
    if here.is_empty() { MANAGERS.iter().map(command).collect() } else { here }
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
        let all = postgres(Some(17), std::ffi::OsStr::new("/nowhere"));
        assert_eq!(all, ["apt install postgresql-17", "dnf install postgresql17-server", "brew install postgresql@17"]);
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("dnf");
        std::fs::write(&program, "").unwrap();
        assert_eq!(postgres(None, folder.path().as_os_str()).len(), 3, "a file is no program yet");
        std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        assert_eq!(postgres(None, folder.path().as_os_str()), ["dnf install postgresql-server"]);
    }
}
