//! `rollproof doctor`.

use std::path::Path;

use libtest_mimic::Failed;
use rollproof::history::EngineKind;
use rollproof::provision::installations;
use serde_json::Value;

use super::run::{self, Ran};
use super::{BOOKS, Test, manifest, rollproof, rollproof_with, write};

pub(crate) const TESTS: &[Test] = &[
    ("doctor_says_what_the_machine_has", says_what_the_machine_has),
    ("doctor_says_what_each_database_gets", says_what_each_database_gets),
    ("doctor_says_what_to_install", says_what_to_install),
    ("doctor_never_mixes_mysql_and_mariadb", never_mixes_mysql_and_mariadb),
    ("doctor_tells_leftovers", tells_leftovers),
    ("doctor_does_not_pass_over_a_broken_project", does_not_pass_over_a_broken_project),
];

fn json(folder: &Path, args: &[&str]) -> (Ran, Value) {
    let ran = rollproof(folder, &[&["doctor", "--format", "json"], args].concat());
    let answer = ran.report().unwrap_or_default();
    (ran, answer)
}

fn says_what_the_machine_has() -> Result<(), Failed> {
    let empty = run::project();
    let (ran, answer) = json(empty.path(), &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert_eq!((&answer["ready"], &answer["project"]), (&Value::Bool(true), &Value::Null));
    let machine = &answer["machine"];
    let servers: Vec<_> = machine["servers"].as_array().unwrap().iter().map(|found| found["version"].clone()).collect();
    let installed =
        [EngineKind::Postgres, EngineKind::Mysql].into_iter().flat_map(|of| installations(of, &[]).unwrap());
    let installed: Vec<_> = installed.map(|found| Value::from(found.product.version)).collect();
    assert_eq!(servers, installed);
    assert!(machine["sqlite"].as_str().unwrap().starts_with("3."), "{machine}");
    let engine = &machine["container_engine"];
    assert_ne!(engine.is_null(), machine["container_problem"].is_null(), "{machine}");
    assert!(machine["data_places"].as_array().is_some_and(|places| !places.is_empty()), "{machine}");
    let text = rollproof(empty.path(), &["doctor"]).stdout;
    for word in ["containers ", "servers ", "SQLite ", "git ", "data ", "cache ", "left behind ", "no project here"] {
        assert!(text.contains(word), "{word} in: {text}");
    }
    Ok(())
}

fn says_what_each_database_gets() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), &BOOKS);
    write(project.path(), &[("Cargo.toml", &manifest("sqlite"))]);
    let (ran, answer) = json(project.path(), &[]);
    assert_eq!(ran.code, Some(0));
    let database = &answer["project"]["databases"][0];
    assert_eq!((&database["provision"], &database["engine"]), (&"embedded".into(), &"sqlite".into()));
    assert_eq!(answer["project"]["config"], Value::Null);

    let config = "databases:\n  - {name: a, engine: sqlite, migrations: migrations}\n  \
                  - {name: b, engine: mysql, migrations: migrations, server-settings: {port: 1}}\n";
    write(project.path(), &[("rollproof.yml", config)]);
    let (ran, answer) = json(project.path(), &[]);
    assert_eq!(ran.code, Some(2), "one of two is not enough");
    assert_eq!(answer["project"]["databases"][1]["provision"], Value::Null);
    let text = rollproof(project.path(), &["doctor"]).stdout;
    assert!(text.contains("CANNOT BE PROVIDED: server-settings: port is how Rollproof starts"), "{text}");
    assert!(text.ends_with("not ready: 1 of 2 databases cannot be provided\n"), "{text}");
    Ok(())
}

fn says_what_to_install() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), &BOOKS);
    // No server of this version is anywhere, and no container engine at this address.
    let config = "databases: [{name: a, image: 'postgres:98', migrations: migrations}]\n";
    write(project.path(), &[("rollproof.yml", config)]);
    let variables = [("DOCKER_HOST", Path::new("tcp://127.0.0.1:1"))];
    let ran = rollproof_with(project.path(), &["doctor"], &variables);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    assert!(ran.stdout.contains("PostgreSQL 98 is not on this machine"), "{}", ran.stdout);
    let commands = ["apt install postgresql-98", "dnf install postgresql98-server", "brew install postgresql@98"];
    assert!(commands.iter().any(|command| ran.stdout.contains(command)), "{}", ran.stdout);
    assert!(ran.stdout.contains("--url"), "{}", ran.stdout);

    let (ran, _) = json(project.path(), &["--server-bin", "nowhere"]);
    assert_eq!(ran.code, Some(2));
    Ok(())
}

/// MySQL and MariaDB are told apart, and what stands in for the other is told.
fn never_mixes_mysql_and_mariadb() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), &BOOKS);
    let bin = project.path().join("bin");
    std::fs::create_dir(&bin)?;
    // A server needs to be no more than a program that tells its version.
    let program = bin.join("mariadbd");
    std::fs::write(&program, "#!/bin/sh\necho \"$0  Ver 11.8.3-MariaDB for Linux\"\n")?;
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    let told = |keys: &str| {
        let config = format!("databases: [{{name: a, migrations: migrations, {keys}}}]\n");
        write(project.path(), &[("rollproof.yml", &config)]);
        let arguments = ["doctor", "--server-bin", "bin"];
        rollproof_with(project.path(), &arguments, &[("DOCKER_HOST", Path::new("tcp://127.0.0.1:1"))])
    };
    let maria = told("engine: mariadb");
    assert_eq!(maria.code, Some(0), "{}", maria.stdout);
    assert!(maria.stdout.contains("MariaDB: local; MariaDB 11.8.3 in "), "{}", maria.stdout);
    for (keys, parts) in [
        ("engine: mysql", ["CANNOT BE PROVIDED: MySQL is not on this machine", "found: MariaDB 11.8.3 in "]),
        ("image: 'mariadb:10.11'", ["MariaDB 10.11 is not on this machine", "found: 11.8.3 in "]),
    ] {
        let ran = told(keys);
        assert_eq!(ran.code, Some(2), "{}", ran.stdout);
        assert!(parts.iter().all(|part| ran.stdout.contains(part)), "{}", ran.stdout);
    }
    let ran = told("image: 'mysql:9', allow-substitute: true");
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    assert!(ran.stdout.contains("MariaDB 11.8.3 stands in for mysql:9"), "{}", ran.stdout);
    Ok(())
}

fn tells_leftovers() -> Result<(), Failed> {
    let ground = tempfile::Builder::new().prefix("rpt-").tempdir().unwrap();
    write(ground.path(), &[("rollproof-1-dead/owner", "pid 1\nstart 1\nplace elsewhere\nmade 1\n")]);
    let project = run::project();
    let ran = rollproof_with(project.path(), &["doctor"], &[("TMPDIR", ground.path())]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.stdout.contains("rollproof-1-dead"), "{}", ran.stdout);
    assert!(ran.stdout.contains("`rollproof clean` removes that"), "{}", ran.stdout);
    assert!(ground.path().join("rollproof-1-dead").exists(), "telling is all it does");
    Ok(())
}

fn does_not_pass_over_a_broken_project() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), &[("rollproof.yml", "databases: 1\n")]);
    let ran = rollproof(project.path(), &["doctor"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stdout.contains("rollproof.yml:1:12"), "{}", ran.stdout);
    assert_eq!(rollproof(project.path(), &["doctor", "nowhere"]).code, Some(2));
    Ok(())
}
