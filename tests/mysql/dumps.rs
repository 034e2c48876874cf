//! Dumps, and databases that are only read. The files in `dumps/` are what `mysqldump` and `mariadb-dump` write of the
//! database that `app.sql` makes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use libtest_mimic::Failed;
use rollproof::dump::{Dump, load_mysql, origin_of, sections};
use rollproof::engine::mysql::dumped::into_one_database;
use rollproof::engine::mysql::split::Rules;
use rollproof::engine::mysql::{Mysql, outlives_a_database, read_only};
use rollproof::engine::{Engine as _, Moment, SessionSpec};
use rollproof::history::EngineKind;
use rollproof::run::{Leaving, Side, Whose, compare, printed};
use rollproof::schema::{ChangeKind, Diff, ObjectId, Snapshot};
use sqlx::mysql::MySqlConnectOptions;

use crate::Test;
use crate::ground::{Ground, block_on, ensure, go_on, run};

pub(crate) const TESTS: &[Test] = &[
    ("dumps_make_the_same_schema", |ground| block_on(same_schema(ground))),
    ("dumps_are_base_schemas", |ground| block_on(base_schemas(ground))),
    ("a_database_is_only_read", |ground| block_on(only_read(ground))),
    ("what_a_user_may_not_see_is_not_gone", |ground| block_on(not_seen(ground))),
    ("what_a_dump_was_taken_of_is_equal_to_it", |ground| block_on(equal(ground))),
    ("definers_of_revisions_are_whoever_migrates", |ground| block_on(definers(ground))),
    ("an_aggregate_function_is_not_taken_for_another", |ground| block_on(aggregate(ground))),
    ("dumps_that_fail_are_told_with_their_line", |ground| block_on(failures(ground))),
];

const TIMEOUT: Duration = Duration::from_secs(60);
const DUMPS: [&str; 3] = ["mysql-9.7.sql", "mariadb-10.11.sql", "mariadb-10.11-alone.sql"];

/// Newer MariaDB loads what MySQL writes, older has not its collations. MySQL has modes no more that MariaDB writes around
/// routines.
fn dumps_for(ground: &Ground) -> impl Iterator<Item = &'static str> {
    let (mariadb, knows_mysql) = (ground.is_mariadb(), ground.name.starts_with("11."));
    DUMPS.into_iter().filter(move |name| knows_mysql || name.starts_with("mariadb") == mariadb)
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mysql/dumps").join(name)
}

/// Runs what a client would load as a base schema.
async fn load(engine: &mut Mysql, name: &str) -> Result<(), Failed> {
    let product = engine.flavour().product;
    let text = into_one_database(&std::fs::read_to_string(file(name))?, Rules::newest(product))?;
    engine.open_session(&SessionSpec::default()).await?;
    for statement in engine.split_as_client(&text).map_err(|error| error.message)? {
        let line = statement.line;
        engine.execute(&text, &statement).await.map_err(|error| format!("{name}:{line}: {error}"))?;
    }
    Ok(())
}

/// The schema that `app.sql` makes.
async fn expected(ground: &Ground) -> Result<Snapshot, Failed> {
    let mut engine = ground.engine(true, false).await?;
    load(&mut engine, "app.sql").await?;
    let snapshot = engine.snapshot(Moment::Committed).await?;
    engine.close().await?;
    ensure(snapshot.iter().any(|(id, _)| id.to_string().contains("event")), "there is an event")?;
    Ok(snapshot)
}

async fn same_schema(ground: &Ground) -> Result<(), Failed> {
    let expected = expected(ground).await?;
    for name in dumps_for(ground) {
        let path = file(name);
        let origin = origin_of(&std::fs::read_to_string(&path)?);
        let product = origin.engine.ok_or("the dump does not tell its product")?;
        let found = sections(&path, product).await?;
        let chosen = found.choose(None)?;
        ensure(chosen.is_none() == name.contains("alone"), format!("{name}: {chosen:?}"))?;
        let mut engine = ground.engine(true, false).await?;
        let dump = Dump { file: &path, origin: &origin, timeout: TIMEOUT };
        let loaded = load_mysql(&mut engine, dump, &found, chosen.as_deref()).await?;
        let snapshot = engine.snapshot(Moment::Committed).await?;
        engine.close().await?;
        ensure(loaded.notes.is_empty(), loaded.notes.join("; "))?;
        ensure(loaded.tells_database == chosen.is_some(), name)?;
        let is_of_database = |id: &ObjectId| id.kind.starts_with("database");
        let mut diff = Diff::between(&expected, &snapshot);
        diff.changes.retain(|change| loaded.tells_database || !is_of_database(&change.object));
        // Each product writes some things as only it reads them.
        let same_product = (product == EngineKind::Mariadb) == ground.is_mariadb();
        let same_product = same_product && loaded.tells_database;
        ensure(!same_product || diff.changes.is_empty(), format!("{name}: {:?}", diff.changes))?;
        let made = |snapshot: &Snapshot| snapshot.iter().filter(|(id, _)| !id.kind.contains(' ')).count();
        ensure(made(&snapshot) == made(&expected), format!("{name}: {:?}", diff.changes))?;
    }
    Ok(())
}

