//! What `--base` makes of repositories of all kinds, and what it says of those that it can make nothing of.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

#[path = "common/git.rs"]
mod git;
#[path = "common/run.rs"]
mod run;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use git::{commit, git};
use rollproof::git::{Repository, head_revision};
use run::Ran;
use tempfile::TempDir;

const FLAGS: [&str; 6] = ["--migrations", "migrations", "--engine", "sqlite", "--format", "sqlx"];

fn write(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A migration with both scripts.
fn migration(folder: &Path, name: &str, table: &str) {
    write(folder, &format!("migrations/{name}.up.sql"), &format!("CREATE TABLE {table} (id integer);\n"));
    write(folder, &format!("migrations/{name}.down.sql"), &format!("DROP TABLE {table};\n"));
}

/// A repository without a commit.
fn repository() -> TempDir {
    let folder = run::project();
    git(folder.path(), &["init", "-q", "-b", "main"]);
    folder
}

/// A repository with a migration on `main` and a second one on the branch `change`, on which it is.
fn changed() -> TempDir {
    let project = repository();
    migration(project.path(), "1_books", "books");
    commit(project.path());
    git(project.path(), &["checkout", "-q", "-b", "change"]);
    migration(project.path(), "2_authors", "authors");
    commit(project.path());
    project
}

/// A check of the graph alone.
fn graph(folder: &Path, base: &str) -> Ran {
    run::check(folder, &[&FLAGS[..], &["--only", "graph", "--base", base]].concat())
}

/// The rules that find something, and the errors.
fn told(ran: &Ran) -> (Vec<String>, Vec<String>) {
    let report = ran.report().unwrap_or_else(|| panic!("{ran:?}"));
    let database = &report["databases"][0];
    let texts = |list: &str, key: &str| {
        let items = database[list].as_array().unwrap().iter();
        items.map(|item| item[key].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    (texts("findings", "rule"), texts("errors", "message"))
}

/// That the run finds exactly these and could compare.
fn finds(ran: &Ran, rules: &[&str]) {
    let (found, errors) = told(ran);
    assert!(found == rules && errors.is_empty(), "expected {rules:?}, found {found:?} {errors:?}");
}

/// That the run could not compare, says why in these words, and tells what to do.
fn cannot(ran: &Ran, words: &[&str]) {
    let (_, errors) = told(ran);
    assert_eq!((ran.code, errors.len()), (Some(2), 1), "{errors:?}");
    for word in words {
        assert!(errors[0].contains(word), "{word} is not in {}", errors[0]);
    }
}

#[test]
fn a_reference_that_is_not_there_is_named_with_those_near() {
    let project = changed();
    cannot(
        &graph(project.path(), "mian"),
        &[
            "there is no `mian` and no `origin/mian` in the repository ",
            "; did you mean `main`?",
            "`git fetch origin mian`",
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

#[test]
fn what_cannot_be_compared_is_replayed_all_the_same() {
    let project = changed();
    write(project.path(), "migrations/2_authors.down.sql", "DROP TABLE author;\n");
    let ran = run::check(project.path(), &[&FLAGS[..], &["--base", "gone"]].concat());
    assert_eq!(told(&ran).0, ["down-fails"]);
    cannot(&ran, &["there is no `gone`"]);
}

#[test]
fn anything_that_names_a_commit_is_a_base() {
    let project = changed();
    let first = git(project.path(), &["rev-parse", "main"]);
    git(project.path(), &["tag", "-a", "-m", "the first", "v1", "main"]);
    migration(project.path(), "1_books", "shelves");
    for name in ["main", "v1", "HEAD~1", &first, &first[..10], "refs/heads/main", "change~1"] {
        finds(&graph(project.path(), name), &["edited-migration"]);
    }
    // The base is where both part, not where main is now.
    git(project.path(), &["stash", "-q"]);
    git(project.path(), &["checkout", "-q", "main"]);
    migration(project.path(), "3_readers", "readers");
    commit(project.path());
    git(project.path(), &["checkout", "-q", "change"]);
    finds(&graph(project.path(), "main"), &[]);
}

#[test]
fn a_repository_that_is_none_or_empty_is_told() {
    let none = run::project();
    migration(none.path(), "1_books", "books");
    cannot(&graph(none.path(), "main"), &["is in no git repository", "leave --base out"]);

    let empty = repository();
    migration(empty.path(), "1_books", "books");
    cannot(&graph(empty.path(), "main"), &["has no commit at HEAD yet", "commit first"]);
    assert_eq!(head_revision(empty.path()), None);
}

#[test]
fn a_shallow_clone_is_told_and_the_command_helps() {
    let origin = changed();
    let outer = tempfile::tempdir().unwrap();
    let url = format!("file://{}", origin.path().display());
    let clone = outer.path().join("clone");
    git(outer.path(), &["clone", "-q", "--depth", "1", "--branch", "change", &url, "clone"]);
    // As a CI system's checkout: one commit, and no other branch.
    cannot(&graph(&clone, "main"), &["there is no `main` and no `origin/main`", "git fetch origin main"]);
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
fn a_linked_worktree_works_until_its_repository_is_gone() {
    let project = changed();
    let outer = tempfile::tempdir().unwrap();
    let tree = outer.path().join("tree");
    git(project.path(), &["worktree", "add", "-q", "--detach", tree.to_str().unwrap(), "change"]);
    migration(&tree, "1_books", "shelves");
    finds(&graph(&tree, "main"), &["edited-migration"]);
    fs::rename(project.path().join(".git"), project.path().join("moved")).unwrap();
    cannot(&graph(&tree, "main"), &["tree/.git names ", "and that is not there", "git worktree repair"]);
}

#[test]
fn a_repository_kept_elsewhere_works() {
    let project = changed();
    let outer = tempfile::tempdir().unwrap();
    let kept = outer.path().join("kept");
    git(project.path(), &["init", "-q", "--separate-git-dir", kept.to_str().unwrap()]);
    assert!(project.path().join(".git").is_file());
    migration(project.path(), "1_books", "shelves");
    finds(&graph(project.path(), "main"), &["edited-migration"]);
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
fn folders_are_found_by_way_of_links_and_dots() {
    let project = repository();
    let root = project.path();
    migration(&root.join("db"), "1_books", "books");
    write(root, "common/2_authors.sql", "CREATE TABLE authors (id integer);\n");
    symlink("../../common/2_authors.sql", root.join("db/migrations/2_authors.up.sql")).unwrap();
    fs::create_dir(root.join("app")).unwrap();
    symlink("../db/migrations", root.join("app/linked")).unwrap();
    write(
        root,
        "app/rollproof.yml",
        "databases:\n  - {name: a, engine: sqlite, migrations: {format: sqlx, path: ../db/migrations}}\n",
    );
    write(
        root,
        "app/linked.yml",
        "databases:\n  - {name: a, engine: sqlite, migrations: {format: sqlx, path: linked}}\n",
    );
    commit(root);
    let check = |folder: &str, config: &str| {
        run::check(&root.join(folder), &["--config", config, "--only", "graph", "--base", "HEAD"])
    };
    finds(&check("app", "rollproof.yml"), &[]);
    finds(&check("app", "linked.yml"), &[]);
    finds(&check(".", "app/linked.yml"), &[]);
    // What the link leads to is the script.
    write(root, "common/2_authors.sql", "CREATE TABLE authors (id integer, name text);\n");
    finds(&check("app", "rollproof.yml"), &["edited-migration"]);
    finds(&check("app", "linked.yml"), &["edited-migration"]);
    // From another folder, and with the folder moved behind a link: what was at the written place counts.
    git(root, &["checkout", "-q", "."]);
    git(root, &["mv", "db/migrations", "moved"]);
    symlink("../moved", root.join("db/migrations")).unwrap();
    fs::remove_file(root.join("moved/2_authors.up.sql")).unwrap();
    fs::write(root.join("moved/2_authors.up.sql"), "CREATE TABLE authors (id integer);\n").unwrap();
    finds(&check("app", "rollproof.yml"), &[]);
}

#[test]
fn folders_of_migrations_are_read_at_the_base_too() {
    let project = repository();
    let root = project.path();
    write(root, "migrations/1_books/up.sql", "CREATE TABLE books (id integer);\n");
    write(root, "migrations/1_books/down.sql", "DROP TABLE books;\n");
    write(root, "migrations/1_books/deep/down/notes.sql", "nothing that counts\n");
    write(root, "migrations/2 authors of books\n/up.sql", "CREATE TABLE authors (id integer);\n");
    commit(root);
    write(root, "migrations/1_books/metadata.toml", "run_in_transaction = false\n");
    let flags = ["--migrations", "migrations", "--engine", "sqlite", "--format", "diesel", "--only", "graph"];
    let check = || run::check(root, &[&flags[..], &["--base", "main"]].concat());
    finds(&check(), &[]);
    write(root, "migrations/2 authors of books\n/up.sql", "CREATE TABLE writers (id integer);\n");
    finds(&check(), &["edited-migration"]);
}

#[test]
fn line_ends_are_those_of_a_checkout() {
    let project = repository();
    let root = project.path();
    write(root, ".gitattributes", "*.sql text eol=crlf\n");
    migration(root, "1_books", "books");
    write(root, "migrations/2_long.up.sql", &"SELECT 1;\n".repeat(20_000));
    commit(root);
    fs::remove_dir_all(root.join("migrations")).unwrap();
    git(root, &["checkout", "-q", "."]);
    assert!(fs::read_to_string(root.join("migrations/1_books.up.sql")).unwrap().ends_with("\r\n"));
    finds(&graph(root, "main"), &[]);
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

#[test]
fn what_changed_is_named_as_findings_name_it() {
    let project = repository();
    let root = project.path();
    // What the machine ignores is no matter of this test.
    git(root, &["config", "core.excludesFile", "/dev/null"]);
    write(root, ".gitignore", "*.log\n");
    for file in ["app/kept.sql", "app/edited é.sql", "app/gone.sql", "db/edited.sql", "other/edited.txt"] {
        write(root, file, "one\n");
    }
    commit(root);
    let base = git(root, &["rev-parse", "HEAD"]);
    write(root, "app/edited é.sql", "two\n");
    write(root, "db/edited.sql", "two\n");
    commit(root);
    write(root, "other/edited.txt", "two\n");
    write(root, "app/new.sql", "one\n");
    write(root, "app/noise.log", "one\n");
    fs::remove_file(root.join("app/gone.sql")).unwrap();
    let repository = Repository::of(&root.join("app")).unwrap();
    assert_eq!(repository.top, fs::canonicalize(root).unwrap());
    let folders = [root.join("app"), root.join("app/../db"), PathBuf::from("/")];
    let changed = repository.changed_files(&base, &folders).unwrap();
    let expected = ["app/../db/edited.sql", "app/edited é.sql", "app/gone.sql", "app/new.sql"];
    assert_eq!(changed.into_iter().collect::<Vec<_>>(), expected.map(|file| root.join(file)));
    assert_eq!(head_revision(root), Some(git(root, &["rev-parse", "HEAD"])));
}

/// Each process costs milliseconds, and on some machines many.
#[test]
fn git_is_asked_six_times() {
    let project = changed();
    let outer = tempfile::tempdir().unwrap();
    let (log, wrapper) = (outer.path().join("log"), outer.path().join("git"));
    let path = std::env::var("PATH").unwrap();
    let script = format!("#!/bin/sh\necho \"$*\" >> '{}'\nPATH='{path}' exec git \"$@\"\n", log.display());
    fs::write(&wrapper, script).unwrap();
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();
    let args = [&FLAGS[..], &["--only", "graph", "--base", "main", "--json", "-"]].concat();
    let mut command = run::command(project.path(), &args);
    let ran = run::finish(command.env("PATH", format!("{}:{path}", outer.path().display())).spawn().unwrap());
    finds(&ran, &[]);
    let asked = fs::read_to_string(log).unwrap();
    assert_eq!(asked.lines().count(), 6, "{asked}");
    assert!(!asked.contains(" fetch "), "{asked}");
}
