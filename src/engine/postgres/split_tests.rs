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
    for script in [
        "",
        " \n\t",
        ";",
        ";;\n;",
        "-- x",
        "-- x\n",
        "/* a; b */",
        "/* /* */ */ ; -- ;",
        "\u{feff}",
        "\u{feff};\r\n\x0c\x0b",
    ] {
        assert_eq!(texts(script), [""; 0], "{script:?}");
    }
}

#[test]
fn semicolons_part_statements() {
    assert_eq!(texts("SELECT 1; SELECT 2"), ["SELECT 1", "SELECT 2"]);
    assert_eq!(texts("SELECT 1;;SELECT 2;"), ["SELECT 1", "SELECT 2"]);
    assert_eq!(texts("\u{feff}SELECT 1;\r\nSELECT\r\n2;\r\n"), ["SELECT 1", "SELECT\r\n2"]);
    assert_eq!(texts("-- a;\nSELECT 1 -- b;\n; /* c; */ SELECT /* d; */ 2 /* e */"), ["SELECT 1", "SELECT /* d; */ 2"]);
    assert_eq!(texts("SELECT 1\x0c;\x0cSELECT 2"), ["SELECT 1", "SELECT 2"]);
}

#[test]
fn quotes_hide_semicolons() {
    for script in [
        "SELECT ';'",
        "SELECT 'it''s;'",
        r"SELECT 'a\'",
        r"SELECT E'\';'",
        r"SELECT e'\\', ';'",
        r"SELECT E'a''\';'",
        "SELECT E'a'\n'b\\';'",
        "SELECT E'a' -- it's\n  -- so\n\t'b\\';'",
        r#"SELECT U&'\0441;', U&"d!0061;" UESCAPE '!'"#,
        r"SELECT u&'\'",
        r"SELECT N'a\'",
        "SELECT B'1;', X'1;'",
        r#"SELECT ";", "a"";b""#,
        "SELECT $$;$$",
        "SELECT $a$ $$; $b$ ; $a$",
        "SELECT $a$ $b$a$",
        "SELECT $é1$;$$;$é1$",
        "DO $$ BEGIN x := 'a;'; END $$",
        "SELECT $a$x$a$$b$;$b$",
        "SELECT '-- ;', '/* ;'",
        "SELECT '\u{1F600};', \"ключ;\", ключ",
    ] {
        one(script);
    }
}

#[test]
fn what_only_looks_like_a_quote_hides_nothing() {
    assert_eq!(texts("SELECT a$b$; SELECT c$b$"), ["SELECT a$b$", "SELECT c$b$"]);
    assert_eq!(texts("SELECT é$$; SELECT é$$"), ["SELECT é$$", "SELECT é$$"]);
    assert_eq!(texts("SELECT $1; SELECT $1$$;$$"), ["SELECT $1", "SELECT $1$$;$$"]);
    assert_eq!(texts("SELECT $a; SELECT $a"), ["SELECT $a", "SELECT $a"]);
    assert_eq!(texts(r"SELECT name'\'; SELECT 1"), [r"SELECT name'\'", "SELECT 1"]);
    assert_eq!(
        texts(r"SELECT E'a' 'b\'; SELECT 1"),
        [r"SELECT E'a' 'b\'", "SELECT 1"],
        "no line break between the parts"
    );
    assert_eq!(texts("SELECT 1 +-- '\n2; SELECT 3"), ["SELECT 1 +-- '\n2", "SELECT 3"]);
    assert_eq!(texts("SELECT 1 -- '\r; SELECT 2"), ["SELECT 1", "SELECT 2"], "a carriage return ends a comment");
    assert_eq!(texts("SELECT 2 */* ; /* ' */ $$ */ 3; SELECT 4"), ["SELECT 2 */* ; /* ' */ $$ */ 3", "SELECT 4"]);
    assert_eq!(texts("/***/SELECT 1;/**/SELECT 2"), ["SELECT 1", "SELECT 2"]);
}

#[test]
fn parentheses_and_routine_bodies_hide_semicolons() {
    for script in [
        "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); DELETE FROM b;)",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END",
        "create or replace procedure s.f(a int) language sql begin /* x */ atomic insert into t values (a); end",
        "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC \
         SELECT CASE WHEN a > 0 THEN CASE a WHEN 1 THEN 1 END ELSE (CASE a WHEN 2 THEN 3 END) END; SELECT 2; END",
        "CREATE FUNCTION \"begin\"() RETURNS int BEGIN ATOMIC SELECT t.end, t.case AS end FROM t; SELECT 2; END",
        "CREATE /* a */ OR -- b\n REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC END",
    ] {
        one(script);
    }
    assert_eq!(texts("BEGIN; SELECT CASE WHEN a THEN b END; END;").len(), 3);
    assert_eq!(texts("CREATE TABLE begin (atomic int); SELECT 1").len(), 2);
    assert_eq!(texts("CREATE FUNCTION begin() RETURNS int RETURN 1; SELECT 1").len(), 2);
    assert_eq!(texts("CREATE VIEW v AS SELECT begin atomic FROM t; SELECT 1").len(), 2);
    assert_eq!(texts("SELECT 1); SELECT 2").len(), 2, "the server will speak about the parenthesis");
    assert_eq!(texts("SELECT (1; SELECT 2;"), ["SELECT (1; SELECT 2"]);
}

