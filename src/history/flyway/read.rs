//! The history in a folder of Flyway.

use std::collections::BTreeMap;
use std::path::Path;

use super::name::{self, Kind, Name, Version};
use super::placeholders::Placeholders;
use super::settings::{self, Settings};
use super::statements::statements;
use crate::history::chain::chain;
use crate::history::{
    Cutting, EngineKind, Entry, History, HistoryError, Listing, Migration, Script, TransactionMode, Unmatched,
};

/// A migration's file, in SQL or not.
struct Found<'a> {
    name: Name,
    entry: &'a Entry,
    language: Option<&'static str>,
}

/// What all scripts are read with.
struct Reading<'a> {
    settings: &'a Settings,
    placeholders: Placeholders<'a>,
    engine: EngineKind,
    /// The files beside the scripts that configure them, by path.
    configurations: BTreeMap<&'a Path, &'a Entry>,
}

/// Reads the folder, and what else belongs to it.
pub(super) fn history(listing: &Listing, settings: &Settings, engine: EngineKind) -> Result<History, HistoryError> {
    let listings = locations(listing, settings)?;
    let files: Vec<&Entry> = listings.iter().flat_map(Listing::all_files).collect();
    let is_configuration = |entry: &&&Entry| entry.name.ends_with(".conf");
    let reading = Reading {
        settings,
        placeholders: Placeholders::new(settings, &listing.options.placeholders, engine),
        engine,
        configurations: files.iter().filter(is_configuration).map(|entry| (entry.shown.as_path(), *entry)).collect(),
    };
    let (mut found, mut unmatched) = (Vec::new(), Vec::new());
    for entry in files.iter().copied().filter(|entry| !entry.name.ends_with(".conf")) {
        match judge(entry, settings)? {
            Judged::Migration(migration) => found.push(migration),
            Judged::PassedOver(reason) => unmatched.push(Unmatched { path: entry.shown.clone(), reason }),
            Judged::Nothing => {}
        }
    }
    let mut migrations = Vec::new();
    for (up, undo) in paired(found, &mut unmatched) {
        if let Some(reason) = reading.not_executed(&up)? {
            unmatched.push(Unmatched { path: up.entry.shown.clone(), reason });
            continue;
        }
        migrations.push(reading.migration(&up, undo.as_ref())?);
    }
    Ok(chain("flyway", listing, migrations, unmatched))
}

/// The folder, and the others from which the tool reads: those of rollproof.yml, and those of the tool's own file where this
/// folder is one of them.
fn locations(listing: &Listing, settings: &Settings) -> Result<Vec<Listing>, HistoryError> {
    let own = std::fs::canonicalize(&listing.path).ok();
    let existing = |path: &std::path::PathBuf| std::fs::canonicalize(path).ok().filter(|path| path.is_dir());
    let configured: Vec<_> = settings.locations.iter().filter_map(existing).collect();
    let is_among = own.as_ref().is_some_and(|own| configured.contains(own));
    let mut others: Vec<(std::path::PathBuf, std::path::PathBuf)> = Vec::new();
    for path in &listing.options.locations {
        // One that is not there is an error here: the configuration names it.
        others.push((path.clone(), path.clone()));
    }
    if is_among {
        let shown = settings.locations.iter().filter(|path| existing(path).is_some());
        others.extend(configured.iter().cloned().zip(shown.cloned()));
    }
    let mut listings = vec![listing.whole()?];
    let mut seen: Vec<_> = own.into_iter().collect();
    for (path, shown) in others {
        let real = std::fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        // A location within another one is read with it.
        if !seen.iter().any(|seen| real.starts_with(seen)) {
            listings.push(Listing::read(&path, &shown)?.whole()?);
            seen.push(real);
        }
    }
    Ok(listings)
}

/// What a file is to the tool.
enum Judged<'a> {
    Migration(Found<'a>),
    PassedOver(String),
    Nothing,
}

