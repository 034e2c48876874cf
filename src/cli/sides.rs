//! What `schema` and `diff` have in common: whose schemas are meant, how they are written, and a run of theirs.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::Output;
use super::pipeline::until_interrupted;
use super::progress::{Progress, ProgressMode};
use super::servers::ServerArgs;
use super::subject::{SubjectArgs, name_of, reference, subject};
use crate::history::{EngineKind, formats};
use crate::replay::{Event, Phase};
use crate::run::{Asked, Settings, Side, What, schemas};

/// The flags.
#[derive(Debug, clap::Args)]
pub(super) struct SideArgs {
    /// The project's folder, for revisions of its history and what it leaves out of comparisons.
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// The configuration file [default: rollproof.yml, looked for in DIR and upward].
    #[arg(long, value_name = "FILE", conflicts_with = "migrations")]
    config: Option<PathBuf>,
    /// The database of the configuration; needed where there are several.
    #[arg(long, value_name = "NAME")]
    database: Option<String>,
    /// The product: of migrations without a configuration file, and of dumps that do not tell it.
    #[arg(long)]
    engine: Option<EngineKind>,
    /// The migrations folder; detected when left out. A configuration file is not read then.
    #[arg(long, value_name = "PATH")]
    migrations: Option<PathBuf>,
    /// The migration format; detected when left out.
    #[arg(long, value_name = "NAME", requires = "migrations")]
    migrations_format: Option<String>,
    /// The git reference that @base is about: where this branch and REF part.
    #[arg(long, value_name = "REF", value_parser = reference)]
    base: Option<String>,
    /// Which database of a dump with several, as `pg_dumpall` writes it.
    #[arg(long, value_name = "NAME")]
    dump_database: Option<String>,
    /// Roles and tablespaces too, whosever they are.
    #[arg(long)]
    pub(super) cluster_objects: bool,
    /// How the answer is written: text, json or yaml.
    #[arg(long, value_name = "FORM", default_value = "text", value_parser = form)]
    pub(super) format: Form,
    #[command(flatten)]
    servers: ServerArgs,
    /// How progress is shown on standard error.
    #[arg(long, value_name = "HOW", default_value = "auto")]
    progress: ProgressMode,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For both.
    Yaml,
}

fn form(text: &str) -> Result<Form, String> {
    match text {
        "text" => Ok(Form::Text),
        "json" => Ok(Form::Json),
        "yaml" => Ok(Form::Yaml),
        _ if formats().iter().any(|format| format.name() == text) => Err(format!(
            "`{text}` is a format of migrations; name it with --migrations-format, and here text, json or yaml"
        )),
        _ => Err(format!("text, json or yaml is expected{}", crate::suggest::hint(text, ["text", "json", "yaml"]))),
    }
}

/// Reads the schemas and lets `answer` put them into words. A signal ends it at any moment.
pub(super) async fn run(
    args: &SideArgs,
    whats: &[&str],
    answer: impl FnOnce(Vec<Side>) -> Result<Output, String>,
) -> Output {
    let meant: Result<Vec<What>, String> = whats.iter().map(|what| What::parse(what)).collect();
    let (whats, asked) = match meant.and_then(|whats| Ok((whats, asked(args)?))) {
        Ok(meant) => meant,
        Err(message) => return Output::cannot(message),
    };
    let work = async {
        let mut progress = Progress::new(args.progress);
        schemas(&asked, &whats, &mut |event: &Event| progress.handle(event)).await
    };
    match until_interrupted(work).await {
        Ok(Ok(sides)) => answer(sides).unwrap_or_else(Output::cannot),
        Ok(Err(message)) => Output::cannot(message),
        Err(output) => output,
    }
}

/// What is meant by the flags.
///
/// # Errors
/// When they do not fit together, or the configuration cannot be read.
fn asked(args: &SideArgs) -> Result<Asked, String> {
    let subject_args = SubjectArgs {
        dir: args.dir.clone(),
        config: args.config.clone(),
        database: args.database.iter().cloned().collect(),
        // It is the project's only beside its migrations; the dumps' in any case.
        engine: args.engine.filter(|_| args.migrations.is_some()),
        migrations: args.migrations.clone(),
        format: args.migrations_format.clone(),
        base: args.base.clone(),
    };
    let project = match subject(&subject_args) {
        Ok((project, places)) => {
            let index =
                index(args, &project.databases.iter().map(|database| database.name.as_str()).collect::<Vec<_>>());
            index.map(|index| {
                let settings = Settings {
                    name: name_of(&project.root),
                    fail_on: None,
                    project,
                    places,
                    only_databases: args.database.iter().cloned().collect(),
                    base: args.base.clone(),
                    phases: BTreeSet::from([Phase::Up]),
                    servers: None,
                };
                (settings, index)
            })
        }
        // Where nothing of a project was named there need not be one.
        Err(message) if is_named(args) => return Err(message),
        Err(message) => Err(message),
    };
    let servers = args.servers.servers(1)?;
    Ok(Asked { project, servers, engine: args.engine, dump_database: args.dump_database.clone() })
}

/// Whether something was typed that only a project can answer, or a configuration is there, which then has to be right.
fn is_named(args: &SideArgs) -> bool {
    let typed = args.config.is_some() || args.database.is_some() || args.migrations.is_some();
    typed || !matches!(super::subject::configuration_file(&args.dir, None), Ok(None))
}

/// The index of the one database.
fn index(args: &SideArgs, known: &[&str]) -> Result<usize, String> {
    match (&args.database, known) {
        (Some(name), _) => known
            .iter()
            .position(|other| other == name)
            .ok_or_else(|| format!("--database {name}: the configuration knows {}", known.join(", "))),
        (None, [_]) => Ok(0),
        (None, several) => {
            Err(format!("the configuration has several databases; choose one with --database: {}", several.join(", ")))
        }
    }
}

/// An answer for programs; `None` where people are to read it.
pub(super) fn for_programs(form: Form, answer: &impl serde::Serialize) -> Result<Option<String>, String> {
    match form {
        Form::Text => Ok(None),
        Form::Json => {
            let text = serde_json::to_string_pretty(answer).map_err(|error| error.to_string())?;
            Ok(Some(text + "\n"))
        }
        Form::Yaml => serde_yaml::to_string(answer).map(Some).map_err(|error| error.to_string()),
    }
}
