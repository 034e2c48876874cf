//! The acceptance cases: each folder of tests/cases is a project and what a run over it comes to.
//!
//! A folder holds `case.yml`, the project's files, and `expected.yml`, or `expected.<engine>.yml` where engines differ.
//! With `base:` in `case.yml` the project becomes a git repository: the folder `base` holds the files of its branch `main`, the
//! case's other files are those of a branch that comes from it, and the run is told `--base main`.
//! `${engine}` in the project's rollproof.yml is the engine of the trial. `ROLLPROOF_TEST_SERVER_BINS` names folders of
//! further PostgreSQL servers, `:` between, on which the cases have to come to the same; `ROLLPROOF_TEST_IMAGES` names
//! images, a blank between, of which the cases that ask for it are tried in containers. With `ROLLPROOF_BLESS=1` the expected files are
//! written from what the runs came to; read every one of them before you keep it.

#![expect(clippy::print_stdout, reason = "what cannot run must be seen")]

#[path = "common/expected.rs"]
mod expected;
#[path = "common/git.rs"]
mod git;
#[path = "common/run.rs"]
mod run;
#[path = "common/wherewithal.rs"]
mod wherewithal;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;

use expected::Expected;

/// `case.yml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the case shows, for its reader.
    #[serde(rename = "about")]
    _about: String,
    /// The engines on which it is tried, each for itself.
    engines: Vec<String>,
    /// The format; with it the run is told by flags instead of rollproof.yml.
    format: Option<String>,
    /// Further arguments.
    #[serde(default)]
    args: Vec<String>,
    /// Whether it is tried in containers too, each of which takes a second to start.
    #[serde(default)]
    containers: bool,
    /// Folders to make, which a repository cannot hold while they are empty.
    #[serde(default)]
    folders: Vec<String>,
    /// That there is a folder `base`, and whether the change to it is committed.
    base: Option<Change>,
}

/// Where a change is that is compared with its base.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Change {
    Committed,
    WorkTree,
}

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let missing = wherewithal::postgres_is_missing();
    if let Some(why) = missing {
        println!("{why}: the cases on PostgreSQL cannot run");
    }
    let mut trials = Vec::new();
    for (name, folder) in folders(&root) {
        let case = match read_case(&folder) {
            Ok(case) => case,
            Err(error) => {
                trials.push(Trial::test(name, move || Err(Failed::from(error))));
                continue;
            }
        };
        for engine in &case.engines {
            let (case, engine, folder) = (case.clone(), engine.clone(), folder.clone());
            let cannot = missing.filter(|_| engine == "postgres");
            if engine == "postgres" {
                for (number, bin) in further_servers().into_iter().enumerate() {
                    let (case, folder) = (case.clone(), folder.clone());
                    let run = move || run_case(&case, &folder, "postgres", &["--server-bin", &bin]);
                    trials.push(Trial::test(format!("{name}@postgres+{}", number + 1), run));
                }
                for image in images() {
                    if !case.containers && std::env::var_os("ROLLPROOF_TEST_ALL_IN_CONTAINERS").is_none() {
                        continue;
                    }
                    let (case, folder, shown) = (case.clone(), folder.clone(), image.replace(':', "-"));
                    let run = move || run_case(&case, &folder, "postgres", &["--image", &image]);
                    trials.push(Trial::test(format!("{name}@container-{shown}"), run));
                }
            }
            let trial = Trial::test(format!("{name}@{engine}"), move || match cannot {
                Some(why) => Err(why.into()),
                None => run_case(&case, &folder, &engine, &[]),
            });
            trials.push(trial.with_ignored_flag(cannot.is_some() && !wherewithal::everything_is_to_be_tried()));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Folders of PostgreSQL servers to try besides the one that is found.
fn further_servers() -> Vec<String> {
    let listed = std::env::var("ROLLPROOF_TEST_SERVER_BINS").unwrap_or_default();
    listed.split(':').filter(|folder| !folder.is_empty()).map(str::to_owned).collect()
}

/// Images of PostgreSQL to try in containers.
fn images() -> Vec<String> {
    let listed = std::env::var("ROLLPROOF_TEST_IMAGES").unwrap_or_default();
    listed.split_whitespace().map(str::to_owned).collect()
}

fn folders(root: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(root).expect("tests/cases").flatten().map(|entry| entry.path());
    let mut folders: Vec<(String, PathBuf)> = entries
        .filter(|path| path.is_dir())
        .filter_map(|path| Some((path.file_name()?.to_str()?.to_owned(), path.clone())))
        .collect();
    folders.sort();
    folders
}

fn read_case(folder: &Path) -> Result<Case, String> {
    let file = folder.join("case.yml");
    let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    serde_yaml::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))
}

