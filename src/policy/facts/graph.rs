//! Facts that need no database: about versions, files and the graph of migrations.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{About, Fact, FactKind, fact, int};
use crate::history::{History, Migration};
use crate::replay::Phase;

#[derive(Serialize)]
struct VersionFields<'a> {
    version: &'a str,
    migrations: Vec<&'a str>,
    files: Vec<String>,
    count: i64,
}

#[derive(Serialize)]
struct FileFields<'a> {
    path: String,
    reason: &'a str,
    format: &'a str,
}

#[derive(Serialize)]
struct MissingParent<'a> {
    migration: &'a str,
    parent: &'a str,
}

#[derive(Serialize)]
struct HistoryFields<'a> {
    format: &'a str,
    count: i64,
    one_way: bool,
    heads: Vec<&'a str>,
    roots: Vec<&'a str>,
    missing_parents: Vec<MissingParent<'a>>,
    cycle: Vec<&'a str>,
    chains: i64,
}

#[derive(Serialize)]
struct MissingDownFields<'a> {
    migration: &'a str,
    whole_history: bool,
    format: &'a str,
    count: i64,
}

/// The history as a whole, its versions, and the files that it does not read.
pub(super) fn facts(history: &History) -> Vec<Fact> {
    let mut facts = vec![fact(FactKind::History, Phase::Graph, fields_of(history), About::default())];
    facts.extend(versions(history));
    facts.extend(history.unmatched.iter().map(|file| {
        let path = file.path.display().to_string();
        let fields = FileFields { path, reason: &file.reason, format: history.format };
        let about = About { file: Some(file.path.clone()), line: Some(1), ..About::default() };
        fact(FactKind::File, Phase::Graph, fields, about)
    }));
    facts
}

/// One fact for each version. A finding points at the last migration that carries it: the one that came later.
fn versions(history: &History) -> impl Iterator<Item = Fact> {
    let mut by_version: BTreeMap<&str, Vec<&Migration>> = BTreeMap::new();
    for migration in &history.migrations {
        by_version.entry(&migration.version).or_default().push(migration);
    }
    by_version.into_iter().map(|(version, migrations)| {
        let files: Vec<String> = migrations.iter().map(|migration| migration.up.path.display().to_string()).collect();
        let about = migrations.last().map_or_else(About::default, |last| About {
            migration: Some(last.id.clone()),
            file: Some(last.up.path.clone()),
            line: Some(last.up.first_line),
            details: files.clone(),
            ..About::default()
        });
        let count = int(migrations.len());
        let ids = migrations.iter().map(|migration| migration.id.as_str()).collect();
        fact(FactKind::Version, Phase::Graph, VersionFields { version, migrations: ids, files, count }, about)
    })
}

/// One fact for each migration without a down script, or one for a history that has none by design.
pub(super) fn missing_downs(history: &History) -> Vec<Fact> {
    let missing = |migration, whole_history, count, about| {
        let fields = MissingDownFields { migration, whole_history, format: history.format, count: int(count) };
        fact(FactKind::MissingDown, Phase::Down, fields, about)
    };
    let without: Vec<&Migration> = history
        .migrations
        .iter()
        .filter(|one| one.down.is_none() && one.language.is_none() && one.skip.is_none() && !one.repeatable)
        .collect();
    if history.one_way && !without.is_empty() {
        return vec![missing("", true, without.len(), About::default())];
    }
    let each = without.into_iter().map(|migration| {
        let about = About {
            migration: Some(migration.id.clone()),
            file: Some(migration.up.path.clone()),
            line: Some(migration.up.first_line),
            ..About::default()
        };
        missing(&migration.id, false, 1, about)
    });
    each.collect()
}

fn fields_of(history: &History) -> HistoryFields<'_> {
    let migrations = &history.migrations;
    let ids = |wanted: &dyn Fn(usize) -> bool| -> Vec<&str> {
        let chosen = migrations.iter().enumerate().filter(|(index, _)| wanted(*index));
        chosen.map(|(_, migration)| migration.id.as_str()).collect()
    };
    let (parents, missing_parents) = edges(migrations);
    let followed: BTreeSet<usize> = parents.iter().flatten().copied().collect();
    let cycle = in_a_circle(&parents);
    HistoryFields {
        format: history.format,
        count: int(migrations.len()),
        one_way: history.one_way,
        heads: ids(&|index| !followed.contains(&index)),
        roots: ids(&|index| migrations[index].parents.is_empty()),
        missing_parents,
        cycle: ids(&|index| cycle.contains(&index)),
        chains: int(chains(&parents)),
    }
}

/// The parents of each migration by index, and the parents that no migration has. Where two migrations have one id, the
/// last one before its child is meant.
fn edges(migrations: &[Migration]) -> (Vec<Vec<usize>>, Vec<MissingParent<'_>>) {
    let mut by_id: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, migration) in migrations.iter().enumerate() {
        by_id.entry(&migration.id).or_default().push(index);
    }
    let mut missing = Vec::new();
    let mut parents = Vec::with_capacity(migrations.len());
    for (index, migration) in migrations.iter().enumerate() {
        let mut own = Vec::new();
        for parent in &migration.parents {
            let found = by_id.get(parent.as_str()).and_then(|all| {
                let before = all.iter().rev().find(|candidate| **candidate < index);
                before.or_else(|| all.iter().find(|candidate| **candidate != index)).or_else(|| all.first())
            });
            match found {
                Some(found) => own.push(*found),
                None => missing.push(MissingParent { migration: &migration.id, parent }),
            }
        }
        parents.push(own);
    }
    (parents, missing)
}

/// The migrations that are left when those whose parents are all gone, and those that nobody follows, are taken away
/// again and again: the circles, and what lies between two circles.
fn in_a_circle(parents: &[Vec<usize>]) -> BTreeSet<usize> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); parents.len()];
    for (child, own) in parents.iter().enumerate() {
        own.iter().for_each(|parent| children[*parent].push(child));
    }
    let mut left: BTreeSet<usize> = (0..parents.len()).collect();
    for (before, after) in [(parents, children.as_slice()), (children.as_slice(), parents)] {
        let mut waiting: Vec<usize> = before.iter().map(Vec::len).collect();
        let mut free: Vec<usize> = (0..waiting.len()).filter(|index| waiting[*index] == 0).collect();
        while let Some(index) = free.pop() {
            left.remove(&index);
            for next in &after[index] {
                waiting[*next] -= 1;
                if waiting[*next] == 0 {
                    free.push(*next);
                }
            }
        }
    }
    left
}

/// How many parts the graph falls into.
fn chains(parents: &[Vec<usize>]) -> usize {
    let mut part: Vec<usize> = (0..parents.len()).collect();
    fn root(part: &mut [usize], mut index: usize) -> usize {
        while part[index] != index {
            part[index] = part[part[index]];
            index = part[index];
        }
        index
    }
    for (child, own) in parents.iter().enumerate() {
        for parent in own {
            let (a, b) = (root(&mut part, child), root(&mut part, *parent));
            part[a] = b;
        }
    }
    (0..parents.len()).filter(|index| part[*index] == *index).count()
}
