//! Lists of single changes, each with what undoes it, on a rich schema: the folder that `ROLLPROOF_TEST_MUTATIONS` names holds
//! `cluster.sql` and `base.sql`, which are run first, and lists `*.tsv` with the columns `id`, `before` (what has to be there),
//! `sql`, `undo` (`-` for none: the line is passed over), `min_version` and `max_version`. A list without `undo` holds statements that change nothing.
//! Statements in a cell have ` ;; ` between.

use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use rollproof::engine::{Engine, EngineError, Moment, SessionSpec};

use super::watched::{Oracle, Running, State, Watched};

/// A line of a list.
struct Line {
    id: String,
    /// Empty where the base has everything.
    before: String,
    sql: String,
    /// Empty in a list of statements that change nothing.
    undo: String,
    versions: RangeInclusive<u32>,
}

/// The states after each change and after each undoing, and the statements that the server refused.
pub(crate) async fn states<E: Engine, O: Oracle>(
    folder: &Path,
    major: u32,
    engine: E,
    oracle: O,
) -> Result<(Vec<State>, Vec<String>), String> {
    let running = Running::default();
    let mut engine = Watched::new(engine, oracle, Running::clone(&running));
    let read = |name: &str| fs::read_to_string(folder.join(name)).map_err(|error| format!("{name}: {error}"));
    engine.open_session(&SessionSpec::default()).await.map_err(told)?;
    for file in ["cluster.sql", "base.sql"] {
        run(&mut engine, &for_version(&read(file)?, major)).await.map_err(|error| format!("{file}: {error}"))?;
    }
    running.replace("the base".to_owned());
    engine.snapshot(Moment::Committed).await.map_err(told)?;
    let mut failed = Vec::new();
    for line in lines(folder)?.into_iter().filter(|line| line.versions.contains(&major)) {
        let cells = [("what comes before ", &line.before), ("", &line.sql), ("the undoing of ", &line.undo)];
        for (what, cell) in cells.into_iter().filter(|(_, cell)| !cell.is_empty()) {
            running.replace(format!("{what}{}: {cell}", line.id));
            // What a statement set in its session, such as a role, ends with it.
            engine.open_session(&SessionSpec::default()).await.map_err(told)?;
            for statement in cell.split(" ;; ") {
                if let Err(error) = run(&mut engine, statement).await {
                    failed.push(format!("{what}{}: {error}", line.id));
                }
            }
            engine.snapshot(Moment::Committed).await.map_err(told)?;
        }
    }
    engine.close().await.map_err(told)?;
    Ok((engine.states, failed))
}

/// A script without the lines that `-- since 15` or `-- until 14` at their end shuts out.
fn for_version(script: &str, major: u32) -> String {
    let mark = |line: &str, word: &str| -> Option<u32> { line.rsplit_once(word)?.1.trim().parse().ok() };
    let fits = |line: &&str| {
        mark(line, "-- since ").is_none_or(|since| since <= major)
            && mark(line, "-- until ").is_none_or(|until| major <= until)
    };
    script.lines().filter(fits).collect::<Vec<&str>>().join("\n")
}

/// The lines of all lists that can be undone, then those of lists whose lines need no undoing.
fn lines(folder: &Path) -> Result<Vec<Line>, String> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).map_err(|error| error.to_string())?.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let (mut undone, mut rest) = (Vec::new(), Vec::new());
    for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "tsv")) {
        let table = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let mut rows = table.lines().map(|row| row.split('\t').collect::<Vec<&str>>());
        let header = rows.next().unwrap_or_default();
        let column = |name: &str| header.iter().position(|column| *column == name);
        let (Some(id), Some(sql)) = (column("id"), column("sql")) else { continue };
        let undo = column("undo");
        for row in rows {
            let version =
                |name: &str, otherwise: u32| column(name).and_then(|at| row[at].parse().ok()).unwrap_or(otherwise);
            let cell = |at: Option<usize>| at.map(|at| row[at].to_owned()).unwrap_or_default();
            let line = Line {
                id: cell(Some(id)),
                before: cell(column("before")),
                sql: cell(Some(sql)),
                undo: cell(undo),
                versions: version("min_version", 0)..=version("max_version", u32::MAX),
            };
            match line.undo.as_str() {
                "-" => (),
                "" => rest.push(line),
                _ => undone.push(line),
            }
        }
    }
    undone.append(&mut rest);
    Ok(undone)
}

#[expect(clippy::needless_pass_by_value, reason = "it is how errors come")]
fn told(error: EngineError) -> String {
    error.to_string()
}

async fn run(engine: &mut impl Engine, sql: &str) -> Result<(), String> {
    for statement in &engine.split(sql).map_err(|error| error.message)? {
        engine.execute(sql, statement).await.map_err(told)?;
    }
    Ok(())
}
