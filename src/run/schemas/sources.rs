//! Reading a schema where it is.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::servers::Servers as Pool;
use crate::config::Database;
use crate::dump::{self, Dump, Loaded, Origin};
use crate::engine::mysql::{self, Mysql};
use crate::engine::postgres::{Postgres, Terms};
use crate::engine::sqlite::Sqlite;
use crate::engine::{Engine, EngineError, Moment, postgres, sqlite};
use crate::history::EngineKind;
use crate::provision::{Address, Readable, RunFolder, Wanted, readable, sqlite_version};
use crate::replay::Event;
use crate::run::Servers;
use crate::run::database::wanted;
use crate::schema::{Snapshot, printed};

/// A schema, and what is to be known of it.
#[derive(Clone, Debug)]
pub struct Side {
    /// What was asked for, without a password.
    pub what: String,
    /// The product.
    pub engine: EngineKind,
    /// The version of the server that it was read from.
    pub server_version: Option<String>,
    /// The schema.
    pub snapshot: Snapshot,
    /// Who read it, where that is who has defined what names no `definer`; of a revision that is whoever runs migrations.
    pub reader: Option<String>,
    /// Where it is from.
    pub whose: Whose,
    /// Whether it says what the database itself is like, beside what is in it.
    pub tells_database: bool,
    /// What could not be read.
    pub cannot_tell: Vec<CannotTell>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// Kinds of objects that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannotTell {
    /// The kinds; where a schema was printed before, as reports print them.
    pub kinds: Vec<Arc<str>>,
    /// Why not.
    pub why: String,
}

impl CannotTell {
    /// A line of a schema that was printed before.
    pub(super) fn read(line: &str) -> Self {
        let (kinds, why) = line.split_once(": ").unwrap_or(("", line));
        let kind = |kind: &str| {
            let own = mysql::kinds().into_iter().chain(postgres::kinds()).find(|own| printed(own) == kind);
            Arc::from(own.unwrap_or(kind))
        };
        Self { kinds: kinds.split(", ").map(kind).collect(), why: why.to_owned() }
    }

    /// As a line, of the kinds that are wanted; `None` where none is.
    pub(super) fn line(&self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        let kinds: Vec<String> = self.kinds.iter().filter(|kind| wanted(kind)).map(|kind| printed(kind)).collect();
        (!kinds.is_empty()).then(|| format!("{}: {}", kinds.join(", "), self.why))
    }
}

/// Where a schema is from, which decides whether its cluster says anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// A revision on a server of our own: what the cluster has, the migrations made.
    OurCluster,
    /// A database of somebody's cluster, which is told with it.
    TheirCluster,
    /// A dump that makes no roles: those that are there are none of its.
    NoCluster,
}

/// The schema of the database at a URL, which is only read.
///
/// # Errors
/// When it cannot be reached or read; no message holds a password.
pub(super) async fn at_url(url: &str, patience: Duration) -> Result<Side, String> {
    match readable(url)? {
        Readable::SqliteFile(file) => sqlite_file(&file).await,
        Readable::Postgres { options, shown } => {
            let read = answered(&shown, postgres::read_only(&options, patience), patience).await?;
            Ok(Side {
                what: shown,
                engine: EngineKind::Postgres,
                server_version: Some(read.version),
                snapshot: read.snapshot,
                reader: None,
                whose: Whose::TheirCluster,
                tells_database: true,
                cannot_tell: Vec::new(),
                notes: read.note.into_iter().collect(),
            })
        }
        Readable::Mysql { options, shown, .. } => {
            let read = answered(&shown, mysql::read_only(&options, patience), patience).await?;
            Ok(Side {
                what: shown,
                // A URL of either scheme may lead to a server of the other product.
                engine: read.engine,
                server_version: Some(read.version),
                snapshot: read.snapshot,
                reader: Some(read.user),
                whose: Whose::TheirCluster,
                tells_database: true,
                cannot_tell: Vec::new(),
                notes: Vec::new(),
            })
        }
    }
}

/// What a server answers in time.
async fn answered<T>(
    shown: &str,
    answer: impl Future<Output = Result<T, EngineError>>,
    patience: Duration,
) -> Result<T, String> {
    let read = tokio::time::timeout(patience, answer).await.map_err(|_| {
        let seconds = patience.as_secs_f64();
        format!("{shown} does not answer within {seconds} s; check that the server runs and can be reached, or give it more with --timeout")
    })?;
    read.map_err(|error| {
        let error = error.to_string();
        format!("{shown} cannot be read: {}; check the address, the user and the password", error.trim_end_matches('.'))
    })
}

/// The schema of a database file of SQLite, which is only read.
///
/// # Errors
/// When it cannot be read.
pub(super) async fn sqlite_file(file: &Path) -> Result<Side, String> {
    let shown = file.display();
    if !file.is_file() {
        return Err(format!("there is no SQLite database {shown}; none is made where one is only to be read"));
    }
    let scratch = RunFolder::scratch().map_err(|error| error.to_string())?;
    let snapshot =
        sqlite::read_only(file, scratch.path()).await.map_err(|error| format!("{shown} cannot be read: {error}"))?;
    Ok(Side {
        what: shown.to_string(),
        engine: EngineKind::Sqlite,
        server_version: Some(sqlite_version().await.map_err(|error| error.to_string())?),
        snapshot,
        reader: None,
        whose: Whose::TheirCluster,
        tells_database: true,
        cannot_tell: Vec::new(),
        notes: Vec::new(),
    })
}

