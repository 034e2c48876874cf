//! SQLite: snapshots agree with `sqlite_schema`, on what is replayed, on the lists of `tests/mutations`, and on the base
//! schema of these lists with every token of it left away or something put before it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};
use rollproof::engine::sqlite::Sqlite;
use rollproof::engine::{Engine as _, Moment, SessionSpec, Statement};
use rollproof::history::EngineKind;
use rollproof::run;
use rollproof::schema::{Diff, Snapshot};
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tempfile::TempDir;

use super::agreement::{self, Agreement};
use super::block_on;
use super::projects::{LaidOut, Subject, subjects};
use super::replayed::{Replayed, history_of, replayed};
use super::sqlite_schema::{SqliteSchema, described};
use super::watched::{Running, State, Watched};

const ENGINE: EngineKind = EngineKind::Sqlite;

/// Schemas that are the same though their texts differ, each pair with the reason.
const THE_SAME: &[(&str, &str, &str)] = &[
    (
        "a view may name its columns as they are named anyway",
        "CREATE VIEW v (a) AS SELECT 1 AS a",
        "CREATE VIEW v AS SELECT 1 AS a",
    ),
    (
        "a parent is spelled as its own table spells it",
        "CREATE TABLE Tree (a REFERENCES tree)",
        "CREATE TABLE Tree (a REFERENCES 'Tree')",
    ),
];

/// Schemas whose texts are alike but for what scripts and queries can tell, each pair with the reason.
const NOT_THE_SAME: &[(&str, &str, &str)] = &[
    (
        "a name in double quotes that is no column is a string, whose case counts",
        "CREATE TABLE t (a CHECK (a <> \"New\"))",
        "CREATE TABLE t (a CHECK (a <> \"new\"))",
    ),
    (
        "a name in double quotes that is no column is a string in a trigger too",
        "CREATE TABLE t (a); CREATE TRIGGER i DELETE ON t BEGIN SELECT \"A\" = \"New\"; END",
        "CREATE TABLE t (a); CREATE TRIGGER i DELETE ON t BEGIN SELECT \"A\" = \"new\"; END",
    ),
    ("a name behind DEFAULT is a string", "CREATE TABLE t (a DEFAULT New)", "CREATE TABLE t (a DEFAULT new)"),
];

/// What is put before each token of the base schema, wherever SQLite accepts it.
const PUT_IN: &[&str] = &[
    "NULL",
    "NOT NULL",
    "UNIQUE",
    "PRIMARY KEY",
    "CHECK (1)",
    "COLLATE rtrim",
    "DEFAULT 9",
    "DEFAULT Nine",
    "REFERENCES other",
    "CONSTRAINT c",
    "CONSTRAINT",
    "DEFERRABLE INITIALLY DEFERRED",
    "NOT DEFERRABLE",
    "AS (1)",
    "STORED",
    "ON CONFLICT FAIL",
    "ON DELETE CASCADE",
    "ON UPDATE NO ACTION",
    "MATCH full",
    "DESC",
    "ASC",
    "AUTOINCREMENT",
    "7",
    "7 +",
    "word",
    "\"Word\"",
    ", word",
    "word,",
    ".",
    "(",
    ")",
    "-",
    "NOT",
    "DISTINCT",
    "WHERE 1",
    "STRICT",
    "WITHOUT ROWID",
    ", STRICT",
    "INSTEAD OF",
    "BEFORE",
    "AFTER",
    "OF a",
    "FOR EACH ROW",
    "WHEN 1",
    "SELECT 2;",
    "IF NOT EXISTS",
    "x'00'",
    "/* nothing */",
    "\t",
];

/// How many variants are passed over for one that is tried. It shares no factor with the number of things that are put in, so
/// that each of them has its turn.
const ONE_IN: usize = 17;
const _: () = assert!(!(PUT_IN.len() + 1).is_multiple_of(ONE_IN));

/// The trials on SQLite.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> = subjects(ENGINE)
        .into_iter()
        .map(|subject| Trial::test(format!("{}@{ENGINE}", subject.name), move || block_on(agrees(&subject))))
        .collect();
    trials.push(Trial::test(format!("the lists@{ENGINE}"), || block_on(lists_agree())));
    for (number, sql) in base().into_iter().enumerate().filter(|(_, sql)| sql.starts_with("CREATE")) {
        let name = sql.split('(').next().unwrap_or_default().split_whitespace().take(4).collect::<Vec<_>>().join(" ");
        trials.push(Trial::test(format!("every token of {name}@{ENGINE}"), move || block_on(every_token(number))));
    }
    for (same, pairs) in [(true, THE_SAME), (false, NOT_THE_SAME)] {
        for (why, one, other) in pairs {
            trials.push(Trial::test(format!("{why}@{ENGINE}"), move || block_on(pair(one, other, same))));
        }
    }
    trials
}

/// A database in a folder of its own, watched.
struct Ground {
    engine: Watched<Sqlite, SqliteSchema>,
    running: Running,
    _folder: TempDir,
}

