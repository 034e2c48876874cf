//! Traces made by hand, and what the core rules say about them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::{diff, failed, history, step};
use crate::history::History;
use crate::policy::{Judgement, Level, RuleFile, gather, judge, load, unknown_levels};
use crate::replay::{Descent, ErrorKind, Outcome, Phase, Step, Trace};
use crate::schema::{Attributes, Class, Diff, Object, ObjectId, Snapshot};

fn judged(history: &History, trace: &Trace) -> Judgement {
    let ran: BTreeSet<Phase> = Phase::ALL.into_iter().collect();
    let judgement = judge(&load(&[]).unwrap(), &gather(history, None, Some(trace), &ran), &BTreeMap::new());
    assert_eq!(judgement.errors, []);
    assert_eq!(judgement.not_judged, []);
    judgement
}

/// The rules that find something, each with its migration.
fn found(history: &History, steps: Vec<Step>) -> Vec<String> {
    rules_of(&judged(history, &Trace { steps, ..Trace::default() }))
}

fn rules_of(judgement: &Judgement) -> Vec<String> {
    let named = judgement.findings.iter().map(|finding| match &finding.migration {
        Some(migration) => format!("{} {migration}", finding.rule),
        None => finding.rule.clone(),
    });
    named.collect()
}

fn up() -> Step {
    step(0, Phase::Up, Some(diff(&[Class::Structure])))
}

fn left(mut step: Step) -> Step {
    step.left_behind = diff(&[Class::Structure]);
    step
}

#[test]
fn a_down_is_judged_by_the_gravest_difference_that_it_leaves() {
    use Class::{Comment, Name, Order, Privilege, Storage, Structure};
    let table: [(&[Class], &[&str]); 10] = [
        (&[], &[]),
        (&[Structure], &["down-not-inverse a"]),
        (&[Structure, Order, Comment], &["down-not-inverse a"]),
        (&[Structure, Privilege], &["down-loses-privileges a", "down-not-inverse a"]),
        (&[Privilege, Order], &["down-loses-privileges a"]),
        (&[Order, Name], &["down-reorders-columns a"]),
        (&[Order], &["down-reorders-columns a"]),
        (&[Name], &["down-changes-names a"]),
        (&[Comment, Storage], &["down-changes-comments a"]),
        (&[Storage], &["down-changes-storage a"]),
    ];
    for (classes, wanted) in table {
        let steps = vec![up(), step(0, Phase::Down, Some(diff(classes)))];
        assert_eq!(found(&history(&["a"]), steps), wanted, "{classes:?}");
    }
}

#[test]
fn steps_that_fail_are_judged_by_who_failed() {
    let of = |phase, kind| failed(0, phase, kind, "XX000");
    let table: [(Vec<Step>, &[&str]); 13] = [
        (vec![of(Phase::Up, ErrorKind::Server)], &["up-fails a"]),
        (vec![of(Phase::Up, ErrorKind::Tool)], &["up-fails a"]),
        (vec![of(Phase::Up, ErrorKind::Refused)], &["up-fails a"]),
        (vec![of(Phase::Up, ErrorKind::Timeout)], &["up-fails a"]),
        (vec![of(Phase::Up, ErrorKind::Lost)], &[]),
        (vec![left(of(Phase::Up, ErrorKind::Server))], &["partial-up a", "up-fails a"]),
        (vec![up(), of(Phase::Down, ErrorKind::Server)], &["down-fails a"]),
        (vec![up(), of(Phase::Down, ErrorKind::Timeout)], &["down-fails a"]),
        (vec![up(), of(Phase::Down, ErrorKind::Refused)], &["down-refused a"]),
        (vec![up(), of(Phase::Down, ErrorKind::Lost)], &[]),
        (vec![up(), left(of(Phase::Down, ErrorKind::Refused))], &["down-refused a", "partial-down a"]),
        (vec![up(), left(of(Phase::Down, ErrorKind::Server))], &["down-fails a", "partial-down a"]),
        (vec![of(Phase::Descent, ErrorKind::Server)], &[]),
    ];
    for (steps, wanted) in table {
        let shown = format!("{steps:?}");
        assert_eq!(found(&history(&["a"]), steps), wanted, "{shown}");
    }
}

