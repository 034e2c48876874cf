//! What a migrations folder holds.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::{HistoryError, ReadOptions};

/// The entries of a folder, ordered by name.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The folder.
    pub path: PathBuf,
    /// The folder, as it is to be printed.
    pub shown: PathBuf,
    /// What it holds.
    pub entries: Vec<Entry>,
    /// What the configuration says of how it is to be read.
    pub options: ReadOptions,
}

/// One entry of a folder.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name; bytes that are not UTF-8 are replaced.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// The path as it is to be printed.
    pub shown: PathBuf,
    /// What it is.
    pub kind: Kind,
}

/// What an entry of a folder is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A file, or a link that leads nowhere.
    File,
    /// A folder with its entries, whose own folders are not looked into.
    Folder(Vec<Entry>),
    /// A pipe, a socket, a device.
    Other,
}

impl Listing {
    /// How deep it looks: the names in the folder, and those in its folders.
    pub const DEPTH: usize = 2;

    /// How many levels of folders are read by a format whose tool reads folders within folders.
    pub const REACH: usize = 8;

    /// Reads the names in a folder and in its folders.
    ///
    /// # Errors
    /// The folder is missing, is a file, or it or one of its folders cannot be read.
    pub fn read(folder: &Path, shown_as: &Path) -> Result<Self, HistoryError> {
        match fs::metadata(folder) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Err(HistoryError::NotAFolder { path: shown_as.to_owned() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(HistoryError::NoFolder { folder: shown_as.to_owned() });
            }
            Err(source) => return Err(HistoryError::Unreadable { path: shown_as.to_owned(), source }),
        }
        Ok(Self {
            path: folder.to_owned(),
            shown: shown_as.to_owned(),
            entries: entries(folder, shown_as, Self::DEPTH - 1)?,
            options: ReadOptions::default(),
        })
    }

    /// The files.
    pub fn files(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| matches!(entry.kind, Kind::File))
    }

    /// The same folder read as far as a tool reads that looks into folders within folders.
    ///
    /// # Errors
    /// One of the folders cannot be read.
    pub fn whole(&self) -> Result<Self, HistoryError> {
        let entries = entries(&self.path, &self.shown, Self::REACH - 1)?;
        Ok(Self { entries, ..self.clone() })
    }

    /// The files in it and in all listed folders that are not hidden, ordered by path.
    pub fn all_files(&self) -> Vec<&Entry> {
        fn collect<'a>(entries: &'a [Entry], files: &mut Vec<&'a Entry>) {
            for entry in entries {
                match &entry.kind {
                    Kind::Folder(inner) if !entry.name.starts_with('.') => collect(inner, files),
                    Kind::File => files.push(entry),
                    Kind::Folder(_) | Kind::Other => {}
                }
            }
        }
        let mut files = Vec::new();
        collect(&self.entries, &mut files);
        files
    }

    /// The folders with what they hold.
    pub fn folders(&self) -> impl Iterator<Item = (&Entry, &[Entry])> {
        self.entries.iter().filter_map(|entry| match &entry.kind {
            Kind::Folder(inner) => Some((entry, inner.as_slice())),
            Kind::File | Kind::Other => None,
        })
    }
}

/// The path without the parts that lead nowhere: `.` in it, as where the project's own folder is named.
pub(super) fn tidied(path: &Path) -> PathBuf {
    path.components().filter(|part| !matches!(part, Component::CurDir)).collect()
}

/// What some editors put before a text in UTF-8.
const MARK: &str = "\u{feff}";

