//! What holds for the splitters on any text.

use proptest::prelude::*;
use proptest::sample::select;
use rollproof::engine::mysql::split::Rules;
use rollproof::engine::{SplitError, Statement, mysql, postgres, sqlite};
use rollproof::history::EngineKind;

type Split = fn(&str) -> Result<Vec<Statement>, SplitError>;

/// Fragments that quotes, comments and bodies are made of, so that random text hits the rules of both engines.
const FRAGMENTS: [&str; 52] = [
    "'",
    "\"",
    "`",
    "[",
    "]",
    "$$",
    "$a$",
    "$",
    "--",
    "/*",
    "*/",
    ";",
    ";",
    "(",
    ")",
    "\\",
    "\\.",
    "\n\\.\n",
    "\n",
    "\r\n",
    "\r",
    " ",
    "\t",
    "\x0b",
    "\x0c",
    "\u{feff}",
    "\u{a0}",
    "é",
    "🦀",
    "e",
    "E'",
    "U&'",
    "x'",
    "B'",
    "1",
    ".",
    ",",
    "a",
    "CREATE ",
    "FUNCTION ",
    "OR REPLACE ",
    "TEMP ",
    "TRIGGER ",
    "BEGIN ",
    "ATOMIC ",
    "CASE ",
    "END",
    "EXPLAIN ",
    "AS ",
    "COPY t FROM stdin",
    ";\n",
    "CREATE FUNCTION f BEGIN ATOMIC ",
];

/// Texts that hold together on both engines, and may hide the end of a statement.
const PIECES: [&str; 17] = [
    "'it''s;'",
    "\"a;\"\"b\"",
    "/* ; ' */",
    "-- ; '\n",
    "(a, ';')",
    "a",
    "é$$",
    "1.5e-3",
    "x'3b'",
    "<>",
    ",",
    "\r\n",
    "''",
    "BEGIN",
    "END",
    "CASE",
    ".b",
];

fn any_script() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::collection::vec(select(FRAGMENTS.as_slice()), 0..40).prop_map(|fragments| fragments.concat()),
        1 => any::<String>(),
    ]
}

fn valid_statement(pieces: Vec<&'static str>) -> impl Strategy<Value = String> {
    let inside = prop::collection::vec(select(pieces), 0..8);
    (select(vec!["SELECT", "create table", "END", "(", "\"q\""]), inside).prop_map(|(first, inside)| {
        let close = if first == "(" { ")" } else { "last" };
        format!("{first} {} {close}", inside.join(" "))
    })
}

fn joined(pieces: Vec<&'static str>) -> impl Strategy<Value = (Vec<String>, String)> {
    let between = select(vec![";", " ;\n", ";;", "; -- c;'\n", "\r\n;/* ; */\r\n", ";\n\n;"]);
    prop::collection::vec((valid_statement(pieces), between), 0..8).prop_map(|pairs| {
        let script = pairs.iter().map(|(statement, between)| format!("{statement}{between}")).collect();
        (pairs.into_iter().map(|(statement, _)| statement).collect(), script)
    })
}

fn postgres_pieces() -> Vec<&'static str> {
    let own = [r"E'\';'", "E'a'\n'\\';'", "$$;'$$", "$a$;$$$a$", "/* /* ; */ */", r"U&'\0041;'", "$1", r"N'\'"];
    PIECES.into_iter().chain(own).collect()
}

fn sqlite_pieces() -> Vec<&'static str> {
    PIECES.into_iter().chain(["[a;']", "`;``'`", "/* /* ; */", r"'\'", ":a"]).collect()
}

/// Fragments that the rules of MySQL and MariaDB are about.
const MYSQL_FRAGMENTS: [&str; 44] = [
    "'",
    "\"",
    "`",
    "\\",
    "\\'",
    "--",
    "-- ",
    "--\t",
    "#",
    "/*",
    "/*!",
    "/*!50003 ",
    "/*M!100100 ",
    "/*!99999999 ",
    "*/",
    ";",
    ";",
    "\n",
    "\r\n",
    " ",
    "\x0b",
    "\u{feff}",
    "é",
    "$$",
    "$a$",
    "(",
    ")",
    ":",
    ".",
    "@",
    "=",
    "a",
    "1",
    "CREATE PROCEDURE p() ",
    "CREATE TRIGGER t FOR EACH ROW ",
    "CREATE EVENT e DO ",
    "BEGIN ",
    "BEGIN NOT ATOMIC ",
    "END ",
    "IF ",
    "CASE ",
    "THEN ",
    "LOOP ",
    "DECLARE EXIT HANDLER FOR ",
];

fn any_mysql_script() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::collection::vec(select(MYSQL_FRAGMENTS.as_slice()), 0..40).prop_map(|fragments| fragments.concat()),
        1 => any_script(),
    ]
}

fn of_mysql(text: &str) -> Result<Vec<Statement>, SplitError> {
    mysql::split::split(text, Rules::newest(EngineKind::Mysql))
}

