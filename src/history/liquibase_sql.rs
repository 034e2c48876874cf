//! The changelogs of Liquibase in formatted SQL: `liquibase update`, `liquibase rollback`.
//!
//! The facts are those of Liquibase 5.0, community edition, held against what Liquibase 4.28 does (`SqlChangeLogParser.java`, `AbstractFormattedChangeLogParser.java`,
//! `FormattedSqlChangeLogParser.java`, `DatabaseList.java`, `ChangeSet.java`, `StringUtil.java`,
//! `CreateDatabaseChangeLogTableGenerator.java`):
//! - A file whose first line is `--liquibase formatted sql` holds changesets, `--changeset author:id attributes`
//!   ([`line`], [`changelog`]), which the tool cuts into statements ([`statements`]). What stands before the first one is lost.
//! - Files run in the order of their paths, as `includeAll` has them, changesets in the order in which they stand. A master
//!   changelog in XML, YAML or JSON may say otherwise: it is not read here, and told.
//! - `includeAll` takes a file without that first line for one changeset, `raw` by `includeAll`, and sends it as it stands. Where a
//!   changelog of another kind lies beside it, it is one only if that says `includeAll` and does not name it.
//! - A changeset without SQL stops the tool; a comment is enough.
//! - Each changeset runs in a transaction, unless `runInTransaction:false`; so does its rollback, which is what `--rollback`
//!   lines or `/* liquibase rollback ... */` say. `empty` and `not required` are rollbacks that do nothing; one that names
//!   another changeset runs that one. Without one the tool rolls nothing back.
//! - A changeset for another product (`dbms`) or with `ignore:true` is not run. Contexts and labels choose only where the command
//!   names some. `runOnChange`, `runAlways` and `failOnError` do not matter to a first run that passes.
//! - Preconditions are asked of the database by the tool. They are not asked here: the changeset runs as if they held, which
//!   is told.
//! - `${name}` is replaced by `--property` lines and by what the command is told, here `placeholders`; an unknown one stays.
//! - JDBC without auto-commit begins another transaction behind a COMMIT of the script, but SQLite's does not. MySQL's and
//!   MariaDB's take one statement in a message, and SQLite's runs the first of several and no message without any.
//! - JDBC drivers: PostgreSQL's sets the encoding, the style of dates and the zone of the Java machine (UTC here), those of MySQL
//!   and MariaDB add `STRICT_TRANS_TABLES` to the mode, SQLite's leaves foreign keys off.

mod changelog;
mod line;
mod statements;

use std::collections::BTreeMap;
use std::sync::Arc;

use changelog::{Changeset, Properties, Text};
use line::Attributes;
use statements::How;

use super::{
    Conduct, Cutting, EngineKind, Entry, Evidence, Format, History, HistoryError, Kind, Listing, Migration,
    MoreStatements, NoStatement, Script, TransactionMode, Unmatched, marks,
};
use crate::evidence::Nearby;

/// The format.
pub(super) struct LiquibaseSql;

const NAME: &str = "liquibase-sql";

