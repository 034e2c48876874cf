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

#[path = "common/case.rs"]
mod case;
#[path = "common/expected.rs"]
mod expected;
#[path = "common/git.rs"]
mod git;
#[path = "common/means.rs"]
mod means;
#[path = "common/run.rs"]
mod run;
#[path = "common/wherewithal.rs"]
mod wherewithal;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

use means::Wherewithal;

use case::{Case, Change, copy};
use expected::Expected;

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let means: BTreeMap<&str, Wherewithal> =
        ["postgres", "mysql", "mariadb", "sqlite"].map(|engine| (engine, Wherewithal::of(engine))).into();
    for (engine, means) in &means {
        if let Wherewithal::Missing(why) = means {
            println!("{why}: the cases on {engine} cannot run");
        }
    }
    let mut trials = Vec::new();
    for (name, folder) in case::folders(&root) {
        let case = match case::read(&folder) {
            Ok(case) => case,
            Err(error) => {
                trials.push(Trial::test(name, move || Err(Failed::from(error))));
                continue;
            }
        };
        for engine in &case.engines {
            let (case, engine, folder) = (case.clone(), engine.clone(), folder.clone());
            let means = means.get(engine.as_str()).cloned().unwrap_or(Wherewithal::Missing("there is no such engine"));
            let cannot = matches!(means, Wherewithal::Missing(_));
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
            let trial = Trial::test(format!("{name}@{engine}"), move || match means {
                Wherewithal::Missing(why) => Err(why.into()),
                Wherewithal::With(args) => {
                    let args: Vec<&str> = args.iter().map(String::as_str).collect();
                    run_case(&case, &folder, &engine, &args)
                }
            });
            trials.push(trial.with_ignored_flag(cannot && !wherewithal::everything_is_to_be_tried()));
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
    listed.split_whitespace().filter(|image| image.contains("postgres")).map(str::to_owned).collect()
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
    if std::env::var_os("ROLLPROOF_BLESS").is_some() && (server.is_empty() || engine == "mysql") {
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
