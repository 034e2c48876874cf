//! The session that migrations run in is the one that the real tool gives them: every variable of it is compared. sqlx and
//! the mariadb client are asked here; the tools of other languages are not at hand.

use std::collections::BTreeMap;
use std::process::Command;

use libtest_mimic::Failed;
use rollproof::engine::{Engine as _, SessionSpec};
use rollproof::history::{EngineKind, format_named};
use sqlx::mysql::MySqlConnection;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};

use crate::Test;
use crate::ground::{Ground, block_on, ensure, go_on};

pub(crate) const TESTS: &[Test] = &[
    ("session_of_sqlx", |ground| block_on(of_sqlx(ground))),
    ("session_of_the_client", |ground| block_on(of_client(ground))),
];

/// Variables that are each session's own.
const OWN: [&str; 11] = [
    "pseudo_thread_id",
    "timestamp",
    "last_insert_id",
    "identity",
    "rand_seed1",
    "rand_seed2",
    "error_count",
    "warning_count",
    "in_transaction",
    "last_gtid",
    "statement_id",
];

type Variables = BTreeMap<String, String>;

/// The statements that write the variables of a session into the table `told`.
fn telling(ground: &Ground) -> String {
    let schema = if ground.is_mariadb() { "information_schema" } else { "performance_schema" };
    format!(
        "DROP TABLE IF EXISTS told; CREATE TABLE told (name varchar(99), value text) CHARACTER SET utf8mb4; \
         INSERT INTO told SELECT variable_name, variable_value FROM {schema}.session_variables"
    )
}

async fn told(ground: &Ground, database: &str) -> Result<Variables, Failed> {
    let mut connection = MySqlConnection::connect_with(&ground.options().database(database)).await?;
    let rows = sqlx::raw_sql("SELECT lower(name), value FROM told").fetch_all(&mut connection).await?;
    connection.close().await?;
    let mut variables = Variables::new();
    for row in rows {
        variables.insert(row.try_get(0)?, row.try_get::<Option<String>, _>(1)?.unwrap_or_default());
    }
    variables.retain(|name, _| !OWN.contains(&name.as_str()));
    ensure(variables.len() > 100, "too few variables")?;
    Ok(variables)
}

fn same(ours: &Variables, theirs: &Variables) -> Result<(), Failed> {
    let differing: Vec<String> = ours
        .iter()
        .filter(|(name, value)| theirs.get(*name) != Some(value))
        .map(|(name, value)| format!("{name} is {value} here and {:?} with the real tool", theirs.get(name)))
        .collect();
    ensure(differing.is_empty(), differing.join("\n"))
}

async fn of_sqlx(ground: &Ground) -> Result<(), Failed> {
    let mut engine = ground.engine(true, false).await?;
    let conduct = format_named("sqlx").ok_or("no format")?.conduct(EngineKind::Mysql);
    engine.open_session(&SessionSpec { statements: conduct.session, role: None }).await?;
    go_on(&mut engine, &telling(ground)).await?;
    let database = engine.database().to_owned();
    let ours = told(ground, &database).await?;
    let mut real = ground.options().database(&database).connect().await?;
    sqlx::raw_sql(AssertSqlSafe(telling(ground))).execute(&mut real).await?;
    real.close().await?;
    let theirs = told(ground, &database).await?;
    engine.close().await?;
    same(&ours, &theirs)
}

async fn of_client(ground: &Ground) -> Result<(), Failed> {
    let mut engine = ground.engine(true, false).await?;
    engine.open_session(&SessionSpec::default()).await?;
    go_on(&mut engine, &telling(ground)).await?;
    let database = engine.database().to_owned();
    let ours = told(ground, &database).await?;
    let port = ground.ask("SELECT @@port").await?.join("");
    ground.ask("CREATE USER rollproof_client@'%' IDENTIFIED BY 'Secret-123'").await?;
    ground.ask("GRANT ALL ON `rollproof\\_%`.* TO rollproof_client@'%'").await?;
    let mut client = Command::new("mariadb");
    client.args(["--no-defaults", "--host=127.0.0.1", "--user=rollproof_client", "--default-character-set=utf8mb4"]);
    client.args([&format!("--port={port}"), &database, "--execute", &telling(ground)]).env("MYSQL_PWD", "Secret-123");
    let output = client.output();
    ground.ask("DROP USER rollproof_client@'%'").await?;
    let Ok(output) = output else {
        println!("the mariadb client is not installed: its session cannot be compared");
        return Ok(engine.close().await?);
    };
    ensure(output.status.success(), String::from_utf8_lossy(&output.stderr))?;
    let mut theirs = told(ground, &database).await?;
    engine.close().await?;
    // The client of one product names the collation by a number that it takes from its own list.
    if let Some(collation) = ours.get("collation_connection") {
        theirs.insert("collation_connection".to_owned(), collation.clone());
    }
    same(&ours, &theirs)
}
