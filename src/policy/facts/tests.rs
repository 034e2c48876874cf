use cel::Value;
use cel::objects::Key;

use super::*;
use crate::policy::tests::{failed, history, step};
use crate::replay::{Descent, ErrorKind};
use crate::schema::{Attributes, Class, Diff, Object, ObjectId};

/// Asserts that a value has exactly the fields of its schema, each of its type.
fn conforms(value: &Value, of: FieldType, path: &str) {
    match (of, value) {
        (FieldType::Bool, Value::Bool(_)) | (FieldType::Int, Value::Int(_)) | (FieldType::Text, Value::String(_)) => {}
        (FieldType::Word(words), Value::String(text)) => assert!(words.contains(&text.as_str()), "{path}: {text}"),
        (FieldType::List(inner), Value::List(items)) => items.iter().for_each(|item| conforms(item, *inner, path)),
        (FieldType::Record(fields), Value::Map(map)) => {
            assert_eq!(map.map.len(), fields.len(), "{path} has {:?}", map.map.keys());
            for field in fields {
                let value =
                    map.get(&Key::from(field.name)).unwrap_or_else(|| panic!("{path}.{} is missing", field.name));
                conforms(value, field.of, &format!("{path}.{}", field.name));
            }
        }
        (of, value) => panic!("{path} is {value:?}, not {of:?}"),
    }
}

fn change(object: &[&str], class: Class) -> Change {
    Change::new(
        ObjectId::new("table", object),
        class,
        ChangeKind::Added(Object { identity: None, attributes: Attributes::new() }.into()),
    )
}

fn all_phases() -> BTreeSet<Phase> {
    Phase::ALL.into_iter().collect()
}

#[test]
fn every_fact_has_exactly_the_fields_of_its_schema() {
    let mut history = history(&["a", "b"]);
    history.migrations[1].down = None;
    history.migrations[1].parents = vec!["gone".to_owned()];
    history
        .unmatched
        .push(crate::history::Unmatched { path: "migrations/x.sql".into(), reason: "no version".to_owned() });
    let diff = Diff {
        changes: vec![
            change(&["t"], Class::Structure),
            Change::new(
                ObjectId::new("table column", &["t", "c"]),
                Class::Comment,
                ChangeKind::Altered { attribute: "comment".into(), before: None, after: None },
            ),
        ],
    };
    let mut failing = failed(1, Phase::Up, ErrorKind::Timeout, "");
    failing.left_behind = diff.clone();
    let trace = Trace {
        steps: vec![
            step(0, Phase::Up, Some(diff.clone())),
            step(0, Phase::Down, None),
            step(0, Phase::Redo, Some(Diff::default())),
            failing,
            failed(0, Phase::Descent, ErrorKind::Server, "42P01"),
        ],
        descent: Some(Descent { reached: 0, of: 1, stopped_at: Some(0), residue: Some(diff) }),
        ..Trace::default()
    };
    let mut base = self::history(&["a", "b", "gone"]);
    base.migrations[0].up.text = "other".into();
    let changes = crate::history::changes(&base, &history);
    let compared = gather(&history, Some(&changes), Some(&trace), &all_phases());
    let mut facts = gather(&history, None, Some(&trace), &all_phases());
    facts.facts.extend(compared.facts);
    let table = ComparedTable {
        table: "books".to_owned(),
        there: "other",
        product: "SQLite",
        differences: vec!["column a is not there".to_owned()],
        migration: history.migrations.first(),
    };
    facts.facts.extend(dialects(&[table], &all_phases()).facts);
    for kind in FactKind::ALL {
        let mut of_kind = facts.facts.iter().filter(|fact| fact.kind == kind).peekable();
        assert!(of_kind.peek().is_some(), "no {} here", kind.word());
        of_kind.for_each(|fact| conforms(&fact.value, FieldType::Record(kind.fields()), kind.word()));
    }
}

#[test]
fn an_edit_is_shown_where_it_begins() {
    let (base, mut head) = (history(&["a", "b"]), history(&["a"]));
    head.migrations[0].up.text = "fine;\nworse;\n".into();
    let changes = crate::history::changes(&base, &head);
    let facts = gather(&head, Some(&changes), None, &BTreeSet::from([Phase::Graph])).facts;
    let of_migrations: Vec<&About> =
        facts.iter().filter(|fact| fact.kind == FactKind::Migration).map(|fact| &fact.about).collect();
    assert_eq!(
        (of_migrations[0].line, of_migrations[0].details.join("; ")),
        (Some(2), "was: bad;; is:  worse;".into())
    );
    // What is gone is named by the file that was.
    let file = of_migrations[1].file.as_ref().unwrap().display().to_string();
    assert_eq!((file.as_str(), of_migrations[1].line), ("migrations/b.up.sql", Some(1)));
}

#[test]
fn the_page_of_facts_names_every_field() {
    let page = markdown();
    assert!(page.contains("| `step.changes[].class` | word: `\"\"`, `\"exact\"`"), "{page}");
    assert!(page.contains("| `history.missing_parents[].parent` | text |"), "{page}");
    assert!(page.contains("## missing_down\n"), "{page}");
}

#[test]
fn a_finding_about_an_error_points_at_it() {
    let history = history(&["a"]);
    let trace = Trace { steps: vec![failed(0, Phase::Up, ErrorKind::Server, "42601")], ..Trace::default() };
    let facts = gather(&history, None, Some(&trace), &BTreeSet::from([Phase::Up]));
    let about = &facts.facts[0].about;
    assert_eq!((about.line, about.details.as_slice()), (Some(2), ["HINT: look there".to_owned()].as_slice()));
    let snippet = about.snippet.as_ref().unwrap();
    assert_eq!(&snippet.text[snippet.span.clone()], "bad");
    assert_eq!(snippet.label, "it is wrong");
}

#[test]
fn a_step_outside_the_history_gives_no_fact() {
    let trace = Trace {
        steps: vec![step(7, Phase::Up, None)],
        descent: Some(Descent { reached: 0, of: 0, stopped_at: Some(9), residue: None }),
        ..Trace::default()
    };
    let facts = gather(&history(&["a"]), None, Some(&trace), &BTreeSet::from([Phase::Up, Phase::Descent]));
    assert_eq!(facts.facts.iter().map(|fact| fact.kind).collect::<Vec<_>>(), [FactKind::Descent]);
}