impl Ground {
    async fn new() -> Result<Self, Failed> {
        let folder = tempfile::Builder::new().prefix("rpo-").tempdir()?;
        let file = folder.path().join("database");
        let running = Running::default();
        let engine = Sqlite::create(&file).await?;
        let engine = Watched::new(engine, SqliteSchema::new(file, &[]), running.clone());
        Ok(Self { engine, running, _folder: folder })
    }

    /// Runs statements in a session of their own.
    async fn run(&mut self, statements: &[String]) -> Result<(), String> {
        self.engine.open_session(&SessionSpec::default()).await.map_err(|error| error.to_string())?;
        for sql in statements {
            let whole = Statement { span: 0..sql.len(), line: 1, lead: String::new(), copy: None };
            self.engine.execute(sql, &whole).await.map_err(|error| format!("{sql}: {error}"))?;
        }
        Ok(())
    }

    /// The schema as it is now, under this name.
    async fn state(&mut self, name: &str) -> Result<State, Failed> {
        name.clone_into(&mut self.running.borrow_mut());
        self.engine.snapshot(Moment::Committed).await?;
        self.engine.states.last().cloned().ok_or_else(|| "no state was seen".into())
    }
}

/// Replays the databases of a project and compares what both sides say of each state.
async fn agrees(subject: &Subject) -> Result<(), Failed> {
    let laid_out = match subject.lay_out(ENGINE) {
        Ok(laid_out) => laid_out,
        Err(_) if subject.may_fail => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    for database in laid_out.databases(ENGINE) {
        let LaidOut { project, .. } = &laid_out;
        let read = history_of(project, database, ENGINE).and_then(|history| {
            let before = run::before(project, database, &history, ENGINE)?;
            Ok((history, before))
        });
        let (history, before) = match read {
            Ok(read) => read,
            Err(_) if subject.may_fail => continue,
            Err(error) => return Err(error.into()),
        };
        let folder = tempfile::Builder::new().prefix("rpo-").tempdir()?;
        let file = folder.path().join("database");
        let engine = Sqlite::create(&file).await?;
        let oracle = SqliteSchema::new(file, &before.left_out);
        let Replayed { states, errors } = replayed(subject, database, &history, before, engine, oracle).await;
        let agreement = agreement::compare(&states, &[]);
        if std::env::var_os("ROLLPROOF_TEST_HISTORIES").is_some() {
            println!("{}: {} states, {} different", subject.name, states.len(), agreement.different);
        }
        agreed(&agreement)?;
        if !errors.is_empty() && !subject.may_fail {
            return Err(errors.join("\n").into());
        }
    }
    Ok(())
}

fn agreed(agreement: &Agreement) -> Result<(), Failed> {
    if agreement.disagreements.is_empty() {
        return Ok(());
    }
    Err(agreement.disagreements.join("\n\n").into())
}

/// The folder of the lists.
fn lists() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mutations/sqlite")
}

/// The statements of the base schema; each begins at the begin of a line.
fn base() -> Vec<String> {
    let text = fs::read_to_string(lists().join("base.sql")).expect("the base schema");
    let text: Vec<&str> = text.lines().filter(|line| !line.starts_with("--")).collect();
    let text = text.join("\n").replace(";\nCREATE ", ";\n\u{0}CREATE ").replace(";\nINSERT ", ";\n\u{0}INSERT ");
    text.split('\0').map(|sql| sql.trim().trim_end_matches(';').to_owned()).collect()
}

/// Plays all lists: every state against every other.
async fn lists_agree() -> Result<(), Failed> {
    let mut ground = Ground::new().await?;
    ground.run(&base()).await?;
    ground.state("the base").await?;
    let mut files: Vec<PathBuf> =
        fs::read_dir(lists())?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "tsv")) {
        let text = fs::read_to_string(file)?;
        let mut lines = text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
        let header = lines.next().unwrap_or_default();
        let column = |name: &str| header.iter().position(|cell| *cell == name);
        let (Some(sql), undo) = (column("sql"), column("undo")) else { continue };
        let statements = |cell: &str| cell.split(" ;; ").map(str::to_owned).collect::<Vec<_>>();
        for line in lines {
            ground.run(&statements(line[sql])).await?;
            ground.state(line[0]).await?;
            match undo.map(|undo| line[undo]) {
                Some(undo) if undo != "-" => {
                    ground.run(&statements(undo)).await?;
                    ground.state(&format!("the undo of {}", line[0])).await?;
                }
                Some(_) => {
                    ground.engine.recreate().await?;
                    ground.run(&base()).await?;
                }
                None => (),
            }
        }
    }
    agreed(&agreement::compare(&ground.engine.states, &[]))
}

