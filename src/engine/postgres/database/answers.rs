//! The answers of a PostgreSQL database to what the replay asks.

use async_trait::async_trait;
use sqlx::Connection as _;

use super::Postgres;
use crate::engine::postgres::cluster::outlives_the_database;
use crate::engine::postgres::connection::{FORGET_PREPARED, clean, connect, quoted, run};
use crate::engine::postgres::databases::{backend_of, drop_database, end_sessions, holds_rows, make_database};
use crate::engine::postgres::delta::{self, EXECUTE_COUNTERS, LEAVE_READING};
use crate::engine::postgres::errors::{
    cannot_read, engine_error, may_be_caused_by_probing, no_answer, no_session, session_error,
};
use crate::engine::postgres::overhearing::Ear;
use crate::engine::postgres::split::split;
use crate::engine::{Engine, EngineError, Fork, Moment, Overheard, Rows, SessionSpec, SplitError, Statement};
use crate::schema::Snapshot;

/// `invalid_sql_statement_name` (PostgreSQL manual, appendix A).
const NO_SUCH_PREPARED_STATEMENT: &str = "26000";

#[async_trait(?Send)]
impl Engine for Postgres {
    fn split(&self, text: &str) -> Result<Vec<Statement>, SplitError> {
        split(text)
    }

    fn rollback_undoes_everything(&self) -> bool {
        // A rollback leaves sequences where they are; who does not see where that is cannot put them back.
        self.catalog.gauge.sees_sequences()
    }

    fn fork_pays_after_millis(&self) -> f64 {
        // Copying a database and connecting again takes about that long.
        150.0
    }

    fn may_be_caused_by_probing(&self, code: Option<&str>) -> bool {
        may_be_caused_by_probing(code)
    }

    fn leave_out(&mut self, objects: Vec<String>) {
        self.left_out.clone_from(&objects);
        self.catalog.leave_out(objects);
    }

    fn leave_out_kinds(&mut self, kinds: Vec<String>) {
        self.catalog.leave_out_kinds(kinds);
    }

