//! The answers of a ledger, on ledgers whose rows are written here.

use std::path::PathBuf;

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _};

use super::*;

/// A new ledger, in a folder that goes when this does.
struct Ground {
    runtime: tokio::runtime::Runtime,
    folder: tempfile::TempDir,
}

impl Ground {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let this = Self { runtime, folder: tempfile::tempdir().unwrap() };
        this.runtime.block_on(prepare(&this.file())).unwrap();
        this
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ledger.db")
    }

    fn with<T>(&self, act: impl AsyncFnOnce(&mut SqliteConnection) -> T) -> T {
        let url = format!("sqlite:{}", self.file().display());
        self.runtime.block_on(async { act(&mut SqliteConnection::connect(&url).await.unwrap()).await })
    }

    fn run(&self, sql: &str) {
        // Nothing here has to outlive a power cut.
        let sql = format!("PRAGMA synchronous = OFF; BEGIN; {sql}; COMMIT");
        self.with(async |connection| connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(drop)).unwrap();
    }

    /// A run of one database, at second `at`, with the milliseconds of the ups of `a` and `b`.
    fn recorded(&self, at: i64, server: &str, a: f64, b: f64) {
        let major = server.split('.').next().unwrap();
        self.run(&format!(
            "INSERT INTO runs (id, started_at, tool_version, project, phases, outcome, millis)
               VALUES ({at}, {at} * 1000, '0.1.0', 'shop', 'up,down', 'passed', 5);
             INSERT INTO checks VALUES ({at}, {at}, 'main', 'postgres', '{server}', '{major}', 'local', 1);
             INSERT INTO steps VALUES
               ({at}, 'up', 0, 'a', 'passed', NULL, {a}), ({at}, 'down', 1, 'a', 'passed', 'exact', 7000),
               ({at}, 'up', 2, 'b', 'passed', NULL, {b}), ({at}, 'up', 3, 'c', 'failed', NULL, 9000);"
        ));
    }

    fn found(&self, run: i64, rule: &str, suppressed: &str) {
        let print = fingerprint(rule, "main", Some("a"), None);
        self.run(&format!(
            "INSERT INTO findings (check_id, fingerprint, rule, level, phase, migration, message, suppressed, inherited)
               VALUES ({run}, '{print}', '{rule}', 'error', 'down', 'a', '', {suppressed}, 0)"
        ));
    }

    fn ask(&self, question: &Question) -> Result<Past, LedgerError> {
        self.runtime.block_on(past(&self.file(), question))
    }

    fn shop(&self) -> ProjectPast {
        self.ask(&ALL).unwrap().projects.remove(0)
    }
}

const ALL: Question = Question { project: None, database: None, limit: 10 };

#[test]
fn a_median_is_of_each_migration_on_each_version() {
    let ground = Ground::new();
    for (at, server, a, b) in [
        (1, "17.1", 10.0, 1.0),
        (2, "17.1", 900.0, 2.0),
        (3, "17.1", 30.0, 4.0),
        (4, "17.2", 5.0, 3.0),
        (5, "17.2", 8.0, 3.0),
    ] {
        ground.recorded(at, server, a, b);
    }
    let shop = ground.shop();
    let told: Vec<_> = shop
        .slowest
        .iter()
        .map(|slow| (slow.migration.as_str(), slow.server_version.as_deref().unwrap(), slow.millis, slow.runs))
        .collect();
    assert_eq!(told, [("a", "17.1", 30.0, 3), ("a", "17.2", 6.5, 2), ("b", "17.2", 3.0, 2), ("b", "17.1", 2.0, 3)]);
    assert_eq!((shop.recorded, shop.runs.len(), shop.runs[0].started_at), (5, 5, 5000));
    let two = ground.ask(&Question { limit: 2, ..ALL }).unwrap().projects.remove(0);
    assert_eq!((two.recorded, two.runs.len(), two.slowest.len()), (5, 2, 2));
}

#[test]
fn slower_is_what_is_beyond_noise_on_the_same_major_version() {
    let slower = |earlier: &[(&str, f64)], last: (&str, f64)| -> Option<(f64, i64)> {
        let ground = Ground::new();
        for (at, (server, millis)) in (1_i64..).zip(earlier.iter().chain([&last])) {
            ground.recorded(at, server, *millis, 1.0);
        }
        let slower = ground.shop().slower;
        assert!(slower.len() <= 1 && slower.iter().all(|slower| slower.migration == "a"), "{slower:?}");
        slower.first().map(|slower| (slower.usual_millis, slower.runs))
    };
    let usual = [("17.1", 50.0), ("17.2", 40.0), ("17.2", 60.0)];
    assert_eq!(slower(&usual, ("17.3", 101.0)), Some((50.0, 3)));
    assert_eq!(slower(&usual, ("17.3", 100.0)), None, "not more than twice");
    assert_eq!(slower(&usual, ("18.0", 900.0)), None, "another major version");
    assert_eq!(slower(&usual[..2], ("17.3", 900.0)), None, "too few earlier runs");
    assert_eq!(slower(&[("17.1", 5.0); 3], ("17.1", 25.0)), None, "not more than 20 ms");
    assert_eq!(slower(&[("17.1", 5.0); 3], ("17.1", 25.5)), Some((5.0, 3)));
    let mixed = [("17.1", 50.0), ("18.0", 1.0), ("17.1", 50.0), ("18.0", 1.0), ("17.1", 50.0), ("18.0", 1.0)];
    assert_eq!(slower(&mixed, ("17.1", 200.0)), Some((50.0, 3)), "a matrix of versions is compared by version");
}

