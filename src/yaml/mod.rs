//! A YAML text as a tree in which every key and value knows its line and column; for every YAML file of which problems
//! are told: rollproof.yml and the rule files.
//!
//! Scalars keep their text; what a plain one stands for is asked with [`Scalar::kind`], by the core schema of YAML 1.2
//! (section 10.3.2 of the specification), in which `off`, `yes` and `1_000` are text.

mod build;
mod problem;
mod scalar;

pub use build::decode;
pub use problem::{Place, Problem};
pub use scalar::{Scalar, ScalarKind};

/// A value and where it begins. A value that is left out (`key:`) has the place of its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where its text begins. A value that is used through an alias has the place where it is written out.
    pub place: Place,
    /// What it is.
    pub content: Content,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A text, a number, a boolean or null.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values, in the order of the text. No key is there twice.
    Mapping(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key. All keys are text: `1:` has the key `1`.
    pub key: String,
    /// Where the key begins.
    pub place: Place,
    /// The value.
    pub value: Node,
}

/// Reads a text that is to hold one document, as far as that is possible, so that what it says can be checked in the same
/// go: with a duplicate key there is still a tree, with a syntax error there is none. What is wrong is added to `problems`.
/// For a text without content the tree is an empty plain scalar, which stands for null.
pub fn document(text: &str, problems: &mut Vec<Problem>) -> Option<Node> {
    let mut documents = documents(text, problems)?.into_iter();
    let root = documents.next().unwrap_or_else(Node::null);
    problems.extend(documents.map(|second| {
        let message = "a second document begins here; expected one document in the file, remove the `---`";
        Problem::new(second.place, message)
    }));
    Some(root)
}

/// As [`document`], for a text that may hold any number of documents, one behind the other.
pub fn documents(text: &str, problems: &mut Vec<Problem>) -> Option<Vec<Node>> {
    build::build(text, problems)
}

impl Node {
    /// What a text without content stands for.
    fn null() -> Self {
        Self { place: Place::START, content: Content::Scalar(Scalar { text: String::new(), plain: true }) }
    }

    /// The line where it begins, counted from 1.
    pub fn line(&self) -> usize {
        self.place.line
    }

    /// The entry of a mapping.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries()?.iter().find(|entry| entry.key == key)
    }

    /// The entries, if it is a mapping.
    pub fn entries(&self) -> Option<&[Entry]> {
        match &self.content {
            Content::Mapping(entries) => Some(entries),
            Content::Scalar(_) | Content::Sequence(_) => None,
        }
    }

    /// The items, if it is a list.
    pub fn items(&self) -> Option<&[Self]> {
        match &self.content {
            Content::Sequence(items) => Some(items),
            Content::Scalar(_) | Content::Mapping(_) => None,
        }
    }

    /// The scalar, if it is one.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.content {
            Content::Scalar(scalar) => Some(scalar),
            Content::Sequence(_) | Content::Mapping(_) => None,
        }
    }

    /// The text of a scalar as it is written, whatever it stands for.
    pub fn written(&self) -> Option<&str> {
        self.scalar().map(|scalar| scalar.text.as_str())
    }

    /// Whether it stands for nothing, as the value of a key does that is left out.
    pub fn is_null(&self) -> bool {
        self.scalar().is_some_and(|scalar| scalar.kind() == ScalarKind::Null)
    }

    /// The text, if it is a scalar that stands for text.
    pub fn text(&self) -> Option<&str> {
        self.scalar().filter(|scalar| scalar.kind() == ScalarKind::Text).map(|scalar| scalar.text.as_str())
    }
}

#[cfg(test)]
mod tests;
