use super::*;
use crate::engine::mysql::Flavour;
use crate::history::EngineKind;

fn mysql() -> Rules {
    Rules::of(Flavour { product: EngineKind::Mysql, version: (9, 4, 0) })
}

fn mariadb() -> Rules {
    Rules::of(Flavour { product: EngineKind::Mariadb, version: (10, 11, 14) })
}

fn texts_of(statements: Vec<Statement>, script: &str) -> Vec<&str> {
    statements.into_iter().map(|statement| &script[statement.span]).collect()
}

/// The texts of the statements, which are the same on both products.
#[track_caller]
fn texts(script: &str) -> Vec<&str> {
    let of_mysql = split(script, mysql()).unwrap();
    assert_eq!(of_mysql, split(script, mariadb()).unwrap(), "{script:?}");
    texts_of(of_mysql, script)
}

fn client(script: &str) -> Vec<&str> {
    texts_of(split_as_client(script, mariadb()).unwrap(), script)
}

#[track_caller]
fn one_on(rules: Rules, script: &str) {
    let closed = format!("  {script};\n{script} ;");
    assert_eq!(texts_of(split(&closed, rules).unwrap(), &closed), [script, script]);
    assert_eq!(texts_of(split_as_client(&closed, rules).unwrap(), &closed), [script, script]);
}

#[track_caller]
fn one(script: &str) {
    one_on(mysql(), script);
    one_on(mariadb(), script);
}

#[test]
fn empty_scripts_have_no_statements() {
    for script in
        ["", " \n\t", ";", ";;\n;", "-- x", "--", "--\n", "# x;\n;", "/* a; b */", "\u{feff}", "/*! */", "/**/"]
    {
        assert_eq!(texts(script), [""; 0], "{script:?}");
    }
}

#[test]
fn semicolons_part_statements() {
    assert_eq!(texts("SELECT 1; SELECT 2"), ["SELECT 1", "SELECT 2"]);
    assert_eq!(texts("SELECT 1;;SELECT 2;"), ["SELECT 1", "SELECT 2"]);
    assert_eq!(texts("\u{feff}SELECT 1;\r\nSELECT\r\n2;\r\n"), ["SELECT 1", "SELECT\r\n2"]);
    assert_eq!(texts("-- a;\nSELECT 1 # b;\n; /* c; */ SELECT /* d; */ 2 /* e */"), ["SELECT 1", "SELECT /* d; */ 2"]);
    assert_eq!(texts("SELECT (1; SELECT 2"), ["SELECT (1", "SELECT 2"], "the server will speak about the parenthesis");
    assert_eq!(texts("BEGIN; SELECT CASE WHEN a THEN b END; COMMIT").len(), 3);
    assert_eq!(texts("START TRANSACTION; XA START 'a'; XA END 'a'; BEGIN WORK; ROLLBACK").len(), 5);
}

#[test]
fn two_dashes_need_white_space_behind_them() {
    assert_eq!(texts("SELECT 1 --x;\n; SELECT 2"), ["SELECT 1 --x", "SELECT 2"]);
    assert_eq!(texts("SELECT 5--1; SELECT 2"), ["SELECT 5--1", "SELECT 2"]);
    assert_eq!(texts("SELECT 1 --\t'x;\n; SELECT 2"), ["SELECT 1", "SELECT 2"]);
    assert_eq!(texts("SELECT 1 --\n; SELECT 2 --"), ["SELECT 1", "SELECT 2"]);
}

#[test]
fn quotes_hide_semicolons() {
    for script in [
        "SELECT ';'",
        "SELECT 'it''s;'",
        r"SELECT 'a\';'",
        r#"SELECT "a\";""#,
        r#"SELECT ";", "a"";b""#,
        "SELECT `;`, `a``;b`",
        r"SELECT `a\`",
        "SELECT N'1;', _utf8mb4'1;', X'3b'",
        "SELECT '-- ;', '/* ;', '# ;'",
        "SELECT '\u{1F600};', `ключ;`, ключ",
        "SELECT 1 /* it's; */ + 2",
        "SELECT 1 -- it's;\n+ 2",
    ] {
        one(script);
    }
    one_on(mysql(), "CREATE FUNCTION f() RETURNS INT LANGUAGE JAVASCRIPT AS $$ let a = 1; return a; $$");
    one_on(mysql(), "CREATE FUNCTION f() RETURNS INT LANGUAGE JAVASCRIPT AS $x$ let a = '$$;'; $x$");
}

