//! Servers from binaries of this machine: that they answer, and as what.

use std::fs;
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use rollproof::history::EngineKind;
use rollproof::provision::{Address, Mode, Places, ProvisionKind, Server, Wanted, provide_in};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::hold::Holder;
use super::places::Ground;
use super::{Test, block_on};

pub(crate) const TESTS: &[Test] = &[
    ("local_answers_over_socket_and_tcp", answers_over_socket_and_tcp),
    ("local_two_at_the_same_time", two_at_the_same_time),
    ("local_wrong_version_is_refused", wrong_version_is_refused),
    ("local_broken_seeds_are_remade", broken_seeds_are_remade),
    ("local_works_without_a_cache", works_without_a_cache),
    ("local_settings_are_made", settings_are_made),
    ("local_wrong_settings_are_told", wrong_settings_are_told),
    ("local_alter_system_works", alter_system_works),
    ("local_is_not_run_by_root", is_not_run_by_root),
    ("local_serves_an_ordinary_user", serves_an_ordinary_user),
    ("local_starts_fast", starts_fast),
];

pub(crate) fn postgres() -> Wanted {
    Wanted { mode: Mode::Local, ..Wanted::new(EngineKind::Postgres) }
}

pub(crate) async fn start(ground: &Ground) -> Server {
    provide_in(&postgres(), &ground.places(), &|_| ()).await.expect("a local server")
}

pub(crate) fn tcp(server: &Server) -> PgConnectOptions {
    match server.address() {
        Address::Postgres { tcp, .. } => (**tcp).clone(),
        Address::Mysql { .. } | Address::SqliteFile(_) => panic!("not PostgreSQL"),
    }
}

pub(crate) async fn ask(options: &PgConnectOptions, query: &str) -> String {
    let mut connection = PgConnection::connect_with(options).await.expect("a connection");
    sqlx::query_scalar(AssertSqlSafe(query.to_owned())).fetch_one(&mut connection).await.expect("an answer")
}

pub(crate) async fn run(options: &PgConnectOptions, statement: &str) {
    let mut connection = PgConnection::connect_with(options).await.expect("a connection");
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.expect("done");
}

pub(crate) async fn error_of(wanted: &Wanted, ground: &Ground) -> String {
    match provide_in(wanted, &ground.places(), &|_| ()).await {
        Ok(server) => panic!("{server:?} was given"),
        Err(error) => error.to_string(),
    }
}

fn answers_over_socket_and_tcp() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let mut server = start(&ground).await;
        assert_eq!((server.provision, server.engine), (ProvisionKind::Local, EngineKind::Postgres));
        assert!(server.owned() && server.is_alive().await && server.notes.is_empty());
        let admin = server.postgres_admin_options().unwrap();
        assert!(admin.get_socket().is_some());
        assert_eq!(ask(admin, "SELECT 'answer ' || 1").await, "answer 1");
        let facts = "SELECT concat_ws(' ', current_user, rolsuper, current_database(), inet_client_addr() IS NULL, \
                     split_part(current_setting('server_version'), ' ', 1)) FROM pg_roles WHERE rolname = current_user";
        assert_eq!(ask(admin, facts).await, format!("postgres t postgres t {}", server.version));
        assert_eq!(ask(&tcp(&server), facts).await, format!("postgres t postgres f {}", server.version));

        let wrong = PgConnection::connect_with(&tcp(&server).password("wrong")).await.unwrap_err();
        assert_eq!(wrong.as_database_error().unwrap().code().as_deref(), Some("28P01"), "{wrong}");
        assert!(server.log_tail(5).await.iter().any(|line| line.contains("password authentication failed")));
        let locale = "SELECT concat_ws(' ', datcollate, upper('ä'), pg_encoding_to_char(encoding)) \
                      FROM pg_database WHERE datname = current_database()";
        assert_eq!(ask(admin, locale).await, "C Ä UTF8");

        let folders = ground.run_folders();
        assert_eq!(folders.len(), 1);
        let name = folders[0].file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with(&format!("rollproof-{}-", std::process::id())), "{name}");
        server.stop().await.unwrap();
    });
    ground.assert_nothing_left();
    Ok(())
}

fn two_at_the_same_time() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        // With no seed yet, so both make one.
        let (one, two) = tokio::join!(start(&ground), start(&ground));
        assert_ne!(tcp(&one).get_port(), tcp(&two).get_port());
        run(one.postgres_admin_options().unwrap(), "CREATE DATABASE only_here").await;
        let count = "SELECT count(*)::text FROM pg_database WHERE datname = 'only_here'";
        assert_eq!(ask(one.postgres_admin_options().unwrap(), count).await, "1");
        assert_eq!(ask(two.postgres_admin_options().unwrap(), count).await, "0");
        let other = tcp(&one).port(tcp(&two).get_port());
        assert!(PgConnection::connect_with(&other).await.is_err(), "each has a password of its own");
        drop(one);
        assert_eq!(ask(&tcp(&two), "SELECT 'alone'").await, "alone");
    });
    ground.assert_nothing_left();
    assert_eq!(ground.seeds().len(), 1, "{:?}", ground.seeds());
    Ok(())
}

