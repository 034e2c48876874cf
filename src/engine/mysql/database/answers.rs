//! The answers of a MySQL or MariaDB database to what the replay asks.

use async_trait::async_trait;
use sqlx::Connection as _;

use super::{CHANGE_SESSIONS, Mysql, WORTH_ASKING};
use crate::engine::mysql::cluster::outlives_the_database;
use crate::engine::mysql::connection::{connect, quoted, run};
use crate::engine::mysql::errors::{explained, located};
use crate::engine::mysql::gate::Seen;
use crate::engine::mysql::outside::Outside;
use crate::engine::mysql::overhearing::Ear;
use crate::engine::mysql::prepared::prepared_by;
use crate::engine::mysql::reading::{Answer, Catalog, OUTSIDE};
use crate::engine::mysql::rows as held_rows;
use crate::engine::mysql::session::{self, Ready, Session};
use crate::engine::mysql::split;
use crate::engine::rows::Reading;
use crate::engine::{Engine, EngineError, Fork, Moment, Overheard, Rows, SessionSpec, SplitError, Statement};
use crate::schema::{ObjectId, Snapshot};

#[async_trait(?Send)]
impl Engine for Mysql {
    fn split(&self, text: &str) -> Result<Vec<Statement>, SplitError> {
        split::split(text, self.rules)
    }

    fn split_as_client(&self, text: &str) -> Result<Vec<Statement>, SplitError> {
        split::split_as_client(text, self.rules)
    }

    fn cuts_otherwise_now(&mut self) -> bool {
        std::mem::take(&mut self.cuts_otherwise)
    }

    fn rollback_undoes_everything(&self) -> bool {
        // Statements that change a schema commit by themselves.
        false
    }

    fn ddl_commits_by_itself(&self) -> bool {
        true
    }

    fn fork_pays_after_millis(&self) -> f64 {
        // Running the migrations again is cheaper than any copy, up to hundreds of tables.
        f64::INFINITY
    }

    fn may_be_caused_by_probing(&self, _code: Option<&str>) -> bool {
        false
    }

    fn leave_out(&mut self, objects: Vec<String>) {
        self.left_out.clone_from(&objects);
        self.rows.leave_out(objects);
        self.last = Reading::default();
        self.seen = None;
    }

    fn leave_out_kinds(&mut self, kinds: Vec<String>) {
        self.left_out_kinds.clone_from(&kinds);
        self.rows.leave_out_kinds(kinds);
        self.reader = None;
        self.last = Reading::default();
        self.seen = None;
    }

