//! The kinds of objects that a configuration leaves out.

use std::collections::BTreeSet;

use super::Settings;
use crate::config::{Excluded, Exclusion, Problem};
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
