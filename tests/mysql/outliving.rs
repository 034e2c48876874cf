//! What outlives a database.

use libtest_mimic::Failed;
use rollproof::engine::Engine as _;
use sqlx::mysql::MySqlConnectOptions;

use crate::Test;
use crate::ground::{Ground, block_on, ensure, refusal, run};

pub(crate) const TESTS: &[Test] = &[
    ("on_a_server_of_ours_everything_is_put_back", |ground| block_on(put_back(ground))),
    ("users_that_production_has_are_made", |ground| block_on(users(ground))),
    ("on_another_server_a_step_is_stopped", |ground| block_on(stopped(ground))),
    ("what_is_allowed_is_told_at_the_end", |ground| block_on(allowed(ground))),
    ("what_a_script_prepared_is_taken_back", |ground| block_on(prepared(ground))),
    ("a_user_of_few_rights_is_enough", |ground| block_on(few_rights(ground))),
];

const STATE: &str = "SELECT concat(user, '@', host) FROM mysql.user WHERE user <> 'mariadb.sys' UNION ALL \
    SELECT concat(db, user) FROM mysql.db UNION ALL SELECT concat('tables', db, user) FROM mysql.tables_priv UNION ALL \
    SELECT schema_name FROM information_schema.schemata UNION ALL SELECT concat('v', @@global.max_connections) UNION ALL \
    SELECT concat('v', @@global.sql_mode, @@global.init_connect) ORDER BY 1";

/// A script that leaves something in every place.
fn leaving(ground: &Ground) -> String {
    let (user, role) = ("'rollproof o''x'@'%'", "rollproof_reader");
    let mut script = format!(
        "CREATE TABLE t (a int); CREATE USER {user} IDENTIFIED BY 'Secret-123'; CREATE ROLE {role}; GRANT {role} TO {user}; \
         GRANT SELECT ON *.* TO {user}; GRANT INSERT ON other_than_ours.* TO {role}; GRANT UPDATE ON t TO {user}; \
         CREATE DATABASE other_than_ours; SET GLOBAL max_connections = 77; SET GLOBAL init_connect = 'SET @a = 1'; \
         SET GLOBAL sql_mode = ''"
    );
    if !ground.is_mariadb() {
        script.push_str("; SET PERSIST max_connections = 78; GRANT BACKUP_ADMIN ON *.* TO 'rollproof o''x'@'%'");
    }
    script
}

async fn put_back(ground: &Ground) -> Result<(), Failed> {
    let before = ground.ask(STATE).await?;
    let mut engine = ground.engine(true, false).await?;
    let with_ours = ground.ask(STATE).await?;
    run(&mut engine, &leaving(ground)).await?;
    engine.check_cluster().await?;
    ensure(ground.ask(STATE).await? != with_ours, "it left something")?;
    engine.recreate().await?;
    same(&ground.ask(STATE).await?, &with_ours)?;
    run(&mut engine, &leaving(ground)).await?;
    run(&mut engine, "DROP USER 'rollproof o''x'@'%'").await?;
    engine.close().await?;
    same(&ground.ask(STATE).await?, &before)?;
    if !ground.is_mariadb() {
        let persisted = ground.ask("SELECT variable_name FROM performance_schema.persisted_variables").await?;
        ensure(persisted.is_empty(), format!("{persisted:?}"))?;
    }
    Ok(())
}

async fn users(ground: &Ground) -> Result<(), Failed> {
    let names = ["rollproof_a".to_owned(), "rollproof_reader@localhost".to_owned()];
    let mut engine = ground.engine(true, false).await?;
    engine.make_users(&names).await?;
    run(&mut engine, "CREATE TABLE t (a int); GRANT SELECT ON t TO rollproof_a; DROP USER rollproof_reader@localhost")
        .await?;
    engine.recreate().await?;
    run(&mut engine, "CREATE TABLE t (a int); GRANT SELECT ON t TO rollproof_a, rollproof_reader@localhost").await?;
    engine.close().await?;
    ground.ask("DROP USER rollproof_a, rollproof_reader@localhost").await?;
    let mut engine = ground.engine(false, true).await?;
    let error = engine.make_users(&names).await.unwrap_err().to_string();
    engine.close().await?;
    ensure(error.contains("make it there yourself"), error)
}