fn judge<'a>(entry: &'a Entry, settings: &Settings) -> Result<Judged<'a>, HistoryError> {
    const LANGUAGES: [(&str, &str); 3] = [(".java", "Java"), (".class", "Java"), (".kt", "Kotlin")];
    let in_language = LANGUAGES.iter().find_map(|(suffix, language)| {
        let name = name::parse_stem(entry.name.strip_suffix(suffix)?, settings).ok()?;
        let migrates = !matches!(name.kind, Kind::Callback(_)) && entry.name.contains(&settings.separator);
        migrates.then_some(Found { name, entry, language: Some(*language) })
    });
    if let Some(found) = in_language {
        return Ok(Judged::Migration(found));
    }
    let is_sql = settings.suffixes.iter().any(|suffix| entry.name.ends_with(suffix.as_str()));
    Ok(match name::parse(&entry.name, settings) {
        Ok(Name { kind: Kind::Callback(event), .. }) if name::is_run(event) => {
            Judged::PassedOver(format!("it is a callback, which flyway runs at {event}; rollproof runs no callbacks"))
        }
        Ok(Name { kind: Kind::Callback(_), .. }) => Judged::Nothing,
        Ok(name) => Judged::Migration(Found { name, entry, language: None }),
        Err(_) if entry.is_harmless() => Judged::Nothing,
        Err(reason) if settings.validates_names && is_sql => {
            let next = "rename it, or move it out of the folder";
            return Err(HistoryError::stops(
                &entry.shown,
                "flyway",
                format!("{reason} (validateMigrationNaming)"),
                next,
            ));
        }
        Err(reason) => Judged::PassedOver(reason),
    })
}

/// The migrations that run on an empty database, in their order, each with what undoes it.
fn paired<'a>(found: Vec<Found<'a>>, unmatched: &mut Vec<Unmatched>) -> Vec<(Found<'a>, Option<Found<'a>>)> {
    let (mut versioned, mut undos, mut repeatable) = (Vec::new(), Vec::new(), Vec::new());
    let mut baselines: Vec<(Version, Found<'a>)> = Vec::new();
    for one in found {
        match one.name.kind.clone() {
            Kind::Versioned(version) => versioned.push((version, one)),
            Kind::Undo(version) => undos.push((version, one)),
            Kind::Baseline(version) => baselines.push((version, one)),
            Kind::Repeatable | Kind::Callback(_) => repeatable.push(one),
        }
    }
    let mut leave_out = |one: &Found<'_>, reason: String| {
        unmatched.push(Unmatched { path: one.entry.shown.clone(), reason });
    };
    baselines.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.name.stem.cmp(&other.name.stem)));
    let newest = baselines.last().map(|(version, one)| (version.clone(), one.entry.name.clone()));
    if let Some((baseline, file)) = &newest {
        let stands = || format!("on an empty database {file} stands for it");
        for all in [&mut versioned, &mut undos] {
            all.retain(|(version, one)| {
                version > baseline || {
                    leave_out(one, stands());
                    false
                }
            });
        }
        baselines.retain(|(version, one)| {
            version == baseline || {
                leave_out(one, stands());
                false
            }
        });
    }
    versioned.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.name.stem.cmp(&other.name.stem)));
    repeatable.sort_by(|one, other| {
        one.name.description.cmp(&other.name.description).then_with(|| one.name.stem.cmp(&other.name.stem))
    });
    let mut pairs: Vec<_> = baselines.into_iter().map(|(_, one)| (one, None)).collect();
    for (version, one) in versioned {
        let undo = undos.iter().position(|(undone, _)| *undone == version).map(|at| undos.remove(at).1);
        pairs.push((one, undo));
    }
    for (version, one) in undos {
        leave_out(&one, format!("there is no migration of its version {version} that it could undo"));
    }
    pairs.extend(repeatable.into_iter().map(|one| (one, None)));
    pairs
}