async fn base_schemas(ground: &Ground) -> Result<(), Failed> {
    for name in dumps_for(ground) {
        let mut engine = ground.engine(true, false).await?;
        load(&mut engine, name).await?;
        let rows = ground.ask(&format!("SELECT n FROM {}.a", engine.database())).await?;
        ensure(rows.len() == 3, format!("{name}: {rows:?}"))?;
        engine.close().await?;
    }
    Ok(())
}

async fn only_read(ground: &Ground) -> Result<(), Failed> {
    let mut engine = ground.engine(true, false).await?;
    load(&mut engine, "app.sql").await?;
    let read = read_only(&ground.options().database(engine.database()), TIMEOUT).await?;
    let expected = engine.snapshot(Moment::Committed).await?;
    let diff = Diff::between(&expected, &read.snapshot);
    let differing = diff.changes.iter().filter(|change| !outlives_a_database(&change.object.kind));
    ensure(differing.count() == 0, format!("{:?}", diff.changes))?;
    ensure(ground.name.starts_with(&read.version), read.version)?;
    let error = read_only(&ground.options(), TIMEOUT).await.unwrap_err().to_string();
    ensure(error.contains("names no database"), error)?;
    Ok(engine.close().await?)
}

async fn not_seen(ground: &Ground) -> Result<(), Failed> {
    let mut engine = ground.engine(true, false).await?;
    load(&mut engine, "app.sql").await?;
    let on = engine.database().to_owned();
    let expected = engine.snapshot(Moment::Committed).await?;
    ground.ask(&format!("CREATE USER rollproof_few@'%' IDENTIFIED BY 'Secret-123'; GRANT SELECT, SHOW VIEW ON {on}.* TO rollproof_few@'%'")).await?;
    let port = ground.ask("SELECT @@port").await?.join("").parse::<u16>()?;
    let options = MySqlConnectOptions::new().host("127.0.0.1").port(port).database(&on);
    let options = options.username("rollproof_few").password("Secret-123");
    let first = read_only(&options, TIMEOUT).await;
    ground.ask(&format!("GRANT TRIGGER, EVENT ON {on}.* TO rollproof_few@'%'")).await?;
    let second = read_only(&options, TIMEOUT).await;
    ground.ask("DROP USER rollproof_few@'%'").await?;
    engine.close().await?;
    for (read, hidden) in [(first?, true), (second?, false)] {
        let unreadable = read.snapshot.unreadable();
        for (kind, hidden) in [("table trigger", hidden), ("event", hidden), ("procedure", true), ("table", false)] {
            let told = unreadable.iter().any(|unreadable| unreadable.kinds.iter().any(|own| **own == *kind));
            ensure(told == hidden, format!("{kind}: {unreadable:?}"))?;
        }
        let diff = Diff::between(&expected, &read.snapshot);
        let gone = diff.changes.iter().find(|change| {
            matches!(change.kind, ChangeKind::Added(_) | ChangeKind::Removed(_))
                && !outlives_a_database(&change.object.kind)
        });
        ensure(gone.is_none(), format!("{gone:?}"))?;
    }
    Ok(())
}

/// A side of a comparison.
fn side(ground: &Ground, what: &str, snapshot: Snapshot, reader: Option<String>, whose: Whose) -> Side {
    Side {
        what: what.to_owned(),
        engine: if ground.is_mariadb() { EngineKind::Mariadb } else { EngineKind::Mysql },
        server_version: None,
        snapshot,
        reader,
        whose,
        tells_database: true,
        cannot_tell: Vec::new(),
        notes: Vec::new(),
    }
}

