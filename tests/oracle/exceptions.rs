//! What one side cannot show, as data: `postgres-exceptions.yml`.

use serde::Deserialize;

/// A difference that one side shows and the other cannot.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exception {
    /// Which side shows it, and how it looks there.
    #[serde(with = "serde_yaml::with::singleton_map")]
    pub(crate) only: Side,
    /// Why the other cannot, for its reader.
    #[serde(rename = "reason")]
    _reason: String,
    /// What shows that it is so.
    pub(crate) example: Example,
}

/// A side, and a difference in its words.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Side {
    /// A snapshot: the kind of the object and the attribute, `*` where objects come or go.
    Snapshot { kind: String, attribute: String },
    /// A dump: what the line that differs contains.
    Dump { contains: String },
}

/// Statements of which the last makes a difference on that side only.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Example {
    /// The oldest major version that knows the statements.
    #[serde(default)]
    pub(crate) since: u32,
    /// What has to be there.
    #[serde(default)]
    pub(crate) given: Vec<String>,
    /// What makes the difference.
    pub(crate) change: String,
}

/// The exceptions of a file.
pub(crate) fn read(text: &str) -> Vec<Exception> {
    serde_yaml::from_str(text).expect("the list of exceptions can be read")
}