fn run_case(case: &Case, folder: &Path, engine: &str, server: &[&str]) -> Result<(), Failed> {
    let project = run::project();
    if case.base.is_some() {
        git::git(project.path(), &["init", "-q", "-b", "main"]);
        copy(&folder.join("base"), project.path(), engine)?;
        git::commit(project.path());
        git::git(project.path(), &["checkout", "-q", "-b", "change"]);
        git::git(project.path(), &["rm", "-q", "-r", "--ignore-unmatch", "."]);
    }
    copy(folder, project.path(), engine)?;
    if case.base == Some(Change::Committed) {
        git::commit(project.path());
    }
    for folder in &case.folders {
        fs::create_dir_all(project.path().join(folder))?;
    }
    let provision = if server.contains(&"--image") { "container" } else { "local" };
    let mut args = vec!["--provision", provision];
    if let Some(format) = &case.format {
        args.extend(["--migrations", "migrations", "--engine", engine, "--format", format]);
    }
    if case.base.is_some() {
        args.extend(["--base", "main"]);
    }
    args.extend(case.args.iter().map(String::as_str));
    args.extend(server);
    let actual = expected::actual(&run::check(project.path(), &args));
    let own = folder.join(format!("expected.{engine}.yml"));
    let file = if own.exists() { own } else { folder.join("expected.yml") };
    let expected = fs::read_to_string(&file).ok().map(|text| serde_yaml::from_str::<Expected>(&text)).transpose()?;
    if std::env::var_os("ROLLPROOF_BLESS").is_some() && server.is_empty() {
        let fits = expected.as_ref().is_some_and(|expected| expected::compare(expected, &actual).is_ok());
        let name = if case.engines.len() > 1 { format!("expected.{engine}.yml") } else { "expected.yml".to_owned() };
        return if fits { Ok(()) } else { bless(&folder.join(name), expected.as_ref(), &actual) };
    }
    match expected {
        Some(expected) => expected::compare(&expected, &actual).map_err(Failed::from),
        None => Err(format!("there is no {}; ROLLPROOF_BLESS=1 writes one", file.display()).into()),
    }
}

/// Writes what the run came to, with messages put as they were before where that still holds.
fn bless(file: &Path, expected: Option<&Expected>, actual: &Expected) -> Result<(), Failed> {
    let mut blessed = expected.map_or_else(|| actual.clone(), |expected| expected::softened(expected, actual));
    for finding in blessed.databases.iter_mut().flat_map(|database| &mut database.findings) {
        // The message alone; the details repeat every difference.
        finding.says.truncate(1);
    }
    fs::write(file, serde_yaml::to_string(&blessed)?)?;
    Ok(())
}

/// Copies the project's files. Symbolic links are not followed.
fn copy(from: &Path, to: &Path, engine: &str) -> Result<(), Failed> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let shown = name.to_string_lossy();
        let target = to.join(&name);
        if shown == "base" && from.join("case.yml").exists() {
            // The files of the base are no part of the change.
        } else if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            copy(&entry.path(), &target, engine)?;
        } else if shown == "rollproof.yml" {
            fs::write(target, fs::read_to_string(entry.path())?.replace("${engine}", engine))?;
        } else if shown != "case.yml" && !shown.starts_with("expected.") {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
