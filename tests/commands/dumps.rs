//! SQL dumps as one side of `rollproof schema` and `rollproof diff`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Failed;
use rollproof::history::EngineKind;
use rollproof::provision::installations;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::run::{self, Ran};
use super::server::{Foreign, PASSWORD, block_on};
use super::{Test, databases, rollproof, run_in, write};

pub(crate) const ON_POSTGRES: &[Test] = &[
    ("dumps_of_pg_dump_make_the_same_schema", of_pg_dump),
    ("dumps_of_the_richest_schema_make_the_same", of_the_richest_schema),
    ("dumps_of_pg_dumpall_hold_several_databases", of_pg_dumpall),
    ("dumps_load_into_other_servers", into_other_servers),
    ("dumps_that_fail_are_told_with_their_line", failures),
    ("dumps_of_newer_programs_load", of_newer_programs),
    ("dumps_on_a_server_that_is_not_ours", on_their_server),
];

pub(crate) const TESTS: &[Test] =
    &[("dumps_of_sqlite_make_the_same_schema", of_sqlite), ("dumps_in_other_formats_are_refused", other_formats)];

/// The newest `pg_dump` or `pg_dumpall` of this machine.
fn program(name: &str) -> PathBuf {
    let newest = installations(EngineKind::Postgres, &[])
        .unwrap()
        .into_iter()
        .max_by_key(|found| found.product.release)
        .unwrap();
    newest.bin.join(name)
}

/// Lets a program of PostgreSQL write a file.
fn dumped(folder: &Path, file: &str, name: &str, args: &[&str]) {
    let mut command = Command::new(program(name));
    let output =
        command.args(args).env("PGPASSWORD", PASSWORD.0).arg("--file").arg(folder.join(file)).output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A server whose database `app` is that of `rich.sql`, and the URL of its superuser to it.
async fn rich() -> Foreign {
    let foreign = Foreign::start(&[("autovacuum", "off")], "SUPERUSER").await;
    run_in(&foreign, "app", include_str!("rich.sql")).await;
    foreign
}

fn local(folder: &Path, args: &[&str]) -> Ran {
    rollproof(folder, &[args, &["--provision", "local", "--progress", "none"]].concat())
}

fn same(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.ends_with("the same\n"), "{}", ran.stdout);
}

fn of_pg_dump() -> Result<(), Failed> {
    let project = run::project();
    let folder = project.path();
    block_on(async {
        let foreign = rich().await;
        let url = format!("--dbname={}", foreign.url);
        for (file, args) in [
            ("plain.sql", &[][..]),
            ("schema.sql", &["--schema-only"]),
            ("create.sql", &["--create", "--clean", "--if-exists"]),
            ("inserts.sql", &["--inserts"]),
        ] {
            dumped(folder, file, "pg_dump", &[&[url.as_str()], args].concat());
            let ran = local(folder, &["diff", &foreign.url, file]);
            same(&ran);
            let with_properties = file == "create.sql";
            assert_eq!(
                ran.stdout.contains("does not tell what the database itself"),
                !with_properties,
                "{}",
                ran.stdout
            );
            assert!(ran.stdout.contains("were made for it: "), "{}", ran.stdout);
        }
        same(&local(folder, &["diff", "plain.sql", "create.sql"]));

        // What the database itself is like counts where both sides tell.
        foreign.run("ALTER DATABASE app SET work_mem = '8MB'").await;
        run_in(&foreign, "app", "COMMENT ON TABLE shop.country IS 'changed'; ALTER TABLE shop.parent ADD COLUMN d int")
            .await;
        let ran = local(folder, &["diff", "create.sql", &foreign.url, "--format", "json"]);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        let report = ran.report().unwrap();
        let mut objects: Vec<&str> =
            report["changes"].as_array().unwrap().iter().filter_map(|change| change["object"].as_str()).collect();
        objects.dedup();
        assert!(objects.contains(&"database current") && objects.contains(&"table shop.country"), "{objects:?}");
        let ran = local(folder, &["diff", "plain.sql", &foreign.url]);
        assert!(!ran.stdout.contains("database current"), "{}", ran.stdout);
    });
    Ok(())
}

