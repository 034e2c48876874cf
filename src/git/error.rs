//! Why a project cannot be compared with a commit. Each message names the cause and the next step.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a project cannot be compared with a commit.
#[derive(Debug, Error)]
pub enum GitError {
    /// There is no program of that name.
    #[error("--base needs git, and there is no program `git` here: install it (apt install git), or leave --base out")]
    NotInstalled,
    /// The program is there and does not start.
    #[error("the program `git` cannot be run: {source}; mend that, or leave --base out")]
    CannotRun {
        /// What the operating system says.
        source: io::Error,
    },
    /// The project lies in no repository.
    #[error("{} is in no git repository, so that there is nothing that --base could name: check it out with its .git folder, or leave --base out", .folder.display())]
    NoRepository {
        /// The folder of the project.
        folder: PathBuf,
    },
    /// A `.git` file names a place that is not there: a worktree whose repository was moved, a part of a copied tree.
    #[error("{} names {target} as the repository of this work tree, and that is not there: if it was moved, run `git worktree repair {}` in the repository; else check the project out again", .file.display(), .file.parent().unwrap_or(.file).display())]
    PointsNowhere {
        /// The `.git` file.
        file: PathBuf,
        /// What it names.
        target: String,
    },
    /// There are no files to compare.
    #[error("the repository of {} is bare and has no work tree: run rollproof in a checkout of it, such as `git worktree add` makes", .folder.display())]
    Bare {
        /// The folder of the project.
        folder: PathBuf,
    },
    /// Git refuses a repository that belongs to another user.
    #[error(
        "git refuses the repository {repository}, because another user owns it (\"dubious ownership\"): if you trust it, run `git config --global --add safe.directory {repository}`"
    )]
    DubiousOwnership {
        /// The repository, as git prints it.
        repository: String,
    },
    /// Nothing was committed yet.
    #[error("the repository {} has no commit at HEAD yet, so that there is no base to compare with: commit first, or leave --base out", .repository.display())]
    NoCommits {
        /// The work tree.
        repository: PathBuf,
    },
    /// What was typed looks like a flag.
    #[error("`{reference}` begins with `-`, which no reference does: name a branch, a tag or a commit, such as main")]
    Flag {
        /// What was typed.
        reference: String,
    },
    /// What was typed is not the name of a commit here.
    #[error("there is no {} in the {place}{hint}{}", looked_for(reference), how_to_have(reference))]
    UnknownReference {
        /// What was typed.
        reference: String,
        /// In which repository it was looked for, in words.
        place: String,
        /// The end of a sentence with names that may be meant.
        hint: String,
    },
    /// The history was cut off before the commit from which both sides come.
    #[error(
        "this clone is shallow, and its history does not reach back to where this change and `{reference}` part: run `git fetch --unshallow` (or `git fetch --deepen=100`, again until it reaches), and in GitHub's actions/checkout set `fetch-depth: 0`"
    )]
    Shallow {
        /// What was typed.
        reference: String,
    },
    /// Two histories that never met.
    #[error(
        "HEAD and `{reference}` have no commit in common in the {place}: name a reference that this branch comes from"
    )]
    Unrelated {
        /// What was typed.
        reference: String,
        /// In which repository, in words.
        place: String,
    },
    /// The migrations belong to another repository than the project.
    #[error("the migrations folder {} lies in {}, {what}, and --base names a commit of {}: run rollproof in that folder, with a configuration or --migrations there, to compare it with a commit of its own repository", .folder.display(), .own.display(), .repository.display())]
    OtherRepository {
        /// The migrations folder.
        folder: PathBuf,
        /// The work tree that it belongs to.
        own: PathBuf,
        /// What that is: a submodule, another repository.
        what: &'static str,
        /// The work tree of the project.
        repository: PathBuf,
    },
    /// The migrations belong to no repository.
    #[error("the migrations folder {} lies outside of the repository {}, so that it has no base there: move it into the repository, or leave --base out", .folder.display(), .repository.display())]
    Outside {
        /// The migrations folder.
        folder: PathBuf,
        /// The work tree of the project.
        repository: PathBuf,
    },
    /// A clone without all contents, or a broken one.
    #[error(
        "the contents of {folder} at commit {commit} are not all here, as in a clone with a filter, and rollproof fetches nothing by itself: run `git fetch --refetch --no-filter origin`"
    )]
    MissingContents {
        /// The folder, below the top of the repository.
        folder: String,
        /// The commit.
        commit: String,
    },
    /// Something else.
    #[error("`git {command}` failed in {}: {message}; run it there to see more", .folder.display())]
    Failed {
        /// What was run.
        command: String,
        /// Where.
        folder: PathBuf,
        /// What it printed.
        message: String,
    },
    /// The operating system does not let a file be written or found.
    #[error("{}: {source}; check that this user may read and write there", .path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
}

/// The names under which a reference was looked for.
fn looked_for(reference: &str) -> String {
    if reference.starts_with("origin/") {
        format!("`{reference}`")
    } else {
        format!("`{reference}` and no `origin/{reference}`")
    }
}

/// The command that brings a branch, also into a clone that was made of one other branch only. What cannot be the name of a
/// branch no command brings.
fn how_to_have(reference: &str) -> String {
    let branch = reference.strip_prefix("origin/").unwrap_or(reference);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '+' | '#');
    if !branch.chars().all(plain) || branch.contains("..") || branch == "HEAD" {
        return "; name a branch, a tag or a commit that is here".to_owned();
    }
    format!(
        "; a branch of the remote comes with `git fetch origin {branch}:refs/remotes/origin/{branch}`, and in GitHub's \
         actions/checkout with `fetch-depth: 0`"
    )
}
