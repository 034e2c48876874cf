//! Migrations that any tool with a command line runs, by the command lines of the configuration.
//!
//! The files of the folder are the migrations, in the order of their names, as Knex, Rails, Sequelize and Ecto have it. A command
//! `list` of the configuration may tell another order, and other migrations.

mod presets;

use std::collections::BTreeSet;

use super::{
    Call, Conduct, Direction, EngineKind, Entry, Evidence, Format, History, HistoryError, Listing, Migration, Script,
    ToolKind, Unmatched,
};
use crate::evidence::Nearby;

pub use presets::{PRESETS, Preset, Revision};

/// The command lines of the configuration, a preset's where it gives none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commands {
    /// Lists the migrations, one a line.
    pub list: Option<String>,
    /// Brings one migration.
    pub up: String,
    /// Takes one back.
    pub down: Option<String>,
    /// The tool, where it is a known one.
    pub preset: Option<&'static Preset>,
}

/// The format.
pub(super) struct Command;

impl Format for Command {
    fn name(&self) -> &'static str {
        "command"
    }

    fn looked_for(&self) -> &'static str {
        "the files of any tool, with `commands:` in rollproof.yml"
    }

    fn recognise(&self, _listing: &Listing, _nearby: &Nearby) -> Option<Evidence> {
        None
    }

    fn read(&self, listing: &Listing, _engine: EngineKind) -> Result<History, HistoryError> {
        let Some(commands) = &listing.options.commands else {
            let problem = "the format `command` is chosen, and nothing says what the commands are";
            let next_step = "write `commands: {up: ..., down: ...}` or `commands: {preset: knex}` into rollproof.yml";
            return Err(HistoryError::stops(&listing.shown, "rollproof", problem, next_step));
        };
        let names: BTreeSet<&str> = listing.files().map(|entry| entry.name.as_str()).collect();
        let (mut migrations, mut unmatched) = (Vec::new(), Vec::new());
        for entry in listing.files().filter(|entry| !entry.name.starts_with('.')) {
            match judged(entry, commands, &names) {
                Judged::Migration { id, revision } => {
                    migrations.push(migration(entry, id, &revision, commands, listing)?);
                }
                Judged::Beside => {}
                Judged::Unmatched(reason) => unmatched.push(Unmatched { path: entry.shown.clone(), reason }),
            }
        }
        let history = History::in_a_row(self.name(), listing.shown.clone(), migrations, unmatched);
        // That there is no way back is the configuration's doing, not the tool's.
        Ok(History { one_way: false, ..history })
    }

    fn conduct(&self, _engine: EngineKind) -> Conduct {
        Conduct::default()
    }

    fn runs_itself(&self) -> Option<ToolKind> {
        Some(ToolKind::Command)
    }
}

/// What a file of the folder is.
enum Judged {
    Migration {
        id: String,
        revision: String,
    },
    /// The other half of a migration, or nothing of interest.
    Beside,
    Unmatched(String),
}

fn judged(entry: &Entry, commands: &Commands, names: &BTreeSet<&str>) -> Judged {
    let name = entry.name.as_str();
    if let Some(preset) = commands.preset {
        if !preset.endings.iter().any(|ending| name.ends_with(ending)) {
            return if entry.is_harmless() {
                Judged::Beside
            } else {
                Judged::Unmatched(format!("its name ends in none of {}", preset.endings.join(", ")))
            };
        }
        return match preset.revision.of(name) {
            Some(revision) => Judged::Migration { id: stem(name).to_owned(), revision },
            None => Judged::Unmatched("its name does not begin with a version, digits and a `_`".to_owned()),
        };
    }
    if entry.is_harmless() {
        return Judged::Beside;
    }
    if let Some((start, end)) = name.split_once(".down.")
        && names.contains(format!("{start}.up.{end}").as_str())
    {
        return Judged::Beside;
    }
    let id = stem(name);
    let id = id.strip_suffix(".up").unwrap_or(id);
    Judged::Migration { id: id.to_owned(), revision: id.to_owned() }
}

/// A name without its ending.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn migration(
    entry: &Entry,
    id: String,
    revision: &str,
    commands: &Commands,
    listing: &Listing,
) -> Result<Migration, HistoryError> {
    let script = |entry: &Entry, direction| {
        let call = Call { revision: revision.to_owned(), direction };
        Ok::<_, HistoryError>(Script::by_tool(entry.shown.clone(), entry.text()?, call))
    };
    let other_half = entry.name.replacen(".up.", ".down.", 1);
    let backward = listing.files().find(|other| other.name == other_half).unwrap_or(entry);
    let down = commands.down.is_some().then(|| script(backward, Direction::Down)).transpose()?;
    Ok(Migration::new(id, revision.to_owned(), script(entry, Direction::Up)?, down))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::sandbox::Sandbox;
    use super::super::{ReadOptions, read_with};
    use super::*;

    fn read(files: &[&str], preset: Option<&str>, down: bool) -> Result<History, HistoryError> {
        let folder = Sandbox::with(files);
        let preset = preset.and_then(Preset::named);
        let commands = Commands { list: None, up: "x".into(), down: down.then(|| "y".into()), preset };
        let options = ReadOptions { commands: Some(commands), ..ReadOptions::default() };
        read_with(&folder.migrations(), Path::new("migrations"), Some("command"), EngineKind::Postgres, &options)
    }

    fn outline(history: &History) -> Vec<(String, String)> {
        let revision =
            |migration: &Migration| migration.up.call.as_ref().map(|call| call.revision.clone()).unwrap_or_default();
        history.migrations.iter().map(|migration| (migration.id.clone(), revision(migration))).collect()
    }

    #[test]
    fn presets_know_what_their_tools_call_a_migration() {
        let knex = read(&["2_b.js", "1_a.ts", "readme.md", "3_c.sql"], Some("knex"), true).unwrap();
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(outline(&knex), [pair("1_a", "1_a.ts"), pair("2_b", "2_b.js")]);
        assert_eq!(knex.migrations[1].parents, ["1_a"]);
        assert_eq!(knex.unmatched.len(), 1, "{:?}", knex.unmatched);
        let rails = read(&["20240102_b.rb", "notes.rb"], Some("rails"), true).unwrap();
        assert_eq!(outline(&rails), [pair("20240102_b", "20240102")]);
        assert_eq!(rails.unmatched.len(), 1);
        let sqlite = Preset::named("rails").map(|rails| rails.url(EngineKind::Sqlite, "sqlite:////tmp/x"));
        assert_eq!(sqlite.as_deref(), Some("sqlite3:/tmp/x"));
    }

    #[test]
    fn any_files_are_migrations_without_a_preset() {
        let history = read(&["1_a.up.sql", "1_a.down.sql", "2_b.exs", ".hidden"], None, false).unwrap();
        assert_eq!(outline(&history).iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["1_a", "2_b"]);
        assert!(history.migrations.iter().all(|migration| migration.down.is_none()) && !history.one_way);
        let both = read(&["1_a.up.sql", "1_a.down.sql"], None, true).unwrap();
        let down = both.migrations[0].down.as_ref().unwrap();
        assert!(down.path.ends_with("1_a.down.sql"), "{}", down.path.display());
    }

    #[test]
    fn commands_have_to_be_there() {
        let folder = Sandbox::with(&["1_a.js"]);
        let read =
            super::super::read(&folder.migrations(), Path::new("migrations"), Some("command"), EngineKind::Postgres);
        assert!(read.unwrap_err().to_string().contains("`commands: {up: ..., down: ...}`"));
    }
}
