//! All schemas of one command.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::compare::tells_of_database;
use super::files::{self, Found};
use super::project::{Climbed, Known, at_base, at_head};
use super::servers::Servers as Pool;
use super::sources::{self, CannotTell, Loading, Side, Whose};
use super::what::{Revision, What};
use crate::dump;
use crate::history::EngineKind;
use crate::replay::Event;
use crate::report::SchemaReport;
use crate::run::{Servers, Settings};
use crate::schema::{ObjectId, Snapshot, Unreadable, names_kind};

/// Everything that reading schemas needs to know. Has no `Debug`: a URL may hold a password.
pub struct Asked {
    /// The project and the index of its database; or why there is none, which matters where a revision is asked for.
    pub project: Result<(Settings, usize), String>,
    /// Where disposable databases come from.
    pub servers: Servers,
    /// The product of dumps that do not tell theirs.
    pub engine: Option<EngineKind>,
    /// Which database of a dump with several.
    pub dump_database: Option<String>,
}

/// Where a schema is to be read, decided before anything is started.
enum Source<'w> {
    Revision { of_base: bool, height: usize },
    Url(&'w str),
    File(Found),
}

/// The schemas that are asked for, in their order, without what the project leaves out of comparisons.
///
/// # Errors
/// The first one that cannot be had. Everything that was started is gone.
pub async fn schemas(asked: &Asked, whats: &[What], listener: &mut dyn FnMut(&Event)) -> Result<Vec<Side>, String> {
    let listener = RefCell::new(listener);
    let tell = |event: &Event| (listener.borrow_mut())(event);
    let mut pool = Pool::default();
    match read(asked, whats, &mut pool, &tell).await {
        Ok(sides) => pool.stop().await.map(|()| sides),
        Err(message) => {
            let message = pool.explained(message).await;
            // What cannot be removed after an error is news too, but the error comes first.
            let _ = pool.stop().await;
            Err(message)
        }
    }
}

async fn read(asked: &Asked, whats: &[What], pool: &mut Pool, tell: &dyn Fn(&Event)) -> Result<Vec<Side>, String> {
    let is_revision = |what: &What| matches!(what, What::Revision(_));
    let head = match &asked.project {
        Ok((settings, index)) => match at_head(settings, *index) {
            // With a configuration of its own the project has said what is left out; guesses may be wrong in peace where
            // nothing of the project is asked for.
            Err(message) if settings.places.is_some() || whats.iter().any(is_revision) => {
                return Err(message.replace("--format ", "--migrations-format "));
            }
            found => found.ok(),
        },
        Err(message) if whats.iter().any(is_revision) => return Err(message.clone()),
        Err(_) => None,
    };
    let mut base_notes = Vec::new();
    let base = match (&asked.project, &head) {
        (Ok((settings, index)), Some(head)) if whats.contains(&What::Revision(Revision::Base)) => {
            Some(at_base(settings, *index, head, &mut base_notes).await?)
        }
        _ => None,
    };
    let sources = sources(whats, head.as_ref(), base.as_ref())?;
    let mut climbed = BTreeMap::new();
    for (of_base, known) in [(false, &head), (true, &base)] {
        let heights = heights(&sources, of_base);
        if let (Some(known), false) = (known, heights.is_empty()) {
            climbed.insert(of_base, known.climb(&asked.servers, pool, &heights, tell).await?);
        }
    }
    let engine = engine_of_unknown_dumps(asked, &sources, head.as_ref())?;
    let left_out: Vec<String> = [&head, &base].into_iter().flatten().flat_map(Known::left_out).collect();
    let left_out_kinds: Vec<String> = [&head, &base].into_iter().flatten().flat_map(Known::left_out_kinds).collect();
    let mut sides = Vec::new();
    for (what, source) in whats.iter().zip(&sources) {
        let mut side = match source {
            Source::Revision { of_base, height } => {
                let known = if *of_base { &base } else { &head };
                let mut side = revision(known.as_ref(), climbed.get(of_base), *height)?;
                side.what = shown(what);
                side.notes.extend(if *of_base { base_notes.clone() } else { Vec::new() });
                side
            }
            Source::Url(url) => {
                tell(&Event::Preparing { what: "reading the database of the URL".to_owned() });
                sources::at_url(url, asked.servers.timeout).await?
            }
            Source::File(found) => of_file((found, &sources), asked, engine, head.as_ref(), what, pool, tell).await?,
        };
        let is_left_out = |id: &&ObjectId| {
            id.whole_among(&left_out).is_some() || left_out_kinds.iter().any(|name| names_kind(name, &id.kind))
        };
        let gone: Vec<_> = side.snapshot.iter().map(|(id, _)| id).filter(is_left_out).cloned().collect();
        side.snapshot = side.snapshot.changed(gone.iter(), []);
        let unread = side.snapshot.unreadable().iter().filter(|_| side.cannot_tell.is_empty());
        let unread: Vec<CannotTell> = unread
            .filter_map(|unreadable| {
                let wanted = |kind: &&Arc<str>| !left_out_kinds.iter().any(|name| names_kind(name, kind));
                let kinds: Vec<_> = unreadable.kinds.iter().filter(wanted).cloned().collect();
                (!kinds.is_empty()).then(|| cannot_tell(kinds, unreadable))
            })
            .collect();
        side.cannot_tell.extend(unread);
        sides.push(side);
    }
    Ok(sides)
}

