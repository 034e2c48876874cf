//! The difference of two schemas, as data and as sentences.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Change, ChangeKind, Class, Diff, Object, ObjectId, Snapshot};

/// An object by kind, path with dots, identity and attributes.
fn object(kind: &str, path: &str, identity: &str, attributes: &Value) -> (ObjectId, Object) {
    let path: Vec<&str> = path.split('.').collect();
    let attributes =
        attributes.as_object().unwrap().iter().map(|(name, value)| (Arc::from(name.as_str()), value.clone()));
    let identity = (!identity.is_empty()).then(|| identity.into());
    (ObjectId::new(kind, &path), Object { identity, attributes: attributes.collect() })
}

fn snapshot(objects: &[(&str, &str, &str, Value)]) -> Snapshot {
    let objects = objects.iter().map(|(kind, path, identity, attributes)| object(kind, path, identity, attributes));
    objects.collect::<Snapshot>().read_at(7)
}

fn told(before: &[(&str, &str, &str, Value)], after: &[(&str, &str, &str, Value)]) -> Vec<String> {
    Diff::between(&snapshot(before), &snapshot(after)).told().into_iter().map(|told| told.sentence).collect()
}

#[test]
fn a_renamed_table_takes_its_parts_along_and_stands_in_the_texts_of_others() {
    let before = [
        ("table", "s.a", "1", json!({})),
        ("table column", "s.a.id", "1.1", json!({"type": "integer"})),
        ("table column", "s.a.n", "1.2", json!({"type": "text"})),
        ("table policy", "s.a.p", "", json!({"using": "true"})),
        (
            "table constraint",
            "s.b.fk",
            "2.9",
            json!({"type": "foreign key", "definition": "FOREIGN KEY (a) REFERENCES s.a(id)"}),
        ),
        ("view", "s.v", "3", json!({"definition": "SELECT n\nFROM s.a"})),
    ];
    let after = [
        ("table", "s.c", "1", json!({})),
        ("table column", "s.c.id", "1.1", json!({"type": "bigint"})),
        ("table column", "s.c.m", "1.2", json!({"type": "text"})),
        ("table policy", "s.c.p", "", json!({"using": "true"})),
        (
            "table constraint",
            "s.b.fk",
            "2.9",
            json!({"type": "foreign key", "definition": "FOREIGN KEY (a) REFERENCES s.c(id)"}),
        ),
        ("view", "s.v", "3", json!({"definition": "SELECT m AS n\nFROM s.c"})),
    ];
    let expected = [
        "table s.a is called c now; with it table s.b constraint fk, view s.v",
        "table s.c column id: type was integer, is bigint",
        "table s.a column n is called m now",
    ];
    assert_eq!(told(&before, &after), expected);
    let other_server = snapshot(&after).read_at(8);
    let diff = Diff::between(&snapshot(&before), &other_server);
    assert!(!diff.changes.iter().any(|change| matches!(change.kind, ChangeKind::Renamed { .. })));
}

#[test]
fn a_table_of_the_same_name_is_the_same_table_whatever_its_identity() {
    let before = [("table", "s.a", "1", json!({"row_security": true})), ("table", "s.b", "2", json!({}))];
    let after = [("table", "s.a", "2", json!({})), ("table", "s.c", "1", json!({}))];
    let expected =
        ["table s.a: row security was yes, is not set", "table s.b is gone", "table s.c is there and was not before"];
    assert_eq!(told(&before, &after), expected);
}

#[test]
fn a_renamed_schema_is_one_difference() {
    let at = |schema: &str| {
        [
            ("schema".to_owned(), schema.to_owned(), "1", json!({})),
            ("table".to_owned(), format!("{schema}.t"), "2", json!({})),
            ("table column".to_owned(), format!("{schema}.t.c"), "2.1", json!({"type": format!("{schema}.mood")})),
            ("function".to_owned(), format!("{schema}.f({schema}_mood)"), "3", json!({})),
        ]
    };
    let schema = |name: &str| -> Snapshot {
        let objects = at(name);
        objects
            .iter()
            .map(|(kind, path, identity, value)| object(kind, path, identity, value))
            .collect::<Snapshot>()
            .read_at(7)
    };
    let told = Diff::between(&schema("one"), &schema("two")).told();
    let sentences: Vec<&str> = told.iter().map(|told| told.sentence.as_str()).collect();
    let expected = [
        "function one.f(one_mood) is called two.f(two_mood) now",
        "schema one is called two now; with it table two.t, table two.t column c",
    ];
    assert_eq!(sentences, expected);
}

