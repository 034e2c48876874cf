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
    rivals: Vec<&'a str>,
    beginnings: Vec<&'a str>,
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
    let mut facts = vec![of_graph(history)];
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
            line: Some(last.up.line()),
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
        .filter(|one| {
            one.down.is_none() && one.language.is_none() && one.skip.is_none() && !one.repeatable && !one.of_a_package
        })
        .collect();
    if history.one_way && !without.is_empty() {
        return vec![missing("", true, without.len(), About::default())];
    }
    let each = without.into_iter().map(|migration| {
        let about = About {
            migration: Some(migration.id.clone()),
            file: Some(migration.up.path.clone()),
            line: Some(migration.up.line()),
            ..About::default()
        };
        missing(&migration.id, false, 1, about)
    });
    each.collect()
}

/// The graph as a whole. Where the files themselves name parents, a finding points at the first of them that is at fault.
fn of_graph(history: &History) -> Fact {
    let migrations = &history.migrations;
    let stands_for = stands_for(migrations);
    let Edges { parents, needs, missing } = edges(migrations, &stands_for);
    let named = |chosen: &[usize]| chosen.iter().map(|index| migrations[*index].id.as_str()).collect();
    let there: Vec<usize> = (0..migrations.len()).filter(|index| stands_for[*index] == *index).collect();
    let followed: BTreeSet<usize> = parents.iter().flatten().copied().collect();
    let heads: Vec<usize> = there.iter().copied().filter(|index| !followed.contains(index)).collect();
    let roots: Vec<usize> = there.iter().copied().filter(|index| migrations[*index].parents.is_empty()).collect();
    let circle = in_a_circle(&needs);
    let cycle: Vec<usize> = there.iter().copied().filter(|index| circle.contains(index)).collect();
    let chain = chains(&parents, &stands_for);
    let rivals = rivals(&heads, &chain, migrations);
    let beginnings = beginnings(&roots, &chain, migrations);
    let at = missing.first().map(|(index, _)| *index).or(cycle.first().copied());
    let at = at.or(rivals.last().copied()).or(beginnings.last().copied().filter(|_| beginnings.len() > 1));
    let about = at.filter(|_| history.declares_parents).map_or_else(About::default, |index| {
        let migration = &migrations[index];
        let line = migration.parents_at.unwrap_or_else(|| migration.up.line());
        About { file: Some(migration.up.path.clone()), line: Some(line), ..About::default() }
    });
    let missing_parents =
        missing.iter().map(|(index, parent)| MissingParent { migration: &migrations[*index].id, parent });
    let fields = HistoryFields {
        format: history.format,
        count: int(migrations.len()),
        one_way: history.one_way,
        heads: named(&heads),
        roots: named(&roots),
        missing_parents: missing_parents.collect(),
        cycle: named(&cycle),
        chains: int(there.iter().filter(|index| chain[**index] == **index).count()),
        rivals: named(&rivals),
        beginnings: named(&beginnings),
    };
    fact(FactKind::History, Phase::Graph, fields, about)
}

/// For each migration the one that runs in its place: itself, or the squashed one that replaces it.
fn stands_for(migrations: &[Migration]) -> Vec<usize> {
    let by_id: BTreeMap<&str, usize> = migrations.iter().enumerate().map(|(at, one)| (one.id.as_str(), at)).collect();
    let mut stands_for: Vec<usize> = (0..migrations.len()).collect();
    for (index, migration) in migrations.iter().enumerate() {
        for replaced in migration.replaces.iter().filter_map(|id| by_id.get(id.as_str())) {
            if *replaced != index {
                stands_for[*replaced] = index;
            }
        }
    }
    // What was squashed twice ends at the last.
    for index in 0..stands_for.len() {
        let mut at = index;
        for _ in 0..migrations.len() {
            if stands_for[at] == at {
                break;
            }
            at = stands_for[at];
        }
        stands_for[index] = at;
    }
    stands_for
}

/// What goes before each migration, by index.
struct Edges<'a> {
    /// Its parents.
    parents: Vec<Vec<usize>>,
    /// All that have to run before it.
    needs: Vec<Vec<usize>>,
    /// The migrations that name one that is not there, with its name.
    missing: Vec<(usize, &'a str)>,
}

/// Where two migrations have one id, the last one before the child is meant.
fn edges<'a>(migrations: &'a [Migration], stands_for: &[usize]) -> Edges<'a> {
    let mut by_id: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, migration) in migrations.iter().enumerate() {
        by_id.entry(&migration.id).or_default().push(index);
    }
    // What was squashed may be gone, and those that follow it name it still.
    for (index, migration) in migrations.iter().enumerate() {
        for replaced in &migration.replaces {
            by_id.entry(replaced).or_insert_with(|| vec![index]);
        }
    }
    let none = || vec![Vec::new(); migrations.len()];
    let mut edges = Edges { parents: none(), needs: none(), missing: Vec::new() };
    for (index, migration) in migrations.iter().enumerate() {
        for (number, parent) in migration.before().enumerate() {
            let found = by_id.get(parent.as_str()).and_then(|all| {
                let before = all.iter().rev().find(|candidate| **candidate < index);
                before.or_else(|| all.iter().find(|candidate| **candidate != index)).or_else(|| all.first())
            });
            let Some(found) = found else {
                edges.missing.push((index, parent));
                continue;
            };
            let (child, parent) = (stands_for[index], stands_for[*found]);
            // Within what was squashed nothing goes before anything.
            if child == parent && index != *found {
                continue;
            }
            edges.needs[child].push(parent);
            if number < migration.parents.len() {
                edges.parents[child].push(parent);
            }
        }
    }
    edges
}

/// The heads of the lines that have more than one.
fn rivals(heads: &[usize], chain: &[usize], migrations: &[Migration]) -> Vec<usize> {
    let of = |index: usize| match &migrations[index].branch {
        Some(branch) => (Some(branch.as_str()), 0),
        None => (None, chain[index]),
    };
    // Two of one name are one to the tool.
    let differ = |one: usize, other: usize| migrations[one].id != migrations[other].id && of(one) == of(other);
    let several = |head: &&usize| heads.iter().any(|other| differ(**head, *other));
    heads.iter().filter(several).copied().collect()
}

/// One root of each chain that nobody named a branch.
fn beginnings(roots: &[usize], chain: &[usize], migrations: &[Migration]) -> Vec<usize> {
    let named: BTreeSet<usize> =
        (0..migrations.len()).filter(|index| migrations[*index].branch.is_some()).map(|index| chain[index]).collect();
    let mut seen = BTreeSet::new();
    roots.iter().copied().filter(|root| !named.contains(&chain[*root]) && seen.insert(chain[*root])).collect()
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

/// The chain that each migration belongs to, by the index of one of them: all that are connected.
fn chains(parents: &[Vec<usize>], stands_for: &[usize]) -> Vec<usize> {
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
    (0..parents.len()).map(|index| root(&mut part, stands_for[index])).collect()
}