#[test]
fn leads_and_lines() {
    let script = "-- one\nBEGIN;\n\n/* x\n*/ create unique /* y */ index concurrently i\n ON t (a); prepare transaction 'a';\n\
                  (SELECT 1); TABLE \"x\"; ALTER TYPE t ADD VALUE 'x'";
    let found: Vec<_> = split(script).unwrap().into_iter().map(|s| (s.line, s.lead)).collect();
    let expected = [
        (2, "BEGIN"),
        (5, "CREATE UNIQUE INDEX CONCURRENTLY"),
        (6, "PREPARE TRANSACTION"),
        (7, "SELECT"),
        (7, "TABLE"),
        (7, "ALTER TYPE T ADD"),
    ];
    assert_eq!(found, expected.map(|(line, lead)| (line, lead.to_owned())));
}

#[test]
fn copy_takes_the_rows_behind_it() {
    let script = "COPY public.t (a, \"from\") FROM stdin; -- rows\r\n1\t'\r\n\\N\t;\r\n\\.\r\nSELECT 2;\ncopy t from stdin\n\
                  with (format csv);\n\\.\nCOPY t FROM STDOUT WHERE a > 1;\nx\\.\n\\.";
    let found: Vec<_> = split(script)
        .unwrap()
        .into_iter()
        .map(|s| (s.line, &script[s.span], s.copy.map(|copy| &script[copy.span])))
        .collect();
    let expected = [
        (1, "COPY public.t (a, \"from\") FROM stdin", Some("1\t'\r\n\\N\t;\r\n")),
        (5, "SELECT 2", None),
        (6, "copy t from stdin\nwith (format csv)", Some("")),
        (9, "COPY t FROM STDOUT WHERE a > 1", Some("x\\.\n")),
    ];
    assert_eq!(found, expected);
}

#[test]
fn copy_without_rows_in_the_script_is_left_alone() {
    for script in [
        "COPY t FROM '/tmp/x'",
        "COPY t TO STDOUT",
        "COPY (SELECT a FROM stdin) TO '/tmp/x'",
        "COPY t FROM PROGRAM 'cat'",
        "SELECT a FROM stdin",
        "\"COPY\" t FROM stdin",
        "= COPY t FROM stdin",
    ] {
        one(script);
    }
}

#[test]
fn copy_errors_name_the_statement() {
    let copy = "COPY t FROM stdin";
    for script in ["SELECT 1;\nCOPY t FROM stdin;\n1\n2\n", "SELECT 1;\nCOPY t FROM stdin", "\nCOPY t FROM stdin;"] {
        let (line, text, message) = error(script);
        assert_eq!((line, text), (2, copy));
        assert!(message.contains("no line `\\.` ends them"), "{message}");
    }
    let (line, text, message) = error("COPY t FROM stdin; SELECT 1;\n1\n\\.\n");
    assert_eq!((line, text), (1, "SELECT"));
    assert!(message.contains("follows COPY"), "{message}");
    assert_eq!(error("COPY t FROM stdin; /* \n1\n\\.\n").1, "/* ");
}

#[test]
fn what_is_not_closed_is_refused_where_it_begins() {
    for (script, text, what) in [
        ("SELECT 1;\n 'a;\nb", "'a;", "quoted string"),
        ("SELECT 1;\n E'a\\';\nb", "E'a\\';", "quoted string"),
        ("SELECT 1;\n E'a\\", "E'a\\", "quoted string"),
        ("SELECT 1;\n U&'a", "U&'a", "quoted string"),
        ("SELECT 1;\n \"a\"\";\r\nb", "\"a\"\";", "quoted identifier"),
        ("SELECT 1;\n U&\"a", "U&\"a", "quoted identifier"),
        ("SELECT 1;\n $a$ $$ $b$;\n", "$a$ $$ $b$;", "dollar-quoted string"),
        ("SELECT 1;\n $$", "$$", "dollar-quoted string"),
        ("SELECT 1;\n /* /* */ ;\n", "/* /* */ ;", "comment"),
        ("SELECT 1;\n /*/", "/*/", "comment"),
        ("SELECT 1;\n B'1", "B'1", "bit string literal"),
        ("SELECT 1;\n x'1", "x'1", "hexadecimal string literal"),
    ] {
        let (line, found, message) = error(script);
        assert_eq!((line, found), (2, text), "{script:?}");
        assert!(message.contains(&format!("unterminated {what} begins here")), "{message}");
    }
}

#[test]
fn commands_of_psql_are_refused() {
    for (script, text, part) in [
        ("SELECT 1;\n\\connect password=secret", "\\connect", "command of psql, not SQL"),
        ("\nSELECT 1 \\gexec\n", "\\gexec", "command of psql"),
        ("\n\\set x 1", "\\set", "command of psql"),
        ("\n\\restrict abc", "\\restrict", "pg_dump"),
        ("\n\\.\n", "\\", "none stands before it"),
        ("\n\\", "\\", "backslash outside quotes"),
        ("\nSELECT 1\\;", "\\", "backslash outside quotes"),
    ] {
        let (line, found, message) = error(script);
        assert_eq!((line, found), (2, text), "{script:?}");
        assert!(message.contains(part) && !message.contains("secret"), "{message}");
    }
}

#[test]
fn a_nul_is_refused() {
    assert!(split("SELECT 1\0").unwrap_err().message.contains("NUL"));
}
