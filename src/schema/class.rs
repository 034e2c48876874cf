//! The classes of change, and which class an attribute belongs to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How grave a difference between two schemas is. The order is the order of gravity: the class of a step is the largest
/// class among its differences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// No difference at all.
    Exact,
    /// How rows are kept: fill factor, TOAST strategy, compression, statistics target, tablespace.
    Storage,
    /// A comment on an object.
    Comment,
    /// The generated name of a constraint or an index whose definition is the same.
    Name,
    /// The order of a table's columns.
    Order,
    /// An owner, a privilege, a security label.
    Privilege,
    /// Anything else: what queries and constraints see.
    Structure,
}

impl Class {
    /// The class of a change to the attribute called `name`.
    ///
    /// The catalog queries name their attributes so that this one table holds for every engine and every kind of object.
    pub fn of_attribute(name: &str) -> Self {
        let part = |of: &str| name.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'));
        match name {
            "column_order" => Self::Order,
            "not_null_constraint_name" | "identity_sequence_name" | "constraint_name" | "constraint_names" => {
                Self::Name
            }
            "security_labels" | "definer" => Self::Privilege,
            "compression" | "statistics_target" | "attribute_options" | "tablespace" | "clustered" => Self::Storage,
            _ if part("comment") => Self::Comment,
            _ if part("owner") || part("privileges") => Self::Privilege,
            _ if part("storage") => Self::Storage,
            _ => Self::Structure,
        }
    }

    /// The class of the coming and going of an object of this kind with these attributes: some objects are nothing but
    /// privileges, and some are there only while something is said of them.
    pub fn of_object<'a>(kind: &str, attributes: impl Iterator<Item = &'a str>) -> Self {
        match kind {
            "default-privileges" | "parameter" | "security-label" => Self::Privilege,
            _ if kind.ends_with(" privileges") => Self::Privilege,
            "implied-object" | "system-object" => attributes.map(Self::of_attribute).max().unwrap_or(Self::Structure),
            _ => Self::Structure,
        }
    }

    /// The lower-case word that reports use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Storage => "storage",
            Self::Comment => "comment",
            Self::Name => "name",
            Self::Order => "order",
            Self::Privilege => "privilege",
            Self::Structure => "structure",
        }
    }
}

impl std::fmt::Display for Class {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}