impl Entry {
    /// What this file holds, to the byte.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn bytes(&self) -> Result<Vec<u8>, HistoryError> {
        fs::read(&self.path).map_err(|source| HistoryError::Unreadable { path: self.shown.clone(), source })
    }

    /// The text of this file. A byte order mark is not part of it: it stands before the first line and shifts none.
    ///
    /// # Errors
    /// The file cannot be read, is not UTF-8, or holds a NUL byte.
    pub fn text(&self) -> Result<Arc<str>, HistoryError> {
        let text = self.text_with_mark()?;
        Ok(text.strip_prefix(MARK).map_or_else(|| Arc::clone(&text), Arc::from))
    }

    /// The same with the byte order mark that the file may begin with, for tools that send it as it stands: PostgreSQL, MySQL
    /// and MariaDB refuse it then, and SQLite takes it for white space.
    ///
    /// # Errors
    /// As [`Entry::text`].
    pub fn text_with_mark(&self) -> Result<Arc<str>, HistoryError> {
        let text = String::from_utf8(self.bytes()?).map_err(|error| HistoryError::NotUtf8 {
            path: self.shown.clone(),
            offset: error.utf8_error().valid_up_to(),
        })?;
        if let Some(offset) = text.find('\0') {
            return Err(HistoryError::NulByte { path: self.shown.clone(), offset });
        }
        Ok(Arc::from(text))
    }

    /// Whether nobody would take this for a migration, so that it is never worth a word: a hidden file, a text for
    /// people, the code that embeds the folder (but not code under a number: that may be a step in another language), a
    /// build or checksum file, a folder without anything in it.
    pub fn is_harmless(&self) -> bool {
        const PROSE: &[&str] = &["md", "markdown", "txt", "rst", "adoc"];
        const CODE: &[&str] =
            &["rs", "go", "py", "ts", "js", "mjs", "rb", "java", "kt", "cs", "ex", "php", "sh", "nix"];
        const BUILD: &[&str] = &["toml", "lock", "sum", "bazel", "yml", "yaml", "json", "mk", "gradle"];
        const NAMES: &[&str] =
            &["README", "LICENSE", "CODEOWNERS", "OWNERS", "Makefile", "Justfile", "justfile", "Dockerfile", "BUILD"];
        if self.name.starts_with('.') {
            return true;
        }
        match &self.kind {
            Kind::Folder(inner) => self.name == "__pycache__" || inner.iter().all(Self::is_hidden),
            Kind::Other => false,
            Kind::File => {
                let extension = Path::new(&self.name).extension().and_then(|extension| extension.to_str());
                let numbered = self.name.starts_with(|c: char| c.is_ascii_digit());
                NAMES.contains(&self.name.as_str())
                    || extension.is_some_and(|extension| {
                        PROSE.contains(&extension)
                            || (!numbered && (CODE.contains(&extension) || BUILD.contains(&extension)))
                    })
            }
        }
    }

    fn is_hidden(&self) -> bool {
        self.name.starts_with('.')
    }
}

/// The entries of a folder, ordered by name; `depth` is how many levels of its folders are read too.
fn entries(folder: &Path, shown_as: &Path, depth: usize) -> Result<Vec<Entry>, HistoryError> {
    let unreadable = |source| HistoryError::Unreadable { path: shown_as.to_owned(), source };
    let mut list = Vec::new();
    for item in fs::read_dir(folder).map_err(unreadable)? {
        let item = item.map_err(unreadable)?;
        let (path, shown) = (item.path(), shown_as.join(item.file_name()));
        let name = item.file_name().to_string_lossy().into_owned();
        // Links are followed, as the tools do; one that leads nowhere fails when its text is wanted.
        let kind = match fs::metadata(&path) {
            Ok(found) if found.is_dir() && (depth == 0 || name.starts_with('.')) => Kind::Folder(Vec::new()),
            Ok(found) if found.is_dir() => Kind::Folder(entries(&path, &shown, depth - 1)?),
            Ok(found) if found.is_file() => Kind::File,
            Ok(_) => Kind::Other,
            Err(_) => Kind::File,
        };
        list.push(Entry { name, path, shown, kind });
    }
    list.sort_by(|a, b| a.path.file_name().cmp(&b.path.file_name()));
    Ok(list)
}
