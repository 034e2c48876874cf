//! Which object of the later snapshot is which of the earlier one.
//!
//! By name, but for two cases. What has another name and the same identity (an oid, a column's number) was renamed, and its
//! parts went along with it. Constraints and indexes of one table are matched by their definition before their name, since
//! engines make names up, and nobody queries by them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::{Attributes, Class, Object, ObjectId, Snapshot};

type Objects<'s> = BTreeMap<&'s ObjectId, &'s Arc<Object>>;

/// An object that is in both snapshots, and not the same.
pub(super) struct Pair<'s> {
    pub(super) from: &'s ObjectId,
    pub(super) old: &'s Arc<Object>,
    pub(super) to: &'s ObjectId,
    pub(super) new: &'s Arc<Object>,
    /// Whether its own name differs; the parts of a renamed object were not renamed.
    pub(super) renamed: bool,
}

impl Pair<'_> {
    /// Whether only a name differs, of a constraint or an index, that the engine made up on one side at least.
    pub(super) fn name_was_generated(&self) -> bool {
        let made_up = |id: &ObjectId, object: &Object| generated_name(id) || named_by_column(id, object);
        matched_by_definition(self.to) && (made_up(self.from, self.old) || made_up(self.to, self.new))
    }
}

/// Two snapshots as far as they differ.
#[derive(Default)]
pub(super) struct Matched<'s> {
    pub(super) pairs: Vec<Pair<'s>>,
    removed: Objects<'s>,
    added: Objects<'s>,
}

impl<'s> Matched<'s> {
    pub(super) fn of(before: &'s Snapshot, after: &'s Snapshot) -> Self {
        let mut this = Self::default();
        before.each_difference(after, |old, new| match (old, new) {
            (None, Some((id, object))) => {
                this.added.insert(id, object);
            }
            (Some((id, object)), None) => {
                this.removed.insert(id, object);
            }
            (Some((from, old)), Some((to, new))) => this.pairs.push(Pair { from, old, to, new, renamed: false }),
            (None, None) => (),
        });
        if before.shares_identities_with(after) {
            this.match_by_identity();
        }
        this.match_by_definition();
        this
    }

    /// What was removed, without the parts of what was removed as a whole.
    pub(super) fn removed_wholes(&self) -> impl Iterator<Item = (&'s ObjectId, &'s Arc<Object>)> {
        wholes(&self.removed)
    }

    /// What was added, likewise.
    pub(super) fn added_wholes(&self) -> impl Iterator<Item = (&'s ObjectId, &'s Arc<Object>)> {
        wholes(&self.added)
    }

    fn match_by_identity(&mut self) {
        let identity = |id: &ObjectId, object: &Object| Some((Arc::clone(&id.kind), object.identity.clone()?));
        let came: BTreeMap<_, &ObjectId> =
            self.added.iter().filter_map(|(id, object)| Some((identity(id, object)?, *id))).collect();
        let same: Vec<(&ObjectId, &ObjectId)> = self
            .removed
            .iter()
            .filter_map(|(from, object)| Some((*from, *came.get(&identity(from, object)?)?)))
            .collect();
        let renamed: BTreeMap<&ObjectId, &ObjectId> = same.iter().copied().collect();
        // What has no identity of its own goes along with the object that it is a part of.
        let parts = self.removed.keys().filter(|from| !renamed.contains_key(**from)).filter_map(|from| {
            let (to, _) = self.added.get_key_value(&moved(from, &renamed)?)?;
            Some((*from, *to))
        });
        for (from, to) in same.iter().copied().chain(parts).collect::<Vec<_>>() {
            self.pair(from, to, moved(from, &renamed).as_ref() != Some(to));
        }
    }

    fn pair(&mut self, from: &'s ObjectId, to: &'s ObjectId, renamed: bool) {
        if let (Some(old), Some(new)) = (self.removed.get(from).copied(), self.added.get(to).copied()) {
            self.removed.remove(from);
            self.added.remove(to);
            self.pairs.push(Pair { from, old, to, new, renamed });
        }
    }

