//! A project's own tool: started on the disposable database, asked for its revisions, and made into a history.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::before::table;
use super::command;
use crate::config::{Database, Project};
use crate::engine::Engine;
use crate::history::{Call, Direction, History, Migration, Script, ToolKind, format_named};
use crate::provision::{Contact, Server};
use crate::replay::Event;
use crate::runner::python::{Direct, Listed, Python, Spec, find_interpreter};
use crate::runner::{Tool, ToolError};

/// A tool that runs, and the history as it knows it.
pub(super) struct Tooled {
    pub(super) tool: Box<dyn Tool>,
    pub(super) history: History,
    /// The tables in which it remembers what was run.
    pub(super) bookkeeping: Vec<String>,
    pub(super) notes: Vec<String>,
}

/// What a project with a tool of its own cannot have, since it opens its own sessions.
fn misfit(database: &Database) -> Option<String> {
    let why = |key: &str, instead: &str| {
        Some(format!(
            "`{key}` has no meaning where the project's own tool connects and opens its own sessions; {instead}"
        ))
    };
    if database.role.is_some() {
        return why("role", "pass --url with that role's name and password, or have the project set its role");
    }
    if !database.prelude.is_empty() {
        return why("prelude", "put what has to be there into `base-schema`, or into the project's own settings");
    }
    None
}

/// The project's own tool that has to run a history, where one has to.
pub(super) fn kind(history: &History) -> Option<ToolKind> {
    format_named(history.format)?.runs_itself()
}

/// The project's own tool of a history with what there is to know before a replay of it; nothing where it needs none.
#[derive(Default)]
pub(super) struct Readied {
    tool: Option<Box<dyn Tool>>,
    /// The history as the tool tells it.
    pub(super) told: Option<History>,
    /// The tool's own tables, as [`crate::schema::ObjectId`] prints them.
    pub(super) left_out: Vec<String>,
    /// What a reader should know.
    pub(super) notes: Vec<String>,
}

impl Readied {
    /// The tool, where there is one.
    pub(super) fn tool(&mut self) -> Option<&mut dyn Tool> {
        self.tool.as_mut().map(|tool| &mut **tool as &mut dyn Tool)
    }

    /// Ends the tool.
    pub(super) async fn close(&mut self) {
        if let Some(tool) = &mut self.tool {
            tool.close().await;
        }
    }
}

/// Starts the tool of a history on the database of this engine where it needs one, and closes the engine where that fails.
///
/// # Errors
/// Says why nothing can be checked.
pub(super) async fn ready(
    project: &Project,
    database: &Database,
    read: &History,
    on: (&Server, &mut dyn Engine),
    tell: &dyn Fn(&Event),
) -> Result<Readied, String> {
    let Some(kind) = kind(read) else { return Ok(Readied::default()) };
    let (server, engine) = on;
    let contact = server.contact(&engine.database_name());
    let tell = |what: String| tell(&Event::Preparing { what });
    match start(kind, project, database, read, contact, &tell).await {
        Ok(Tooled { tool, history, bookkeeping, notes }) => Ok(Readied {
            tool: Some(tool),
            told: Some(history),
            left_out: bookkeeping.iter().map(|name| table(name, server.engine)).collect(),
            notes,
        }),
        Err(message) => {
            // What went wrong is told; that the database goes with its server is as good as removing it.
            let _ = engine.close().await;
            Err(message)
        }
    }
}

/// Starts the tool of a history, and asks it for its revisions.
///
/// # Errors
/// Says why nothing can be checked.
async fn start(
    kind: ToolKind,
    project: &Project,
    database: &Database,
    read: &History,
    contact: Contact,
    tell: &dyn Fn(String),
) -> Result<Tooled, String> {
    if let Some(message) = misfit(database) {
        return Err(message);
    }
    if kind == ToolKind::Command {
        let preset = database.read_options.commands.as_ref().and_then(|commands| commands.preset);
        let url = preset.map_or_else(|| contact.url.clone(), |preset| preset.url(contact.engine, &contact.url));
        let contact = Contact { url, ..contact };
        let environment = environment(database, kind, &contact, &contact.url);
        return command::start(project, database, read, contact, environment).await;
    }
    let root = absolute(&project.root)?;
    let migrations = absolute(&project.resolve(&database.migrations))?;
    let interpreter = find_interpreter(&root, database.python.as_deref()).await?;
    let sqlalchemy_url = contact.sqlalchemy_url(interpreter.sqlalchemy_driver(contact.engine));
    tell(format!("loading the application with {}", interpreter.title()));
    let environment = environment(database, kind, &contact, &sqlalchemy_url);
    let spec = Spec {
        kind: kind.word(),
        interpreter,
        root,
        migrations,
        contact,
        environment,
        hook: database.hook.clone(),
        database: database.alias.clone(),
    };
    let (mut tool, started) = Python::start(spec).await.map_err(message)?;
    let mut notes = vec![format!(
        "run by {}; the application took {} to load, once",
        started.title,
        told(Duration::from_secs_f64(started.imports_millis.max(0.0) / 1000.0))
    )];
    notes.extend(started.notes);
    let (listed, more) = match tool.list().await {
        Ok(listed) => listed,
        Err(error) => {
            tool.close().await;
            return Err(message(error));
        }
    };
    notes.extend(more);
    let history = refined(read, listed, |id| database.skip_reason(id));
    Ok(Tooled { tool: Box::new(tool), history, bookkeeping: started.bookkeeping, notes })
}

