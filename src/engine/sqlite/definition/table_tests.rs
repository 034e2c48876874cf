use super::*;

fn table(sql: &str) -> TableText {
    table_text(sql).unwrap_or_else(|| panic!("no table: {sql}"))
}

/// Constraints, each with what it is called.
type Constraints = Vec<(String, BTreeMap<String, Value>)>;

/// What a table says, with what has no order in an order.
fn said(sql: &str) -> (Vec<ColumnText>, Constraints, bool, bool) {
    let TableText::Plain { mut columns, constraints, strict, without_rowid } = table(sql) else {
        panic!("a virtual table: {sql}")
    };
    columns.sort_by(|a, b| a.name.cmp(&b.name));
    let mut constraints: Constraints =
        constraints.into_iter().map(|constraint| (constraint.called(), constraint.attributes)).collect();
    constraints.sort_by_key(|(name, attributes)| (name.clone(), json!(attributes).to_string()));
    (columns, constraints, strict, without_rowid)
}

#[track_caller]
fn same(a: &str, b: &str) {
    assert_eq!(said(&format!("CREATE TABLE t {a}")), said(&format!("CREATE TABLE t {b}")));
}

#[track_caller]
fn differ(a: &str, b: &str) {
    assert_ne!(said(&format!("CREATE TABLE t {a}")), said(&format!("CREATE TABLE t {b}")));
}

#[test]
fn columns_in_parts() {
    let (columns, constraints, strict, without_rowid) = said(
        "CREATE TABLE \"Customer\" (\n  id INTEGER PRIMARY KEY ON CONFLICT FAIL AUTOINCREMENT, -- the key\n  [E mail] \
         VARCHAR ( 120 ) CONSTRAINT there NOT NULL ON CONFLICT IGNORE COLLATE \"NoCase\",\n  full TEXT GENERATED ALWAYS \
         AS (a || ', ' || b) STORED,\n  bare,\n  \"Check\" unsigned  big int DEFAULT \"Yes\" CONSTRAINT idle, since DEFAULT \
         (1+ 2), minus DEFAULT - 1.5E3, twice AS (id*2), now DEFAULT Current_Timestamp, said DEFAULT Abc)",
    );
    let column = |name: &str| columns.iter().find(|column| column.name == name).cloned().unwrap_or_default();
    assert_eq!(columns.len(), 10);
    let plain = |name: &str, declared_type: &str| ColumnText {
        name: name.to_owned(),
        declared_type: declared_type.to_owned(),
        ..ColumnText::default()
    };
    assert_eq!(column("id"), ColumnText { is_integer: true, ..plain("id", "integer") });
    let mail = ColumnText {
        not_null: true,
        not_null_conflict: Some("ignore"),
        not_null_name: Some("there".to_owned()),
        collation: Some("nocase".to_owned()),
        ..plain("E mail", "varchar(120)")
    };
    assert_eq!(column("E mail"), mail);
    let generated = Some(("a || ', ' || b".to_owned(), "stored"));
    assert_eq!(column("full"), ColumnText { generated, ..plain("full", "text") });
    assert_eq!(column("bare"), plain("bare", ""));
    assert_eq!(column("Check").declared_type, "unsigned big int");
    assert_eq!(column("Check").other_names, ["idle"]);
    for (name, default) in
        [("Check", "\"Yes\""), ("since", "(1 + 2)"), ("minus", "-1.5e3"), ("now", "current_timestamp"), ("said", "Abc")]
    {
        assert_eq!(column(name).default.as_deref(), Some(default), "{name}");
    }
    assert_eq!(column("twice").generated, Some(("id * 2".to_owned(), "virtual")));
    let key = json!({
        "type": "primary key", "columns": ["id"], "on_conflict": "fail", "autoincrement": true, "is_rowid": true
    });
    assert_eq!(
        constraints.iter().map(|(name, said)| (name.as_str(), json!(said))).collect::<Vec<_>>(),
        [("primary key", key)]
    );
    assert!(!strict && !without_rowid);
}

