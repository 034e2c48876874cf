//! `rollproof clean`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

use super::run::{self, Ran};
use super::server::{Foreign, PASSWORD, block_on};
use super::{Test, rollproof, rollproof_with, write};

pub(crate) const ON_POSTGRES: &[Test] =
    &[("clean_drops_the_databases_of_dead_runs", drops_databases), ("clean_shows_no_password", shows_no_password)];

pub(crate) const TESTS: &[Test] =
    &[("clean_removes_folders_and_nothing_else", removes_folders), ("clean_empties_the_cache", empties_the_cache)];

/// Folders of a test's own, where no other run sweeps.
struct Ground(TempDir);

impl Ground {
    fn new() -> Self {
        let ground = Self(tempfile::Builder::new().prefix("rpt-").tempdir().unwrap());
        fs::create_dir(ground.temporary()).unwrap();
        fs::create_dir_all(ground.cache()).unwrap();
        ground
    }

    fn temporary(&self) -> PathBuf {
        self.0.path().join("t")
    }

    fn cache(&self) -> PathBuf {
        self.0.path().join("c/rollproof")
    }

    fn clean(&self, args: &[&str]) -> Ran {
        let home = self.0.path().join("c");
        let variables: [(&str, &Path); 2] = [("TMPDIR", &self.temporary()), ("XDG_CACHE_HOME", &home)];
        rollproof_with(self.0.path(), &[&["clean"], args].concat(), &variables)
    }

    /// A folder of a run that is long dead, or of one that may go on elsewhere.
    fn run_folder(&self, name: &str, made: u64) -> PathBuf {
        let folder = self.temporary().join(name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("owner"), format!("pid 1\nstart 1\nplace elsewhere\nmade {made}\n")).unwrap();
        folder
    }
}

fn removes_folders() -> Result<(), Failed> {
    let ground = Ground::new();
    let dead = ground.run_folder("rollproof-1-dead", 1);
    let alive = ground.run_folder("rollproof-2-alive", u64::MAX / 2);
    let other = ground.temporary().join("rollproofs");
    fs::create_dir(&other).unwrap();
    let line = format!("folder {}\n", dead.display());
    let ran = ground.clean(&["--dry-run"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains(&format!("would remove {line}")), "{}", ran.stdout);
    assert!(dead.exists());
    let ran = ground.clean(&[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains(&format!("removed {line}")), "{}", ran.stdout);
    assert!(!dead.exists() && alive.exists() && other.exists());
    let ran = ground.clean(&["--dry-run"]);
    assert!(!ran.stdout.contains("rollproof-1-dead"), "{}", ran.stdout);
    Ok(())
}

fn empties_the_cache() -> Result<(), Failed> {
    let ground = Ground::new();
    let seed = ground.cache().join("postgres-17.2-0123");
    write(&seed, &[("complete", "files 1"), ("data/PG_VERSION", "17")]);
    write(&ground.cache(), &[("notes/mine", "")]);
    assert_eq!(ground.clean(&[]).code, Some(0));
    assert!(seed.exists(), "the cache is for later runs");
    let ran = ground.clean(&["--cache"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains(&format!("removed seed {}\n", seed.display())), "{}", ran.stdout);
    assert!(!seed.exists() && ground.cache().join("notes/mine").exists());
    Ok(())
}

/// The databases on a server that are named like ours.
async fn databases(foreign: &Foreign) -> Vec<String> {
    let mut admin = PgConnection::connect_with(foreign.admin()).await.unwrap();
    let sql = "SELECT datname::text FROM pg_database WHERE datname LIKE 'rollproof%' ORDER BY 1";
    sqlx::query_scalar(sql).fetch_all(&mut admin).await.unwrap()
}

fn drops_databases() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), &[("migrations/1_sleeps.up.sql", "SELECT pg_sleep(600);")]);
    block_on(async {
        let foreign = Foreign::start(&[], "CREATEDB").await;
        foreign.run("CREATE DATABASE rollproof_production OWNER maker").await;
        let args = ["--migrations", "migrations", "--engine", "postgres", "--format", "sqlx", "--url", &foreign.url];
        let mut child = run::start(project.path(), &args);
        let deadline = Instant::now() + Duration::from_secs(20);
        while databases(&foreign).await.len() < 2 {
            assert!(Instant::now() < deadline, "the run makes no database");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let clean = |args: &[&str]| rollproof(project.path(), &[&["clean", "--url", &foreign.url], args].concat());
        let ran = clean(&[]);
        assert!(ran.code == Some(0) && !ran.stdout.contains("database"), "the run goes on: {ran:?}");
        child.kill().unwrap();
        child.wait().unwrap();

        let left = databases(&foreign).await;
        let ours: Vec<&String> = left.iter().filter(|name| *name != "rollproof_production").collect();
        assert!(!ours.is_empty(), "{left:?}");
        let ran = clean(&["--dry-run"]);
        assert!(ran.stdout.contains(&format!("would remove database {}\n", ours[0])), "{ran:?}");
        assert_eq!(databases(&foreign).await, left);
        let ran = clean(&[]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stdout.contains(&format!("removed database {}\n", ours[0])), "{ran:?}");
        assert_eq!(databases(&foreign).await, ["rollproof_production"]);
    });
    Ok(())
}

fn shows_no_password() -> Result<(), Failed> {
    let project = run::project();
    block_on(async {
        let foreign = Foreign::start(&[], "").await;
        let url = &foreign.url;
        let port = foreign.admin().get_port().to_string();
        for (url, code) in [
            (url.clone(), 0),
            (url.replace("/app", "/gone"), 0),
            (url.replace("s3cret", "s3crets"), 2),
            (url.replace(&port, "1"), 2),
            (url.replace(PASSWORD.1, PASSWORD.0), 2),
            (url.replace("postgres://", "mysql://"), 2),
        ] {
            let ran = rollproof(project.path(), &["clean", "--url", &url]);
            assert_eq!(ran.code, Some(code), "{url}: {ran:?}");
            assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("s3cret"), "{url}: {ran:?}");
        }
    });
    Ok(())
}
