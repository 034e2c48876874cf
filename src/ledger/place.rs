//! Where a ledger is: looked at before SQLite is, which takes some names for something else than a file.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::Problem;

/// The absolute path of a ledger to write; its folder is made. Absolute, so that a file called `:memory:` or `file:x` is
/// that file to SQLite too.
pub(super) fn to_write(file: &Path) -> Result<PathBuf, Problem> {
    if !is_there(file)?
        && let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty())
    {
        fs::create_dir_all(folder).map_err(Problem::Unreachable)?;
    }
    std::path::absolute(file).map_err(Problem::Unreachable)
}

/// The absolute path of a ledger to read, which has to be there.
pub(super) fn to_read(file: &Path) -> Result<PathBuf, Problem> {
    if !is_there(file)? {
        return Err(Problem::Missing);
    }
    std::path::absolute(file).map_err(Problem::Unreachable)
}

/// Whether there is a file; something else than a file is a problem.
fn is_there(file: &Path) -> Result<bool, Problem> {
    if file.as_os_str().is_empty() || file == Path::new("-") {
        return Err(Problem::NoFile);
    }
    match fs::metadata(file) {
        Ok(found) if found.is_dir() => Err(Problem::Folder),
        Ok(found) if !found.is_file() => Err(Problem::NotRegular),
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Problem::Unreachable(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "").unwrap();
        for name in ["", "-"] {
            assert!(matches!(to_write(Path::new(name)), Err(Problem::NoFile)), "{name}");
        }
        assert!(matches!(to_write(folder.path()), Err(Problem::Folder)));
        assert!(matches!(to_write(Path::new("/dev/null")), Err(Problem::NotRegular)));
        assert!(matches!(to_write(&at("file/ledger.db")), Err(Problem::Unreachable(_))));
        assert!(matches!(to_read(&at("none/ledger.db")), Err(Problem::Missing)));
        assert!(!at("none").exists(), "reading makes nothing");
        assert_eq!(to_write(&at("made/too/ledger.db")).unwrap(), at("made/too/ledger.db"));
        assert!(at("made/too").is_dir());
    }
}
