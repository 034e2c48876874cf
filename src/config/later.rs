//! What the contract of rollproof.yml names and this version cannot do yet. Such a key is never ignored silently. A version
//! that learns one of them deletes its word here and reads it in `database.rs`.

use thiserror::Error;

use crate::suggest::hint;

/// Keys of a database that are not supported yet.
pub(super) const KEYS: [&str; 2] = ["models", "models-exclude"];

/// The names of the formats that this version reads, as the room of formats lists them.
fn known() -> Vec<&'static str> {
    crate::history::formats().iter().map(|format| format.name()).collect()
}

/// Each with the names of the files that it reads.
fn described() -> Vec<String> {
    crate::history::formats().iter().map(|format| format!("{} ({})", format.name(), format.looked_for())).collect()
}

/// A name of a format that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FormatError {
    /// No format at all.
    #[error("unknown format `{name}`; expected one of {known}{hint}", known = described().join(", "))]
    Unknown {
        /// What was found.
        name: String,
        /// The format that may have been meant, as the end of a sentence.
        hint: String,
    },
}

/// Whether this version reads the format `name`, from the file or from a flag.
///
/// # Errors
/// Says which formats there are.
pub fn check_format(name: &str) -> Result<(), FormatError> {
    if known().contains(&name) {
        Ok(())
    } else {
        Err(FormatError::Unknown { name: name.to_owned(), hint: hint(name, known()) })
    }
}

/// Whether this version takes a key of a database that the contract names.
pub fn is_supported(key: &str) -> bool {
    !KEYS.contains(&key)
}

/// The problem of a key whose capability comes with a later version.
pub(super) fn unsupported(key: &str) -> String {
    format!("`{key}` is not supported by this version of rollproof")
}