/// What could not be read.
fn cannot_tell(kinds: Vec<Arc<str>>, unreadable: &Unreadable) -> CannotTell {
    let Unreadable { role, catalog, reason, .. } = unreadable;
    CannotTell { kinds, why: format!("{role} may not read {catalog} whole ({reason})") }
}

fn sources<'w>(whats: &'w [What], head: Option<&Known>, base: Option<&Known>) -> Result<Vec<Source<'w>>, String> {
    let ids: Vec<&str> = head
        .map(|known| known.history.migrations.iter().map(|migration| migration.id.as_str()).collect())
        .unwrap_or_default();
    let source = |what: &'w What| match what {
        What::Url(url) => Ok(Source::Url(url)),
        What::File(path) => files::find(path, &ids).map(Source::File),
        What::Revision(revision) => {
            let of_base = *revision == Revision::Base;
            let known = if of_base { base } else { head }.ok_or("there is no history to take a revision of")?;
            Ok(Source::Revision { of_base, height: revision.height(&known.history)? })
        }
    };
    whats.iter().map(source).collect()
}

fn heights(sources: &[Source<'_>], base: bool) -> BTreeSet<usize> {
    let heights = sources.iter().filter_map(|source| match source {
        Source::Revision { of_base, height } if *of_base == base => Some(*height),
        _ => None,
    });
    heights.collect()
}

fn revision(known: Option<&Known>, climbed: Option<&Climbed>, height: usize) -> Result<Side, String> {
    let found = known.zip(climbed).and_then(|(known, climbed)| Some((known, climbed, climbed.snapshots.get(&height)?)));
    let (known, climbed, snapshot) = found.ok_or("the history did not come to that revision")?;
    Ok(Side {
        what: String::new(),
        engine: known.engine,
        server_version: Some(climbed.version.clone()),
        snapshot: snapshot.clone(),
        reader: None,
        whose: if climbed.owned { Whose::OurCluster } else { Whose::NoCluster },
        tells_database: true,
        cannot_tell: Vec::new(),
        notes: climbed.notes.clone(),
    })
}

async fn of_file(
    (found, sources): (&Found, &[Source<'_>]),
    asked: &Asked,
    engine: Option<EngineKind>,
    head: Option<&Known>,
    what: &What,
    pool: &mut Pool,
    tell: &dyn Fn(&Event),
) -> Result<Side, String> {
    match found {
        Found::SqliteDatabase(file) => sources::sqlite_file(file).await,
        Found::Kept(kept) => Ok(Side {
            what: shown(what),
            engine: kept.engine,
            server_version: kept.server_version.clone(),
            snapshot: kept_snapshot(kept),
            reader: None,
            whose: Whose::TheirCluster,
            tells_database: kept.objects.iter().any(|object| tells_of_database(&object.kind)),
            cannot_tell: kept.cannot_tell.iter().map(|line| CannotTell::read(line)).collect(),
            notes: kept.notes.clone(),
        }),
        Found::Dump { file, origin } => {
            let engine = origin.engine.or(engine).ok_or_else(|| unclear(file))?;
            let database = head.filter(|known| known.engine == engine).map(|known| &known.database);
            let mut chosen = asked.dump_database.as_deref();
            if let Some(name) = chosen
                && !dump::sections(file, engine).await.is_ok_and(|sections| sections.holds(name))
                && is_held_elsewhere(name, sources, engine).await
            {
                // It was said of another dump. This one has one database, or says which ones it has.
                chosen = None;
            }
            sources::dumped(&Loading { file, origin, engine, database, chosen }, &asked.servers, pool, tell).await
        }
    }
}

/// Whether one of the dumps is about a database of this name.
async fn is_held_elsewhere(name: &str, sources: &[Source<'_>], engine: EngineKind) -> bool {
    for source in sources {
        if let Source::File(Found::Dump { file, origin }) = source
            && dump::sections(file, origin.engine.unwrap_or(engine)).await.is_ok_and(|sections| sections.holds(name))
        {
            return true;
        }
    }
    false
}

/// The snapshot of a schema that was printed before. Of what could not be read then nothing is told now.
fn kept_snapshot(kept: &SchemaReport) -> Snapshot {
    let hidden = kept.cannot_tell.iter().map(|line| {
        let CannotTell { kinds, why } = CannotTell::read(line);
        Unreadable { kinds, catalog: String::new(), role: String::new(), reason: why, help: String::new() }
    });
    kept.snapshot().with_unreadable(hidden.collect())
}

/// The product of dumps that do not tell theirs: what was typed, that of the other side, that of the project.
fn engine_of_unknown_dumps(
    asked: &Asked,
    sources: &[Source<'_>],
    head: Option<&Known>,
) -> Result<Option<EngineKind>, String> {
    let told = |source: &Source<'_>| match source {
        Source::Revision { .. } => head.map(|known| known.engine),
        Source::Url(url) if url.starts_with("sqlite:") => Some(EngineKind::Sqlite),
        Source::Url(url) if url.starts_with("mysql:") => Some(EngineKind::Mysql),
        Source::Url(url) if url.starts_with("mariadb:") => Some(EngineKind::Mariadb),
        Source::Url(_) => Some(EngineKind::Postgres),
        Source::File(Found::SqliteDatabase(_)) => Some(EngineKind::Sqlite),
        Source::File(Found::Kept(kept)) => Some(kept.engine),
        Source::File(Found::Dump { origin, .. }) => origin.engine,
    };
    let by_others = sources.iter().find_map(told);
    Ok(asked.engine.or(by_others).or(head.map(|known| known.engine)))
}

fn unclear(file: &Path) -> String {
    format!(
        "nothing tells of which product {} is a dump; name it with --engine postgres, mysql, mariadb or sqlite",
        file.display()
    )
}

/// What was asked for, as it is to be printed. URLs are printed by those who understood them.
fn shown(what: &What) -> String {
    match what {
        What::Revision(Revision::Head) => "@head".to_owned(),
        What::Revision(Revision::Base) => "@base".to_owned(),
        What::Revision(Revision::Empty) => "@empty".to_owned(),
        What::Revision(Revision::Version(version)) => format!("@{version}"),
        What::Url(_) => "the URL".to_owned(),
        What::File(path) => path.display().to_string(),
    }
}
