//! One SQL script, executed statement by statement.

use std::time::{Duration, Instant};

use super::failure::{ErrorKind, StepError};
use super::pieces::{never_run, statements};
use super::tool::Sent;
use super::transactions::{Action, actions, ended_by};
use crate::engine::{Engine, EngineError, Refusal, RefusalKind, SessionSpec, SplitError, Statement};
use crate::history::{Cutting, Script, TransactionMode};

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
    /// What a reader should know of it besides.
    pub notes: Vec<String>,
    /// The statements that the project's own tool was seen to send; none of a script that is SQL.
    pub sent: Vec<Sent>,
}

/// Whether a script may be tried out inside a transaction: in real life it runs in one too, and does not end it itself.
pub(crate) fn may_be_probed(engine: &dyn Engine, script: &Script) -> bool {
    // A program of its own cannot be let into a transaction of ours.
    script.parts().all(|part| part.call.is_none() && part_may_be_probed(engine, part))
}

fn part_may_be_probed(engine: &dyn Engine, script: &Script) -> bool {
    let Ok(statements) = statements(engine, script) else { return true };
    let one_transaction = match script.transaction {
        TransactionMode::Wrapped | TransactionMode::WrappedOnce | TransactionMode::WrappedAnew => true,
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
    if !script.is_alone() || script.call.is_some() {
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
    let mut whole = Ran { statements: 0, millis: 0.0, error: None, notes: Vec::new(), sent: Vec::new() };
    // What has no statement needs no session.
    if script.parts().all(|part| matches!(statements(engine, part), Ok(statements) if statements.is_empty())) {
        return Ok(whole);
    }
    let mut open = false;
    let mut parts = script.parts().enumerate().peekable();
    while let Some((part, script)) = parts.next() {
        let goes_on = parts.peek().is_some_and(|(_, next)| next.joined);
        let ran = run_part(engine, script, how, session, timeout, Link { open: &mut open, goes_on }).await?;
        whole.statements += ran.statements;
        whole.millis += ran.millis;
        whole.notes.extend(ran.notes);
        if let Some(error) = ran.error {
            whole.error = Some(StepError { part, ..error });
            break;
        }
    }
    Ok(whole)
}

/// How a part hangs together with those before and behind it.
struct Link<'l> {
    /// Whether the part before left its transaction open for this one; then whether this one does.
    open: &'l mut bool,
    /// Whether the next part goes on in its session.
    goes_on: bool,
}

impl Link<'_> {
    /// The actions of a part that shares its transaction.
    fn shared(&mut self, mut plan: Vec<Action>, mode: TransactionMode) -> Vec<Action> {
        let was_open = std::mem::take(self.open);
        if matches!(mode, TransactionMode::Batch | TransactionMode::Autocommit) {
            return plan;
        }
        if was_open {
            if plan.first() == Some(&Action::Begin) {
                plan.remove(0);
            } else if plan.is_empty() {
                plan.push(Action::Commit);
            }
        }
        if self.goes_on && plan.last() == Some(&Action::Commit) {
            plan.pop();
            *self.open = true;
        }
        plan
    }
}

