//! One statement of a script, located.

use std::ops::Range;

use thiserror::Error;

/// A piece of a script that is sent to the server as one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Byte range of the statement in the script's text, without surrounding white space, leading comments and the
    /// closing semicolon.
    pub span: Range<usize>,
    /// The line of the script at which `span` begins, counted from 1.
    pub line: usize,
    /// The first words, upper case, one space between (`CREATE INDEX`); tells transaction control apart from the rest.
    pub lead: String,
    /// Rows that follow the statement in the script: the data of a PostgreSQL `COPY ... FROM STDIN`.
    pub copy: Option<CopyData>,
}

/// The rows that follow `COPY ... FROM STDIN` in a plain dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyData {
    /// Byte range of the rows in the script's text, without the closing `\.` line.
    pub span: Range<usize>,
}

/// A script that cannot be cut into statements.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct SplitError {
    /// Cause and next step.
    pub message: String,
    /// Byte range of the offending text.
    pub span: Range<usize>,
    /// Its line, counted from 1.
    pub line: usize,
}

/// The first piece of a text that may go on behind its end. Positions are bytes of that text, lines count from its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// A statement with its semicolon.
    Statement {
        /// The statement.
        statement: Statement,
        /// The byte behind the semicolon.
        end: usize,
    },
    /// A statement whose rows follow, up to a line `\.`.
    Rows {
        /// The statement; its rows are empty.
        statement: Statement,
        /// Where they begin.
        rows: usize,
    },
    /// A command of the product's shell begins here; what stands before it on no statement's behalf is passed over.
    Command {
        /// Its first byte.
        at: usize,
    },
    /// Neither: the text ends before.
    Open {
        /// What stands there without a semicolon: a statement if nothing more comes.
        statement: Option<Statement>,
        /// What is wrong if nothing more comes.
        unterminated: Option<SplitError>,
    },
}

impl Statement {
    /// Whether this statement begins, ends or divides a transaction by itself. Its first words decide; this is the one
    /// place where text is asked, since no engine tells it before the statement has run.
    pub fn controls_transaction(&self) -> bool {
        let first = self.first_word();
        self.begins_transaction() || self.ends_transaction() || matches!(first, "SAVEPOINT" | "RELEASE" | "ROLLBACK")
    }

    /// Whether it begins a transaction.
    pub fn begins_transaction(&self) -> bool {
        // MariaDB's block of statements is no transaction.
        let block = self.lead.starts_with("BEGIN NOT ATOMIC");
        (self.first_word() == "BEGIN" && !block)
            || ["START TRANSACTION", "XA START", "XA BEGIN"].iter().any(|words| self.lead.starts_with(words))
    }

    /// Whether it ends a transaction, so that what came before is committed or gone.
    pub fn ends_transaction(&self) -> bool {
        let to_savepoint = self.lead.starts_with("ROLLBACK TO")
            || self.lead.starts_with("ROLLBACK WORK TO")
            || self.lead.starts_with("ROLLBACK TRANSACTION TO");
        let ends = matches!(self.first_word(), "COMMIT" | "END" | "ROLLBACK" | "ABORT");
        // What is prepared is no longer the session's.
        let other = ["PREPARE TRANSACTION", "XA PREPARE", "XA COMMIT", "XA ROLLBACK"];
        (ends && !to_savepoint) || other.iter().any(|words| self.lead.starts_with(words))
    }

    fn first_word(&self) -> &str {
        self.lead.split(' ').next().unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_words_tell_what_controls_a_transaction() {
        let told = |lead: &str| {
            let statement = Statement { span: 0..0, line: 1, lead: lead.to_owned(), copy: None };
            (statement.begins_transaction(), statement.ends_transaction(), statement.controls_transaction())
        };
        for lead in ["BEGIN", "BEGIN WORK", "START TRANSACTION READ ONLY", "XA START", "BEGIN TRANSACTION"] {
            assert_eq!(told(lead), (true, false, true), "{lead}");
        }
        for lead in ["COMMIT", "ROLLBACK", "ROLLBACK WORK", "END", "XA COMMIT", "XA PREPARE", "PREPARE TRANSACTION"] {
            assert_eq!(told(lead), (false, true, true), "{lead}");
        }
        for lead in ["SAVEPOINT A", "ROLLBACK TO SAVEPOINT A", "RELEASE SAVEPOINT A"] {
            assert_eq!(told(lead), (false, false, true), "{lead}");
        }
        for lead in ["BEGIN NOT ATOMIC SELECT", "CREATE TABLE", "XA RECOVER", "PREPARE S FROM", ""] {
            assert_eq!(told(lead), (false, false, false), "{lead}");
        }
    }
}
