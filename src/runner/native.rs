//! One SQL script, executed statement by statement.

use std::time::{Duration, Instant};

use super::failure::{ErrorKind, StepError};
use super::pieces::statements;
use super::transactions::{Action, actions};
use crate::engine::{Engine, EngineError, Refusal, RefusalKind, SessionSpec, SplitError, Statement};
use crate::history::{Script, TransactionMode};

/// How a script is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// As the real tool runs it: its own session, its own transactions.
    AsTheTool,
    /// Inside a transaction that is open already, to be taken back.
    Probing,
}

/// What became of a script.
#[derive(Clone, Debug)]
pub struct Ran {
    /// How many statements it has.
    pub statements: usize,
    /// Milliseconds that its statements took, transaction control included.
    pub millis: f64,
    /// Why it failed, if it did. Its transaction, if any, has been rolled back as the tool would have done; a probe's
    /// has not.
    pub error: Option<StepError>,
}

/// Whether a script may be tried out inside a transaction: in real life it runs in one too, and does not end it itself.
pub(crate) fn may_be_probed(engine: &dyn Engine, script: &Script) -> bool {
    script.parts().all(|part| part_may_be_probed(engine, part))
}

fn part_may_be_probed(engine: &dyn Engine, script: &Script) -> bool {
    let Ok(statements) = statements(engine, script) else { return true };
    let one_transaction = match script.transaction {
        TransactionMode::Wrapped => true,
        // One statement in a message runs outside of a block, and only the database knows whether that matters to it: it
        // refuses the probe then, and the script is run for good.
        TransactionMode::Batch => true,
        TransactionMode::Autocommit => false,
    };
    engine.rollback_undoes_everything() && one_transaction && !statements.iter().any(Statement::controls_transaction)
}

/// Whether a script that fails leaves nothing of what it did, rows included: it runs in one transaction, or is a single
/// statement. Snapshots do not tell, since they hold no rows.
pub(crate) fn fails_as_a_whole(engine: &dyn Engine, script: &Script) -> bool {
    if !script.then.is_empty() {
        return false;
    }
    let Ok(statements) = statements(engine, script) else { return true };
    let one_transaction = script.transaction != TransactionMode::Autocommit && !engine.ddl_commits_by_itself();
    let alone = one_transaction
        || match statements.as_slice() {
            [] => true,
            [only] => !engine.ddl_commits_by_itself() || is_simple(engine, script, only),
            _ => false,
        };
    alone && !statements.iter().any(Statement::controls_transaction)
}

/// Whether a statement does not run others, each of which commits by itself.
fn is_simple(engine: &dyn Engine, script: &Script, statement: &Statement) -> bool {
    const RUN_OTHERS: [&str; 9] = ["CALL", "EXECUTE", "BEGIN", "IF", "CASE", "LOOP", "WHILE", "REPEAT", "FOR"];
    let first = statement.lead.split(' ').next().unwrap_or_default();
    let whole = engine.split(&script.text[statement.span.clone()]);
    !first.is_empty() && !RUN_OTHERS.contains(&first) && whole.is_ok_and(|statements| statements.len() == 1)
}

/// Runs a script, and those that follow it in the same step.
///
/// # Errors
/// When the session cannot be had, or the server is lost while no statement of the script was running. Whatever happens
/// to the script's own statements is data in [`Ran`].
pub async fn run_script(
    engine: &mut dyn Engine,
    script: &Script,
    how: How,
    session: &SessionSpec,
    timeout: Duration,
) -> Result<Ran, EngineError> {
    let mut whole = Ran { statements: 0, millis: 0.0, error: None };
    for (part, script) in script.parts().enumerate() {
        let ran = run_part(engine, script, how, session, timeout).await?;
        whole.statements += ran.statements;
        whole.millis += ran.millis;
        if let Some(error) = ran.error {
            whole.error = Some(StepError { part, ..error });
            break;
        }
    }
    Ok(whole)
}