#[test]
fn findings_come_and_go_between_runs_that_can_be_compared() {
    let ground = Ground::new();
    let changes = || -> Vec<String> {
        ground.shop().findings.iter().map(|found| format!("{:?} {}", found.change, found.rule)).collect()
    };
    ground.recorded(1, "17.1", 1.0, 1.0);
    ground.found(1, "stays", "NULL");
    ground.found(1, "goes", "NULL");
    ground.found(1, "is-suppressed", "NULL");
    assert_eq!(changes(), [""; 0], "one run is not compared with anything");
    ground.recorded(2, "17.2", 1.0, 1.0);
    ground.found(2, "stays", "NULL");
    ground.found(2, "comes", "NULL");
    ground.found(2, "comes", "NULL");
    ground.found(2, "is-suppressed", "'known'");
    let expected = ["New comes", "Gone goes", "Gone is-suppressed"];
    assert_eq!(changes(), expected);
    // A run on another major version, one that could not check everything, and one of other phases.
    ground.recorded(3, "18.0", 1.0, 1.0);
    assert_eq!(changes(), [""; 0], "the first on its version");
    ground.run("UPDATE checks SET complete = 0 WHERE run_id = 3");
    assert_eq!(changes(), expected);
    ground.run("UPDATE checks SET complete = 1, server_major = '17' WHERE run_id = 3; UPDATE runs SET phases = 'graph' WHERE id = 3");
    assert_eq!(changes(), [""; 0], "the first of its phases");
    ground.run("UPDATE runs SET phases = 'up,down' WHERE id = 3");
    assert_eq!(changes(), ["Gone comes", "Gone stays"]);
}

#[test]
fn projects_and_databases_are_told_apart() {
    let ground = Ground::new();
    assert_eq!(ground.ask(&Question { project: Some("shop".to_owned()), ..ALL }).unwrap().projects, []);
    ground.recorded(1, "17.1", 1.0, 1.0);
    ground.run(
        "INSERT INTO runs VALUES (7, 7000, '0.1.0', 'till', NULL, 'up', 'error', 5);
         INSERT INTO checks VALUES (70, 7, 'main', NULL, NULL, NULL, NULL, 0), (71, 7, 'audit', 'sqlite', '3.51', '3', 'embedded', 1);
         INSERT INTO findings VALUES (1, 71, '00', 'r', 'warning', 'up', NULL, NULL, NULL, NULL, '', NULL, 0),
                                     (2, 70, '00', 'r', 'note', 'up', NULL, NULL, NULL, NULL, '', NULL, 1)",
    );
    let names = |question: &Question| -> Vec<String> {
        ground.ask(question).unwrap().projects.into_iter().map(|project| project.project).collect()
    };
    assert_eq!(names(&ALL), ["till", "shop"], "the one that ran last first");
    assert_eq!(names(&Question { project: Some("shop".to_owned()), ..ALL }), ["shop"]);
    assert_eq!(names(&Question { database: Some("main".to_owned()), ..ALL }), ["till", "shop"]);
    let audit = Question { database: Some("audit".to_owned()), ..ALL };
    assert_eq!(names(&audit), ["till"]);
    let run = ground.ask(&audit).unwrap().projects.remove(0).runs.remove(0);
    assert_eq!((run.checks.len(), run.warnings, run.notes, run.errors), (1, 1, 0, 0));
    let run = ground.ask(&ALL).unwrap().projects.remove(0).runs.remove(0);
    assert_eq!((run.checks.len(), run.warnings, run.notes), (2, 1, 0), "what is inherited does not count");
    let refused = |question: Question| ground.ask(&question).unwrap_err().to_string();
    let unknown = refused(Question { project: Some("shp".to_owned()), ..ALL });
    assert!(unknown.ends_with("it knows no project `shp`; it knows till, shop"), "{unknown}");
    let unknown = refused(Question { database: Some("mian".to_owned()), ..ALL });
    assert!(unknown.contains("no database `mian`"), "{unknown}");
}

/// No question reads a table from its beginning to its end.
#[test]
fn every_question_has_its_index() {
    let ground = Ground::new();
    use super::queries::{CHANGES, COUNT, PROJECTS, RUNS, SLOWER, SLOWEST};
    for question in [PROJECTS, COUNT, RUNS, SLOWEST, SLOWER, CHANGES] {
        let explain = format!("EXPLAIN QUERY PLAN {question}");
        let rows =
            ground.with(async |connection| sqlx::query(AssertSqlSafe(explain)).fetch_all(connection).await).unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        let tables = ["runs", "checks", "steps", "findings", "found", "other"];
        let scanned = |line: &&String| {
            tables.iter().any(|table| line.starts_with(&format!("SCAN {table}"))) && !line.contains("INDEX")
        };
        assert_eq!(plan.iter().filter(scanned).collect::<Vec<_>>(), [""; 0], "{question}: {plan:#?}");
        assert!(plan.iter().any(|line| line.contains("INDEX runs_by_project")), "{question}: {plan:#?}");
    }
}
