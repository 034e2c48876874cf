use super::*;

fn row(kind: &str, path: &Value, identity: &str, attributes: &Value) -> String {
    format!("{kind}{SEPARATOR}{path}{SEPARATOR}{identity}{SEPARATOR}{attributes}")
}

fn completed(rows: &[String]) -> Vec<Row> {
    let answer = rows.join(&ROW_SEPARATOR.to_string());
    let completed = Completer::default().complete(&answer).unwrap();
    completed.split(ROW_SEPARATOR).map(|row| Row::read(row).unwrap()).collect()
}

/// A table of one column with a foreign key, as the catalog gives it.
fn table(definition: &str, column: &str) -> Vec<String> {
    vec![
        row(
            "table",
            &json!(["t \"1"]),
            "7",
            &json!({"type": "table", "without_rowid": false, "strict": false, "definition": definition}),
        ),
        row("table column", &json!(["t \"1", column]), "0", &json!({"type": "INT", "not_null": false})),
        row(
            "table constraint",
            &json!(["t \"1", 0]),
            "",
            &json!({"type": "foreign key", "columns": [column], "parent": "U"}),
        ),
    ]
}

#[test]
fn what_the_text_says_is_added() {
    let rows = completed(&table("CREATE TABLE x (a INT CHECK (a > 0) REFERENCES u MATCH full)", "a"));
    let names: Vec<&str> = rows.iter().map(Row::name).collect();
    assert_eq!(names, ["t \"1", "a", "check (a)", "foreign key (a)"]);
    assert_eq!(rows[3].attributes["match"], "full");
    assert_eq!(rows[3].attributes["parent"], "U", "the catalog knows how the parent is spelled");
    assert_eq!(rows[1].attributes["type"], "int");
    assert!(rows[0].identity.starts_with("7:") && rows[1].identity.starts_with("7.0:"));
}

#[test]
fn a_text_that_says_something_else_is_compared_as_it_is() {
    for definition in ["CREATE TABLE x (b INT REFERENCES u)", "CREATE TABLE x (a INT)", "gibberish ("] {
        let rows = completed(&table(definition, "a"));
        assert_eq!(rows[0].attributes["definition"], normalise_tokens(definition), "{definition}");
        assert_eq!(rows.iter().map(Row::name).collect::<Vec<_>>(), ["t \"1", "a", "foreign key (a)"]);
    }
}

#[test]
fn names_are_given_once() {
    let said = |expression: &str| {
        let attributes: Map<String, Value> = [("expression".to_owned(), json!(expression))].into_iter().collect();
        ("check (a)".to_owned(), attributes)
    };
    let rows = named(&[json!("t")], vec![said("b"), said("a"), said("b")]);
    let found: Vec<(&str, &Value)> = rows.iter().map(|row| (row.name(), &row.attributes["expression"])).collect();
    let (a, b) = (json!("a"), json!("b"));
    assert_eq!(found, [("check (a)", &a), ("check (a) #2", &b), ("check (a) #3", &b)]);
}

#[test]
fn a_string_in_double_quotes_is_told_from_a_name() {
    let view = |text: &str| row("view", &json!(["v"]), "", &json!({"definition": text}));
    let of = |text: &str| {
        let mut rows = table("CREATE TABLE t (\"State\" INT REFERENCES u)", "State");
        rows.push(view(text));
        let rows = completed(&rows);
        rows.iter().find(|row| row.kind == "view").map(|row| row.attributes["definition"].clone())
    };
    let text = "CREATE VIEW v AS SELECT 1 FROM \"T \"\"1\" WHERE \"STATE\" = ";
    assert_eq!(of(&format!("{text}1")), of(&format!("{}1", text.replace("STATE", "state"))));
    assert_ne!(of(&format!("{text}\"New\"")), of(&format!("{text}\"new\"")));
}
