//! What a schema is made of: objects with an id and attributes.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

/// The attributes of an object, by name. An attribute that is absent is the engine's default.
pub type Attributes = BTreeMap<Arc<str>, Value>;

/// Names one object of a schema.
///
/// A kind with a space is a part of another object: the id of kind `table column` and path `[public, releases, yanked]`
/// names the column `yanked` of the object of kind `table` and path `[public, releases]`. It prints as
/// `table public.releases column yanked`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    /// What it is, in lower case: `table`, `table column`, `materialized-view`.
    pub kind: Arc<str>,
    /// Its qualified name, outermost part first.
    pub path: Vec<Arc<str>>,
}

impl ObjectId {
    /// An id from its kind and the parts of its name.
    pub fn new(kind: &str, path: &[&str]) -> Self {
        Self { kind: kind.into(), path: path.iter().map(|part| Arc::from(*part)).collect() }
    }

    /// The object that this one is a part of, if its kind says that it is a part.
    pub fn parent(&self) -> Option<Self> {
        let (parent_kind, _) = self.kind.rsplit_once(' ')?;
        let (_, parent_path) = self.path.split_last()?;
        Some(Self { kind: parent_kind.into(), path: parent_path.to_vec() })
    }

    /// Which of `wholes` prints as it, or as something that it is a part of.
    pub fn whole_among<'w>(&self, wholes: &'w [String]) -> Option<&'w String> {
        let mut at = Some(self.clone());
        while let Some(id) = at {
            let printed = id.to_string();
            if let Some(whole) = wholes.iter().find(|whole| **whole == printed) {
                return Some(whole);
            }
            at = id.parent();
        }
        None
    }

    /// The last part of its name.
    pub fn name(&self) -> &str {
        self.path.last().map_or("", |name| name)
    }

    /// The kind without the parent's: `column` for a `table column`.
    pub fn own_kind(&self) -> &str {
        self.kind.rsplit_once(' ').map_or(&self.kind, |(_, own)| own)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parent() {
            Some(parent) => write!(f, "{parent} {} {}", self.own_kind(), self.name()),
            None => write!(f, "{} {}", self.kind.replace('-', " "), self.path.join(".")),
        }
    }
}

/// One object as a snapshot holds it.
#[derive(Clone, Debug)]
pub struct Object {
    /// What stays the same when the object is renamed (an oid, a column number); never compared, only used to tell a
    /// rename from a removal and an addition.
    pub identity: Option<Box<str>>,
    /// Everything that is compared.
    pub attributes: Attributes,
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.attributes == other.attributes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_names_its_whole() {
        let column = ObjectId::new("table column", &["public", "releases", "yanked"]);
        assert_eq!(column.to_string(), "table public.releases column yanked");
        assert_eq!(column.parent(), Some(ObjectId::new("table", &["public", "releases"])));
        assert_eq!(ObjectId::new("materialized-view", &["public", "v"]).to_string(), "materialized view public.v");
    }
}
