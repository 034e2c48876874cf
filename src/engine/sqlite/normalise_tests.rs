use super::*;

fn pieces(sql: &str) -> TablePieces {
    table_pieces(sql).unwrap_or_else(|| panic!("no table: {sql}"))
}

#[track_caller]
fn same(a: &str, b: &str) {
    assert_eq!(pieces(a), pieces(b));
}

#[track_caller]
fn differ(a: &str, b: &str) {
    assert_ne!(pieces(a), pieces(b));
}

#[test]
fn tokens_are_brought_into_one_form() {
    for (text, expected) in [
        ("CREATE  INDEX\n\"i\" ON [T](a DESC) -- x", "create index i on t ( a desc )"),
        ("/* x */ WHERE `A` IS NOT NULL", "where a is not null"),
        ("'It''s' || \"a b\" || [c\"d] || `e``f`", "'It''s' || \"a b\" || \"c\"\"d\" || \"e`f\""),
        ("\"null\" <> NULL AND [Order] = `key`", "\"null\" <> null and \"Order\" = key"),
        ("1.5E-3+.5-0XFF", "1.5e-3 + .5 - 0xff"),
        ("x'AB' X'cd'", "x'AB' X'cd'"),
        ("a->>'$.b'<=c==d", "a ->> '$.b' <= c == d"),
        ("\"größe\" größe \"1a\" \"\" \"a$b\" \"$a\"", "größe größe \"1a\" \"\" a$b \"$a\""),
        ("a 'not closed  ", "a 'not closed  "),
        ("", ""),
    ] {
        assert_eq!(normalise_tokens(text), expected);
        assert_eq!(normalise_tokens(expected), expected, "done twice");
    }
}

#[test]
fn a_table_in_pieces() {
    let found = pieces(
        "CREATE TABLE \"Customer\" (\n  id INTEGER PRIMARY KEY AUTOINCREMENT, -- the key\n  [E mail] VARCHAR(120) NOT NULL \
         UNIQUE ON CONFLICT ABORT,\n  full TEXT GENERATED ALWAYS AS (a || ', ' || b) VIRTUAL,\n  bare,\n  \"Check\" INT,\n  \
         CONSTRAINT positive CHECK (id >= 0), FOREIGN KEY (a, b) REFERENCES \"Customer\" (c, d) DEFERRABLE INITIALLY \
         DEFERRED) STRICT, WITHOUT ROWID",
    );
    let columns = [
        ("id", "integer primary key autoincrement"),
        ("E mail", "varchar ( 120 ) not null unique on conflict abort"),
        ("full", "text generated always as ( a || ', ' || b ) virtual"),
        ("bare", ""),
        ("Check", "int"),
    ];
    assert_eq!(found.columns, columns.map(|(name, rest)| (name.to_owned(), rest.to_owned())).into());
    assert_eq!(
        found.constraints,
        [
            "constraint positive check ( id >= 0 )",
            "foreign key ( a , b ) references customer ( c , d ) deferrable initially deferred"
        ]
    );
    assert_eq!(found.options, "strict, without rowid");
}

#[test]
fn a_virtual_table_in_pieces() {
    let found = pieces("CREATE VIRTUAL TABLE docs USING FTS5(title, tokenize = 'porter  ascii', prefix='2 3')");
    assert_eq!(found.options, "using fts5 ( title , tokenize = 'porter  ascii' , prefix = '2 3' )");
    assert!(found.columns.is_empty() && found.constraints.is_empty());
    differ("CREATE VIRTUAL TABLE d USING fts5(a, prefix='2')", "CREATE VIRTUAL TABLE d USING fts5(a, prefix='3')");
    same("CREATE VIRTUAL TABLE IF NOT EXISTS d USING fts5 ( a )", "create virtual table [e] using FTS5(\"a\")");
}

#[test]
fn what_means_the_same_compares_equal() {
    same("CREATE TABLE t (a INT, b TEXT)", "create table \"u\"(\n\tb text, -- second\n\t[a] int)");
    same("CREATE TABLE t (a, UNIQUE (a), CHECK (a > 0))", "CREATE TABLE t (a, CHECK (a > 0), UNIQUE (a))");
    same("CREATE TABLE t (a, UNIQUE (a) CHECK (a > 0))", "CREATE TABLE t (a, CHECK (a > 0), UNIQUE (a))");
    same(
        "CREATE TABLE t (a, CONSTRAINT x UNIQUE (a) CONSTRAINT y CHECK (a))",
        "CREATE TABLE t (a, CONSTRAINT y CHECK (a), CONSTRAINT x UNIQUE (a))",
    );
    same("CREATE TABLE t (a) WITHOUT ROWID, STRICT", "CREATE TABLE t (a) strict,without  rowid");
    same("CREATE TABLE t (a)", "CREATE TEMP TABLE IF NOT EXISTS main.'t' ('a')");
}

#[test]
fn what_differs_compares_different() {
    for (a, b) in [
        ("a INT", "a TEXT"),
        ("a CHECK (a > 0)", "a CHECK (a >= 0)"),
        ("a TEXT COLLATE NOCASE", "a TEXT COLLATE RTRIM"),
        ("a DEFAULT 'X'", "a DEFAULT 'x'"),
        ("a DEFAULT 'a  b'", "a DEFAULT 'a b'"),
        ("a INTEGER PRIMARY KEY", "a INTEGER PRIMARY KEY AUTOINCREMENT"),
        ("a, CHECK (a > 0)", "a, CONSTRAINT c CHECK (a > 0)"),
        ("a, b, UNIQUE (a, b)", "a, b, UNIQUE (b, a)"),
        ("a, CHECK (\"null\" > 0)", "a, CHECK (null > 0)"),
        ("a REFERENCES u", "a REFERENCES u DEFERRABLE INITIALLY DEFERRED"),
    ] {
        differ(&format!("CREATE TABLE t ({a})"), &format!("CREATE TABLE t ({b})"));
    }
    differ("CREATE TABLE t (a)", "CREATE TABLE t (a) STRICT");
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
        "CREATE TABLE",
        "CREATE TABLE IF t (a)",
        "CREATE VIRTUAL TABLE t (a)",
        "CREATE TABLE t ('a",
    ] {
        assert_eq!(table_pieces(sql), None, "{sql}");
    }
}
