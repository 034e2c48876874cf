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
use rollproof::schema::{ChangeKind, Diff, ObjectId, Snapshot};
use sqlx::mysql::MySqlConnectOptions;

use crate::Test;
use crate::ground::{Ground, block_on, ensure};

pub(crate) const TESTS: &[Test] = &[
    ("dumps_make_the_same_schema", |ground| block_on(same_schema(ground))),
    ("dumps_are_base_schemas", |ground| block_on(base_schemas(ground))),
    ("a_database_is_only_read", |ground| block_on(only_read(ground))),
    ("what_a_user_may_not_see_is_not_gone", |ground| block_on(not_seen(ground))),
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
