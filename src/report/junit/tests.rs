use std::collections::HashSet;

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;
use roxmltree::{Document, Node};

use super::super::fixture::{finding, fixture, golden, snippet, step};
use super::super::{FindingReport, StepReport};
use super::*;
use crate::policy::Level;
use crate::replay::Outcome;

fn all<'a>(document: &'a Document<'_>, name: &str) -> Vec<Node<'a, 'a>> {
    document.descendants().filter(|node| node.has_tag_name(name)).collect()
}

fn count(node: &Node<'_, '_>, name: &str) -> usize {
    node.descendants().filter(|node| node.has_tag_name(name)).count()
}

fn case<'a>(document: &'a Document<'_>, class: &str, name: &str) -> Node<'a, 'a> {
    let cases = all(document, "testcase").into_iter();
    let mut found =
        cases.filter(|case| case.attribute("classname") == Some(class) && case.attribute("name") == Some(name));
    let case = found.next().unwrap_or_else(|| panic!("{class} has no {name}"));
    assert!(found.next().is_none(), "{class} has {name} twice");
    case
}

fn child<'a>(node: Node<'a, 'a>, name: &str) -> Node<'a, 'a> {
    node.children().find(|child| child.has_tag_name(name)).unwrap_or_else(|| panic!("{name} is missing"))
}

/// What must hold of every file: both parsers read it, the counts are those of the elements, names are unique, and
/// failures, errors and skipped are what the report says.
fn check(report: &Report) -> String {
    let xml = to_junit(report);
    let mut reader = Reader::from_str(&xml);
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => break,
            Event::Start(tag) | Event::Empty(tag) => {
                for attribute in tag.attributes() {
                    attribute.unwrap();
                }
            }
            _ => {}
        }
    }
    let document = Document::parse(&xml).unwrap_or_else(|error| panic!("{error}\n{xml}"));

    let findings: Vec<&FindingReport> = report.databases.iter().flat_map(|database| &database.findings).collect();
    let set_aside = findings.iter().filter(|finding| finding.suppressed.is_some() || finding.inherited).count();
    let not_run = |step: &&StepReport| step.outcome == Outcome::Skipped;
    let not_run = report.databases.iter().flat_map(|database| &database.steps).filter(not_run).count();
    let errors = report.errors.len() + report.databases.iter().map(|database| database.errors.len()).sum::<usize>();
    assert_eq!(all(&document, "failure").len(), findings.iter().filter(|f| f.fails(report.fail_on)).count(), "{xml}");
    assert_eq!(all(&document, "error").len(), errors, "{xml}");
    assert_eq!(all(&document, "skipped").len(), set_aside + not_run, "{xml}");

    for node in all(&document, "testsuite").into_iter().chain([document.root_element()]) {
        for (attribute, element) in
            [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]
        {
            assert_eq!(node.attribute(attribute), Some(&*count(&node, element).to_string()), "{attribute}\n{xml}");
        }
        assert!(!node.attribute("name").unwrap().is_empty());
        node.attribute("time").unwrap().parse::<f64>().unwrap();
    }
    let mut names = HashSet::new();
    for case in all(&document, "testcase") {
        let (class, name) = (case.attribute("classname").unwrap(), case.attribute("name").unwrap());
        assert!(!name.is_empty() && class.split('.').all(|part| !part.is_empty()), "{xml}");
        assert!(names.insert((class, name)), "{class} {name} is there twice\n{xml}");
    }
    xml
}

#[test]
fn the_whole_report() {
    golden("report.junit.xml", &check(&fixture()));
}

#[test]
fn the_report_counts_the_same_from_every_level() {
    for fail_on in [None, Some(Level::Note), Some(Level::Warning), Some(Level::Error)] {
        check(&Report { fail_on, ..fixture() });
    }
}

#[test]
fn a_case_names_its_place_and_its_time() {
    let xml = to_junit(&fixture());
    let document = Document::parse(&xml).unwrap();
    let passing = case(&document, "shop_example.main.up", "0001_base");
    assert_eq!(passing.attribute("file"), Some("migrations/0001_base.up.sql"));
    assert_eq!(passing.attribute("line"), Some("1"));
    assert_eq!(passing.attribute("time"), Some("0.012063"));
    assert_eq!(passing.children().count(), 0);
    let suite = passing.parent().unwrap();
    assert_eq!(suite.attribute("name"), Some("main PostgreSQL 17.11 up"));
    assert_eq!(suite.attribute("timestamp"), Some("2025-11-23T09:26:40Z"));
    let properties: Vec<_> = child(suite, "properties")
        .children()
        .filter(Node::is_element)
        .map(|node| (node.attribute("name").unwrap(), node.attribute("value").unwrap()))
        .collect();
    assert!(properties.contains(&("engine", "postgres")), "{properties:?}");
    assert!(properties.contains(&("server_version", "17.11")), "{properties:?}");
    assert!(properties.contains(&("image_digest", "sha256:0123abcd")), "{properties:?}");
}