#[test]
fn constraints_and_indexes_are_matched_by_definition_before_name() {
    let check = |text: &str| json!({"type": "check", "definition": text});
    let before = [
        ("table constraint", "s.t.t_a_check", "1.1", check("a")),
        ("table constraint", "s.t.mine", "1.2", check("b")),
        ("table constraint", "s.t.other", "1.3", check("c")),
        ("table index", "s.t.one", "1.4", json!({"columns": ["a"]})),
        ("table index", "s.t.two", "1.5", json!({"columns": ["b"]})),
        ("table index", "s.t.t_c_idx", "1.6", json!({"columns": ["c"]})),
    ];
    let after = [
        ("table constraint", "s.t.t_a_check1", "1.7", check("a")),
        ("table constraint", "s.t.mine", "1.8", check("c")),
        ("table constraint", "s.t.yours", "1.9", check("b")),
        ("table index", "s.t.one", "1.10", json!({"columns": ["b"]})),
        ("table index", "s.t.two", "1.11", json!({"columns": ["a"]})),
        ("table index", "s.t.t_c_idx", "1.12", json!({"columns": ["c", "d"], "storage_parameters": ["fillfactor=1"]})),
    ];
    let expected = [
        "table s.t constraint other is called mine now",
        "table s.t constraint mine is called yours now",
        "table s.t index two is called one now",
        "table s.t index t_c_idx: columns was (c), is (c, d)",
        "table s.t index one is called two now",
        "table s.t constraint t_a_check is called t_a_check1 now",
        "table s.t index t_c_idx: storage parameters was not set, is (fillfactor=1)",
    ];
    assert_eq!(told(&before, &after), expected);
}

#[test]
fn what_partitions_sequences_views_and_keys_have_from_elsewhere_is_told_once() {
    let partition = || json!({"partition_of": "s.\"P\""});
    let before = [
        ("table", "s.P", "1", json!({"partition_key": "RANGE (a)"})),
        ("table", "s.p1", "2", partition()),
        ("table", "s.p2", "3", partition()),
        ("table column", "s.P.a", "1.1", json!({"type": "integer", "not_null": false})),
        ("view", "s.v", "9", json!({"definition": "SELECT a FROM x"})),
        ("table column", "s.q.id", "8.1", json!({"type": "integer", "not_null": false})),
    ];
    let column = || json!({"type": "text"});
    let index = || json!({"columns": ["a"], "of_parent": true});
    let after = [
        before[0].clone(),
        before[1].clone(),
        before[2].clone(),
        before[3].clone(),
        ("table column", "s.P.n", "1.2", column()),
        ("table column", "s.p1.n", "2.2", column()),
        ("table column", "s.p2.n", "3.2", column()),
        ("table index", "s.P.i", "1.5", json!({"columns": ["a"]})),
        ("table index", "s.p1.p1_a_idx", "2.5", index()),
        ("table index", "s.p2.p2_a_idx", "3.5", index()),
        ("view", "s.v", "9", json!({"definition": "SELECT a, b FROM x"})),
        ("view column", "s.v.b", "9.2", json!({"type": "text"})),
        ("table column", "s.q.id", "8.1", json!({"type": "integer", "not_null": true})),
        ("table constraint", "s.q.q_pkey", "8.9", json!({"type": "primary key", "definition": "PRIMARY KEY (id)"})),
        ("table column", "s.q.no", "8.2", json!({"type": "integer"})),
        ("sequence", "s.q_no_seq", "8.7", json!({"owned_by": "s.q.no"})),
    ];
    let expected = [
        "table s.P column n (text) is there and was not before; with it table s.p1 column n, table s.p2 column n",
        "table s.q column no (integer) is there and was not before; with it sequence s.q_no_seq",
        "table s.q constraint q_pkey (PRIMARY KEY (id)) is there and was not before; with it table s.q column id",
        "table s.P index i (a) is there and was not before; with it table s.p1 index p1_a_idx, table s.p2 index p2_a_idx",
        "view s.v: definition was SELECT a FROM x, is SELECT a, b FROM x; with it view s.v column b",
    ];
    assert_eq!(told(&before, &after), expected);
}

#[test]
fn what_many_objects_have_in_common_is_told_once() {
    let owned = |owner: &str| -> Vec<(ObjectId, Object)> {
        (1..=5).map(|n| object("table", &format!("s.t{n}"), "", &json!({"owner": owner}))).collect()
    };
    let diff = Diff::between(&owned("me").into_iter().collect(), &owned("you").into_iter().collect());
    assert_eq!(diff.changes.len(), 5);
    let told = diff.told();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].sentence, "owner was me, is you, on 5 objects: table s.t1, table s.t2, table s.t3 and 2 more");
    assert_eq!(told[0].lines, ["  and table s.t4", "  and table s.t5"]);
    assert_eq!(told[0].class, Class::Privilege);
}

#[test]
fn a_dropped_schema_takes_its_contents_along_and_a_difference_is_never_only_a_consequence() {
    let objects = [
        ("schema", "s", "1", json!({})),
        ("table", "s.t", "2", json!({})),
        ("table column", "s.t.c", "2.1", json!({"type": "text"})),
    ];
    assert_eq!(told(&objects, &[]), ["schema s is gone; with it table s.t"]);
    let diff = Diff::between(&snapshot(&objects), &snapshot(&[]));
    let in_own_right: Vec<&Change> = diff.changes.iter().filter(|change| change.follows.is_none()).collect();
    assert_eq!((diff.changes.len(), in_own_right.len()), (2, 1));
}

#[test]
fn what_is_only_privileges_comes_and_goes_as_such() {
    let grant = [
        ("parameter", "work_mem", "", json!({"privileges": ["a=s/b"]})),
        ("implied-object", "type s.t", "", json!({"comment": "x"})),
        ("implied-object", "type s.u", "", json!({"comment": "x", "privileges": ["a=U/b"]})),
    ];
    let diff = Diff::between(&snapshot(&[]), &snapshot(&grant));
    let classes: Vec<Class> = diff.changes.iter().map(|change| change.class).collect();
    assert_eq!(classes, [Class::Privilege, Class::Privilege, Class::Comment]);
}
