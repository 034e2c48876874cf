//! What another client of the database was heard to send, as the server's own log has it.

use super::Refusal;

/// What other clients sent while a log was kept of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overheard {
    /// Their statements, in order, without the values of parameters.
    pub statements: Vec<String>,
    /// What the server refused, each with the statement, where the log tells it.
    pub refusals: Vec<(Refusal, String)>,
}