impl Reading<'_> {
    fn migration(&self, up: &Found<'_>, undo: Option<&Found<'_>>) -> Result<Migration, HistoryError> {
        let version = match &up.name.kind {
            Kind::Versioned(version) | Kind::Undo(version) | Kind::Baseline(version) => version.to_string(),
            Kind::Repeatable | Kind::Callback(_) => format!("{} {}", self.settings.repeatable, up.name.description),
        };
        let down = undo.filter(|undo| undo.language.is_none()).map(|undo| self.script(undo.entry)).transpose()?;
        let script = match up.language {
            None => self.script(up.entry)?,
            Some(_) => Script::new(up.entry.shown.clone(), "".into(), TransactionMode::Wrapped),
        };
        Ok(Migration { language: up.language, ..Migration::new(up.name.stem.clone(), version, script, down) })
    }

    /// What the file beside a script says of it.
    fn configuration(&self, entry: &Entry) -> Result<BTreeMap<String, String>, HistoryError> {
        let mut beside = entry.shown.clone().into_os_string();
        beside.push(".conf");
        let Some(file) = self.configurations.get(Path::new(&beside)) else { return Ok(BTreeMap::new()) };
        Ok(settings::of_script(&self.placeholders.fill(file, &file.text()?)?))
    }

    /// Why a migration is left away by its own configuration, if it is.
    fn not_executed(&self, found: &Found<'_>) -> Result<Option<String>, HistoryError> {
        let configuration = self.configuration(found.entry)?;
        let Some(expression) = configuration.get("shouldExecute") else { return Ok(None) };
        let text = expression.trim().trim_start_matches('(').trim_end_matches(')').trim();
        let compared = text
            .split_once("==")
            .map(|(a, b)| (a, b, true))
            .or_else(|| text.split_once("!=").map(|(a, b)| (a, b, false)));
        let executes = match (text, compared) {
            ("true", _) => true,
            ("false", _) => false,
            (_, Some((a, b, equal))) if !text.contains(['&', '|']) => (a.trim() == b.trim()) == equal,
            _ => {
                let problem = format!("its .conf says shouldExecute={expression}, which only flyway can tell");
                let next = "make it true, false or one comparison";
                return Err(HistoryError::stops(&found.entry.shown, "rollproof", problem, next));
            }
        };
        Ok((!executes).then(|| format!("its .conf says shouldExecute={expression}")))
    }

    fn script(&self, entry: &Entry) -> Result<Script, HistoryError> {
        let configuration = self.configuration(entry)?;
        let flag = |key: &str| configuration.get(key).map(|value| value.eq_ignore_ascii_case("true"));
        let text = entry.text()?;
        let text = if flag("placeholderReplacement").unwrap_or(self.settings.replaces) {
            self.placeholders.fill(entry, &text)?.into()
        } else {
            text
        };
        let found = statements(&text, self.engine).map_err(|line| {
            let problem = format!("to flyway's own reader the statement that begins in line {line} does not end");
            HistoryError::stops(&entry.shown, "flyway", problem, "end its blocks and parentheses")
        })?;
        let outside = found.iter().find(|statement| !statement.in_transaction);
        let (asked, mixes) = (flag("executeInTransaction"), found.iter().any(|statement| statement.in_transaction));
        if let Some(outside) =
            outside.filter(|_| mixes && !self.settings.mixed && asked.is_none() && self.settings.in_transaction)
        {
            let line = 1 + text[..outside.range.start].matches('\n').count();
            let problem = format!(
                "the statement in line {line} runs outside of a transaction, and others of the script in one (mixed is false)"
            );
            let next = "give it a migration of its own, or set `mixed` in flyway.toml";
            return Err(HistoryError::stops(&entry.shown, "flyway", problem, next));
        }
        let wrapped = asked.unwrap_or(outside.is_none() && self.settings.in_transaction);
        let transaction = if wrapped { TransactionMode::Wrapped } else { TransactionMode::Autocommit };
        let cutting = match self.engine {
            EngineKind::Mysql | EngineKind::Mariadb => {
                Cutting::Pieces(found.into_iter().map(|statement| statement.range).collect())
            }
            EngineKind::Postgres | EngineKind::Sqlite => Cutting::Server,
        };
        Ok(Script { cutting, ..Script::new(entry.shown.clone(), text, transaction) })
    }
}
