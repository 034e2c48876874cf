//! What kind of file a path leads to.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::what::THERE_IS;
use crate::dump::{FileKind, Origin, kind_of, origin_of};
use crate::report::SchemaReport;
use crate::suggest;

/// How much of a file is looked at.
const HEAD: u64 = 1 << 16;

/// A file that holds a schema.
pub(super) enum Found {
    /// A database of SQLite.
    SqliteDatabase(PathBuf),
    /// A dump.
    Dump {
        /// The file.
        file: PathBuf,
        /// What its first lines tell.
        origin: Origin,
    },
    /// A schema that was printed before.
    Kept(Box<SchemaReport>),
}

/// What `path` leads to.
///
/// # Errors
/// There is nothing, or nothing that holds a schema. `ids` are those of the project's migrations, which are easily typed
/// without their sign.
pub(super) fn find(path: &Path, ids: &[&str]) -> Result<Found, String> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Err(missing(path, ids));
        }
        Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
    };
    if metadata.is_dir() {
        return Err(format!("{} is a folder; {THERE_IS}", path.display()));
    }
    if !metadata.is_file() {
        return Err(format!(
            "{} is no ordinary file, and a dump is read twice; write it to a file first",
            path.display()
        ));
    }
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    read.map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    match kind_of(&head) {
        FileKind::SqliteDatabase => Ok(Found::SqliteDatabase(path.to_owned())),
        FileKind::Sql => {
            let origin = origin_of(&String::from_utf8_lossy(&head));
            Ok(Found::Dump { file: path.to_owned(), origin })
        }
        kind @ (FileKind::Json | FileKind::Yaml) => {
            let text = fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            let kept = SchemaReport::read(&text, kind == FileKind::Yaml);
            kept.map(|report| Found::Kept(Box::new(report))).map_err(|reason| format!("{} {reason}", path.display()))
        }
        FileKind::Other(reason) => Err(format!("{} {reason}", path.display())),
        FileKind::Empty => {
            Err(format!("{} is empty; a dump of an empty schema still has its first lines", path.display()))
        }
    }
}

fn missing(path: &Path, ids: &[&str]) -> String {
    let text = path.display().to_string();
    let words = ["head", "base", "empty"].iter().chain(ids).copied();
    let near = suggest::near(&text, words);
    let exact = ids
        .iter()
        .copied()
        .filter(|id| *id == text || id.strip_prefix(&text).is_some_and(|rest| rest.starts_with('_')));
    let mut near: Vec<&str> = exact.chain(near).collect();
    near.dedup();
    let near: Vec<String> = near.iter().take(3).map(|near| format!("`@{near}`")).collect();
    let hint = if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) };
    format!("there is no file {text}{hint}\n{THERE_IS}")
}
