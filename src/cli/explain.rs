//! `rollproof explain`: what a rule means.

use std::path::PathBuf;

use super::Output;
use crate::config;
use crate::policy::{self, RuleFile};

/// What was typed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The rule; without it, all rules are listed.
    rule: Option<String>,
    /// The configuration file, whose own rules are explained too [default: rollproof.yml, looked for upwards].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Output {
    match explained(args) {
        Ok(text) => Output::text(text),
        Err(message) => Output::cannot(message),
    }
}

fn explained(args: &Args) -> Result<String, String> {
    let file = match &args.config {
        Some(file) => Some(config::named(file).map_err(|error| error.to_string())?),
        None => config::locate(std::path::Path::new(".")).map_err(|error| error.to_string())?,
    };
    let mut files = Vec::new();
    if let Some(file) = file {
        let (project, _) = config::load(&file).map_err(|error| error.to_string())?;
        for path in &project.policies {
            let path = project.resolve(path);
            let text = std::fs::read_to_string(&path)
                .map_err(|error| format!("cannot read the rule file {}: {error}; check `policies`", path.display()))?;
            files.push(RuleFile { path: path.display().to_string(), text });
        }
    }
    let rules = policy::load(&files).map_err(|error| error.to_string())?;
    policy::explain(&rules, args.rule.as_deref()).map_err(|error| error.to_string())
}
