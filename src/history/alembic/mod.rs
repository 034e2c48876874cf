//! The revisions of Alembic and of Flask-Migrate, which is built on it. The tool itself runs them.
//!
//! The facts are those of Alembic 1.20 (`alembic/script/base.py`, `script/revision.py`, `config.py`) and Flask-Migrate 4:
//! - `script_location` is the folder with `env.py`; revisions lie in its `versions`, or in `version_locations`. Of these the
//!   files `*.py` are read, except `__init__*` and `.#*`; folders within them only with `recursive_version_locations`.
//! - `down_revision` makes the line; `depends_on` names, by its id, the beginning of that, or a label of its branch, what else
//!   has to be there before, and does not change which revisions are heads.
//! - `branch_labels` name a branch: they hold for what follows the revision, and for what it follows back to where the
//!   line parts. With them `alembic upgrade label@head` is possible where there are several heads, so that these are meant.
//! - The table is `alembic_version`, which the tool makes itself; `env.py` may name another one.
//! - Flask-Migrate keeps `alembic.ini` in the same folder as `env.py`, which has the database from `current_app`.

mod revision;
mod settings;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::listing::tidied;
use super::order::{arranged, order};
use super::python::Module;
use super::{
    Conduct, EngineKind, Entry, Evidence, Format, History, HistoryError, Listing, Migration, ToolKind, Unmatched,
};
use crate::evidence::{Closeness, Nearby};
use revision::Revision;
use settings::Settings;

/// The format of Alembic.
pub(super) struct Alembic;

/// The format of Flask-Migrate.
pub(super) struct FlaskMigrate;

const TABLE: &str = "alembic_version";

impl Format for Alembic {
    fn name(&self) -> &'static str {
        "alembic"
    }

    fn looked_for(&self) -> &'static str {
        "env.py with versions/<revision>_<slug>.py, or alembic.ini"
    }

    fn recognise(&self, listing: &Listing, nearby: &Nearby) -> Option<Evidence> {
        recognise(listing, nearby, false)
    }

    fn is_marked(&self, listing: &Listing) -> bool {
        Layout::of(listing).is_some()
    }

    fn read(&self, listing: &Listing, _engine: EngineKind) -> Result<History, HistoryError> {
        history(listing, "alembic")
    }

    fn conduct(&self, _engine: EngineKind) -> Conduct {
        Conduct::new(&[], &[], &[TABLE])
    }

    fn runs_itself(&self) -> Option<ToolKind> {
        Some(ToolKind::Alembic)
    }
}

impl Format for FlaskMigrate {
    fn name(&self) -> &'static str {
        "flask-migrate"
    }

    fn looked_for(&self) -> &'static str {
        "alembic.ini and env.py of Flask-Migrate with versions/<revision>_<slug>.py"
    }

    fn recognise(&self, listing: &Listing, nearby: &Nearby) -> Option<Evidence> {
        recognise(listing, nearby, true)
    }

    fn is_marked(&self, listing: &Listing) -> bool {
        Layout::of(listing).is_some()
    }

    fn read(&self, listing: &Listing, _engine: EngineKind) -> Result<History, HistoryError> {
        history(listing, "flask-migrate")
    }

    fn conduct(&self, _engine: EngineKind) -> Conduct {
        Conduct::new(&[], &[], &[TABLE])
    }

    fn runs_itself(&self) -> Option<ToolKind> {
        Some(ToolKind::FlaskMigrate)
    }
}

/// A folder that is recognised has `env.py` of the one tool or the other, and revisions.
fn recognise(listing: &Listing, nearby: &Nearby, flask: bool) -> Option<Evidence> {
    let layout = Layout::of(listing)?;
    // In a search the folder with env.py is the one to find, unless its revisions lie elsewhere.
    if nearby.folders.is_empty() && layout.script_location != listing.path && layout.is_within(&layout.script_location)
    {
        return None;
    }
    let text = std::fs::read_to_string(layout.script_location.join("env.py")).unwrap_or_default();
    let is_flask = text.contains("current_app") || text.contains("flask_migrate");
    let scripts = layout.locations.iter().map(|location| sources(location, location).len()).sum();
    let project = Some(Closeness { levels_up: 0, language_only: false });
    (scripts > 0 && is_flask == flask).then_some(Evidence { scripts, project, specific: true })
}

