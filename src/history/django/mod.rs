//! The migrations of Django. The tool itself runs them.
//!
//! The facts are those of Django 5.2 (`db/migrations/loader.py`, `graph.py`, `migration.py`, `apps/config.py`):
//! - Each app has a package `migrations`; its modules whose names begin with neither `_` nor `~` are migrations. They are known by
//!   app and name. The label of an app is `label` of its `AppConfig`, else the last part of its name.
//! - `dependencies` name what goes before, `run_before` what comes behind. Within an app they make the line: an app with two
//!   leaves is a conflict at which the tool stops. `__first__` and `__latest__` are the root and the leaf of an app.
//! - A squashed migration (`replaces`) runs on a new database in the place of those that it replaces, which are passed over; they may
//!   be gone, and others may name them still.
//! - Apps that are not in the project's folder are somebody else's: what depends on them is not missing.
//! - The table is `django_migrations`, which the tool makes itself.

mod apps;
mod migration;

use std::collections::{BTreeMap, BTreeSet};

use super::listing::tidied;
use super::order::{arranged, order};
use super::python::Module;
use super::{Conduct, EngineKind, Evidence, Format, History, HistoryError, Listing, Migration, ToolKind};
use crate::evidence::{Closeness, Nearby};
use migration::{Key, Read, id};

/// The format.
pub(super) struct Django;

impl Format for Django {
    fn name(&self) -> &'static str {
        "django"
    }

    fn looked_for(&self) -> &'static str {
        "manage.py with <app>/migrations/<number>_<name>.py"
    }

    fn recognise(&self, listing: &Listing, _nearby: &Nearby) -> Option<Evidence> {
        let manages = listing.files().find(|entry| entry.name == "manage.py")?;
        let is_django = manages.text().is_ok_and(|text| text.contains("django")) && apps::has_some(listing);
        let project = Some(Closeness { levels_up: 0, language_only: false });
        is_django.then_some(Evidence { scripts: 1, project, specific: true })
    }

    fn is_marked(&self, listing: &Listing) -> bool {
        self.recognise(listing, &Nearby::default()).is_some()
    }

    fn read(&self, listing: &Listing, _engine: EngineKind) -> Result<History, HistoryError> {
        let here = Listing { shown: tidied(&listing.shown), ..listing.clone() };
        let settings = apps::settings(&here);
        let mut read = Vec::new();
        for app in apps::found(&here)? {
            for file in &app.files {
                read.push(migration::read(&Module::read(file)?, &app.label, &settings)?);
            }
        }
        Ok(History {
            format: self.name(),
            folder: listing.shown.clone(),
            migrations: lined_up(read),
            unmatched: Vec::new(),
            one_way: false,
            declares_parents: true,
        })
    }

    fn conduct(&self, _engine: EngineKind) -> Conduct {
        Conduct::new(&[], &[], &["django_migrations"])
    }

    fn runs_itself(&self) -> Option<ToolKind> {
        Some(ToolKind::Django)
    }
}

/// The migrations in an order in which they can run, each with what goes before it.
fn lined_up(mut read: Vec<Read>) -> Vec<Migration> {
    let own: BTreeSet<String> = read.iter().map(|one| one.key.0.clone()).collect();
    for index in 0..read.len() {
        for key in read[index].dependencies.clone() {
            if let Some(before) = meant(&key, &read, &own) {
                follow(&mut read, index, &before);
            }
        }
        for key in read[index].run_before.clone() {
            let (before, at) = (read[index].key.clone(), read.iter().position(|one| one.key == key));
            if let Some(at) = at {
                follow(&mut read, at, &before);
            }
        }
        read[index].migration.replaces = read[index].replaces.iter().map(id).collect::<Vec<_>>();
    }
    let ids: BTreeMap<String, usize> =
        read.iter().enumerate().map(|(at, one)| (one.migration.id.clone(), at)).collect();
    let mut stands_for: BTreeMap<String, usize> = BTreeMap::new();
    for (index, one) in read.iter().enumerate() {
        for replaced in one.migration.replaces.iter().filter(|replaced| **replaced != one.migration.id) {
            stands_for.insert(replaced.clone(), index);
        }
    }
    // What was squashed stands directly before what replaces it.
    let before = read.iter().enumerate().map(|(index, one)| {
        let same = |at: &&usize| stands_for.get(&one.migration.id).is_none_or(|own| own != *at);
        let meant = |id: &String| stands_for.get(id).filter(same).or_else(|| ids.get(id)).copied();
        let needed = one.migration.before().filter_map(meant);
        let replaced = one.migration.replaces.iter().filter_map(|id| ids.get(id).copied());
        needed.chain(replaced).filter(|at| *at != index).collect()
    });
    let before: Vec<Vec<usize>> = before.collect();
    let names: BTreeMap<usize, String> = read.iter().map(|one| one.migration.id.clone()).enumerate().collect();
    for one in &mut read {
        let by = stands_for.get(&one.migration.id).and_then(|at| names.get(at));
        one.migration.skip = by.map(|by| format!("{by} replaces it"));
    }
    let order = order(&before, &[]);
    arranged(read.into_iter().map(|one| one.migration).collect(), &order)
}

/// Has one migration follow another: in line where both are of one app.
fn follow(read: &mut [Read], index: usize, before: &Key) {
    let one = &mut read[index];
    let list = if before.0 == one.key.0 { &mut one.migration.parents } else { &mut one.migration.depends_on };
    let id = id(before);
    if !list.contains(&id) {
        list.push(id);
    }
}

/// The migration that a dependency means; none where it is of an app that is not here.
fn meant(key: &Key, read: &[Read], own: &BTreeSet<String>) -> Option<Key> {
    if !own.contains(&key.0) {
        return None;
    }
    let of_app = |one: &&Read| one.key.0 == key.0;
    let within = |one: &Read| one.dependencies.iter().any(|dependency| dependency.0 == key.0);
    let is_followed = |key: &Key| read.iter().any(|one| one.key.0 == key.0 && one.dependencies.contains(key));
    match key.1.as_str() {
        "__first__" => read.iter().filter(of_app).find(|one| !within(one)).map(|one| one.key.clone()),
        "__latest__" => read.iter().filter(of_app).rfind(|one| !is_followed(&one.key)).map(|one| one.key.clone()),
        _ => Some(key.clone()),
    }
}

#[cfg(test)]
mod tests;
