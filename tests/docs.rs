//! The documents say what is: generated pages are those of the code, and what the README shows works.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use rollproof::policy::RuleFile;
use rollproof::{cli, config, policy};

/// What shows a procedure step by step.
const GUIDES: [&str; 2] = ["docs/guides/flask-alembic.md", "docs/guides/django.md"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).expect("a page of the repository")
}

/// Compares with a page of the repository; `ROLLPROOF_BLESS=1` rewrites it.
fn keep(name: &str, text: &str) {
    if std::env::var_os("ROLLPROOF_BLESS").is_some_and(|value| value == "1") {
        fs::write(root().join(name), text).expect("the page is written");
    }
    let kept = fs::read_to_string(root().join(name)).unwrap_or_default();
    assert!(kept == text, "{name} is not what the code gives; ROLLPROOF_BLESS=1 rewrites it");
}

/// The blocks of code of this language in a Markdown page.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let after = page.split(&fence).skip(1);
    after.map(|rest| rest.split("```").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_page_of_facts_is_that_of_the_code() {
    let head = "# Facts\n\nWhat a rule can ask about. Every field is there in every fact of its kind, whatever the engine; a \
                value that was not\nobserved is an empty text, an empty list, zero or false. This page is written by a test: \
                `ROLLPROOF_BLESS=1 cargo test --test docs`.\n\n";
    keep("docs/facts.md", &format!("{head}{}\n", policy::facts_markdown().trim_end()));
}

#[test]
fn the_page_of_rules_is_that_of_the_code() {
    let rules = policy::load(&[]).unwrap();
    let mut text = "# The rules of the core\n\n`rollproof explain RULE` tells more of each, with examples. This page is \
                    written by a test:\n`ROLLPROOF_BLESS=1 cargo test --test docs`.\n\n| rule | level | why |\n|---|---|---|\n"
        .to_owned();
    for rule in rules {
        let why = rule.why.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
        text.push_str(&format!(
            "| [{id}](../policies/core/{id}.yml) | {} | {why} |\n",
            rule.level.word(),
            id = rule.id
        ));
    }
    keep("docs/rules.md", &text);
}

#[test]
fn the_configurations_of_the_readme_are_read() {
    let all = blocks(&page("README.md"), "yaml");
    let configurations: Vec<&String> = all.iter().filter(|text| text.starts_with("databases:")).collect();
    assert!(configurations.len() >= 2, "the README shows a short configuration and one of all keys");
    for text in configurations {
        if let Err(error) = config::read(text, Path::new("README.md")) {
            panic!("{error}\nin\n{text}");
        }
    }
}

#[test]
fn the_configurations_of_the_guides_are_read() {
    for name in GUIDES {
        let all = blocks(&page(name), "yaml");
        let configurations: Vec<&String> = all.iter().filter(|text| text.starts_with("databases:")).collect();
        assert!(!configurations.is_empty(), "{name} shows a configuration");
        for text in configurations {
            if let Err(error) = config::read(text, Path::new(name)) {
                panic!("{error}\nin\n{text}");
            }
        }
    }
}

#[test]
fn the_rule_of_the_readme_loads() {
    let all = blocks(&page("README.md"), "yaml");
    let text = all.iter().find(|text| text.starts_with("facts:")).expect("a rule in the README");
    policy::load(&[RuleFile { path: "README.md".to_owned(), text: text.clone() }]).unwrap();
}

#[test]
fn the_flags_of_the_readme_are_those_of_the_program() {
    let command = cli::Cli::command();
    let check = command.find_subcommand("check").expect("the command check");
    let known: BTreeSet<String> =
        check.get_arguments().filter_map(|argument| argument.get_long()).map(|long| format!("--{long}")).collect();
    let readme = page("README.md");
    let table = readme.split("## Command line").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("a chapter");
    let named = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !(c.is_ascii_lowercase() || c == '-'));
        words
            .filter(|word| word.starts_with("--") && !word.starts_with("---") && word.len() > 2)
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(named(table), known);
    let others = command.get_subcommands().flat_map(clap::Command::get_arguments);
    let known: BTreeSet<String> =
        others.filter_map(|argument| argument.get_long()).map(|long| format!("--{long}")).chain(known).collect();
    // What cargo takes, in the commands that build.
    let cargo = ["--path", "--release"].map(str::to_owned);
    let strangers: Vec<String> =
        named(&readme).into_iter().filter(|flag| !known.contains(flag) && !cargo.contains(flag)).collect();
    assert_eq!(strangers, [""; 0], "flags that the program does not have");
}

#[test]
fn every_command_is_in_the_readme() {
    let readme = page("README.md");
    for command in cli::Cli::command().get_subcommands() {
        let name = format!("`rollproof {}", command.get_name());
        assert!(readme.contains(&name), "{name}");
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut checked = 0;
    let pages = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "docs/facts.md", "docs/rules.md", "docs/ci/README.md"];
    for name in pages.into_iter().chain(GUIDES) {
        let text = page(name);
        let folder = root().join(name).parent().expect("a folder").to_owned();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if target.contains("://") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let path = if file.is_empty() { root().join(name) } else { folder.join(file) };
            assert!(path.exists(), "{name} links to {target}");
            if !heading.is_empty() {
                let linked = fs::read_to_string(&path).unwrap();
                let headings = linked.lines().filter(|line| line.starts_with('#'));
                let anchor = |line: &str| line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
                assert!(headings.map(anchor).any(|anchor| anchor == heading), "{name} links to {target}");
            }
            checked += 1;
        }
    }
    assert!(checked > 20, "only {checked} links were found");
}
