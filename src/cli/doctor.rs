//! `rollproof doctor`: what this machine can provide, and what to install.

use std::path::{Path, PathBuf};

use super::Output;
use crate::config::{self, Database, Project};
use crate::doctor::{self, Subject};
use crate::history;

/// What was typed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The project's folder.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// The configuration file [default: rollproof.yml, looked for in DIR and upward].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of the server binaries.
    #[arg(long, value_name = "DIR")]
    server_bin: Option<PathBuf>,
    /// The form of the answer.
    #[arg(long, value_name = "FORM", default_value = "text")]
    format: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    Text,
    Json,
}

pub(super) async fn run(args: Args) -> Output {
    let diagnosis = doctor::diagnose(subject(&args), args.server_bin.as_deref()).await;
    let code = if diagnosis.ready { 0 } else { 2 };
    let stdout = match args.format {
        Form::Text => doctor::to_text(&diagnosis),
        Form::Json => match serde_json::to_string_pretty(&diagnosis) {
            Ok(json) => format!("{json}\n"),
            Err(error) => return Output::cannot(format!("the answer cannot be written as JSON: {error}")),
        },
    };
    Output { stdout, code, ..Output::default() }
}

fn subject(args: &Args) -> Subject {
    let file = match &args.config {
        Some(file) => config::named(file).map(Some),
        None => config::locate(&args.dir),
    };
    match file {
        Err(error) => Subject::Broken(error.to_string()),
        Ok(Some(file)) => match config::load(&file) {
            Ok((project, _)) => Subject::Project(Box::new(project)),
            Err(error) => Subject::Broken(error.to_string()),
        },
        Ok(None) => detected(&args.dir),
    }
}

/// The project as its files tell it, a database for each folder of migrations, named after that.
fn detected(dir: &Path) -> Subject {
    let folders = history::find_migrations(dir);
    if folders.is_empty() {
        return Subject::Nothing;
    }
    let database = |folder: PathBuf| {
        let migrations = folder.strip_prefix(dir).unwrap_or(&folder).to_owned();
        Database { name: migrations.display().to_string(), migrations, ..Database::default() }
    };
    match Project::from_flags(dir.to_owned(), None, PathBuf::new(), None) {
        Ok(project) => {
            let databases = folders.into_iter().map(database).collect();
            Subject::Project(Box::new(Project { databases, ..project }))
        }
        Err(error) => Subject::Broken(error.to_string()),
    }
}
