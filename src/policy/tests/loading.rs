//! What is wrong with rule files, all at once, each with its line.

use crate::policy::{Level, RuleFile, load, load_only};
use crate::replay::Phase;

const GOOD: &str = "\
facts: 1
id: no-archive
level: warning
on: step
when: step.changes.exists(c, c.object.contains('archive'))
message: \"{step.migration} touches the archive\"
why: The archive belongs to another team.
fix: Ask them.
";

fn file(text: &str) -> RuleFile {
    RuleFile { path: "ours.yml".to_owned(), text: text.to_owned() }
}

#[test]
fn a_rule_of_ones_own_loads_after_the_core() {
    let rules = load(&[file(GOOD)]).unwrap();
    let rule = rules.last().unwrap();
    assert_eq!((rule.id.as_str(), rule.level, rule.phase), ("no-archive", Level::Warning, Phase::Up));
    assert_eq!((rule.place.file.as_str(), rule.place.line), ("ours.yml", 5));
    assert!(rules.len() > 1);
}

#[test]
fn a_file_may_hold_several_rules() {
    let second = GOOD.replace("no-archive", "no-annex");
    let rules = load_only(&[file(&format!("{GOOD}---\n{second}"))]).unwrap();
    assert_eq!(
        rules.iter().map(|rule| (rule.id.as_str(), rule.place.line)).collect::<Vec<_>>(),
        [("no-archive", 5), ("no-annex", 14)]
    );
}

#[test]
fn every_mistake_is_told_with_its_line() {
    let with = |from: &str, to: &str| GOOD.replace(from, to);
    let plus = |more: &str| format!("{GOOD}{more}");
    let table = [
        (with("facts: 1", "facts: 2"), 1, "`facts: 2` is not known"),
        (with("facts: 1\n", ""), 1, "the rule lacks the key `facts`"),
        (with("no-archive", "No archive"), 2, "`No archive` is no rule id"),
        (with("no-archive", "up-fails"), 2, "the rule `up-fails` stands in policies/core/up-fails.yml:2 already"),
        (with("level: warning", "level: warn"), 3, "unknown level `warn`; did you mean `warning`?"),
        (with("on: step", "on: stop"), 4, "unknown fact `stop`; did you mean `step`?"),
        (
            with("on: step", "on: {fact: step, phase: graph}"),
            4,
            "no `step` is seen in phase `graph`: up, down, redo, descent",
        ),
        (
            with("on: step", "on: {fact: step, fase: up}"),
            4,
            "unknown key `fase` in `on`; did you mean `fact` or `phase`?",
        ),
        (with("on: step\n", ""), 1, "the rule lacks the key `on`"),
        (with("c.object", "c.objekt"), 5, "in `when`: unknown field `c.objekt`; did you mean `object`"),
        (with("on: step", "on: version"), 5, "in `when`: unknown name `step`: the fact of this rule is `version`"),
        (with(".exists(c, c.object.contains('archive'))", ""), 5, "`when` is a list (each is a group of fields), not"),
        (with("{step.migration}", "{step.name}"), 6, "in `message`: unknown field `step.name`"),
        (with("fix: Ask them.", "fix:"), 8, "`fix` is empty"),
        (with("fix: Ask them.", "fix: [a]"), 8, "`fix` is a text, not a list"),
        (plus("colour: red\n"), 9, "unknown key `colour` in a rule"),
        (plus("fix: twice\n"), 9, "duplicate key `fix`; it is there on line 8 already"),
        (plus("fix: twice\ncolour: red\n"), 10, "unknown key `colour` in a rule"),
        (
            with("no-archive", "&id no-archive") + "---\nid: *id\n",
            10,
            "this alias repeats a value of an earlier document",
        ),
        (plus("requires: [up, dawn]\n"), 9, "unknown phase `dawn`; did you mean `down`?"),
        (plus("shows: size(step.changes)\n"), 9, "`shows` is a number, not a list of differences or of texts"),
        (plus("shows: step.chances\n"), 9, "in `shows`: unknown field `step.chances`"),
        (plus("examples:\n  - name: x\n    findings: []\n"), 10, "an example has either `files` or `history`"),
        (plus("examples:\n  - {name: x, base: [{ip: a}], history: [{id: a}], findings: []}\n"), 10, "unknown key `ip`"),
        (
            plus("examples:\n  - {name: x, engine: sqlite, format: updown, files: {a: b}, base: [], findings: []}\n"),
            10,
            "`base` belongs to examples with `history`",
        ),
        (plus("examples:\n  - {name: x, history: [{id: a}]}\n"), 10, "lacks the key `findings`"),
        (plus("examples:\n  - {name: x, history: [{idd: a}], findings: []}\n"), 10, "unknown key `idd`"),
        (
            plus("examples:\n  - {name: x, engine: oracle, format: updown, files: {a: b}, findings: []}\n"),
            10,
            "unknown engine `oracle`",
        ),
        (
            plus("examples:\n  - {name: x, engine: sqlite, format: updown, files: {../a: b}, findings: []}\n"),
            10,
            "`../a` is not a path inside the migrations folder",
        ),
        ("- a\n".to_owned(), 1, "a rule is a mapping"),
        ("a: [\n".to_owned(), 1, "this is not valid YAML"),
        ("---\n".to_owned(), 1, "a rule is a mapping with the keys facts, "),
        (String::new(), 1, "no rule in this file"),
    ];
    for (text, line, message) in table {
        let broken = load(&[file(&text)]).map(|_| ()).unwrap_err();
        let fits = broken
            .problems
            .iter()
            .any(|problem| problem.file == "ours.yml" && problem.line == line && problem.message.contains(message));
        assert!(fits, "{line}: {message} is not among {:#?}", broken.problems);
    }
}

#[test]
fn the_mistakes_of_all_files_are_told_together() {
    let other = RuleFile { path: "more.yml".to_owned(), text: GOOD.replace("level: warning", "level: bad") };
    let broken = load(&[file(&GOOD.replace("c.object", "c.x").replace("facts: 1", "facts: 3")), other]).unwrap_err();
    let told: Vec<(&str, usize)> =
        broken.problems.iter().map(|problem| (problem.file.as_str(), problem.line)).collect();
    assert_eq!(told, [("more.yml", 3), ("ours.yml", 1), ("ours.yml", 5)]);
    assert!(
        broken
            .to_string()
            .starts_with("3 mistakes in the rules: more.yml:3: unknown level `bad`; known are error, warning, note"),
        "{broken}"
    );
}
