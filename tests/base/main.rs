//! What `--base` makes of repositories of all kinds, and what it says of those that it can make nothing of.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

#[path = "../common/git.rs"]
mod git;
#[path = "../common/run.rs"]
mod run;

mod errors;
mod interrupts;
mod places;

use std::fs;
use std::path::Path;

use git::{commit, git};
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

fn block_on<T>(act: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(act)
}

/// A check of the graph alone.
fn graph(folder: &Path, base: &str) -> Ran {
    run::check(folder, &[&FLAGS[..], &["--only", "graph", "--base", base]].concat())
}

/// The rules that find something, and the errors.
fn told(ran: &Ran) -> (Vec<String>, Vec<String>) {
    let report = ran.report();
    assert!(report.is_some(), "{ran:?}");
    let database = &report.unwrap()["databases"][0];
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
