//! The history in a folder of Flyway.

use std::collections::BTreeMap;
use std::path::Path;

use super::name::{self, Kind, Name, Version};
use super::placeholders::Placeholders;
use super::settings::{self, Settings};
use super::statements::statements;
use crate::history::chain::chain;
use crate::history::{
    Callbacks, Cutting, EngineKind, Entry, History, HistoryError, Listing, Migration, Script, TransactionMode,
    Unmatched,
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
    /// The callbacks of each event, in the order of their names.
    callbacks: BTreeMap<&'static str, Vec<Script>>,
}

/// Reads the folder, and what else belongs to it.
pub(super) fn history(listing: &Listing, settings: &Settings, engine: EngineKind) -> Result<History, HistoryError> {
    let listings = locations(listing, settings)?;
    let of_callbacks = callback_locations(listing, settings, &listings)?;
    let mut files: Vec<&Entry> = listings.iter().flat_map(Listing::all_files).collect();
    let is_callback = |entry: &&Entry| {
        let name = name::parse(&entry.name, settings);
        entry.name.ends_with(".conf") || name.is_ok_and(|name| matches!(name.kind, Kind::Callback(_)))
    };
    files.extend(of_callbacks.iter().flat_map(Listing::all_files).filter(is_callback));
    let is_configuration = |entry: &&&Entry| entry.name.ends_with(".conf");
    let mut reading = Reading {
        settings,
        placeholders: Placeholders::new(settings, &listing.options.placeholders, engine),
        engine,
        configurations: files.iter().filter(is_configuration).map(|entry| (entry.shown.as_path(), *entry)).collect(),
        callbacks: BTreeMap::new(),
    };
    let (mut found, mut unmatched) = (Vec::new(), Vec::new());
    for entry in files.iter().copied().filter(|entry| !entry.name.ends_with(".conf")) {
        match judge(entry, settings)? {
            Judged::Migration(migration) => found.push(migration),
            Judged::PassedOver(reason) => unmatched.push(Unmatched { path: entry.shown.clone(), reason }),
            Judged::Callback(event) => {
                let script = reading.script(entry)?;
                reading.callbacks.entry(event).or_default().push(script);
            }
            Judged::Nothing => {}
        }
    }
    for scripts in reading.callbacks.values_mut() {
        scripts.sort_by(|a, b| a.path.file_name().cmp(&b.path.file_name()));
    }
    let mut migrations = Vec::new();
    for Pair { up, undo, skip } in paired(found, &mut unmatched) {
        let skip = skip.map_or_else(|| reading.not_executed(&up), |reason| Ok(Some(reason)))?;
        migrations.push(Migration { skip, ..reading.migration(&up, undo.as_ref())? });
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
        others.extend(configured.iter().map(|path| (path.clone(), shown(path, listing))));
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

/// A folder as it is to be printed: seen from where the migrations folder is seen from, where it lies below that.
fn shown(path: &Path, listing: &Listing) -> std::path::PathBuf {
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = std::fs::canonicalize(&listing.path).unwrap_or_else(|_| listing.path.clone());
    let from = folder.ancestors().nth(listing.shown.components().count()).filter(|_| folder.ends_with(&listing.shown));
    from.and_then(|from| real.strip_prefix(from).ok()).map_or_else(|| path.to_owned(), Path::to_owned)
}

/// The folders of callbacks that are in none of the others.
fn callback_locations(
    listing: &Listing,
    settings: &Settings,
    others: &[Listing],
) -> Result<Vec<Listing>, HistoryError> {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let read: Vec<_> = others.iter().filter_map(|listing| real(&listing.path)).collect();
    let is_new = |path: &&std::path::PathBuf| {
        real(path).is_some_and(|path| path.is_dir() && !read.iter().any(|read| path.starts_with(read)))
    };
    settings
        .callback_locations
        .iter()
        .filter(is_new)
        .map(|path| Listing::read(path, &shown(path, listing))?.whole())
        .collect()
}

/// What a file is to the tool.
enum Judged<'a> {
    Migration(Found<'a>),
    PassedOver(String),
    /// A script that runs at an event around each migration.
    Callback(&'static str),
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
        Ok(Name { kind: Kind::Callback(event), .. }) if is_around(event) => Judged::Callback(event),
        Ok(Name { kind: Kind::Callback(event), .. }) if name::is_run(event) => Judged::PassedOver(format!(
            "it is a callback, which flyway runs at {event}; rollproof runs those that it runs around migrations, and not this one"
        )),
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

/// A migration, what undoes it, and why it does not run on an empty database, if it does not.
struct Pair<'a> {
    up: Found<'a>,
    undo: Option<Found<'a>>,
    skip: Option<String>,
}

/// The migrations in their order, each with what undoes it.
fn paired<'a>(found: Vec<Found<'a>>, unmatched: &mut Vec<Unmatched>) -> Vec<Pair<'a>> {
    let (mut undos, mut repeatable) = (Vec::new(), Vec::new());
    // Those with a version; of two of one version the baseline runs instead of the other.
    let mut versioned: Vec<(Version, bool, Found<'a>)> = Vec::new();
    for one in found {
        match one.name.kind.clone() {
            Kind::Versioned(version) => versioned.push((version, false, one)),
            Kind::Baseline(version) => versioned.push((version, true, one)),
            Kind::Undo(version) => undos.push((version, one)),
            Kind::Repeatable | Kind::Callback(_) => repeatable.push(one),
        }
    }
    versioned.sort_by(|(a, first, one), (b, second, other)| {
        a.cmp(b).then(first.cmp(second)).then_with(|| one.name.stem.cmp(&other.name.stem))
    });
    repeatable.sort_by(|one, other| {
        one.name.description.cmp(&other.name.description).then_with(|| one.name.stem.cmp(&other.name.stem))
    });
    let newest = versioned.iter().rfind(|(_, baseline, _)| *baseline);
    let newest = newest.map(|(version, _, one)| (version.clone(), one.entry.name.clone()));
    let mut pairs = Vec::new();
    for (version, baseline, up) in versioned {
        let undo = undos.iter().position(|(undone, _)| !baseline && *undone == version).map(|at| undos.remove(at).1);
        let stands = newest.as_ref().filter(|(of, file)| version <= *of && up.entry.name != *file);
        let skip = stands.map(|(_, file)| format!("a new database begins with the baseline {file}"));
        pairs.push(Pair { up, undo, skip });
    }
    for (version, one) in undos {
        let reason = format!("there is no migration of its version {version} that it could undo");
        unmatched.push(Unmatched { path: one.entry.shown.clone(), reason });
    }
    pairs.extend(repeatable.into_iter().map(|up| Pair { up, undo: None, skip: None }));
    pairs
}

/// The events around one migration that `flyway migrate` runs alone, and around one that `flyway undo` takes back: before it
/// each by itself, in its session and transaction before it and behind it, behind it each by itself.
struct Around {
    before: &'static [&'static str],
    joined_before: &'static str,
    joined_behind: &'static str,
    behind: &'static [&'static str],
}

