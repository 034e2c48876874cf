//! The GitHub Action, played step by step as the runner does it, with the real program.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod build;
mod expression;
mod files;
mod inputs;
mod runner;
#[expect(dead_code, reason = "other tests need more of it")]
#[path = "../common/wherewithal.rs"]
mod wherewithal;

use std::fs;

use runner::{Played, Runner};

/// A history whose downs work.
fn clean(runner: &Runner, folder: &str) {
    runner.write(
        &format!("{folder}rollproof.yml"),
        "databases:\n  - {name: main, engine: sqlite, migrations: {format: updown, path: migrations}}\n",
    );
    runner.write(&format!("{folder}migrations/1_books.up.sql"), "CREATE TABLE books (id INTEGER);\n");
    runner.write(&format!("{folder}migrations/1_books.down.sql"), "DROP TABLE books;\n");
}

/// The same with a migration whose down fails at its second line, and one whose down does nothing.
fn failing(runner: &Runner, folder: &str) {
    clean(runner, folder);
    runner.write(&format!("{folder}migrations/2_titles.up.sql"), "ALTER TABLE books ADD COLUMN title TEXT;\n");
    runner.write(
        &format!("{folder}migrations/2_titles.down.sql"),
        "-- ::error::not ours ##[error]nor this\nALTER TABLE books DROP COLUMN \"\n ::stop-commands::all\n##[add-mask]titel\";\n",
    );
    runner.write(&format!("{folder}migrations/3_pages.up.sql"), "ALTER TABLE books ADD COLUMN pages INTEGER;\n");
    runner.write(&format!("{folder}migrations/3_pages.down.sql"), "");
}

fn output<'p>(played: &'p Played, name: &str) -> &'p str {
    &played.outputs[name]
}

#[test]
fn a_clean_project_passes() {
    let runner = Runner::new();
    clean(&runner, "");
    let played = runner.play(&[]);
    assert_eq!(played.code, 0, "{}", played.log);
    let told: Vec<_> = ["outcome", "failed", "warnings", "migrations"].map(|name| output(&played, name)).into();
    assert_eq!(told, ["passed", "0", "0", "1"]);
    assert!(played.commands.is_empty(), "{:?}", played.commands);
    assert!(played.summary.starts_with("## Rollproof: passed\n"), "{}", played.summary);
    assert!(played.log.contains("main · SQLite"), "the text for people is there too: {}", played.log);
    let report: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(output(&played, "json-path")).unwrap()).unwrap();
    assert_eq!(report["outcome"], "passed");
    let junit = fs::read_to_string(output(&played, "junit-path")).unwrap();
    assert_eq!(roxmltree::Document::parse(&junit).unwrap().root_element().attribute("failures"), Some("0"));
    assert!(played.used.is_empty(), "a program that is there needs no cache");
}

#[test]
fn findings_fail_the_step_and_stand_at_their_files() {
    let runner = Runner::new();
    failing(&runner, "services/my shop/");
    let played = runner.play(&[("working-directory", "services/my shop")]);
    assert_eq!(played.code, 1, "{}", played.log);
    assert_eq!((output(&played, "outcome"), output(&played, "migrations")), ("failed", "3"));
    let junit = fs::read_to_string(output(&played, "junit-path")).unwrap();
    let junit = roxmltree::Document::parse(&junit).unwrap();
    assert_eq!(junit.root_element().attribute("failures"), Some(output(&played, "failed")));
    assert_ne!(output(&played, "failed"), "0");

    let heads: Vec<&str> = played.annotations().iter().map(|(head, _)| head.as_str()).collect();
    let at = |rule: &str, file: &str, line: usize| {
        let place = format!("file=services/my shop/migrations/{file},line={line},");
        let found = heads.iter().any(|head| head.contains(&place) && head.ends_with(&format!("title={rule}")));
        assert!(found, "{rule} at {place} in {heads:#?}");
    };
    at("down-fails", "2_titles.down.sql", 2);
    at("down-empty", "3_pages.down.sql", 1);
    let kinds: Vec<&str> = heads.iter().map(|head| head.split(' ').next().unwrap()).collect();
    let mut sorted = kinds.clone();
    sorted.sort_unstable_by_key(|kind| ["error", "warning", "notice"].iter().position(|known| known == kind));
    assert_eq!(kinds, sorted);

    // The scripts show commands, and the log shows the scripts, but the runner finds only the annotations.
    assert!(played.log.contains("stop-commands"), "{}", played.log);
    assert_eq!(played.commands.len(), heads.len(), "{:#?}", played.commands);
    assert!(played.annotations().iter().all(|(head, _)| head.contains("title=")));
    assert!(played.summary.contains("| error | `down-fails` |"), "{}", played.summary);
}

#[test]
fn a_broken_configuration_is_an_error_everywhere() {
    let runner = Runner::new();
    clean(&runner, "");
    runner.write("rollproof.yml", "databases:\n  - {name: main, engin: sqlite, migrations: migrations}\n");
    let played = runner.play(&[]);
    assert_eq!((played.code, output(&played, "outcome")), (2, "error"), "{}", played.log);
    let [(head, message)] = played.annotations()[..] else { panic!("{:?}", played.commands) };
    assert_eq!(head, "error title=could not check");
    assert!(message.contains("rollproof.yml:2:") && message.contains("engin"), "{message}");
    assert!(played.summary.starts_with("## Rollproof: could not check everything\n"), "{}", played.summary);
    let junit = fs::read_to_string(output(&played, "junit-path")).unwrap();
    assert!(junit.contains("<error type=\"could-not-check\""), "{junit}");
}

