//! The core rules themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::history::{EngineKind, changes};
use crate::policy::{Example, Expected, Given, Rule, core_files, explain, gather, judge, load};
use crate::replay::Phase;

fn core() -> Vec<Rule> {
    load(&[]).unwrap_or_else(|broken| panic!("{broken}"))
}

/// The table "Rules of the core": id and level.
const CONTRACT: [(&str, &str); 28] = [
    ("broken-chain", "error"),
    ("deleted-migration", "error"),
    ("descent-stops", "warning"),
    ("dialects-differ", "warning"),
    ("down-changes-comments", "note"),
    ("down-changes-names", "note"),
    ("down-changes-storage", "note"),
    ("down-empty", "warning"),
    ("down-fails", "error"),
    ("down-loses-privileges", "error"),
    ("down-missing", "note"),
    ("down-not-inverse", "error"),
    ("down-refused", "note"),
    ("down-reorders-columns", "note"),
    ("duplicate-version", "error"),
    ("edited-migration", "error"),
    ("inserted-migration", "warning"),
    ("multiple-heads", "error"),
    ("no-base", "error"),
    ("out-of-step", "error"),
    ("partial-down", "error"),
    ("partial-up", "error"),
    ("redo-differs", "error"),
    ("redo-fails", "error"),
    ("reparented-migration", "error"),
    ("undeclared-skip", "error"),
    ("unmatched-file", "warning"),
    ("up-fails", "error"),
];

#[test]
fn the_pack_holds_the_rules_of_the_contract_with_their_levels() {
    let rules = core();
    let found: Vec<(&str, &str)> = rules.iter().map(|rule| (rule.id.as_str(), rule.level.word())).collect();
    assert_eq!(found, CONTRACT);
}

#[test]
fn each_rule_has_a_file_of_its_name() {
    for rule in core() {
        assert_eq!(rule.place.file, format!("policies/core/{}.yml", rule.id));
    }
}

/// Files that are added do not always make the compiler embed the folder again.
#[test]
fn what_is_embedded_is_what_lies_in_the_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/core");
    let on_disk: BTreeMap<String, String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (format!("policies/core/{name}"), std::fs::read_to_string(path).unwrap())
        })
        .collect();
    let embedded: BTreeMap<String, String> = core_files().into_iter().map(|file| (file.path, file.text)).collect();
    assert_eq!(embedded, on_disk);
}

#[test]
fn the_place_of_a_rule_is_the_line_of_its_when() {
    for (rule, file) in core().iter().zip(core_files()) {
        let line = file.text.lines().position(|line| line.starts_with("when:")).unwrap() + 1;
        assert_eq!(rule.place.line, line, "{}", rule.id);
    }
}

#[test]
fn each_rule_has_a_bad_and_a_good_example_and_expects_only_rules_that_exist() {
    let rules = core();
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    for rule in &rules {
        assert!(rule.examples.iter().any(|example| rule.is_bad(example)), "{} has no bad example", rule.id);
        assert!(rule.examples.iter().any(|example| !rule.is_bad(example)), "{} has no good example", rule.id);
        let names: BTreeSet<&str> = rule.examples.iter().map(|example| example.name.as_str()).collect();
        assert_eq!(names.len(), rule.examples.len(), "{} has two examples of one name", rule.id);
        for finding in rule.examples.iter().flat_map(|example| &example.findings) {
            assert!(ids.contains(finding.rule.as_str()), "{} expects {}", rule.id, finding.rule);
        }
    }
}

#[test]
fn examples_with_files_name_migrations_that_are_among_them() {
    for rule in core() {
        for example in &rule.examples {
            let Given::Files { engines, files, .. } = &example.given else { continue };
            assert!(engines.iter().all(|engine| matches!(engine, EngineKind::Postgres | EngineKind::Sqlite)));
            for migration in example.findings.iter().filter_map(|finding| finding.migration.as_ref()) {
                let known = files.keys().any(|file| file.starts_with(migration.as_str()));
                assert!(known, "{}: {migration} in {}", rule.id, example.name);
            }
        }
    }
}

fn found(rules: &[Rule], example: &Example) -> Option<Vec<Expected>> {
    let history = example.graph()?;
    let changes = example.base().map(|base| changes(&base, &history));
    let facts = gather(&history, changes.as_ref(), None, &BTreeSet::from([Phase::Graph]));
    let judgement = judge(rules, &facts, &BTreeMap::new());
    assert_eq!(judgement.errors, []);
    let mut found: Vec<Expected> = judgement
        .findings
        .into_iter()
        .map(|finding| Expected { rule: finding.rule, migration: finding.migration })
        .collect();
    found.sort();
    Some(found)
}

#[test]
fn examples_that_are_graphs_give_the_findings_that_they_expect() {
    let rules = core();
    let mut tried = 0;
    for rule in &rules {
        for example in &rule.examples {
            let Some(found) = found(&rules, example) else { continue };
            let mut expected = example.findings.clone();
            expected.sort();
            assert_eq!(found, expected, "{}: {}", rule.id, example.name);
            tried += 1;
        }
    }
    assert_eq!(tried, 18);
}

#[test]
fn texts_end_as_sentences_and_messages_as_fragments() {
    for rule in core() {
        assert!(rule.why.ends_with('.') && rule.fix.ends_with('.'), "{}", rule.id);
        assert!(!rule.message.source.ends_with('.'), "{}", rule.id);
        assert!(!rule.message.source.starts_with(char::is_uppercase), "{}", rule.id);
    }
}

#[test]
fn explain_lists_all_rules_and_tells_one_in_full() {
    let rules = core();
    let table = explain(&rules, None).unwrap();
    assert_eq!(table.lines().count(), rules.len());
    assert!(
        table.contains("down-empty             warning  The down script says that there is nothing to undo"),
        "{table}"
    );
    let page = explain(&rules, Some("down-not-inverse")).unwrap();
    for part in [
        "down-not-inverse (error)\n",
        "\nIt says\n    the down script does not undo the up script: ...",
        "\nWhen, in phase down on step (policies/core/down-not-inverse.yml:5)\n",
        "\nBad: forgets the second column\n    format updown, on PostgreSQL and SQLite\n    -- 001_books.down.sql\n",
        "\n    => down-not-inverse for 002_titles\n",
        "\nGood: drops both columns\n",
        "\n    => no finding\n",
    ] {
        assert!(page.contains(part), "{part} is not in\n{page}");
    }
    let page = explain(&rules, Some("edited-migration")).unwrap();
    let example =
        "\n    at the base books follows nothing: CREATE TABLE books (id integer);\n    books follows nothing: CREATE";
    assert!(page.contains(example), "{page}");
    let unknown = explain(&rules, Some("down-not-inverted")).unwrap_err();
    let told =
        "no rule is called `down-not-inverted`; did you mean `down-not-inverse`? `rollproof explain` lists them all";
    assert_eq!(unknown.to_string(), told);
    let unknown = explain(&rules, Some("zzz")).unwrap_err();
    assert_eq!(unknown.to_string(), "no rule is called `zzz`; `rollproof explain` lists them all");
}