#[test]
fn an_empty_down_replaces_what_it_leaves_and_is_no_fault_where_there_is_nothing_to_undo() {
    let empty = |classes: &[Class]| Step { statements: 0, ..step(0, Phase::Down, Some(diff(classes))) };
    let up_of = |classes: &[Class]| step(0, Phase::Up, Some(diff(classes)));
    let one = history(&["a"]);
    let structure = [Class::Structure, Class::Privilege];
    let redo = failed(0, Phase::Redo, ErrorKind::Server, "42P07");
    assert_eq!(found(&one, vec![up_of(&structure), empty(&structure), redo]), ["down-empty a"]);
    assert!(found(&one, vec![up_of(&[]), empty(&[])]).is_empty());
    let granted = [Class::Privilege];
    assert_eq!(found(&one, vec![up_of(&granted), empty(&granted)]), ["down-loses-privileges a"]);
    let skipped = Step { outcome: Outcome::Skipped, diff: None, ..empty(&[]) };
    assert!(found(&one, vec![up_of(&structure), skipped]).is_empty());
}

#[test]
fn a_redo_is_judged_only_where_the_down_restored_the_structure() {
    use Class::{Order, Privilege, Structure};
    let down = |classes: &[Class]| step(0, Phase::Down, Some(diff(classes)));
    let redo = |classes: &[Class]| step(0, Phase::Redo, Some(diff(classes)));
    let fails = || failed(0, Phase::Redo, ErrorKind::Server, "42P07");
    let table: [(Vec<Step>, &[&str]); 10] = [
        (vec![up(), down(&[]), fails()], &["redo-fails a"]),
        (vec![up(), down(&[]), redo(&[Structure])], &["redo-differs a"]),
        (vec![up(), down(&[]), redo(&[Privilege])], &["redo-differs a"]),
        (vec![up(), down(&[]), redo(&[Order])], &[]),
        (vec![up(), down(&[Order]), fails()], &["down-reorders-columns a", "redo-fails a"]),
        (vec![up(), down(&[Privilege]), redo(&[Privilege])], &["down-loses-privileges a"]),
        (vec![up(), down(&[Structure]), fails()], &["down-not-inverse a"]),
        (vec![up(), down(&[Structure]), redo(&[Structure])], &["down-not-inverse a"]),
        (vec![up(), failed(0, Phase::Down, ErrorKind::Server, "1"), fails()], &["down-fails a"]),
        (vec![up(), step(0, Phase::Down, None), redo(&[Structure])], &[]),
    ];
    for (steps, wanted) in table {
        let shown = format!("{steps:?}");
        assert_eq!(found(&history(&["a"]), steps), wanted, "{shown}");
    }
}

fn snapshot(tables: &[&str]) -> Snapshot {
    let object = || Object { identity: None, attributes: Attributes::new() };
    tables.iter().map(|name| (ObjectId::new("table", &["public", name]), object())).collect()
}