#[test]
fn executable_comments_are_text() {
    assert_eq!(
        texts("/*!40101 SET NAMES utf8 */;\nSELECT 1 /*!50000 , ';' */; /*!99999999 x; */;"),
        ["/*!40101 SET NAMES utf8 */", "SELECT 1 /*!50000 , ';' */"]
    );
    let trigger = "/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER a BEFORE INSERT ON t FOR EACH ROW \
                   BEGIN SET NEW.a = 1; SET NEW.b = 2; END */";
    let dump = format!("DELIMITER ;;\n{trigger};;\nDELIMITER ;\nSELECT 1;");
    assert_eq!(client(&dump), [trigger, "SELECT 1"]);
    assert_eq!(split(trigger, mariadb()).unwrap()[0].lead, "CREATE DEFINER");
    // Only the product that it is written for executes a comment.
    let script = "/*M!100100 SELECT 1 */; /*!80000 SELECT 2 */; /*M!999999\\- enable the sandbox mode */ \nSELECT 3";
    let of = |rules| texts_of(split(script, rules).unwrap(), script);
    assert_eq!(of(mariadb()), ["/*M!100100 SELECT 1 */", "SELECT 3"]);
    assert_eq!(of(mysql()), ["/*!80000 SELECT 2 */", "SELECT 3"]);
    assert_eq!(client(script), of(mariadb()));
}

#[test]
fn bodies_hide_semicolons() {
    for script in [
        "CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END",
        "create definer = `a`@`%` procedure p(in begin int, out b enum('x', ';')) comment 'x;' begin end",
        "CREATE DEFINER=root@localhost PROCEDURE IF NOT EXISTS p() DETERMINISTIC SQL SECURITY INVOKER BEGIN END",
        "CREATE DEFINER = CURRENT_USER() FUNCTION f() RETURNS VARCHAR(9) CHARACTER SET utf8mb4 BEGIN RETURN IF(1, 2, 3); END",
        "CREATE FUNCTION f() RETURNS INT RETURN IF(1, CASE 1 WHEN 1 THEN 2 END, 3)",
        "CREATE FUNCTION f() RETURNS INT SONAME 'f.so'",
        "CREATE PROCEDURE p() IF 1 THEN SELECT 1; ELSEIF IF(1, 2, 3) THEN SELECT 2; ELSE SELECT 3; END IF",
        "CREATE PROCEDURE p() CASE a WHEN 1 THEN SELECT 1; ELSE BEGIN END; END CASE",
        "CREATE PROCEDURE p() BEGIN CASE WHEN CASE a WHEN 1 THEN IF(1,2,3) ELSE 3 END THEN SELECT 1; END CASE; SELECT 2; END",
        "CREATE PROCEDURE p() BEGIN a: LOOP LEAVE a; END LOOP a; WHILE a DO SET a = 1; END WHILE; \
         REPEAT SET a = REPEAT('a', 3); UNTIL CASE a WHEN 1 THEN 2 END END REPEAT; SELECT 1; END",
        "CREATE PROCEDURE p() BEGIN DECLARE CONTINUE HANDLER FOR NOT FOUND, SQLSTATE '42000' SET done = 1; \
         DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END; SELECT 1; END",
        "CREATE PROCEDURE p() b: BEGIN LEAVE b; END b",
        "CREATE PROCEDURE p() BEGIN DROP TABLE IF EXISTS t; CREATE TABLE IF NOT EXISTS t (a int); SELECT a FROM t FOR UPDATE; END",
        "CREATE PROCEDURE p() DROP TABLE IF EXISTS t",
        "CREATE PROCEDURE p() BEGIN SELECT t.end, t.begin, @case FROM t; END",
        "CREATE TRIGGER IF NOT EXISTS t BEFORE INSERT ON u FOR EACH ROW FOLLOWS v IF NEW.a THEN SET NEW.b = 1; END IF",
        "CREATE TRIGGER t AFTER UPDATE ON u FOR EACH ROW SET NEW.a = CASE NEW.b WHEN 1 THEN 2 END",
        "CREATE TRIGGER t AFTER DELETE ON u FOR EACH ROW BEGIN DELETE FROM v; END",
        "CREATE EVENT IF NOT EXISTS e ON SCHEDULE EVERY IF(1, 2, 3) DAY COMMENT 'DO BEGIN' DO BEGIN SELECT 1; END",
        "ALTER DEFINER = a@b EVENT e DO BEGIN SELECT 1; SELECT 2; END",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT IF(1, 2, 3)",
        "CREATE /* a; */ FUNCTION `begin`() RETURNS INT BEGIN RETURN 1; END",
        "CREATE TABLE begin (end int)",
        "CREATE VIEW v AS SELECT CASE WHEN 1 THEN 2 END AS end, begin FROM t",
    ] {
        one(script);
    }
}

