//! Formats that keep all scripts as files of one folder, one file for each direction.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::{
    Cutting, EngineKind, Entry, History, HistoryError, Kind, Listing, Migration, Script, TransactionMode, Unmatched,
};

/// What a format makes of a file name.
pub(super) enum Name<V> {
    /// The script of a direction.
    Script {
        /// Which one.
        direction: Direction,
        /// The version by which scripts are ordered and paired.
        version: V,
        /// The id of its migration.
        id: String,
    },
    /// The tool passes it over, for this reason.
    Skipped(String),
    /// The tool stops here. What the user can do.
    Refused(&'static str),
}

/// Which way a script goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Up,
    Down,
}

/// How a format of this kind reads a folder.
pub(super) struct Flat<V> {
    /// Its name.
    pub(super) format: &'static str,
    /// The part of the name that pairs an up with a down: `version` or `name`.
    pub(super) key: &'static str,
    /// What it makes of a file name.
    pub(super) name: fn(&str) -> Name<V>,
    /// Whether the tool sends the byte order mark that a file begins with, which servers refuse.
    pub(super) sends_mark: bool,
    /// Whether it sends a file without anything in it, which MySQL and MariaDB refuse.
    pub(super) sends_nothing: bool,
    /// How it wraps a script with this text.
    pub(super) transaction: fn(&str, EngineKind) -> TransactionMode,
}

/// A script that waits for its other half.
struct Half<'a, V> {
    version: V,
    id: String,
    entry: &'a Entry,
}

impl<V: Ord + Display> Flat<V> {
    /// How many files have a name that the format reads.
    pub(super) fn count(&self, listing: &Listing) -> usize {
        listing.files().filter(|entry| matches!((self.name)(&entry.name), Name::Script { .. })).count()
    }

    /// Reads the folder: ups in the order of their versions, each with the down of the same version.
    pub(super) fn read(&self, listing: &Listing, engine: EngineKind) -> Result<History, HistoryError> {
        let (mut ups, mut downs, mut unmatched) = (Vec::new(), Vec::new(), Vec::new());
        for entry in listing.entries.iter().filter(|entry| !entry.is_harmless()) {
            match self.judge(entry)? {
                Name::Script { direction: Direction::Up, version, id } => ups.push(Half { version, id, entry }),
                Name::Script { direction: Direction::Down, version, id } => downs.push(Half { version, id, entry }),
                Name::Skipped(reason) => unmatched.push(Unmatched { path: entry.shown.clone(), reason }),
                Name::Refused(next_step) => {
                    return Err(HistoryError::NoVersion { path: entry.shown.clone(), tool: self.format, next_step });
                }
            }
        }
        ups.sort_by(|a, b| a.version.cmp(&b.version).then_with(|| a.entry.name.cmp(&b.entry.name)));
        let (mut paired, left_over) = pair(&ups, &downs);
        for down in left_over {
            let (key, version) = (self.key, &down.version);
            let reason = if ups.iter().any(|up| up.version == down.version) {
                format!("another down script has its {key} {version} too")
            } else {
                format!("no up script has its {key} {version}")
            };
            unmatched.push(Unmatched { path: down.entry.shown.clone(), reason });
        }
        unmatched.sort_by(|a, b| a.path.cmp(&b.path));
        let mut migrations: Vec<Migration> = Vec::with_capacity(ups.len());
        for (index, up) in ups.iter().enumerate() {
            let down = paired.remove(&index).map(|down| self.script(down.entry, engine)).transpose()?;
            let parents = migrations.last().map(|before| before.id.clone()).into_iter().collect();
            let up_script = self.script(up.entry, engine)?;
            let migration = Migration::new(up.id.clone(), up.version.to_string(), up_script, down);
            migrations.push(Migration { parents, ..migration });
        }
        Ok(History {
            format: self.format,
            folder: listing.shown.clone(),
            migrations,
            unmatched,
            one_way: false,
            declares_parents: false,
        })
    }

    /// What to make of one entry of the folder.
    fn judge(&self, entry: &Entry) -> Result<Name<V>, HistoryError> {
        Ok(match &entry.kind {
            Kind::File => (self.name)(&entry.name),
            Kind::Folder(_) => Name::Skipped(format!("it is a folder, and {} does not look into folders", self.format)),
            Kind::Other => Name::Skipped("it is neither a file nor a folder".to_owned()),
        })
    }

    fn script(&self, entry: &Entry, engine: EngineKind) -> Result<Script, HistoryError> {
        let text = if self.sends_mark { entry.text_with_mark()? } else { entry.text()? };
        let transaction = (self.transaction)(&text, engine);
        let mysql = matches!(engine, EngineKind::Mysql | EngineKind::Mariadb);
        let cutting = if mysql && self.sends_nothing { Cutting::sent_to_mysql(&text) } else { Cutting::Server };
        Ok(Script { cutting, ..Script::new(entry.shown.clone(), text, transaction) })
    }
}

/// Gives each up, by its index, the down of its version. Where a version has several of each, equal ids find each other
/// first. Also returns the downs that nobody took.
fn pair<'a, 'b, V: Ord>(
    ups: &[Half<'a, V>],
    downs: &'b [Half<'a, V>],
) -> (BTreeMap<usize, &'b Half<'a, V>>, Vec<&'b Half<'a, V>>) {
    let mut of_version: BTreeMap<&V, Vec<usize>> = BTreeMap::new();
    for (index, up) in ups.iter().enumerate() {
        of_version.entry(&up.version).or_default().push(index);
    }
    let mut taken: BTreeMap<usize, &Half<'a, V>> = BTreeMap::new();
    let candidates = |down: &Half<'a, V>| of_version.get(&down.version).map_or(&[][..], Vec::as_slice);
    let mut strangers = Vec::new();
    for down in downs {
        let namesake = candidates(down).iter().find(|index| ups[**index].id == down.id && !taken.contains_key(index));
        match namesake {
            Some(index) => {
                taken.insert(*index, down);
            }
            None => strangers.push(down),
        }
    }
    let mut left_over = Vec::new();
    for down in strangers {
        match candidates(down).iter().find(|index| !taken.contains_key(index)) {
            Some(index) => {
                taken.insert(*index, down);
            }
            None => left_over.push(down),
        }
    }
    (taken, left_over)
}

/// The name without the ending that says a direction, and the direction.
pub(super) fn split_direction(name: &str) -> Option<(&str, Direction)> {
    let up = name.strip_suffix(".up.sql").map(|stem| (stem, Direction::Up));
    up.or_else(|| name.strip_suffix(".down.sql").map(|stem| (stem, Direction::Down)))
}
