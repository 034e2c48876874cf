//! Where a base is found, and where the files of a history lie.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use rollproof::git::{Repository, head_revision};

use super::git::{commit, git};
use super::{FLAGS, block_on, cannot, changed, finds, graph, migration, repository, run, write};

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
    let repository = block_on(Repository::of(&root.join("app"))).unwrap();
    assert_eq!(repository.top, fs::canonicalize(root).unwrap());
    let folders = [root.join("app"), root.join("app/../db"), PathBuf::from("/")];
    let changed = block_on(repository.changed_files(&base, &folders)).unwrap();
    let expected = ["app/../db/edited.sql", "app/edited é.sql", "app/gone.sql", "app/new.sql"];
    assert_eq!(changed.into_iter().collect::<Vec<_>>(), expected.map(|file| root.join(file)));
    assert_eq!(block_on(head_revision(root)), Some(git(root, &["rev-parse", "HEAD"])));
}

/// Each process costs milliseconds, and on some machines many.
#[test]
fn git_is_asked_six_times_and_told_nothing() {
    let project = changed();
    let asked = asked(project.path());
    assert_eq!(asked.lines().count(), 6, "{asked}");
    // What changed is looked for where findings can be, and not in all of the project.
    let compared: Vec<&str> =
        asked.lines().filter(|line| line.contains(" diff ") || line.contains("ls-files")).collect();
    assert!(compared.len() == 2 && compared.iter().all(|line| line.ends_with(" -- migrations")), "{asked}");
    // Where only the remote has the branch, its name is tried second.
    let outer = tempfile::tempdir().unwrap();
    let url = project.path().to_str().unwrap();
    git(outer.path(), &["clone", "-q", "--branch", "change", url, "clone"]);
    let asked = self::asked(&outer.path().join("clone"));
    assert_eq!(asked.lines().count(), 7, "{asked}");
}

/// How git was called during a check of a change that is fine.
fn asked(project: &Path) -> String {
    let outer = tempfile::tempdir().unwrap();
    let (log, wrapper) = (outer.path().join("log"), outer.path().join("git"));
    let path = std::env::var("PATH").unwrap();
    let script = format!("#!/bin/sh\necho \"$*\" >> '{}'\nPATH='{path}' exec git \"$@\"\n", log.display());
    fs::write(&wrapper, script).unwrap();
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();
    let args = [&FLAGS[..], &["--only", "graph", "--base", "main", "--json", "-"]].concat();
    let mut command = run::command(project, &args);
    // As in a hook of another repository: where the project lies decides.
    command.env("GIT_DIR", outer.path()).env("GIT_INDEX_FILE", outer.path().join("index"));
    command.env("PATH", format!("{}:{path}", outer.path().display()));
    finds(&run::finish(command.spawn().unwrap()), &[]);
    let asked = fs::read_to_string(log).unwrap();
    assert!(!asked.contains(" fetch "), "{asked}");
    asked
}
