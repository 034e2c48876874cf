//! What can not be compared: each says why, and what to do.

use std::fs;
use std::path::Path;

use rollproof::git::{Repository, head_revision};

use super::git::{commit, git};
use super::{FLAGS, block_on, cannot, changed, finds, graph, migration, repository, run, told, write};

#[test]
fn a_reference_that_is_not_there_is_named_with_those_near() {
    let project = changed();
    cannot(
        &graph(project.path(), "mian"),
        &[
            "there is no `mian` and no `origin/mian` in the repository ",
            "; did you mean `main`?",
            "`git fetch origin mian:refs/remotes/origin/mian`",
            "`fetch-depth: 0`",
        ],
    );
    cannot(&graph(project.path(), "HEAD:migrations"), &["there is no `HEAD:migrations`"]);
    for flag in ["", "--all", "-h"] {
        let ran = run::check(project.path(), &[&FLAGS[..], &[&format!("--base={flag}")]].concat());
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("a branch, a tag or a commit is expected"), "{}", ran.stderr);
    }
}

/// Whoever calls git has looked at the name before; git would take these for flags and name a commit.
#[test]
fn a_flag_is_no_reference_to_the_repository_either() {
    let project = changed();
    block_on(async {
        let repository = Repository::of(project.path()).await.unwrap();
        for flag in ["--octopus", "--fork-point", "--all", "-a", "-"] {
            let error = repository.merge_base(flag).await.unwrap_err().to_string();
            assert!(error.contains(&format!("`{flag}` begins with `-`")), "{error}");
        }
    });
}

#[test]
fn what_cannot_be_compared_is_replayed_all_the_same() {
    let project = changed();
    write(project.path(), "migrations/2_authors.down.sql", "DROP TABLE author;\n");
    let ran = run::check(project.path(), &[&FLAGS[..], &["--base", "gone"]].concat());
    assert_eq!(told(&ran).0, ["down-fails"]);
    cannot(&ran, &["there is no `gone`"]);
}

#[test]
fn a_repository_that_is_none_or_empty_is_told() {
    let none = run::project();
    migration(none.path(), "1_books", "books");
    cannot(&graph(none.path(), "main"), &["is in no git repository", "leave --base out"]);

    let empty = repository();
    migration(empty.path(), "1_books", "books");
    cannot(&graph(empty.path(), "main"), &["has no commit at HEAD yet", "commit first"]);
    assert_eq!(block_on(head_revision(empty.path())), None);
}

#[test]
fn a_shallow_clone_is_told_and_the_command_helps() {
    let origin = changed();
    let outer = tempfile::tempdir().unwrap();
    let url = format!("file://{}", origin.path().display());
    let clone = outer.path().join("clone");
    git(outer.path(), &["clone", "-q", "--depth", "1", "--branch", "change", &url, "clone"]);
    // As a CI system's checkout: one commit, and no other branch.
    cannot(
        &graph(&clone, "main"),
        &["there is no `main` and no `origin/main`", "git fetch origin main:refs/remotes/origin/main"],
    );
    git(&clone, &["fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main"]);
    cannot(&graph(&clone, "main"), &["this clone is shallow", "`git fetch --unshallow`", "`fetch-depth: 0`"]);
    git(&clone, &["fetch", "-q", "--unshallow"]);
    migration(&clone, "1_books", "shelves");
    // There is no branch `main` here, only that of the remote.
    finds(&graph(&clone, "main"), &["edited-migration"]);
}

#[test]
fn a_clone_without_contents_is_told_and_the_command_helps() {
    let origin = changed();
    git(origin.path(), &["config", "uploadpack.allowFilter", "true"]);
    migration(origin.path(), "1_books", "shelves");
    commit(origin.path());
    let outer = tempfile::tempdir().unwrap();
    let url = format!("file://{}", origin.path().display());
    let clone = outer.path().join("clone");
    git(outer.path(), &["clone", "-q", "--filter=blob:none", "--branch", "change", &url, "clone"]);
    cannot(&graph(&clone, "main"), &["are not all here", "git fetch --refetch --no-filter origin"]);
    git(&clone, &["fetch", "-q", "--refetch", "--no-filter", "origin"]);
    finds(&graph(&clone, "main"), &["edited-migration"]);
}