/// The schema on which changes are played, with nearly every kind of object that there is.
fn of_the_richest_schema() -> Result<(), Failed> {
    let project = run::project();
    let folder = project.path();
    block_on(async {
        let foreign = Foreign::start(&[("autovacuum", "off")], "SUPERUSER").await;
        let cluster = include_str!("../mutations/postgres/cluster.sql").lines().filter(|line| !line.starts_with("--"));
        // The tablespace refuses a transaction, and its setting goes with its session.
        let (alone, rest): (Vec<&str>, Vec<&str>) =
            cluster.partition(|line| line.contains("tablespace") || line.contains("TABLESPACE"));
        run_in(&foreign, "app", &rest.join("\n")).await;
        let mut admin = PgConnection::connect_with(foreign.admin()).await.unwrap();
        for statement in alone {
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut admin).await.unwrap();
        }
        // Lines for servers older than those that commands are tested on.
        let lines = include_str!("../mutations/postgres/base.sql").lines().filter(|line| !line.contains("-- until 1"));
        run_in(&foreign, "app", &lines.collect::<Vec<_>>().join("\n")).await;
        // pg_dump writes neither the handler of a language that another one's extension has, nor versions of extensions.
        run_in(&foreign, "app", "DROP LANGUAGE plrp CASCADE; ALTER EXTENSION hstore UPDATE").await;
        let url = format!("--dbname={}", foreign.url);
        for (file, args) in [("plain.sql", &[][..]), ("create.sql", &["--create"])] {
            dumped(folder, file, "pg_dump", &[&[url.as_str()], args].concat());
            same(&local(folder, &["diff", &foreign.url, file]));
        }
        dumped(folder, "all.sql", "pg_dumpall", &[&url]);
        same(&local(folder, &["diff", &foreign.url, "all.sql"]));
    });
    Ok(())
}

fn of_pg_dumpall() -> Result<(), Failed> {
    let project = run::project();
    let folder = project.path();
    block_on(async {
        let foreign = rich().await;
        let url = format!("--dbname={}", foreign.url);
        dumped(folder, "one.sql", "pg_dumpall", &[&url]);
        same(&local(folder, &["diff", &foreign.url, "one.sql"]));
        // The superuser's password is stored otherwise here, and nothing else differs in the cluster.
        let ran = local(folder, &["diff", &foreign.url, "one.sql", "--cluster-objects", "--format", "json"]);
        let changes = ran.report().unwrap()["changes"].clone();
        let others = changes.as_array().unwrap().iter().filter(|change| change["object"] != "role postgres");
        assert_eq!(others.count(), 0, "{changes}");

        foreign.run("CREATE DATABASE \"other's\"").await;
        run_in(&foreign, "other's", "CREATE TABLE o (i int)").await;
        dumped(folder, "two.sql", "pg_dumpall", &[&url]);
        let ran = local(folder, &["schema", "two.sql"]);
        assert_eq!(ran.code, Some(2));
        assert!(
            ran.stderr.contains("two.sql holds several databases; choose one with --dump-database: app, other's"),
            "{}",
            ran.stderr
        );
        same(&local(folder, &["diff", &foreign.url, "two.sql", "--dump-database", "app"]));
        let ran = local(folder, &["schema", "two.sql", "--dump-database", "other's"]);
        assert!(
            ran.stdout.contains("table public.o\n") && !ran.stdout.contains("schema shop"),
            "{}{}",
            ran.stdout,
            ran.stderr
        );
        let ran = local(folder, &["schema", "two.sql", "--dump-database", "none"]);
        assert!(ran.stderr.contains("holds no database none; it holds app, other's"), "{}", ran.stderr);
    });
    Ok(())
}

fn into_other_servers() -> Result<(), Failed> {
    let project = run::project();
    let folder = project.path();
    let bins = std::env::var("ROLLPROOF_TEST_SERVER_BINS").unwrap_or_default();
    block_on(async {
        let foreign = rich().await;
        dumped(folder, "plain.sql", "pg_dump", &[&format!("--dbname={}", foreign.url)]);
        for bin in bins.split(':').filter(|bin| !bin.is_empty()) {
            let ran =
                rollproof(folder, &["diff", &foreign.url, "plain.sql", "--server-bin", bin, "--progress", "none"]);
            assert!(matches!(ran.code, Some(0 | 1)), "{bin}: {}", ran.stderr);
            assert!(ran.stdout.contains("the servers are of different versions"), "{bin}: {}", ran.stdout);
            assert!(ran.stdout.contains("plain.sql is of PostgreSQL"), "{bin}: {}", ran.stdout);
        }
    });
    Ok(())
}

