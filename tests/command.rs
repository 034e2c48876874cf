//! Migrations that are run by command lines: the rules of the road with a shell alone, and Knex itself.
//!
//! `ROLLPROOF_TEST_NODE_MODULES` names a folder `node_modules` with knex, pg and mysql2.

#![expect(clippy::print_stdout, reason = "what cannot run must be seen")]

#[path = "common/means.rs"]
mod means;
#[path = "common/run.rs"]
mod run;
#[path = "common/wherewithal.rs"]
mod wherewithal;

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

use means::Wherewithal;

type Test = (&'static str, fn(&[String]) -> Result<(), Failed>);

/// Tests that need a shell and SQLite.
const ON_SQLITE: &[Test] = &[
    ("files_are_the_list", files_are_the_list),
    ("a_list_tells_the_order", a_list_tells_the_order),
    ("lists_that_tell_nothing", lists_that_tell_nothing),
    ("wrong_commands", wrong_commands),
    ("a_command_that_never_ends", a_command_that_never_ends),
    ("no_way_back", no_way_back),
];

const ON_POSTGRES: &[Test] = &[("passwords_are_not_printed", passwords_are_not_printed)];

/// Tests with Knex, and the engine of each.
const WITH_KNEX: &[(&str, Test)] = &[
    ("postgres", ("knex_on_postgres", |args| knex("postgres", args))),
    ("mariadb", ("knex_on_mariadb", |args| knex("mariadb", args))),
    ("mysql", ("knex_on_mysql", |args| knex("mysql", args))),
];

fn main() -> ExitCode {
    let node_modules = std::env::var("ROLLPROOF_TEST_NODE_MODULES").unwrap_or_default();
    let has_knex = Path::new(&node_modules).join("knex").is_dir();
    let on_sqlite = ON_SQLITE.iter().map(|test| trial("sqlite", test, None));
    let on_postgres = ON_POSTGRES.iter().map(|test| trial("postgres", test, None));
    let lacking = (!has_knex).then_some("ROLLPROOF_TEST_NODE_MODULES names no folder with knex");
    let with_knex = WITH_KNEX.iter().map(|(engine, test)| trial(engine, test, lacking));
    libtest_mimic::run(&Arguments::from_args(), on_sqlite.chain(on_postgres).chain(with_knex).collect()).exit_code()
}

fn trial(engine: &str, (name, test): &Test, lacking: Option<&'static str>) -> Trial {
    let (test, means) = (*test, Wherewithal::of(engine));
    let missing = match &means {
        Wherewithal::Missing(why) => Some(*why),
        Wherewithal::With(_) => lacking,
    };
    if let Some(why) = missing {
        println!("{name}: {why}");
    }
    let run = move || match (missing, means) {
        (None, Wherewithal::With(args)) => test(&args),
        (Some(why), _) | (None, Wherewithal::Missing(why)) => Err(why.into()),
    };
    Trial::test(*name, run).with_ignored_flag(missing.is_some() && !wherewithal::everything_is_to_be_tried())
}

/// A project with these files besides its configuration.
fn project(engine: &str, commands: &str, files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = run::project();
    let config = format!(
        "databases:\n  - name: main\n    engine: {engine}\n    migrations: {{format: command, path: migrations}}\n    commands:\n{commands}"
    );
    let rule = "facts: 1\nid: told\nlevel: note\non: {fact: step}\nwhen: step.statements >= 0\nwhy: to see them\nfix: none\n\
                message: \"{step.statements} statements\"\n";
    let config = format!("{config}policies: [told.yml]\n");
    let own = [("rollproof.yml", config.as_str()), ("told.yml", rule)];
    for (name, text) in own.iter().chain(files) {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        fs::write(file, text).expect("written");
    }
    folder
}

fn steps(ran: &run::Ran) -> Result<Vec<Value>, Failed> {
    let report = ran.report().ok_or_else(|| ran.stderr.clone())?;
    Ok(report["databases"][0]["steps"].as_array().cloned().unwrap_or_default())
}

/// Each step as `up 1_a passed`.
fn outline(steps: &[Value]) -> Vec<String> {
    let word = |step: &Value, key: &str| step[key].as_str().unwrap_or("?").to_owned();
    let line = |step: &Value| format!("{} {} {}", word(step, "phase"), word(step, "migration"), word(step, "outcome"));
    steps.iter().map(line).collect()
}

const TWO: &[(&str, &str)] = &[("migrations/1_a.txx", "one"), ("migrations/2_b.txx", "two")];

fn files_are_the_list(_: &[String]) -> Result<(), Failed> {
    let commands = "      up: echo up ${revision} >> log\n      down: 'echo down ''${revision}'' >> log'\n";
    let folder = project("sqlite", commands, TWO);
    let ran = run::check(folder.path(), &[]);
    let said = outline(&steps(&ran)?);
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    assert!(said.contains(&"up 1_a passed".to_owned()) && said.contains(&"down 2_b passed".to_owned()), "{said:?}");
    let log = fs::read_to_string(folder.path().join("log"))?;
    assert!(log.starts_with("up 1_a\ndown 1_a\n"), "{log}");
    Ok(())
}

fn a_list_tells_the_order(_: &[String]) -> Result<(), Failed> {
    let commands = "      list: \"printf '2\\\\n1\\\\tmigrations/1_a.txx\\\\n'\"\n      up: echo ${revision} >> log\n      down: 'true'\n";
    let folder = project("sqlite", commands, TWO);
    let ran = run::check(folder.path(), &[]);
    let ups = outline(&steps(&ran)?).into_iter().filter(|step| step.starts_with("up ")).collect::<Vec<_>>();
    assert_eq!(ups, ["up 2_b passed", "up 1_a passed"], "{}", ran.stderr);
    let log = fs::read_to_string(folder.path().join("log"))?;
    assert!(log.starts_with("2\n2\n1\n"), "what is told is what the list says: {log}");
    Ok(())
}

/// What a run that could not check says.
fn cannot_check(commands: &str) -> Result<String, Failed> {
    let folder = project("sqlite", commands, TWO);
    let ran = run::check(folder.path(), &[]);
    if ran.code == Some(2) {
        Ok(ran.stdout + &ran.stderr)
    } else {
        Err(format!("{:?}: {}", ran.code, ran.stdout).into())
    }
}

fn lists_that_tell_nothing(_: &[String]) -> Result<(), Failed> {
    for (list, expected) in [
        ("'true'", "lists no migration"),
        ("echo oh no >&2; exit 3", "failed (exit status: 3); its output ends:\\n  oh no"),
        ("no-such-program-at-all", "no-such-program-at-all: not found"),
        ("echo 1_a; echo 1_a", "lists `1_a` twice"),
    ] {
        let said = cannot_check(&format!("      list: {list}\n      up: 'true'\n"))?;
        assert!(said.contains(expected), "{list}: {said}");
    }
    Ok(())
}

fn wrong_commands(_: &[String]) -> Result<(), Failed> {
    let said = cannot_check("      up: no-such-program-at-all ${revision}\n")?;
    assert!(said.contains("the command `up` of rollproof.yml cannot be run: check `commands`"), "{said}");
    assert!(said.contains("no-such-program-at-all"), "{said}");
    let folder = project("sqlite", "      up: echo it went wrong; exit 4\n      down: 'true'\n", TWO);
    let ran = run::check(folder.path(), &[]);
    let steps = steps(&ran)?;
    assert_eq!((ran.code, steps[0]["error"]["kind"].as_str()), (Some(1), Some("tool")), "{}", ran.stdout);
    assert_eq!(steps[0]["error"]["message"], "it went wrong");
    Ok(())
}

fn a_command_that_never_ends(_: &[String]) -> Result<(), Failed> {
    let folder = project("sqlite", "      up: sleep 600 & echo $! > pid; wait\n      down: 'true'\n", TWO);
    let began = Instant::now();
    let ran = run::check(folder.path(), &["--timeout", "1"]);
    assert!(began.elapsed() < Duration::from_secs(30));
    let steps = steps(&ran)?;
    assert_eq!((ran.code, steps[0]["error"]["kind"].as_str()), (Some(1), Some("timeout")), "{}", ran.stdout);
    let pid = fs::read_to_string(folder.path().join("pid"))?;
    let command = fs::read_to_string(format!("/proc/{}/cmdline", pid.trim())).unwrap_or_default();
    assert!(!command.contains("600"), "it still runs: {command}");
    Ok(())
}

fn no_way_back(_: &[String]) -> Result<(), Failed> {
    let folder = project("sqlite", "      up: 'true'\n", TWO);
    let ran = run::check(folder.path(), &[]);
    assert!(ran.stdout.contains("down-missing"), "{}", ran.stdout);
    Ok(())
}

fn passwords_are_not_printed(args: &[String]) -> Result<(), Failed> {
    let up = "printf %s ${password} > seen; echo \"it is ${password} in ${url} and $DATABASE_URL\" >&2; exit 1";
    let folder = project("postgres", &format!("      up: '{up}'\n      down: 'true'\n"), TWO);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let ran = run::check(folder.path(), &args);
    let password = fs::read_to_string(folder.path().join("seen"))?;
    assert!(password.len() > 8, "{}{}", ran.stdout, ran.stderr);
    assert!(!ran.stdout.contains(&password) && !ran.stderr.contains(&password), "{}", ran.stdout);
    assert!(ran.stdout.contains("it is *** in postgresql://"), "{}", ran.stdout);
    Ok(())
}

const KNEXFILE: &str = "const url = process.env.DATABASE_URL;\n\
    module.exports = { client: url.startsWith('mysql') ? 'mysql2' : 'pg', connection: url };\n";

/// Right, then a down that fails, then one that does nothing, then an up that fails.
const HISTORY: [(&str, &str); 5] = [
    ("knexfile.js", KNEXFILE),
    (
        "migrations/1_books.js",
        "exports.up = async (knex) => {\n  await knex.schema.createTable('books', (t) => { t.increments('id'); t.string('title'); });\n  \
         await knex.raw('CREATE INDEX by_title ON books (title)');\n};\n\
         exports.down = (knex) => knex.schema.dropTable('books');\n",
    ),
    (
        "migrations/2_author.js",
        "exports.up = (knex) => knex.schema.alterTable('books', (t) => { t.string('author'); });\n\
         exports.down = (knex) => knex.schema.alterTable('books', (t) => { t.dropColumn('auhtor'); });\n",
    ),
    (
        "migrations/3_pages.js",
        "exports.up = (knex) => knex.schema.alterTable('books', (t) => { t.integer('pages'); });\n\
         exports.down = () => Promise.resolve();\n",
    ),
    (
        "migrations/4_again.js",
        "exports.up = (knex) => knex.schema.createTable('books', (t) => { t.increments('id'); });\n\
         exports.down = (knex) => knex.schema.dropTable('books');\n",
    ),
];

fn knex(engine: &str, args: &[String]) -> Result<(), Failed> {
    let folder = project(engine, "      preset: knex\n", &HISTORY);
    let node_modules = std::env::var("ROLLPROOF_TEST_NODE_MODULES")?;
    std::os::unix::fs::symlink(node_modules, folder.path().join("node_modules"))?;
    let args: Vec<&str> = args.iter().map(String::as_str).chain(["--provision", "local"]).collect();
    let ran = run::check(folder.path(), &args);
    let steps = steps(&ran)?;
    let said = outline(&steps);
    assert_eq!(ran.code, Some(1), "{said:#?}\n{}", ran.stderr);
    for expected in [
        "up 1_books passed",
        "down 1_books passed",
        "redo 1_books passed",
        "up 2_author passed",
        "down 2_author failed",
        "down 3_pages passed",
        "up 4_again failed",
    ] {
        assert!(said.iter().any(|step| step == expected), "{expected}: {said:#?}");
    }
    let error = |migration: &str| {
        let step = steps.iter().find(|step| step["migration"] == migration && step["outcome"] == "failed");
        step.map(|step| step["error"].clone()).unwrap_or_default()
    };
    let (down, up) = (error("2_author"), error("4_again"));
    let message = |error: &Value| error["message"].as_str().unwrap_or_default().to_owned();
    assert!(message(&down).contains("auhtor"), "{down}");
    assert!(message(&up).contains("already exists"), "{up}");
    if engine == "postgres" {
        assert_eq!((down["kind"].as_str(), down["code"].as_str()), (Some("server"), Some("42703")), "{down}");
        assert_eq!((up["kind"].as_str(), up["code"].as_str()), (Some("server"), Some("42P07")), "{up}");
    }
    let report = ran.report().ok_or("no report")?;
    let findings = report["databases"][0]["findings"].as_array().cloned().unwrap_or_default();
    let has = |rule: &str, migration: &str, message: &str| {
        findings.iter().any(|finding| {
            finding["rule"] == rule
                && finding["migration"] == migration
                && finding["message"].as_str().is_some_and(|text| text.contains(message))
        })
    };
    assert!(has("told", "1_books", "2 statements"), "the server was heard: {findings:#?}");
    assert!(has("down-empty", "3_pages", ""), "a down without a statement is seen to be one: {findings:#?}");
    assert!(
        !findings.iter().any(|finding| finding["migration"] == "1_books" && finding["level"] == "error"),
        "{findings:#?}"
    );
    Ok(())
}