async fn stopped(ground: &Ground) -> Result<(), Failed> {
    let before = ground.ask(STATE).await?;
    ground.ask("CREATE USER rollproof_reader").await?;
    let mut engine = ground.engine(false, false).await?;
    run(&mut engine, "CREATE TABLE t (a int); GRANT SELECT ON t TO rollproof_reader").await?;
    // What is said of our own database is part of its schema.
    engine.check_cluster().await?;
    // Nobody here has named the database, so that it is somebody else's table.
    ground.ask("CREATE DATABASE elsewhere; CREATE TABLE elsewhere.theirs (a int)").await?;
    run(&mut engine, "SELECT 1").await?;
    ground.ask("CREATE TABLE elsewhere.more (a int)").await?;
    engine.check_cluster().await?;
    for (script, undo, named) in [
        ("CREATE TABLE elsewhere.t (a int)", "DROP TABLE elsewhere.t", "the table elsewhere.t"),
        ("USE elsewhere; DROP TABLE theirs", "CREATE TABLE elsewhere.theirs (a int)", "the table elsewhere.theirs"),
        ("CREATE TABLE mysql.stray (a int)", "DROP TABLE mysql.stray", "the table mysql.stray"),
        ("CREATE PROCEDURE elsewhere.p() SELECT 1", "DROP PROCEDURE elsewhere.p", "the routine elsewhere.p"),
    ] {
        run(&mut engine, script).await?;
        let error = engine.check_cluster().await.unwrap_err().to_string();
        ensure(error.contains(named), format!("{script}: {error}"))?;
        ground.ask(undo).await?;
    }
    ground.ask("DROP DATABASE elsewhere").await?;
    for (script, undo, named) in [
        ("CREATE USER rollproof_a", "DROP USER rollproof_a", "the user rollproof_a %"),
        ("CREATE DATABASE other_than_ours", "DROP DATABASE other_than_ours", "database other_than_ours"),
        ("SET GLOBAL max_connections = 77", "", "the global variable max_connections"),
    ] {
        let connections = ground.ask("SELECT @@global.max_connections").await?.join("");
        run(&mut engine, script).await?;
        let error = engine.check_cluster().await.unwrap_err().to_string();
        let told = named != "the global variable max_connections" || error.contains("and is \"77\" now; `SET GLOBAL");
        ensure(told && error.contains(named) && error.contains("--allow-cluster-objects"), error)?;
        let undo =
            if undo.is_empty() { format!("SET GLOBAL max_connections = {connections}") } else { undo.to_owned() };
        ground.ask(&undo).await?;
    }
    let grant = format!("GRANT UPDATE ON {}.* TO rollproof_reader", engine.database());
    run(&mut engine, &grant).await?;
    engine.check_cluster().await?;
    engine.close().await?;
    let left = ground.ask("SHOW GRANTS FOR rollproof_reader").await?;
    ground.ask("DROP USER rollproof_reader").await?;
    ensure(left.len() == 1, left.join("; "))?;
    same(&ground.ask(STATE).await?, &before)
}

async fn allowed(ground: &Ground) -> Result<(), Failed> {
    let mut engine = ground.engine(false, true).await?;
    run(&mut engine, "CREATE USER rollproof_a").await?;
    engine.check_cluster().await?;
    engine.close().await?;
    let notes = engine.notes().join("\n");
    ground.ask("DROP USER rollproof_a").await?;
    ensure(notes.contains("the user rollproof_a %"), notes)
}

