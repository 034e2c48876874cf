//! The whole pipeline, top to bottom: settings in, report out.

mod assemble;
mod base_config;
mod before;
mod command;
mod database;
mod dialects;
mod kinds;
mod on_engine;
mod schemas;
mod settings;
mod since_base;
mod tool;

use std::cell::RefCell;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use futures_util::StreamExt as _;

pub use before::{Before, before};
pub use schemas::{Asked, Compared, Leaving, Revision, Side, What, Whose, compare, printed, schemas};
pub use settings::{Servers, Settings};

use database::Task;
use since_base::Base;

use crate::config::Problem;
use crate::policy::{self, Rule, RuleFile};
use crate::replay::Event;
use crate::report::{DatabaseReport, ErrorReport, Report};

/// Checks every database of the settings. Whatever keeps a part from being checked is an error in the report, beside the
/// findings of the rest.
pub async fn run(settings: &Settings, listener: &mut dyn FnMut(&Event)) -> Report {
    let clock = Instant::now();
    let started = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let mut errors = Vec::new();
    let mut databases = Vec::new();
    let mut changed_files = Vec::new();
    match rules(settings) {
        Ok(rules) => {
            let base = since_base::find(settings).await;
            databases = check(settings, &rules, base.as_ref(), listener).await;
            changed_files = base.and_then(Result::ok).map(|base| base.changed_files).unwrap_or_default();
        }
        Err(messages) => errors.extend(messages.into_iter().map(|message| ErrorReport { phase: None, message })),
    }
    let started_millis = i64::try_from(started).unwrap_or_default();
    Report { changed_files, started_millis, ..assemble::report(settings, databases, errors, clock.elapsed()) }
}

/// The core pack and the user's own rules, and the levels that the configuration gives them.
fn rules(settings: &Settings) -> Result<Vec<Rule>, Vec<String>> {
    let mut files = Vec::new();
    let mut errors = Vec::new();
    for path in &settings.project.policies {
        let path = settings.project.resolve(path);
        match std::fs::read_to_string(&path) {
            Ok(text) => files.push(RuleFile { path: path.display().to_string(), text }),
            Err(error) => {
                errors.push(format!("cannot read the rule file {}: {error}; check `policies`", path.display()));
            }
        }
    }
    let rules = match policy::load(&files) {
        Ok(rules) => rules,
        Err(broken) => {
            errors.extend(broken.problems.iter().map(ToString::to_string));
            return Err(errors);
        }
    };
    errors.extend(unknown_rules(settings, &rules));
    if errors.is_empty() { Ok(rules) } else { Err(errors) }
}

/// Names under `rules` that no rule has, each with its place in the configuration.
fn unknown_rules(settings: &Settings, rules: &[Rule]) -> Option<String> {
    let unknown = policy::unknown_levels(rules, &settings.project.rules);
    let places = settings.places.as_ref()?;
    let problems: Vec<Problem> = unknown
        .into_iter()
        .filter_map(|unknown| {
            let hint = unknown.near.first().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let place = *places.rules.get(&unknown.name)?;
            Some(Problem::new(place, format!("there is no rule `{}`{hint}", unknown.name)))
        })
        .collect();
    (!problems.is_empty()).then(|| places.error(problems).to_string())
}

/// Checks the databases, as many at a time as the settings allow, and keeps the order of the configuration.
async fn check(
    settings: &Settings,
    rules: &[Rule],
    base: Option<&Result<Base, String>>,
    listener: &mut dyn FnMut(&Event),
) -> Vec<DatabaseReport> {
    let listener = RefCell::new(listener);
    let tell = |event: &Event| (listener.borrow_mut())(event);
    let chosen = settings.project.databases.iter().enumerate().filter(|(_, database)| settings.chosen(&database.name));
    let task = |index| Task { settings, index, rules, tell: &tell };
    let checks: Vec<_> =
        chosen.map(|(index, _)| async move { (index, database::check(task(index), base).await) }).collect();
    let at_a_time = settings.servers.as_ref().map_or(1, |servers| servers.jobs.max(1));
    let mut checked: Vec<_> = futures_util::stream::iter(checks).buffered(at_a_time).collect().await;
    dialects::compare(settings, rules, &mut checked);
    let report = |(index, checked): (usize, _)| assemble::database(&settings.project.databases[index].name, checked);
    checked.into_iter().map(report).collect()
}
