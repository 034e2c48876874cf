//! `rollproof schema` and `rollproof diff` on databases named by a URL.

use std::process::{Command, Stdio};
use std::time::Duration;

use libtest_mimic::Failed;
use sqlx::{Connection as _, PgConnection};

use super::run;
use super::schemas::{MIGRATIONS, objects, on, told};
use super::server::{Foreign, block_on};
use super::{Test, databases, rollproof, run_in, write};

pub(crate) const ON_POSTGRES: &[Test] = &[
    ("schemas_at_urls_are_only_read", urls_are_only_read),
    ("schemas_show_no_password", show_no_password),
    ("schemas_end_with_a_signal", end_with_a_signal),
];

/// The first transaction id that was not given to any transaction yet: only those that write get one.
async fn next_transaction(foreign: &Foreign) -> String {
    let mut admin = PgConnection::connect_with(foreign.admin()).await.unwrap();
    sqlx::query_scalar("SELECT pg_snapshot_xmax(pg_current_snapshot())::text").fetch_one(&mut admin).await.unwrap()
}

fn urls_are_only_read() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), MIGRATIONS);
    block_on(async {
        // One who may make nothing, not even a database.
        let foreign = Foreign::start(&[("autovacuum", "off")], "NOCREATEDB").await;
        run_in(
            &foreign,
            "app",
            "CREATE TABLE books (id integer PRIMARY KEY, title text, year integer); CREATE ROLE other",
        )
        .await;
        run_in(&foreign, "app", "CREATE TABLE schema_migrations (version bigint, dirty boolean)").await;
        let before = next_transaction(&foreign).await;
        let ran = rollproof(project.path(), &["schema", &foreign.url, "--progress", "none"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        for part in ["postgres://maker:***@127.0.0.1:", "table public.books\n", "role maker\n", "role other\n"] {
            assert!(ran.stdout.contains(part), "{part} in: {}", ran.stdout);
        }
        let ran = rollproof(project.path(), &on("postgres", &["diff", &foreign.url, "@head", "--format", "json"]));
        let report = ran.report().unwrap();
        let found = objects(&report);
        assert!(found.contains(&"added table public.loans".to_owned()), "{found:?}");
        assert!(!found.iter().any(|object| object.contains("role") || object.contains("migrations")), "{found:?}");
        assert!(report["notes"].to_string().contains("roles and tablespaces"), "{report}");
        let ran = rollproof(project.path(), &on("postgres", &["diff", &foreign.url, "@head", "--cluster-objects"]));
        assert!(ran.stdout.contains("role other"), "{}", ran.stdout);
        assert_eq!(next_transaction(&foreign).await, before, "a transaction wrote");
        assert_eq!(databases(&foreign).await, ["app", "postgres", "template0", "template1"]);
        let two = rollproof(project.path(), &on("sqlite", &["diff", &foreign.url, "@head"]));
        told(&two, 2, "schemas of two products cannot be compared");
    });
    Ok(())
}

fn show_no_password() -> Result<(), Failed> {
    let project = run::project();
    block_on(async {
        let foreign = Foreign::start(&[], "CREATEDB").await;
        let url = &foreign.url;
        let port = foreign.admin().get_port().to_string();
        let wrong = |from: &str, to: &str| url.replace(from, to);
        for (url, code) in [
            (url.clone(), 0),
            (wrong("s3cret", "s3crets"), 2),
            (wrong("maker:", "nobody:"), 2),
            (wrong(&port, "1"), 2),
            (wrong("/app", "/none"), 2),
            (wrong("/app", ""), 2),
            (wrong("postgres://", "mysql://"), 2),
            (wrong("postgres://", "oracle://"), 2),
            (wrong("postgres://", "postgres:"), 2),
            (wrong("127.0.0.1", "no-such-host.invalid"), 2),
            (wrong(&port, "not-a-port"), 2),
        ] {
            for args in [&["schema", &url][..], &["schema", &url, "--format", "json"], &["diff", &url, &url]] {
                let ran = rollproof(project.path(), args);
                assert_eq!(ran.code, Some(code), "{url}: {}", ran.stderr);
                assert!(
                    !format!("{}{}", ran.stdout, ran.stderr).contains("s3cret"),
                    "{url}: {}{}",
                    ran.stdout,
                    ran.stderr
                );
            }
        }
    });
    Ok(())
}

fn end_with_a_signal() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), &[("slow.sql", "SELECT 1;\nSELECT pg_sleep(60);\n")]);
    for (signal, code, after) in [("-INT", 130, 0), ("-TERM", 143, 1500)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rollproof"));
        command
            .args(["schema", "slow.sql", "--engine", "postgres", "--provision", "local"])
            .current_dir(project.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn()?;
        let pid = child.id();
        while run::folders_of(pid).is_empty() {
            std::thread::sleep(Duration::from_millis(2));
        }
        std::thread::sleep(Duration::from_millis(after));
        assert!(Command::new("kill").args([signal, &pid.to_string()]).status()?.success());
        let ran = run::finish(child);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), ""), "{}", ran.stderr);
        assert!(ran.stderr.contains("interrupted; everything that was started is gone"), "{}", ran.stderr);
    }
    Ok(())
}
