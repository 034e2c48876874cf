//! Histories that were cut into single statements by a program: what was one migration is a dozen files, each a step of its
//! own for the tool, and none of them is rolled back alone. Grouped, they are one step again.

use super::{GroupBy, History, Migration, Script};

/// How many digits of a version say the moment; what follows numbers the pieces.
const PREFIX: usize = 14;

/// The history with the migrations put together that belong to one step.
///
/// A group is called by its prefix and the name of its first piece. Its up runs the pieces first to last, its down last to
/// first; a piece without a down has nothing to take back. Only neighbours are put together, and no step in another language.
pub(super) fn grouped(history: History, by: GroupBy) -> History {
    let GroupBy::VersionPrefix = by;
    let mut groups: Vec<Vec<Migration>> = Vec::new();
    for migration in history.migrations {
        match groups.last_mut() {
            Some(group) if belongs(&group[0], &migration) => group.push(migration),
            _ => groups.push(vec![migration]),
        }
    }
    let mut migrations: Vec<Migration> = Vec::with_capacity(groups.len());
    for mut migration in groups.into_iter().filter_map(one_step) {
        migration.parents = migrations.last().map(|before| before.id.clone()).into_iter().collect();
        migrations.push(migration);
    }
    History { migrations, ..history }
}

fn prefix(version: &str) -> Option<&str> {
    version.get(..PREFIX).filter(|prefix| prefix.bytes().all(|byte| byte.is_ascii_digit()))
}

fn belongs(first: &Migration, next: &Migration) -> bool {
    let sql = first.language.is_none() && next.language.is_none();
    sql && prefix(&first.version).is_some_and(|of_first| prefix(&next.version) == Some(of_first))
}

fn one_step(mut group: Vec<Migration>) -> Option<Migration> {
    if group.len() < 2 {
        return group.pop();
    }
    let version = prefix(&group[0].version).unwrap_or_default().to_owned();
    let name = group[0].id.split_once('_').map_or("", |(_, name)| name);
    let id = format!("{version}_{name}");
    let downs = group.iter_mut().rev().filter_map(|piece| piece.down.take()).collect();
    let ups = group.into_iter().map(|piece| piece.up).collect();
    Some(Migration::new(id, version, chained(ups)?, chained(downs)))
}

/// The first script with the others behind it.
fn chained(mut scripts: Vec<Script>) -> Option<Script> {
    if scripts.is_empty() {
        return None;
    }
    let then = scripts.split_off(1);
    scripts.pop().map(|first| Script { then, ..first })
}

#[cfg(test)]
mod tests {
    use crate::history::TransactionMode;

    use super::*;

    fn history(versions: &[(&str, bool)]) -> History {
        let script = |text: String| Script::new("x.sql".into(), text.into(), TransactionMode::Wrapped);
        let migration = |(version, down): &(&str, bool)| {
            let down = down.then(|| script(format!("down {version}")));
            Migration::new(format!("{version}_books"), (*version).to_owned(), script(format!("up {version}")), down)
        };
        History {
            format: "popx",
            folder: "migrations".into(),
            migrations: versions.iter().map(migration).collect(),
            unmatched: Vec::new(),
            one_way: false,
            declares_parents: false,
        }
    }

    #[test]
    fn pieces_of_one_moment_are_one_step() {
        let versions = [
            ("20200101000000000000", true),
            ("20200101000000000001", false),
            ("20200101000000000002", true),
            ("20200102000000", true),
            ("7", true),
            ("8", true),
        ];
        let grouped = grouped(history(&versions), GroupBy::VersionPrefix);
        let ids: Vec<_> = grouped.migrations.iter().map(|migration| migration.id.as_str()).collect();
        assert_eq!(ids, ["20200101000000_books", "20200102000000_books", "7_books", "8_books"]);
        let texts = |script: &Script| script.parts().map(|part| part.text.to_string()).collect::<Vec<_>>();
        let group = &grouped.migrations[0];
        assert_eq!(group.version, "20200101000000");
        assert_eq!(
            texts(&group.up),
            versions[..3].iter().map(|(version, _)| format!("up {version}")).collect::<Vec<_>>()
        );
        assert_eq!(texts(group.down.as_ref().unwrap()), ["down 20200101000000000002", "down 20200101000000000000"]);
        assert_eq!(grouped.migrations[1].parents, ["20200101000000_books"]);
    }
}