/// One of the scripts that a step is made of.
async fn run_part(
    engine: &mut dyn Engine,
    script: &Script,
    how: How,
    session: &SessionSpec,
    timeout: Duration,
    mut link: Link<'_>,
) -> Result<Ran, EngineError> {
    match how {
        _ if script.joined => {}
        How::AsTheTool => engine.open_session(session).await?,
        How::Probing => engine.reset_session_in_transaction(session).await?,
    }
    let mut statements = match statements(engine, script) {
        Ok(statements) => statements,
        Err(error) => {
            return Ok(Ran {
                statements: 0,
                millis: 0.0,
                error: Some(not_split(script, error)),
                notes: Vec::new(),
                sent: Vec::new(),
            });
        }
    };
    let lost = never_run(engine, script).into_iter().map(|line| {
        let path = script.path.display();
        format!("{path}:{line}: of this message the tool's driver runs the first statement alone: what begins here never runs, and nothing says so")
    });
    let notes = lost.collect();
    let plan = match how {
        How::AsTheTool => link.shared(planned(&statements, script, how), script.transaction),
        How::Probing => planned(&statements, script, how),
    };
    let started = Instant::now();
    let mut at = 0;
    let result = tokio::time::timeout(timeout, perform(engine, script, &mut statements, plan, &mut at)).await;
    let error = match result {
        Ok(Ok(None)) => ended_too_early(script, &statements, how),
        Ok(Ok(Some(error))) => {
            if how == How::AsTheTool {
                engine.rollback().await?;
            }
            Some(not_split(script, error))
        }
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
    Ok(Ran {
        statements: statements.len(),
        millis: started.elapsed().as_secs_f64() * 1000.0,
        error,
        notes,
        sent: Vec::new(),
    })
}

/// What is to be done for these statements.
fn planned(statements: &[Statement], script: &Script, how: How) -> Vec<Action> {
    match how {
        How::AsTheTool => actions(statements, script.transaction),
        How::Probing => (0..statements.len()).map(Action::Execute).collect(),
    }
}

/// Performs the actions; `at` is the statement that is running, the last one during transaction control. Where a statement
/// changes how the server cuts what follows it, that is cut and planned anew; why it cannot be is the answer.
async fn perform(
    engine: &mut dyn Engine,
    script: &Script,
    statements: &mut Vec<Statement>,
    mut plan: Vec<Action>,
    at: &mut usize,
) -> Result<Option<SplitError>, EngineError> {
    let mut next = 0;
    while let Some(action) = plan.get(next).copied() {
        next += 1;
        match action {
            Action::Begin => engine.begin().await?,
            Action::Execute(index) => {
                *at = index;
                engine.execute(&script.text, &statements[index]).await?;
                if engine.cuts_otherwise_now() {
                    if let Err(error) = cut_the_rest(engine, script, statements, index) {
                        return Ok(Some(error));
                    }
                    let last = plan.last().copied().filter(|last| !matches!(last, Action::Execute(_)));
                    plan.truncate(next);
                    plan.extend((index + 1..statements.len()).map(Action::Execute));
                    plan.extend(last);
                }
            }
            Action::Commit => engine.commit().await?,
            Action::Rollback => engine.rollback().await?,
        }
    }
    Ok(None)
}

/// Cuts what stands behind a statement anew. What the tool cuts by rules of its own stays as it is, and so does a text that
/// changes what ends statements: a client goes on with what it was told last.
fn cut_the_rest(
    engine: &dyn Engine,
    script: &Script,
    statements: &mut Vec<Statement>,
    index: usize,
) -> Result<(), SplitError> {
    // What ended the statement is read over: the one behind it begins there, or the text ends.
    let start = statements.get(index + 1).map_or(script.text.len(), |next| next.span.start);
    let (before, rest) = script.text.split_at(start);
    let lines = before.matches('\n').count();
    let moved = |span: std::ops::Range<usize>| span.start + start..span.end + start;
    let anew = match &script.cutting {
        Cutting::Server => engine.split(rest),
        Cutting::Client if !script.text.to_ascii_uppercase().contains("DELIMITER") => engine.split_as_client(rest),
        Cutting::Client | Cutting::Pieces(_) | Cutting::Singles { .. } | Cutting::Refused { .. } => return Ok(()),
    };
    let anew = anew.map_err(|error| SplitError { span: moved(error.span), line: error.line + lines, ..error })?;
    statements.truncate(index + 1);
    statements.extend(anew.into_iter().map(|statement| Statement {
        span: moved(statement.span),
        line: statement.line + lines,
        ..statement
    }));
    Ok(())
}

/// Why a tool stops whose driver finds the transaction ended that it is to commit.
fn ended_too_early(script: &Script, statements: &[Statement], how: How) -> Option<StepError> {
    if script.transaction != TransactionMode::WrappedOnce || how == How::Probing {
        return None;
    }
    let statement = statements.get(ended_by(statements)?)?.span.clone();
    let message = "unexpected transaction status idle: this ends the transaction that the tool opened, and its driver (lib/pq) \
                   stops when it is to commit it, with all that the script did in place; leave BEGIN, COMMIT and ROLLBACK to \
                   the tool, or tell it to run the script without a transaction";
    Some(located(script, statement.clone(), statement, ErrorKind::Tool, message.to_owned()))
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
    let number = script.parts().count() - 1;
    let last = script.part(number);
    let end = last.text.trim_end().len();
    StepError { part: number, ..refused(last, end..end, Refusal { position: None, ..refusal }) }
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
