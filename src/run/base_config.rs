//! What the configuration at the base says of a database: where its migrations were, and whether its steps began alike.
//!
//! A finding on files that did not change is nevertheless news when what they run on did.

use std::path::{Path, PathBuf};

use super::database::Task;
use crate::config::{self, Database};
use crate::git::{GitError, Repository};

/// A database as the base has it.
pub(super) struct AtBase {
    /// Where its migrations were.
    pub(super) folder: PathBuf,
    /// Its entry in the configuration.
    pub(super) database: Database,
    /// The keys of the configuration that decide what the steps do, and that say something else now.
    pub(super) changed: Vec<&'static str>,
}

/// What the configuration at `commit` says. One that is not there, or that cannot be read, says what that of today does.
///
/// # Errors
/// When git cannot tell.
pub(super) async fn at_base(repository: &Repository, commit: &str, task: Task<'_>) -> Result<AtBase, GitError> {
    let now = task.database();
    let mut at_base = AtBase { folder: task.folder(), database: now.clone(), changed: Vec::new() };
    let project = &task.settings.project;
    let Some(file) = &project.file else { return Ok(at_base) };
    if let Some(text) = repository.text_at(commit, file).await?
        && let Ok((then, _)) = config::read(&text, file)
        && let Some(then) = then.databases.into_iter().find(|database| database.name == now.name)
    {
        at_base.changed = changed(&then, now);
        at_base.folder = project.resolve(&then.migrations);
        at_base.database = then;
    }
    if let Some(schema) = &now.base_schema
        && at_base.changed.is_empty()
        && differs(repository, commit, &project.resolve(schema)).await?
    {
        at_base.changed.push("base-schema");
    }
    Ok(at_base)
}

async fn differs(repository: &Repository, commit: &str, file: &Path) -> Result<bool, GitError> {
    let then = repository.text_at(commit, file).await?;
    // A file that cannot be read is told where it is used.
    Ok(std::fs::read_to_string(file).is_ok_and(|now| then != Some(now)))
}

/// The keys under which two entries for one database differ. Those of the migrations are compared by their files, and an
/// engine that one of them leaves out is found by the same means in both.
fn changed(then: &Database, now: &Database) -> Vec<&'static str> {
    let keys = [
        ("engine", then.engine.is_some() && now.engine.is_some() && then.engine != now.engine),
        ("image", then.image != now.image),
        ("role", then.role != now.role),
        ("create-roles", then.create_roles != now.create_roles),
        ("server-settings", then.server_settings != now.server_settings),
        ("prelude", then.prelude != now.prelude),
        ("bookkeeping", then.bookkeeping != now.bookkeeping),
        ("base-schema", then.base_schema != now.base_schema),
        ("functions", then.functions != now.functions),
        ("placeholders", then.read_options.placeholders != now.read_options.placeholders),
        ("group-by", then.read_options.group_by != now.read_options.group_by),
        ("commands", then.read_options.commands != now.read_options.commands),
        ("skip", then.skip != now.skip),
        ("exclude", then.exclude != now.exclude),
    ];
    keys.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decides_what_steps_do_is_compared() {
        let entry = |text: &str| {
            let text = format!("databases:\n  - name: main\n    migrations: db\n{text}");
            config::read(&text, Path::new("rollproof.yml")).unwrap().0.databases.remove(0)
        };
        let plain = entry("");
        assert!(changed(&plain, &entry("    engine: postgres\n")).is_empty(), "it is found where none is named");
        for (text, key) in [
            ("    image: postgres:17\n", "image"),
            ("    prelude: [SELECT 1]\n", "prelude"),
            ("    base-schema: base.sql\n", "base-schema"),
            ("    role: app\n", "role"),
            ("    skip: [{migration: a, reason: b}]\n", "skip"),
        ] {
            let now = entry(&format!("    engine: postgres\n{text}"));
            assert_eq!(changed(&entry("    engine: postgres\n"), &now), [key], "{text}");
        }
    }
}