/// Two scripts whose texts differ, at least in the case of letters: whether their snapshots are the same.
async fn pair(one: &str, other: &str, same: bool) -> Result<(), Failed> {
    let mut ground = Ground::new().await?;
    ground.run(&[one.to_owned()]).await?;
    let first = ground.state(one).await?;
    ground.engine.recreate().await?;
    ground.run(&[other.to_owned()]).await?;
    let second = ground.state(other).await?;
    if same && described(one) == described(other) {
        return Err("the oracle sees no difference, so that nothing need be said of it".into());
    }
    if (first.snapshot == second.snapshot) == same {
        return Ok(());
    }
    let diff = Diff::between(&first.snapshot, &second.snapshot);
    Err(diff.changes.iter().map(|change| format!("{change}\n")).collect::<String>().into())
}

/// Leaves each token of one statement of the base schema away, and puts something before it. Whatever SQLite accepts has to
/// be seen by both sides or by none; where it is seen by none, the snapshot must not even notice.
async fn every_token(number: usize) -> Result<(), Failed> {
    let base = base();
    let sql = &base[number];
    // Views and triggers need their tables; an index needs its own. Rows are not needed.
    let before: Vec<String> = if sql.starts_with("CREATE TABLE") || sql.starts_with("CREATE VIRTUAL") {
        Vec::new()
    } else {
        base.iter()
            .filter(|other| other.starts_with("CREATE TABLE") || other.starts_with("CREATE VIEW active"))
            .filter(|other| *other != sql)
            .cloned()
            .collect()
    };
    let mut ground = Ground::new().await?;
    ground.run(&before).await?;
    let bare = ground.engine.fork().await?;
    ground.run(std::slice::from_ref(sql)).await?;
    let original = ground.state("the original").await?;
    let mut bare = Some(bare);
    let mut wrong = BTreeSet::new();
    let (mut tried, mut accepted, mut opaque) = (0, 0, 0);
    let mut scout = Scout::new(&before).await?;
    for variant in variants(sql) {
        tried += 1;
        if !scout.accepts(&variant).await? {
            continue;
        }
        let Some(fork) = bare.take() else { return Err("no fork".into()) };
        ground.engine.restore(fork).await?;
        bare = Some(ground.engine.fork().await?);
        ground.run(std::slice::from_ref(&variant)).await?;
        accepted += 1;
        let state = ground.state(&variant).await?;
        opaque += usize::from(has_opaque(&state.snapshot));
        let agreement = agreement::compare(&[original.clone(), state], &[]);
        wrong.extend(agreement.disagreements);
    }
    println!("{accepted} of {tried} accepted, {opaque} compared by their whole text");
    if wrong.is_empty() {
        return Ok(());
    }
    Err(wrong.into_iter().collect::<Vec<_>>().join("\n\n").into())
}

/// Whether an object is compared by its whole text, as views are.
fn has_opaque(snapshot: &Snapshot) -> bool {
    snapshot.iter().any(|(id, object)| &*id.kind != "view" && object.attributes.contains_key("definition"))
}

/// A database in memory that tells quickly what SQLite accepts.
struct Scout(SqliteConnection);

impl Scout {
    async fn new(before: &[String]) -> Result<Self, Failed> {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await?;
        for sql in before {
            connection.execute(sqlx::raw_sql(AssertSqlSafe(sql.as_str()))).await?;
        }
        Ok(Self(connection))
    }

    async fn accepts(&mut self, sql: &str) -> Result<bool, Failed> {
        self.0.execute("BEGIN").await?;
        let accepted = self.0.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.is_ok();
        self.0.execute("ROLLBACK").await?;
        Ok(accepted)
    }
}

/// The text with each token left away, and with something put before each. There are very many of them, of which one in some
/// is taken unless everything is to be tried.
fn variants(sql: &str) -> Vec<String> {
    let starts = token_starts(sql);
    let ends = starts.iter().skip(1).copied().chain([sql.len()]);
    let mut variants = Vec::new();
    for (start, end) in starts.iter().copied().zip(ends).skip(2) {
        variants.push(format!("{}{}", &sql[..start], &sql[end..]));
        variants.extend(PUT_IN.iter().map(|put| format!("{} {put} {}", &sql[..start], &sql[start..])));
    }
    variants.extend(PUT_IN.iter().map(|put| format!("{sql} {put}")));
    let every = if std::env::var_os("ROLLPROOF_TEST_EVERY_LINE").is_some() { 1 } else { ONE_IN };
    variants.into_iter().step_by(every).collect()
}

/// Where words, strings and marks begin.
fn token_starts(sql: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut quote = None;
    let mut in_word = false;
    for (at, c) in sql.char_indices() {
        if let Some(close) = quote {
            if c == close {
                quote = None;
            }
            continue;
        }
        let word = c.is_alphanumeric() || c == '_';
        if !(c.is_whitespace() || (word && in_word)) {
            starts.push(at);
        }
        in_word = word;
        quote = match c {
            '\'' | '"' | '`' => Some(c),
            '[' => Some(']'),
            _ => None,
        };
    }
    starts
}