    /// Constraints and indexes: those of equal definition first, then those of equal name.
    fn match_by_definition(&mut self) {
        let (mine, others) = std::mem::take(&mut self.pairs)
            .into_iter()
            .partition(|pair| matched_by_definition(pair.to) && !pair.renamed && pair.from == pair.to);
        self.pairs = others;
        let mine: Vec<Pair<'s>> = mine;
        let altered: BTreeSet<&ObjectId> =
            mine.iter().filter(|pair| defines(pair.old) != defines(pair.new)).map(|pair| pair.to).collect();
        for Pair { from, old, to, new, renamed } in mine {
            if altered.contains(to) {
                self.removed.insert(from, old);
                self.added.insert(to, new);
            } else {
                self.pairs.push(Pair { from, old, to, new, renamed });
            }
        }
        let candidates = |objects: &Objects<'s>| -> BTreeMap<_, Vec<&'s ObjectId>> {
            let mut by_definition: BTreeMap<_, Vec<&'s ObjectId>> = BTreeMap::new();
            for (id, object) in objects.iter().filter(|(id, _)| matched_by_definition(id)) {
                by_definition.entry((Arc::clone(&id.kind), id.parent(), defines(object))).or_default().push(id);
            }
            by_definition
        };
        let came = candidates(&self.added);
        for (key, from) in candidates(&self.removed) {
            let to = came.get(&key).map(Vec::as_slice).unwrap_or_default();
            for (from, to) in from.into_iter().zip(to) {
                self.pair(from, to, true);
            }
        }
        for id in altered {
            self.pair(id, id, false);
        }
    }
}

/// Those that are not part of another one.
fn wholes<'s>(objects: &Objects<'s>) -> impl Iterator<Item = (&'s ObjectId, &'s Arc<Object>)> {
    objects
        .iter()
        .filter(|(id, _)| id.parent().is_none_or(|parent| !objects.contains_key(&parent)))
        .map(|(id, object)| (*id, *object))
}

/// The name of a part after the object that it belongs to was renamed.
fn moved(part: &ObjectId, renamed: &BTreeMap<&ObjectId, &ObjectId>) -> Option<ObjectId> {
    let whole = renamed.get(&part.parent()?)?;
    let path = whole.path.iter().cloned().chain(part.path.last().cloned()).collect();
    Some(ObjectId { kind: Arc::clone(&part.kind), path })
}

/// Kinds whose names engines generate, so that they are matched by definition before name.
fn matched_by_definition(id: &ObjectId) -> bool {
    matches!(id.own_kind(), "constraint" | "index")
}

/// The attributes that define an object, without comments and storage, in a form that can be ordered.
fn defines(object: &Object) -> Vec<(&str, String)> {
    structural(&object.attributes).map(|(name, value)| (&**name, value.to_string())).collect()
}

fn structural(attributes: &Attributes) -> impl Iterator<Item = (&Arc<str>, &Value)> {
    attributes.iter().filter(|(name, _)| Class::of_attribute(name) == Class::Structure)
}

/// Whether a name may have been made by the engine rather than chosen by the author. When one side at least carries such a
/// name, nobody chose both, and the difference is one of names.
///
/// PostgreSQL builds `{table}_{columns}_{suffix}` (in the manual of CREATE INDEX: "a
/// name is chosen based on the parent table's name and the indexed column names"), SQLite names no constraint that its
/// author did not name: those are called by what they are. `InnoDB` numbers foreign keys (`t_ibfk_1`), MySQL checks (`t_chk_1`)
/// and MariaDB theirs (`CONSTRAINT_1`).
fn generated_name(id: &ObjectId) -> bool {
    let name = id.name().trim_end_matches(|c: char| c.is_ascii_digit());
    let suffix = ["_pkey", "_key", "_idx", "_fkey", "_check", "_excl", "_not_null", "_ibfk_", "_chk_"];
    // Long names are cut, the table's part of it too; what is left of that part is still its beginning.
    let table = id.parent().map(|table| table.name().chars().take(20).collect::<String>()).unwrap_or_default();
    let unnamed = ["sqlite_autoindex", "primary key", "unique (", "check (", "foreign key ("];
    unnamed.iter().any(|made_up| name.starts_with(made_up))
        || name == "CONSTRAINT_"
        || (name.starts_with(&table) && suffix.iter().any(|suffix| name.ends_with(suffix)))
}

/// Whether an index is called as MySQL and MariaDB call one that nobody named: after its first column, with a number from the
/// second on (MySQL's manual, "CREATE INDEX Statement").
fn named_by_column(id: &ObjectId, object: &Object) -> bool {
    let first = object.attributes.get("columns").and_then(|columns| columns.get(0)).and_then(Value::as_str);
    let number = first.and_then(|first| id.name().strip_prefix(first.split(['(', ' ']).next().unwrap_or_default()));
    id.own_kind() == "index"
        && number.is_some_and(|rest| {
            let digits = rest.strip_prefix('_').unwrap_or_default();
            rest.is_empty() || !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
}
