//! What of a schema could not be read.

use std::sync::Arc;

/// Kinds of objects that a snapshot tells nothing about, because the server refused to show them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unreadable {
    /// The kinds, as [`ObjectId`](super::ObjectId) holds them.
    pub kinds: Vec<Arc<str>>,
    /// What the server did not show: `pg_policy`, or a function that the question needs.
    pub catalog: String,
    /// The role that asked.
    pub role: String,
    /// The server's words.
    pub reason: String,
    /// What would help, as a clause.
    pub help: String,
}

impl Unreadable {
    /// The kinds as reports print them: `table policy`, `event trigger`.
    pub fn printed_kinds(&self) -> Vec<String> {
        self.kinds.iter().map(|kind| printed(kind)).collect()
    }
}

/// A kind as reports print it.
pub fn printed(kind: &str) -> String {
    kind.replace('-', " ")
}

/// Whether a user who says `name` means objects of this kind, with the kind that it is a part of: `policy` and `table
/// policy` name a policy, and so does `table`, whose parts go with it.
pub fn names_kind(name: &str, kind: &str) -> bool {
    let name = printed(name.trim());
    let mut whole = Some(kind);
    while let Some(at) = whole {
        let split = at.rsplit_once(' ');
        if printed(at) == name || split.is_some_and(|(_, own)| printed(own) == name) {
            return true;
        }
        whole = split.map(|(parent, _)| parent);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_a_short_and_a_long_name_and_goes_with_its_whole() {
        for (name, kind, named) in [
            ("policy", "table policy", true),
            ("table policy", "table policy", true),
            ("table", "table policy", true),
            ("table", "table", true),
            ("table", "foreign-table column", false),
            ("foreign table", "foreign-table column", true),
            ("foreign-table", "foreign-table", true),
            ("column", "foreign-table column", true),
            ("event trigger", "event-trigger", true),
            ("trigger", "event-trigger", false),
            ("policies", "table policy", false),
        ] {
            assert_eq!(names_kind(name, kind), named, "{name} {kind}");
        }
    }
}
