//! The JUnit of a run over a project with hostile names is read back by three readers, which agree on it and on what the
//! JSON report counts.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]
#![expect(clippy::print_stdout, reason = "what cannot run must be seen")]

#[path = "common/run.rs"]
mod run;
#[path = "common/wherewithal.rs"]
mod wherewithal;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;

use quick_xml::events::Event;
use serde_json::{Value, json};

/// What texts may hold that XML, terminals or consumers cannot bear: escape sequences, the end of a CDATA section, control
/// characters, characters outside of the plane, those that XML forbids, and markup.
const HOSTILE: &str =
    "a\u{1b}[31mred\u{1b}[0m]]>b\u{1f600}\u{8}\u{7}c\u{fffe}\u{85}<d a=\"'\">&amp;&e\u{202e}\r\u{1b}]0;f\u{7}";

/// Writes a history whose names and texts are hostile, as far as the file system and the server take them.
fn write(project: &Path, engine: &str) {
    let folder = project.join("migrations");
    fs::create_dir(&folder).unwrap();
    let name = |version: u32, direction: &str| format!("{version}_{HOSTILE}\n.{direction}.sql");
    let raise = match engine {
        "postgres" => format!("DO $x$ BEGIN RAISE EXCEPTION '%', '{}' USING DETAIL = '{0}'; END $x$;", quoted(HOSTILE)),
        _ => format!("SELECT \"{}\" FROM \"no ]]> {0}\";", HOSTILE.replace('"', "\"\"")),
    };
    let table = format!("\"t {}\"", HOSTILE.replace('"', "\"\"").chars().take(20).collect::<String>());
    for (file, text) in [
        (name(1, "up"), format!("-- {HOSTILE}\nCREATE TABLE {table} (id integer);\n/* ]]> {HOSTILE} */")),
        (name(1, "down"), format!("SELECT '{}'; -- {HOSTILE}", quoted(HOSTILE))),
        (name(2, "up"), format!("-- {HOSTILE}\n{raise}")),
        (name(3, "up"), "SELECT 1;".to_owned()),
        (name(3, "down"), format!("/* {HOSTILE} */ {raise}")),
        (name(4, "up"), "CREATE TABLE plain (id integer);".to_owned()),
        (name(4, "down"), format!("-- {HOSTILE}\n")),
        (format!("{HOSTILE} no version]]>"), String::new()),
    ] {
        fs::write(folder.join(file), text).unwrap();
    }
    // A name that is not even text.
    let no_text = std::ffi::OsStr::from_bytes(b"caf\xe9 ]]>.txt");
    fs::write(folder.join(no_text), "").unwrap();
}

fn quoted(text: &str) -> String {
    text.replace('\'', "''")
}

/// One test case as a reader sees it: its attributes, and for each element in it the name, the attributes and the text.
type Seen = Vec<Value>;

/// What a reader makes of a file: the root's attributes, then each case with the name of its suite.
fn by_roxmltree(xml: &str) -> Seen {
    let attributes = |node: roxmltree::Node<'_, '_>| -> Value {
        node.attributes()
            .map(|attribute| (attribute.name().to_owned(), attribute.value().into()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let document = roxmltree::Document::parse(xml).unwrap();
    let mut seen = vec![attributes(document.root_element())];
    for case in document.descendants().filter(|node| node.has_tag_name("testcase")) {
        let suite = case.parent().and_then(|suite| suite.attribute("name")).unwrap();
        let inside = case.children().filter(roxmltree::Node::is_element).map(|node| {
            let text: String = node.children().filter_map(|text| text.text()).collect();
            json!([node.tag_name().name(), attributes(node), text])
        });
        seen.push(json!([suite, attributes(case), inside.collect::<Vec<_>>()]));
    }
    seen
}

fn by_quick_xml(xml: &str) -> Seen {
    let mut reader = quick_xml::Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    let attributes = |tag: &quick_xml::events::BytesStart<'_>| -> Value {
        let pairs = tag.attributes().map(|attribute| {
            let attribute = attribute.unwrap();
            let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).unwrap();
            (String::from(attribute.key.as_ref()), value.into_owned().into())
        });
        pairs.collect::<serde_json::Map<_, _>>().into()
    };
    let (mut seen, mut suite) = (Vec::new(), String::new());
    let mut case: Option<(Value, Vec<Value>)> = None;
    let mut element: Option<(String, Value, String)> = None;
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return seen,
            Event::Start(tag) => match tag.name().as_ref() {
                "testsuites" => seen.push(attributes(&tag)),
                "testsuite" => suite = attributes(&tag)["name"].as_str().unwrap().to_owned(),
                "testcase" => case = Some((attributes(&tag), Vec::new())),
                name if case.is_some() => element = Some((name.to_owned(), attributes(&tag), String::new())),
                _ => {}
            },
            Event::Text(text) => {
                if let Some((_, _, all)) = &mut element {
                    all.push_str(&text);
                }
            }
            Event::CData(text) => {
                if let Some((_, _, all)) = &mut element {
                    all.push_str(&text);
                }
            }
            Event::End(tag) => match (tag.name().as_ref(), &mut case, element.take()) {
                (_, Some((_, inside)), Some((name, attributes, text))) => inside.push(json!([name, attributes, text])),
                ("testcase", Some(_), None) => {
                    let (attributes, inside) = case.take().unwrap();
                    seen.push(json!([suite, attributes, inside]));
                }
                _ => {}
            },
            _ => {}
        }
    }
}

