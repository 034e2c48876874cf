//! MySQL and MariaDB from binaries of this machine: the servers that are installed, and MySQL where
//! `ROLLPROOF_TEST_MYSQL_BIN` names its folder, since Debian has none to install.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use libtest_mimic::{Failed, Trial};
use rollproof::history::EngineKind;
use rollproof::provision::{Address, Mode, Places, ProvisionKind, Server, Wanted, installations, provide_in};
use sqlx::mysql::MySqlConnectOptions;
use sqlx::{AssertSqlSafe, Connection, MySqlConnection};

use super::local::error_of;
use super::places::Ground;
use super::{block_on, mysql_ends, mysql_settings, processes_in};

/// A test of one product.
pub(crate) type Test = (&'static str, fn(&Wanted) -> Result<(), Failed>);

const TESTS: &[Test] = &[
    ("answers_over_socket_and_tcp", answers_over_socket_and_tcp),
    ("two_at_the_same_time", two_at_the_same_time),
    ("wrong_product_and_version_are_refused", wrong_product_and_version_are_refused),
    ("broken_seeds_are_remade", broken_seeds_are_remade),
    ("works_without_a_cache", works_without_a_cache),
    ("is_not_run_by_root", is_not_run_by_root),
    ("starts_fast", starts_fast),
];

/// A product, and where its servers are.
pub(crate) struct Place {
    wanted: Wanted,
    missing: Option<&'static str>,
}

/// Both products, each with what there is of it.
pub(crate) fn places() -> [Place; 2] {
    let here = |engine| {
        let found = installations(engine, &[]).unwrap_or_default();
        found.iter().any(|each| each.product.engine == engine)
    };
    let local = |engine| Wanted { mode: Mode::Local, ..Wanted::new(engine) };
    let named = std::env::var_os("ROLLPROOF_TEST_MYSQL_BIN").filter(|bin| !bin.is_empty()).map(PathBuf::from);
    let mysql = named.is_some() || here(EngineKind::Mysql);
    let maria = here(EngineKind::Mariadb);
    [
        Place {
            wanted: local(EngineKind::Mariadb),
            missing: (!maria).then_some("no MariaDB server is installed here (apt install mariadb-server)"),
        },
        Place {
            wanted: Wanted { server_bins: named.into_iter().collect(), ..local(EngineKind::Mysql) },
            missing: (!mysql).then_some("ROLLPROOF_TEST_MYSQL_BIN names no MySQL server (scripts/test brings one)"),
        },
    ]
}

impl Place {
    pub(crate) fn trials(self, in_ci: bool) -> Vec<Trial> {
        let Self { wanted, missing } = self;
        if let Some(missing) = missing {
            println!("{missing}: the tests that need it cannot run");
        }
        let trial = |(name, test): &Test| {
            let (test, wanted) = (*test, wanted.clone());
            let name = format!("local_{}_{name}", wanted.engine);
            let run = move || missing.map_or_else(|| test(&wanted), |missing| Err(missing.into()));
            Trial::test(name, run).with_ignored_flag(missing.is_some() && !in_ci)
        };
        TESTS.iter().chain(mysql_settings::TESTS).chain(mysql_ends::TESTS).map(trial).collect()
    }
}

pub(crate) async fn start(wanted: &Wanted, ground: &Ground) -> Server {
    provide_in(wanted, &ground.places(), &|_| ()).await.expect("a local server")
}

pub(crate) fn tcp(server: &Server) -> MySqlConnectOptions {
    match server.address() {
        Address::Mysql { tcp, .. } => (**tcp).clone(),
        Address::Postgres { .. } | Address::SqliteFile(_) => panic!("not MySQL"),
    }
}

pub(crate) fn admin(server: &Server) -> &MySqlConnectOptions {
    server.mysql_admin_options().expect("MySQL")
}

pub(crate) async fn ask(options: &MySqlConnectOptions, query: &str) -> String {
    let mut connection = MySqlConnection::connect_with(options).await.expect("a connection");
    let query = AssertSqlSafe(format!("SELECT CONVERT(CONCAT({query}) USING utf8mb4)"));
    sqlx::query_scalar(query).fetch_one(&mut connection).await.expect("an answer")
}

pub(crate) async fn run(options: &MySqlConnectOptions, statement: &str) {
    let mut connection = MySqlConnection::connect_with(options).await.expect("a connection");
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.expect("done");
}

fn answers_over_socket_and_tcp(wanted: &Wanted) -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let mut server = start(wanted, &ground).await;
        assert_eq!((server.provision, server.engine), (ProvisionKind::Local, wanted.engine));
        assert!(server.owned() && server.is_alive().await && server.notes.is_empty());
        let options = admin(&server);
        assert!(options.get_socket().is_some());
        let who = "CURRENT_USER(), ' ', @@socket = '', ' ', IFNULL(DATABASE(), 'none'), ' ', SUBSTRING_INDEX(VERSION(), '-', 1)";
        assert_eq!(ask(options, who).await, format!("root@localhost 0 none {}", server.version));
        assert_eq!(ask(&tcp(&server), who).await, format!("root@% 0 none {}", server.version));
        // What makes the server forget who came before.
        run(options, "FLUSH PRIVILEGES").await;
        assert_eq!(ask(options, "'still', ' ', 'here'").await, "still here");
        assert_eq!(ask(&tcp(&server), "'and', ' ', 'there'").await, "and there");
        for wrong in [tcp(&server).password("wrong"), tcp(&server).password("")] {
            let wrong = MySqlConnection::connect_with(&wrong).await.unwrap_err();
            assert!(wrong.to_string().contains("Access denied"), "{wrong}");
        }
        for side in [options, &tcp(&server)] {
            run(side, "CREATE USER u@h; GRANT ALL ON *.* TO u@h WITH GRANT OPTION; DROP USER u@h").await;
        }
        let accounts =
            "(SELECT GROUP_CONCAT(user, '@', host ORDER BY host) FROM mysql.user WHERE user IN ('root', ''))";
        assert_eq!(ask(options, accounts).await, "root@%,root@localhost");
        let databases = "(SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = 'test')";
        assert_eq!(ask(options, databases).await, "0");

        let folders = ground.run_folders();
        assert_eq!(folders.len(), 1);
        assert_eq!(
            fs::read_dir(folders[0].join("tmp"))?.flatten().filter(|file| file.file_name() == "init.sql").count(),
            0
        );
        assert!(server.log_tail(50).await.iter().any(|line| line.contains("ready for connections")));
        server.stop().await.unwrap();
        Ok::<_, Failed>(())
    })?;
    ground.assert_nothing_left();
    Ok(())
}