/// One of the scripts that a step is made of.
async fn run_part(
    engine: &mut dyn Engine,
    script: &Script,
    how: How,
    session: &SessionSpec,
    timeout: Duration,
) -> Result<Ran, EngineError> {
    match how {
        How::AsTheTool => engine.open_session(session).await?,
        How::Probing => engine.reset_session_in_transaction(session).await?,
    }
    let statements = match statements(engine, script) {
        Ok(statements) => statements,
        Err(error) => return Ok(Ran { statements: 0, millis: 0.0, error: Some(not_split(script, error)) }),
    };
    let plan = match how {
        How::AsTheTool => actions(&statements, script.transaction),
        How::Probing => (0..statements.len()).map(Action::Execute).collect(),
    };
    let started = Instant::now();
    let mut at = 0;
    let result = tokio::time::timeout(timeout, perform(engine, script, &statements, &plan, &mut at)).await;
    let error = match result {
        Ok(Ok(())) => None,
        Ok(Err(EngineError::Unexpected { message })) => return Err(EngineError::Unexpected { message }),
        Ok(Err(mut error)) => {
            // The tool gives up here and its connection, with what it had not committed, goes away.
            if how == How::AsTheTool
                && matches!(error, EngineError::Refused { .. })
                && let Err(lost) = engine.rollback().await
            {
                // The server went while it refused: what it said then is not the script's fault.
                error = lost;
            }
            if matches!(error, EngineError::Lost { .. }) {
                // A lost session may be all that was lost; if it was the server, the next call says so.
                let _ = engine.abandon_session().await;
            }
            Some(failed(script, statements.get(at), error))
        }
        Err(_) => {
            engine.abandon_session().await?;
            Some(timed_out(script, statements.get(at), timeout))
        }
    };
    Ok(Ran { statements: statements.len(), millis: started.elapsed().as_secs_f64() * 1000.0, error })
}

/// Performs the actions; `at` is the statement that is running, the last one during transaction control.
async fn perform(
    engine: &mut dyn Engine,
    script: &Script,
    statements: &[Statement],
    plan: &[Action],
    at: &mut usize,
) -> Result<(), EngineError> {
    for action in plan {
        match action {
            Action::Begin => engine.begin().await?,
            Action::Execute(index) => {
                *at = *index;
                engine.execute(&script.text, &statements[*index]).await?;
            }
            Action::Commit => engine.commit().await?,
            Action::Rollback => engine.rollback().await?,
        }
    }
    Ok(())
}

fn failed(script: &Script, statement: Option<&Statement>, error: EngineError) -> StepError {
    let statement = statement.map_or(0..0, |statement| statement.span.clone());
    match error {
        EngineError::Refused { refusal } => refused(script, statement, refusal),
        EngineError::Lost { cause } => located(script, statement.clone(), statement, ErrorKind::Lost, cause),
        EngineError::Unexpected { message } => located(script, statement.clone(), statement, ErrorKind::Tool, message),
    }
}

/// A refusal that came when everything had run: what the commit would have said.
pub(crate) fn refused_at_end(script: &Script, refusal: Refusal) -> StepError {
    let last = script.part(script.then.len());
    let end = last.text.trim_end().len();
    StepError { part: script.then.len(), ..refused(last, end..end, Refusal { position: None, ..refusal }) }
}

fn refused(script: &Script, statement: std::ops::Range<usize>, refusal: Refusal) -> StepError {
    let kind = match refusal.kind {
        RefusalKind::Server => ErrorKind::Server,
        RefusalKind::Author => ErrorKind::Refused,
    };
    let text = &script.text[statement.clone()];
    let span = refusal.position.and_then(|position| position.checked_sub(1)).map_or(statement.clone(), |characters| {
        let start = text.char_indices().nth(characters).map_or(text.len(), |(byte, _)| byte);
        statement.start + start..statement.start + start + word_length(&text[start..])
    });
    let error = located(script, span, statement, kind, refusal.message);
    StepError { code: refusal.code, detail: refusal.detail, ..error }
}

/// The length in bytes of the word at the start of `text`: what the engine's position points at.
fn word_length(text: &str) -> usize {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let end = text.char_indices().find(|(_, c)| !word(*c)).map_or(text.len(), |(end, _)| end);
    end.max(text.chars().next().map_or(0, char::len_utf8))
}

fn timed_out(script: &Script, statement: Option<&Statement>, timeout: Duration) -> StepError {
    let statement = statement.map_or(0..0, |statement| statement.span.clone());
    let message = format!("the script was still running after {} s and was ended", timeout.as_secs_f64());
    located(script, statement.clone(), statement, ErrorKind::Timeout, message)
}

fn not_split(script: &Script, error: SplitError) -> StepError {
    let span = error.span;
    located(script, span.clone(), span, ErrorKind::Tool, error.message)
}

fn located(
    script: &Script,
    span: std::ops::Range<usize>,
    statement: std::ops::Range<usize>,
    kind: ErrorKind,
    message: String,
) -> StepError {
    let line = script.first_line + script.text[..span.start].matches('\n').count();
    StepError { kind, code: None, message, detail: None, part: 0, line, span, statement }
}