#[test]
fn histories_that_never_met_are_told() {
    let project = changed();
    git(project.path(), &["checkout", "-q", "--orphan", "alone"]);
    commit(project.path());
    cannot(&graph(project.path(), "main"), &["HEAD and `main` have no commit in common", "name a reference"]);
}

#[test]
fn another_owners_repository_is_told() {
    let project = changed();
    let mut command = run::command(project.path(), &[&FLAGS[..], &["--base", "main", "--json", "-"]].concat());
    // Git's own switch for its tests: as if the folder belonged to somebody else.
    let ran = run::finish(command.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1").spawn().unwrap());
    cannot(&ran, &["dubious ownership", "git config --global --add safe.directory /"]);
}

#[test]
fn a_machine_without_git_is_told() {
    let project = changed();
    let nothing = tempfile::tempdir().unwrap();
    let mut command = run::command(project.path(), &[&FLAGS[..], &["--base", "main", "--json", "-"]].concat());
    let ran = run::finish(command.env("PATH", nothing.path()).spawn().unwrap());
    cannot(&ran, &["there is no program `git` here", "install it"]);
}

#[test]
fn submodules_are_named() {
    let library = changed();
    git(library.path(), &["checkout", "-q", "main"]);
    let project = repository();
    write(project.path(), "README.md", "A project.\n");
    let url = library.path().to_str().unwrap();
    git(project.path(), &["submodule", "--quiet", "add", url, "library"]);
    commit(project.path());
    git(project.path(), &["checkout", "-q", "-b", "work"]);
    // The migrations lie in it, the project does not.
    let flags = [
        "--migrations",
        "library/migrations",
        "--engine",
        "sqlite",
        "--format",
        "sqlx",
        "--only",
        "graph",
        "--base",
        "main",
    ];
    cannot(
        &run::check(project.path(), &flags),
        &[
            "the migrations folder library/migrations lies in ",
            "a submodule of the project's repository",
            "run rollproof in that folder",
        ],
    );
    // The whole project lies in it: the base is one of the submodule, and that is said.
    let inside = project.path().join("library");
    let ran = graph(&inside, "main");
    finds(&ran, &[]);
    let note = ran.report().unwrap()["databases"][0]["notes"][0].as_str().unwrap().to_owned();
    assert!(note.contains("a submodule of ") && note.ends_with("`main` is that of the submodule"), "{note}");
    cannot(&graph(&inside, "work"), &["there is no `work`", "a submodule of "]);
}

#[test]
fn folders_of_other_places_are_told() {
    let project = changed();
    let other = changed();
    let outside = tempfile::tempdir().unwrap();
    migration(outside.path(), "1_books", "books");
    let check = |folder: &Path| {
        let folder = folder.join("migrations");
        let flags = ["--engine", "sqlite", "--format", "sqlx", "--only", "graph", "--base", "main"];
        run::check(project.path(), &[&["--migrations", folder.to_str().unwrap()], &flags[..]].concat())
    };
    cannot(&check(other.path()), &["a repository of its own"]);
    cannot(&check(outside.path()), &["lies outside of the repository"]);
}

#[test]
fn a_base_that_is_no_history_is_told() {
    let project = repository();
    write(project.path(), "migrations/first.up.sql", "SELECT 1;\n");
    migration(project.path(), "1_books", "books");
    write(project.path(), "migrations/x_1.sql", "SELECT 1;\n");
    commit(project.path());
    fs::remove_file(project.path().join("migrations/x_1.sql")).unwrap();
    cannot(
        &graph(project.path(), "main"),
        &["the history at the base (main, commit ", "migrations/x_1.sql has no version", "passes without --base"],
    );
    // A folder without any migration is one with all of them new.
    let other = repository();
    write(other.path(), "migrations/README.md", "To be written.\n");
    commit(other.path());
    migration(other.path(), "1_books", "books");
    finds(&graph(other.path(), "main"), &[]);
}