#[test]
fn constraints_in_parts() {
    let (_, constraints, strict, without_rowid) = said(
        "CREATE TABLE t (a INT CHECK (\"A\" > b) REFERENCES u, B TEXT UNIQUE ON CONFLICT REPLACE, UNIQUE (a, b COLLATE \
         nocase DESC), CONSTRAINT positive CHECK (a >= 0) CONSTRAINT more CHECK (1), FOREIGN KEY (a, b) REFERENCES \
         \"Customer\" (c, D) ON DELETE SET NULL MATCH Full ON UPDATE NO ACTION DEFERRABLE INITIALLY DEFERRED, PRIMARY KEY \
         (b, a DESC)) STRICT, WITHOUT ROWID",
    );
    let found: Vec<(&str, Value)> = constraints.iter().map(|(name, said)| (name.as_str(), json!(said))).collect();
    let expected = [
        ("check (a, B)", json!({"type": "check", "expression": "a > b"})),
        (
            "foreign key (a)",
            json!({
                "type": "foreign key", "columns": ["a"], "parent": "u", "on_delete": "no action",
                "on_update": "no action"
            }),
        ),
        (
            "foreign key (a, B)",
            json!({
                "type": "foreign key", "columns": ["a", "B"], "parent": "Customer", "parent_columns": ["c", "D"],
                "on_delete": "set null", "on_update": "no action", "match": "full",
                "deferrable": "deferrable initially deferred"
            }),
        ),
        ("more", json!({"type": "check", "expression": "1"})),
        ("positive", json!({"type": "check", "expression": "a >= 0"})),
        ("primary key", json!({"type": "primary key", "columns": ["b", "a desc"]})),
        ("unique (B)", json!({"type": "unique", "columns": ["b"], "on_conflict": "replace"})),
        ("unique (a, B)", json!({"type": "unique", "columns": ["a", "b collate nocase desc"]})),
    ];
    assert_eq!(found, expected);
    assert!(strict && without_rowid);
}

#[test]
fn a_virtual_table_in_parts() {
    let of = |module: &str, arguments: Option<&str>| TableText::Virtual {
        module: module.to_owned(),
        arguments: arguments.map(str::to_owned),
    };
    let text = "CREATE VIRTUAL TABLE docs USING FTS5(title, tokenize = 'porter  ascii', prefix='2 3')";
    assert_eq!(table(text), of("fts5", Some("title, tokenize = 'porter  ascii', prefix = '2 3'")));
    assert_eq!(table("CREATE VIRTUAL TABLE IF NOT EXISTS d USING \"fts5\" ( \"a\" )"), of("fts5", Some("a")));
    assert_eq!(table("create virtual table [e] using dbstat"), of("dbstat", None));
}

#[test]
fn what_means_the_same_compares_equal() {
    for (a, b) in [
        ("(a INT, b TEXT)", "(\n\tb text, -- second\n\t[a] int)"),
        ("(a, UNIQUE (a), CHECK (a > 0))", "(a, CHECK (a > 0), UNIQUE (a))"),
        ("(a, UNIQUE (a) CHECK (a > 0))", "(a CHECK (a > 0) UNIQUE)"),
        ("(a, CONSTRAINT x UNIQUE (a) CONSTRAINT y CHECK (a))", "(a CONSTRAINT y CHECK (a), CONSTRAINT x UNIQUE (a))"),
        ("(\"A b\" REFERENCES u (c))", "([A b], FOREIGN KEY (\"a B\") REFERENCES 'u' (`c`))"),
        ("(\"A b\" INTEGER PRIMARY KEY)", "([A b] INTEGER, PRIMARY KEY (\"A b\"))"),
        ("(a REFERENCES u DEFERRABLE NOT NULL)", "(a REFERENCES u NOT NULL DEFERRABLE)"),
        ("(a, b CHECK (\"A\" > 0))", "(a, b CHECK (a > 0))"),
        ("(a) WITHOUT ROWID, STRICT", "(a) strict,without  rowid"),
        ("(a GENERATED ALWAYS AS (1))", "(a AS (1) VIRTUAL)"),
        ("(a generated)", "(a \"Generated\")"),
        ("(a DECIMAL(10, 2))", "(a decimal ( 10,2 ))"),
        ("(a NULL ON CONFLICT FAIL)", "(a)"),
    ] {
        same(a, b);
    }
    assert_eq!(said("CREATE TABLE t (a)"), said("CREATE TEMP TABLE IF NOT EXISTS main.'t' ('a')"));
}