fn of_mariadb(text: &str) -> Result<Vec<Statement>, SplitError> {
    mysql::split::split(text, Rules::newest(EngineKind::Mariadb))
}

fn mysql_pieces() -> Vec<&'static str> {
    let own = [r"'\';'", r#""\";""#, "`;``'`", "# ; '\n", "-- ; '\n", "--x", "/*!50003 , ';' */", "@a", ":="];
    PIECES.into_iter().filter(|piece| !piece.starts_with("-- ")).chain(own).collect()
}

/// What is left of a text between statements of MySQL or MariaDB.
fn without_mysql_blank(mut gap: &str, mariadb: bool) -> &str {
    loop {
        gap = gap.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c', ';']);
        let bytes = gap.as_bytes();
        let dashes =
            bytes.starts_with(b"--") && bytes.get(2).is_none_or(|byte| *byte == b' ' || byte.is_ascii_control());
        gap = if dashes || bytes.starts_with(b"#") {
            gap.find('\n').map_or("", |end| &gap[end..])
        } else if bytes.starts_with(b"/*!99999999") {
            behind_foreign_comment(gap)
        } else if let Some(rest) = gap.strip_prefix("/*!") {
            rest.strip_prefix("50003").unwrap_or(rest)
        } else if mariadb && bytes.starts_with(b"/*M!") {
            gap[4..].strip_prefix("100100").unwrap_or(&gap[4..])
        } else if bytes.starts_with(b"/*M!") {
            behind_foreign_comment(gap)
        } else if bytes.starts_with(b"/*") {
            gap[2..].find("*/").map_or("", |end| &gap[end + 4..])
        } else if let Some(rest) = gap.strip_prefix("*/") {
            rest
        } else {
            return gap;
        };
    }
}

/// A comment for another server, in which further comments may stand.
fn behind_foreign_comment(gap: &str) -> &str {
    let mut rest = &gap[2..];
    loop {
        let (Some(end), inner) = (rest.find("*/"), rest.find("/*")) else { return "" };
        match inner.filter(|inner| *inner < end) {
            Some(inner) => match rest[inner + 2..].find("*/") {
                Some(end) => rest = &rest[inner + 4 + end..],
                None => return "",
            },
            None => return &rest[end + 2..],
        }
    }
}

fn check_mysql(script: &str, split: Split, mariadb: bool) -> Result<(), TestCaseError> {
    let statements = match split(script) {
        Ok(statements) => statements,
        Err(error) => return check_error(script, &error),
    };
    let mut at = if script.starts_with('\u{feff}') { 3 } else { 0 };
    for statement in &statements {
        prop_assert_eq!(without_mysql_blank(&script[at..statement.span.start], mariadb), "");
        prop_assert!(!script[statement.span.clone()].is_empty());
        prop_assert_eq!(statement.line, script[..statement.span.start].matches('\n').count() + 1);
        at = statement.span.end;
    }
    prop_assert_eq!(without_mysql_blank(&script[at..], mariadb), "");
    // Two dashes at the end of a text begin a comment, and only there.
    let ends_plainly = |statement: &Statement| !script[statement.span.clone()].contains("--");
    check_again(script, &statements.into_iter().filter(ends_plainly).collect::<Vec<_>>(), split)
}

/// What is left of a text between statements without white space, semicolons and comments.
fn without_blank(mut gap: &str, nested_comments: bool) -> &str {
    loop {
        gap = gap.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c', ';']);
        gap = match gap.get(..2) {
            Some("--") if nested_comments => gap.find(['\n', '\r']).map_or("", |end| &gap[end..]),
            Some("--") => gap.find('\n').map_or("", |end| &gap[end..]),
            Some("/*") if nested_comments => behind_nested_comment(gap),
            Some("/*") => gap[2..].find("*/").map_or("", |end| &gap[end + 4..]),
            _ => return gap,
        };
    }
}

fn behind_nested_comment(gap: &str) -> &str {
    let mut depth = 1;
    let mut rest = &gap[2..];
    while depth > 0 {
        let Some(mark) = [rest.find("/*"), rest.find("*/")].into_iter().flatten().min() else { return gap };
        depth += if rest[mark..].starts_with("/*") { 1 } else { -1 };
        rest = &rest[mark + 2..];
    }
    rest
}

/// Statements and rows lie in order, on lines that are counted right, and nothing of weight lies between them.
fn check_gaps(script: &str, statements: &[Statement], is_postgres: bool) -> Result<(), TestCaseError> {
    let blank = |gap: &str| {
        let gap = if is_postgres { gap.to_owned() } else { gap.replace('\u{feff}', " ") };
        without_blank(&gap, is_postgres).to_owned()
    };
    let mut at = if script.starts_with('\u{feff}') { 3 } else { 0 };
    for statement in statements {
        prop_assert_eq!(blank(&script[at..statement.span.start]), "");
        prop_assert!(!script[statement.span.clone()].is_empty());
        prop_assert_eq!(statement.line, script[..statement.span.start].matches('\n').count() + 1);
        at = statement.span.end;
        if let Some(copy) = &statement.copy {
            prop_assert_eq!(blank(&script[at..copy.span.start]), "");
            let end = &script[copy.span.end..];
            let mark = ["\\.\r\n", "\\.\n"].into_iter().find(|mark| end.starts_with(mark)).unwrap_or("\\.");
            prop_assert!(end.starts_with(mark));
            at = copy.span.end + mark.len();
        }
    }
    prop_assert_eq!(blank(&script[at..]), "");
    Ok(())
}

