//! The repository of a project, and what belongs to it.

use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use super::GitError;
use super::command::{Ran, failed, git};

/// A repository with a work tree.
#[derive(Clone, Debug)]
pub struct Repository {
    /// The top of the work tree, without links in its path.
    pub top: PathBuf,
    /// The work tree that this one is a submodule of.
    pub superproject: Option<PathBuf>,
    /// Whether its history is cut off somewhere.
    pub(super) shallow: bool,
}

impl Repository {
    /// The repository of the project in `folder`.
    ///
    /// # Errors
    /// There is no git, no repository, none that can be used, or none with a work tree.
    pub async fn of(folder: &Path) -> Result<Self, GitError> {
        // What may print no line stands last.
        let args = ["rev-parse", "--show-toplevel", "--is-shallow-repository", "--show-superproject-working-tree"];
        let ran = git(folder, &args).await?;
        let lines = ran.lines();
        match (ran.code, lines.as_slice()) {
            (0, [top, shallow, rest @ ..]) => Ok(Self {
                top: canonical(Path::new(top))?,
                superproject: rest.first().map(PathBuf::from),
                shallow: shallow == "true",
            }),
            _ => Err(why_none(folder, &args, &ran)),
        }
    }

    /// The repository in words, for messages.
    pub(super) fn named(&self) -> String {
        match &self.superproject {
            Some(superproject) => {
                format!("repository {}, a submodule of {}", self.top.display(), superproject.display())
            }
            None => format!("repository {}", self.top.display()),
        }
    }

    /// Where `folder` lies below the top, first as its links lead today, then as it is written, where that differs.
    ///
    /// # Errors
    /// It lies in another repository, or in none.
    pub(super) fn below_top(&self, folder: &Path) -> Result<Vec<PathBuf>, GitError> {
        let led = canonical(folder)?;
        let Ok(below) = led.strip_prefix(&self.top) else {
            return Err(match own_top(&led) {
                Some(own) => self.other(folder, &own),
                None => GitError::Outside { folder: folder.to_owned(), repository: self.top.clone() },
            });
        };
        match own_top(&led) {
            Some(own) if own != self.top => return Err(self.other(folder, &own)),
            _ => {}
        }
        let mut places = vec![below.to_owned()];
        let written = written(folder);
        places.extend(written.and_then(|path| Some(path.strip_prefix(&self.top).ok()?.to_owned())));
        places.dedup();
        Ok(places)
    }

    fn other(&self, folder: &Path, own: &Path) -> GitError {
        // A submodule's repository is kept in that of its superproject.
        let file = fs::read_to_string(own.join(".git")).unwrap_or_default();
        let what = match file.contains("/modules/") {
            true if own.starts_with(&self.top) => "a submodule of the project's repository",
            true => "a submodule of another repository",
            false => "a repository of its own",
        };
        GitError::OtherRepository { folder: folder.to_owned(), own: own.to_owned(), what, repository: self.top.clone() }
    }
}

/// The commit at HEAD of the repository around `folder`; `None` where there is no such thing or no git.
pub async fn head_revision(folder: &Path) -> Option<String> {
    let ran = git(folder, &["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]).await.ok()?;
    (ran.code == 0).then(|| ran.lines().into_iter().next()).flatten()
}

/// The path with no link in it. What is not there any more lies where its nearest folder is.
pub(super) fn canonical(path: &Path) -> Result<PathBuf, GitError> {
    match (fs::canonicalize(path), path.parent(), path.file_name()) {
        (Ok(path), ..) => Ok(path),
        (Err(error), Some(parent), Some(name)) if error.kind() == io::ErrorKind::NotFound => {
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            Ok(canonical(parent)?.join(name))
        }
        (Err(source), ..) => Err(GitError::File { path: path.to_owned(), source }),
    }
}

/// The path from the root of the file system on, as it is written: `..` takes a name away, links stay.
fn written(path: &Path) -> Option<PathBuf> {
    let mut whole = PathBuf::new();
    for part in std::path::absolute(path).ok()?.components() {
        match part {
            Component::ParentDir => {
                whole.pop();
            }
            part => whole.push(part),
        }
    }
    // The top has no links in its path; what is above the project may.
    let parent = fs::canonicalize(whole.parent()?).ok()?;
    Some(parent.join(whole.file_name()?))
}

/// The top of the work tree around `folder`, which is absolute: the nearest folder upwards that git would take for one.
pub fn own_top(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|place| is_top(place)).map(Path::to_owned)
}

/// Whether git would take this folder for the top of a work tree: an empty folder `.git` is none.
fn is_top(folder: &Path) -> bool {
    let mark = folder.join(".git");
    mark.is_file() || mark.join("HEAD").exists()
}

fn why_none(folder: &Path, args: &[&str], ran: &Ran) -> GitError {
    let said = &ran.stderr;
    let has = |words: &str| said.contains(words);
    if has("dubious ownership") || has("unsafe repository") {
        let named = said.split('\'').nth(1).map(str::to_owned);
        return GitError::DubiousOwnership { repository: named.unwrap_or_else(|| folder.display().to_string()) };
    }
    if has("must be run in a work tree") {
        return GitError::Bare { folder: folder.to_owned() };
    }
    if let Some((file, target)) = git_file(folder).filter(|_| has("not a git repository: ") || has("invalid gitfile")) {
        return GitError::PointsNowhere { file, target };
    }
    if has("not a git repository") {
        return GitError::NoRepository { folder: folder.to_owned() };
    }
    failed(folder, args, ran)
}

/// The nearest `.git` that is a file, and what it names.
fn git_file(folder: &Path) -> Option<(PathBuf, String)> {
    let file = own_top(&fs::canonicalize(folder).ok()?)?.join(".git");
    let text = fs::read_to_string(&file).ok()?;
    let target = text.trim().strip_prefix("gitdir:").map(str::trim).unwrap_or("nothing").to_owned();
    Some((file, target))
}
