//! The validated configuration: what was meant. Nobody looks at the raw file after this.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::read::tidy;
use super::{FormatError, check_format};
use crate::history::{EngineKind, ReadOptions};
use crate::policy::Level;

/// Everything that rollproof.yml, or the flags that stand for it, say.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder that relative paths start from: where rollproof.yml lies, else the folder to check.
    pub root: PathBuf,
    /// The configuration file, where there is one.
    pub file: Option<PathBuf>,
    /// The databases of the project.
    pub databases: Vec<Database>,
    /// Levels of rules; `None` is off.
    pub rules: BTreeMap<String, Option<Level>>,
    /// More rule files, besides the core pack. Absolute, or relative to `root`.
    pub policies: Vec<PathBuf>,
    /// The level from which findings make the run fail; `None` is never.
    pub fail_on: Option<Level>,
}

impl Project {
    /// The level from which findings make the run fail, where nothing else is said.
    pub const FAIL_ON: Option<Level> = Some(Level::Error);

    /// A project without a configuration file: one database called `main`, from the flags. `root` is the folder to check;
    /// `migrations` is relative to it or absolute.
    ///
    /// # Errors
    /// This version does not read that format.
    pub fn from_flags(
        root: PathBuf,
        engine: Option<EngineKind>,
        migrations: PathBuf,
        format: Option<String>,
    ) -> Result<Self, FormatError> {
        if let Some(format) = &format {
            check_format(format)?;
        }
        let database =
            Database { name: "main".to_owned(), engine, migrations: tidy(migrations), format, ..Database::default() };
        Ok(Self {
            root,
            file: None,
            databases: vec![database],
            rules: BTreeMap::new(),
            policies: Vec::new(),
            fail_on: Self::FAIL_ON,
        })
    }

    /// A path of this configuration as the rest of the program, started where the command was, has to write it.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        // `./migrations/1.sql` and `migrations/1.sql` are two files to those who compare paths by their text.
        if self.root == Path::new(".") { path.to_owned() } else { self.root.join(path) }
    }
}

/// One database of the project.
#[derive(Clone, Debug, Default)]
pub struct Database {
    /// Its name.
    pub name: String,
    /// Its product; `None` where neither the configuration nor the project's files tell.
    pub engine: Option<EngineKind>,
    /// The container image; for local servers its version is what counts.
    pub image: Option<String>,
    /// Accept another product or major version than the image's.
    pub allow_substitute: bool,
    /// The migrations folder, relative to the project's root or absolute.
    pub migrations: PathBuf,
    /// The format; `None` is to be detected.
    pub format: Option<String>,
    /// How the files of the migrations are to be read, beyond the format.
    pub read_options: ReadOptions,
    /// The role that runs the migrations; `None` is the superuser.
    pub role: Option<String>,
    /// Roles to make before the first step.
    pub create_roles: Vec<String>,
    /// Server settings, by name.
    pub server_settings: BTreeMap<String, String>,
    /// Statements at the start of each migration session.
    pub prelude: Vec<String>,
    /// More tables that are left out of every comparison: `name` or `schema.name`.
    pub bookkeeping: Vec<String>,
    /// What exists before the first migration.
    pub base_schema: Option<PathBuf>,
    /// Functions that the application registers in SQLite, each with its number of arguments; -1 takes any.
    pub functions: BTreeMap<String, i32>,
    /// What the project's own tool finds in its environment, by name, with placeholders ([`Self::PLACEHOLDERS`]).
    pub environment: BTreeMap<String, String>,
    /// The Python that runs the project, relative to the project's root, absolute, or a name on the search path.
    pub python: Option<PathBuf>,
    /// What is imported and called around the project's tool: `module:name`.
    pub hook: Option<String>,
    /// The bind or the alias that this is of a project with several databases.
    pub alias: Option<String>,
    /// Steps that are not to be run.
    pub skip: Vec<Skip>,
    /// Objects and kinds of objects that are left out of every comparison.
    pub exclude: Vec<Exclusion>,
}

impl Database {
    /// What stands for the disposable database in `environment`: `${url}` and so on.
    pub const PLACEHOLDERS: [&str; 7] = ["url", "sqlalchemy_url", "host", "port", "user", "password", "name"];

    /// Why a migration is not to be run, where that is said of it.
    pub fn skip_reason(&self, migration: &str) -> Option<String> {
        self.skip.iter().find(|skip| skip.migration == migration).map(|skip| skip.reason.clone())
    }
}

/// A step that is not to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The id of the migration.
    pub migration: String,
    /// Why.
    pub reason: String,
}

/// Something that is left out of every comparison, with its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// What.
    pub what: Excluded,
    /// Why.
    pub reason: String,
}

/// What is left out of every comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Excluded {
    /// One object, as reports print it: `table public.spatial_ref_sys`.
    Object(String),
    /// All objects of a kind, which are not even read: `policy`, `event trigger`.
    Kind(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_make_a_project() {
        let engine = Some(EngineKind::Sqlite);
        let project = Project::from_flags("app".into(), engine, "db".into(), Some("sqlx".into())).unwrap();
        assert_eq!(project.fail_on, Some(Level::Error));
        assert_eq!(project.databases[0].engine, engine);
        assert_eq!(project.resolve(&project.databases[0].migrations), Path::new("app/db"));
        assert_eq!(project.resolve(Path::new("/db")), Path::new("/db"));

        let here = Project::from_flags(".".into(), None, "./db".into(), None).unwrap();
        assert_eq!(here.resolve(&here.databases[0].migrations).as_os_str(), "db");

        let error = |format: &str| Project::from_flags(".".into(), None, "db".into(), Some(format.into())).unwrap_err();
        let unknown = error("sqxl").to_string();
        assert!(unknown.starts_with("unknown format `sqxl`; expected one of sqlx (<version>_"), "{unknown}");
        assert!(unknown.ends_with("; did you mean `sqlx`?"), "{unknown}");
        for format in crate::history::formats() {
            assert!(unknown.contains(&format!("{} ({})", format.name(), format.looked_for())), "{unknown}");
        }
    }
}