#[test]
fn mariadb_has_bodies_of_its_own() {
    for script in [
        "BEGIN NOT ATOMIC SELECT 1; SELECT 2; END",
        "BEGIN NOT ATOMIC DECLARE a INT; BEGIN NOT ATOMIC SELECT 1; END; END",
        "IF 1 THEN SELECT 1; END IF",
        "a: LOOP LEAVE a; END LOOP",
        "FOR i IN 1..10 DO SELECT i; END FOR",
        "FOR r IN (SELECT 1 AS a) DO SELECT r.a; END FOR",
        "CREATE PROCEDURE p AS a INT; BEGIN FOR i IN 1..2 LOOP NULL; END LOOP; EXCEPTION WHEN OTHERS THEN NULL; END",
        "CREATE FUNCTION f(a INT) RETURN INT IS BEGIN RETURN a; END",
        "CREATE OR REPLACE PACKAGE q AS FUNCTION f(a INT) RETURN INT; PROCEDURE p; END",
        "CREATE PACKAGE BODY q AS c INT; FUNCTION f(a INT) RETURN INT AS d INT; BEGIN IF a THEN RETURN 1; END IF; RETURN 2; END; \
         PROCEDURE p AS BEGIN NULL; END; BEGIN IF c THEN SET c = 1; END IF; c := 2; END",
        "CREATE PACKAGE BODY q PROCEDURE p() BEGIN SELECT 1; END; END",
    ] {
        one_on(mariadb(), script);
    }
}

#[test]
fn leads_and_lines() {
    let script = "-- one\nBEGIN;\n\n/* x\n*/ create unique /* y */ index i\n ON t (a);\nBEGIN NOT ATOMIC SELECT 1; END; SAVEPOINT `a`";
    let found: Vec<_> = split(script, mariadb()).unwrap().into_iter().map(|s| (s.line, s.lead)).collect();
    let expected = [(2, "BEGIN"), (5, "CREATE UNIQUE INDEX I"), (7, "BEGIN NOT ATOMIC SELECT"), (7, "SAVEPOINT")];
    assert_eq!(found, expected.map(|(line, lead)| (line, lead.to_owned())));
}

#[test]
fn the_client_knows_delimiters() {
    let procedure = "CREATE PROCEDURE p()\nBEGIN\n  SELECT 1;\nEND";
    for (begin, mark) in
        [("DELIMITER //", "//"), ("delimiter $$", "$$"), ("  Delimiter ';;'", ";;"), ("DELIMITER END_ x", "END_")]
    {
        let script =
            format!("SELECT 1;\n{begin}\r\n{procedure}{mark}\nSELECT 2 {mark}\nDELIMITER ;\nSELECT 3; SELECT 4");
        let expected = ["SELECT 1", procedure, "SELECT 2", "SELECT 3", "SELECT 4"];
        assert_eq!(client(&script), expected, "{script}");
    }
    assert_eq!(
        client("SELECT 1\\G SELECT 2\\g\nSELECT \\N; SELECT '\\G;'"),
        ["SELECT 1", "SELECT 2", "SELECT \\N", "SELECT '\\G;'"]
    );
    assert_eq!(client("DELIMITER //\nSELECT '//', `//` /* // */ //\nSELECT 1; //"), ["SELECT '//', `//`", "SELECT 1;"]);
    let as_server = texts("DELIMITER //\nSELECT 1 //\n");
    assert_eq!(as_server, ["DELIMITER //\nSELECT 1 //"], "the server is to say what it thinks of it");
}

#[test]
fn other_commands_of_the_client_are_refused() {
    for (script, text, part) in [
        ("SELECT 1;\nsource secret.sql", "source", "`source` is a command of the mysql client"),
        ("SELECT 1;\n\\. secret.sql", "\\.", "`\\.` is a command"),
        ("SELECT 1;\n\\u secret", "\\u", "`\\u` is a command"),
        ("SELECT 1;\nquit;", "quit;", "`quit` is a command"),
        ("SELECT 1;\nDELIMITER\nSELECT 2", "DELIMITER", "names nothing"),
        ("SELECT 1;\nDELIMITER \\x\nSELECT 2", "DELIMITER", "takes no backslash"),
    ] {
        let error = split_as_client(script, mysql()).unwrap_err();
        assert_eq!((error.line, &script[error.span]), (2, text), "{script:?}");
        assert!(error.message.contains(part) && !error.message.contains("secret"), "{}", error.message);
    }
}

