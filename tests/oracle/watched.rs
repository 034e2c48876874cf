//! An engine that asks an oracle, which is not ours, at each of its snapshots.

use std::cell::RefCell;
use std::rc::Rc;

use async_trait::async_trait;
use rollproof::engine::{Engine, EngineError, Fork, Moment, Rows, SessionSpec, SplitError, Statement};
use rollproof::schema::Snapshot;

/// Somebody else's description of the schema, in parts that are sorted: two schemas are alike where all parts are.
pub(crate) type Described = Vec<String>;

/// Somebody else who describes a database.
#[async_trait(?Send)]
pub(crate) trait Oracle {
    /// What is committed now.
    async fn describe(&mut self) -> Result<Described, EngineError>;
}

/// The database at one moment, in our words and in the oracle's.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// What ran last.
    pub(crate) after: String,
    pub(crate) snapshot: Snapshot,
    pub(crate) described: Rc<Described>,
}

/// What runs, as the replay's listener hears it.
pub(crate) type Running = Rc<RefCell<String>>;

/// An engine as the replay wants it. It does not claim that a rollback undoes everything, so that no step is tried out in
/// a transaction, and each is committed where the oracle can see it.
pub(crate) struct Watched<E, O> {
    inner: E,
    oracle: O,
    running: Running,
    /// Each state that a snapshot was taken of, in order.
    pub(crate) states: Vec<State>,
    /// Whether something may have changed since the last snapshot.
    moved: bool,
}

impl<E: Engine, O: Oracle> Watched<E, O> {
    /// An engine whose snapshots `oracle` describes too.
    pub(crate) fn new(inner: E, oracle: O, running: Running) -> Self {
        Self { inner, oracle, running, states: Vec::new(), moved: true }
    }

    async fn look(&mut self) -> Result<Snapshot, EngineError> {
        let snapshot = self.inner.snapshot(Moment::Committed).await?;
        if std::mem::take(&mut self.moved) {
            let described = Rc::new(self.oracle.describe().await?);
            let after = self.running.borrow().clone();
            self.states.push(State { after, snapshot: snapshot.clone(), described });
        }
        Ok(snapshot)
    }
}

#[async_trait(?Send)]
impl<E: Engine, O: Oracle> Engine for Watched<E, O> {
    fn split(&self, text: &str) -> Result<Vec<Statement>, SplitError> {
        self.inner.split(text)
    }

    fn split_as_client(&self, text: &str) -> Result<Vec<Statement>, SplitError> {
        self.inner.split_as_client(text)
    }

    fn ddl_commits_by_itself(&self) -> bool {
        self.inner.ddl_commits_by_itself()
    }

    fn rollback_undoes_everything(&self) -> bool {
        false
    }

    fn fork_pays_after_millis(&self) -> f64 {
        self.inner.fork_pays_after_millis()
    }

    fn may_be_caused_by_probing(&self, code: Option<&str>) -> bool {
        self.inner.may_be_caused_by_probing(code)
    }

    fn leave_out(&mut self, objects: Vec<String>) {
        self.inner.leave_out(objects);
    }

    fn leave_out_kinds(&mut self, kinds: Vec<String>) {
        self.inner.leave_out_kinds(kinds);
    }

    fn unmatched(&self) -> Vec<String> {
        self.inner.unmatched()
    }

    fn notes(&self) -> Vec<String> {
        self.inner.notes()
    }

    fn database_name(&self) -> String {
        self.inner.database_name()
    }

    async fn hand_over(&mut self) -> Result<(), EngineError> {
        self.inner.hand_over().await
    }

    async fn have_back(&mut self, said: &[String], end_sessions: bool) -> Result<(), EngineError> {
        self.moved = true;
        self.inner.have_back(said, end_sessions).await
    }

    async fn open_session(&mut self, spec: &SessionSpec) -> Result<(), EngineError> {
        // A script begins. The replay does not look at every state between two scripts of the descent.
        if self.moved && !self.states.is_empty() {
            self.look().await?;
        }
        self.inner.open_session(spec).await
    }

    async fn reset_session_in_transaction(&mut self, spec: &SessionSpec) -> Result<(), EngineError> {
        self.inner.reset_session_in_transaction(spec).await
    }

    async fn begin(&mut self) -> Result<(), EngineError> {
        self.moved = true;
        self.inner.begin().await
    }

    async fn commit(&mut self) -> Result<(), EngineError> {
        self.moved = true;
        self.inner.commit().await
    }

    async fn rollback(&mut self) -> Result<(), EngineError> {
        self.moved = true;
        self.inner.rollback().await
    }

    async fn execute(&mut self, text: &str, statement: &Statement) -> Result<(), EngineError> {
        self.moved = true;
        self.inner.execute(text, statement).await
    }

    async fn snapshot(&mut self, moment: Moment) -> Result<Snapshot, EngineError> {
        match moment {
            Moment::Committed => self.look().await,
            Moment::InTransaction => self.inner.snapshot(moment).await,
        }
    }

    async fn rows(&mut self) -> Result<Rows, EngineError> {
        self.inner.rows().await
    }

    async fn fork(&mut self) -> Result<Fork, EngineError> {
        self.inner.fork().await
    }

    async fn restore(&mut self, fork: Fork) -> Result<bool, EngineError> {
        self.moved = true;
        self.inner.restore(fork).await
    }

    async fn discard(&mut self, fork: Fork) -> Result<(), EngineError> {
        self.inner.discard(fork).await
    }

    async fn recreate(&mut self) -> Result<(), EngineError> {
        self.moved = true;
        self.inner.recreate().await
    }

    async fn abandon_session(&mut self) -> Result<(), EngineError> {
        self.moved = true;
        self.inner.abandon_session().await
    }

    async fn check_cluster(&mut self) -> Result<(), EngineError> {
        self.inner.check_cluster().await
    }

    async fn close(&mut self) -> Result<(), EngineError> {
        self.inner.close().await
    }
}
