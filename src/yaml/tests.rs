use proptest::prelude::*;
use serde_yaml::Value;

use super::*;

fn place(line: usize, column: usize) -> Place {
    Place { line, column }
}

fn parsed(text: &str) -> Node {
    let mut problems = Vec::new();
    let root = document(text, &mut problems);
    assert_eq!(problems, [], "{text}");
    root.unwrap()
}

/// A tree without its places, as `serde_yaml` gives it.
fn value(node: &Node) -> Value {
    match &node.content {
        Content::Sequence(items) => items.iter().map(value).collect(),
        Content::Mapping(entries) => {
            Value::Mapping(entries.iter().map(|entry| (entry.key.as_str().into(), value(&entry.value))).collect())
        }
        Content::Scalar(scalar) => match scalar.kind() {
            ScalarKind::Null => Value::Null,
            ScalarKind::Boolean(truth) => truth.into(),
            ScalarKind::Number => Value::Number(scalar.text.parse().unwrap()),
            ScalarKind::Text => scalar.text.as_str().into(),
        },
    }
}

/// What `serde_yaml`, which knows no places and reads with another parser, makes of a text.
fn elsewhere(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

fn problems(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    document(text, &mut problems);
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn every_key_and_value_knows_its_place() {
    let text = "a: 1\nrules:\n  - x\n  -  when: |\n       one\n       two\n     left:\nb: {é: \"ü\", last: ''}\n";
    let root = parsed(text);
    assert_eq!(root.place, place(1, 1));

    let rules = root.get("rules").unwrap();
    assert_eq!(rules.place, place(2, 1));
    let [x, rule] = rules.value.items().unwrap() else { panic!("two items") };
    assert_eq!((x.place, x.text()), (place(3, 5), Some("x")));
    assert_eq!(rule.place, place(4, 6));
    let when = rule.get("when").unwrap();
    assert_eq!((when.place, when.value.line()), (place(4, 6), 5));
    assert_eq!(when.value.text(), Some("one\ntwo\n"));
    let left = rule.get("left").unwrap();
    assert_eq!((left.place, left.value.place), (place(7, 6), place(7, 6)));
    assert_eq!(left.value.scalar().unwrap().kind(), ScalarKind::Null);

    let last = root.get("b").unwrap().value.get("last").unwrap();
    assert_eq!((last.place, last.value.place), (place(8, 13), place(8, 19)));
    assert_eq!(value(&root), elsewhere(text));
}

#[test]
fn a_text_without_content_is_null() {
    for text in ["", "\n", "# only a comment\n", "---\n", "\u{feff}"] {
        assert_eq!(value(&parsed(text)), Value::Null, "{text:?}");
        assert!(documents(text, &mut Vec::new()).unwrap().len() <= 1, "{text:?}");
    }
}

#[test]
fn aliases_stand_for_what_they_name() {
    let root = parsed("a: &x {k: [1, &y two]}\nb: *x\nc: [*y]\n");
    assert_eq!(value(&root), elsewhere("{a: {k: [1, two]}, b: {k: [1, two]}, c: [two]}"));
    let repeated = &root.get("b").unwrap().value;
    assert_eq!(repeated.place, place(1, 4));
}

#[test]
fn tagged_text_is_text() {
    let root = parsed("a: !!str 5\nb: ! off\n");
    assert_eq!(value(&root), elsewhere("{a: '5', b: 'off'}"));
}

#[test]
fn problems_that_leave_a_tree_are_told_together() {
    let text = "a: 1\nb: !!int 2\na: 3\n? [q]\n: r\n<<: {c: 1}\n: z\n\"a\": {x: 1, x: 2}\n---\nsecond\n";
    assert_eq!(
        problems(text),
        [
            "2:4: the tag `!!int` is not supported; remove it",
            "3:1: duplicate key `a`; it is there on line 1 already, remove one",
            "4:3: this key is a list or a mapping; expected text",
            "6:1: merge keys (`<<`) are not supported; write the keys out",
            "7:1: a key is missing before the `:`",
            "8:13: duplicate key `x`; it is there on line 8 already, remove one",
            "8:1: duplicate key `a`; it is there on line 1 already, remove one",
            "10:1: a second document begins here; expected one document in the file, remove the `---`",
        ]
    );
    let mut found = Vec::new();
    let root = document(text, &mut found).unwrap();
    assert_eq!(value(&root), elsewhere("{a: 1, b: 2}"));
    assert_eq!(found.len(), 8);
}

#[test]
fn a_text_may_hold_several_documents() {
    let mut problems = Vec::new();
    let roots = documents("a: &x 1\n---\nb: 2\n---\nb: 3\nb: 4\n", &mut problems).unwrap();
    let lines: Vec<usize> = roots.iter().map(Node::line).collect();
    assert_eq!(lines, [1, 3, 5]);
    let problem = "6:1: duplicate key `b`; it is there on line 5 already, remove one";
    assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), [problem]);

    assert_eq!(documents("# nothing\n", &mut Vec::new()), Some(Vec::new()));
    let mut problems = Vec::new();
    assert_eq!(documents("a: &x 1\n---\nb: *x\n", &mut problems), None);
    let problem = "3:4: this alias repeats a value of an earlier document; write the value out";
    assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), [problem]);
}

