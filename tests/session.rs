//! The session that migrations run in is the one that the real tool gives them, and so is the tool's own table.
//!
//! What a session has is told by a migration that raises it as an error, so that the very same migration tells it through
//! the real tool and through Rollproof. sqlx itself and psql are asked here. The tools of other languages are not at
//! hand: of them it is written down what their drivers set, and all else has to be what the server gives to everyone.

#![expect(clippy::print_stdout, reason = "what cannot run must be seen")]

#[path = "common/run.rs"]
mod run;
#[path = "common/server.rs"]
mod server;
#[path = "common/wherewithal.rs"]
mod wherewithal;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use sqlx::migrate::Migrator;
use sqlx::{Connection, PgConnection, SqliteConnection};

use server::{Foreign, block_on};

/// A test by its name.
type Test = (&'static str, fn() -> Result<(), Failed>);

const ON_POSTGRES: &[Test] = &[
    ("postgres_session_of_sqlx", || postgres_sessions("sqlx")),
    ("postgres_session_of_diesel", || postgres_sessions("diesel")),
    ("postgres_session_of_golang_migrate", || postgres_sessions("golang-migrate")),
    ("postgres_session_of_updown", || postgres_sessions("updown")),
    ("postgres_table_of_sqlx", postgres_table_of_sqlx),
];

const ON_SQLITE: &[Test] = &[("sqlite_sessions", sqlite_sessions), ("sqlite_table_of_sqlx", sqlite_table_of_sqlx)];

fn main() -> ExitCode {
    let missing = wherewithal::postgres_is_missing();
    if let Some(why) = missing {
        println!("{why}: the sessions on PostgreSQL cannot be compared");
    }
    let on_postgres = ON_POSTGRES.iter().map(|(name, test)| {
        let test = *test;
        let run = move || missing.map_or_else(test, |why| Err(why.into()));
        Trial::test(*name, run).with_ignored_flag(missing.is_some() && !wherewithal::everything_is_to_be_tried())
    });
    let on_sqlite = ON_SQLITE.iter().map(|(name, test)| Trial::test(*name, *test));
    libtest_mimic::run(&Arguments::from_args(), on_postgres.chain(on_sqlite).collect()).exit_code()
}

/// Every setting of a session, in an error.
const POSTGRES_SETTINGS: &str = "DO $$ BEGIN RAISE EXCEPTION '%', (\n    \
    SELECT json_object_agg(name, setting) FROM pg_settings\n); END $$;\n";

/// What the server of these tests gives to everyone, unlike what it does by default and unlike what drivers ask for.
const SERVER: &[(&str, &str)] = &[
    ("TimeZone", "Asia/Tokyo"),
    ("DateStyle", "SQL, DMY"),
    ("IntervalStyle", "iso_8601"),
    ("extra_float_digits", "0"),
    ("lock_timeout", "7s"),
];

/// What the driver of each tool sets: diesel's `pg/connection/mod.rs` (`set_config_options`) and lib/pq's `conn.go`.
fn set_by_driver(format: &str) -> &'static [(&'static str, &'static str)] {
    match format {
        "diesel" => &[("TimeZone", "UTC"), ("client_encoding", "UTF8")],
        "golang-migrate" => &[("DateStyle", "ISO, MDY"), ("extra_float_digits", "2"), ("client_encoding", "UTF8")],
        _ => &[],
    }
}

fn postgres_sessions(format: &str) -> Result<(), Failed> {
    let project = run::project();
    let script = write(project.path(), format, POSTGRES_SETTINGS);
    let (ours, theirs) = block_on(async {
        let foreign = Foreign::start(SERVER, "SUPERUSER").await;
        let args = ["--migrations", "migrations", "--engine", "postgres", "--format", format, "--url", &foreign.url];
        let ours = raised(&run::check(project.path(), &args));
        let theirs = match format {
            "sqlx" => raised_by_sqlx_on_postgres(&foreign, &project.path().join("migrations")).await,
            _ => raised_by_psql(&foreign, &script),
        };
        (ours, theirs)
    });
    let (ours, Some(theirs)) = (ours?, theirs) else {
        println!("psql is not installed: the session of {format} cannot be compared");
        return if wherewithal::everything_is_to_be_tried() { Err("psql is not installed".into()) } else { Ok(()) };
    };
    let mut theirs = theirs?;
    for (name, value) in set_by_driver(format) {
        theirs.insert((*name).to_owned(), Value::from(*value));
    }
    // Each client has a name of its own; psql asks for the encoding of its locale.
    let own = |name: &str| name == "application_name" || (format == "updown" && name == "client_encoding");
    same(&ours, &theirs, own)
}