const VERSIONED: Around = Around {
    before: &["beforeMigrate"],
    joined_before: "beforeEachMigrate",
    joined_behind: "afterEachMigrate",
    behind: &["afterVersioned", "afterMigrateApplied", "afterMigrate"],
};
const REPEATABLE: Around = Around {
    before: &["beforeMigrate", "beforeRepeatables"],
    behind: &["afterMigrateApplied", "afterMigrate"],
    ..VERSIONED
};
const UNDONE: Around = Around {
    before: &["beforeUndo"],
    joined_before: "beforeEachUndo",
    joined_behind: "afterEachUndo",
    behind: &["afterUndo"],
};

/// Whether the scripts of an event are run here.
fn is_around(event: &str) -> bool {
    [VERSIONED, REPEATABLE, UNDONE].iter().any(|around| {
        let own = [around.joined_before, around.joined_behind];
        around.before.iter().chain(around.behind).chain(&own).any(|known| *known == event)
    })
}

impl Reading<'_> {
    /// A migration's script with the callbacks around it.
    fn within(&self, script: Script, around: &Around) -> Script {
        let of = |event: &str| self.callbacks.get(event).into_iter().flatten().cloned();
        let of_all = |events: &[&str]| events.iter().flat_map(|event| of(event)).collect::<Vec<_>>();
        // They share the transaction of the migration, or are without one as it is.
        let transaction = script.transaction;
        let mut before = of_all(around.before);
        let first = before.len();
        before.extend(of(around.joined_before).map(|script| Script { transaction, ..script }));
        before.iter_mut().skip(first + 1).for_each(|script| script.joined = true);
        let joined = before.len() > first;
        let mut behind: Vec<Script> =
            of(around.joined_behind).map(|script| Script { transaction, joined: true, ..script }).collect();
        behind.extend(of_all(around.behind));
        Script { callbacks: Callbacks { before, behind }, joined, ..script }
    }

    fn migration(&self, up: &Found<'_>, undo: Option<&Found<'_>>) -> Result<Migration, HistoryError> {
        let version = match &up.name.kind {
            Kind::Versioned(version) | Kind::Undo(version) => version.to_string(),
            // A baseline may have the version of a migration, for which it stands.
            Kind::Baseline(version) => format!("{} {version}", self.settings.baseline),
            Kind::Repeatable | Kind::Callback(_) => format!("{} {}", self.settings.repeatable, up.name.description),
        };
        let down = undo
            .filter(|undo| undo.language.is_none())
            .map(|undo| Ok(self.within(self.script(undo.entry)?, &UNDONE)))
            .transpose()?;
        let id = up.name.stem.clone();
        Ok(match up.language {
            None => {
                let repeatable = up.name.kind == Kind::Repeatable;
                let around = if repeatable { &REPEATABLE } else { &VERSIONED };
                let script = self.within(self.script(up.entry)?, around);
                Migration { repeatable, ..Migration::new(id, version, script, down) }
            }
            Some(language) => {
                Migration { down, ..Migration::in_language(id, version, up.entry.shown.clone(), language) }
            }
        })
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
        let refused = |at: usize, why: String| {
            let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
            Cutting::Refused { span: at..end, message: format!("flyway stops at this file: {why}") }
        };
        let (found, mut cutting) = match (statements(&text, self.engine), self.engine) {
            (Err(at), _) => {
                let why = "to its own reader this statement does not end; end its blocks and parentheses";
                (Vec::new(), refused(at, why.to_owned()))
            }
            (Ok(found), EngineKind::Postgres | EngineKind::Sqlite) => (found, Cutting::Server),
            (Ok(found), EngineKind::Mysql | EngineKind::Mariadb) => {
                let pieces = found.iter().map(|statement| statement.range.clone()).collect();
                (found, Cutting::Pieces(pieces))
            }
        };
        let outside = found.iter().find(|statement| !statement.in_transaction);
        let asked = flag("executeInTransaction");
        let mixes = found.iter().any(|statement| statement.in_transaction);
        let decides = asked.is_none() && self.settings.in_transaction;
        if let Some(outside) = outside.filter(|_| mixes && decides && !self.settings.mixed) {
            let why = "this statement runs outside of a transaction and others of the script in one; give it a migration of \
                       its own, or set `mixed` in flyway.toml";
            cutting = refused(outside.range.start, why.to_owned());
        }
        let wrapped = asked.unwrap_or(outside.is_none() && self.settings.in_transaction);
        let transaction = match self.engine {
            _ if !wrapped => TransactionMode::Autocommit,
            EngineKind::Sqlite => TransactionMode::Wrapped,
            EngineKind::Postgres | EngineKind::Mysql | EngineKind::Mariadb => TransactionMode::WrappedAnew,
        };
        Ok(Script { cutting, ..Script::new(entry.shown.clone(), text, transaction) })
    }
}
