//! Definitions of tables, views and sequences: asked for, and read where they are not what they were.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sqlx::mysql::{MySqlConnection, MySqlRow};
use sqlx::{Column as _, Row as _};

use super::connection::{quoted, rows};
use super::definition::{KINDS, Reader};
use super::gate::Defined;
use super::reading::{Answer, Catalog, DEFINITIONS, Listed, NOT_ALLOWED, all, as_row, text};
use crate::engine::EngineError;
use crate::engine::rows::{ROW_SEPARATOR, SEPARATOR};

/// A question for a definition.
struct Definition {
    sql: String,
    listed: Listed,
    /// The object's name as SQL has it.
    on: String,
}

/// What the server said of one object.
#[derive(Default)]
struct Said {
    definition: Option<String>,
    /// Further rows, as they came.
    rows: Vec<String>,
}

impl Catalog {
    /// The definitions of all that is there: those that were known `before` where they need not be asked for `again`. What is
    /// new of them is an answer, if there is any.
    pub(super) async fn define(
        &mut self,
        connection: &mut MySqlConnection,
        database: &str,
        listed: Vec<Listed>,
        mut before: BTreeMap<String, Defined>,
        again: impl Fn(&str, Option<&Defined>) -> bool,
    ) -> Result<(BTreeMap<String, Defined>, Option<Answer>), EngineError> {
        let is_first = before.is_empty();
        let (mut now, mut questions) = (BTreeMap::new(), Vec::new());
        for listed in listed {
            let known = before.get(&listed.name);
            let is_same = known.is_some_and(|known| known.kind == listed.kind && known.identity == listed.identity);
            match before.remove(&listed.name) {
                Some(known) if is_same && !again(&listed.name, Some(&known)) => {
                    now.insert(listed.name, known);
                }
                known => {
                    if let Some(known) = known {
                        before.insert(listed.name.clone(), known);
                    }
                    questions.push(self.question(database, listed));
                }
            }
        }
        let mut said = self.say(connection, database, &questions).await?;
        let (mut came, mut replaces) = (Vec::new(), BTreeSet::new());
        for question in questions {
            let Listed { kind, name, identity } = question.listed;
            let said = said.remove(&name).unwrap_or_default();
            let text = [
                said.definition.iter().map(String::as_str).collect(),
                said.rows.iter().map(String::as_str).collect::<Vec<_>>(),
            ]
            .concat();
            let text = text.join(&ROW_SEPARATOR.to_string());
            let known = before.remove(&name);
            let defined = match known {
                Some(known) if known.text == text && known.identity == identity && known.kind == kind => known,
                _ => {
                    let rows = self.rows_of(database, &name, &identity, said);
                    replaces.insert(name.clone());
                    came.push(rows.clone());
                    Defined { kind, identity, text, rows }
                }
            };
            now.insert(name, defined);
        }
        // What is left of it is gone.
        replaces.extend(before.into_keys());
        let replaces = (!is_first).then_some(replaces);
        let rows = came.join(&ROW_SEPARATOR.to_string());
        let is_news = replaces.as_ref().is_none_or(|replaces| !replaces.is_empty());
        Ok((now, is_news.then_some(Answer { part: DEFINITIONS, replaces, rows })))
    }

    fn rows_of(&self, database: &str, name: &str, identity: &str, said: Said) -> String {
        let (user, collations) = (self.user.as_str(), &self.collations);
        let reader = Reader { database, user, collations, is_mariadb: self.flavour.is_mariadb() };
        let of_definition = said.definition.iter().flat_map(|definition| reader.rows(name, definition));
        let mut rows: Vec<String> = of_definition.map(|row| row.text(identity)).collect();
        rows.extend(said.rows);
        rows.join(&ROW_SEPARATOR.to_string())
    }

    fn question(&self, database: &str, listed: Listed) -> Definition {
        let on = format!("{}.{}", quoted(database), quoted(&listed.name));
        let mut sql = format!("SHOW CREATE {} {on}", listed.kind.to_ascii_uppercase());
        if let ("view", Some(columns)) = (listed.kind.as_str(), &self.view_columns) {
            sql = format!("{sql};\n{}", columns.of_view(database, &listed.name));
        }
        Definition { sql, listed, on }
    }

    /// What the server says, by the names of objects.
    async fn say(
        &mut self,
        connection: &mut MySqlConnection,
        database: &str,
        questions: &[Definition],
    ) -> Result<BTreeMap<String, Said>, EngineError> {
        if questions.is_empty() {
            return Ok(BTreeMap::new());
        }
        // MySQL prints no view while no database is in use, not even one that is named with its database.
        let has_views = questions.iter().any(|question| question.listed.kind == "view");
        let in_use = (has_views || !self.flavour.is_mariadb()).then(|| format!("USE {}", quoted(database)));
        let whole: Vec<String> =
            in_use.into_iter().chain(questions.iter().map(|question| question.sql.clone())).collect();
        match all(connection, &whole).await {
            Ok(answers) => said(&answers),
            Err(EngineError::Refused { .. }) => self.one_by_one(connection, questions).await,
            Err(error) => Err(error),
        }
    }

    /// The answers that this user is given, and rows for what the server cannot print: a table whose parts do not fit it.
    /// Of the kinds of what may not be seen nothing is told.
    async fn one_by_one(
        &mut self,
        connection: &mut MySqlConnection,
        questions: &[Definition],
    ) -> Result<BTreeMap<String, Said>, EngineError> {
        let mut whole = BTreeMap::new();
        for question in questions {
            let refused = match rows(connection, &question.sql).await {
                Ok(answer) => {
                    whole.extend(said(&answer)?);
                    continue;
                }
                Err(EngineError::Refused { refusal }) => refusal,
                Err(error) => return Err(error),
            };
            let code = refused.code.clone().unwrap_or_default();
            let Listed { kind, name, .. } = &question.listed;
            if NOT_ALLOWED.contains(&code.as_str()) {
                let (parts, privilege): (&[&str], _) = match kind.as_str() {
                    "view" => (&["view column"], "SELECT, SHOW VIEW"),
                    "table" => (&KINDS, "SELECT"),
                    _ => (&[], "SELECT"),
                };
                let kinds = [&[kind.as_str()], parts].concat().into_iter().map(Arc::from).collect();
                let catalog = format!("{privilege} ON {}", question.on);
                let unreadable = self.not_readable(kinds, &catalog, &refused);
                self.unreadable.insert(unreadable);
            } else {
                let path = serde_json::json!([name]);
                let attributes = serde_json::json!({ "broken": code });
                let row = format!("{kind}{SEPARATOR}{path}{SEPARATOR}{SEPARATOR}{attributes}");
                whole.insert(name.clone(), Said { definition: None, rows: vec![row] });
            }
        }
        Ok(whole)
    }
}

/// Answers, by the objects that they tell of. What else is asked of an object comes behind its definition.
fn said(answers: &[MySqlRow]) -> Result<BTreeMap<String, Said>, EngineError> {
    let mut whole: BTreeMap<String, Said> = BTreeMap::new();
    let mut last = String::new();
    for row in answers {
        if row.column(0).name() == "kind" {
            whole.entry(last.clone()).or_default().rows.push(as_row(row)?);
        } else {
            last = text(row, 0)?;
            whole.entry(last.clone()).or_default().definition = Some(text(row, 1)?);
        }
    }
    Ok(whole)
}
