//! A run as a step of GitHub Actions: what is printed, the step's summary and its outputs.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::Output;
use crate::report::{
    Report, github_outputs, markdown_of_problems, seen_from, to_github, to_markdown, without_commands,
};

/// Adds annotations behind what is printed, and appends to the files that the runner names in `GITHUB_STEP_SUMMARY` and
/// `GITHUB_OUTPUT`, where it names them. What was to be printed already can no longer be taken for commands. This stands
/// last, so that whatever made the exit code 2 is annotated, and nothing but annotations is a command.
pub(super) fn tell(report: &Report, output: &mut Output) {
    let report = in_workspace(report);
    let summary = to_markdown(&report) + &markdown_of_problems(&output.problems);
    append_to("GITHUB_STEP_SUMMARY", &summary, output);
    let outputs = github_outputs(&report, &output.problems);
    append_to("GITHUB_OUTPUT", &outputs, output);
    silence(output);
    output.stdout.push_str(&to_github(&report, &output.problems));
}

/// Makes what is to be printed free of commands.
pub(super) fn silence(output: &mut Output) {
    output.stdout = without_commands(&output.stdout);
    output.stderr = without_commands(&output.stderr);
}

/// The report with its files as GitHub names them: from the top of the workspace.
fn in_workspace(report: &Report) -> Report {
    let whole = |folder: &Path| folder.canonicalize().ok();
    let workspace = named_by("GITHUB_WORKSPACE").and_then(|folder| whole(&folder));
    match (workspace, whole(Path::new("."))) {
        (Some(workspace), Some(here)) => seen_from(report, &here, &workspace),
        _ => report.clone(),
    }
}

fn named_by(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn append_to(variable: &str, text: &str, output: &mut Output) {
    let Some(file) = named_by(variable) else { return };
    if let Err(error) = append(&file, text) {
        output.amiss(format!("cannot write {}, which {variable} names: {error}", file.display()));
    }
}

fn append(file: &Path, text: &str) -> std::io::Result<()> {
    OpenOptions::new().create(true).append(true).open(file)?.write_all(text.as_bytes())
}