#[test]
fn only_the_first_failing_up_lacks_a_base_and_only_for_a_name_never_seen() {
    let missing = |migration, code: &str, message: &str| {
        let mut step = failed(migration, Phase::Up, ErrorKind::Server, code);
        if let Some(error) = &mut step.error {
            error.message = message.to_owned();
        }
        step
    };
    let books = r#"relation "public.books" does not exist"#;
    let table = [
        (vec![missing(0, "42P01", books), missing(1, "42P01", books)], vec!["no-base a", "up-fails a", "up-fails b"]),
        (vec![up(), missing(1, "1", "no such table: books")], vec!["no-base b", "up-fails b"]),
        (vec![up(), missing(1, "42P01", r#"relation "later" does not exist"#)], vec!["up-fails b"]),
        (vec![up(), missing(1, "42P01", r#"relation "Early" does not exist"#)], vec!["up-fails b"]),
        (vec![missing(0, "42601", "syntax error"), missing(1, "42P01", books)], vec!["up-fails a", "up-fails b"]),
        (vec![missing(0, "42883", "operator does not exist: text = integer")], vec!["up-fails a"]),
    ];
    for (steps, wanted) in table {
        let trace = Trace {
            base: snapshot(&["early"]),
            after: vec![snapshot(&["early"]), snapshot(&["early", "later"])],
            steps,
            ..Trace::default()
        };
        assert_eq!(rules_of(&judged(&history(&["a", "b"]), &trace)), wanted, "{:?}", trace.steps);
    }
}

#[test]
fn a_descent_that_stops_is_a_finding_unless_the_down_phase_says_why() {
    let descent = |stopped_at, residue| Descent { reached: 1, of: 2, stopped_at, residue };
    let stop = || failed(0, Phase::Descent, ErrorKind::Server, "23505");
    let exact = || step(0, Phase::Down, Some(Diff::default()));
    let inexact = |class| step(1, Phase::Down, Some(diff(&[class])));
    let refused = || failed(0, Phase::Down, ErrorKind::Refused, "P0001");
    let table = [
        (vec![exact(), stop()], descent(Some(0), None), vec!["descent-stops a"]),
        (
            vec![exact(), inexact(Class::Structure), stop()],
            descent(Some(0), None),
            vec!["down-not-inverse b", "descent-stops a"],
        ),
        (vec![refused(), stop()], descent(Some(0), None), vec!["down-refused a"]),
        (vec![stop()], descent(Some(0), None), vec!["descent-stops a"]),
        (vec![exact()], descent(None, Some(Diff::default())), vec![]),
        (vec![exact()], descent(None, Some(diff(&[Class::Order]))), vec![]),
        (vec![exact()], descent(None, Some(diff(&[Class::Structure]))), vec!["descent-stops"]),
        (vec![inexact(Class::Structure)], descent(None, Some(diff(&[Class::Structure]))), vec!["down-not-inverse b"]),
    ];
    for (steps, descent, wanted) in table {
        let trace = Trace { steps, descent: Some(descent), ..Trace::default() };
        assert_eq!(rules_of(&judged(&history(&["a", "b"]), &trace)), wanted, "{trace:?}");
    }
}

#[test]
fn a_stopped_descent_says_how_far_it_came_and_points_at_the_error() {
    let trace = Trace {
        steps: vec![failed(0, Phase::Descent, ErrorKind::Server, "23505")],
        descent: Some(Descent { reached: 1, of: 2, stopped_at: Some(0), residue: None }),
        ..Trace::default()
    };
    let judgement = judged(&history(&["a", "b"]), &trace);
    let finding = &judgement.findings[0];
    assert_eq!(finding.message, "head rolls back 1 of 2 migrations and stops at a: it is wrong");
    assert_eq!(finding.file.as_deref(), Some(std::path::Path::new("migrations/a.down.sql")));
    assert_eq!((finding.line, finding.phase), (Some(2), Phase::Descent));
    assert!(finding.snippet.is_some());
}

#[test]
fn missing_downs_are_told_one_by_one_or_once_for_a_history_that_has_none() {
    let mut history = history(&["a", "b", "c"]);
    history.migrations[0].down = None;
    history.migrations[2].down = None;
    assert_eq!(found(&history, vec![]), ["down-missing a", "down-missing c"]);
    let finding = &judged(&history, &Trace::default()).findings[0];
    assert_eq!(finding.file.as_deref(), Some(std::path::Path::new("migrations/a.up.sql")));
    let stopped = Descent { reached: 0, of: 3, stopped_at: Some(2), residue: None };
    let trace = Trace { descent: Some(stopped), ..Trace::default() };
    assert_eq!(rules_of(&judged(&history, &trace)), ["down-missing a", "down-missing c"]);
    history.one_way = true;
    assert_eq!(found(&history, vec![]), ["down-missing"]);
    history.migrations.clear();
    assert!(found(&history, vec![]).is_empty());
}

#[test]
fn a_finding_tells_all_that_a_report_needs() {
    let steps = vec![up(), step(0, Phase::Down, Some(diff(&[Class::Structure, Class::Privilege])))];
    let judgement = judged(&history(&["a"]), &Trace { steps, ..Trace::default() });
    let [privileges, structure] = judgement.findings.as_slice() else { panic!("{judgement:?}") };
    assert_eq!(
        structure.message,
        "the down script does not undo the up script: table public.structure: thing was not set, is x, and 1 more difference"
    );
    assert_eq!(
        structure.details,
        ["table public.structure: thing was not set, is x", "table public.privilege: thing was not set, is x"]
    );
    assert_eq!(structure.object.as_deref(), Some("table public.structure"));
    assert_eq!(structure.file.as_deref(), Some(std::path::Path::new("migrations/a.down.sql")));
    assert_eq!((structure.line, structure.level, structure.phase), (Some(1), Level::Error, Phase::Down));
    assert_eq!(structure.policy.file, "policies/core/down-not-inverse.yml");
    assert_eq!(privileges.object.as_deref(), Some("table public.privilege"));
    assert_eq!(privileges.details, ["table public.privilege: thing was not set, is x"]);
    assert!(!structure.why.is_empty() && !structure.help.is_empty());
}

#[test]
fn levels_are_overridden_or_turned_off_and_unknown_names_are_told() {
    let rules = load(&[]).unwrap();
    let steps = vec![up(), step(0, Phase::Down, Some(diff(&[Class::Structure, Class::Privilege])))];
    let ran: BTreeSet<Phase> = Phase::ALL.into_iter().collect();
    let facts = gather(&history(&["a"]), None, Some(&Trace { steps, ..Trace::default() }), &ran);
    let levels = BTreeMap::from([
        ("down-loses-privileges".to_owned(), None),
        ("down-not-inverse".to_owned(), Some(Level::Note)),
        ("down-not-inverted".to_owned(), None),
    ]);
    let judgement = judge(&rules, &facts, &levels);
    let found: Vec<_> = judgement.findings.iter().map(|finding| (finding.rule.as_str(), finding.level)).collect();
    assert_eq!(found, [("down-not-inverse", Level::Note)]);
    let unknown = unknown_levels(&rules, &levels);
    assert_eq!(unknown.len(), 1);
    assert_eq!(
        (unknown[0].name.as_str(), unknown[0].near.as_slice()),
        ("down-not-inverted", ["down-not-inverse".to_owned()].as_slice())
    );
}

fn own_rule(on: &str, when: &str, more: &str) -> RuleFile {
    let text =
        format!("facts: 1\nid: ours\nlevel: note\non: {on}\nwhen: {when}\nmessage: here\nwhy: So.\nfix: Do.\n{more}");
    RuleFile { path: "ours.yml".to_owned(), text }
}

#[test]
fn what_was_not_observed_is_not_judged_and_that_is_visible() {
    let rules = load(&[own_rule("step", "step.outcome == 'passed'", "requires: [redo]\n")]).unwrap();
    let trace = Trace { steps: vec![up()], ..Trace::default() };
    let facts = gather(&history(&["a"]), None, Some(&trace), &BTreeSet::from([Phase::Up]));
    let judgement = judge(&rules, &facts, &BTreeMap::new());
    assert!(judgement.findings.is_empty());
    let missing = |id: &str| {
        judgement.not_judged.iter().find(|rule| rule.rule == id).map(|rule| rule.missing.clone()).unwrap_or_default()
    };
    assert_eq!(missing("ours"), [Phase::Redo]);
    assert_eq!(missing("down-missing"), [Phase::Down]);
    assert_eq!(missing("up-fails"), []);
}

#[test]
fn a_rule_that_breaks_is_an_error_once_and_the_others_are_still_judged() {
    let rules = load(&[own_rule("step", "step.changes[0].class == 'structure'", "")]).unwrap();
    let mut second = up();
    second.migration = 1;
    second.diff = Some(Diff::default());
    let third = Step { migration: 2, ..failed(2, Phase::Up, ErrorKind::Server, "1") };
    let trace = Trace { steps: vec![up(), second, third], ..Trace::default() };
    let facts = gather(&history(&["a", "b", "c"]), None, Some(&trace), &BTreeSet::from([Phase::Up]));
    let judgement = judge(&rules, &facts, &BTreeMap::new());
    assert_eq!(rules_of(&judgement), ["ours a", "up-fails c"]);
    assert_eq!(judgement.errors.len(), 1);
    let message = &judgement.errors[0].message;
    assert!(
        message.starts_with("the rule ours (ours.yml:5) broke on the step of b and on 1 more: `step.changes[0]"),
        "{message}"
    );
    assert_eq!(judgement.errors[0].phase, Some(Phase::Policy));
}

/// The bound is many times what an optimised build takes, so that a slow machine does not fail it; it does fail when the
/// language is built for each fact or names are gathered for each error.
#[test]
fn a_long_history_is_judged_quickly() {
    let ids: Vec<String> = (0..800).map(|n| format!("{n:04}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let long = history(&ids);
    let steps = (0..800).flat_map(|n| {
        [
            step(n, Phase::Up, Some(diff(&[Class::Structure; 3]))),
            step(n, Phase::Down, Some(diff(&[Class::Order]))),
            step(n, Phase::Redo, Some(Diff::default())),
        ]
    });
    let trace = Trace { steps: steps.collect(), ..Trace::default() };
    let rules = load(&[]).unwrap();
    let ran: BTreeSet<Phase> = Phase::ALL.into_iter().collect();
    let start = Instant::now();
    let facts = gather(&long, None, Some(&trace), &ran);
    let gathered = start.elapsed();
    let judgement = judge(&rules, &facts, &BTreeMap::new());
    let judged = start.elapsed() - gathered;
    assert_eq!(judgement.findings.len(), 800);
    assert!(judged.as_millis() < 2000 && gathered.as_millis() < 2000, "gathered {gathered:?}, judged {judged:?}");
}
