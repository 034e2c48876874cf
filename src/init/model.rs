//! What was found, as plain data.

use std::path::PathBuf;

use crate::evidence::EngineClue;

/// A fact, and what tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known<T> {
    /// The fact.
    pub value: T,
    /// What tells it: `docker-compose.yml, service db`.
    pub from: String,
}

/// Everything that a project's files tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The migration folders that this version reads, one for each database.
    pub databases: Vec<FoundDatabase>,
    /// What keeps migrations in ways that this version does not read.
    pub others: Vec<FoundTool>,
    /// What says how the schema should be, where no file tells the schema of which database.
    pub models: Vec<FoundModel>,
    /// What was passed over and why, each a sentence without its end.
    pub notes: Vec<String>,
}

/// A folder of migrations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundDatabase {
    /// A name for it, unlike the others'.
    pub name: String,
    /// The product, where the files tell.
    pub engine: Option<EngineClue>,
    /// What names the products, where files name different ones.
    pub undecided: Vec<EngineClue>,
    /// The image that the project itself runs.
    pub image: Option<Known<String>>,
    /// More images of that product, which other files run.
    pub other_images: Vec<Known<String>>,
    /// The folder, relative to the project's.
    pub migrations: PathBuf,
    /// What says how its schema should be.
    pub models: Vec<FoundModel>,
    /// The format, or why it cannot be told.
    pub format: Result<&'static str, String>,
    /// How many migrations it holds, and how many of them have a down script; or why it cannot be read.
    pub counts: Result<(usize, usize), String>,
}

/// A tool whose migrations this version does not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundTool {
    /// The name that people know.
    pub title: &'static str,
    /// The name that its format has in the configuration; `None` where no version is planned to read it.
    pub format: Option<&'static str>,
    /// What tells it: a file or a folder, relative to the project's.
    pub from: String,
    /// Where its migrations lie, as far as that is told.
    pub path: Option<PathBuf>,
}

/// A description of the schema beside the migrations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundModel {
    /// The name of its kind in the configuration.
    pub format: &'static str,
    /// Where it is, relative to the project's folder.
    pub path: PathBuf,
}
