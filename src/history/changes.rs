//! What became of a history since its base: which migrations are new, and which of those that others may have applied
//! were edited, deleted, or moved. Pure.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::{History, Migration, Script, TransactionMode};

/// A history compared with that at the base.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// What became of each migration, by its index in the history at head.
    pub migrations: Vec<Change>,
    /// The migrations of the base that are not there any more, in its order.
    pub deleted: Vec<Gone>,
    /// The id of the last migration at the base.
    pub newest: Option<String>,
    /// How many of the first migrations do the same going up in both, one by one: with them nothing changed for what
    /// follows.
    pub common: usize,
    /// Whether head is the base and perhaps more behind it.
    pub appended: bool,
}

/// What became of one migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Whether it was there, and said the same.
    pub status: Status,
    /// The migration of the base that it is.
    pub was: Option<Was>,
    /// Whether it stands under another version than at the base, or names other parents: tools take it for another one, or
    /// run it elsewhere in the line.
    pub reparented: bool,
    /// Whether its down script differs. That alone is no edit: it mends a way back and changes no database.
    pub down_edited: bool,
    /// Whether it is new and comes before one that was there.
    pub inserted: bool,
    /// The first line of its up script that differs.
    pub difference: Option<Difference>,
}

/// Whether a migration was there at the base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It was, and its up script is the same to the byte.
    Unchanged,
    /// It was not.
    New,
    /// It was, with another up script.
    Edited,
}

/// A migration as it was at the base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Was {
    /// Its index there.
    pub index: usize,
    /// Its id.
    pub id: String,
    /// The ids that it followed.
    pub parents: Vec<String>,
}

/// The first line in which two scripts differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its line in the file at head, counted from 1; the last line where head only lacks some.
    pub line: usize,
    /// What stood there; `None` where the script ended.
    pub was: Option<String>,
    /// What stands there; `None` where the script ends.
    pub is: Option<String>,
}

/// A migration that is not there any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// The ids that it followed.
    pub parents: Vec<String>,
    /// Its up script, where it was.
    pub file: PathBuf,
}

/// Compares a history with that at the base of a change.
///
/// Migrations are the same that have one id; else one version and one content; else one content; else one version. Only
/// where a content stands once on either side does it tell.
pub fn changes(base: &History, head: &History) -> Changes {
    let matched = matched(base, head);
    let before_known = before_known(head, &matched, base);
    let kept: BTreeSet<usize> = matched.iter().flatten().copied().collect();
    // What a migration that is still there was made to replace may go: databases have that one in its place.
    let replaced = replaced(base, &kept);
    let migrations = head.migrations.iter().enumerate().map(|(index, migration)| {
        let old = matched[index].map(|at| (at, &base.migrations[at]));
        let Some((at, old)) = old else {
            return Change {
                status: Status::New,
                was: None,
                reparented: false,
                down_edited: false,
                inserted: before_known.contains(&index),
                difference: None,
            };
        };
        let same = old.up.says_the_same(&migration.up);
        let moved = old.version != migration.version;
        Change {
            status: if same { Status::Unchanged } else { Status::Edited },
            was: Some(Was { index: at, id: old.id.clone(), parents: old.before().cloned().collect() }),
            reparented: moved
                || (head.declares_parents && !same_parents(old, migration, base, head, &matched, &replaced)),
            down_edited: !same_script(old.down.as_ref(), migration.down.as_ref()),
            inserted: false,
            difference: (!same).then(|| difference(&old.up, &migration.up)),
        }
    });
    let is_gone = |index: usize, id: &str| !kept.contains(&index) && !replaced.contains_key(id);
    let gone = base.migrations.iter().enumerate().filter(|(index, migration)| is_gone(*index, &migration.id));
    let common = common(base, head, &matched);
    Changes {
        migrations: migrations.collect(),
        deleted: gone.map(|(_, migration)| Gone::from(migration)).collect(),
        newest: base.migrations.last().map(|migration| migration.id.clone()),
        common,
        appended: common == base.migrations.len(),
    }
}

impl Changes {
    /// Whether what the steps of this migration do cannot differ from what they do at the base: it and all before it are
    /// the same. The downs of those before it count for nothing, since none of them has run for good when its turn comes.
    pub fn is_inherited(&self, index: usize) -> bool {
        index < self.common && self.migrations.get(index).is_some_and(|change| !change.down_edited)
    }

    /// Whether nothing changed at all.
    pub fn is_empty(&self) -> bool {
        self.appended && (0..self.migrations.len()).all(|index| self.is_inherited(index))
    }
}

impl From<&Migration> for Gone {
    fn from(migration: &Migration) -> Self {
        Self {
            id: migration.id.clone(),
            version: migration.version.clone(),
            parents: migration.before().cloned().collect(),
            file: migration.up.path.clone(),
        }
    }
}

