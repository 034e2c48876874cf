//! Folders of Flyway, read as it would read them.

use std::path::Path;

use crate::history::sandbox::{Sandbox, outline};
use crate::history::{Cutting, EngineKind, Format as _, History, HistoryError, Script, TransactionMode};

use super::Flyway;

fn read(folder: &Sandbox, engine: EngineKind) -> Result<History, HistoryError> {
    Flyway.read(&folder.listing(), engine)
}

#[test]
fn versions_order_then_repeatable_ones() {
    let cases: &[(&[&str], &[&str])] = &[
        (
            &["V10__c.sql", "V2__b.sql", "V1.10__a2.sql", "V1_9__a1.sql", "sub/deep/V1__a.sql", ".git/V0__x.sql"],
            &["V1__a = 1 up", "V1_9__a1 = 1.9 up", "V1.10__a2 = 1.10 up", "V2__b = 2 up", "V10__c = 10 up", "one way"],
        ),
        (
            &["R__views.sql", "R__a_first.sql", "V1__a.sql", "U1__a.sql", "U2__b.sql"],
            &[
                "V1__a = 1 up down",
                "R__a_first = R a first up",
                "R__views = R views up",
                "U2__b.sql: there is no migration of its version 2 that it could undo",
            ],
        ),
        (
            &["V1__a.sql", "V2__b.sql", "U2__b.sql", "V3__c.sql", "B1__x.sql", "B2__y.sql", "R__v.sql"],
            &["V1__a = 1 up", "B1__x = B 1 up", "V2__b = 2 up down", "B2__y = B 2 up", "V3__c = 3 up", "R__v = R v up"],
        ),
        // One version written in two ways is one version; a rule judges that.
        (&["V1__a.sql", "V1.0__b.sql"], &["V1.0__b = 1 up", "V1__a = 1 up", "one way"]),
        (
            &[
                "V1__a.sql",
                "V1__a.sql.conf",
                "views.sql",
                "beforeMigrate.sql",
                "afterClean.sql",
                "README.md",
                "Vx__b.sql",
            ],
            &[
                "V1__a = 1 up",
                "Vx__b.sql: `x` in its name is no version",
                "views.sql: its name is not of the form V<version>__<description>",
                "one way",
            ],
        ),
    ];
    for (files, expected) in cases {
        let mut expected = expected.to_vec();
        let mut actual = outline(&read(&Sandbox::with(files), EngineKind::Postgres).unwrap());
        // What is not read is ordered by path, which is not the order to read it in here.
        let migrations = actual.iter().filter(|line| line.contains(" = ")).count();
        actual[migrations..].sort();
        expected[migrations..].sort();
        assert_eq!(actual, expected, "{files:?}");
    }
}

#[test]
fn callbacks_run_around_a_migration() {
    let folder = Sandbox::with(&[
        "V1__a.sql",
        "U1__a.sql",
        "R__v.sql",
        "beforeMigrate__b.sql",
        "beforeMigrate__a.sql",
        "beforeEachMigrate.sql",
        "beforeRepeatables.sql",
        "afterEachMigrate.sql",
        "afterVersioned.sql",
        "afterMigrate.sql",
        "afterUndo.sql",
        "createSchema.sql",
    ]);
    let history = read(&folder, EngineKind::Postgres).unwrap();
    let parts = |script: &Script| -> Vec<String> {
        let name = |part: &Script| part.path.file_stem().unwrap().to_string_lossy().into_owned();
        script.parts().map(|part| if part.joined { format!("+{}", name(part)) } else { name(part) }).collect()
    };
    let before = ["beforeMigrate__a", "beforeMigrate__b"];
    let expected = ["beforeEachMigrate", "+V1__a", "+afterEachMigrate", "afterVersioned", "afterMigrate"];
    let up = &history.migrations[0].up;
    assert_eq!(parts(up), [&before[..], &expected].concat());
    assert_eq!(up.part(up.own_part()).path, up.path);
    let alone: Vec<_> = up.callbacks_alone().map(|part| part.path.file_stem().unwrap().to_owned()).collect();
    assert_eq!(alone, ["beforeMigrate__a", "beforeMigrate__b", "afterVersioned", "afterMigrate"]);
    let repeatable = ["beforeRepeatables", "beforeEachMigrate", "+R__v", "+afterEachMigrate", "afterMigrate"];
    assert_eq!(parts(&history.migrations[1].up), [&before[..], &repeatable].concat());
    assert_eq!(parts(history.migrations[0].down.as_ref().unwrap()), ["U1__a", "afterUndo"]);
    assert!(history.unmatched[0].reason.contains("which flyway runs at createSchema"), "{:?}", history.unmatched);
}

