//! What a command looks at: the project, its databases, and the git reference that it is compared with.

use std::path::{Path, PathBuf};

use crate::config::{self, Places, Project};
use crate::history::{EngineKind, find_migrations};

/// The flags.
#[derive(Debug, clap::Args)]
pub(super) struct SubjectArgs {
    /// The project's folder.
    #[arg(default_value = ".")]
    pub(super) dir: PathBuf,
    /// The configuration file [default: rollproof.yml, looked for in DIR and upward].
    #[arg(long, value_name = "FILE", conflicts_with = "migrations")]
    pub(super) config: Option<PathBuf>,
    /// Check only this database of the configuration; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub(super) database: Vec<String>,
    /// The product; with --migrations, for a run without a configuration file.
    #[arg(long)]
    pub(super) engine: Option<EngineKind>,
    /// The migrations folder; detected when left out. A configuration file is not read then.
    #[arg(long, value_name = "PATH")]
    pub(super) migrations: Option<PathBuf>,
    /// The migration format; detected when left out.
    #[arg(long, value_name = "NAME")]
    pub(super) format: Option<String>,
    /// Compare with the git reference that a change is to be merged into: where this branch and REF part.
    #[arg(long, value_name = "REF", value_parser = reference)]
    pub(super) base: Option<String>,
}

/// A name that git can take for a reference and not for a flag.
pub(super) fn reference(text: &str) -> Result<String, String> {
    if text.trim().is_empty() || text.starts_with('-') {
        return Err("a branch, a tag or a commit is expected, such as main".to_owned());
    }
    Ok(text.to_owned())
}

/// The configuration, or what the flags and the project's files say in its place, and where the configuration says it.
///
/// # Errors
/// When there is nothing to check, or what was typed does not fit together; each says what to do.
pub(super) fn subject(args: &SubjectArgs) -> Result<(Project, Option<Places>), String> {
    let (project, places) = project(args)?;
    let known: Vec<&str> = project.databases.iter().map(|database| database.name.as_str()).collect();
    match args.database.iter().find(|name| !known.contains(&name.as_str())) {
        Some(unknown) => Err(format!("--database {unknown}: the configuration knows {}", known.join(", "))),
        None => Ok((project, places)),
    }
}

fn project(args: &SubjectArgs) -> Result<(Project, Option<Places>), String> {
    let file = match &args.migrations {
        Some(_) => None,
        None => configuration_file(&args.dir, args.config.as_deref())?,
    };
    if let Some(file) = file {
        if args.engine.is_some() || args.format.is_some() {
            return Err(format!(
                "--engine and --format go with --migrations; without it, {} says what to check",
                file.display()
            ));
        }
        let (project, places) = loaded(&file)?;
        return Ok((project, Some(places)));
    }
    let folder = match &args.migrations {
        Some(folder) => folder.clone(),
        None => only_folder(&args.dir)?,
    };
    let project = Project::from_flags(args.dir.clone(), args.engine, folder, args.format.clone());
    Ok((project.map_err(|error| error.to_string())?, None))
}

/// The configuration file: the one that is named, else the one that lies in `dir` or above it, if one does.
pub(super) fn configuration_file(dir: &Path, named: Option<&Path>) -> Result<Option<PathBuf>, String> {
    let file = match named {
        Some(file) => config::named(file).map(Some),
        None => config::locate(dir),
    };
    file.map_err(|error| error.to_string())
}

/// What a configuration file says.
pub(super) fn loaded(file: &Path) -> Result<(Project, Places), String> {
    config::load(file).map_err(|error| error.to_string())
}

/// The folders of migrations below `dir`, relative to it.
pub(super) fn migration_folders(dir: &Path) -> Vec<PathBuf> {
    find_migrations(dir).iter().map(|folder| folder.strip_prefix(dir).unwrap_or(folder).to_owned()).collect()
}

/// The one folder of migrations below `dir`, relative to it.
fn only_folder(dir: &Path) -> Result<PathBuf, String> {
    let found = migration_folders(dir);
    match found.as_slice() {
        [folder] => Ok(folder.clone()),
        [] => Err(format!(
            "nothing to check: no rollproof.yml and no migrations found in {} or below; name their folder with \
             --migrations",
            dir.display()
        )),
        several => {
            let list: Vec<String> = several.iter().map(|folder| format!("  {}", dir.join(folder).display())).collect();
            Err(format!(
                "several folders look like migrations; name one with --migrations, or all of them in rollproof.yml:\n{}",
                list.join("\n")
            ))
        }
    }
}

/// The name of the project: its folder's.
pub(super) fn name_of(root: &Path) -> String {
    let name =
        root.canonicalize().ok().and_then(|root| root.file_name().map(|name| name.to_string_lossy().into_owned()));
    name.unwrap_or_else(|| "project".to_owned())
}