fn two_at_the_same_time(wanted: &Wanted) -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        // With no seed yet, so both make one.
        let (one, two) = tokio::join!(start(wanted, &ground), start(wanted, &ground));
        assert_ne!(tcp(&one).get_port(), tcp(&two).get_port());
        run(admin(&one), "CREATE DATABASE only_here").await;
        let count = "(SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = 'only_here')";
        assert_eq!(ask(admin(&one), count).await, "1");
        assert_eq!(ask(admin(&two), count).await, "0");
        let other = tcp(&one).port(tcp(&two).get_port());
        assert!(MySqlConnection::connect_with(&other).await.is_err(), "each has a password of its own");
        drop(one);
        assert_eq!(ask(&tcp(&two), "'alone'").await, "alone");
    });
    ground.assert_nothing_left();
    assert_eq!(ground.seeds().len(), 1, "{:?}", ground.seeds());
    Ok(())
}

fn wrong_product_and_version_are_refused(wanted: &Wanted) -> Result<(), Failed> {
    let ground = Ground::new();
    let (engine, other) = match wanted.engine {
        EngineKind::Mariadb => (EngineKind::Mariadb, EngineKind::Mysql),
        _ => (EngineKind::Mysql, EngineKind::Mariadb),
    };
    block_on(async {
        let found = installations(engine, &wanted.server_bins).unwrap();
        let product = found.iter().map(|each| &each.product).find(|product| product.engine == engine).unwrap();
        // Of all servers of this machine only those that are tried here.
        let bin = found.iter().find(|each| each.product == *product).unwrap().bin.clone();
        let here = Wanted { server_bins: vec![bin], ..wanted.clone() };

        let swapped = Wanted { engine: other, ..here.clone() };
        let error = error_of(&swapped, &ground).await;
        for part in [
            format!("{} is not on this machine", other.title()),
            format!("found: {product} in "),
            format!("{} is another product", engine.title()),
            "`allow-substitute: true`".to_owned(),
        ] {
            assert!(error.contains(&part), "{part} in: {error}");
        }
        let server = start(&Wanted { allow_substitute: true, ..swapped.clone() }, &ground).await;
        assert_eq!((server.engine, server.version.as_str()), (engine, product.version.as_str()));
        assert_eq!(server.notes, [format!("{product} stands in for {}", other.title())]);

        let image = Some(format!("{other}:7.3"));
        let error = error_of(&Wanted { image: image.clone(), ..swapped.clone() }, &ground).await;
        assert!(error.contains(&format!("{} 7.3 is not on this machine", other.title())), "{error}");
        let server = start(&Wanted { image, allow_substitute: true, ..swapped }, &ground).await;
        assert_eq!(server.notes, [format!("{product} stands in for {other}:7.3")]);

        let newer = Wanted { image: Some(format!("{engine}:99.1")), ..here.clone() };
        let error = error_of(&newer, &ground).await;
        for part in
            [format!("{} 99.1 is not on this machine", engine.title()), format!("found: {} in ", product.version)]
        {
            assert!(error.contains(&part), "{part} in: {error}");
        }
        let server = start(&Wanted { allow_substitute: true, ..newer }, &ground).await;
        assert_eq!(server.notes, [format!("{product} stands in for {engine}:99.1")]);
        for named in [product.release.to_string(), product.release.major.to_string()] {
            let exact = Wanted { image: Some(format!("{engine}:{named}-noble")), ..here.clone() };
            assert!(start(&exact, &ground).await.notes.is_empty());
        }
        let error = error_of(&Wanted { image: Some(format!("{other}:9")), ..here.clone() }, &ground).await;
        assert!(error.contains(&format!("is {}, and the engine is {engine}", other.title())), "{error}");
        let error = error_of(&Wanted { image: Some("acme/db:3".to_owned()), ..here.clone() }, &ground).await;
        assert!(error.contains(&format!("does not tell its {} version", engine.title())), "{error}");
        let error = error_of(&Wanted { server_bins: vec!["/no/such/folder".into()], ..here }, &ground).await;
        assert!(error.contains("--server-bin /no/such/folder is not a folder"), "{error}");
    });
    ground.assert_nothing_left();
    Ok(())
}

