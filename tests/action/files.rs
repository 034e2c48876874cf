//! The files themselves: action.yml and the workflows are of the form that GitHub reads, and ask for no more than they need.

#![expect(clippy::print_stdout, reason = "what cannot run must be seen")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_yaml::Value;

use crate::runner::action;
use crate::wherewithal;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = entries.filter(|file| file.extension().is_some_and(|own| own == extension)).collect();
    found.sort();
    found
}

fn workflows() -> Vec<PathBuf> {
    [files(".github/workflows", "yml"), files("docs/ci", "yml")].concat()
}

#[test]
fn no_input_is_written_into_a_script() {
    let action = action();
    assert_eq!(action.runs.using, "composite");
    for step in &action.runs.steps {
        let script = step.run.as_deref().unwrap_or_default();
        assert!(!script.contains("${{"), "{script}");
        assert_eq!(step.run.is_some(), step.shell.is_some());
    }
    for (name, input) in &action.inputs {
        assert!(!input.required && !input.description.trim().is_empty(), "{name}");
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{name}");
    }
    assert!(action.outputs.values().all(|output| !output.description.trim().is_empty()));
}

/// A tag can be moved to other code, a commit cannot.
#[test]
fn other_actions_are_named_by_commit_with_the_version_beside() {
    let mut seen = 0;
    let pages = [root().join("action.yml"), root().join("docs/ci/README.md"), root().join("README.md")];
    for file in pages.into_iter().chain(workflows()) {
        for line in fs::read_to_string(&file).unwrap().lines() {
            let Some((_, used)) = line.split_once("uses: ") else { continue };
            if used == "./" || used == "rollproof/rollproof@v0" {
                continue;
            }
            seen += 1;
            let (_, version) = used.split_once('@').unwrap_or_else(|| panic!("{}: {line}", file.display()));
            let (commit, comment) = version.split_once(" # v").unwrap_or_else(|| panic!("{}: {line}", file.display()));
            assert!(commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()), "{}: {line}", file.display());
            assert!(comment.split('.').count() == 3, "{}: {line}", file.display());
        }
    }
    assert!(seen > 10, "only {seen} were found");
}

#[test]
fn workflows_may_only_read() {
    for file in workflows() {
        let workflow: Value = serde_yaml::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let permissions = serde_yaml::to_string(&workflow["permissions"]).unwrap();
        assert_eq!(permissions.trim(), "contents: read", "{}", file.display());
        assert!(workflow["concurrency"].is_mapping(), "{}", file.display());
        for (name, job) in workflow["jobs"].as_mapping().unwrap() {
            assert!(job["timeout-minutes"].is_number(), "{}: {name:?}", file.display());
            assert!(job.get("permissions").is_none(), "{}: {name:?}", file.display());
        }
        let text = fs::read_to_string(&file).unwrap();
        let checkouts = text.matches("actions/checkout@").count();
        assert_eq!(text.matches("persist-credentials: false").count(), checkouts, "{}", file.display());
    }
}

/// Where a workflow uses the action, it gives inputs that the action has and reads outputs that it has.
#[test]
fn workflows_use_the_action_as_it_is() {
    let action = action();
    let mut uses = 0;
    for file in workflows() {
        let text = fs::read_to_string(&file).unwrap();
        for (_, rest) in
            text.match_indices("steps.rollproof.outputs.").map(|(at, start)| (at, &text[at + start.len()..]))
        {
            let end = rest.find(|c: char| !(c.is_ascii_lowercase() || c == '-')).unwrap_or(rest.len());
            assert!(action.outputs.contains_key(&rest[..end]), "{}: {}", file.display(), &rest[..end]);
        }
        let workflow: Value = serde_yaml::from_str(&text).unwrap();
        for job in workflow["jobs"].as_mapping().unwrap().values() {
            for step in job["steps"].as_sequence().unwrap() {
                if !matches!(step.get("uses").and_then(Value::as_str), Some("./" | "rollproof/rollproof@v0")) {
                    continue;
                }
                uses += 1;
                for name in step.get("with").and_then(Value::as_mapping).into_iter().flat_map(|with| with.keys()) {
                    assert!(action.inputs.contains_key(name.as_str().unwrap()), "{}: {name:?}", file.display());
                }
            }
        }
    }
    assert_eq!(uses, 4);
}

#[test]
fn the_page_tells_every_input_and_output() {
    let page = fs::read_to_string(root().join("docs/ci/README.md")).unwrap();
    let action = action();
    for (name, input) in &action.inputs {
        let default = if input.default.is_empty() { String::new() } else { format!("`{}` ", input.default) };
        assert!(page.contains(&format!("| `{name}` | {default}| ")), "{name}");
    }
    for name in action.outputs.keys() {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
    for file in files("docs/ci", "yml") {
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(page.contains(&format!("[{name}]({name})")), "{name}");
    }
}

/// What a tool says; `None` where it is missing.
fn tool(command: &mut Command) -> Option<Output> {
    command.output().ok().filter(|output| output.status.code() != Some(127))
}

fn assert_fine(output: &Output, what: &str) {
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&said));
}

#[test]
fn the_scripts_are_of_the_shell() {
    let scripts = files("action", "sh");
    assert_eq!(scripts.len(), 4);
    for script in &scripts {
        assert_fine(&tool(Command::new("bash").arg("-n").arg(script)).unwrap(), "bash -n");
    }
    match tool(Command::new("shellcheck").args(["-x", "-P"]).arg(root().join("action")).args(&scripts)) {
        Some(output) => assert_fine(&output, "shellcheck"),
        None => println!("shellcheck is not installed: the scripts were not read by it"),
    }
}

/// The public schemas of actions and workflows, as the Python package check-jsonschema carries them. scripts/test names the
/// folder of that package in `ROLLPROOF_TEST_CHECK_JSONSCHEMA`.
fn check_jsonschema(schema: &str, files: &[PathBuf]) -> Option<Output> {
    let mut command = match std::env::var_os("ROLLPROOF_TEST_CHECK_JSONSCHEMA") {
        Some(folder) => {
            let mut python = Command::new("python3");
            python.args(["-m", "check_jsonschema"]).env("PYTHONPATH", folder);
            python
        }
        None => Command::new("check-jsonschema"),
    };
    tool(command.args(["--builtin-schema", schema]).args(files))
}

#[test]
fn the_files_are_of_githubs_schemas() {
    for (schema, files) in
        [("vendor.github-actions", vec![root().join("action.yml")]), ("vendor.github-workflows", workflows())]
    {
        match check_jsonschema(schema, &files) {
            Some(output) => assert_fine(&output, schema),
            None if wherewithal::everything_is_to_be_tried() => unreachable!("check-jsonschema is not installed"),
            None => {
                println!("check-jsonschema is not installed (pip install check-jsonschema): {schema} was not compared");
            }
        }
    }
    // A schema that lets everything pass would prove nothing.
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("action.yml");
    fs::write(&wrong, "name: x\nruns: {using: composite, steps: [{run: a}]}\n").unwrap();
    if let Some(output) = check_jsonschema("vendor.github-actions", &[wrong]) {
        assert!(!output.status.success(), "the schema lets a step without a shell pass");
    }
}