#[test]
fn a_new_database_begins_with_the_newest_baseline() {
    let files = &["V1__a.sql", "B1__x.sql", "V2__b.sql", "B2__y.sql", "V2.1__c.sql"];
    let history = read(&Sandbox::with(files), EngineKind::Postgres).unwrap();
    let reason = Some("a new database begins with the baseline B2__y.sql");
    let skips: Vec<_> = history.migrations.iter().map(|one| (one.id.as_str(), one.skip.as_deref())).collect();
    assert_eq!(skips, [("V1__a", reason), ("B1__x", reason), ("V2__b", reason), ("B2__y", None), ("V2.1__c", None)]);
}

#[test]
fn a_step_in_java_keeps_its_place() {
    let history =
        read(&Sandbox::with(&["V1__a.sql", "V2__B.java", "V3__c.sql", "Helper.java"]), EngineKind::Sqlite).unwrap();
    let languages: Vec<_> = history.migrations.iter().map(|one| (one.id.as_str(), one.language)).collect();
    assert_eq!(languages, [("V1__a", None), ("V2__B", Some("Java")), ("V3__c", None)]);
}

#[test]
fn the_statements_decide_about_the_transaction() {
    let folder = Sandbox::empty();
    let modes = |text: &str, engine| {
        folder.write("migrations/V1__a.sql", text);
        let up = read(&folder, engine).unwrap().migrations.remove(0).up;
        match up.cutting {
            Cutting::Refused { span, message } => Err(format!("{}: {message}", &up.text[span])),
            _ => Ok(up.transaction),
        }
    };
    let concurrently = "CREATE INDEX CONCURRENTLY i ON a (b);";
    assert_eq!(modes("SELECT 1;", EngineKind::Postgres), Ok(TransactionMode::WrappedAnew));
    assert_eq!(modes(concurrently, EngineKind::Postgres), Ok(TransactionMode::Autocommit));
    assert_eq!(modes("PRAGMA foreign_keys = OFF;", EngineKind::Sqlite), Ok(TransactionMode::Autocommit));
    let both = format!("SELECT 1;\n{concurrently}");
    let error = modes(&both, EngineKind::Postgres).unwrap_err();
    assert!(
        error.starts_with(&format!("{concurrently}: flyway stops at this file: this statement runs outside")),
        "{error}"
    );
    let error = modes("SELECT 1;\nSELECT (2;\n;", EngineKind::Postgres).unwrap_err();
    assert!(error.starts_with("SELECT (2;: flyway stops at this file: to its own reader"), "{error}");
    folder.write("flyway.toml", "[flyway]\nmixed = true\n");
    assert_eq!(modes(&both, EngineKind::Postgres), Ok(TransactionMode::Autocommit));
    folder.write("migrations/V1__a.sql.conf", "executeInTransaction=true\n");
    assert_eq!(modes(&both, EngineKind::Postgres), Ok(TransactionMode::WrappedAnew));
    folder.write("flyway.toml", "[flyway]\nexecuteInTransaction = false\n");
    folder.write("migrations/V1__a.sql.conf", "");
    assert_eq!(modes("SELECT 1;", EngineKind::Mariadb), Ok(TransactionMode::Autocommit));
}

#[test]
fn mysql_gets_what_the_reader_cuts() {
    let folder = Sandbox::empty();
    folder.write("migrations/V1__a.sql", "SELECT 1;\nDELIMITER //\nCREATE PROCEDURE p() BEGIN END//\n");
    let up = read(&folder, EngineKind::Mysql).unwrap().migrations.remove(0).up;
    assert_eq!(up.cutting, Cutting::Pieces(vec![0..8, 23..53]));
}

