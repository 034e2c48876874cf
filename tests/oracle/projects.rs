//! What is replayed: the acceptance cases, on SQLite the examples of the rules, and the histories that are named.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rollproof::config::{self, Project};
use rollproof::evidence;
use rollproof::history::{self, EngineKind};
use rollproof::policy::{self, Given};
use tempfile::TempDir;

use super::case::{self, Case};

/// As long as a script may take where nothing is said.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A project that is not laid out yet.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) name: String,
    files: Files,
    /// Whether something in it is meant to keep the check from its end.
    pub(crate) may_fail: bool,
    /// For one script.
    pub(crate) timeout: Duration,
}

#[derive(Clone, Debug)]
enum Files {
    Case { folder: PathBuf, case: Case },
    Example { format: String, files: BTreeMap<String, String> },
    History { folder: PathBuf, format: Option<String> },
}

/// A project in a folder of its own, which goes with it.
pub(crate) struct LaidOut {
    pub(crate) project: Project,
    _folder: Option<TempDir>,
}

/// Everything that is to be replayed on this engine.
pub(crate) fn subjects(engine: EngineKind) -> Vec<Subject> {
    let mut subjects = cases(engine);
    if engine == EngineKind::Sqlite {
        // Each takes a server of PostgreSQL a second, and shows no more than the cases do.
        subjects.extend(examples(engine));
    }
    subjects.extend(histories(engine));
    subjects
}

/// Cases that end early when every step is committed: a default holds the oid of a table that is gone, which no replay
/// gives again. Until then they are compared like all others.
const NEVER_TWICE_ALIKE: [&str; 1] = ["postgres-partial-reading"];

fn cases(engine: EngineKind) -> Vec<Subject> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut subjects = Vec::new();
    for (name, folder) in case::folders(&root) {
        let case = case::read(&folder).expect("the case can be read");
        if !case.engines.iter().any(|named| named == engine.word()) {
            continue;
        }
        // Where migrations lie elsewhere and no configuration says so, only detection is tried, which dumps know nothing of.
        if !folder.join("migrations").exists() && !folder.join(config::FILE_NAME).exists() {
            continue;
        }
        // The application that runs these migrations is the program's to start; their statements are those of other cases.
        if is_run_by_a_tool(&folder, case.format.as_deref()) {
            continue;
        }
        let own = folder.join(format!("expected.{}.yml", engine.word()));
        let expected = if own.exists() { own } else { folder.join("expected.yml") };
        let expected = fs::read_to_string(expected).expect("the case says what it expects");
        let timeout = case.args.iter().position(|arg| arg == "--timeout").and_then(|at| case.args.get(at + 1));
        let timeout = timeout.map_or(TIMEOUT, |text| Duration::from_secs_f64(text.parse().expect("seconds")));
        let may_fail = expected.contains("exit: 2") || NEVER_TWICE_ALIKE.contains(&name.as_str());
        subjects.push(Subject { name, files: Files::Case { folder, case }, may_fail, timeout });
    }
    subjects
}

/// Whether a case is of a format whose migrations the project's own tool runs.
fn is_run_by_a_tool(folder: &Path, format: Option<&str>) -> bool {
    let configuration = fs::read_to_string(folder.join(config::FILE_NAME)).unwrap_or_default();
    let mut tools =
        history::formats().iter().filter(|format| format.runs_itself().is_some()).map(|format| format.name());
    tools.any(|name| format == Some(name) || configuration.contains(&format!("{{format: {name},")))
}

fn examples(engine: EngineKind) -> Vec<Subject> {
    let rules = policy::load(&[]).expect("the core rules load");
    let mut subjects = Vec::new();
    for (rule, example) in rules.iter().flat_map(|rule| rule.examples.iter().map(move |example| (rule, example))) {
        let Given::Files { engines, format, files, .. } = &example.given else { continue };
        if engines.contains(&engine) {
            let files = Files::Example { format: format.clone(), files: files.clone() };
            let name = format!("{}: {}", rule.id, example.name);
            subjects.push(Subject { name, files, may_fail: false, timeout: TIMEOUT });
        }
    }
    subjects
}