/// A dump to be loaded, and how.
pub(super) struct Loading<'l> {
    pub(super) file: &'l Path,
    pub(super) origin: &'l Origin,
    pub(super) engine: EngineKind,
    /// The project's database of this product, where there is one: it says which server.
    pub(super) database: Option<&'l Database>,
    /// Which of the dump's databases.
    pub(super) chosen: Option<&'l str>,
}

/// The schema that a dump makes in an empty database.
///
/// # Errors
/// When it cannot be loaded, or there is no server for it.
pub(super) async fn dumped(
    loading: &Loading<'_>,
    servers: &Servers,
    pool: &mut Pool,
    tell: &dyn Fn(&Event),
) -> Result<Side, String> {
    let Loading { file, origin, engine, chosen, .. } = *loading;
    let text = |error: EngineError| error.to_string();
    let mut made_for = None;
    if engine != EngineKind::Sqlite {
        // Whatever is wrong with the file is known before a server is started.
        let sections = dump::sections(file, engine).await.map_err(|error| error.to_string())?;
        let chosen = sections.choose(chosen).map_err(|reason| format!("{} {reason}", file.display()))?;
        made_for = Some((sections, chosen));
    } else if chosen.is_some() {
        return Err(format!(
            "--dump-database is for dumps of servers with several databases, and {} is one of {}",
            file.display(),
            engine.title()
        ));
    }
    let server = pool.server(&server_for(loading, servers), tell).await?;
    tell(&Event::Preparing { what: format!("loading {}", file.display()) });
    let dump = Dump { file, origin, timeout: servers.timeout };
    let mut reader = None;
    let (loaded, snapshot): (Loaded, Snapshot) = match (server.address(), &made_for) {
        (Address::SqliteFile(path), _) => {
            let mut engine = Sqlite::create(path).await.map_err(text)?;
            let loaded = dump::load_sqlite(&mut engine, dump).await;
            finished(&mut engine, file, loaded).await?
        }
        (Address::Postgres { admin, .. }, Some((sections, chosen))) => {
            let terms = Terms {
                owned: server.owned(),
                allow_cluster_objects: servers.allow_cluster_objects,
                prefix: server.database_prefix().to_owned(),
                owner: None,
            };
            let mut engine = Postgres::create((**admin).clone(), terms).await.map_err(text)?;
            let loaded = dump::load_postgres(&mut engine, dump, sections, chosen.as_deref()).await;
            finished(&mut engine, file, loaded).await?
        }
        (Address::Mysql { admin, .. }, Some((sections, chosen))) => {
            let terms = mysql::Terms {
                owned: server.owned(),
                allow_cluster_objects: servers.allow_cluster_objects,
                prefix: server.database_prefix().to_owned(),
                data: server.data_folder(),
            };
            let mut engine = Mysql::create((**admin).clone(), terms).await.map_err(text)?;
            let loaded = dump::load_mysql(&mut engine, dump, sections, chosen.as_deref()).await;
            reader = engine.account().await.map_err(text).ok();
            finished(&mut engine, file, loaded).await?
        }
        (Address::Mysql { .. } | Address::Postgres { .. }, None) => {
            return Err("the server is not of the dump's product".to_owned());
        }
    };
    let mut notes = loaded.notes;
    notes.iter_mut().for_each(|note| *note = format!("{}: {note}", file.display()));
    notes.extend(server.notes.iter().cloned());
    let major = |version: &str| version.split('.').next().map(str::to_owned);
    if let Some(from) = origin.version.as_deref().filter(|from| major(from) != major(&server.version)) {
        let (title, version) = (engine.title(), &server.version);
        notes.push(format!("{} is of {title} {from} and was loaded into {version}", file.display()));
    }
    let makes_roles = made_for.is_some_and(|(sections, _)| sections.makes_roles);
    Ok(Side {
        what: file.display().to_string(),
        engine,
        server_version: Some(server.version.clone()),
        snapshot,
        reader,
        whose: if makes_roles { Whose::TheirCluster } else { Whose::NoCluster },
        tells_database: loaded.tells_database,
        cannot_tell: Vec::new(),
        notes,
    })
}

/// The schema of a database that was loaded, and the database's end.
async fn finished(
    engine: &mut dyn Engine,
    file: &Path,
    loaded: Result<Loaded, dump::DumpError>,
) -> Result<(Loaded, Snapshot), String> {
    let snapshot = match loaded {
        Ok(loaded) => match engine.snapshot(Moment::Committed).await {
            Ok(snapshot) => Ok((loaded, snapshot)),
            Err(error) => Err(format!("what {} made cannot be read: {error}", file.display())),
        },
        Err(error) => Err(error.to_string()),
    };
    let closed = engine.close().await;
    let snapshot = snapshot?;
    closed.map_err(|error| format!("the database could not be removed: {error}"))?;
    Ok(snapshot)
}

/// The server that a dump is loaded on: the project's, or what was asked for, else one as the dump is from.
fn server_for(loading: &Loading<'_>, servers: &Servers) -> Wanted {
    let database = loading.database.cloned().unwrap_or_default();
    let mut wanted = wanted(servers, &database, loading.engine);
    // MySQL and MariaDB never stand in for one another unasked, and of the one that is wanted any version will do.
    if wanted.image.is_none() && wanted.server_bins.is_empty() && loading.engine == EngineKind::Postgres {
        wanted.image = loading.origin.major().map(|major| format!("postgres:{}", major.max(postgres::TESTED.oldest)));
        // Nobody asked for this version but the dump, and most load into a newer one.
        wanted.allow_substitute = true;
    }
    wanted
}