async fn equal(ground: &Ground) -> Result<(), Failed> {
    let mut live = ground.engine(true, false).await?;
    load(&mut live, "app.sql").await?;
    let relative = "SET NAMES utf8mb4 COLLATE utf8mb4_general_ci; CREATE EVENT soon ON SCHEDULE AT CURRENT_TIMESTAMP + INTERVAL 5 HOUR DO SET @a = 1; \
        CREATE EVENT daily ON SCHEDULE EVERY 1 DAY ENDS CURRENT_TIMESTAMP + INTERVAL 9 DAY DO SET @a = 1";
    go_on(&mut live, relative).await?;
    let read = read_only(&ground.options().database(live.database()), TIMEOUT).await?;
    let theirs = side(ground, "the URL", read.snapshot, Some(read.user), Whose::TheirCluster);
    let revision = side(ground, "@head", live.snapshot(Moment::Committed).await?, None, Whose::OurCluster);
    live.close().await?;
    // What a dump says of them, with what the server wrote down.
    let absolute = "SET NAMES utf8mb4 COLLATE utf8mb4_general_ci; CREATE EVENT soon ON SCHEDULE AT '2036-02-03 04:05:06' DO SET @a = 1; \
        CREATE EVENT daily ON SCHEDULE EVERY 1 DAY STARTS '2035-02-03 04:05:06' ENDS '2036-02-03 04:05:06' DO SET @a = 1";
    let (cluster, mut tried) = (Leaving { cluster_objects: true, ..Leaving::default() }, 0);
    for name in dumps_for(ground).filter(|name| name.starts_with("mariadb") == ground.is_mariadb()) {
        let mut engine = ground.engine(true, false).await?;
        load(&mut engine, name).await?;
        go_on(&mut engine, absolute).await?;
        let (snapshot, reader) = (engine.snapshot(Moment::Committed).await?, engine.account().await?);
        engine.close().await?;
        let mut dump = side(ground, "dump.sql", snapshot, Some(reader), Whose::NoCluster);
        dump.tells_database = !name.contains("alone");
        for (one, other) in [(&theirs, &dump), (&dump, &theirs), (&revision, &dump), (&dump, &dump)] {
            for leaving in [&Leaving::default(), &cluster] {
                let compared = compare(one, other, leaving)?;
                ensure(compared.diff.changes.is_empty(), format!("{name}: {:?}", compared.diff.changes))?;
                let told = compared.report.cannot_tell.join("; ");
                ensure(told.contains("user, role: users are not read") == leaving.cluster_objects, told)?;
                let events = compared.report.notes.iter().any(|note| note.ends_with("event daily, event soon"));
                ensure(events == (one.what != other.what), compared.report.notes.join("; "))?;
            }
        }
        let alone = printed(&dump, true);
        ensure(alone.objects.iter().all(|object| !outlives_a_database(&object.kind)), "our users are none of its")?;
        ensure(alone.cannot_tell.len() == 1, alone.cannot_tell.join("; "))?;
        tried += 1;
    }
    ensure(tried > 0, "there is a dump of this product")
}

async fn definers(ground: &Ground) -> Result<(), Failed> {
    let mut engine = ground.engine(true, false).await?;
    load(&mut engine, "app.sql").await?;
    go_on(&mut engine, "CREATE DEFINER = rollproof_gone@localhost VIEW w AS SELECT 1 AS one").await?;
    let revision = side(ground, "@head", engine.snapshot(Moment::Committed).await?, None, Whose::OurCluster);
    let on = engine.database().to_owned();
    ground.ask(&format!("CREATE USER rollproof_few@'%' IDENTIFIED BY 'Secret-123'; GRANT SELECT ON *.* TO rollproof_few@'%'; GRANT ALL ON {on}.* TO rollproof_few@'%'")).await?;
    let port = ground.ask("SELECT @@port").await?.join("").parse::<u16>()?;
    let options = MySqlConnectOptions::new().host("127.0.0.1").port(port).database(&on);
    let read = read_only(&options.username("rollproof_few").password("Secret-123"), TIMEOUT).await;
    ground.ask("DROP USER rollproof_few@'%'").await?;
    engine.close().await?;
    let read = read?;
    let theirs = side(ground, "the URL", read.snapshot, Some(read.user), Whose::TheirCluster);
    for (one, other) in [(&revision, &theirs), (&theirs, &revision)] {
        let compared = compare(one, other, &Leaving::default())?;
        let differing: Vec<_> = compared.diff.changes.iter().map(ToString::to_string).collect();
        ensure(differing.iter().all(|told| told.starts_with("database current privileges")), differing.join("; "))?;
        let notes = compared.report.notes.join("; ");
        ensure(notes.contains("@head leaves it to whoever runs the migrations") && notes.contains("root@"), notes)?;
    }
    Ok(())
}