/// Those of `ROLLPROOF_TEST_HISTORIES`, `:` between: a folder, on PostgreSQL, or `sqlite=FOLDER`, or with the format
/// `postgres/sqlx=FOLDER`.
fn histories(engine: EngineKind) -> Vec<Subject> {
    let listed = std::env::var("ROLLPROOF_TEST_HISTORIES").unwrap_or_default();
    let named = listed.split(':').filter(|entry| !entry.is_empty()).map(|entry| match entry.split_once('=') {
        Some((way, folder)) => match way.split_once('/') {
            Some((engine, format)) => (engine, Some(format.to_owned()), folder),
            None => (way, None, folder),
        },
        None => (EngineKind::Postgres.word(), None, entry),
    });
    named
        .filter(|(of, ..)| *of == engine.word())
        .map(|(_, format, folder)| Subject {
            name: format!("history {folder}"),
            files: Files::History { folder: folder.into(), format },
            may_fail: false,
            timeout: TIMEOUT * 5,
        })
        .collect()
}

impl Subject {
    /// Whether it shows something that versions of the server may do differently, more than that a configuration is obeyed.
    pub(crate) fn is_about_schemas(&self) -> bool {
        let is_case = matches!(self.files, Files::Case { .. });
        !is_case || ["classes-", "postgres-"].iter().any(|prefix| self.name.starts_with(prefix))
    }

    /// Whether it is tried in containers too.
    pub(crate) fn goes_into_containers(&self) -> bool {
        let Files::Case { case, .. } = &self.files else { return true };
        case.containers
    }

    /// Writes its files and reads its configuration, or makes one of flags where it has none.
    ///
    /// # Errors
    /// When it has a configuration that cannot be read.
    pub(crate) fn lay_out(&self, engine: EngineKind) -> Result<LaidOut, String> {
        let from_flags = |root: &Path, migrations: PathBuf, format: Option<String>| {
            Project::from_flags(root.to_owned(), Some(engine), migrations, format).map_err(|error| error.to_string())
        };
        let folder = || tempfile::Builder::new().prefix("rpo-").tempdir().map_err(|error| error.to_string());
        match &self.files {
            Files::History { folder, format } => {
                let project = match config::named(&folder.join(config::FILE_NAME)) {
                    Ok(file) => config::load(&file).map_err(|error| error.to_string())?.0,
                    Err(_) => from_flags(folder, folder.clone(), format.clone())?,
                };
                Ok(LaidOut { project, _folder: None })
            }
            Files::Example { format, files } => {
                let folder = folder()?;
                for (name, text) in files {
                    let file = folder.path().join("migrations").join(name);
                    fs::create_dir_all(file.parent().unwrap_or(&file)).map_err(|error| error.to_string())?;
                    fs::write(file, text).map_err(|error| error.to_string())?;
                }
                let project = from_flags(folder.path(), "migrations".into(), Some(format.clone()))?;
                Ok(LaidOut { project, _folder: Some(folder) })
            }
            Files::Case { folder: from, case } => {
                let folder = folder()?;
                case::copy(from, folder.path(), engine.word()).map_err(|error| error.to_string())?;
                let file = folder.path().join(config::FILE_NAME);
                let project = if case.format.is_none() && file.exists() {
                    config::load(&file).map_err(|error| error.to_string())?.0
                } else {
                    from_flags(folder.path(), "migrations".into(), case.format.clone())?
                };
                Ok(LaidOut { project, _folder: Some(folder) })
            }
        }
    }
}

impl LaidOut {
    /// Its databases on this engine.
    pub(crate) fn databases(&self, engine: EngineKind) -> impl Iterator<Item = &config::Database> {
        self.project.databases.iter().filter(move |database| {
            let folder = self.project.resolve(&database.migrations);
            let detected = || evidence::detect_engine(&folder, &self.project.root).ok().flatten();
            database.engine.or_else(detected) == Some(engine)
        })
    }
}
