//! Plays the runner of GitHub Actions: the steps of a composite action, one after the other, in a scratch workspace.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::expression::{Context, holds, resolved};

/// action.yml.
#[derive(Debug, Deserialize)]
pub(crate) struct Action {
    pub(crate) inputs: BTreeMap<String, Input>,
    pub(crate) outputs: BTreeMap<String, Output>,
    pub(crate) runs: Runs,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Input {
    pub(crate) description: String,
    pub(crate) required: bool,
    pub(crate) default: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Output {
    pub(crate) description: String,
    value: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Runs {
    pub(crate) using: String,
    pub(crate) steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    id: Option<String>,
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "if")]
    condition: Option<String>,
    pub(crate) shell: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    pub(crate) run: Option<String>,
    pub(crate) uses: Option<String>,
    #[serde(default)]
    with: BTreeMap<String, String>,
}

/// The action of this repository.
pub(crate) fn action() -> Action {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml");
    serde_yaml::from_str(&fs::read_to_string(file).expect("action.yml")).expect("a composite action")
}

/// A machine with a workspace.
pub(crate) struct Runner {
    folder: tempfile::TempDir,
    /// Variables of the job.
    pub(crate) env: BTreeMap<String, String>,
    /// What the cache holds: text of the program, by key; `None` is a program for every key.
    pub(crate) cached: Option<String>,
    /// The checkout of the action.
    pub(crate) action_path: PathBuf,
}

/// What came of the action.
#[derive(Debug)]
pub(crate) struct Played {
    /// The exit code of the step that failed, else 0.
    pub(crate) code: i32,
    /// The outputs of the action.
    pub(crate) outputs: BTreeMap<String, String>,
    /// The log of all steps.
    pub(crate) log: String,
    /// The workflow commands in it: name with properties, message.
    pub(crate) commands: Vec<(String, String)>,
    /// The summaries of all steps.
    pub(crate) summary: String,
    /// The nested actions that ran, with what they were given.
    pub(crate) used: Vec<(String, BTreeMap<String, String>)>,
}

impl Played {
    /// The commands that annotate.
    pub(crate) fn annotations(&self) -> Vec<&(String, String)> {
        let kinds = ["error", "warning", "notice"];
        self.commands.iter().filter(|(head, _)| kinds.contains(&head.split(' ').next().unwrap_or_default())).collect()
    }
}

impl Runner {
    /// A machine on which the program under test is installed, with an empty workspace.
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("rp-action-").tempdir().expect("a folder");
        for part in ["workspace/.git", "temp", "files"] {
            fs::create_dir_all(folder.path().join(part)).expect("a folder");
        }
        fs::write(folder.path().join("files/event.json"), "{}").expect("the event");
        let env = [("ROLLPROOF_BINARY".to_owned(), env!("CARGO_BIN_EXE_rollproof").to_owned())];
        let action_path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        Self { folder, env: env.into(), cached: None, action_path }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of the workspace.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let file = self.path("workspace").join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, text).expect("the file");
    }

    /// Writes a program below the machine's folder.
    pub(crate) fn program(&self, name: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let file = self.path(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(&file, text).expect("the program");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("a mode");
        file
    }

    /// Runs the action with these inputs.
    pub(crate) fn play(&self, inputs: &[(&str, &str)]) -> Played {
        let action = action();
        let mut context = Context::new();
        for (name, input) in &action.inputs {
            context.insert(format!("inputs.{name}"), input.default.clone());
        }
        for (name, value) in inputs {
            let known = context.insert(format!("inputs.{name}"), (*value).to_owned());
            assert!(known.is_some(), "the action has no input {name}");
        }
        let mut played = Played {
            code: 0,
            outputs: BTreeMap::new(),
            log: String::new(),
            commands: Vec::new(),
            summary: String::new(),
            used: Vec::new(),
        };
        for (number, step) in action.runs.steps.iter().enumerate() {
            // Without a condition that says otherwise a step runs only after steps that passed.
            let wanted = step.condition.as_ref().is_none_or(|condition| holds(condition, &context));
            if played.code != 0 || !wanted {
                continue;
            }
            let outputs = if step.uses.is_some() {
                self.play_use(step, &context, &mut played)
            } else {
                self.play_run(step, number, &context, &mut played)
            };
            for (name, value) in outputs {
                let id = step.id.as_deref().unwrap_or("without-id");
                context.insert(format!("steps.{id}.outputs.{name}"), value);
            }
        }
        played.outputs =
            action.outputs.into_iter().map(|(name, output)| (name, resolved(&output.value, &context))).collect();
        played.commands = played.log.lines().filter_map(command).collect();
        played
    }

    /// A nested action: only the cache is known.
    fn play_use(&self, step: &Step, context: &Context, played: &mut Played) -> BTreeMap<String, String> {
        let with: BTreeMap<_, _> =
            step.with.iter().map(|(name, value)| (name.clone(), resolved(value, context))).collect();
        let name = step.uses.clone().unwrap_or_default();
        if let (true, Some(program)) = (name.starts_with("actions/cache/restore@"), &self.cached) {
            let file = PathBuf::from(&with["path"]).join("rollproof");
            self.program(file.strip_prefix(self.folder.path()).expect("inside").to_str().expect("a name"), program);
        }
        played.used.push((name, with));
        BTreeMap::new()
    }

    fn play_run(&self, step: &Step, number: usize, context: &Context, played: &mut Played) -> BTreeMap<String, String> {
        let file = |name: &str| self.path(&format!("files/{number}-{name}"));
        let script = file("script.sh");
        fs::write(&script, resolved(step.run.as_ref().expect("a script"), context)).expect("the script");
        fs::write(file("output"), "").expect("a file");
        fs::write(file("summary"), "").expect("a file");
        assert_eq!(step.shell.as_deref(), Some("bash"));
        // Who starts the tests in the background has them ignore SIGINT, which a shell cannot undo for itself.
        let mut command = Command::new("env");
        command.args(["--default-signal=INT", "bash", "--noprofile", "--norc", "-eo", "pipefail"]).arg(script);
        command.current_dir(self.path("workspace")).stdin(Stdio::null()).env_remove("RUSTFLAGS").envs(&self.env);
        for (name, path) in [
            ("GITHUB_OUTPUT", file("output")),
            ("GITHUB_STEP_SUMMARY", file("summary")),
            ("GITHUB_EVENT_PATH", self.path("files/event.json")),
            ("GITHUB_WORKSPACE", self.path("workspace")),
            ("GITHUB_ACTION_PATH", self.action_path.clone()),
            ("RUNNER_TEMP", self.path("temp")),
        ] {
            command.env(name, path);
        }
        command.envs(step.env.iter().map(|(name, value)| (name, resolved(value, context))));
        let output = command.output().expect("bash");
        played.code = output.status.code().unwrap_or(-1);
        // The runner reads both, in no order that can be relied on.
        played.log.push_str(&String::from_utf8_lossy(&output.stdout));
        played.log.push_str(&String::from_utf8_lossy(&output.stderr));
        played.summary.push_str(&fs::read_to_string(file("summary")).expect("the summary"));
        outputs(&fs::read_to_string(file("output")).expect("the outputs"))
    }
}

/// What a file of outputs says: `name=value`, or `name<<end`, lines and `end`.
fn outputs(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (name, value) = match (line.split_once("<<"), line.split_once('=')) {
            (Some((name, end)), equals) if equals.is_none_or(|(before, _)| before.len() > name.len()) => {
                let inside: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
                (name, inside.join("\n"))
            }
            (_, Some((name, value))) => (name, value.to_owned()),
            _ => unreachable!("the runner refuses the output {line:?}"),
        };
        found.insert(name.to_owned(), value);
    }
    found
}

/// A line of a log as the runner reads it, if it is a command: what stands between the colons, and the message.
fn command(line: &str) -> Option<(String, String)> {
    let plain = |text: &str| {
        let text = text.replace("%3A", ":").replace("%2C", ",");
        text.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
    };
    if let Some((_, old)) = line.split_once("##[") {
        let (head, message) = old.split_once(']')?;
        return Some((head.to_owned(), message.to_owned()));
    }
    let (head, message) = line.trim_start().strip_prefix("::")?.split_once("::")?;
    Some((plain(head), plain(message)))
}