    fn unmatched(&self) -> Vec<String> {
        self.catalog.unmatched()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    fn database_name(&self) -> String {
        self.database.clone()
    }

    async fn hand_over(&mut self) -> Result<(), EngineError> {
        if !self.terms.may_change_cluster() {
            self.cluster_at_step = self.question.ask(&mut self.admin).await?;
        }
        self.catalog.forget();
        if let Some(session) = self.session.take() {
            session.close().await;
        }
        Ok(())
    }

    async fn listen(&mut self) -> Result<bool, EngineError> {
        self.ear = if self.terms.owned { Ear::open(&mut self.admin).await? } else { None };
        Ok(self.ear.is_some())
    }

    async fn heard(&mut self) -> Result<Overheard, EngineError> {
        match self.ear.take() {
            Some(ear) => ear.heard(&mut self.admin, &self.database).await,
            None => Ok(Overheard::default()),
        }
    }

    async fn have_back(&mut self, _said: &[String], end_sessions: bool) -> Result<(), EngineError> {
        self.unwatched = true;
        if end_sessions { self.abandon_session().await } else { Ok(()) }
    }

    async fn open_session(&mut self, spec: &SessionSpec) -> Result<(), EngineError> {
        self.spec = spec.clone();
        if !self.terms.may_change_cluster() {
            self.cluster_at_step = self.question.ask(&mut self.admin).await?;
        }
        match self.session.as_mut().filter(|session| !session.worn) {
            Some(session) => session.later(clean(&self.plain_client, spec, false)),
            None => self.new_session().await?,
        }
        Ok(())
    }

    async fn reset_session_in_transaction(&mut self, spec: &SessionSpec) -> Result<(), EngineError> {
        let session = self.session.as_mut().ok_or_else(no_session)?;
        session.later(clean(&self.plain_client, spec, true));
        if session.worn {
            session.later(FORGET_PREPARED.to_owned());
        }
        Ok(())
    }

    async fn begin(&mut self) -> Result<(), EngineError> {
        let begin = format!("BEGIN; {EXECUTE_COUNTERS}");
        let session = self.session.as_mut().ok_or_else(no_session)?;
        let row = match session.send(&begin).await {
            Err(EngineError::Refused { refusal }) if refusal.code.as_deref() == Some(NO_SUCH_PREPARED_STATEMENT) => {
                // An earlier script dropped what is prepared in this session.
                self.new_session().await?;
                let session = self.session.as_mut().ok_or_else(no_session)?;
                session.send(&begin).await
            }
            other => other,
        };
        let row = row.map_err(session_error)?.ok_or_else(no_answer)?;
        self.catalog.began(delta::counters(&row)?);
        self.sequences = delta::sequences(&row)?;
        self.untouched = true;
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), EngineError> {
        if self.catalog.is_watching() {
            match self.read_before_commit().await {
                Ok(()) => (),
                Err(EngineError::Refused { .. }) => {
                    // A deferred constraint speaks, or what is prepared was dropped: the commit itself has the last word.
                    self.catalog.forget();
                    let session = self.session.as_mut().ok_or_else(no_session)?;
                    session.never_mind();
                    session.later(LEAVE_READING.to_owned());
                }
                Err(error) => return Err(error),
            }
        }
        let session = self.session.as_mut().ok_or_else(no_session)?;
        session.send("COMMIT").await?;
        self.catalog.committed();
        self.sequences.clear();
        Ok(())
    }

    async fn rollback(&mut self) -> Result<(), EngineError> {
        let before = std::mem::take(&mut self.sequences);
        if let Some(session) = self.session.as_mut() {
            session.never_mind();
            if before.is_empty() {
                session.send("ROLLBACK").await?;
            } else {
                // A rollback leaves sequences where they are, and rows that come later would get other numbers.
                let row = session.send(&format!("ROLLBACK; {EXECUTE_COUNTERS}")).await?.ok_or_else(no_answer)?;
                if let Some(sql) = delta::put_back(&before, &delta::sequences(&row)?) {
                    session.send(&sql).await?;
                }
            }
        }
        // Where the session was ended by force, its transaction ended with it.
        self.catalog.rolled_back();
        Ok(())
    }

    async fn execute(&mut self, text: &str, statement: &Statement) -> Result<(), EngineError> {
        let first = std::mem::take(&mut self.untouched);
        let session = self.session.as_mut().ok_or_else(no_session)?;
        if first && statement.lead.starts_with("SET TRANSACTION") {
            // It must come before any query of its transaction, and ours is one: begin again without.
            session.send("ROLLBACK").await?;
            session.send(&clean(&self.plain_client, &self.spec, false)).await.map_err(session_error)?;
            session.send("BEGIN").await?;
            self.catalog.forget();
        }
        session.worn |= statement.lead.starts_with("PREPARE ");
        if statement.controls_transaction() || !self.catalog.is_watching() {
            self.catalog.forget();
            self.unwatched = true;
        }
        let sql = &text[statement.span.clone()];
        if names_counters(sql) {
            self.catalog.doubt_counters();
        }
        let connection = session.ready().await.map_err(session_error)?;
        let Some(copy) = &statement.copy else { return run(connection, sql).await };
        let mut sink = connection.copy_in_raw(sql).await.map_err(engine_error)?;
        sink.send(&text.as_bytes()[copy.span.clone()]).await.map_err(engine_error)?;
        sink.finish().await.map(drop).map_err(engine_error)
    }

    async fn snapshot(&mut self, moment: Moment) -> Result<Snapshot, EngineError> {
        if moment == Moment::Committed {
            if !self.catalog.is_known() {
                return self.read_committed().await;
            }
            let known = self.catalog.last();
            if cfg!(debug_assertions) && self.read_committed().await? != known {
                // Every test of a debug build proves that reading before the commit is as good.
                return Err(EngineError::unexpected("the schema after a commit is not what was read before it"));
            }
            return Ok(known);
        }
        let session = self.session.as_mut().ok_or_else(no_session)?;
        // Deferred constraints speak here, and nowhere behind it.
        let delta = session.enter_reading().await?;
        self.guard_cluster(&delta).await?;
        let session = self.session.as_mut().ok_or_else(no_session)?;
        let snapshot = self.catalog.in_transaction(session.ready().await?, &delta).await.map_err(cannot_read)?;
        session.later(LEAVE_READING.to_owned());
        Ok(snapshot)
    }

    async fn rows(&mut self) -> Result<Rows, EngineError> {
        let mut connection = connect(&self.server, &self.database).await?;
        let rows = holds_rows(&mut connection, &self.left_out).await?;
        connection.close().await.map_err(engine_error)?;
        Ok(if rows { Rows::Some(None) } else { Rows::None })
    }

    async fn fork(&mut self) -> Result<Fork, EngineError> {
        self.release().await;
        self.made += 1;
        let fork = Fork(format!("{}fork{}", self.terms.prefix, self.made));
        let template = Some((self.database.as_str(), self.major));
        make_database(&mut self.admin, &self.terms, &fork.0, template).await?;
        let cluster = self.question.ask(&mut self.admin).await?;
        self.forks.push((fork.clone(), cluster));
        Ok(fork)
    }

    async fn restore(&mut self, fork: Fork) -> Result<bool, EngineError> {
        self.release().await;
        let Some(at) = self.forks.iter().position(|(known, _)| *known == fork) else { return Ok(false) };
        let (fork, cluster) = self.forks.swap_remove(at);
        let database = self.database.clone();
        drop_database(&mut self.admin, &database).await?;
        if !self.take_back(&cluster).await? {
            // A role that the fork's objects refer to is gone: the copy is broken, and only the migrations can mend it.
            drop_database(&mut self.admin, &fork.0).await?;
            return Ok(false);
        }
        run(&mut self.admin, &format!("ALTER DATABASE {} RENAME TO {}", quoted(&fork.0), quoted(&database))).await?;
        Ok(true)
    }

    async fn discard(&mut self, fork: Fork) -> Result<(), EngineError> {
        self.forks.retain(|(known, _)| *known != fork);
        drop_database(&mut self.admin, &fork.0).await
    }

    async fn recreate(&mut self) -> Result<(), EngineError> {
        self.release().await;
        for (fork, _) in std::mem::take(&mut self.forks) {
            drop_database(&mut self.admin, &fork.0).await?;
        }
        let database = self.database.clone();
        drop_database(&mut self.admin, &database).await?;
        let then = self.cluster_before.clone();
        self.take_back(&then).await?;
        make_database(&mut self.admin, &self.terms, &database, None).await?;
        if let Some(owner) = self.terms.owner.clone() {
            let sql = format!("ALTER DATABASE {} OWNER TO {}", quoted(&database), quoted(&owner));
            run(&mut self.admin, &sql).await?;
        }
        Ok(())
    }

    async fn abandon_session(&mut self) -> Result<(), EngineError> {
        // Dropping the connection closes the socket; a backend that is busy notices only when told.
        self.session = None;
        let except = match self.reader.as_mut() {
            Some(reader) => Some(backend_of(reader).await?),
            None => None,
        };
        end_sessions(&mut self.admin, &self.database, except).await
    }

    async fn check_cluster(&mut self) -> Result<(), EngineError> {
        if self.terms.may_change_cluster() || !std::mem::take(&mut self.unwatched) {
            return Ok(());
        }
        let now = self.question.ask(&mut self.admin).await?;
        let differences = self.cluster_at_step.differences(&now);
        if differences.is_empty() { Ok(()) } else { Err(outlives_the_database(&differences, true)) }
    }

    async fn close(&mut self) -> Result<(), EngineError> {
        self.release().await;
        for (fork, _) in std::mem::take(&mut self.forks) {
            drop_database(&mut self.admin, &fork.0).await?;
        }
        let database = self.database.clone();
        drop_database(&mut self.admin, &database).await?;
        let then = self.cluster_at_start.clone();
        self.take_back(&then).await?;
        if !self.terms.owned && self.terms.may_change_cluster() {
            let left = then.differences(&self.question.ask(&mut self.admin).await?);
            if !left.is_empty() {
                let left: Vec<String> = left.into_iter().collect();
                self.notes.push(format!(
                    "on the server these are not what they were before the run, by it or by somebody else: {}",
                    left.join(", ")
                ));
            }
        }
        Ok(())
    }
}

/// Whether a statement names the setting without which the server does not count what a transaction writes. It is looked
/// for anywhere in the text: a needless suspicion costs time, a missed one a change.
fn names_counters(sql: &str) -> bool {
    const SETTING: &[u8] = b"track_counts";
    sql.as_bytes().windows(SETTING.len()).any(|part| part.eq_ignore_ascii_case(SETTING))
}
