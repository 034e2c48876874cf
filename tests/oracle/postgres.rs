//! PostgreSQL: snapshots agree with `pg_dump` and `pg_dumpall`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use rollproof::config::Database;
use rollproof::engine::postgres::{Postgres, Terms};
use rollproof::engine::{Engine as _, Moment, SessionSpec};
use rollproof::history::EngineKind;
use rollproof::provision::{Address, Mode, ProvisionError, Server, Wanted, installations, provide};
use rollproof::run;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _};

use super::agreement;
use super::exceptions::{self, Example, Exception};
use super::mutations;
use super::pg_dump::{self, PgDump, Reached};
use super::projects::{LaidOut, Subject, subjects};
use super::replayed::{Replayed, history_of, replayed};
use super::watched::{Running, State, Watched};
use super::{block_on, wherewithal};

const ENGINE: EngineKind = EngineKind::Postgres;

/// The superuser that `pg_dump` connects as where a server lets nobody in without a password, and its password.
const OBSERVER: &str = "observer";

/// Where a server comes from, and who dumps what is on it.
#[derive(Clone, Debug)]
struct Place {
    name: String,
    bin: Option<PathBuf>,
    image: Option<String>,
    /// The folder of `pg_dump`; `None` where there is none that is new enough.
    programs: Option<PathBuf>,
}

/// The trials on PostgreSQL.
pub(crate) fn trials() -> Vec<Trial> {
    if let Some(why) = wherewithal::postgres_is_missing() {
        println!("{why}: snapshots cannot be compared with pg_dump");
        let trial = Trial::test("postgres", move || Err(why.into()));
        return vec![trial.with_ignored_flag(!wherewithal::everything_is_to_be_tried())];
    }
    let mut trials = Vec::new();
    for place in places() {
        if place.programs.is_none() {
            println!("no pg_dump is new enough for {}: name one with ROLLPROOF_TEST_PG_DUMP", place.name);
        }
        let ignored = place.programs.is_none() && !wherewithal::everything_is_to_be_tried();
        let place = Arc::new(place);
        let fits = |subject: &Subject| match (&place.bin, &place.image) {
            (_, Some(_)) => subject.goes_into_containers(),
            (Some(_), None) => subject.is_about_schemas(),
            (None, None) => true,
        };
        for subject in subjects(ENGINE).into_iter().filter(fits) {
            let place = Arc::clone(&place);
            let trial =
                Trial::test(format!("{}@{}", subject.name, place.name), move || block_on(agrees(&subject, &place)));
            trials.push(trial.with_ignored_flag(ignored));
        }
        let missed = {
            let place = Arc::clone(&place);
            Trial::test(format!("what is missed is found@{}", place.name), move || {
                block_on(finds_what_is_missed(&place))
            })
        };
        trials.push(missed.with_ignored_flag(ignored));
        if let Some(folder) = std::env::var_os("ROLLPROOF_TEST_MUTATIONS").map(PathBuf::from) {
            let place = Arc::clone(&place);
            let trial = Trial::test(format!("mutations@{}", place.name), move || {
                block_on(agrees_on_mutations(&folder, &place))
            });
            trials.push(trial.with_ignored_flag(ignored));
        }
        for index in 0..exceptions().len() {
            let place = Arc::clone(&place);
            let trial = Trial::test(format!("exception {}@{}", index + 1, place.name), move || {
                block_on(is_an_exception(index, &place))
            });
            trials.push(trial.with_ignored_flag(ignored));
        }
    }
    trials
}

/// Compares both sides on every change of a list.
async fn agrees_on_mutations(folder: &Path, place: &Place) -> Result<(), Failed> {
    let provided = Provided::start(place, None).await?;
    let (engine, oracle) = provided.database(place, &Database::default(), &[]).await?;
    let (states, refused) = mutations::states(folder, provided.major(), engine, oracle).await?;
    judged("mutations", place, &states)?;
    if refused.is_empty() { Ok(()) } else { Err(refused.join("\n").into()) }
}

/// Whether both sides tell the same states apart.
fn judged(name: &str, place: &Place, states: &[State]) -> Result<(), Failed> {
    let agreement = agreement::compare(states, &exceptions());
    if ["ROLLPROOF_TEST_HISTORIES", "ROLLPROOF_TEST_MUTATIONS"].iter().any(|named| std::env::var_os(named).is_some()) {
        let told = format!("{} states, {} different", states.len(), agreement.different);
        println!("{name}@{}: {told}, exceptions {:?}", place.name, agreement.excepted);
    }
    if agreement.disagreements.is_empty() { Ok(()) } else { Err(agreement.disagreements.join("\n\n").into()) }
}

