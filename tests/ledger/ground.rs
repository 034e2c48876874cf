//! A project with SQLite migrations, and what its ledger holds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use super::run::{self, Ran};

/// What is checked: `check --ledger ledger.db` on the folder `migrations`.
pub(crate) const CHECK: &[&str] =
    &["--migrations", "migrations", "--engine", "sqlite", "--format", "sqlx", "--ledger", "ledger.db"];

/// A project of two migrations whose downs work.
pub(crate) fn project() -> tempfile::TempDir {
    let project = run::project();
    write(project.path(), "1_books.up.sql", "CREATE TABLE books (id INTEGER PRIMARY KEY);");
    write(project.path(), "1_books.down.sql", "DROP TABLE books;");
    write(project.path(), "2_title.up.sql", "ALTER TABLE books ADD COLUMN title TEXT;");
    write(project.path(), "2_title.down.sql", "ALTER TABLE books DROP COLUMN title;");
    project
}

/// Writes one file of the migrations.
pub(crate) fn write(project: &Path, name: &str, text: &str) {
    fs::create_dir_all(project.join("migrations")).expect("a folder for migrations");
    fs::write(project.join("migrations").join(name), text).expect("a migration");
}

/// `rollproof history` in `folder`.
pub(crate) fn history(folder: &Path, args: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_rollproof")).arg("history").args(args).current_dir(folder).output();
    let output = output.expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// An SQLite file, asked and written by the test itself.
pub(crate) struct Database(pub(crate) PathBuf);

impl Database {
    pub(crate) fn of(project: &Path) -> Self {
        Self(project.join("ledger.db"))
    }

    /// What a query of one column and one row gives.
    pub(crate) fn number(&self, sql: &str) -> i64 {
        block_on(async {
            let mut connection = self.connect().await;
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut connection).await.expect("an answer")
        })
    }

    pub(crate) fn rows(&self, sql: &str) -> Vec<SqliteRow> {
        block_on(async {
            let mut connection = self.connect().await;
            sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut connection).await.expect("rows")
        })
    }

    pub(crate) fn execute(&self, sql: &str) {
        block_on(async {
            let mut connection = self.connect().await;
            connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(drop).expect("it is done");
            connection.close().await.expect("it is closed");
        });
    }

    pub(crate) async fn connect(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(&self.0).create_if_missing(true);
        SqliteConnection::connect_with(&options).await.expect("an SQLite database")
    }

    /// # Panics
    /// When the file is broken, or a run in it is not whole: every check of these tests has the same number of steps.
    pub(crate) fn assert_whole(&self, runs: i64, steps_of_each: i64) {
        assert_eq!(self.number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
        assert_eq!(self.number("SELECT count(*) FROM pragma_foreign_key_check"), 0);
        assert_eq!(self.number("SELECT count(*) FROM runs"), runs);
        let whole = "SELECT count(*) FROM (SELECT count(steps.position) AS n FROM runs JOIN checks ON run_id = runs.id \
                     LEFT JOIN steps ON check_id = checks.id GROUP BY runs.id) WHERE n = ";
        assert_eq!(self.number(&format!("{whole}{steps_of_each}")), runs);
    }
}

pub(crate) fn block_on<T>(act: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(act)
}
