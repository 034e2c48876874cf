//! Where transactions begin and end around the statements of one script, as the real tool and the server have it. Pure.

use crate::engine::Statement;
use crate::history::TransactionMode;

/// What to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Begin a transaction.
    Begin,
    /// Execute the statement with this index.
    Execute(usize),
    /// Commit.
    Commit,
    /// Roll back what a script left open: the tool's connection ends here and the server drops it.
    Rollback,
}

/// The actions of a script in this mode.
///
/// A message of several statements is one implicit transaction on PostgreSQL unless the script controls transactions
/// itself: an explicit BEGIN turns what ran so far into an ordinary transaction, and after COMMIT a new implicit one begins
/// (PostgreSQL manual, "Multiple Statements in a Simple Query"). A message of one statement runs outside of any block.
pub(super) fn actions(statements: &[Statement], mode: TransactionMode) -> Vec<Action> {
    let each = 0..statements.len();
    match mode {
        TransactionMode::Wrapped => {
            let mut actions = vec![Action::Begin];
            actions.extend(each.map(Action::Execute));
            actions.push(Action::Commit);
            actions
        }
        TransactionMode::WrappedOnce => {
            let mut actions = actions(statements, TransactionMode::Wrapped);
            if ended_by(statements).is_some() {
                // The driver looks before it commits, and stops.
                actions.pop();
            }
            actions
        }
        TransactionMode::WrappedAnew => anew(statements),
        TransactionMode::Autocommit => ended(statements, each.map(Action::Execute).collect()),
        TransactionMode::Batch if statements.len() < 2 => ended(statements, each.map(Action::Execute).collect()),
        TransactionMode::Batch => batch(statements),
    }
}

/// The statement by which a script ends the transaction that its tool opened, where none is open any more at its end.
pub(super) fn ended_by(statements: &[Statement]) -> Option<usize> {
    let mut by = None;
    for (index, statement) in statements.iter().enumerate() {
        if statement.ends_transaction() {
            by = Some(index);
        } else if statement.begins_transaction() {
            by = None;
        }
    }
    by
}

fn anew(statements: &[Statement]) -> Vec<Action> {
    let mut actions = Vec::new();
    let mut open = false;
    for (index, statement) in statements.iter().enumerate() {
        if !open {
            actions.push(Action::Begin);
        }
        actions.push(Action::Execute(index));
        open = !statement.ends_transaction();
    }
    if open {
        actions.push(Action::Commit);
    }
    actions
}

fn batch(statements: &[Statement]) -> Vec<Action> {
    let mut actions = Vec::new();
    let mut open = false;
    let mut explicit = false;
    for (index, statement) in statements.iter().enumerate() {
        let begins = statement.begins_transaction();
        if !open && !begins {
            actions.push(Action::Begin);
        }
        open = true;
        explicit |= begins;
        actions.push(Action::Execute(index));
        if statement.ends_transaction() {
            open = false;
            explicit = false;
        }
    }
    if open {
        actions.push(if explicit { Action::Rollback } else { Action::Commit });
    }
    actions
}

/// Appends the end of the connection where the script leaves its own transaction open.
fn ended(statements: &[Statement], mut actions: Vec<Action>) -> Vec<Action> {
    let open = statements
        .iter()
        .fold(false, |open, statement| (open || statement.begins_transaction()) && !statement.ends_transaction());
    if open {
        actions.push(Action::Rollback);
    }
    actions
}

#[cfg(test)]
mod tests {
    use super::Action::{Begin, Commit, Execute, Rollback};
    use super::*;

    fn script(leads: &[&str]) -> Vec<Statement> {
        leads.iter().map(|lead| Statement { span: 0..0, line: 1, lead: (*lead).to_owned(), copy: None }).collect()
    }

    #[test]
    fn each_mode_puts_transactions_where_its_tool_has_them() {
        use TransactionMode::{Autocommit, Batch, Wrapped, WrappedAnew, WrappedOnce};
        let cases: &[(TransactionMode, &[&str], &[Action])] = &[
            (Wrapped, &["CREATE TABLE", "INSERT INTO"], &[Begin, Execute(0), Execute(1), Commit]),
            (Wrapped, &[], &[Begin, Commit]),
            (WrappedOnce, &["CREATE TABLE"], &[Begin, Execute(0), Commit]),
            (WrappedOnce, &["CREATE TABLE", "COMMIT", "INSERT INTO"], &[Begin, Execute(0), Execute(1), Execute(2)]),
            (WrappedOnce, &["BEGIN", "COMMIT", "BEGIN"], &[Begin, Execute(0), Execute(1), Execute(2), Commit]),
            (
                WrappedAnew,
                &["CREATE TABLE", "COMMIT", "INSERT INTO"],
                &[Begin, Execute(0), Execute(1), Begin, Execute(2), Commit],
            ),
            (WrappedAnew, &["BEGIN", "CREATE TABLE", "COMMIT"], &[Begin, Execute(0), Execute(1), Execute(2)]),
            (Autocommit, &["CREATE TABLE", "INSERT INTO"], &[Execute(0), Execute(1)]),
            (Autocommit, &["BEGIN", "INSERT INTO"], &[Execute(0), Execute(1), Rollback]),
            (Autocommit, &["BEGIN", "INSERT INTO", "COMMIT"], &[Execute(0), Execute(1), Execute(2)]),
            (Batch, &["CREATE INDEX CONCURRENTLY"], &[Execute(0)]),
            (Batch, &["CREATE TABLE", "INSERT INTO"], &[Begin, Execute(0), Execute(1), Commit]),
            (Batch, &["BEGIN", "CREATE TABLE", "COMMIT"], &[Execute(0), Execute(1), Execute(2)]),
            (Batch, &["BEGIN", "CREATE TABLE"], &[Execute(0), Execute(1), Rollback]),
            (
                Batch,
                &["INSERT INTO", "COMMIT", "CREATE TABLE"],
                &[Begin, Execute(0), Execute(1), Begin, Execute(2), Commit],
            ),
            (Batch, &["INSERT INTO", "BEGIN", "COMMIT"], &[Begin, Execute(0), Execute(1), Execute(2)]),
            (Batch, &["SAVEPOINT", "ROLLBACK TO SAVEPOINT"], &[Begin, Execute(0), Execute(1), Commit]),
        ];
        for (mode, leads, expected) in cases {
            assert_eq!(actions(&script(leads), *mode), *expected, "{mode:?} {leads:?}");
        }
    }
}
