//! The password of a URL is in nothing that Rollproof writes.

use std::fs;

use libtest_mimic::Failed;

use super::run;
use super::server::{Foreign, PASSWORD, block_on};
use super::{Test, write};

pub(crate) const TESTS: &[Test] = &[("the_password_is_nowhere", the_password_is_nowhere)];

fn the_password_is_nowhere() -> Result<(), Failed> {
    let project = run::project();
    write(
        project.path(),
        &[
            ("1_books.up.sql", "CREATE TABLE books (id integer);"),
            ("1_books.down.sql", "DROP TABLE book;"),
            ("2_asks.up.sql", "SELECT current_user, inet_server_port(), current_database(), no_such_column;"),
        ],
    );
    block_on(async {
        let foreign = Foreign::start(&[], "CREATEDB").await;
        let url = &foreign.url;
        let port = foreign.admin().get_port().to_string();
        let (plain, encoded) = PASSWORD;
        let wrong = |from: &str, to: &str| url.replace(from, to);
        for (url, code) in [
            (url.clone(), 1),
            (wrong("s3cret", "s3crets"), 2),
            (wrong("maker:", "nobody:"), 2),
            (wrong(&port, "1"), 2),
            (wrong("127.0.0.1", "no-such-host.invalid"), 2),
            (wrong("/app", "/app?sslmode=require"), 2),
            (wrong("/app", "/app?no_such_parameter=1"), 1),
            (wrong(&port, "not-a-port"), 2),
            (wrong("postgres://", "mysql://"), 2),
            (wrong("postgres://", "postgres:"), 2),
            // Not encoded, as people write it.
            (wrong(encoded, plain), 2),
        ] {
            for more in [&["--verbose", "--junit", "report/junit.xml"][..], &["--quiet", "--junit", "report/junit.xml"]]
            {
                let args = ["--migrations", "migrations", "--engine", "postgres", "--format", "sqlx", "--url", &url];
                let ran = run::check(project.path(), &[&args, more, &["--ledger", "ledger.db"]].concat());
                assert_eq!(ran.code, Some(code), "{url}: {}", ran.stderr);
                let junit = fs::read_to_string(project.path().join("report/junit.xml")).unwrap_or_default();
                let ledger = fs::read(project.path().join("ledger.db")).expect("a ledger");
                let ledger = String::from_utf8_lossy(&ledger).into_owned();
                for (name, text) in
                    [("stdout", &ran.stdout), ("stderr", &ran.stderr), ("junit", &junit), ("ledger", &ledger)]
                {
                    assert!(!text.contains("s3cret"), "{url}: the password is in {name}:\n{text}");
                }
            }
        }
        foreign.run("ALTER ROLE maker NOCREATEDB").await;
        let args = ["--migrations", "migrations", "--engine", "postgres", "--format", "sqlx", "--url", url];
        let ran = run::check(project.path(), &args);
        assert_eq!(ran.code, Some(2));
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("s3cret"));
        assert!(ran.stdout.contains("CREATEDB"), "{}", ran.stdout);
    });
    Ok(())
}