#[test]
fn the_bundled_files_are_read_as_elsewhere() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let rules = std::fs::read_dir(root.join("policies/core")).unwrap().map(|entry| entry.unwrap().path());
    for file in rules.chain([root.join("rollproof.yml")]) {
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(value(&parsed(&text)), elsewhere(&text), "{}", file.display());
    }
}

#[test]
fn syntax_errors_have_a_place() {
    for (text, expected) in [
        ("a:\n\tb: 1\n", "2:1: a tab indents this line; YAML indents with spaces only"),
        ("a: 5\n\tb: 6\n", "2:1: a tab indents this line; YAML indents with spaces only"),
        ("a: b: c\n", "1:5: this is not valid YAML: mapping values are not allowed in this context"),
        (
            "ok: 1\na: 'x\n",
            "2:4: this is not valid YAML: while scanning a quoted scalar, found unexpected end of stream",
        ),
        ("a: 1\nb: *gone\n", "2:4: this is not valid YAML: while parsing node, found unknown anchor"),
        ("a: [1,\n\n", "1:7: this is not valid YAML: while parsing a node, did not find expected node content"),
        ("a: 1\r\nb: x\rc: *x", "3:4: this is not valid YAML: while parsing node, found unknown anchor"),
        ("a: &r [*r]\n", "1:8: this alias stands inside the value that it repeats"),
        ("ü: 1\u{1}\n", "1:5: the character U+0001 is not allowed in YAML; remove it"),
        ("a: 1\n\0", "2:1: the character U+0000 is not allowed in YAML; remove it"),
    ] {
        assert_eq!(problems(text), [expected], "{text:?}");
    }
}

#[test]
fn bytes_that_are_not_utf8_have_a_place() {
    assert_eq!(decode("a: ü".as_bytes()), Ok("a: ü"));
    let problem = decode(b"a: 1\n\xc3\xbc: \xff\n").unwrap_err();
    assert_eq!(problem.to_string(), "2:4: this is not UTF-8 text; save the file in UTF-8");
}

#[test]
fn hostile_texts_are_refused() {
    let deep = "- ".repeat(200);
    assert_eq!(problems(&deep), ["1:131: values are nested more than 64 levels deep here"]);
    let flow = "[".repeat(10_000);
    assert_eq!(problems(&flow).len(), 1);

    let mut laughs = "a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]\n".to_owned();
    for level in 1..9 {
        let before = level - 1;
        let aliases = vec![format!("*a{before}"); 9].join(", ");
        laughs.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    assert_eq!(problems(&laughs), ["6:10: the aliases up to here repeat more than 100000 values"]);
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in "(?s).{0,200}") {
        let _ = document(&text, &mut Vec::new());
    }

    #[test]
    fn text_of_yaml_signs_never_panics(text in "[a-c:\\-?,\\[\\]{}&*!|>'\"%@`#~ \t\r\n0<.]{0,80}") {
        if let Some(root) = document(&text, &mut Vec::new()) {
            value(&root);
        }
    }

    #[test]
    fn scalars_are_what_they_are_elsewhere(text in "[-+.0-9a-fA-FxoeE_nulNtrs~]{1,8}") {
        let text = format!("[k, {text}]");
        if let (Some(root), Ok(expected)) = (document(&text, &mut Vec::new()), serde_yaml::from_str::<Value>(&text)) {
            prop_assert_eq!(value(&root), expected);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&bytes);
    }
}