fn failures() -> Result<(), Failed> {
    let project = run::project();
    let folder = project.path();
    for (text, told) in [
        (
            "-- PostgreSQL database dump\nCREATE TABLE a (b int);\nCREATE TABLE c (\n  d txt\n);\n",
            "x.sql:4: type \"txt\" does not exist",
        ),
        ("SET a.b = 1;\nCOPY gone (a) FROM stdin;\n1\n\\.\n", "x.sql:2: relation \"gone\" does not exist"),
        ("SET a.b = 1;\nCREATE EXTENSION no_such;\n", "x.sql:2: extension \"no_such\" is not available"),
        (
            "SET a.b = 1;\nBEGIN;\nCREATE TABLE a (b int);\n",
            "x.sql:2: the transaction that begins here is never committed",
        ),
        ("SET a.b = 1;\n\\i other.sql\n", "x.sql:2: `\\i` takes in another file"),
        ("SET a.b = 1;\nSELECT 'x' \\gexec\n", "x.sql:2: `\\gexec` is a command of psql"),
        ("SET a.b = 1;\nSELECT 2\n\\echo\n", "x.sql:3: the statement of line 2 has no semicolon before this"),
        ("SET a.b = 1;\nCOPY a FROM stdin;\n1\n", "x.sql:3: the rows of COPY ... FROM STDIN begin here"),
        ("SELECT 1;\nSELECT 'open;\n", "x.sql:2: unterminated quoted string"),
        ("SELECT pg_sleep(9);\n", "x.sql:1: the statement was still running after 0.5 s"),
        ("\\connect app\n\\connect shop\n", "x.sql holds several databases"),
    ] {
        write(folder, &[("x.sql", text)]);
        let ran = local(folder, &["schema", "x.sql", "--engine", "postgres", "--timeout", "0.5"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{text}");
        assert!(ran.stderr.starts_with(&format!("error: {told}")), "{told} in: {}", ran.stderr);
    }
    // A role that is missing in a transaction of the dump's own.
    write(folder, &[("x.sql", "BEGIN;\nCREATE TABLE a (b int);\nALTER TABLE a OWNER TO somebody;\nCOMMIT;\n")]);
    let ran = local(folder, &["schema", "x.sql", "--engine", "postgres"]);
    assert!(ran.stdout.contains("owner: somebody"), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("were made for it: somebody"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("role somebody"), "{}", ran.stdout);
    Ok(())
}

fn of_newer_programs() -> Result<(), Failed> {
    let project = run::project();
    let text = "--\n-- PostgreSQL database dump\n--\n\n\\restrict Zx9\n\n-- Dumped from database version 19.1\n\nSET \
                no_such_setting = 0;\nCREATE SCHEMA public;\nCREATE TABLE public.a (b int);\n\\unrestrict Zx9\n";
    write(project.path(), &[("x.sql", text)]);
    let ran = local(project.path(), &["schema", "x.sql"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for part in [
        "table public.a\n",
        "line 9: this server does not know a setting",
        "stands in for postgres:19",
        "x.sql is of PostgreSQL 19.1 and was loaded into",
        "does not say at its end that it is complete",
    ] {
        assert!(ran.stdout.contains(part), "{part} in: {}", ran.stdout);
    }
    Ok(())
}

fn on_their_server() -> Result<(), Failed> {
    let project = run::project();
    write(
        project.path(),
        &[
            ("plain.sql", "CREATE TABLE public.a (b int);\n"),
            ("owner.sql", "CREATE TABLE public.a (b int);\nALTER TABLE a OWNER TO somebody;\n"),
            ("create.sql", "CREATE DATABASE app;\n\\connect app\n"),
        ],
    );
    block_on(async {
        let foreign = Foreign::start(&[], "CREATEDB").await;
        let run = |file: &str| {
            rollproof(
                project.path(),
                &["schema", file, "--engine", "postgres", "--url", &foreign.url, "--progress", "none"],
            )
        };
        let ran = run("plain.sql");
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stdout.contains("owner: maker"), "{}", ran.stdout);
        for (file, told) in [
            ("owner.sql", "owner.sql:2: role \"somebody\" does not exist; make the role on that server"),
            ("create.sql", "create.sql makes databases or connects to them"),
        ] {
            let ran = run(file);
            assert_eq!(ran.code, Some(2));
            assert!(ran.stderr.contains(told), "{}", ran.stderr);
        }
        assert_eq!(databases(&foreign).await, ["app", "postgres", "template0", "template1"]);
    });
    Ok(())
}

/// As the program sqlite3 writes it.
const OF_SQLITE: &str = "PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE books (id integer PRIMARY KEY AUTOINCREMENT, title text COLLATE NOCASE CHECK (title <> ';'));
INSERT INTO books VALUES(1,'it''s; a \"book\"');
INSERT INTO books VALUES(2,replace('two\\nlines','\\n',char(10)));
CREATE TABLE loans (book REFERENCES books(id) ON DELETE CASCADE);
PRAGMA writable_schema=ON;
INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','words','words',0,'CREATE VIRTUAL TABLE words USING fts5(body)');
CREATE TABLE IF NOT EXISTS 'words_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE IF NOT EXISTS 'words_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS 'words_content'(id INTEGER PRIMARY KEY, c0);
CREATE TABLE IF NOT EXISTS 'words_docsize'(id INTEGER PRIMARY KEY, sz BLOB);
CREATE TABLE IF NOT EXISTS 'words_config'(k PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO words_config VALUES('version',4);
INSERT INTO words_data VALUES(1,X'');
INSERT INTO words_data VALUES(10,X'00000000000000');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('books',2);
CREATE INDEX by_title ON books(title DESC) WHERE id > 5;
CREATE TRIGGER t AFTER INSERT ON books WHEN new.id > 1 BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; DELETE FROM loans; END;
CREATE VIEW v AS SELECT id FROM books;
PRAGMA writable_schema=OFF;
COMMIT;
";

fn of_sqlite() -> Result<(), Failed> {
    let project = run::project();
    let folder = project.path();
    let migration = "PRAGMA user_version = 7; CREATE TABLE books (id integer PRIMARY KEY AUTOINCREMENT, title text COLLATE NOCASE CHECK \
                     (title <> ';')); CREATE TABLE loans (book REFERENCES books(id) ON DELETE CASCADE); CREATE VIRTUAL TABLE \
                     words USING fts5(body); CREATE INDEX by_title ON books(title DESC) WHERE id > 5; CREATE TRIGGER t AFTER \
                     INSERT ON books WHEN new.id > 1 BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; DELETE FROM loans; END; CREATE \
                     VIEW v AS SELECT id FROM books;";
    write(folder, &[("dump.sql", OF_SQLITE), ("m/1_all.up.sql", migration), ("m/1_all.down.sql", "SELECT 1;")]);
    let args = ["--migrations", "m", "--migrations-format", "updown", "--engine", "sqlite"];
    let ran = local(folder, &[&["diff", "dump.sql", "@head"], &args[..]].concat());
    same(&ran);
    assert!(ran.stdout.contains("does not tell what the database itself is like"), "{}", ran.stdout);

    for (text, told) in [
        (
            "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE a (b);\n",
            "dump.sql:2: the transaction that begins here",
        ),
        (
            "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nROLLBACK; -- due to errors\n",
            "dump.sql:3: the dump takes back all",
        ),
        ("PRAGMA foreign_keys=OFF;\nCREATE TABLE a (b,);\n", "dump.sql:2: near \")\": syntax error"),
        ("PRAGMA foreign_keys=OFF;\n.read x\n", "dump.sql:2: `.read` is a command of the sqlite3 shell"),
    ] {
        write(folder, &[("dump.sql", text)]);
        let ran = local(folder, &["schema", "dump.sql"]);
        assert_eq!(ran.code, Some(2), "{}", ran.stdout);
        assert!(ran.stderr.contains(told), "{told} in: {}", ran.stderr);
    }
    Ok(())
}

fn other_formats() -> Result<(), Failed> {
    let project = run::project();
    let folder = project.path();
    for (bytes, told) in [
        (&b"PGDMP\x01\x0e\x00\x04"[..], "custom format; write it as SQL with `pg_restore --file=dump.sql FILE`"),
        (b"\x1f\x8b\x08\x00", "is compressed with gzip; unpack it"),
        (b"", "x is empty"),
        (b"\x7fELF\x00", "is no text and no database"),
        (b"CREATE TABLE a (b int);\n", "nothing tells of which product x is a dump; name it with --engine postgres"),
        (b"{\"version\": 1}", "x is no schema as `rollproof schema --format json` prints it"),
        (b"{\"version\": 9, \"engine\": \"sqlite\", \"server_version\": null, \"objects\": []}", "of form 9"),
    ] {
        fs::write(folder.join("x"), bytes)?;
        let ran = local(folder, &["schema", "x"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{told}");
        assert!(ran.stderr.contains(told), "{told} in: {}", ran.stderr);
    }
    nix::unistd::mkfifo(&folder.join("pipe"), nix::sys::stat::Mode::S_IRWXU)?;
    assert!(local(folder, &["schema", "pipe"]).stderr.contains("is no ordinary file"));
    Ok(())
}
