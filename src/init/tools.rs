//! Tools that keep migrations in ways which this version does not read.
//!
//! A tool is no longer told here once the configuration takes its format.

use std::fs;
use std::path::{Path, PathBuf};

use super::model::FoundTool;
use super::tree::Tree;
use crate::config::check_format;

/// How much of a script is looked at for the mark of its tool, in bytes, and of how many scripts.
const LOOKED_AT: usize = 4096;
const SCRIPTS: usize = 5;

/// A tool by the files that only it has.
struct Mark {
    title: &'static str,
    format: Option<&'static str>,
    /// The end of a path.
    file: &'static str,
    /// What the file has to say; nothing where its name is enough.
    says: &'static str,
}

const fn mark(title: &'static str, format: &'static str, file: &'static str, says: &'static str) -> Mark {
    Mark { title, format: Some(format), file, says }
}

const fn unplanned(title: &'static str, file: &'static str, says: &'static str) -> Mark {
    Mark { title, format: None, file, says }
}

const MARKS: [Mark; 14] = [
    mark("Atlas", "atlas", "atlas.hcl", ""),
    mark("Atlas", "atlas", "atlas.sum", ""),
    mark("Liquibase", "liquibase-sql", "liquibase.properties", ""),
    mark("Liquibase", "liquibase-sql", "db.changelog-master.sql", ""),
    unplanned("Liquibase with changelogs in XML or YAML", "db.changelog-master.xml", ""),
    unplanned("Liquibase with changelogs in XML or YAML", "db.changelog-master.yaml", ""),
    unplanned("Rails (Active Record)", "db/schema.rb", ""),
    unplanned("Knex", "knexfile.js", ""),
    unplanned("Knex", "knexfile.ts", ""),
    unplanned("Sequelize", ".sequelizerc", ""),
    unplanned("TypeORM", "ormconfig.json", ""),
    unplanned("Ecto", "mix.exs", "ecto_sql"),
    unplanned("Laravel", "artisan", "Illuminate"),
    unplanned("SeaORM", "migration/Cargo.toml", "sea-orm-migration"),
];

/// The tools whose own files lie in the project, each once.
pub(super) fn found(tree: &Tree) -> Vec<FoundTool> {
    let mut found: Vec<FoundTool> = Vec::new();
    for mark in MARKS.iter().filter(|mark| is_later(mark.format)) {
        let says = |file: &&Path| mark.says.is_empty() || tree.text(file).is_some_and(|text| text.contains(mark.says));
        let known = found.iter().any(|tool| tool.title == mark.title);
        if let Some(file) = tree.named(mark.file).find(says).filter(|_| !known) {
            found.push(tool(mark.title, mark.format, file.display().to_string(), None));
        }
    }
    found
}

/// The tool whose migrations a folder holds, although its names are like those of a format that this version reads.
pub(super) fn of_folder(folder: &Path, root: &Path) -> Option<FoundTool> {
    let way = folder.strip_prefix(root).unwrap_or(folder);
    let told = |title, format: &'static str, file: &Path| {
        let from = file.strip_prefix(root).unwrap_or(file).display().to_string();
        is_later(Some(format)).then(|| tool(title, Some(format), from, Some(way.to_owned())))
    };
    let sum = folder.join("atlas.sum");
    if sum.is_file()
        && let Some(tool) = told("Atlas", "atlas", &sum)
    {
        return Some(tool);
    }
    scripts(folder).iter().find_map(|script| {
        let text = fs::read(script).ok()?;
        let text = String::from_utf8_lossy(&text[..text.len().min(LOOKED_AT)]).to_lowercase();
        let says = |mark: &str| text.lines().any(|line| line.trim_start().starts_with(mark));
        if says("-- +goose up") {
            told("goose", "goose", script)
        } else if says("-- migrate:up") {
            told("dbmate", "dbmate", script)
        } else if says("--liquibase formatted sql") || says("-- liquibase formatted sql") {
            told("Liquibase", "liquibase-sql", script)
        } else {
            None
        }
    })
}

/// The first scripts of a folder.
fn scripts(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut scripts: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "sql") && path.is_file()).collect();
    scripts.sort();
    scripts.truncate(SCRIPTS);
    scripts
}

fn tool(title: &'static str, format: Option<&'static str>, from: String, path: Option<PathBuf>) -> FoundTool {
    FoundTool { title, format, from, path }
}

/// Whether this version does not read the format.
fn is_later(format: Option<&str>) -> bool {
    format.is_none_or(|format| check_format(format).is_err())
}
