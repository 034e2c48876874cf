//! What a configuration says that does not fit the engine: kinds of objects to be left out, entries without a meaning.

use std::collections::BTreeSet;

use super::Settings;
use crate::config::{self, Excluded, Exclusion, Problem};
use crate::engine::{mysql, postgres, sqlite};
use crate::history::EngineKind;
use crate::schema;
use crate::suggest;

/// Kinds of objects to be left out that the engine does not have, each as a problem with its place.
pub(super) fn unknown(settings: &Settings, index: usize, engine: EngineKind) -> Vec<String> {
    let known = match engine {
        EngineKind::Postgres => postgres::kinds(),
        EngineKind::Sqlite => sqlite::kinds(),
        EngineKind::Mysql | EngineKind::Mariadb => mysql::kinds(),
    };
    let names: BTreeSet<String> = known.iter().map(|kind| schema::printed(kind)).collect();
    let problem = |(at, excluded): (usize, &Exclusion)| {
        let Excluded::Kind(name) = &excluded.what else { return None };
        if known.iter().any(|kind| schema::names_kind(name, kind)) {
            return None;
        }
        let own = names.iter().filter_map(|name| Some(name.rsplit_once(' ')?.1));
        let hint = suggest::hint(name, names.iter().map(String::as_str).chain(own));
        let message = format!("{} has no kind of objects called `{name}`{hint}", engine.title());
        let place =
            settings.places.as_ref().and_then(|places| Some((places, *places.databases[index].exclude.get(at)?)));
        Some(match place {
            Some((places, place)) => places.error(vec![Problem::new(place, message)]).to_string(),
            None => message,
        })
    };
    settings.project.databases[index].exclude.iter().enumerate().filter_map(problem).collect()
}

/// What the configuration says that has no meaning with the engine, where something else than the configuration told that.
pub(super) fn misfits(settings: &Settings, index: usize, engine: EngineKind) -> Vec<String> {
    let Some(places) = settings.places.as_ref() else { return Vec::new() };
    let entries = places.databases[index].of_some_engines.iter();
    let problems = entries.filter_map(|(key, place)| Some(Problem::new(*place, config::misfit(engine, key)?)));
    problems.map(|problem| places.error(vec![problem]).to_string()).collect()
}