impl Format for LiquibaseSql {
    fn name(&self) -> &'static str {
        NAME
    }

    fn looked_for(&self) -> &'static str {
        "*.sql with `--liquibase formatted sql`"
    }

    fn recognise(&self, listing: &Listing, nearby: &Nearby) -> Option<Evidence> {
        let scripts = listing.files().filter(|entry| is_sql(&entry.name)).count();
        let project = nearby.nearest(|folder| {
            let says = |file| folder.text(file).is_some_and(|text| text.contains("liquibase"));
            let named = folder.has("liquibase.properties")
                || ["pom.xml", "build.gradle", "build.gradle.kts"].into_iter().any(says);
            named.then_some(false)
        });
        (scripts > 0 && self.is_marked(listing)).then_some(Evidence { scripts, project, specific: true })
    }

    fn is_marked(&self, listing: &Listing) -> bool {
        marks::any_line(listing, is_sql, |text| line::said(text, false) == line::Said::Header)
    }

    fn read(&self, listing: &Listing, engine: EngineKind) -> Result<History, HistoryError> {
        let product = product(engine);
        let mut properties = Properties::new(&listing.options.placeholders, product);
        let (mut read, mut unmatched) = (Vec::new(), Vec::new());
        let masters = masters(listing)?;
        for (name, entry) in files(listing, &mut unmatched) {
            let text = entry.text()?;
            if !changelog::is_changelog(&text) && is_included(entry, &masters) {
                read.push((name.clone(), entry, raw(&text)));
                continue;
            }
            if !changelog::is_changelog(&text) {
                let reason = "its first line is not `--liquibase formatted sql`";
                unmatched.push(Unmatched { path: entry.shown.clone(), reason: reason.to_owned() });
                continue;
            }
            let log = changelog::parse(&text, &mut properties).map_err(|refusal| HistoryError::Unusable {
                path: entry.shown.clone(),
                line: refusal.line,
                reason: format!("liquibase stops here: {}", refusal.why),
                next_step: "mend the line, or take the file out of the folder",
            })?;
            if let Some(at) = log.outside {
                let reason =
                    format!("what stands from line {at} on is in no changeset, so that liquibase passes it over");
                unmatched.push(Unmatched { path: entry.shown.clone(), reason });
            }
            read.extend(log.changesets.into_iter().map(|changeset| (name.clone(), entry, changeset)));
        }
        let mut names: BTreeMap<String, usize> = BTreeMap::new();
        for (_, _, changeset) in &read {
            *names.entry(short(changeset)).or_default() += 1;
        }
        let mut migrations = Vec::with_capacity(read.len());
        for (index, (name, entry, changeset)) in read.iter().enumerate() {
            if let Some(at) = changeset.precondition {
                let reason = format!(
                    "the preconditions of {} at line {at} are not asked, and it runs as if they held",
                    short(changeset)
                );
                unmatched.push(Unmatched { path: entry.shown.clone(), reason });
            }
            let is_here = changeset.attributes.dbms.as_ref().is_none_or(|dbms| line::is_for(dbms, product));
            if is_here && changeset.sql.text.trim().is_empty() {
                return Err(HistoryError::Unusable {
                    path: entry.shown.clone(),
                    line: changeset.sql.first_line,
                    reason: format!("liquibase stops here: the changeset {} has no SQL", short(changeset)),
                    next_step: "write its statements, a comment if there are none, or remove it",
                });
            }
            let up = script(entry, &changeset.sql, changeset.attributes.forward(), changeset, engine);
            let down = rollback(entry, name, changeset, &read[..index], engine)?;
            let version = format!("{name}::{}::{}", changeset.id, changeset.author);
            let shared = names.get(&short(changeset)).is_some_and(|count| *count > 1);
            let id = if shared { format!("{name}::{}", short(changeset)) } else { short(changeset) };
            let skip = match &changeset.attributes.dbms {
                _ if changeset.attributes.ignore => Some("it says ignore:true".to_owned()),
                Some(dbms) if !line::is_for(dbms, product) => Some(format!("it is for dbms:{dbms}")),
                _ => None,
            };
            migrations.push(Migration { skip, ..Migration::new(id, version, up, down) });
        }
        Ok(History::in_a_row(NAME, listing.shown.clone(), migrations, unmatched))
    }

    fn conduct(&self, engine: EngineKind) -> Conduct {
        match engine {
            EngineKind::Postgres => Conduct::new(
                &[
                    "SET client_encoding = 'UTF8'",
                    "SET DateStyle = 'ISO, MDY'",
                    "SET extra_float_digits = 3",
                    "SET TimeZone = 'UTC'",
                ],
                &[
                    &table("databasechangelog", "TIMESTAMP WITHOUT TIME ZONE", "INTEGER"),
                    "CREATE TABLE databasechangeloglock (\n    id INTEGER NOT NULL,\n    locked BOOLEAN NOT NULL,\n    \
                     lockgranted TIMESTAMP WITHOUT TIME ZONE,\n    lockedby VARCHAR(255),\n    \
                     CONSTRAINT databasechangeloglock_pkey PRIMARY KEY (id)\n)",
                ],
                &["databasechangelog", "databasechangeloglock"],
            ),
            EngineKind::Mysql | EngineKind::Mariadb => Conduct::new(
                &["SET sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES,IGNORE_SPACE')", "SET NAMES utf8mb4"],
                &[
                    &table("DATABASECHANGELOG", "datetime", "INT"),
                    "CREATE TABLE DATABASECHANGELOGLOCK (\n    ID INT NOT NULL,\n    LOCKED TINYINT NOT NULL,\n    \
                     LOCKGRANTED datetime NULL,\n    LOCKEDBY VARCHAR(255) NULL,\n    \
                     CONSTRAINT PK_DATABASECHANGELOGLOCK PRIMARY KEY (ID)\n)",
                ],
                &["DATABASECHANGELOG", "DATABASECHANGELOGLOCK"],
            ),
            EngineKind::Sqlite => Conduct::new(
                &["PRAGMA foreign_keys = OFF"],
                &[
                    &table("DATABASECHANGELOG", "TEXT", "INTEGER"),
                    "CREATE TABLE DATABASECHANGELOGLOCK (\n    ID INTEGER NOT NULL,\n    LOCKED BOOLEAN NOT NULL,\n    \
                     LOCKGRANTED TEXT,\n    LOCKEDBY TEXT,\n    \
                     CONSTRAINT PK_DATABASECHANGELOGLOCK PRIMARY KEY (ID)\n)",
                ],
                &["DATABASECHANGELOG", "DATABASECHANGELOGLOCK"],
            ),
        }
    }
}