async fn prepared(ground: &Ground) -> Result<(), Failed> {
    let names = async || ground.ask("XA RECOVER").await.map(|rows| rows.len());
    // Somebody else's, which has to stay.
    ground.ask("CREATE DATABASE rollproof_theirs; CREATE TABLE rollproof_theirs.t (a int)").await?;
    let theirs = "XA START 'theirs'; INSERT INTO rollproof_theirs.t VALUES (1); XA END 'theirs'; XA PREPARE 'theirs'";
    ground.ask(theirs).await?;
    ensure(names().await? == 1, "somebody has prepared a transaction")?;
    let mut engine = ground.engine(false, false).await?;
    run(&mut engine, "CREATE TABLE t (a int)").await?;
    let holding = |name: &str| format!("XA START {name}; INSERT INTO t VALUES (1); XA END {name}; XA PREPARE {name}");
    run(&mut engine, &holding("'ours','b',7")).await?;
    engine.check_cluster().await?;
    ensure(names().await? == 1, "what the script prepared is gone and nothing else")?;
    run(&mut engine, &format!("{}; XA COMMIT 'committed'", holding("'committed'"))).await?;
    engine.check_cluster().await?;
    run(&mut engine, "XA START 'empty'; XA END 'empty'; XA PREPARE 'empty'").await?;
    engine.check_cluster().await?;
    run(&mut engine, &holding("'at the end'")).await?;
    engine.close().await?;
    ensure(names().await? == 1, "nothing is left but theirs")?;
    ground.ask("XA ROLLBACK 'theirs'").await?;
    ground.ask("DROP DATABASE rollproof_theirs").await?;
    let (notes, told) = (engine.notes(), ["'ours','b',7", "'empty'", "'at the end'"]);
    let is_told = told.iter().zip(&notes).all(|(name, note)| note.contains(&format!("transaction {name} behind")));
    ensure(notes.len() == 3 && is_told, notes.join("; "))?;
    let left = ground.ask("SELECT schema_name FROM information_schema.schemata").await?;
    ensure(!left.iter().any(|name| *name == engine.database()), "the database is gone")
}

async fn few_rights(ground: &Ground) -> Result<(), Failed> {
    ground.ask("CREATE USER rollproof_few@'%' IDENTIFIED BY 'Secret-123'").await?;
    ground.ask("GRANT ALL ON `rollproof\\_%`.* TO rollproof_few@'%'").await?;
    let port = ground.ask("SELECT @@port").await?.join("").parse::<u16>()?;
    let options = MySqlConnectOptions::new().host("127.0.0.1").port(port);
    let options = options.username("rollproof_few").password("Secret-123");
    let tried = async {
        let mut engine = ground.engine_as(options, false, false).await?;
        run(&mut engine, "CREATE TABLE t (a int); INSERT INTO t VALUES (1)").await?;
        engine.check_cluster().await?;
        engine.rows().await?;
        engine.abandon_session().await?;
        run(&mut engine, "DROP TABLE t; SELECT SLEEP(0)").await?;
        engine.abandon_session().await?;
        engine.recreate().await?;
        // What this user may not do says little of a migration.
        let refused = refusal(run(&mut engine, "CREATE DATABASE other_than_ours").await)?;
        let hint = refused.detail.unwrap_or_default();
        ensure(hint.contains("GRANT") && hint.contains("'rollproof_few'@'%'"), hint)?;
        Ok::<(), Failed>(engine.close().await?)
    };
    let tried = tried.await;
    ground.ask("DROP USER rollproof_few@'%'").await?;
    tried
}

fn same(now: &[String], then: &[String]) -> Result<(), Failed> {
    let only =
        |of: &[String], other: &[String]| of.iter().filter(|row| !other.contains(row)).cloned().collect::<Vec<_>>();
    ensure(now == then, format!("came: {:?}; went: {:?}", only(now, then), only(then, now)))
}
