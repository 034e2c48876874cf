use super::*;

/// The texts of the statements.
fn texts(script: &str) -> Vec<&str> {
    split(script).unwrap().into_iter().map(|statement| &script[statement.span]).collect()
}

#[track_caller]
fn one(script: &str) {
    assert_eq!(texts(script), [script]);
    let closed = format!("  {script};\n{script} ;");
    assert_eq!(texts(&closed), [script, script]);
}

fn error(script: &str) -> (usize, &str, String) {
    let error = split(script).unwrap_err();
    (error.line, &script[error.span], error.message)
}

#[test]
fn empty_scripts_have_no_statements() {
    for script in ["", " \n", ";;", "-- x", "/* a; */ ;", "/* a;", "/* '", "/*/", "\u{feff}\r\n;", "\x0c"] {
        assert_eq!(texts(script), [""; 0], "{script:?}");
    }
}

#[test]
fn semicolons_part_statements() {
    assert_eq!(texts("SELECT 1; SELECT 2"), ["SELECT 1", "SELECT 2"]);
    assert_eq!(texts("\u{feff}SELECT 1;;\r\nSELECT\r\n2;"), ["SELECT 1", "SELECT\r\n2"]);
    assert_eq!(texts("-- a;\nSELECT 1 -- b;\n; /* c; */ SELECT /* d; */ 2 /* e; '"), ["SELECT 1", "SELECT /* d; */ 2"]);
    assert_eq!(texts("/* /* */ SELECT 1; SELECT 2 /* */"), ["SELECT 1", "SELECT 2"], "comments do not nest");
    assert_eq!(texts("SELECT 1 -- a\r; SELECT 2"), ["SELECT 1"], "a carriage return does not end a comment");
    assert_eq!(texts("BEGIN; SELECT CASE 1 WHEN 1 THEN 2 END; END").len(), 3);
    assert_eq!(texts("SELECT 1; /*"), ["SELECT 1", "/*"], "SQLite takes this for two operators, and refuses them");
}

#[test]
fn quotes_hide_semicolons() {
    for script in [
        "SELECT ';', 'it''s;'",
        r"SELECT 'a\'",
        r#"SELECT ";", "a"";b""#,
        "SELECT `;`, `a``;b`",
        "SELECT [;], [a'b;]",
        "SELECT x'3b', X';'",
        "SELECT '-- ;', '/* ;'",
        "SELECT ключ, '\u{1F600};', a$b, $a, :b, @c, ?1",
        "SELECT .5",
    ] {
        one(script);
    }
    assert_eq!(texts("SELECT [a]]; SELECT 1"), ["SELECT [a]]", "SELECT 1"], "brackets cannot be doubled");
}

#[test]
fn a_trigger_ends_with_end_behind_a_semicolon() {
    for script in [
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT CASE 1 WHEN 1 THEN 2 END; END",
        "create temp trigger t after insert on a begin select case 1 when 1 then 2 end;; end",
        "CREATE TEMPORARY TRIGGER IF NOT EXISTS s.t INSTEAD OF UPDATE OF a ON v BEGIN SELECT ';end;'; /* ; */ END",
        "CREATE /* x */ TRIGGER t BEGIN SELECT 1; END -- y\n FROM z; END",
        "EXPLAIN CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END",
        "EXPLAIN QUERY PLAN CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END",
    ] {
        one(script);
    }
    assert_eq!(texts("CREATE TABLE trigger (a); SELECT 1").len(), 2);
    assert_eq!(texts("CREATE TABLE temp (a); SELECT 1").len(), 2);
    assert_eq!(texts("EXPLAIN SELECT 1; EXPLAIN QUERY PLAN SELECT 2; SELECT 3").len(), 3);
    assert_eq!(texts("CREATE UNIQUE INDEX trigger ON t (a); SELECT 1").len(), 2);
    assert_eq!(texts("DROP TRIGGER t; SELECT 1").len(), 2);
    assert_eq!(texts("CREATE TRIGGER t BEGIN SELECT 1; SELECT 2;"), ["CREATE TRIGGER t BEGIN SELECT 1; SELECT 2"]);
}

#[test]
fn leads_and_lines() {
    let script = "-- one\ncreate /* x */ table\n[t] (a);\n\nPRAGMA foreign_keys = ON; VACUUM\n;";
    let found: Vec<_> = split(script).unwrap().into_iter().map(|s| (s.line, s.lead)).collect();
    let expected = [(2, "CREATE TABLE"), (5, "PRAGMA FOREIGN_KEYS"), (5, "VACUUM")];
    assert_eq!(found, expected.map(|(line, lead)| (line, lead.to_owned())));
}

#[test]
fn what_is_not_closed_is_refused_where_it_begins() {
    for (script, text, what) in [
        ("SELECT 1;\n 'a;\nb", "'a;", "string"),
        ("SELECT 1;\n \"a\"\"", "\"a\"\"", "quoted identifier"),
        ("SELECT 1;\n `a", "`a", "quoted identifier"),
        ("SELECT 1;\n [a\r\n", "[a", "quoted identifier"),
        ("SELECT 1;\n x'0", "x'0", "blob"),
    ] {
        let (line, found, message) = error(script);
        assert_eq!((line, found), (2, text), "{script:?}");
        assert!(message.contains(&format!("unterminated {what} begins here")), "{message}");
    }
}

#[test]
fn commands_of_the_shell_are_refused() {
    let (line, text, message) = error("SELECT 1;\n.mode csv\nSELECT 2;");
    assert_eq!((line, text), (2, ".mode"));
    assert!(message.contains("command of the sqlite3 shell"), "{message}");
    assert_eq!(texts("SELECT t\n.mode FROM t"), ["SELECT t\n.mode FROM t"]);
    assert!(split("SELECT 1\0; SELECT 2").unwrap_err().message.contains("NUL"));
}