/// A path that other programs find from anywhere.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, String> {
    std::fs::canonicalize(path).map_err(|error| format!("{} cannot be found: {error}", path.display()))
}

pub(super) fn message(error: ToolError) -> String {
    match error {
        ToolError::CannotCheck(message) => message,
        ToolError::Engine(error) => error.to_string(),
    }
}

fn told(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// The variables of the configuration with what their placeholders stand for; where it has none, those that most projects read.
fn environment(database: &Database, kind: ToolKind, contact: &Contact, sqlalchemy_url: &str) -> Vec<(String, String)> {
    let port = contact.port.to_string();
    let values = [
        ("url", contact.url.as_str()),
        ("sqlalchemy_url", sqlalchemy_url),
        ("host", &contact.host),
        ("port", &port),
        ("user", &contact.user),
        ("password", &contact.password),
        ("name", &contact.name),
    ];
    if database.environment.is_empty() {
        // Helpers of Django take a URL without a driver; programs with SQLAlchemy hand theirs on as it is.
        let url = if matches!(kind, ToolKind::Django | ToolKind::Command) { &contact.url } else { sqlalchemy_url };
        return [("DATABASE_URL", url), ("SQLALCHEMY_DATABASE_URI", sqlalchemy_url)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
    }
    let filled = |text: &str| filled(text, &values);
    database.environment.iter().map(|(name, value)| (name.clone(), filled(value))).collect()
}

/// A text with its placeholders replaced; what they stand for is not read again.
fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let mut parts = text.split("${");
    let mut told = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let value = part.split_once('}').and_then(|(name, behind)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some(format!("{value}{behind}"))
        });
        told.push_str(&value.unwrap_or_else(|| format!("${{{part}")));
    }
    told
}

/// The history that the tool tells: its order and its parents. What was read from a file of the same revision stays.
fn refined(read: &History, listed: Vec<Listed>, skip: impl Fn(&str) -> Option<String>) -> History {
    let migrations = listed.into_iter().map(|revision| {
        let known = read.migrations.iter().find(|migration| migration.id == revision.id);
        let mut migration = known.cloned().unwrap_or_else(|| unread(&revision));
        migration.parents = revision.parents;
        migration.depends_on = revision.depends_on;
        migration.branch = migration.branch.or(revision.app);
        migration.version.clone_from(&revision.id);
        migration.language = None;
        if revision.down == Direct::Missing {
            migration.down = None;
        }
        if revision.ours == Some(false) {
            // What a package brings is run, since the project's own migrations build on it; its way back is not theirs to mend.
            migration.down = None;
            migration.of_a_package = true;
        }
        migration.skip = skip(&revision.id);
        migration
    });
    let mut migrations: Vec<Migration> = migrations.collect();
    // What a squashed migration replaces is there and not run; without it, it would look deleted.
    for replaced in read.migrations.iter().filter(|one| one.skip.is_some()) {
        if migrations.iter().all(|one| one.id != replaced.id) {
            let before =
                migrations.iter().position(|one| one.replaces.contains(&replaced.id)).unwrap_or(migrations.len());
            migrations.insert(before, replaced.clone());
        }
    }
    History { migrations, declares_parents: true, one_way: false, ..read.clone() }
}

/// A revision whose file no format read: one of a package, or one with an id that is computed.
fn unread(revision: &Listed) -> Migration {
    let path = shown(&revision.file);
    let text: Arc<str> = std::fs::read_to_string(&revision.file).unwrap_or_default().into();
    let script = |direction| {
        let call = Call { revision: revision.id.clone(), direction };
        Script::by_tool(path.clone(), Arc::clone(&text), call)
    };
    let (up, down) = (script(Direction::Up), script(Direction::Down));
    Migration::new(revision.id.clone(), revision.id.clone(), up, Some(down))
}

/// A path as findings name it: from the folder where the command was started, where it lies below.
pub(super) fn shown(file: &Path) -> PathBuf {
    let here = std::env::current_dir().ok();
    here.and_then(|here| Some(file.strip_prefix(here).ok()?.to_owned())).unwrap_or_else(|| file.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_replaced_once() {
        let values = [("name", "${host}"), ("host", "db")];
        assert_eq!(filled("a ${name} ${host} ${other} ${", &values), "a ${host} db ${other} ${");
    }
}