/// Python's reader, on which most consumers in CI systems build; `None` where there is no Python.
fn by_python(file: &Path) -> Option<Seen> {
    let program = "
import json, sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
seen = [root.attrib]
for suite in root.iter('testsuite'):
    for case in suite.iter('testcase'):
        seen.append([suite.get('name'), case.attrib, [[e.tag, e.attrib, ''.join(e.itertext())] for e in case]])
json.dump(seen, sys.stdout)
";
    let output = Command::new("python3").args(["-c", program]).arg(file).output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn check(engine: &str) {
    let project = run::project();
    write(project.path(), engine);
    let args = [
        "--provision",
        "local",
        "--migrations",
        "migrations",
        "--engine",
        engine,
        "--format",
        "sqlx",
        "--junit",
        "junit.xml",
    ];
    let ran = run::check(project.path(), &args);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    // The terminal gets no escape sequence of the project's either, nor a control character.
    let bad = |c: char| c.is_control() && c != '\n';
    assert!(!ran.stderr.contains(bad), "{:?}", ran.stderr);

    let file = project.path().join("junit.xml");
    let xml = fs::read_to_string(&file).unwrap();
    let seen = by_roxmltree(&xml);
    assert_eq!(by_quick_xml(&xml), seen);
    match by_python(&file) {
        Some(by_python) => assert_eq!(by_python, seen),
        None if wherewithal::everything_is_to_be_tried() => unreachable!("python3 is not installed"),
        None => println!("python3 is not installed: its reader was not tried"),
    }
    for case in &seen {
        let fit = |c: char| c == '\n' || !c.is_control();
        assert!(texts(case).iter().all(|text| text.chars().all(fit)), "{case:?}");
    }
    counts(&ran.report().unwrap(), &seen);
}

/// All texts in a value.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

/// The counts of the root are those of its cases, and failures and errors are those of the JSON report.
fn counts(report: &Value, seen: &Seen) {
    let (root, cases) = seen.split_first().unwrap();
    let with = |wanted: &str| {
        let has = |case: &&Value| case[2].as_array().unwrap().iter().any(|inside| inside[0] == wanted);
        cases.iter().filter(has).count()
    };
    let told = |name: &str| root[name].as_str().unwrap().parse::<usize>().unwrap();
    assert_eq!(
        (told("tests"), told("failures"), told("errors"), told("skipped")),
        (cases.len(), with("failure"), with("error"), with("skipped"))
    );
    let database = &report["databases"][0];
    let list = |key: &str| database[key].as_array().unwrap().clone();
    let errors: Vec<Value> = list("findings").into_iter().filter(|found| found["level"] == "error").collect();
    assert!(errors.len() >= 2, "the project gives hardly any finding: {report:#}");
    assert_eq!((with("failure"), with("error")), (errors.len(), list("errors").len()));
    assert_eq!(told("failures"), usize::try_from(report["totals"]["errors"].as_u64().unwrap()).unwrap());
    let skipped = list("steps").into_iter().filter(|step| step["outcome"] == "skipped").count();
    assert_eq!(with("skipped"), skipped);
    let rules = |of: Vec<String>| of.into_iter().collect::<BTreeSet<String>>();
    let failing = cases.iter().flat_map(|case| case[2].as_array().unwrap()).filter(|inside| inside[0] == "failure");
    assert_eq!(
        rules(failing.map(|inside| inside[1]["type"].as_str().unwrap().to_owned()).collect()),
        rules(errors.iter().map(|found| found["rule"].as_str().unwrap().to_owned()).collect())
    );
    let names: BTreeSet<String> =
        cases.iter().map(|case| format!("{} {}", case[1]["classname"], case[1]["name"])).collect();
    assert_eq!(names.len(), cases.len(), "two cases share a name");
}

#[test]
fn the_junit_of_hostile_names_is_read_back_on_sqlite() {
    check("sqlite");
}

#[test]
fn the_junit_of_hostile_names_is_read_back_on_postgres() {
    match wherewithal::postgres_is_missing() {
        Some(why) if wherewithal::everything_is_to_be_tried() => unreachable!("{why}"),
        Some(why) => println!("{why}: the JUnit of a run on it was not read"),
        None => check("postgres"),
    }
}
