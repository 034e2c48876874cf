//! `rollproof doctor`: what this machine can provide, and what to install.

use std::path::{Path, PathBuf};

use super::Output;
use super::subject::{configuration_file, loaded, migration_folders};
use crate::config::{Database, Project};
use crate::doctor::{self, Subject};

/// What was typed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The project's folder.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// The configuration file [default: rollproof.yml, looked for in DIR and upward].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of the server binaries; repeat it where databases are of several products, each takes what is its own.
    #[arg(long, value_name = "DIR")]
    server_bin: Vec<PathBuf>,
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
    let diagnosis = doctor::diagnose(subject(&args), &args.server_bin).await;
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
    match project(args) {
        Ok(Some(project)) => Subject::Project(Box::new(project)),
        Ok(None) => Subject::Nothing,
        Err(problem) => Subject::Broken(problem),
    }
}

fn project(args: &Args) -> Result<Option<Project>, String> {
    match configuration_file(&args.dir, args.config.as_deref())? {
        Some(file) => Ok(Some(loaded(&file)?.0)),
        None => detected(&args.dir),
    }
}

/// The project as its files tell it, a database for each folder of migrations, named after that.
fn detected(dir: &Path) -> Result<Option<Project>, String> {
    let database = |migrations: PathBuf| {
        let name = migrations.display().to_string();
        Database { name, migrations, ..Database::default() }
    };
    let databases: Vec<Database> = migration_folders(dir).into_iter().map(database).collect();
    if databases.is_empty() {
        return Ok(None);
    }
    let project = Project::from_flags(dir.to_owned(), None, PathBuf::new(), None).map_err(|error| error.to_string())?;
    Ok(Some(Project { databases, ..project }))
}