/// Where the files of a project lie.
struct Layout {
    script_location: PathBuf,
    /// The folders with revisions.
    locations: Vec<PathBuf>,
    recursive: bool,
}

impl Layout {
    /// That of a folder with `env.py`, or with the configuration.
    fn of(listing: &Listing) -> Option<Self> {
        let has_env = listing.files().any(|entry| entry.name == "env.py" && speaks_of_alembic(entry));
        // A copy of the folder at another commit has its configuration where the folder is.
        let settings = if has_env {
            let own = || settings::of_script_location(&listing.shown);
            Some(settings::of_script_location(&listing.path).or_else(own))
        } else {
            settings::in_folder(&listing.path).into_iter().find(|found| found.script_location.is_dir()).map(Some)
        };
        let settings = settings?.unwrap_or_default();
        let script_location = if has_env { listing.path.clone() } else { settings.script_location.clone() };
        let locations = locations(&settings, &script_location, listing);
        Some(Self { script_location, locations, recursive: settings.recursive })
    }

    /// Whether all revisions lie in this folder.
    fn is_within(&self, folder: &Path) -> bool {
        self.locations.iter().all(|location| location.starts_with(folder))
    }
}

fn speaks_of_alembic(entry: &Entry) -> bool {
    entry.text().is_ok_and(|text| text.contains("alembic"))
}

/// The folders with revisions: those of the configuration, where they lie in the folder that is read as that has them.
fn locations(settings: &Settings, script_location: &Path, listing: &Listing) -> Vec<PathBuf> {
    if settings.version_locations.is_empty() {
        return vec![script_location.join("versions")];
    }
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let roots = [real(&listing.path), real(&listing.shown)];
    let inside = |location: &PathBuf| {
        let below = roots.iter().find_map(|root| real(location).strip_prefix(root).ok().map(Path::to_owned));
        below.map_or_else(|| location.clone(), |below| listing.path.join(below))
    };
    settings.version_locations.iter().map(inside).collect()
}

/// The files that may be revisions in a folder, and in those within it.
fn sources(folder: &Path, shown: &Path) -> Vec<Entry> {
    let Ok(listing) = Listing::read(folder, shown).and_then(|listing| listing.whole()) else { return Vec::new() };
    let files = listing.all_files().into_iter().filter(|entry| is_source(&entry.name)).cloned();
    files.filter(|entry| !entry.shown.components().any(|part| part.as_os_str() == "__pycache__")).collect()
}

fn is_source(name: &str) -> bool {
    name.ends_with(".py") && !name.starts_with(".#") && !name.starts_with("__init__")
}

fn history(listing: &Listing, format: &'static str) -> Result<History, HistoryError> {
    let Some(layout) = Layout::of(listing) else {
        return Err(HistoryError::no_migration(listing, &super::format_named(format).into_iter().collect::<Vec<_>>()));
    };
    let is_copy = listing.path != listing.shown;
    let (mut revisions, mut unmatched) = (Vec::new(), Vec::new());
    for location in &layout.locations {
        let below = location.strip_prefix(&listing.path);
        if let (Err(_), true) = (&below, is_copy) {
            let problem = format!("the revisions in {} lie outside of it", location.display());
            let next_step = "name the folder that holds alembic.ini in `migrations: {path: ...}`";
            return Err(HistoryError::stops(&listing.shown, "rollproof", problem, next_step));
        }
        let shown = below.map_or_else(|_| location.clone(), |below| tidied(&listing.shown.join(below)));
        for entry in sources(location, &shown) {
            if !layout.recursive && entry.path.parent() != Some(location) {
                let reason = "it lies in a folder of its own, and recursive_version_locations is not set";
                unmatched.push(Unmatched { path: entry.shown, reason: reason.to_owned() });
                continue;
            }
            revisions.push(revision::read(&Module::read(&entry)?, format)?);
        }
    }
    unmatched.sort_by(|a, b| a.path.cmp(&b.path));
    let migrations = lined_up(revisions);
    let one_way = !migrations.is_empty() && migrations.iter().all(|migration| migration.down.is_none());
    let folder = listing.shown.clone();
    Ok(History { format, folder, migrations, unmatched, one_way, declares_parents: true })
}