fn sqlite_sessions() -> Result<(), Failed> {
    let pragmas = [
        "auto_vacuum",
        "busy_timeout",
        "cache_spill",
        "cell_size_check",
        "checkpoint_fullfsync",
        "defer_foreign_keys",
        "encoding",
        "foreign_keys",
        "fullfsync",
        "ignore_check_constraints",
        "legacy_alter_table",
        "locking_mode",
        "page_size",
        "query_only",
        "read_uncommitted",
        "recursive_triggers",
        "reverse_unordered_selects",
        "synchronous",
        "temp_store",
        "trusted_schema",
        "writable_schema",
    ];
    let settings: Vec<String> = pragmas.iter().map(|name| format!("'{name}', (SELECT * FROM pragma_{name})")).collect();
    let script = format!(
        "CREATE TABLE settings AS SELECT json_object(\n    {}\n) AS found;\n{RAISE_SETTINGS}",
        settings.join(",\n    ")
    );
    for format in ["sqlx", "diesel", "golang-migrate", "updown"] {
        let project = run::project();
        write(project.path(), format, &script);
        let args = ["--migrations", "migrations", "--engine", "sqlite", "--format", format];
        let ours = raised(&run::check(project.path(), &args))?;
        let file = project.path().join("real.db");
        let theirs = match format {
            "sqlx" => block_on(raised_by_sqlx_on_sqlite(&file, &project.path().join("migrations")))?,
            // No tool is at hand; each opens the library as it comes, with the library's own defaults.
            _ => block_on(raised_by_the_library(&file, &script))?,
        };
        // How long a connection waits for another one says nothing where there is no other.
        same(&ours, &theirs, |name| name == "busy_timeout").map_err(|error| format!("{format}: {error:?}"))?;
    }
    Ok(())
}

/// Raises the one row of the table `settings` as an error.
const RAISE_SETTINGS: &str = "CREATE TRIGGER tell BEFORE DELETE ON settings\n\
    BEGIN SELECT RAISE(ABORT, OLD.found); END;\nDELETE FROM settings;\n";

fn postgres_table_of_sqlx() -> Result<(), Failed> {
    let script = "DO $$ BEGIN RAISE EXCEPTION '%', (\n    \
        SELECT json_build_object(\n        \
            'columns', (SELECT json_agg(json_build_array(attname, format_type(atttypid, atttypmod), attnotnull,\n            \
                (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = attrelid AND adnum = attnum))\n            \
                ORDER BY attnum) FROM pg_attribute WHERE attrelid = '_sqlx_migrations'::regclass AND attnum > 0),\n        \
            'constraints', (SELECT json_agg(json_build_array(conname, pg_get_constraintdef(oid)) ORDER BY conname)\n            \
                FROM pg_constraint WHERE conrelid = '_sqlx_migrations'::regclass),\n        \
            'schema', (SELECT relnamespace::regnamespace FROM pg_class WHERE oid = '_sqlx_migrations'::regclass))\n\
        ); END $$;\n";
    let project = run::project();
    write(project.path(), "sqlx", script);
    let (ours, theirs) = block_on(async {
        let foreign = Foreign::start(&[], "SUPERUSER").await;
        let args = ["--migrations", "migrations", "--engine", "postgres", "--format", "sqlx", "--url", &foreign.url];
        let ours = raised(&run::check(project.path(), &args));
        (ours, raised_by_sqlx_on_postgres(&foreign, &project.path().join("migrations")).await)
    });
    same(&ours?, &theirs.ok_or("sqlx did not run")??, |_| false)
}