#[test]
fn a_failure_tells_everything() {
    let xml = to_junit(&fixture());
    let document = Document::parse(&xml).unwrap();
    let failed = case(&document, "shop_example.main.down", "0004_status [down-fails]");
    assert_eq!((failed.attribute("line"), failed.attribute("time")), (Some("4"), Some("0.00075")));
    let failure = child(failed, "failure");
    assert_eq!(failure.attribute("type"), Some("down-fails"));
    assert!(failure.attribute("message").unwrap().starts_with("the down script fails: column \"statsu\""));
    let text = failure.text().unwrap();
    for part in [
        "hint: perhaps",
        "why: A release",
        "help: write",
        "\nmigrations/0004_status.down.sql:4\n",
        "policy: policies/core/down-fails.yml:6",
        "DROP COLUMN statsu",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(child(failed, "system-out").text().unwrap().contains("DROP COLUMN statsu"));
    let names: Vec<_> = all(&document, "testcase").iter().filter_map(|case| case.attribute("name")).collect();
    let in_down = all(&document, "testcase")
        .iter()
        .filter(|case| case.attribute("classname") == Some("shop_example.main.down"))
        .any(|case| case.attribute("name") == Some("0004_status"));
    assert!(!in_down, "a step that failed shows as passed: {names:?}");
}

#[test]
fn what_does_not_fail_the_run_is_told_beside_the_step() {
    let xml = to_junit(&fixture());
    let document = Document::parse(&xml).unwrap();
    let told = case(&document, "shop_example.main.down", "0003_order");
    assert!(child(told, "system-out").text().unwrap().contains("note[down-reorders-columns]: columns are"));
    let skipped = case(&document, "shop_example.main.down", "0005_audit");
    assert_eq!(child(skipped, "skipped").attribute("message"), Some("it has no down script"));
    let suppressed = case(&document, "shop_example.main.down", "0001_base [down-empty]");
    assert_eq!(child(suppressed, "skipped").attribute("message"), Some("suppressed: written before we had reviews"));
    case(&document, "shop_example.main.graph", "migrations/notes.txt [unmatched-file]");
    case(&document, "shop_example.main.descent", "history [descent-stops]");
    assert!(child(case(&document, "shop_example.run", "could not check"), "error").attribute("message").is_some());
}

#[test]
fn a_run_that_reached_no_database_has_an_error() {
    let mut report = Report { databases: Vec::new(), ..fixture() };
    check(&report);
    report.errors.clear();
    let xml = to_junit(&report);
    assert_eq!(all(&Document::parse(&xml).unwrap(), "error").len(), 1, "{xml}");
}

#[test]
fn a_run_with_nothing_to_tell_has_a_case() {
    let mut report = Report { outcome: RunOutcome::Passed, errors: Vec::new(), ..fixture() };
    report.databases.truncate(1);
    let database = &mut report.databases[0];
    (database.steps, database.findings, database.errors) = Default::default();
    let xml = check(&report);
    assert!(xml.contains("<testcase name=\"no findings\""), "{xml}");
    report.databases.clear();
    check(&report);
}

#[test]
fn cases_of_one_name_are_told_apart() {
    let mut report = fixture();
    let same = || FindingReport {
        object: Some("table a".to_owned()),
        ..finding("model-differs", Level::Error, Phase::Agreement, "0001_base", "they differ")
    };
    report.databases[0].findings = vec![same(), same(), same()];
    report.databases[0].steps.push(step("0001_base", Phase::Up, None, 1.0));
    let xml = check(&report);
    let document = Document::parse(&xml).unwrap();
    for name in ["0001_base [model-differs]", "0001_base [model-differs] table a", "0001_base [model-differs] (2)"] {
        case(&document, "shop_example.main.agreement", name);
    }
}

#[test]
fn times_that_no_clock_gives_do_no_harm() {
    let mut report = Report { started_millis: i64::MIN, ..fixture() };
    report.totals.seconds = f64::NAN;
    for (step, millis) in report.databases[0].steps.iter_mut().zip([f64::NAN, f64::INFINITY, -1.0, 1e300]) {
        step.millis = millis;
    }
    check(&report);
    check(&Report { started_millis: i64::MAX, ..report });
}

/// Texts that broke somebody's XML, among any others.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("]]>".to_owned()),
        Just("]]".to_owned()),
        Just(">".to_owned()),
        Just("<![CDATA[".to_owned()),
        Just("\u{1b}[31mred\u{1b}[0m".to_owned()),
        Just("\u{1b}]0;open".to_owned()),
        Just("\u{9b}1m".to_owned()),
        Just("\0".to_owned()),
        Just("\u{fffe}".to_owned()),
        Just("\u{ffff}".to_owned()),
        Just("\u{1f600}".to_owned()),
        Just("\u{10ffff}".to_owned()),
        Just("&amp;&#0;<!--".to_owned()),
        Just("\r\n\t".to_owned()),
        Just("\"'".to_owned()),
        Just("\u{85}\u{2028}".to_owned()),
        Just(".".to_owned()),
        any::<String>(),
    ];
    prop::collection::vec(part, 0..4).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn every_text_gives_a_well_formed_file(
        texts in prop::collection::vec(hostile(), 24),
        level in prop_oneof![Just(None), Just(Some(Level::Note)), Just(Some(Level::Error))],
        marks in (0..60_usize, 0..60_usize),
    ) {
        let mut texts = texts.into_iter().cycle();
        let mut text = move || texts.next().unwrap_or_default();
        let mut report = Report { fail_on: level, project: text(), ..fixture() };
        report.errors[0].message = text();
        for database in &mut report.databases {
            database.name = text();
            database.server_version = Some(text());
            database.image_digest = Some(text());
            for step in &mut database.steps {
                step.file = Some(text());
                step.skipped = Some(text());
                if let Some(error) = &mut step.error {
                    error.message = text();
                }
            }
            for finding in &mut database.findings {
                finding.rule = text();
                finding.migration = finding.migration.is_some().then(&mut text);
                finding.file = Some(text());
                finding.object = Some(text());
                finding.message = text();
                finding.details = vec![text()];
                finding.help = text();
                finding.why = text();
                finding.policy.file = text();
                finding.suppressed = finding.suppressed.is_some().then(&mut text);
                finding.snippet = snippet(&text(), "", "", &text()).map(|snippet| crate::policy::Snippet {
                    span: marks.0..marks.1,
                    statement: 0..marks.1,
                    ..snippet
                });
            }
            for error in &mut database.errors {
                error.message = text();
            }
        }
        check(&report);
    }
}