#[test]
fn placeholders_and_configuration_of_a_script() {
    let folder = Sandbox::with(&["V2__b.sql", "V3__c.sql"]);
    folder.write("migrations/V1__a.sql", "SELECT '${x}'");
    folder.write("flyway.conf", "flyway.placeholders.x=1\n");
    folder.write("migrations/V2__b.sql.conf", "shouldExecute=${x}==2\n");
    folder.write("migrations/V3__c.sql", "SELECT '${unknown}'");
    folder.write("migrations/V3__c.sql.conf", "placeholderReplacement=false\n");
    let history = read(&folder, EngineKind::Postgres).unwrap();
    let skips: Vec<_> = history.migrations.iter().map(|one| one.skip.as_deref()).collect();
    assert_eq!(skips, [None, Some("its .conf says shouldExecute=1==2"), None]);
    assert_eq!(&*history.migrations[0].up.text, "SELECT '1'");
    assert_eq!(&*history.migrations[2].up.text, "SELECT '${unknown}'");
}

#[test]
fn several_locations_are_one_history() {
    let folder = Sandbox::with(&["V1__a.sql"]);
    folder.write("other/V2__b.sql", "SELECT 2;");
    folder.write("third/V3__c.sql", "SELECT 3;");
    let mut listing = folder.listing();
    listing.options.locations = vec![folder.path().join("other")];
    let ids = |history: History| history.migrations.into_iter().map(|one| one.id).collect::<Vec<_>>();
    assert_eq!(ids(Flyway.read(&listing, EngineKind::Postgres).unwrap()), ["V1__a", "V2__b"]);
    folder.write("flyway.conf", "flyway.locations=filesystem:migrations,filesystem:third,filesystem:gone\n");
    assert_eq!(ids(Flyway.read(&listing, EngineKind::Postgres).unwrap()), ["V1__a", "V2__b", "V3__c"]);
    // Where this folder is none of the configured ones, it is another history.
    folder.write("flyway.conf", "flyway.locations=filesystem:third\n");
    listing.options.locations = Vec::new();
    assert_eq!(ids(Flyway.read(&listing, EngineKind::Postgres).unwrap()), ["V1__a"]);
    listing.options.locations = vec![folder.path().join("gone")];
    assert!(Flyway.read(&listing, EngineKind::Postgres).unwrap_err().to_string().starts_with("there is no folder"));
}

#[test]
fn names_are_as_the_project_configures_them() {
    let folder = Sandbox::with(&["M1-a.pkg", "V1__b.sql", "Rep-v.sql"]);
    let settings = "[flyway]\nsqlMigrationPrefix = \"M\"\nsqlMigrationSeparator = \"-\"\nrepeatableSqlMigrationPrefix = \"Rep\"\n\
                    sqlMigrationSuffixes = [\".sql\", \".pkg\"]\n";
    folder.write("flyway.toml", settings);
    let expected = [
        "M1-a = 1 up",
        "Rep-v = Rep v up",
        "V1__b.sql: its name is not of the form M<version>-<description>",
        "one way",
    ];
    assert_eq!(outline(&read(&folder, EngineKind::Postgres).unwrap()), expected);
    folder.write("flyway.toml", format!("{settings}validateMigrationNaming = true\n"));
    let error = read(&folder, EngineKind::Postgres).unwrap_err().to_string();
    assert!(error.contains("(validateMigrationNaming), and flyway stops there"), "{error}");
}

#[test]
fn the_schema_and_the_table_are_those_of_the_project() {
    let folder = Sandbox::with(&["V1__a.sql"]);
    folder.write("flyway.toml", "[flyway]\ndefaultSchema = \"shop\"\ntable = \"changes\"\ninitSql = \"SET x.y = 1\"\n");
    let conduct = Flyway.conduct_in(&folder.migrations(), EngineKind::Postgres);
    assert_eq!(conduct.bookkeeping, ["shop.changes"]);
    assert_eq!(conduct.session[3..], ["SET search_path = \"shop\", \"$user\", public", "SET x.y = 1"]);
    assert_eq!(conduct.bookkeeping_setup[0], "CREATE SCHEMA IF NOT EXISTS \"shop\"");
    assert!(conduct.bookkeeping_setup[1].starts_with("CREATE TABLE \"shop\".\"changes\" ("));
    let conduct = Flyway.conduct_in(Path::new("nowhere"), EngineKind::Sqlite);
    assert_eq!(conduct.bookkeeping, ["flyway_schema_history"]);
}
