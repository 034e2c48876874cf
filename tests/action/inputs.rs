//! Inputs are values and never code: whatever they hold, nothing of it is run, and each arrives whole.

use std::fs;

use crate::runner::Runner;
use crate::{clean, output};

/// Writes its arguments to a file, one after the other, each closed by a NUL.
const RECORDER: &str = "#!/bin/sh\nprintf '%s\\0' \"$@\" >\"$RECORD\"\n";

/// The arguments that the program gets for these inputs, without those that the action always gives.
fn arguments(inputs: &[(&str, &str)]) -> Vec<String> {
    let mut runner = Runner::new();
    let program = runner.program("recorder", RECORDER).display().to_string();
    let record = runner.path("record").display().to_string();
    runner.env.extend([("ROLLPROOF_BINARY".to_owned(), program), ("RECORD".to_owned(), record.clone())]);
    let played = runner.play(inputs);
    assert_eq!(played.code, 0, "{}", played.log);
    let recorded = fs::read_to_string(record).unwrap();
    let all: Vec<&str> = recorded.split_terminator('\0').collect();
    assert_eq!(all[..2], ["check", "--github"]);
    let own = |word: &&&str| !word.starts_with("--junit=/") && !word.starts_with("--json=/");
    all[2..].iter().filter(own).map(|word| (*word).to_owned()).collect()
}

#[test]
fn arguments_are_cut_as_a_shell_cuts_them() {
    for (text, words) in [
        ("", &[][..]),
        ("  \n\t ", &[]),
        ("--only graph", &["--only", "graph"]),
        ("--only\n  graph\r\n--quiet\n", &["--only", "graph", "--quiet"]),
        ("'a b' \"c d\" e\\ f", &["a b", "c d", "e f"]),
        ("a'b'\"c\"d ''", &["abcd", ""]),
        (r#""a\"b\\c\d" 'e\f' \'"#, &["a\"b\\c\\d", "e\\f", "'"]),
        ("'it''s' \"it's\" '\"'", &["its", "it's", "\""]),
        (
            "* ? ~ $HOME `id` $(id) a;b a|b a&b >x <y #z {a,b} !1",
            &["*", "?", "~", "$HOME", "`id`", "$(id)", "a;b", "a|b", "a&b", ">x", "<y", "#z", "{a,b}", "!1"],
        ),
        ("grün 'größer als'", &["grün", "größer als"]),
    ] {
        assert_eq!(arguments(&[("args", text)]), words, "{text:?}");
    }
}

#[test]
fn empty_inputs_are_not_passed_on() {
    assert_eq!(arguments(&[("base", ""), ("config", ""), ("fail-on", ""), ("version", "")]), [""; 0]);
    let all = [("base", "origin/main"), ("config", "a b.yml"), ("fail-on", "note"), ("args", "--quiet")];
    assert_eq!(arguments(&all), ["--config=a b.yml", "--base=origin/main", "--fail-on=note", "--quiet"]);
    assert_eq!(arguments(&[("base", "--quiet")]), ["--base=--quiet"], "a value is no flag");
}

#[test]
fn reports_that_the_arguments_name_are_not_named_twice() {
    let runner = Runner::new();
    clean(&runner, "");
    let played = runner.play(&[("args", "--json=r.json --junit r.xml --markdown r.md")]);
    assert_eq!(played.code, 0, "{}", played.log);
    assert!(output(&played, "json-path").ends_with("/r.json") && output(&played, "junit-path").ends_with("/r.xml"));
    assert!(runner.path("workspace/r.md").is_file());
}

#[test]
fn a_quote_that_is_never_closed_is_an_error() {
    for args in ["'a", "a \"b", "it's"] {
        let played = Runner::new().play(&[("args", args)]);
        assert_eq!((played.code, output(&played, "outcome")), (2, "error"), "{args}");
        assert!(played.annotations()[0].1.contains("is never closed"), "{}", played.log);
    }
}

#[test]
fn nothing_in_an_input_is_run() {
    let payloads = [
        "\"; touch pwned; \"",
        "'; touch pwned; '",
        "$(touch pwned)",
        "`touch pwned`",
        "x; touch pwned #",
        "x\ntouch pwned\n",
        "| touch pwned",
        "${IFS}touch${IFS}pwned",
        "a[$(touch pwned)]",
        "x\noutcome=passed\nfailed<<E",
    ];
    for payload in payloads {
        for input in ["config", "working-directory", "args", "base", "fail-on", "version"] {
            let mut runner = Runner::new();
            clean(&runner, "");
            if input == "version" {
                runner.env.remove("ROLLPROOF_BINARY");
            }
            let played = runner.play(&[(input, payload)]);
            assert_eq!((played.code, output(&played, "outcome")), (2, "error"), "{input}: {payload:?}\n{}", played.log);
            for folder in ["", "workspace", "temp", "files", "workspace/migrations"] {
                assert!(!runner.path(folder).join("pwned").exists(), "{input}: {payload:?} was run");
            }
        }
    }
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let played = Runner::new().play(&[("working-directory", "no such folder")]);
    assert_eq!(played.code, 2);
    let [(head, message)] = played.annotations()[..] else { panic!("{}", played.log) };
    assert_eq!(head, "error title=Rollproof");
    assert!(message.contains("no such folder"), "{message}");
}

/// What the shell hears of the end of a job reaches the program, whose exit code is still the step's.
#[test]
fn a_cancelled_job_tells_the_program() {
    let mut runner = Runner::new();
    let waits = "#!/bin/sh\ntrap 'echo told; exit 143' TERM\nkill -INT $PPID\nwhile :; do sleep 0.05; done\n";
    let program = runner.program("waits", waits).display().to_string();
    runner.env.insert("ROLLPROOF_BINARY".to_owned(), program);
    let played = runner.play(&[]);
    assert_eq!(played.code, 143, "{}", played.log);
    assert!(played.log.contains("told"), "{}", played.log);
}