/// A statement's own text is that statement again. Rows are not part of the text, and a byte order mark is a letter
/// inside a script but not at its start.
fn check_again(script: &str, statements: &[Statement], split: Split) -> Result<(), TestCaseError> {
    for statement in statements {
        let text = &script[statement.span.clone()];
        if statement.copy.is_some() || text.starts_with('\u{feff}') {
            continue;
        }
        let again = split(text).map_err(|error| TestCaseError::fail(error.message))?;
        let expected = Statement { span: 0..text.len(), line: 1, ..statement.clone() };
        prop_assert_eq!(again, [expected]);
    }
    Ok(())
}

fn check_error(script: &str, error: &SplitError) -> Result<(), TestCaseError> {
    prop_assert!(script.get(error.span.clone()).is_some());
    prop_assert_eq!(error.line, script[..error.span.start].matches('\n').count() + 1);
    Ok(())
}

fn check_all(script: &str, split: Split, is_postgres: bool) -> Result<(), TestCaseError> {
    match split(script) {
        Ok(statements) => {
            check_gaps(script, &statements, is_postgres)?;
            check_again(script, &statements, split)
        }
        Err(error) => check_error(script, &error),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn postgres_loses_nothing(script in any_script()) {
        check_all(&script, postgres::split::split, true)?;
    }

    #[test]
    fn sqlite_loses_nothing(script in any_script()) {
        check_all(&script, sqlite::split::split, false)?;
    }

    #[test]
    fn postgres_finds_what_was_joined((statements, script) in joined(postgres_pieces())) {
        let found = postgres::split::split(&script).map_err(|error| TestCaseError::fail(error.message))?;
        let found: Vec<&str> = found.into_iter().map(|statement| &script[statement.span]).collect();
        prop_assert_eq!(found, statements);
    }

    #[test]
    fn sqlite_finds_what_was_joined((statements, script) in joined(sqlite_pieces())) {
        let found = sqlite::split::split(&script).map_err(|error| TestCaseError::fail(error.message))?;
        let found: Vec<&str> = found.into_iter().map(|statement| &script[statement.span]).collect();
        prop_assert_eq!(found, statements);
    }

    #[test]
    fn mysql_loses_nothing(script in any_mysql_script()) {
        check_mysql(&script, of_mysql, false)?;
    }

    #[test]
    fn mariadb_loses_nothing(script in any_mysql_script()) {
        check_mysql(&script, of_mariadb, true)?;
    }

    #[test]
    fn the_client_of_mysql_takes_any_text(script in any_mysql_script()) {
        let script = script.replace('$', "DELIMITER //\n");
        if let Err(error) = mysql::split::split_as_client(&script, Rules::newest(EngineKind::Mysql)) {
            check_error(&script, &error)?;
        }
    }

    #[test]
    fn mysql_and_mariadb_find_what_was_joined((statements, script) in joined(mysql_pieces())) {
        for split in [of_mysql, of_mariadb] {
            let found = split(&script).map_err(|error| TestCaseError::fail(error.message))?;
            let found: Vec<&str> = found.into_iter().map(|statement| &script[statement.span]).collect();
            prop_assert_eq!(found, statements.clone());
        }
    }

    #[test]
    fn normalising_twice_changes_nothing(text in any_script()) {
        let once = sqlite::definition::normalise_tokens(&text);
        prop_assert_eq!(sqlite::definition::normalise_tokens(&once), once.clone());
    }

    #[test]
    fn any_text_is_a_definition_or_none(text in any_script()) {
        let table = sqlite::definition::table_text(&format!("CREATE TABLE t ({text})"));
        prop_assert_eq!(sqlite::definition::table_text(&format!("create /**/ table \"u v\" ({text})")), table);
        let _column = sqlite::definition::table_text(&format!("CREATE TABLE t (a {text})"));
        let _index = sqlite::definition::index_text(&format!("CREATE INDEX i ON t ({text}) WHERE {text}"), ["a"]);
        let _trigger = sqlite::definition::trigger_text(&format!("CREATE TRIGGER t {text} BEGIN {text} END"), None);
        let _view = sqlite::definition::view_text(&format!("CREATE VIEW v {text} AS {text}"), None);
        let _virtual = sqlite::definition::table_text(&format!("CREATE VIRTUAL TABLE v USING m({text})"));
    }
}
