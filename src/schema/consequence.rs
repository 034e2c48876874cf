//! Which changes follow from others, so that a report tells five differences in five lines.
//!
//! A renamed table stands in the definition of every view on it, a column of a partitioned table in every partition, a
//! serial column brings its sequence. Each of these is a difference and stays in the list; but it is told with its cause.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::tokens::{Token, tokens};
use super::{Change, ChangeKind, Object, ObjectId, Snapshot};

/// Marks each change that follows from another one in the list with the object of that one.
pub(super) fn mark(changes: &mut [Change], before: &Snapshot, after: &Snapshot) {
    if changes.len() < 2 {
        return;
    }
    let snapshots = [before, after];
    let names = Renames::of(changes);
    let index = Index::of(changes);
    let causes: Vec<Option<ObjectId>> = changes
        .iter()
        .map(|change| {
            names
                .cause(change)
                .or_else(|| index.of_its_own(change))
                .or_else(|| index.of_extension(change))
                .or_else(|| index.of_what_implies_it(change))
                .or_else(|| index.of_schema(change))
                .or_else(|| index.of_view(change))
                .or_else(|| index.of_primary_key(change))
                .or_else(|| index.of_owning_column(change))
                .or_else(|| index.of_parent_table(change, snapshots))
        })
        .collect();
    for (change, cause) in changes.iter_mut().zip(causes) {
        change.follows = cause;
    }
    settle(changes);
}

/// Names the first cause of each: a partition's index follows the partition, which follows its parent. What would come
/// back to itself stands in its own right.
fn settle(changes: &mut [Change]) {
    let next: BTreeMap<ObjectId, ObjectId> = changes
        .iter()
        .filter_map(|change| Some((change.object.clone(), change.follows.clone()?)))
        .filter(|(object, cause)| object != cause)
        .collect();
    let in_its_own_right: BTreeSet<ObjectId> =
        changes.iter().filter(|change| change.follows.is_none()).map(|change| change.object.clone()).collect();
    for change in changes {
        let Some(mut cause) = change.follows.take() else { continue };
        for _ in 0..next.len() {
            match next.get(&cause) {
                Some(further) if !in_its_own_right.contains(&cause) => cause = further.clone(),
                _ => break,
            }
        }
        change.follows = in_its_own_right.contains(&cause).then_some(cause);
    }
}

/// Which words became which by renames.
struct Renames {
    /// By the old and the new word: what was renamed, and how long its name is in parts.
    words: BTreeMap<(String, String), (ObjectId, usize)>,
}

impl Renames {
    fn of(changes: &[Change]) -> Self {
        let mut words = BTreeMap::new();
        for change in changes {
            let ChangeKind::Renamed { from } = &change.kind else { continue };
            let (was, is) = (&from.path, &change.object.path);
            if was.len() != is.len() {
                continue;
            }
            for (was, is) in was.iter().zip(is).filter(|(was, is)| was != is) {
                let entry = words.entry((was.to_string(), is.to_string()));
                let known = entry.or_insert_with(|| (change.object.clone(), is.len()));
                if change.object.path.len() < known.0.path.len() {
                    *known = (change.object.clone(), change.object.path.len());
                }
            }
        }
        Self { words }
    }

    /// The rename that makes all the difference between what was and what is.
    fn cause(&self, change: &Change) -> Option<ObjectId> {
        if self.words.is_empty() {
            return None;
        }
        let cause = match &change.kind {
            ChangeKind::Altered { before: Some(before), after: Some(after), .. } => self.between(before, after),
            ChangeKind::Renamed { from } => {
                // A schema's new name is the reason for that of its table, and never the other way round.
                let shorter = |cause: &ObjectId| cause.path.len() < change.object.path.len();
                let parts = from.path.iter().zip(&change.object.path);
                let mut found = None;
                for (was, is) in parts.filter(|(was, is)| was != is) {
                    found = Some(self.between_texts(was, is)?).filter(shorter);
                    found.as_ref()?;
                }
                found
            }
            _ => None,
        };
        cause.filter(|cause| *cause != change.object)
    }

    fn between(&self, before: &Value, after: &Value) -> Option<ObjectId> {
        match (before, after) {
            (Value::String(before), Value::String(after)) => self.between_texts(before, after),
            (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
                self.between_all(before.iter().zip(after))
            }
            (Value::Object(before), Value::Object(after)) if before.keys().eq(after.keys()) => {
                self.between_all(before.values().zip(after.values()))
            }
            _ => None,
        }
    }