#[test]
fn arguments_that_are_not_understood_are_an_error() {
    let runner = Runner::new();
    clean(&runner, "");
    let played = runner.play(&[("args", "--no-such-flag")]);
    assert_eq!((played.code, output(&played, "outcome")), (2, "error"), "{}", played.log);
    assert!(played.log.contains("--no-such-flag"), "{}", played.log);
    let [(head, message)] = played.annotations()[..] else { panic!("{}", played.log) };
    assert_eq!(head, "error title=Rollproof");
    assert!(message.contains("exit code 2 before it came to a result"), "{message}");
    assert_eq!((output(&played, "junit-path"), output(&played, "json-path")), ("", ""));
}

/// What is wrong beside the check makes the step red, and so it is annotated; a check that passed does not hide it.
#[test]
fn nothing_makes_the_step_red_without_an_annotation() {
    let runner = Runner::new();
    clean(&runner, "");
    runner.write("file", "");
    // Names that the runner would take for commands, in both of the forms that it knows.
    for (args, says) in [
        ("--ledger migrations", "this run is not recorded: the ledger migrations: it is a folder"),
        ("--ledger 'file/##[add-mask]x'", "this run is not recorded: the ledger file/"),
        ("--ledger 'file/\n::stop-commands::x'", "this run is not recorded: the ledger file/"),
        ("--junit file/junit.xml", "cannot write file/junit.xml"),
        ("--markdown 'file/\n::stop-commands::x'", "cannot write file/"),
        ("--markdown '##[add-mask]x' --ledger './##[add-mask]x'", "name the same file"),
    ] {
        let played = runner.play(&[("args", args)]);
        assert_eq!((played.code, output(&played, "outcome")), (2, "error"), "{args}: {}", played.log);
        let [(head, message)] = played.annotations()[..] else { panic!("{args}: {}", played.log) };
        assert!(head.starts_with("error title="), "{head}");
        assert!(message.contains(says), "{args}: {message}");
        assert_eq!(played.commands.len(), 1, "{args}: {:?}", played.commands);
        assert!(!played.summary.is_empty());
        if !says.contains("name the same") {
            assert!(played.log.contains("main · SQLite"), "{args}: {}", played.log);
            assert!(played.summary.contains("### What went wrong beside the check\n\n- "), "{}", played.summary);
            let report = fs::read_to_string(output(&played, "json-path")).unwrap();
            assert!(report.contains("\"outcome\": \"passed\""), "the report is of the migrations: {report}");
        }
    }
    // Beside findings it comes first.
    failing(&runner, "");
    let played = runner.play(&[("args", "--ledger migrations")]);
    assert_eq!((played.code, output(&played, "outcome")), (2, "error"), "{}", played.log);
    assert!(played.annotations()[0].1.starts_with("this run is not recorded: "), "{:?}", played.annotations());
    assert!(played.annotations().len() > 1);
}

/// As where what a program has to say cannot be printed after it said how the check ended.
#[test]
fn a_program_that_ends_otherwise_than_it_said_is_told() {
    for (said, code, outcome, says) in [
        ("outcome=passed", 2, "error", "exit code 2 though the check itself passed"),
        ("", 143, "error", "exit code 143 before it came to a result"),
        ("outcome=failed", 1, "failed", ""),
        ("outcome=passed", 0, "passed", ""),
    ] {
        let mut runner = Runner::new();
        let program = runner.program("says", &format!("#!/bin/sh\necho '{said}' >>\"$GITHUB_OUTPUT\"\nexit {code}\n"));
        runner.env.insert("ROLLPROOF_BINARY".to_owned(), program.display().to_string());
        if said.is_empty() {
            runner.program("says", &format!("#!/bin/sh\nexit {code}\n"));
        }
        let played = runner.play(&[]);
        assert_eq!((played.code, output(&played, "outcome")), (code, outcome), "{}", played.log);
        let told: Vec<&str> = played.annotations().iter().map(|(_, message)| message.as_str()).collect();
        assert_eq!(told.len(), usize::from(!says.is_empty()), "{told:?}");
        assert!(told.iter().all(|message| message.contains(says)), "{told:?}");
    }
}

#[test]
fn the_inputs_reach_the_check() {
    let runner = Runner::new();
    failing(&runner, "");
    fs::rename(runner.path("workspace/rollproof.yml"), runner.path("workspace/the own.yml")).unwrap();
    let played =
        runner.play(&[("config", "the own.yml"), ("fail-on", "never"), ("args", "--junit 'my reports/j.xml'")]);
    assert_eq!(
        (played.code, output(&played, "outcome"), output(&played, "failed")),
        (0, "passed", "0"),
        "{}",
        played.log
    );
    assert!(!played.annotations().is_empty(), "they are told all the same");
    let junit = runner.path("workspace").join("my reports/j.xml");
    assert_eq!(fs::canonicalize(output(&played, "junit-path")).unwrap(), junit.canonicalize().unwrap());
    assert!(!output(&played, "json-path").is_empty());
}

#[test]
fn what_is_too_much_for_github_is_counted() {
    let runner = Runner::new();
    clean(&runner, "");
    for n in 10..40 {
        runner.write(&format!("migrations/{n}_more.up.sql"), &format!("CREATE TABLE t{n} (id INTEGER);\n"));
        runner.write(&format!("migrations/{n}_more.down.sql"), "DROP TABLE wrong;\n");
    }
    let played = runner.play(&[]);
    assert_eq!(output(&played, "failed"), "30");
    let annotations = played.annotations();
    let errors = annotations.iter().filter(|(head, _)| head.starts_with("error ")).count();
    assert_eq!(errors, 10);
    let (head, message) = annotations.last().unwrap();
    assert_eq!(head, "notice title=Rollproof");
    assert!(message.starts_with("20 more errors"), "{message}");
    assert_eq!(played.summary.matches("| error | `down-fails` |").count(), 30);
}
