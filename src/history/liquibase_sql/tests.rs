use crate::history::Cutting;
use crate::history::sandbox::{Sandbox, outline};

use super::*;

const HEADER: &str = "--liquibase formatted sql\n";

fn folder(files: &[(&str, &str)]) -> Sandbox {
    let folder = Sandbox::empty();
    for (file, text) in files {
        folder.write(&format!("migrations/{file}"), format!("{HEADER}{text}"));
    }
    folder
}

fn read(files: &[(&str, &str)], engine: EngineKind) -> History {
    LiquibaseSql.read(&folder(files).listing(), engine).unwrap()
}

fn sent(script: &Script) -> Vec<&str> {
    match &script.cutting {
        Cutting::Pieces(pieces) | Cutting::Singles { pieces, .. } => {
            pieces.iter().map(|piece| &script.text[piece.clone()]).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn changesets_run_in_the_order_of_files_and_lines() {
    let folder = folder(&[
        ("b.sql", "--changeset me:1\nA;\n--rollback B;\n"),
        ("a.sql", "--changeset me:9\nA;\n--changeset me:2\nB;\n--rollback empty\n"),
        ("sub/c.sql", "--changeset me:3\nA;\n"),
        ("two words.sql.sql", "--changeset me:4\nA;\n"),
    ]);
    folder.write("migrations/plain.sql", "SELECT 1;\n");
    folder.write("migrations/db.changelog-master.yaml", "databaseChangeLog: []\n");
    folder.write("migrations/old.xml", "<x/>\n");
    let history = LiquibaseSql.read(&folder.listing(), EngineKind::Sqlite).unwrap();
    let lines = outline(&history);
    assert_eq!(
        lines[..5],
        [
            "me:9 = a.sql::9::me up",
            "me:2 = a.sql::2::me up down",
            "me:1 = b.sql::1::me up down",
            "me:3 = sub/c.sql::3::me up",
            "me:4 = two words.sql.sql::4::me up",
        ]
    );
    assert!(lines[5].starts_with("db.changelog-master.yaml: only changelogs in formatted SQL are read"), "{lines:?}");
    assert!(lines[6].starts_with("old.xml: only changelogs in formatted SQL are read"), "{lines:?}");
    assert_eq!(lines[7], "plain.sql: its first line is not `--liquibase formatted sql`");
    assert_eq!(lines.len(), 8);
}

#[test]
fn one_name_in_two_files_is_two_changesets_and_twice_in_one_is_a_fault() {
    let history = read(&[("a.sql", "--changeset me:1\nA;\n"), ("b.sql", "--changeset me:1\nA;\n")], EngineKind::Sqlite);
    let ids: Vec<_> = history.migrations.iter().map(|migration| migration.id.as_str()).collect();
    assert_eq!(ids, ["a.sql::me:1", "b.sql::me:1"]);
    let twice = read(&[("a.sql", "--changeset me:1\nA;\n--changeset me:1\nB;\n")], EngineKind::Sqlite);
    assert_eq!(twice.migrations[0].version, twice.migrations[1].version);
}

#[test]
fn rollbacks_are_lines_blocks_nothing_or_other_changesets() {
    let text = "--changeset me:1 splitStatements:false\nCREATE a; CREATE b;\n--rollback DROP b;\n--rollback DROP a;\n\
                --changeset me:2\nDROP a;\n--rollback changeSetId:1 changeSetAuthor:me\n\
                --changeset me:3 runInTransaction:false\nX;\n/* liquibase rollback\n Y;\n Z;\n*/\n\
                --changeset me:4\nX;\n--rollback not required\n--changeset me:5\nX;\n";
    let history = read(&[("a.sql", text)], EngineKind::Postgres);
    let down = |index: usize| history.migrations[index].down.as_ref();
    assert_eq!(sent(&history.migrations[0].up), ["CREATE a; CREATE b;"]);
    assert_eq!((sent(down(0).unwrap()), down(0).unwrap().first_line), (vec!["DROP b", "DROP a"], 4));
    assert_eq!((sent(down(1).unwrap()), down(1).unwrap().first_line), (vec!["CREATE a; CREATE b;"], 2));
    assert_eq!((sent(down(2).unwrap()), down(2).unwrap().first_line), (vec!["Y", "Z"], 12));
    assert_eq!(down(2).unwrap().transaction, TransactionMode::Autocommit);
    assert_eq!((sent(down(3).unwrap()), down(4).is_none()), (vec![], true));
}

#[test]
fn what_is_for_another_product_is_not_run() {
    let text = "--changeset me:1 dbms:mysql\nA;\n--changeset me:2 dbms:!h2\nA;\n--changeset me:3 ignore:true\nA;\n";
    let skips = |engine| -> Vec<Option<String>> {
        read(&[("a.sql", text)], engine).migrations.into_iter().map(|migration| migration.skip).collect()
    };
    let ignored = Some("it says ignore:true".to_owned());
    assert_eq!(skips(EngineKind::Mysql), [None, None, ignored.clone()]);
    assert_eq!(skips(EngineKind::Mariadb), [Some("it is for dbms:mysql".to_owned()), None, ignored]);
}

#[test]
fn what_is_not_asked_or_lost_is_told() {
    let text =
        "SELECT 0;\n--changeset me:1\n--preconditions onFail:MARK_RAN\n--precondition-table-exists table:a\nA;\n";
    let lines = outline(&read(&[("a.sql", text)], EngineKind::Sqlite));
    assert_eq!(
        lines[1..3],
        [
            "a.sql: what stands from line 2 on is in no changeset, so that liquibase passes it over",
            "a.sql: the preconditions of me:1 at line 4 are not asked, and it runs as if they held",
        ]
    );
}

#[test]
fn what_the_tool_refuses_is_an_error_with_its_line() {
    for (text, expected) in [
        ("--changeset me\nA;\n", "migrations/a.sql:2: liquibase stops here: a changeset begins with"),
        (
            "--changeset me:1\nA;\n--rollback changeSetId:7 changeSetAuthor:me\n",
            "migrations/a.sql:4: liquibase stops here: no earlier",
        ),
    ] {
        let error =
            LiquibaseSql.read(&folder(&[("a.sql", text)]).listing(), EngineKind::Sqlite).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn what_mysql_runs_in_comments_is_stripped() {
    let text = "--changeset me:1\nA /*!40101 X\n */;\nB;\n";
    let mysql = read(&[("a.sql", text)], EngineKind::Mysql);
    assert_eq!(&*mysql.migrations[0].up.text, "\nA \n ;\nB;\n");
    assert!(read(&[("a.sql", text)], EngineKind::Sqlite).migrations[0].up.text.contains("/*!"));
}

#[test]
fn the_first_line_marks_it() {
    assert!(LiquibaseSql.recognise(&folder(&[("a.sql", "")]).listing(), &Nearby::default()).is_some());
    assert!(LiquibaseSql.recognise(&Sandbox::with(&["a.sql"]).listing(), &Nearby::default()).is_none());
}
