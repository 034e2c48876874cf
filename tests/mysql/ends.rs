//! Sessions that do not end by themselves.

use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use rollproof::engine::{Engine as _, EngineError};

use crate::Test;
use crate::ground::{Ground, block_on, ensure, go_on, run};

pub(crate) const TESTS: &[Test] = &[
    ("a_script_that_sleeps_is_ended", |ground| block_on(sleeping(ground))),
    ("a_script_that_waits_for_a_lock_is_ended", |ground| block_on(waiting(ground))),
    ("a_session_that_was_killed_is_lost", |ground| block_on(killed(ground))),
];

async fn sleeping(ground: &Ground) -> Result<(), Failed> {
    let mut engine = ground.engine(true, false).await?;
    run(&mut engine, "CREATE TABLE t (a int); START TRANSACTION; INSERT INTO t VALUES (1)").await?;
    let clock = Instant::now();
    let ended =
        tokio::time::timeout(Duration::from_millis(200), go_on(&mut engine, "SELECT a, SLEEP(1000) FROM t")).await;
    ensure(ended.is_err(), "it sleeps")?;
    engine.abandon_session().await?;
    ensure(clock.elapsed() < Duration::from_secs(5), "it is ended at once")?;
    run(&mut engine, "ALTER TABLE t ADD b int").await?;
    Ok(engine.close().await?)
}

async fn waiting(ground: &Ground) -> Result<(), Failed> {
    let mut engine = ground.engine(true, false).await?;
    run(&mut engine, "CREATE TABLE t (a int)").await?;
    let lock = format!("{}.t", engine.database());
    let mut other = <sqlx::MySqlConnection as sqlx::Connection>::connect_with(&ground.options()).await?;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("START TRANSACTION; SELECT * FROM {lock}"))).execute(&mut other).await?;
    engine.open_session(&rollproof::engine::SessionSpec::default()).await?;
    let ended = tokio::time::timeout(Duration::from_millis(200), go_on(&mut engine, "ALTER TABLE t ADD b int")).await;
    ensure(ended.is_err(), "it waits")?;
    engine.abandon_session().await?;
    sqlx::Connection::close(other).await?;
    run(&mut engine, "ALTER TABLE t ADD b int").await?;
    Ok(engine.close().await?)
}

async fn killed(ground: &Ground) -> Result<(), Failed> {
    let mut engine = ground.engine(true, false).await?;
    let error = run(&mut engine, "CREATE TABLE t (a int); KILL CONNECTION CONNECTION_ID(); SELECT 1; SELECT 2").await;
    match error {
        Err(EngineError::Lost { .. }) => {}
        // MySQL refuses the statement that kills, and the next one finds the connection gone.
        Err(EngineError::Refused { .. }) => {
            let next = go_on(&mut engine, "SELECT 1").await;
            ensure(matches!(next, Err(EngineError::Lost { .. })), format!("{next:?}"))?;
        }
        other => return Err(format!("{other:?}").into()),
    }
    engine.abandon_session().await?;
    run(&mut engine, "DROP TABLE t").await?;
    Ok(engine.close().await?)
}
