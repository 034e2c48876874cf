//! Reading the schema: which queries have to be asked, and on which connection.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row as _};

use super::catalog::{Part, parts};
use super::errors::engine_error;
use super::touched::{Counters, Gauge, Touched};
use crate::engine::EngineError;
use crate::engine::rows::{Reading, RowReader, renamed};
use crate::schema::Snapshot;

/// What is known of the schema, and what may have changed since it was read.
#[derive(Clone, Debug)]
struct Known {
    reading: Reading,
    touched: Touched,
}

/// Reads snapshots and keeps track of what the next one can take from the last.
pub(super) struct Catalog {
    parts: Vec<Part>,
    whole: String,
    rows: RowReader,
    gauge: Gauge,
    known: Known,
    /// What was known when the open transaction began, and the counters of then or of the last reading in it.
    transaction: Option<(Known, Counters)>,
}

impl Catalog {
    /// Knows nothing yet.
    pub(super) async fn new(admin: &mut PgConnection, major: u32, with_cluster: bool) -> Result<Self, EngineError> {
        let parts = parts(major, with_cluster);
        let numbered: Vec<String> = parts
            .iter()
            .enumerate()
            .map(|(number, part)| format!("SELECT {number} AS part, row FROM ({}) AS query (row)", part.sql))
            .collect();
        Ok(Self {
            whole: numbered.join("\nUNION ALL\n"),
            parts,
            rows: RowReader::new(|_, _| ()),
            gauge: Gauge::new(admin).await?,
            known: Known { reading: Reading::default(), touched: Touched::Unknown },
            transaction: None,
        })
    }

    /// Leaves these objects out of every later snapshot.
    pub(super) fn leave_out(&mut self, objects: Vec<String>) {
        self.rows.leave_out(objects);
        self.forget();
    }

    /// Something happened that was not watched.
    pub(super) fn forget(&mut self) {
        self.known.touched = Touched::Unknown;
        self.transaction = None;
    }

    /// Whether the transaction that is open is being watched, so that what its statements write will be known.
    pub(super) fn is_watching(&self) -> bool {
        self.transaction.is_some()
    }

    /// A transaction began in the session.
    pub(super) async fn began(&mut self, session: &mut PgConnection) -> Result<(), EngineError> {
        let counters = self.gauge.read(session).await?;
        self.transaction = Some((self.known.clone(), counters));
        Ok(())
    }

    /// The session's transaction is about to commit.
    pub(super) async fn commits(&mut self, session: &mut PgConnection) -> Result<(), EngineError> {
        match &self.transaction {
            Some(_) => {
                self.gauge_transaction(session).await?;
                self.transaction = None;
            }
            None => self.forget(),
        }
        Ok(())
    }

    /// The session's transaction was rolled back: everything is as it was when it began.
    pub(super) fn rolled_back(&mut self) {
        match self.transaction.take() {
            Some((known, _)) => self.known = known,
            None => self.forget(),
        }
    }

    async fn gauge_transaction(&mut self, session: &mut PgConnection) -> Result<(), EngineError> {
        let now = self.gauge.read(session).await?;
        if let Some((_, before)) = &mut self.transaction {
            let touched = self.gauge.between(before, &now);
            self.known.touched = self.known.touched.clone().and(touched);
            *before = now;
        }
        Ok(())
    }

    /// What the session sees inside its transaction. The search path has to be empty.
    pub(super) async fn snapshot_in_transaction(
        &mut self,
        session: &mut PgConnection,
    ) -> Result<Snapshot, EngineError> {
        if self.transaction.is_some() {
            self.gauge_transaction(session).await?;
        } else {
            self.forget();
        }
        self.snapshot(session).await
    }

    /// What this connection sees. The search path has to be empty.
    pub(super) async fn snapshot(&mut self, connection: &mut PgConnection) -> Result<Snapshot, EngineError> {
        let reading = match self.known.touched {
            Touched::Unknown => self.read_whole(connection).await?,
            Touched::Only(_) => self.read_touched(connection).await?,
        };
        self.known = Known { reading, touched: Touched::nothing() };
        Ok(self.known.reading.snapshot().clone())
    }

    async fn read_touched(&mut self, connection: &mut PgConnection) -> Result<Reading, EngineError> {
        let mut reading = self.known.reading.clone();
        for number in 0..self.parts.len() {
            if self.known.touched.concerns(&self.parts[number].reads) {
                let rows = sqlx::query(AssertSqlSafe(self.parts[number].sql.as_str()))
                    .fetch_all(&mut *connection)
                    .await
                    .map_err(engine_error)?;
                let texts: Result<Vec<&str>, sqlx::Error> = rows.iter().map(|row| row.try_get(0)).collect();
                reading = self.rows.update(&reading, number, texts.map_err(engine_error)?.into_iter())?;
            }
        }
        if renamed(self.known.reading.snapshot(), reading.snapshot()) {
            return self.read_whole(connection).await;
        }
        if cfg!(debug_assertions) {
            // Every test of a debug build proves that nothing was missed by asking less.
            let whole = self.read_whole(connection).await?;
            if whole.snapshot() != reading.snapshot() {
                let diff = crate::schema::Diff::between(reading.snapshot(), whole.snapshot());
                return Err(EngineError::unexpected(format!(
                    "reading only what was touched missed a change: {:?} touched, {:?}",
                    self.known.touched, diff.changes
                )));
            }
        }
        Ok(reading)
    }

    async fn read_whole(&mut self, connection: &mut PgConnection) -> Result<Reading, EngineError> {
        let rows = sqlx::query(AssertSqlSafe(self.whole.as_str())).fetch_all(connection).await.map_err(engine_error)?;
        let mut of_part: Vec<Vec<&str>> = vec![Vec::new(); self.parts.len()];
        for row in &rows {
            let number: i32 = row.try_get(0).map_err(engine_error)?;
            let text: &str = row.try_get(1).map_err(engine_error)?;
            if let Some(texts) = usize::try_from(number).ok().and_then(|number| of_part.get_mut(number)) {
                texts.push(text);
            }
        }
        let mut reading = self.known.reading.clone();
        for (number, texts) in of_part.into_iter().enumerate() {
            reading = self.rows.update(&reading, number, texts.into_iter())?;
        }
        Ok(reading)
    }
}
