//! One history for several products: do its databases say the same at head?

use std::path::Path;

use super::Settings;
use super::database::Checked;
use crate::config::{Database, Excluded};
use crate::engine;
use crate::history::{EngineKind, History, Migration};
use crate::policy::{self, ComparedTable, Rule};
use crate::replay::{Outcome, Phase, Trace};
use crate::schema::portable::{Portable, Product, differences};

/// The folders that a project names after a product.
const PRODUCT_FOLDERS: [&str; 13] = [
    "postgres",
    "postgresql",
    "pgsql",
    "pg",
    "psql",
    "cockroach",
    "cockroachdb",
    "mysql",
    "mariadb",
    "maria",
    "sqlite",
    "sqlite3",
    "lite",
];

/// A database at head.
struct Head<'c> {
    name: &'c str,
    engine: EngineKind,
    history: &'c History,
    trace: &'c Trace,
    schema: (Product, Portable),
    /// The tables that its configuration leaves out of every comparison.
    left_out: Vec<String>,
    unchanged: bool,
}

/// Compares the databases whose migrations are one history in several dialects, each with the first of them, and adds what
/// the rules find. `checked` has the databases with their indices in the configuration.
pub(super) fn compare(settings: &Settings, rules: &[Rule], checked: &mut [(usize, Checked)]) {
    if !settings.phases.contains(&Phase::Agreement) {
        return;
    }
    let databases = &settings.project.databases;
    for later in 1..checked.len() {
        let of = |at: usize| &databases[checked[at].0];
        let Some(first) = (0..later).find(|first| are_dialects(of(*first), of(later))) else { continue };
        let other = &of(first).name;
        let heads = (head(of(later), &checked[later].1), head(of(first), &checked[first].1));
        let judged = match &heads {
            (Ok(here), Ok(there)) if here.schema.0 == there.schema.0 => continue,
            (Ok(here), Ok(there)) => Ok(judged(settings, rules, here, there)),
            (Err(why), _) => Err(format!("not compared with {other}: {why}")),
            (_, Err(why)) => Err(format!("not compared with {other}: there {why}")),
        };
        match judged {
            Ok(judgement) => {
                checked[later].1.findings.extend(judgement.findings);
                checked[later].1.errors.extend(judgement.errors);
            }
            Err(note) => checked[later].1.notes.push(note),
        }
    }
}

/// Whether the migrations of both are one history: they lie in one folder, which has files for several products, or in
/// folders that differ by the name of a product only.
fn are_dialects(one: &Database, other: &Database) -> bool {
    if one.migrations == other.migrations {
        return true;
    }
    let parts = |path: &Path| path.iter().map(|part| part.to_string_lossy().into_owned()).collect::<Vec<_>>();
    let (one, other) = (parts(&one.migrations), parts(&other.migrations));
    let mut different = one.iter().zip(&other).filter(|(part, there)| part != there);
    let named = |part: &str| PRODUCT_FOLDERS.contains(&part.to_lowercase().as_str());
    one.len() == other.len()
        && different.next().is_some_and(|(part, there)| named(part) && named(there))
        && different.next().is_none()
}

/// A database at head; else why it cannot be compared, as a clause.
fn head<'c>(database: &'c Database, checked: &'c Checked) -> Result<Head<'c>, &'static str> {
    let (Some(engine), Some(history), Some(trace)) = (checked.engine, &checked.history, &checked.trace) else {
        return Err("nothing was replayed");
    };
    if !checked.errors.is_empty() || trace.after.len() < history.migrations.len() {
        return Err("the replay did not come to its end");
    }
    if trace.steps.iter().any(|step| step.phase == Phase::Up && step.outcome == Outcome::Failed) {
        return Err("an up script fails");
    }
    let snapshot = trace.after.last().unwrap_or(&trace.base);
    let unchanged = checked.compared.as_ref().is_some_and(|compared| compared.changes.is_empty());
    let schema = engine::portable(engine, snapshot);
    Ok(Head { name: &database.name, engine, history, trace, schema, left_out: left_out(database), unchanged })
}

fn left_out(database: &Database) -> Vec<String> {
    let excluded = database.exclude.iter().filter_map(|exclusion| match &exclusion.what {
        Excluded::Object(object) => object.strip_prefix("table "),
        Excluded::Kind(_) => None,
    });
    let tables = excluded.chain(database.bookkeeping.iter().map(String::as_str));
    tables.map(|table| table.strip_prefix("public.").unwrap_or(table).to_lowercase()).collect()
}

fn judged(settings: &Settings, rules: &[Rule], here: &Head<'_>, there: &Head<'_>) -> policy::Judgement {
    let tables = differences((here.schema.0, &here.schema.1), (there.schema.0, &there.schema.1));
    let left_out = |table: &str| here.left_out.iter().chain(&there.left_out).any(|name| name == table);
    let compared: Vec<ComparedTable<'_>> = tables
        .into_iter()
        .filter(|table| !left_out(&table.table))
        .map(|table| ComparedTable {
            migration: last_change(here, &table.table),
            table: table.table,
            there: there.name,
            product: there.engine.title(),
            differences: table.differences,
        })
        .collect();
    let facts = policy::dialects(&compared, &[Phase::Agreement].into());
    let mut judgement = policy::judge(rules, &facts, &settings.project.rules);
    for finding in &mut judgement.findings {
        finding.inherited = here.unchanged && there.unchanged;
    }
    judgement
}

/// The migration that changed a table last.
fn last_change<'c>(head: &Head<'c>, table: &str) -> Option<&'c Migration> {
    let mut ups = head.trace.steps.iter().rev().filter(|step| step.phase == Phase::Up);
    let step = ups.find(|step| {
        let changes = step.diff.iter().flat_map(|diff| &diff.changes);
        changes.into_iter().any(|change| engine::portable_table(head.engine, &change.object).as_deref() == Some(table))
    })?;
    head.history.migrations.get(step.migration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histories_are_dialects_by_their_folders() {
        let at = |path: &str| Database { migrations: path.into(), ..Database::default() };
        for (one, other, expected) in [
            ("migrations/postgres", "migrations/mysql", true),
            ("db/mysql/migrations", "db/postgresql/migrations", true),
            ("migrations", "migrations", true),
            ("migrations/SQLite", "migrations/pg", true),
            ("migrations/users", "migrations/orders", false),
            ("a/postgres", "b/mysql", false),
            ("migrations", "migrations/mysql", false),
        ] {
            assert_eq!(are_dialects(&at(one), &at(other)), expected, "{one} {other}");
        }
    }
}