/// The index at the base of each migration at head.
fn matched(base: &History, head: &History) -> Vec<Option<usize>> {
    type Key<'a> = (&'a str, &'a str);
    let id: fn(&Migration) -> Key<'_> = |migration| (&migration.id, "");
    let id_and_text: fn(&Migration) -> Key<'_> = |migration| (&migration.id, &migration.up.text);
    let version_and_text: fn(&Migration) -> Key<'_> = |migration| (&migration.version, &migration.up.text);
    // Before the version: of a migration that gave way to another one of its number, the content tells where it went.
    let text: fn(&Migration) -> Key<'_> = |migration| (&migration.up.text, "");
    let version: fn(&Migration) -> Key<'_> = |migration| (&migration.version, "");
    let mut found = vec![None; head.migrations.len()];
    let mut taken = BTreeSet::new();
    for (key, only_once) in
        [(id_and_text, false), (id, false), (version_and_text, false), (text, true), (version, false)]
    {
        let mut olds: BTreeMap<Key<'_>, Vec<usize>> = BTreeMap::new();
        for (index, old) in base.migrations.iter().enumerate().filter(|(index, _)| !taken.contains(index)) {
            olds.entry(key(old)).or_default().push(index);
        }
        let mut news: BTreeMap<Key<'_>, Vec<usize>> = BTreeMap::new();
        for (index, new) in head.migrations.iter().enumerate().filter(|(index, _)| found[*index].is_none()) {
            news.entry(key(new)).or_default().push(index);
        }
        for (key, news) in news {
            let Some(olds) = olds.get(&key) else { continue };
            // An empty script, or one that says the same as another, tells nothing.
            if only_once && (key.0.trim().is_empty() || olds.len() > 1 || news.len() > 1) {
                continue;
            }
            for (new, old) in news.into_iter().zip(olds) {
                found[new] = Some(*old);
                taken.insert(*old);
            }
        }
    }
    found
}

/// The indices of migrations that come before one which stands where it stood at the base.
fn before_known(head: &History, matched: &[Option<usize>], base: &History) -> BTreeSet<usize> {
    let stays = |index: &usize| {
        matched[*index].is_some_and(|old| base.migrations[old].version == head.migrations[*index].version)
    };
    let known: Vec<usize> = (0..head.migrations.len()).filter(stays).collect();
    if !head.declares_parents {
        return (0..known.last().copied().unwrap_or(0)).collect();
    }
    // Where parents are declared, only they say what comes before; of two branches neither does.
    let by_id: BTreeMap<&str, usize> =
        head.migrations.iter().enumerate().map(|(index, migration)| (migration.id.as_str(), index)).collect();
    let mut before = BTreeSet::new();
    let mut left = known;
    while let Some(index) = left.pop() {
        let parents = head.migrations[index].before().filter_map(|parent| by_id.get(parent.as_str()));
        left.extend(parents.copied().filter(|parent| before.insert(*parent)));
    }
    before
}

/// Whether a migration follows those that it followed, by whatever names.
fn same_parents(
    old: &Migration,
    new: &Migration,
    base: &History,
    head: &History,
    matched: &[Option<usize>],
    replaced: &BTreeMap<String, String>,
) -> bool {
    // A parent at head by its name at the base, where it was there.
    let old_name = |parent: &String| {
        let at = head.migrations.iter().position(|migration| migration.id == *parent);
        let was = at.and_then(|at| matched[at]).map(|old| &base.migrations[old].id);
        was.unwrap_or(parent).clone()
    };
    // What was squashed goes by the name of what it became.
    let became = |name: String| replaced.get(&name).cloned().unwrap_or(name);
    let now: BTreeSet<String> = new.before().map(|parent| became(old_name(parent))).collect();
    now == old.before().map(|parent| became(parent.clone())).collect()
}

/// The ids at the base of what was squashed, each with that of the migration which replaces it and is still there.
fn replaced(base: &History, kept: &BTreeSet<usize>) -> BTreeMap<String, String> {
    let squashed = base.migrations.iter().enumerate().filter(|(index, _)| kept.contains(index));
    let pairs = squashed.flat_map(|(_, one)| one.replaces.iter().map(|replaced| (replaced.clone(), one.id.clone())));
    pairs.collect()
}

/// How many of the first migrations do the same going up in both.
fn common(base: &History, head: &History, matched: &[Option<usize>]) -> usize {
    let pairs = base.migrations.iter().zip(&head.migrations).enumerate();
    let same = pairs.take_while(|(index, (old, new))| {
        matched[*index] == Some(*index)
            && old.version == new.version
            && old.up.says_the_same(&new.up)
            && does(&old.up).eq(does(&new.up))
    });
    same.count()
}

/// What decides what a step does: its texts, those of callbacks too, and their transactions.
fn does(script: &Script) -> impl Iterator<Item = (Cow<'_, str>, TransactionMode)> {
    script.parts().map(|part| (part.said(), part.transaction))
}

fn same_script(old: Option<&Script>, new: Option<&Script>) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => old.says_the_same(new),
        (old, new) => old.is_none() && new.is_none(),
    }
}

/// The first line in which they differ; line ends count. Of steps with several parts, that of the first which differs.
fn difference(old: &Script, new: &Script) -> Difference {
    let differ = old.own_parts().zip(new.own_parts()).find(|(old, new)| old.text != new.text);
    let (old, new) = differ.unwrap_or((old, new));
    let (was, is): (Vec<&str>, Vec<&str>) =
        (old.text.split_inclusive('\n').collect(), new.text.split_inclusive('\n').collect());
    let at = was.iter().zip(&is).take_while(|(was, is)| was == is).count();
    let shown = |lines: &[&str]| lines.get(at).map(|line| line.trim_end_matches('\n').to_owned());
    let last = is.len().saturating_sub(1);
    Difference { line: new.first_line + at.min(last), was: shown(&was), is: shown(&is) }
}
