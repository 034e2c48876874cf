//! One fact for each migration: what became of it since the base.

use serde::Serialize;

use super::{About, Fact, FactKind, fact};
use crate::history::{Change, Changes, Difference, Gone, History, Migration, Status};
use crate::replay::Phase;

/// Characters of a line that a finding shows.
const LONGEST_LINE: usize = 160;

#[derive(Default, Serialize)]
struct MigrationFields<'a> {
    id: &'a str,
    version: &'a str,
    file: String,
    parents: Vec<&'a str>,
    language: &'a str,
    declared_skip: &'a str,
    status: &'static str,
    new: bool,
    was: &'a str,
    base_parents: Vec<&'a str>,
    reparented: bool,
    down_edited: bool,
    inserted: bool,
    overtaken_by: &'a str,
    newest_base: &'a str,
    line_was: &'a str,
    line_is: &'a str,
}

/// The migrations in the order of the history, then those that were deleted.
pub(super) fn facts(history: &History, changes: Option<&Changes>) -> Vec<Fact> {
    let newest = changes.and_then(|changes| changes.newest.as_deref()).unwrap_or("");
    let there = history.migrations.iter().enumerate().map(|(index, migration)| {
        let change = changes.and_then(|changes| changes.migrations.get(index));
        of_migration(migration, change, newest)
    });
    let gone = changes.into_iter().flat_map(|changes| &changes.deleted).map(|gone| of_gone(gone, newest));
    there.chain(gone).collect()
}

fn of_migration(migration: &Migration, change: Option<&Change>, newest: &str) -> Fact {
    let status = change.map(|change| change.status);
    let was = change.and_then(|change| change.was.as_ref());
    let difference = change.and_then(|change| change.difference.as_ref());
    let fields = MigrationFields {
        id: &migration.id,
        version: &migration.version,
        file: migration.up.path.display().to_string(),
        parents: migration.before().map(String::as_str).collect(),
        language: migration.language.unwrap_or(""),
        declared_skip: migration.skip.as_deref().unwrap_or(""),
        status: match status {
            None => "unknown",
            Some(Status::Unchanged) => "unchanged",
            Some(Status::New) => "new",
            Some(Status::Edited) => "edited",
        },
        new: status == Some(Status::New),
        was: was.map_or("", |was| &was.id),
        base_parents: was.map_or_else(Vec::new, |was| named(&was.parents)),
        reparented: change.is_some_and(|change| change.reparented),
        down_edited: change.is_some_and(|change| change.down_edited),
        inserted: change.is_some_and(|change| change.inserted),
        overtaken_by: migration.overtaken_by.as_deref().unwrap_or(""),
        newest_base: newest,
        line_was: difference.and_then(|difference| difference.was.as_deref()).unwrap_or(""),
        line_is: difference.and_then(|difference| difference.is.as_deref()).unwrap_or(""),
    };
    let about = About {
        migration: Some(migration.id.clone()),
        file: Some(migration.up.path.clone()),
        line: Some(match difference {
            Some(difference) => difference.line,
            None if fields.reparented => migration.parents_at.unwrap_or_else(|| migration.up.line()),
            None => migration.up.line(),
        }),
        details: difference.map_or_else(Vec::new, shown),
        ..About::default()
    };
    fact(FactKind::Migration, Phase::Graph, fields, about)
}

/// A finding about a migration that is gone points at the file that was: a difference of the two commits shows it.
fn of_gone(gone: &Gone, newest: &str) -> Fact {
    let fields = MigrationFields {
        id: &gone.id,
        version: &gone.version,
        file: gone.file.display().to_string(),
        parents: named(&gone.parents),
        status: "deleted",
        was: &gone.id,
        base_parents: named(&gone.parents),
        newest_base: newest,
        ..MigrationFields::default()
    };
    let about =
        About { migration: Some(gone.id.clone()), file: Some(gone.file.clone()), line: Some(1), ..About::default() };
    fact(FactKind::Migration, Phase::Graph, fields, about)
}

fn named(ids: &[String]) -> Vec<&str> {
    ids.iter().map(String::as_str).collect()
}

/// The line as it was and as it is.
fn shown(difference: &Difference) -> Vec<String> {
    let line = |line: &Option<String>| match line {
        None => "the script ends".to_owned(),
        Some(line) if line.chars().count() > LONGEST_LINE => {
            format!("{}...", line.chars().take(LONGEST_LINE).collect::<String>())
        }
        Some(line) => line.replace('\r', "\\r"),
    };
    vec![format!("was: {}", line(&difference.was)), format!("is:  {}", line(&difference.is))]
}