/// The statement that makes the table of what has run.
fn table(name: &str, time: &str, number: &str) -> String {
    let text = |name: &str, length: u16| format!("{name} VARCHAR({length})");
    let columns = [
        text("ID", 255) + " NOT NULL",
        text("AUTHOR", 255) + " NOT NULL",
        text("FILENAME", 255) + " NOT NULL",
        format!("DATEEXECUTED {time} NOT NULL"),
        format!("ORDEREXECUTED {number} NOT NULL"),
        text("EXECTYPE", 10) + " NOT NULL",
        text("MD5SUM", 35),
        text("DESCRIPTION", 255),
        text("COMMENTS", 255),
        text("TAG", 255),
        text("LIQUIBASE", 20),
        text("CONTEXTS", 255),
        text("LABELS", 255),
        text("DEPLOYMENT_ID", 10),
    ];
    format!("CREATE TABLE {name} (\n    {}\n)", columns.join(",\n    "))
}

/// What `dbms` calls a product.
fn product(engine: EngineKind) -> &'static str {
    match engine {
        EngineKind::Postgres => "postgresql",
        EngineKind::Mysql => "mysql",
        EngineKind::Mariadb => "mariadb",
        EngineKind::Sqlite => "sqlite",
    }
}

fn is_sql(name: &str) -> bool {
    name.to_lowercase().ends_with(".sql")
}

fn short(changeset: &Changeset) -> String {
    format!("{}:{}", changeset.author, changeset.id)
}

/// The SQL files of the folder and of its folders, by their paths; what else lies there is told.
fn files<'l>(listing: &'l Listing, unmatched: &mut Vec<Unmatched>) -> Vec<(String, &'l Entry)> {
    let inner = listing
        .folders()
        .flat_map(|(folder, inner)| inner.iter().map(move |entry| (format!("{}/{}", folder.name, entry.name), entry)));
    let all = listing.entries.iter().map(|entry| (entry.name.clone(), entry)).chain(inner);
    let mut files = Vec::new();
    for (name, entry) in all.filter(|(_, entry)| !entry.name.starts_with('.')) {
        let is_file = matches!(entry.kind, Kind::File);
        let lower = entry.name.to_lowercase();
        let deep = name.contains('/') && matches!(entry.kind, Kind::Folder(_));
        let reason = match is_other_changelog(&lower) {
            _ if is_file && is_sql(&entry.name) => {
                files.push((name, entry));
                continue;
            }
            true if is_file => {
                "only changelogs in formatted SQL are read, in the order of their paths; name the folder that holds them, and \
                 take care that this file includes them in that order"
            }
            _ if deep && !entry.is_harmless() => "folders in folders are not looked into here; name that folder itself",
            _ if is_file && !entry.is_harmless() => "its name does not end in .sql",
            _ => continue,
        };
        unmatched.push(Unmatched { path: entry.shown.clone(), reason: reason.to_owned() });
    }
    files.sort_by(|(a, _), (b, _)| a.cmp(b));
    files
}

/// The changelogs of other kinds in the folder and in its folders.
fn masters(listing: &Listing) -> Result<Vec<Arc<str>>, HistoryError> {
    let inner = listing.folders().flat_map(|(_, inner)| inner);
    let all = listing.entries.iter().chain(inner).filter(|entry| matches!(entry.kind, Kind::File));
    let found = all.filter(|entry| is_other_changelog(&entry.name.to_lowercase()));
    found.map(Entry::text).collect()
}

fn is_other_changelog(lower: &str) -> bool {
    let other = [".yaml", ".yml", ".json"].into_iter().any(|ending| lower.ends_with(ending));
    lower.ends_with(".xml") || other && lower.contains("changelog")
}

