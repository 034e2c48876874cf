//! Where rollproof.yml is.

use std::io;
use std::path::{Component, Path, PathBuf};

use thiserror::Error;

/// The name of the configuration file.
pub const FILE_NAME: &str = "rollproof.yml";

/// The other usual ending; a file of that name is not read, and would be missed without a word.
const OTHER_NAME: &str = "rollproof.yaml";

/// The configuration file cannot be found.
#[derive(Debug, Error)]
pub enum LocateError {
    /// The folder to check is not there or is not a folder.
    #[error("{} is not a folder; name the project's folder", .0.display())]
    NotAFolder(PathBuf),
    /// The file that `--config` names is not there.
    #[error("there is no configuration file {}; check the path given with --config", .0.display())]
    Missing(PathBuf),
    /// `rollproof.yaml` lies where `rollproof.yml` is looked for.
    #[error("{} is not read under this name; rename it to {FILE_NAME}", .0.display())]
    OtherEnding(PathBuf),
    /// The file system refuses to tell.
    #[error("cannot look for {}: {cause}", .path.display())]
    Unreadable {
        /// What was looked for.
        path: PathBuf,
        /// Why that failed.
        cause: io::Error,
    },
}

/// Looks for `rollproof.yml` in `folder` and upward, to the root of the repository (the folder with `.git`) or of the file
/// system. The path is relative to the folder that the command was started in, where it lies there or above.
///
/// # Errors
/// `folder` is none, a `rollproof.yaml` is nearer than any `rollproof.yml`, or a folder cannot be read.
pub fn locate(folder: &Path) -> Result<Option<PathBuf>, LocateError> {
    let start = folder.canonicalize().map_err(|cause| match cause.kind() {
        io::ErrorKind::NotFound => LocateError::NotAFolder(folder.to_owned()),
        _ => LocateError::Unreadable { path: folder.to_owned(), cause },
    })?;
    if !start.is_dir() {
        return Err(LocateError::NotAFolder(folder.to_owned()));
    }
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).ok();
    for ancestor in start.ancestors() {
        let shown = here.as_deref().map_or_else(|| ancestor.to_owned(), |here| seen_from(here, ancestor));
        if is_there(&ancestor.join(FILE_NAME))? {
            return Ok(Some(shown.join(FILE_NAME)));
        }
        if is_there(&ancestor.join(OTHER_NAME))? {
            return Err(LocateError::OtherEnding(shown.join(OTHER_NAME)));
        }
        if is_there(&ancestor.join(".git"))? {
            return Ok(None);
        }
    }
    Ok(None)
}

/// The file that `--config` names, if it is there.
///
/// # Errors
/// It is not there, or the file system refuses to tell.
pub fn named(file: &Path) -> Result<PathBuf, LocateError> {
    if is_there(file)? { Ok(file.to_owned()) } else { Err(LocateError::Missing(file.to_owned())) }
}

/// Whether something of that name is there. A link that leads nowhere counts: reading it gives the better error.
fn is_there(path: &Path) -> Result<bool, LocateError> {
    match path.symlink_metadata() {
        Ok(_) => Ok(true),
        Err(cause) if matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(false),
        Err(cause) => Err(LocateError::Unreadable { path: path.to_owned(), cause }),
    }
}

/// `folder` as seen from `here`, both absolute: below it, or above it by a few `..`; else as it is.
fn seen_from(here: &Path, folder: &Path) -> PathBuf {
    if let Ok(below) = folder.strip_prefix(here) {
        return below.to_owned();
    }
    match here.strip_prefix(folder) {
        Ok(way) => way.components().map(|_| Component::ParentDir).collect(),
        Err(_) => folder.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_nearest_file_upward_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("repository/app/migrations")).unwrap();
        fs::create_dir(root.join("repository/.git")).unwrap();
        fs::write(root.join(FILE_NAME), "").unwrap();
        let app = root.join("repository/app");

        assert_eq!(locate(&app).unwrap(), None, "the search ends at the root of the repository");
        fs::write(root.join("repository").join(FILE_NAME), "").unwrap();
        assert_eq!(locate(&app.join("migrations")).unwrap(), Some(root.join("repository").join(FILE_NAME)));
        fs::write(app.join(FILE_NAME), "").unwrap();
        assert_eq!(locate(&app.join("migrations")).unwrap(), Some(app.join(FILE_NAME)));
        assert_eq!(locate(&root).unwrap(), Some(root.join(FILE_NAME)));
    }

    #[test]
    fn the_other_ending_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir(root.join("app")).unwrap();
        fs::write(root.join(FILE_NAME), "").unwrap();
        fs::write(root.join("app").join(OTHER_NAME), "").unwrap();
        let error = locate(&root.join("app")).unwrap_err().to_string();
        assert!(
            error.ends_with("app/rollproof.yaml is not read under this name; rename it to rollproof.yml"),
            "{error}"
        );

        fs::write(root.join("app").join(FILE_NAME), "").unwrap();
        assert_eq!(locate(&root.join("app")).unwrap(), Some(root.join("app").join(FILE_NAME)));
    }

    #[test]
    fn what_is_not_there_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("gone");
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(matches!(locate(&gone), Err(LocateError::NotAFolder(path)) if path == gone));
        assert!(matches!(locate(&file), Err(LocateError::NotAFolder(path)) if path == file));
        assert!(matches!(locate(&file.join("x")), Err(LocateError::NotAFolder(_) | LocateError::Unreadable { .. })));
        assert_eq!(named(&file).unwrap(), file);
        let error = named(&gone).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("there is no configuration file {}; check the path given with --config", gone.display())
        );
    }

    #[test]
    fn paths_are_short_where_they_can_be() {
        let seen = |here: &str, folder: &str| seen_from(Path::new(here), Path::new(folder)).join("f");
        assert_eq!(seen("/a/b", "/a/b"), Path::new("f"));
        assert_eq!(seen("/a/b", "/a/b/c"), Path::new("c/f"));
        assert_eq!(seen("/a/b/c", "/a"), Path::new("../../f"));
        assert_eq!(seen("/a/b", "/x"), Path::new("/x/f"));
    }
}