    fn unmatched(&self) -> Vec<String> {
        self.rows.unmatched()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    fn database_name(&self) -> String {
        self.database.clone()
    }

    async fn hand_over(&mut self) -> Result<(), EngineError> {
        self.end_session().await;
        self.end_prepared().await?;
        self.ready = None;
        self.ran_since = true;
        if self.terms.may_change_cluster() {
            if !self.outside.looks_at_variables() {
                // Nobody sees beforehand what the other client is going to say.
                self.outside.learn(&mut self.admin, &self.question).await?;
            }
            return Ok(());
        }
        self.cluster_at_step = self.question.ask(&mut self.admin).await?;
        Ok(())
    }

    async fn listen(&mut self) -> Result<bool, EngineError> {
        self.ear = if self.terms.owned { Some(Ear::open(&mut self.admin).await?) } else { None };
        Ok(self.ear.is_some())
    }

    async fn heard(&mut self) -> Result<Overheard, EngineError> {
        match self.ear.take() {
            Some(ear) => ear.heard(&mut self.admin).await,
            None => Ok(Overheard::default()),
        }
    }

    async fn have_back(&mut self, said: &[String], end_sessions: bool) -> Result<(), EngineError> {
        if !self.terms.may_change_cluster() {
            self.said.extend(said.iter().map(|sql| format!("{}\n", sql.to_lowercase())));
        }
        self.prepares |= said.iter().any(|sql| sql.trim_start().to_uppercase().starts_with("XA "));
        if self.prepares {
            self.prepared.extend(said.iter().filter_map(|sql| prepared_by(sql, self.rules)).map(str::to_owned));
        }
        if end_sessions {
            session::end_all_in(&mut self.admin, &self.database).await?;
        }
        self.end_prepared().await
    }

    async fn open_session(&mut self, spec: &SessionSpec) -> Result<(), EngineError> {
        self.end_session().await;
        self.end_prepared().await?;
        if !self.terms.may_change_cluster() {
            self.cluster_at_step = self.question.ask(&mut self.admin).await?;
        }
        let connection = match self.ready.take() {
            Some(ready) => ready.get().await?,
            None => session::connection(&self.server).await?,
        };
        let session = Session::open(connection, &self.database, spec).await?;
        if self.terms.owned && !self.outside.looks_at_variables() {
            // Behind the prelude, which may say what later connections are given.
            self.ready = Some(Ready::open(self.server.clone()));
        }
        (self.rules, self.cuts_otherwise) = (self.rules.with_mode(&session.mode), false);
        self.session = Some(session);
        Ok(())
    }

    async fn reset_session_in_transaction(&mut self, _spec: &SessionSpec) -> Result<(), EngineError> {
        Err(EngineError::unexpected("scripts of MySQL and MariaDB are not tried out inside a transaction"))
    }

    async fn begin(&mut self) -> Result<(), EngineError> {
        self.begins = true;
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), EngineError> {
        // What has not begun has nothing to commit.
        if std::mem::take(&mut self.begins) { Ok(()) } else { self.own("COMMIT").await }
    }

    async fn rollback(&mut self) -> Result<(), EngineError> {
        if self.prepares {
            // ROLLBACK is refused within XA. The tool's connection ends, and so does what it had not prepared.
            self.end_session().await;
        }
        // Where the session was ended by force, its transaction ended with it.
        if self.session.is_some() { self.own("ROLLBACK").await } else { Ok(()) }
    }

    async fn execute(&mut self, text: &str, statement: &Statement) -> Result<(), EngineError> {
        let sql = &text[statement.span.clone()];
        self.prepares |= statement.lead.starts_with("XA ");
        self.ran_since = true;
        if CHANGE_SESSIONS.iter().any(|words| statement.lead.starts_with(words)) {
            self.ready = None;
        }
        if self.terms.may_change_cluster() && Outside::may_set_variables(sql) {
            self.ready = None;
            self.outside.learn(&mut self.admin, &self.question).await?;
        }
        if !self.terms.may_change_cluster() {
            self.said.push_str(&sql.to_lowercase());
        }
        self.fits_a_packet(sql.len()).await?;
        let goes_alone = statement.lead.is_empty() || sql.len() >= WORTH_ASKING;
        if goes_alone && std::mem::take(&mut self.begins) {
            // What holds no statement is refused only where it is alone, and what just fits into a message has to be.
            self.own("BEGIN").await?;
        }
        if let Err(error) = self.own(sql).await {
            return Err(self.with_rights(explained(located(error, sql), statement)).await?);
        }
        if self.prepares {
            self.prepared.extend(prepared_by(sql, self.rules).map(str::to_owned));
        }
        if (split::sets_mode(sql) || statement.lead.starts_with("EXECUTE"))
            && let Some(session) = self.session.as_mut()
        {
            session.ask_mode().await?;
            let rules = self.rules.with_mode(&session.mode);
            self.cuts_otherwise |= rules != self.rules;
            self.rules = rules;
        }
        Ok(())
    }

    async fn snapshot(&mut self, _moment: Moment) -> Result<Snapshot, EngineError> {
        if self.reader.is_none() {
            let mut connection = connect(&self.server).await?;
            let with_cluster = self.terms.may_change_cluster();
            let mut catalog = Catalog::survey(&mut connection, self.flavour, &self.database, with_cluster).await?;
            catalog.pass_over_what_cannot_change(&mut connection).await?;
            catalog.leave_out_kinds(&self.left_out_kinds);
            catalog.look_at_files(self.terms.data.clone());
            self.reader = Some((connection, catalog));
        }
        let Some((reader, catalog)) = self.reader.as_mut() else {
            return Err(EngineError::unexpected("no connection to read by"));
        };
        self.ran_since = false;
        let mut answers = catalog.read(reader, &self.database, &mut self.seen).await?;
        let unreadable = catalog.unreadable();
        if *unreadable != *self.last.snapshot().unreadable() {
            self.last = Reading::without(unreadable);
            self.seen = None;
            answers = catalog.read(reader, &self.database, &mut self.seen).await?;
        }
        for Answer { part, replaces, rows } in answers {
            let is_kept = |id: &ObjectId| {
                let relation = id.path.first().map(|name| &**name).unwrap_or_default();
                replaces.as_ref().is_some_and(|names| !names.contains(relation))
            };
            self.last = self.rows.update_where(&self.last, part, |id, _| is_kept(id), &rows)?;
        }
        let others = self.seen.as_ref().is_none_or(Seen::may_have_other_databases);
        if self.terms.may_change_cluster() {
            let answer = self.outside.read(reader, self.flavour, &self.question, others).await?;
            if !answer.is_empty() || self.last.has_any(OUTSIDE) {
                self.last = self.rows.update(&self.last, OUTSIDE, &answer)?;
            }
        }
        if cfg!(debug_assertions) {
            self.is_what_a_full_reading_gives().await?;
        }
        Ok(self.last.snapshot().clone())
    }

    async fn rows(&mut self) -> Result<Rows, EngineError> {
        // What the session has locked would not be told, and what it has not committed is nobody's.
        self.end_session().await;
        self.end_prepared().await?;
        let known = self.seen.as_ref().filter(|_| !self.ran_since).map(|seen| &seen.definitions);
        let (others, left_out) = (self.outside.databases(), self.left_out.as_slice());
        held_rows::held(&mut self.admin, self.flavour, &self.database, others, left_out, known).await
    }

    async fn fork(&mut self) -> Result<Fork, EngineError> {
        Err(EngineError::unexpected("databases of MySQL and MariaDB are not copied"))
    }

    async fn restore(&mut self, _fork: Fork) -> Result<bool, EngineError> {
        Ok(false)
    }

    async fn discard(&mut self, _fork: Fork) -> Result<(), EngineError> {
        Ok(())
    }

    async fn recreate(&mut self) -> Result<(), EngineError> {
        self.drop_database().await?;
        self.ran_since = true;
        run(&mut self.admin, &format!("CREATE DATABASE {}", quoted(&self.database))).await
    }

    async fn abandon_session(&mut self) -> Result<(), EngineError> {
        match self.session.take() {
            Some(session) => session.kill(&mut self.admin).await,
            None => Ok(()),
        }
    }

    async fn check_cluster(&mut self) -> Result<(), EngineError> {
        self.end_prepared().await?;
        if self.terms.may_change_cluster() {
            return Ok(());
        }
        let now = self.question.ask(&mut self.admin).await?;
        let then = self.cluster_at_step.clone().only_where_named(&self.said);
        let differences = then.differences(&now.only_where_named(&self.said));
        if differences.is_empty() { Ok(()) } else { Err(outlives_the_database(&differences)) }
    }

    async fn close(&mut self) -> Result<(), EngineError> {
        self.drop_database().await?;
        if !self.terms.owned && self.terms.may_change_cluster() {
            let left = self.cluster_at_start.differences(&self.question.ask(&mut self.admin).await?);
            if !left.is_empty() {
                let left: Vec<String> = left.into_iter().collect();
                self.notes.push(format!(
                    "on the server these are not what they were before the run, by it or by somebody else: {}",
                    left.join(", ")
                ));
            }
        }
        if let Some((reader, _)) = self.reader.take() {
            // A connection that cannot say goodbye is gone all the same.
            let _ = reader.close().await;
        }
        Ok(())
    }
}