async fn aggregate(ground: &Ground) -> Result<(), Failed> {
    if !ground.is_mariadb() {
        return Ok(());
    }
    let mut engine = ground.engine(true, false).await?;
    let sum = "CREATE DEFINER = rollproof_few@'%' AGGREGATE FUNCTION total(x int) RETURNS int BEGIN \
        DECLARE s int DEFAULT 0; DECLARE CONTINUE HANDLER FOR NOT FOUND RETURN s; LOOP FETCH\n GROUP NEXT ROW; \
        SET s = s + x; END LOOP; END";
    let on = engine.database().to_owned();
    ground
        .ask(&format!(
            "CREATE USER rollproof_few@'%' IDENTIFIED BY 'Secret-123'; GRANT ALL ON {on}.* TO rollproof_few@'%'"
        ))
        .await?;
    let port = ground.ask("SELECT @@port").await?.join("").parse::<u16>()?;
    let options = MySqlConnectOptions::new().host("127.0.0.1").port(port).database(&on);
    let options = options.username("rollproof_few").password("Secret-123");
    let read = async |engine: &mut Mysql, script: &str| {
        run(engine, script).await?;
        Ok::<_, Failed>(read_only(&options, TIMEOUT).await?.snapshot)
    };
    let plain = "CREATE DEFINER = rollproof_few@'%' FUNCTION one() RETURNS int RETURN 1";
    let (first, second) = (read(&mut engine, plain).await, read(&mut engine, sum).await);
    let whole = engine.snapshot(Moment::Committed).await?;
    ground.ask("DROP USER rollproof_few@'%'").await?;
    engine.close().await?;
    for (snapshot, hidden) in [(first?, false), (second?, true)] {
        let unreadable = snapshot.unreadable();
        let told = unreadable.iter().any(|unreadable| unreadable.kinds.iter().any(|kind| &**kind == "function"));
        ensure(told == hidden, format!("{unreadable:?}"))?;
        if hidden {
            let changed = Diff::between(&whole, &snapshot).changes;
            let functions: Vec<_> = changed.iter().filter(|change| &*change.object.kind == "function").collect();
            ensure(functions.is_empty(), format!("{functions:?}"))?;
        }
    }
    Ok(())
}

async fn failures(ground: &Ground) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("dump.sql");
    for (text, part) in [
        ("CREATE TABLE a (b int);\nCREATE TABLE a (b int);\n", "dump.sql:2: Table 'a' already exists"),
        ("SELECT 1;\n\nSELECT\n 1 FORM x;\n", "dump.sql:4: You have an error"),
        ("SELECT 1;\nLOAD DATA INFILE '/etc/passwd' INTO TABLE a;\n", "dump.sql:2: LOAD reads a file"),
        ("SELECT 1;\nCREATE USER rollproof_a;\n", "dump.sql:2: CREATE USER ROLLPROOF_A makes or changes what outlives"),
        (
            "CREATE TABLE a (b text COLLATE utf8mb4_nopad_0900_ai_ci);\n",
            "dump.sql:1: Unknown collation: 'utf8mb4_nopad_0900_ai_ci' (SQLSTATE: HY000; HINT: ",
        ),
        ("SELECT 1;\nsource secret.sql\n", "dump.sql:2: `source` is a command of the mysql client"),
    ] {
        std::fs::write(&path, text)?;
        let mut engine = ground.engine(false, false).await?;
        let origin = origin_of(text);
        let dump = Dump { file: &path, origin: &origin, timeout: TIMEOUT };
        let loaded = load_mysql(&mut engine, dump, &rollproof::dump::Sections::default(), None).await;
        engine.close().await?;
        let error = loaded.err().ok_or("it was loaded")?.to_string();
        ensure(error.contains(part), error)?;
    }
    Ok(())
}