fn sqlite_table_of_sqlx() -> Result<(), Failed> {
    let script = format!(
        "CREATE TABLE settings AS SELECT json_object(\n    \
         'columns', (SELECT json_group_array(json_array(name, type, \"notnull\", dflt_value, pk))\n        \
         FROM pragma_table_info('_sqlx_migrations')),\n    \
         'indexes', (SELECT json_group_array(json_array(name, \"unique\", origin, partial))\n        \
         FROM pragma_index_list('_sqlx_migrations'))\n) AS found;\n{RAISE_SETTINGS}"
    );
    let project = run::project();
    write(project.path(), "sqlx", &script);
    let args = ["--migrations", "migrations", "--engine", "sqlite", "--format", "sqlx"];
    let ours = raised(&run::check(project.path(), &args))?;
    let file = project.path().join("real.db");
    let theirs = block_on(raised_by_sqlx_on_sqlite(&file, &project.path().join("migrations")))?;
    same(&ours, &theirs, |_| false)
}

/// Settings by name.
type Settings = BTreeMap<String, Value>;

/// Writes the one migration of a project in this format. Gives its name within the project.
fn write(project: &Path, format: &str, script: &str) -> std::path::PathBuf {
    let name = if format == "diesel" { "1_tell/up.sql" } else { "1_tell.up.sql" };
    let file = project.join("migrations").join(name);
    fs::create_dir_all(file.parent().expect("a folder")).expect("made");
    fs::write(&file, script).expect("written");
    file
}

/// What a run's only failing step says.
fn raised(ran: &run::Ran) -> Result<Settings, Failed> {
    let report = ran.report().filter(|_| ran.code == Some(1)).ok_or_else(|| ran.stderr.clone())?;
    let step = &report["databases"][0]["steps"][0];
    parsed(step["error"]["message"].as_str().ok_or_else(|| format!("the step raised nothing: {report:#}"))?)
}

fn parsed(message: &str) -> Result<Settings, Failed> {
    let start = message.find('{').ok_or_else(|| format!("no settings in: {message}"))?;
    let mut values = serde_json::Deserializer::from_str(&message[start..]).into_iter::<Settings>();
    Ok(values.next().ok_or("nothing was told")??)
}

async fn raised_by_sqlx_on_postgres(foreign: &Foreign, migrations: &Path) -> Option<Result<Settings, Failed>> {
    let mut connection = PgConnection::connect(&foreign.url).await.expect("a connection");
    let migrator = Migrator::new(migrations).await.expect("migrations of sqlx");
    let error = migrator.run(&mut connection).await.expect_err("the migration raises");
    Some(parsed(&error.to_string()))
}

async fn raised_by_sqlx_on_sqlite(file: &Path, migrations: &Path) -> Result<Settings, Failed> {
    let mut connection = SqliteConnection::connect(&format!("sqlite://{}?mode=rwc", file.display())).await?;
    let migrator = Migrator::new(migrations).await?;
    let error = migrator.run(&mut connection).await.expect_err("the migration raises");
    parsed(&error.to_string())
}

async fn raised_by_the_library(file: &Path, script: &str) -> Result<Settings, Failed> {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).create_if_missing(true).foreign_keys(false);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let error = sqlx::raw_sql(sqlx::AssertSqlSafe(script)).execute(&mut connection).await.expect_err("it raises");
    parsed(&error.to_string())
}

/// `None` where there is no psql.
fn raised_by_psql(foreign: &Foreign, script: &Path) -> Option<Result<Settings, Failed>> {
    let mut psql = Command::new("psql");
    psql.args(["--no-psqlrc", "--quiet", "--dbname", &foreign.url, "--file"]).arg(script);
    let output = psql.env_remove("PGTZ").env_remove("PGDATESTYLE").env_remove("PGOPTIONS").output().ok()?;
    Some(parsed(&String::from_utf8_lossy(&output.stderr)))
}

/// Whether both sessions have the same settings but for those that are each one's own.
fn same(ours: &Settings, theirs: &Settings, own: impl Fn(&str) -> bool) -> Result<(), Failed> {
    let names: std::collections::BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let differing: Vec<String> = names
        .into_iter()
        .filter(|name| !own(name) && ours.get(*name) != theirs.get(*name))
        .map(|name| format!("{name} is {:?} here and {:?} with the real tool", ours.get(name), theirs.get(name)))
        .collect();
    if differing.is_empty() { Ok(()) } else { Err(differing.join("\n").into()) }
}
