//! The files that say which database a project connects to: by a URL, or by the name of a product.
//!
//! One file here for each kind, and a line in [`SOURCES`]. Of what they hold nothing but the product is kept, since the same
//! values hold passwords.

mod alembic;
mod atlas;
mod django;
mod drizzle;
mod environment;
mod flyway;
mod gradle;
mod liquibase;
mod maven;
mod prisma;
mod refinery;
mod spring;

use std::fs;

use super::NearbyFolder;
use super::engine::{Clue, shown};
use super::url::engine_of_url;

/// A kind of file that says which database a project connects to.
pub(super) struct Source {
    /// What it is, for people: what was looked for.
    pub(super) title: &'static str,
    /// Where its files lie, below each folder from the migrations to the root; `*` is each of its folders, where one of them
    /// is the root of a Django project.
    pub(super) places: &'static [&'static str],
    /// Whether a name is that of one of its files, and with what rank: the lowest that says anything counts.
    pub(super) rank: fn(&str) -> Option<usize>,
    /// What a file of this name says.
    pub(super) read: fn(&str, &str) -> Vec<Declaration>,
}

/// A database that a file names. Has no `Debug`: the value may hold a password.
pub(super) struct Declaration {
    /// Under which key, as people would look for it.
    pub(super) key: String,
    /// The URL.
    url: String,
}

impl Declaration {
    /// A URL under a key.
    pub(super) fn url(key: impl Into<String>, url: impl Into<String>) -> Self {
        Self { key: key.into(), url: url.into() }
    }

    /// The name of a product under a key.
    pub(super) fn product(key: impl Into<String>, name: &str) -> Self {
        Self::url(key, format!("{name}:"))
    }
}

/// The kinds of files.
pub(super) const SOURCES: [Source; 12] = [
    environment::SOURCE,
    flyway::SOURCE,
    liquibase::SOURCE,
    spring::SOURCE,
    maven::SOURCE,
    gradle::SOURCE,
    atlas::SOURCE,
    refinery::SOURCE,
    prisma::SOURCE,
    drizzle::SOURCE,
    alembic::SOURCE,
    django::SOURCE,
];

/// What all kinds of files say, of each kind the nearest that says anything.
pub(super) fn clues(around: &[NearbyFolder]) -> Vec<Clue> {
    let nearest = |source| around.iter().map(|folder| in_folder(folder, source)).find(|clues| !clues.is_empty());
    SOURCES.iter().filter_map(nearest).flatten().collect()
}

/// What the files of one kind in a folder say.
fn in_folder(folder: &NearbyFolder, source: &Source) -> Vec<Clue> {
    let mut found: Vec<(usize, Clue)> = Vec::new();
    for place in source.places.iter().flat_map(|place| places(folder, place)) {
        for name in names(folder, &place) {
            let Some(rank) = (source.rank)(&name) else { continue };
            let file = if place.is_empty() { name.clone() } else { format!("{place}/{name}") };
            let Ok(text) = fs::read_to_string(folder.path.join(&file)) else { continue };
            found.extend((source.read)(&name, &text).into_iter().filter_map(|declaration| {
                let (engine, certain) = engine_of_url(&declaration.url)?;
                let from = format!("{} in {}", declaration.key, shown(folder, &file));
                Some((rank, Clue { engine, from, certain }))
            }));
        }
    }
    let lowest = found.iter().map(|(rank, _)| *rank).min();
    found.into_iter().filter(|(rank, _)| Some(*rank) == lowest).map(|(_, clue)| clue).collect()
}

/// The places that a place with a `*` means.
fn places(folder: &NearbyFolder, place: &str) -> Vec<String> {
    let Some(rest) = place.strip_prefix('*') else { return vec![place.to_owned()] };
    if !folder.has("manage.py") {
        return Vec::new();
    }
    let is_ours = |name: &&str| !name.starts_with('.') && folder.path.join(name).is_dir();
    folder.names().filter(is_ours).map(|name| format!("{name}{rest}")).collect()
}

/// The names in a place below a folder.
fn names(folder: &NearbyFolder, place: &str) -> Vec<String> {
    let (first, _) = place.split_once('/').unwrap_or((place, ""));
    if place.is_empty() {
        return folder.names().map(str::to_owned).collect();
    }
    if !folder.has(first) {
        return Vec::new();
    }
    let entries = fs::read_dir(folder.path.join(place)).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The place of a name in a list, as its rank.
fn rank_in(list: &[&str], name: &str) -> Option<usize> {
    list.iter().position(|file| *file == name)
}

#[cfg(test)]
pub(super) fn read(source: &Source, name: &str, text: &str) -> Vec<String> {
    let declarations = (source.read)(name, text).into_iter();
    declarations
        .map(|found| match engine_of_url(&found.url) {
            Some((engine, certain)) => format!("{}: {engine}{}", found.key, if certain { "" } else { "?" }),
            None => format!("{}: nothing", found.key),
        })
        .collect()
}
