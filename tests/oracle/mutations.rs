//! Lists of single changes, each with what undoes it, on a rich schema: the folder that `ROLLPROOF_TEST_MUTATIONS` names holds
//! `cluster.sql` and `base.sql`, which are run first, and `mutations.tsv` with the columns `id`, `undo` (`-` for none),
//! `sql`, `min_version` and `max_version`. Statements in a cell have ` ;; ` between.

use std::fs;
use std::path::Path;

use rollproof::engine::{Engine, EngineError, Moment, SessionSpec};

use super::watched::{Oracle, Running, State, Watched};

/// The states after each change and after each undoing.
pub(crate) async fn states<E: Engine, O: Oracle>(
    folder: &Path,
    major: u32,
    engine: E,
    oracle: O,
) -> Result<Vec<State>, String> {
    let running = Running::default();
    let mut engine = Watched::new(engine, oracle, Running::clone(&running));
    let read = |name: &str| fs::read_to_string(folder.join(name)).map_err(|error| format!("{name}: {error}"));
    engine.open_session(&SessionSpec::default()).await.map_err(told)?;
    for file in ["cluster.sql", "base.sql"] {
        run(&mut engine, &read(file)?).await.map_err(|error| format!("{file}: {error}"))?;
    }
    running.replace("the base".to_owned());
    engine.snapshot(Moment::Committed).await.map_err(told)?;
    let table = read("mutations.tsv")?;
    let mut lines = table.lines().map(|line| line.split('\t').collect::<Vec<&str>>());
    let header = lines.next().unwrap_or_default();
    let at = |name: &str| header.iter().position(|column| *column == name).ok_or(format!("no column {name}"));
    let (id, undo, sql) = (at("id")?, at("undo")?, at("sql")?);
    let (min, max) = (at("min_version")?, at("max_version")?);
    let mut failed = Vec::new();
    for line in lines.filter(|line| {
        let version = |at: usize, otherwise: u32| line[at].parse().unwrap_or(otherwise);
        line[undo] != "-" && (version(min, 0)..=version(max, u32::MAX)).contains(&major)
    }) {
        for (what, cell) in [("", line[sql]), ("the undoing of ", line[undo])] {
            running.replace(format!("{what}{}: {cell}", line[id]));
            // What a statement set in its session, such as a role, ends with it.
            engine.open_session(&SessionSpec::default()).await.map_err(told)?;
            for statement in cell.split(" ;; ") {
                if let Err(error) = run(&mut engine, statement).await {
                    failed.push(format!("{what}{}: {error}", line[id]));
                }
            }
            engine.snapshot(Moment::Committed).await.map_err(told)?;
        }
    }
    engine.close().await.map_err(told)?;
    if failed.is_empty() { Ok(engine.states) } else { Err(failed.join("\n")) }
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