    fn between_all<'v>(&self, values: impl Iterator<Item = (&'v Value, &'v Value)>) -> Option<ObjectId> {
        let mut found = None;
        for (before, after) in values.filter(|(before, after)| before != after) {
            found = Some(self.between(before, after)?);
        }
        found
    }

    /// Word by word; a column that a view renames back (`new AS old`) is the same difference.
    fn between_texts(&self, before: &str, after: &str) -> Option<ObjectId> {
        let (before, after) = (tokens(before), tokens(after));
        let mut is = after.iter().peekable();
        let mut found = None;
        for was in &before {
            let now = is.next()?;
            if was == now {
                continue;
            }
            let (cause, _) = self.words.get(&(was.name().to_owned(), now.name().to_owned()))?;
            found = Some(cause.clone());
            let mut ahead = is.clone();
            let renames_back = ahead.next().is_some_and(|word| word.name().eq_ignore_ascii_case("as"))
                && ahead.next().map(Token::name) == Some(was.name());
            if renames_back {
                is = ahead;
            }
        }
        is.next().is_none().then_some(found).flatten()
    }
}

/// The changes by what they are about.
struct Index<'c> {
    by_object: BTreeMap<&'c ObjectId, Vec<&'c Change>>,
    /// The parts that changed of each object.
    by_whole: BTreeMap<ObjectId, Vec<&'c ObjectId>>,
    /// What came or went as a whole, by the last part of its name.
    by_name: BTreeMap<&'c str, Vec<&'c Change>>,
}

impl<'c> Index<'c> {
    fn of(changes: &'c [Change]) -> Self {
        let mut by_object: BTreeMap<&ObjectId, Vec<&Change>> = BTreeMap::new();
        for change in changes {
            by_object.entry(&change.object).or_default().push(change);
        }
        let mut by_whole: BTreeMap<ObjectId, Vec<&ObjectId>> = BTreeMap::new();
        for id in by_object.keys() {
            if let Some(whole) = id.parent() {
                by_whole.entry(whole).or_default().push(id);
            }
        }
        let whole = changes.iter().filter(|change| is_whole(change) && !is_implied(&change.object));
        let mut by_name: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
        for change in whole.filter(|change| change.object.parent().is_none()) {
            by_name.entry(change.object.name()).or_default().push(change);
        }
        Self { by_object, by_whole, by_name }
    }

    /// The parts of this object that changed.
    fn parts(&self, whole: &ObjectId) -> impl Iterator<Item = &'c ObjectId> {
        self.by_whole.get(whole).into_iter().flatten().copied()
    }

    /// What an engine makes along with an object and names after it: the functions of a range type.
    fn of_what_implies_it(&self, change: &Change) -> Option<ObjectId> {
        if !is_implied(&change.object) {
            return None;
        }
        let words = tokens(change.object.name());
        let named = words.iter().filter_map(|word| self.by_name.get(word.name())).flatten();
        named.filter(|cause| same_fate(cause, change)).map(|cause| cause.object.clone()).next()
    }

    fn at(&self, id: &ObjectId) -> &[&'c Change] {
        self.by_object.get(id).map(Vec::as_slice).unwrap_or_default()
    }

    /// What an attribute of an object brings along in others: NOT NULL its constraint's name, an identity its sequence.
    fn of_its_own(&self, change: &Change) -> Option<ObjectId> {
        let ChangeKind::Altered { attribute, .. } = &change.kind else { return None };
        let cause = match &**attribute {
            "not_null" | "identity" => return None,
            name if name.contains("not_null") => "not_null",
            name if name.contains("identity") => "identity",
            _ => return None,
        };
        self.at(&change.object).iter().any(|other| alters(other, cause)).then(|| change.object.clone())
    }

    /// What an extension's update did to its members.
    fn of_extension(&self, change: &Change) -> Option<ObjectId> {
        let extension = change.object.parent().filter(|whole| &*whole.kind == "extension")?;
        self.at(&extension).iter().any(|cause| alters(cause, "version")).then_some(extension)
    }

    /// What came or went together with the schema that it is in.
    fn of_schema(&self, change: &Change) -> Option<ObjectId> {
        let [schema, _, ..] = change.object.path.as_slice() else { return None };
        if !is_whole(change) || change.object.kind.contains(' ') {
            return None;
        }
        let schema = ObjectId::new("schema", &[schema]);
        self.at(&schema).iter().any(|cause| same_fate(cause, change)).then_some(schema)
    }

    /// A column of a view, where the view's definition says it.
    fn of_view(&self, change: &Change) -> Option<ObjectId> {
        let view = change.object.parent().filter(|view| view.kind.ends_with("view"))?;
        let redefined = self.at(&view).iter().any(|cause| alters(cause, "definition"));
        (redefined && change.object.own_kind() == "column").then_some(view)
    }

    /// A column that may hold no nulls any more because a primary key came (PostgreSQL manual, "Primary Keys").
    fn of_primary_key(&self, change: &Change) -> Option<ObjectId> {
        let ChangeKind::Altered { attribute, .. } = &change.kind else { return None };
        if !attribute.starts_with("not_null") || change.object.own_kind() != "column" {
            return None;
        }
        let table = change.object.parent()?;
        let keys = self.parts(&table).filter(|id| id.own_kind() == "constraint");
        let mut keys = keys.flat_map(|id| self.at(id).iter().map(move |change| (id, *change)));
        let key = keys.find(|(_, key)| match &key.kind {
            ChangeKind::Added(key) => {
                text(key, "type") == Some("primary key")
                    && text(key, "definition")
                        .is_some_and(|text| tokens(text).iter().any(|token| token.name() == change.object.name()))
            }
            _ => false,
        });
        key.map(|(id, _)| id.clone())
    }

    /// A sequence that came or went with the column that owns it.
    fn of_owning_column(&self, change: &Change) -> Option<ObjectId> {
        let (ChangeKind::Added(sequence) | ChangeKind::Removed(sequence)) = &change.kind else { return None };
        let owner = names(text(sequence, "owned_by")?);
        let (_, table) = owner.split_last()?;
        let ids = [
            ObjectId { kind: "table column".into(), path: owner.clone() },
            ObjectId { kind: "table".into(), path: table.to_vec() },
        ];
        ids.into_iter().find(|id| self.at(id).iter().any(|cause| same_fate(cause, change)))
    }

    /// A partition, or a table that inherits, where the parent changed in the same way.
    fn of_parent_table(&self, change: &Change, snapshots: [&Snapshot; 2]) -> Option<ObjectId> {
        let table = if &*change.object.kind == "table" { change.object.clone() } else { change.object.parent()? };
        let parents = match &change.kind {
            ChangeKind::Added(object) | ChangeKind::Removed(object) if table == change.object => parents(object),
            _ => snapshots.iter().rev().find_map(|snapshot| snapshot.get(&table)).map(parents).unwrap_or_default(),
        };
        parents.into_iter().find_map(|parent| {
            let parent = ObjectId { kind: "table".into(), path: parent };
            if change.object == table {
                return self.at(&parent).iter().any(|cause| same_change(cause, change)).then_some(parent);
            }
            let parts = self.parts(&parent).filter(|id| id.kind == change.object.kind);
            let mut parts = parts.filter(|id| id.name() == change.object.name() || is_of_parent(change));
            parts.find(|id| self.at(id).iter().any(|cause| same_change(cause, change))).cloned()
        })
    }
}

