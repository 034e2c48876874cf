//! Where the migrations of a database are, and how they are to be read.

use std::path::PathBuf;

use super::database::{require, written_values};
use super::field::{Field, unknown_key};
use super::read::tidy;
use super::{Place, Problem, check_format};
use crate::history::{GroupBy, ReadOptions};
use crate::yaml::Node;

/// The keys of `migrations`.
const KEYS: [&str; 6] = ["format", "path", "locations", "placeholders", "group-by", "database"];
const PATH: &str = "the path of the migrations folder";

/// What `migrations` says.
pub(super) struct Migrations {
    /// The folder; empty where its path is unusable, which has been told then.
    pub(super) folder: PathBuf,
    /// The format; `None` is to be detected.
    pub(super) format: Option<String>,
    /// How the files are to be read.
    pub(super) options: ReadOptions,
    /// The bind or the alias of a project with several databases.
    pub(super) database: Option<String>,
    /// Where the path stands.
    pub(super) place: Place,
}

/// Reads `migrations`: a path, or a mapping.
pub(super) fn migrations(field: &Field<'_>, node: &Node, problems: &mut Vec<Problem>) -> Migrations {
    let mut read = Migrations {
        folder: PathBuf::new(),
        format: None,
        options: ReadOptions::default(),
        database: None,
        place: node.place,
    };
    let Some(entries) = node.entries() else {
        let text = field.text("a path, or a mapping with the keys `format` and `path`", problems);
        read.folder = text.map(tidy).unwrap_or_default();
        return read;
    };
    for entry in entries {
        let field = Field::of(entry);
        match entry.key.as_str() {
            "path" => {
                read.folder = field.text(PATH, problems).map(tidy).unwrap_or_default();
                read.place = field.place();
            }
            "format" => {
                read.format = field.text("the name of a format", problems).map(str::to_owned);
                if let Some(Err(error)) = read.format.as_deref().map(check_format) {
                    problems.push(Problem::new(field.place(), error.to_string()));
                }
            }
            "database" => read.database = field.text("the name of a bind or an alias", problems).map(str::to_owned),
            "locations" => {
                let (paths, _) = field.texts("paths of more folders of migrations", problems);
                read.options.locations = paths.iter().map(tidy).collect();
            }
            "placeholders" => {
                read.options.placeholders =
                    written_values(&field, "of placeholders and their values", "placeholder", problems);
            }
            "group-by" => {
                read.options.group_by = field.one_of(&[("version-prefix", GroupBy::VersionPrefix)], problems);
            }
            _ => problems.push(unknown_key(entry, &KEYS)),
        }
    }
    require(node, "path", PATH, problems);
    read
}