#[test]
fn what_differs_compares_different() {
    for (a, b) in [
        ("a INT", "a TEXT"),
        ("a CHECK (a > 0)", "a CHECK (a >= 0)"),
        ("a CHECK (a = \"New\")", "a CHECK (a = \"new\")"),
        ("a TEXT COLLATE NOCASE", "a TEXT COLLATE RTRIM"),
        ("a DEFAULT 'X'", "a DEFAULT 'x'"),
        ("a DEFAULT X", "a DEFAULT x"),
        ("a DEFAULT 'a  b'", "a DEFAULT 'a b'"),
        ("a DEFAULT NULL", "a"),
        ("a INTEGER PRIMARY KEY", "a INTEGER PRIMARY KEY AUTOINCREMENT"),
        ("a INTEGER PRIMARY KEY", "a INT PRIMARY KEY"),
        ("a INTEGER PRIMARY KEY DESC", "a INTEGER, PRIMARY KEY (a DESC)"),
        ("a \"INTEGER\" PRIMARY KEY", "a INTEGER PRIMARY KEY"),
        ("a, CHECK (a > 0)", "a, CONSTRAINT c CHECK (a > 0)"),
        ("a NOT NULL", "a CONSTRAINT c NOT NULL"),
        ("a NOT NULL", "a NOT NULL ON CONFLICT FAIL"),
        ("a UNIQUE", "a UNIQUE ON CONFLICT FAIL"),
        ("a, b, UNIQUE (a, b)", "a, b, UNIQUE (b, a)"),
        ("a, CHECK (\"null\" > 0)", "a, CHECK (null > 0)"),
        ("a REFERENCES u", "a REFERENCES u DEFERRABLE INITIALLY DEFERRED"),
        ("a REFERENCES u", "a REFERENCES u MATCH FULL"),
        ("a REFERENCES u", "a REFERENCES u ON DELETE CASCADE"),
        ("a REFERENCES u", "a REFERENCES u (a)"),
        ("a AS (1)", "a AS (2)"),
        ("a AS (1)", "a AS (1) STORED"),
    ] {
        differ(&format!("({a})"), &format!("({b})"));
    }
    differ("(a)", "(a) STRICT");
}

#[test]
fn other_texts_are_no_tables() {
    for sql in [
        "",
        "CREATE INDEX i ON t (a)",
        "CREATE VIEW v AS SELECT 1",
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END",
        "CREATE TABLE t AS SELECT 1",
        "CREATE TABLE t (a",
        "CREATE TABLE t (1)",
        "CREATE TABLE t ()",
        "CREATE TABLE t (a,)",
        "CREATE TABLE t (a b CHECK)",
        "CREATE TABLE t (a NOT SURE)",
        "CREATE TABLE t (a REFERENCES u ON DELETE NOTHING)",
        "CREATE TABLE t (a, CHECK (a),)",
        "CREATE TABLE t (a) WITHOUT ROWS",
        "CREATE TABLE",
        "CREATE TABLE IF t (a)",
        "CREATE VIRTUAL TABLE t (a)",
        "CREATE VIRTUAL TABLE t USING m (a) b",
        "CREATE TABLE t ('a",
    ] {
        assert_eq!(table_text(sql), None, "{sql}");
    }
}