/// Whether `includeAll` takes this file, which is no changelog.
fn is_included(entry: &Entry, masters: &[Arc<str>]) -> bool {
    let named = masters.iter().any(|text| text.contains(&entry.name));
    !named && (masters.is_empty() || masters.iter().any(|text| text.contains("includeAll")))
}

/// A file without changesets as the one that the tool makes of it.
fn raw(text: &str) -> Changeset {
    Changeset {
        author: "includeAll".to_owned(),
        id: "raw".to_owned(),
        attributes: Attributes::raw(),
        sql: Text { first_line: 1, text: text.to_owned() },
        rollback: None,
        precondition: None,
    }
}

fn script(entry: &Entry, text: &Text, how: How<'_>, changeset: &Changeset, engine: EngineKind) -> Script {
    let mysql = matches!(engine, EngineKind::Mysql | EngineKind::Mariadb);
    let transaction = match engine {
        _ if !changeset.attributes.in_transaction => TransactionMode::Autocommit,
        EngineKind::Sqlite => TransactionMode::Wrapped,
        EngineKind::Postgres | EngineKind::Mysql | EngineKind::Mariadb => TransactionMode::WrappedAnew,
    };
    // Where comments are stripped, so is what MySQL runs between `/*!` and `*/`.
    let stripped =
        if mysql && how.strip && text.text.contains("/*!") { without_comments(&text.text) } else { text.text.clone() };
    let cutting = match statements::cut(&stripped, how) {
        Cutting::Pieces(pieces) if mysql => {
            let none = if how.strip { NoStatement::PassedOver } else { NoStatement::Sent };
            Cutting::Singles { pieces, none, more: MoreStatements::Refused }
        }
        Cutting::Pieces(pieces) if engine == EngineKind::Sqlite => {
            let none = if how.strip { NoStatement::PassedOver } else { NoStatement::Refused };
            Cutting::Singles { pieces, none, more: MoreStatements::FirstRuns }
        }
        cutting => cutting,
    };
    let script = Script::new(entry.shown.clone(), Arc::from(stripped), transaction);
    Script { first_line: text.first_line, cutting, ..script }
}

/// The text with blanks for what stands between `/*!` and `*/`.
fn without_comments(text: &str) -> String {
    let (mut result, mut rest) = (String::new(), text);
    while let Some((before, behind)) = rest.split_once("/*!") {
        let (comment, after) = behind.split_once("*/").unwrap_or((behind, ""));
        result.push_str(before);
        result.extend(comment.chars().filter(|c| *c == '\n'));
        result.push(' ');
        rest = after;
    }
    result.push_str(rest);
    result
}

/// What takes a changeset back.
fn rollback(
    entry: &Entry,
    name: &str,
    changeset: &Changeset,
    before: &[(String, &Entry, Changeset)],
    engine: EngineKind,
) -> Result<Option<Script>, HistoryError> {
    let Some(text) = &changeset.rollback else { return Ok(None) };
    let lower = text.text.trim().to_lowercase();
    if lower.is_empty() {
        return Ok(None);
    }
    if lower.starts_with("not required") || lower.starts_with("empty") {
        let nothing = Text { first_line: text.first_line, text: String::new() };
        return Ok(Some(script(entry, &nothing, changeset.attributes.back(), changeset, engine)));
    }
    if !lower.contains("changesetid") {
        return Ok(Some(script(entry, text, changeset.attributes.back(), changeset, engine)));
    }
    let line = text.text.replace('\n', " ");
    let value = |name| line::attribute(&line, name, |c| !c.is_whitespace());
    let (id, author, path) = (value("changeSetId"), value("changeSetAuthor"), value("changeSetPath"));
    let found = before.iter().rev().find(|(file, _, other)| {
        let same_file = path.map_or(file == name, |path| path == file || path.ends_with(&format!("/{file}")));
        same_file && Some(other.id.as_str()) == id && Some(other.author.as_str()) == author
    });
    match found {
        Some((_, file, other)) => {
            let taken = script(file, &other.sql, other.attributes.forward(), changeset, engine);
            Ok(Some(taken))
        }
        None => Err(HistoryError::Unusable {
            path: entry.shown.clone(),
            line: text.first_line,
            reason: "liquibase stops here: no earlier changeset has this id, author and path".to_owned(),
            next_step: "name one with `--rollback changeSetId:<id> changeSetAuthor:<author>`",
        }),
    }
}

#[cfg(test)]
mod tests;