/// The migrations in an order in which they can run, with what they depend on by its id, and their branches.
fn lined_up(mut revisions: Vec<Revision>) -> Vec<Migration> {
    revisions.sort_by(|a, b| {
        a.migration.id.cmp(&b.migration.id).then_with(|| a.migration.up.path.cmp(&b.migration.up.path))
    });
    let ids: BTreeMap<String, usize> =
        revisions.iter().enumerate().rev().map(|(at, one)| (one.migration.id.clone(), at)).collect();
    let indices = |names: &[String]| -> Vec<usize> { names.iter().filter_map(|id| ids.get(id).copied()).collect() };
    let parents: Vec<Vec<usize>> = revisions.iter().map(|one| indices(&one.migration.parents)).collect();
    let labels = labels(&revisions, &parents);
    let wanted: Vec<Vec<String>> = revisions.iter().map(|one| one.migration.depends_on.clone()).collect();
    for (index, wanted) in wanted.into_iter().enumerate() {
        let meant = wanted.into_iter().map(|name| named(&name, &revisions, &ids, &labels, &parents));
        revisions[index].migration.depends_on = meant.collect();
    }
    let followed: BTreeSet<usize> = parents.iter().flatten().copied().collect();
    let heads: Vec<usize> = (0..revisions.len()).filter(|index| !followed.contains(index)).collect();
    let branches = branches(&heads, &labels);
    for (index, one) in revisions.iter_mut().enumerate() {
        one.migration.branch = branches.get(&index).cloned().or_else(|| labels[index].first().cloned());
    }
    let before: Vec<Vec<usize>> =
        revisions.iter().map(|one| one.migration.before().filter_map(|id| ids.get(id).copied()).collect()).collect();
    let order = order(&before, &heads);
    arranged(revisions.into_iter().map(|one| one.migration).collect(), &order)
}

/// The labels that hold for each revision.
fn labels(revisions: &[Revision], parents: &[Vec<usize>]) -> Vec<BTreeSet<String>> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); revisions.len()];
    for (child, own) in parents.iter().enumerate() {
        own.iter().for_each(|parent| children[*parent].push(child));
    }
    let mut labels = vec![BTreeSet::new(); revisions.len()];
    for (index, one) in revisions.iter().enumerate().filter(|(_, one)| !one.labels.is_empty()) {
        let (mut left, mut seen) = (vec![index], BTreeSet::from([index]));
        while let Some(at) = left.pop() {
            left.extend(children[at].iter().copied().filter(|child| seen.insert(*child)));
        }
        let mut at = index;
        while let [parent] = parents[at].as_slice()
            && children[*parent].len() == 1
            && seen.insert(*parent)
        {
            at = *parent;
        }
        for at in seen {
            labels[at].extend(one.labels.iter().cloned());
        }
    }
    labels
}

/// The revision that a name of `depends_on` means; the name itself where none is meant.
fn named(
    name: &str,
    revisions: &[Revision],
    ids: &BTreeMap<String, usize>,
    labels: &[BTreeSet<String>],
    parents: &[Vec<usize>],
) -> String {
    if ids.contains_key(name) {
        return name.to_owned();
    }
    let labelled: Vec<usize> = (0..revisions.len()).filter(|index| labels[*index].contains(name)).collect();
    let head = labelled.iter().find(|index| !labelled.iter().any(|other| parents[*other].contains(index)));
    let begins = || {
        let mut fitting = ids.range(name.to_owned()..).take_while(|(id, _)| id.starts_with(name)).map(|(_, at)| at);
        fitting.next().filter(|_| fitting.next().is_none() && !name.is_empty())
    };
    head.or_else(begins).map_or_else(|| name.to_owned(), |index| revisions[*index].migration.id.clone())
}

/// The label by which each head can be told from the others; one that it shares where it has no other.
fn branches(heads: &[usize], labels: &[BTreeSet<String>]) -> BTreeMap<usize, String> {
    let told = heads.iter().filter_map(|head| {
        let shared = |label: &&String| heads.iter().any(|other| other != head && labels[*other].contains(*label));
        let own = labels[*head].iter().find(|label| !shared(label));
        Some((*head, own.or(labels[*head].first())?.clone()))
    });
    told.collect()
}

#[cfg(test)]
mod tests;
