//! A tool behind command lines: what it is told, and the history as it lists that.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::tool::{Tooled, absolute, message, shown};
use crate::config::{Database, Project};
use crate::history::{Call, Commands, Direction, History, Migration, Script};
use crate::provision::Contact;
use crate::runner::command::{CommandLines, Spec};

/// Gets the command lines of a history ready, and asks for its migrations where one lists them.
///
/// # Errors
/// Says why nothing can be checked.
pub(super) async fn start(
    project: &Project,
    database: &Database,
    read: &History,
    contact: Contact,
    environment: Vec<(String, String)>,
) -> Result<Tooled, String> {
    let Some(commands) = &database.read_options.commands else {
        return Err("the format `command` needs `commands:` in rollproof.yml".to_owned());
    };
    let root = absolute(&project.root)?;
    let known = commands.preset.map(|preset| preset.bookkeeping).unwrap_or_default();
    let bookkeeping: Vec<String> = known.iter().map(|table| (*table).to_owned()).collect();
    let of_tool = commands.preset.map(|preset| preset.environment).unwrap_or_default();
    let of_tool = of_tool.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let spec = Spec {
        root: root.clone(),
        contact,
        // What the configuration says goes before what a preset does.
        environment: of_tool.chain(environment).collect(),
        list: commands.list.clone(),
        up: commands.up.clone(),
        down: commands.down.clone(),
        bookkeeping: bookkeeping.iter().chain(&database.bookkeeping).cloned().collect(),
    };
    let mut tool = CommandLines::new(spec);
    let history = match tool.list().await.map_err(message)? {
        Some(listed) => {
            let history = refined(read, listed, commands, &root)?;
            let mut history = History { one_way: false, ..history };
            history.note_skips(|id| database.skip_reason(id));
            history
        }
        None => read.clone(),
    };
    let file = |migration: &Migration| Some((migration.up.call.as_ref()?.revision.clone(), migration.up.path.clone()));
    tool.know(history.migrations.iter().filter_map(file).collect::<BTreeMap<String, PathBuf>>());
    let how = commands.preset.map_or("the commands of rollproof.yml".to_owned(), |preset| {
        format!("the commands of rollproof.yml (preset {})", preset.name)
    });
    let notes = vec![format!("run by {how}")];
    Ok(Tooled { tool: Box::new(tool), history, bookkeeping, notes })
}

/// The history as the tool lists it. A migration whose file was read keeps its id.
fn refined(
    read: &History,
    listed: Vec<(String, Option<String>)>,
    commands: &Commands,
    root: &Path,
) -> Result<History, String> {
    let mut taken = BTreeSet::new();
    let mut revisions = BTreeSet::new();
    let mut migrations: Vec<Migration> = Vec::with_capacity(listed.len());
    for (revision, file) in listed {
        if !revisions.insert(revision.clone()) {
            return Err(format!(
                "the command `list` of rollproof.yml lists `{revision}` twice; it has to list each migration once"
            ));
        }
        let at = position(read, &revision, file.as_deref(), root).filter(|at| taken.insert(*at));
        let call = |direction| Call { revision: revision.clone(), direction };
        let mut migration = match at {
            Some(at) => {
                let mut migration = read.migrations[at].clone();
                migration.up.call = Some(call(Direction::Up));
                if let Some(down) = &mut migration.down {
                    down.call = Some(call(Direction::Down));
                }
                migration
            }
            None => unread(&revision, file.as_deref(), commands, root, &read.folder),
        };
        migration.version.clone_from(&revision);
        migration.parents = migrations.last().map(|before| before.id.clone()).into_iter().collect();
        migrations.push(migration);
    }
    Ok(History { migrations, ..read.clone() })
}

/// The migration of the folder that a line of the list means: by its file, else by its name, else by how that begins.
fn position(read: &History, revision: &str, file: Option<&str>, root: &Path) -> Option<usize> {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let found = |is: &dyn Fn(&Migration) -> bool| read.migrations.iter().position(is);
    let name = |migration: &Migration| migration.up.path.file_name().map(|name| name.to_string_lossy().into_owned());
    if let Some(file) = file {
        let wanted = real(&root.join(file)).or_else(|| real(&read.folder.join(file)))?;
        return found(&|migration| real(&migration.up.path).is_some_and(|path| path == wanted));
    }
    let is_called = |migration: &Migration| {
        let own = migration.up.call.as_ref().is_some_and(|call| call.revision == revision);
        own || migration.id == revision || name(migration).is_some_and(|name| name == revision)
    };
    let begins = |migration: &Migration| {
        let rest = migration.id.strip_prefix(revision);
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
    };
    found(&is_called).or_else(|| found(&begins))
}

/// A migration of the list that none of the folder's files is.
fn unread(revision: &str, file: Option<&str>, commands: &Commands, root: &Path, folder: &Path) -> Migration {
    let path = file.map(|file| root.join(file)).filter(|path| path.is_file());
    let text: Arc<str> = path.as_ref().and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default().into();
    let path = path.map_or_else(|| folder.join(file.unwrap_or(revision)), |path| shown(&path));
    let script = |direction| {
        let call = Call { revision: revision.to_owned(), direction };
        Script::by_tool(path.clone(), Arc::clone(&text), call)
    };
    let down = commands.down.is_some().then(|| script(Direction::Down));
    Migration::new(revision.to_owned(), revision.to_owned(), script(Direction::Up), down)
}