fn broken_seeds_are_remade(wanted: &Wanted) -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        drop(start(wanted, &ground).await);
        let seeds = ground.seeds();
        assert_eq!(seeds.len(), 1);
        let seed = &seeds[0];
        let system = seed.join("data/ibdata1");
        let breakers: [(&str, &dyn Fn()); 3] = [
            ("the marker is gone", &|| fs::remove_file(seed.join("complete")).unwrap()),
            ("a folder is gone", &|| fs::remove_dir_all(seed.join("data/performance_schema")).unwrap()),
            // Of the same length, so that only the server itself can tell.
            ("damaged", &|| fs::write(&system, vec![7; fs::read(&system).unwrap().len()]).unwrap()),
        ];
        for (what, break_it) in breakers {
            break_it();
            drop(start(wanted, &ground).await);
            assert_eq!(ground.seeds(), seeds, "{what}: remade in its place");
            let marker = seed.join("complete");
            let made = fs::metadata(&marker).unwrap().modified().unwrap();
            drop(start(wanted, &ground).await);
            assert_eq!(fs::metadata(&marker).unwrap().modified().unwrap(), made, "{what}: the new one is used");
        }
    });
    ground.assert_nothing_left();
    Ok(())
}

fn works_without_a_cache(wanted: &Wanted) -> Result<(), Failed> {
    let ground = Ground::new();
    let file = ground.path().join("file");
    fs::write(&file, "")?;
    block_on(async {
        // Below a file no folder can be made, not even by root.
        for cache in [None, Some(file.join("cache"))] {
            let places = Places { cache, ..ground.places() };
            let server = provide_in(wanted, &places, &|_| ()).await.unwrap();
            assert_eq!(ask(&tcp(&server), "'fine'").await, "fine");
        }
    });
    ground.assert_nothing_left();
    Ok(())
}

fn is_not_run_by_root(wanted: &Wanted) -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let server = start(wanted, &ground).await;
        let process = processes_in(&ground.runs()).pop().unwrap();
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let ids = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        let user = ids("Uid:")[0].clone();
        assert_ne!(user, "0");
        if fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0) {
            assert_eq!(ids("Groups:"), Vec::<String>::new(), "root's other groups are gone");
        }
        let folder = &ground.run_folders()[0];
        for private in ["data", "socket", "tmp"] {
            let found = fs::metadata(folder.join(private)).unwrap();
            assert_eq!(found.permissions().mode() & 0o777, 0o700, "{private}");
            assert_eq!(found.uid().to_string(), user, "{private}");
        }
        drop(server);
    });
    Ok(())
}

fn starts_fast(wanted: &Wanted) -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let begin = Instant::now();
        drop(start(wanted, &ground).await);
        let first = begin.elapsed();
        let mut took = Vec::new();
        for _ in 0..9 {
            let begin = Instant::now();
            let server = start(wanted, &ground).await;
            assert_eq!(ask(admin(&server), "'first'").await, "first");
            took.push(begin.elapsed());
            drop(server);
        }
        took.sort();
        let (best, median, worst) = (took[0], took[took.len() / 2], took[took.len() - 1]);
        let engine = wanted.engine.title();
        println!(
            "local {engine} to first query with its seed: best {best:.0?}, median {median:.0?}, worst {worst:.0?}; \
             without: {first:.0?}"
        );
        assert!(median < Duration::from_secs(3), "{took:?}");
    });
    Ok(())
}