fn exceptions() -> Vec<Exception> {
    exceptions::read(include_str!("postgres-exceptions.yml"))
}

/// The server that is found, and those that the environment names.
fn places() -> Vec<Place> {
    let bins = std::env::var("ROLLPROOF_TEST_SERVER_BINS").unwrap_or_default();
    let bins = bins.split(':').filter(|bin| !bin.is_empty()).map(|bin| Some(PathBuf::from(bin)));
    let local = [None].into_iter().chain(bins).enumerate().map(|(number, bin)| {
        let found = installations(EngineKind::Postgres, bin.as_slice()).expect("a server");
        let name = if number == 0 { ENGINE.word().to_owned() } else { format!("{ENGINE}+{number}") };
        Place { name, image: None, programs: programs(found[0].product.release.major), bin }
    });
    let images = std::env::var("ROLLPROOF_TEST_IMAGES").unwrap_or_default();
    let images = images.split_whitespace().filter(|image| image.contains("postgres")).map(|image| {
        let tag = image.rsplit(':').next().unwrap_or_default();
        let major = tag.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default().parse().unwrap_or(u32::MAX);
        let name = format!("container-{}", image.replace(':', "-"));
        Place { name, bin: None, image: Some(image.to_owned()), programs: programs(major) }
    });
    local.chain(images).collect()
}

/// A `pg_dump` that can dump a server of this version.
fn programs(major: u32) -> Option<PathBuf> {
    let installed = installations(EngineKind::Postgres, &[]).unwrap_or_default();
    let beside: Vec<PathBuf> = installed.into_iter().map(|installation| installation.bin).collect();
    pg_dump::programs(&beside, major)
}