fn wrong_version_is_refused() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let wanted = Wanted { image: Some("postgres:99".to_owned()), ..postgres() };
        let error = error_of(&wanted, &ground).await;
        for part in ["PostgreSQL 99 is not on this machine", "found: ", "apt install postgresql-99", "--url"] {
            assert!(error.contains(part), "{part} in: {error}");
        }
        let wanted = Wanted { allow_substitute: true, ..wanted };
        let server = provide_in(&wanted, &ground.places(), &|_| ()).await.unwrap();
        assert_eq!(server.notes, [format!("PostgreSQL {} stands in for postgres:99", server.version)]);
        assert_eq!(server.image.as_deref(), Some("postgres:99"));
        let major = server.version.split('.').next().unwrap().to_owned();
        let exact = Wanted { image: Some(format!("postgres:{major}-alpine")), ..postgres() };
        assert!(provide_in(&exact, &ground.places(), &|_| ()).await.unwrap().notes.is_empty());
        let error = error_of(&Wanted { image: Some("mysql:9".to_owned()), ..postgres() }, &ground).await;
        assert!(error.contains("the image mysql:9 is MySQL, and the engine is postgres"), "{error}");
        let error = error_of(&Wanted { image: Some("acme/db:3".to_owned()), ..postgres() }, &ground).await;
        assert!(error.contains("does not tell its PostgreSQL version"), "{error}");
        let error = error_of(&Wanted { server_bins: vec!["/no/such/folder".into()], ..postgres() }, &ground).await;
        assert!(error.contains("--server-bin /no/such/folder is not a folder"), "{error}");
    });
    ground.assert_nothing_left();
    Ok(())
}

fn broken_seeds_are_remade() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        drop(start(&ground).await);
        let seeds = ground.seeds();
        assert_eq!(seeds.len(), 1);
        let seed = &seeds[0];
        let control = seed.join("data/global/pg_control");
        let breakers: [(&str, &dyn Fn()); 4] = [
            ("a file is gone", &|| fs::remove_file(seed.join("data/PG_VERSION")).unwrap()),
            ("the marker is gone", &|| fs::remove_file(seed.join("complete")).unwrap()),
            ("a folder is gone", &|| fs::remove_dir_all(seed.join("data/base")).unwrap()),
            // Of the same length, so that only the server itself can tell.
            ("damaged", &|| fs::write(&control, vec![0; fs::read(&control).unwrap().len()]).unwrap()),
        ];
        for (what, break_it) in breakers {
            break_it();
            drop(start(&ground).await);
            assert_eq!(ground.seeds(), seeds, "{what}: remade in its place");
            let marker = seed.join("complete");
            let made = fs::metadata(&marker).unwrap().modified().unwrap();
            drop(start(&ground).await);
            assert_eq!(fs::metadata(&marker).unwrap().modified().unwrap(), made, "{what}: the new one is used");
        }
    });
    ground.assert_nothing_left();
    Ok(())
}

fn works_without_a_cache() -> Result<(), Failed> {
    let ground = Ground::new();
    let file = ground.path().join("file");
    fs::write(&file, "").unwrap();
    block_on(async {
        // Below a file no folder can be made, not even by root.
        for cache in [None, Some(file.join("cache")), Some(file)] {
            let places = Places { cache, ..ground.places() };
            let server = provide_in(&postgres(), &places, &|_| ()).await.unwrap();
            assert_eq!(ask(&tcp(&server), "SELECT 'fine'").await, "fine");
        }
    });
    ground.assert_nothing_left();
    Ok(())
}

fn with_settings(pairs: &[(&str, &str)]) -> Wanted {
    let server_settings = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Wanted { server_settings, ..postgres() }
}