#[test]
fn what_is_not_closed_is_refused_where_it_begins() {
    for (script, text, what) in [
        ("SELECT 1;\n 'a;\nb", "'a;", "quoted string"),
        ("SELECT 1;\n 'a\\';\nb", "'a\\';", "quoted string"),
        ("SELECT 1;\n 'a\\", "'a\\", "quoted string"),
        ("SELECT 1;\n \"a\"\";\r\nb", "\"a\"\";", "quoted string"),
        ("SELECT 1;\n `a;\n", "`a;", "quoted identifier"),
        ("SELECT 1;\n /* ;\n", "/* ;", "comment"),
        ("SELECT 1;\n /*/", "/*/", "comment"),
        ("SELECT 1;\n /*! SELECT 2;\n", "/*! SELECT 2;", "comment"),
    ] {
        let error = split(script, mysql()).unwrap_err();
        assert_eq!((error.line, &script[error.span]), (2, text), "{script:?}");
        assert!(error.message.contains(&format!("unterminated {what} begins here")), "{}", error.message);
    }
    assert!(split("SELECT 1\0", mysql()).unwrap_err().message.contains("NUL"));
}

#[test]
fn a_dump_is_cut_piece_by_piece() {
    let dump = "SELECT 1;\nDELIMITER ;;\nCREATE TRIGGER a BEFORE INSERT ON b FOR EACH ROW BEGIN SELECT ';'; END ;;\nDELIMITER ;\nSELECT 2";
    let mut cutter = Cutter::new(Rules::newest(EngineKind::Mysql));
    let (mut rest, mut found) = (dump, Vec::new());
    loop {
        match cutter.cut(rest).unwrap() {
            Cut::Statement { statement, end } => {
                found.push(&rest[statement.span]);
                rest = &rest[end..];
            }
            Cut::Command { at } => {
                cutter.command(&rest[at..]).unwrap();
                rest = &rest[line_end(rest, at)..];
            }
            Cut::Open { statement, unterminated } => {
                assert_eq!(unterminated, None);
                found.extend(statement.map(|statement| &rest[statement.span]));
                break;
            }
            Cut::Rows { .. } => unreachable!("MySQL has none"),
        }
    }
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[1].starts_with("CREATE TRIGGER") && found[1].ends_with("END"));
}

#[test]
fn modes_of_the_session_decide_about_quotes() {
    let cases: &[(&str, &str, &[&str])] = &[
        ("", r#"SELECT 'a\'; b'; SELECT "c\"; d""#, &[r"SELECT 'a\'; b'", r#"SELECT "c\"; d""#]),
        (
            "STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES",
            r#"SELECT 'a\'; SELECT "c\""#,
            &[r"SELECT 'a\'", r#"SELECT "c\""#],
        ),
        ("ANSI_QUOTES", r#"SELECT 'a\'; b'; SELECT "c\"; d"#, &[r"SELECT 'a\'; b'", r#"SELECT "c\""#, "d"]),
        ("ANSI_QUOTES", r#"SELECT "a""; b"; c"#, &[r#"SELECT "a""; b""#, "c"]),
    ];
    for (mode, script, expected) in cases {
        assert_eq!(texts_of(split(script, mysql().with_mode(mode)).unwrap(), script), *expected, "{mode}");
    }
    // The client is not told of names in double quotes.
    let script = r#"SELECT "c\"; d""#;
    assert_eq!(texts_of(split_as_client(script, mysql().with_mode("ANSI_QUOTES")).unwrap(), script), [script]);
}

#[test]
fn what_is_not_closed_behind_a_change_of_the_mode_is_left_to_who_runs_it() {
    let script = r"SET sql_mode = 'NO_BACKSLASH_ESCAPES'; SELECT 'a\'; SELECT 1";
    assert_eq!(texts(script), ["SET sql_mode = 'NO_BACKSLASH_ESCAPES'", r"SELECT 'a\'; SELECT 1"]);
    assert!(split(r"SELECT 1; SELECT 'a\'; SELECT sql_mode", mysql()).is_err());
}