/// Replays the databases of a project and compares what both sides say of each state.
async fn agrees(subject: &Subject, place: &Place) -> Result<(), Failed> {
    let laid_out = match subject.lay_out(ENGINE) {
        Ok(laid_out) => laid_out,
        Err(_) if subject.may_fail => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    for database in laid_out.databases(ENGINE) {
        let LaidOut { project, .. } = &laid_out;
        let read = history_of(project, database, ENGINE).and_then(|history| {
            let before = run::before(project, database, &history, ENGINE)?;
            Ok((history, before))
        });
        let (history, before) = match read {
            Ok(read) => read,
            Err(_) if subject.may_fail => continue,
            Err(error) => return Err(error.into()),
        };
        let provided = Provided::start(place, Some(database)).await?;
        let (engine, oracle) = match provided.database(place, database, &before.left_out).await {
            Ok(database) => database,
            Err(_) if subject.may_fail => continue,
            Err(error) => return Err(error.into()),
        };
        let Replayed { states, errors } = replayed(subject, database, &history, before, engine, oracle).await;
        drop(provided);
        judged(&subject.name, place, &states)?;
        if !errors.is_empty() && !subject.may_fail {
            return Err(errors.join("\n").into());
        }
    }
    Ok(())
}

/// Tries the example of the exception with this index: one side shows the difference, the other does not.
async fn is_an_exception(index: usize, place: &Place) -> Result<(), Failed> {
    let exceptions = exceptions();
    let exception = &exceptions[index];
    let provided = Provided::start(place, None).await?;
    if provided.major() < exception.example.since {
        return Ok(());
    }
    let (engine, oracle) = provided.database(place, &Database::default(), &[]).await?;
    let states = around(&exception.example, engine, oracle).await?;
    // One change may make several differences.
    let agreement = agreement::compare(&states, &exceptions);
    if !agreement.disagreements.is_empty() {
        return Err(agreement.disagreements.join("\n\n").into());
    }
    if !agreement.excepted.contains(&index) {
        return Err(format!("both sides show it, or neither; nothing need be excepted: {exception:#?}").into());
    }
    Ok(())
}

/// The states before and after the change of an example.
async fn around(example: &Example, engine: Postgres, oracle: PgDump) -> Result<Vec<State>, Failed> {
    let mut engine = Watched::new(engine, oracle, Running::default());
    engine.open_session(&SessionSpec::default()).await?;
    for (number, sql) in example.given.iter().chain([&example.change]).enumerate() {
        if number == example.given.len() {
            engine.snapshot(Moment::Committed).await?;
        }
        for statement in &engine.split(sql).map_err(|error| error.message)? {
            engine.execute(sql, statement).await?;
        }
    }
    engine.snapshot(Moment::Committed).await?;
    engine.close().await?;
    Ok(engine.states)
}

/// A change that one side is told to leave out is a disagreement: nothing that is missed passes.
async fn finds_what_is_missed(place: &Place) -> Result<(), Failed> {
    let example = Example {
        since: 0,
        given: vec!["CREATE TABLE hidden (id int); CREATE TABLE shown (id int)".to_owned()],
        change: "ALTER TABLE hidden ALTER COLUMN id SET STATISTICS 7".to_owned(),
    };
    let left_out = ["table public.hidden".to_owned()];
    for (ours, theirs, expected) in [
        (&left_out[..], &[][..], "The dumps differ, the snapshots do not:\n    + [-- Name: hidden; Type: TABLE;"),
        (&[][..], &left_out[..], "no exception names (kind, attribute):\n    table column, statistics_target:"),
    ] {
        let provided = Provided::start(place, None).await?;
        let (mut engine, oracle) = provided.database(place, &Database::default(), theirs).await?;
        engine.leave_out(ours.to_vec());
        let states = around(&example, engine, oracle).await?;
        let found = agreement::compare(&states, &exceptions()).disagreements;
        if found.len() != 1 || !found[0].contains(expected) {
            return Err(format!("expected one disagreement with\n{expected}\nfound {found:#?}").into());
        }
    }
    Ok(())
}

/// A server of a trial's own: roles and settings belong to the whole of a server.
struct Provided(Server);

impl Provided {
    async fn start(place: &Place, database: Option<&Database>) -> Result<Self, ProvisionError> {
        let wanted = Wanted {
            mode: if place.image.is_some() { Mode::Container } else { Mode::Local },
            image: place.image.clone(),
            server_bins: place.bin.iter().cloned().collect(),
            server_settings: database.map(|database| database.server_settings.clone()).unwrap_or_default(),
            ..Wanted::new(ENGINE)
        };
        provide(&wanted, &|_| ()).await.map(Self)
    }

    fn major(&self) -> u32 {
        self.0.version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or_default()
    }

    /// An empty database as a run makes it, and who dumps it.
    async fn database(
        &self,
        place: &Place,
        database: &Database,
        left_out: &[String],
    ) -> Result<(Postgres, PgDump), String> {
        let Address::Postgres { admin, .. } = self.0.address() else { return Err("no PostgreSQL".to_owned()) };
        let terms = Terms {
            owned: true,
            allow_cluster_objects: false,
            prefix: self.0.database_prefix().to_owned(),
            owner: database.role.clone(),
        };
        let name = format!("{}work", terms.prefix);
        let mut cluster = PgConnection::connect_with(admin).await.map_err(|error| error.to_string())?;
        let reached = reached(&mut cluster, admin, name).await.map_err(|error| error.to_string())?;
        let mut engine = Postgres::create((**admin).clone(), terms).await.map_err(|error| error.to_string())?;
        engine.make_roles(&database.create_roles).await.map_err(|error| error.to_string())?;
        let programs = place.programs.clone().ok_or("there is no pg_dump for this server")?;
        Ok((engine, PgDump::new(programs, reached, left_out, cluster)?))
    }
}

/// How other programs reach a database: by the socket, which lets everyone in, or with a role and a password.
async fn reached(
    cluster: &mut PgConnection,
    admin: &PgConnectOptions,
    database: String,
) -> Result<Reached, sqlx::Error> {
    let port = admin.get_port();
    if let Some(folder) = admin.get_socket() {
        let (host, user) = (folder.display().to_string(), admin.get_username().to_owned());
        return Ok(Reached { host, port, user, password: String::new(), database });
    }
    let sql = format!("CREATE ROLE {OBSERVER} SUPERUSER LOGIN PASSWORD '{OBSERVER}'");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(cluster).await?;
    let (host, user, password) = (admin.get_host().to_owned(), OBSERVER.to_owned(), OBSERVER.to_owned());
    Ok(Reached { host, port, user, password, database })
}