/// The tables that this one is a partition or an heir of.
fn parents(table: &Object) -> Vec<Vec<std::sync::Arc<str>>> {
    let heirs = table.attributes.get("inherits").and_then(Value::as_array).into_iter().flatten();
    let all = table.attributes.get("partition_of").into_iter().chain(heirs);
    all.filter_map(Value::as_str).map(names).collect()
}

/// The parts of a name as PostgreSQL writes it, without their quotes.
fn names(text: &str) -> Vec<std::sync::Arc<str>> {
    let words = tokens(text);
    words.iter().map(Token::name).filter(|word| *word != ".").map(std::sync::Arc::from).collect()
}

fn text<'o>(object: &'o Object, attribute: &str) -> Option<&'o str> {
    object.attributes.get(attribute).and_then(Value::as_str)
}

fn is_implied(id: &ObjectId) -> bool {
    &*id.kind == "implied-object"
}

fn is_whole(change: &Change) -> bool {
    matches!(change.kind, ChangeKind::Added(_) | ChangeKind::Removed(_))
}

fn alters(change: &Change, name: &str) -> bool {
    matches!(&change.kind, ChangeKind::Altered { attribute, .. } if &**attribute == name)
}

fn same_fate(one: &Change, other: &Change) -> bool {
    matches!(
        (&one.kind, &other.kind),
        (ChangeKind::Added(_), ChangeKind::Added(_)) | (ChangeKind::Removed(_), ChangeKind::Removed(_))
    )
}

/// Whether the engine made this part because the parent table has it.
fn is_of_parent(change: &Change) -> bool {
    match &change.kind {
        ChangeKind::Added(object) | ChangeKind::Removed(object) => object.attributes.contains_key("of_parent"),
        _ => false,
    }
}

/// Whether two objects changed alike: both came or went with one definition, or one attribute of both did the same.
fn same_change(one: &Change, other: &Change) -> bool {
    match (&one.kind, &other.kind) {
        (
            ChangeKind::Altered { attribute, before, after },
            ChangeKind::Altered { attribute: name, before: was, after: is },
        ) => attribute == name && (attribute.ends_with("order") || (before == was && after == is)),
        (ChangeKind::Renamed { from: one }, ChangeKind::Renamed { from: other }) => one.name() == other.name(),
        (ChangeKind::Added(part), ChangeKind::Added(other))
        | (ChangeKind::Removed(part), ChangeKind::Removed(other)) => {
            // A partition has more to tell of itself than its parent's name for it.
            let inherited =
                |name: &str| name.contains("local") || name == "of_parent" || name.contains("constraint_name");
            let names = part.attributes.keys().chain(other.attributes.keys()).filter(|name| !inherited(name));
            let is_table = one.object.parent().is_none();
            is_table || names.into_iter().all(|name| part.attributes.get(name) == other.attributes.get(name))
        }
        _ => false,
    }
}