fn settings_are_made() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        for (pairs, query, expected) in [
            (vec![], "current_setting('fsync') || current_setting('wal_level')", "offminimal"),
            (vec![("wal_level", "logical")], "current_setting('wal_level')", "logical"),
            (vec![("max_wal_senders", "3")], "current_setting('wal_level')", "replica"),
            (
                vec![("work_mem", "7MB"), ("jit", "on")],
                "current_setting('work_mem') || current_setting('jit')",
                "7MBon",
            ),
            (vec![("acme.motto", "it's\\so")], "current_setting('acme.motto')", "it's\\so"),
            (vec![("timezone", "Asia/Tokyo")], "current_setting('timezone')", "Asia/Tokyo"),
            (vec![("locale", "C"), ("encoding", "SQL_ASCII")], "current_setting('server_encoding')", "SQL_ASCII"),
        ] {
            let server = provide_in(&with_settings(&pairs), &ground.places(), &|_| ()).await.unwrap();
            let options = server.postgres_admin_options().unwrap();
            // sqlx asks for UTC in every session, so what the server has is asked of the file.
            let query = if query.contains("timezone") {
                "SELECT setting FROM pg_file_settings WHERE lower(name) = 'timezone' AND applied".to_owned()
            } else {
                format!("SELECT {query}")
            };
            assert_eq!(ask(options, &query).await, expected, "{pairs:?}");
        }
        let logged = with_settings(&[("log_statement", "all"), ("log_min_duration_statement", "0")]);
        let server = provide_in(&logged, &ground.places(), &|_| ()).await.unwrap();
        ask(&tcp(&server), "SELECT 'seen in the log'").await;
        let log = server.log_tail(500).await.join("\n");
        assert!(log.contains("seen in the log") && !log.contains("ALTER ROLE"), "{log}");
    });
    ground.assert_nothing_left();
    Ok(())
}

fn wrong_settings_are_told() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        for (name, value, part) in [
            ("no_such_setting", "1", "unrecognized configuration parameter \"no_such_setting\""),
            ("shared_preload_libraries", "no_such_library", "no_such_library"),
            ("work_mem", "much", "work_mem"),
            ("locale", "xx_XX.nonsense", "invalid locale"),
            ("port", "5432", "port is how Rollproof reaches the server"),
        ] {
            let error = error_of(&with_settings(&[(name, value)]), &ground).await;
            assert!(error.contains(part) && error.contains("server-settings"), "{name}: {error}");
            ground.assert_nothing_left();
        }
    });
    Ok(())
}

fn alter_system_works() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let server = start(&ground).await;
        let admin = server.postgres_admin_options().unwrap();
        run(admin, "ALTER SYSTEM SET autovacuum = on").await;
        run(admin, "SELECT pg_reload_conf()").await;
        let deadline = Instant::now() + Duration::from_secs(5);
        while ask(admin, "SELECT current_setting('autovacuum')").await != "on" {
            assert!(Instant::now() < deadline, "the setting did not change");
        }
    });
    Ok(())
}

fn is_not_run_by_root() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let server = start(&ground).await;
        let admin = server.postgres_admin_options().unwrap();
        run(admin, "CREATE TABLE who (line text)").await;
        run(admin, "COPY who FROM PROGRAM 'id -u; id -G | wc -w; echo ${HOME-none}'").await;
        let facts = ask(admin, "SELECT string_agg(line, ' ') FROM who").await;
        let (user, rest) = facts.split_once(' ').unwrap();
        assert_ne!(user, "0");
        if fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0) {
            assert_eq!(rest, "1 none", "root's other groups and environment are gone");
        }
        let folder = &ground.run_folders()[0];
        for private in ["data", "socket"] {
            let found = fs::metadata(folder.join(private)).unwrap();
            assert_eq!(std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o777, 0o700, "{private}");
            assert_eq!(std::os::unix::fs::MetadataExt::uid(&found).to_string(), user, "{private}");
        }
    });
    Ok(())
}

/// The other way round when the tests run as root: this program as `nobody`, who cannot drop to anybody.
fn serves_an_ordinary_user() -> Result<(), Failed> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    const NOBODY: u32 = 65_534;
    let ground = Ground::new();
    let root = fs::metadata("/proc/self")?.uid() == 0;
    let program = tempfile::Builder::new().prefix("rpt-").permissions(PermissionsExt::from_mode(0o755)).tempdir()?;
    let copy = program.path().join("hold");
    fs::copy(std::env::current_exe()?, &copy)?;
    if root {
        chown(ground.path(), Some(NOBODY), None)?;
        chown(ground.runs(), Some(NOBODY), None)?;
    }
    for _ in 0..2 {
        let holder = Holder::start_as(&copy, &ground, None, root.then_some(NOBODY));
        let owner = fs::metadata(&ground.run_folders()[0])?;
        assert_eq!(owner.permissions().mode() & 0o777, 0o700);
        assert_eq!(root, owner.uid() == NOBODY);
        assert_eq!(ground.seeds().len(), 1);
        assert_eq!(holder.end_with("-TERM"), Some(143));
        ground.assert_nothing_left();
    }
    Ok(())
}

fn starts_fast() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        drop(start(&ground).await);
        let mut took = Vec::new();
        for _ in 0..9 {
            let begin = Instant::now();
            let server = start(&ground).await;
            assert_eq!(ask(server.postgres_admin_options().unwrap(), "SELECT 'first'").await, "first");
            took.push(begin.elapsed());
            drop(server);
        }
        took.sort();
        let (median, worst) = (took[took.len() / 2], took[took.len() - 1]);
        println!("local server to first query with its seed: median {median:.0?}, worst {worst:.0?}");
        assert!(median < Duration::from_secs(1), "{took:?}");
    });
    Ok(())
}
