//! The command lines as the replay sees them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::super::output::{redacted_all, secrets_of};
use super::placeholders::{VARIABLES, for_shell};
use super::shell::{self, Ended};
use super::words::{line_in, told};
use crate::engine::{Overheard, Refusal, RefusalKind};
use crate::history::{Call, Direction};
use crate::provision::Contact;
use crate::runner::{ErrorKind, Fault, Sent, StepError, Tool, ToolError, Worked};

/// How many lines of what a command prints are looked at.
const LOOKED_AT: usize = 200;

/// How many lines of it are shown where nothing can be checked.
const SHOWN: usize = 20;

/// How long a command may take to list the migrations: some load an application first.
const LISTING: Duration = Duration::from_secs(300);

/// What has to be known to run the command lines.
#[derive(Debug)]
pub struct Spec {
    /// The project's root, absolute.
    pub root: PathBuf,
    /// The disposable database.
    pub contact: Contact,
    /// What the commands find in their environment, on top of ours.
    pub environment: Vec<(String, String)>,
    /// Lists the migrations.
    pub list: Option<String>,
    /// Brings one migration.
    pub up: String,
    /// Takes one back.
    pub down: Option<String>,
    /// The tables in which the tool remembers what was run; statements that name them are not the migrations'.
    pub bookkeeping: Vec<String>,
}

/// The tool behind the command lines.
#[derive(Debug)]
pub struct CommandLines {
    spec: Spec,
    secrets: Vec<String>,
    files: BTreeMap<String, PathBuf>,
}

impl CommandLines {
    /// Nothing is run yet.
    pub fn new(spec: Spec) -> Self {
        let ours =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let mut secrets = secrets_of(ours.chain(spec.environment.iter().cloned()));
        if !spec.contact.password.is_empty() {
            secrets.insert(0, spec.contact.password.clone());
        }
        Self { spec, secrets, files: BTreeMap::new() }
    }

    /// The file of each revision, so that errors can be placed in it.
    pub fn know(&mut self, files: BTreeMap<String, PathBuf>) {
        self.files = files;
    }

    /// The migrations that the command lists, in their order, each with its file where it says that; `None` where there is no
    /// such command.
    ///
    /// # Errors
    /// When the command fails, or lists nothing.
    pub async fn list(&self) -> Result<Option<Vec<(String, Option<String>)>>, ToolError> {
        let Some(list) = &self.spec.list else { return Ok(None) };
        let ended = self.run(list, "", LISTING).await?;
        let why = match ended.status {
            None => format!("took longer than {} s and was ended", LISTING.as_secs()),
            Some(status) if !status.success() => format!("failed ({status})"),
            Some(_) => String::new(),
        };
        if !why.is_empty() {
            return Err(ToolError::CannotCheck(format!(
                "the command `list` of rollproof.yml {why}{}",
                self.printed(&ended)
            )));
        }
        let listed: Vec<(String, Option<String>)> =
            ended.stdout.lines().iter().filter_map(|line| listed(line)).collect();
        if listed.is_empty() {
            return Err(ToolError::CannotCheck(format!(
                "the command `list` of rollproof.yml lists no migration; it has to print one a line, its id and perhaps a tab and \
                 its file{}",
                self.printed(&ended)
            )));
        }
        Ok(Some(listed))
    }

    /// Runs a command line for a revision.
    async fn run(&self, command: &str, revision: &str, timeout: Duration) -> Result<Ended, ToolError> {
        let contact = &self.spec.contact;
        let port = contact.port.to_string();
        // In the order of the variables.
        let values =
            [&contact.url, &contact.host, &port, &contact.user, &contact.password, &contact.name, &revision.to_owned()];
        let ours = VARIABLES.iter().zip(values).map(|((_, variable), value)| ((*variable).to_owned(), value.clone()));
        let environment: Vec<(String, String)> = self.spec.environment.iter().cloned().chain(ours).collect();
        let ended = shell::run(&for_shell(command), &self.spec.root, &environment, timeout).await;
        ended.map_err(ToolError::CannotCheck)
    }

    /// The end of what a command printed.
    fn printed(&self, ended: &Ended) -> String {
        let tail = |output: &super::super::output::Output| output.tail(SHOWN, &self.secrets);
        let lines = Some(tail(&ended.stderr)).filter(|lines| !lines.is_empty()).unwrap_or_else(|| tail(&ended.stdout));
        if lines.is_empty() { String::new() } else { format!("; its output ends:\n  {}", lines.join("\n  ")) }
    }

    /// Why a command that was run failed; `None` where it did not.
    fn fault(&self, ended: &Ended, word: &str, revision: &str, timeout: Duration) -> Option<Fault> {
        let stderr = ended.stderr.tail(LOOKED_AT, &self.secrets);
        let stdout = ended.stdout.tail(LOOKED_AT, &self.secrets);
        let said = told(&stderr, &stdout);
        let (kind, message, detail) = match ended.status {
            Some(status) if status.success() => return None,
            Some(status) => {
                let nothing = || (format!("the command `{word}` failed ({status}) and printed nothing"), None);
                let (message, detail) = said.unwrap_or_else(nothing);
                (ErrorKind::Tool, message, detail)
            }
            None => {
                let message =
                    format!("it ran longer than {} s and was ended; raise --timeout if it may", timeout.as_secs());
                (ErrorKind::Timeout, message, said.map(|(message, detail)| detail.unwrap_or(message)))
            }
        };
        let message = redacted_all(&message, &self.secrets);
        let detail = detail.map(|detail| redacted_all(&detail, &self.secrets));
        let file = self.files.get(revision);
        let name = file.and_then(|file| file.file_name()).map(|name| name.to_string_lossy().into_owned());
        let line = name.and_then(|name| line_in(&name, &stderr).or_else(|| line_in(&name, &stdout))).unwrap_or(1);
        let error = StepError { kind, code: None, message, detail, part: 0, line, span: 0..0, statement: 0..0 };
        Some(Fault { error, file: file.cloned() })
    }
}

#[async_trait(?Send)]
impl Tool for CommandLines {
    async fn step(&mut self, call: &Call, timeout: Duration) -> Result<Worked, ToolError> {
        let word = call.direction.word();
        let command = match call.direction {
            Direction::Up => Some(&self.spec.up),
            Direction::Down => self.spec.down.as_ref(),
        };
        let Some(command) = command else {
            return Err(ToolError::CannotCheck(format!("`commands` in rollproof.yml has no `{word}`")));
        };
        let clock = Instant::now();
        let ended = self.run(command, &call.revision, timeout).await?;
        let millis = clock.elapsed().as_secs_f64() * 1000.0;
        if ended.is_not_there() {
            return Err(ToolError::CannotCheck(format!(
                "the command `{word}` of rollproof.yml cannot be run: check `commands`{}",
                self.printed(&ended)
            )));
        }
        let error = self.fault(&ended, word, &call.revision, timeout);
        Ok(Worked { millis, error, ended: ended.status.is_none(), ..Worked::default() })
    }

    fn tells_statements(&self) -> bool {
        false
    }

    fn with_heard(&self, worked: Worked, heard: Overheard) -> Worked {
        let is_own = |sql: &str| !self.spec.bookkeeping.iter().any(|table| names(sql, table));
        let statements = heard.statements.iter().filter(|sql| is_own(sql) && !is_transaction(sql));
        let statements = statements.map(|sql| Sent { sql: sql.clone(), reads: only_reads(sql), ..Sent::default() });
        let statements: Vec<Sent> = statements.collect();
        let error = worked.error.map(|fault| {
            let refusal = heard.refusals.into_iter().rev().find(|(_, statement)| is_own(statement));
            match refusal.filter(|_| fault.error.kind == ErrorKind::Tool) {
                Some((refusal, statement)) => refused(fault, refusal, &statement),
                None => fault,
            }
        });
        Worked { statements, error, ..worked }
    }

    async fn release(&mut self) -> Result<(), ToolError> {
        Ok(())
    }

    async fn close(&mut self) {}
}

/// The error of a step in the server's words, with what the tool said behind them.
fn refused(fault: Fault, refusal: Refusal, statement: &str) -> Fault {
    let kind = match refusal.kind {
        RefusalKind::Server => ErrorKind::Server,
        RefusalKind::Author => ErrorKind::Refused,
    };
    let statement = (!statement.trim().is_empty()).then(|| format!("STATEMENT: {}", statement.trim()));
    let detail: Vec<String> = refusal.detail.into_iter().chain(statement).collect();
    let error = StepError {
        kind,
        code: refusal.code,
        message: refusal.message,
        detail: (!detail.is_empty()).then(|| detail.join("\n")),
        ..fault.error
    };
    Fault { error, ..fault }
}

/// A line of the list: an id, perhaps a tab and a file.
fn listed(line: &str) -> Option<(String, Option<String>)> {
    let (id, file) = line.split_once('\t').map_or((line, None), |(id, file)| (id, Some(file.trim())));
    let id = id.trim();
    (!id.is_empty()).then(|| (id.to_owned(), file.filter(|file| !file.is_empty()).map(str::to_owned)))
}

/// Whether a statement names a table, as a word.
fn names(sql: &str, table: &str) -> bool {
    let name = table.rsplit('.').next().unwrap_or(table);
    sql.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).any(|word| word.eq_ignore_ascii_case(name))
}

fn first_word(sql: &str) -> String {
    sql.trim_start().chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_uppercase()
}

/// Whether a statement only begins or ends a transaction, which the tool does.
fn is_transaction(sql: &str) -> bool {
    let word = first_word(sql);
    let bare = sql.split_whitespace().count() <= 2;
    matches!(word.as_str(), "BEGIN" | "COMMIT" | "ROLLBACK" | "END" | "START") && (bare || word == "START")
}

/// Whether a statement only reads, or says something of the session.
fn only_reads(sql: &str) -> bool {
    let writes = ["INSERT", "UPDATE", "DELETE", "INTO"];
    let word = first_word(sql);
    matches!(word.as_str(), "SHOW" | "EXPLAIN" | "SET" | "USE")
        || matches!(word.as_str(), "SELECT" | "WITH") && !writes.iter().any(|write| names(sql, write))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read() {
        assert_eq!(listed("1_a"), Some(("1_a".to_owned(), None)));
        assert_eq!(listed(" 1_a \t db/1_a.js "), Some(("1_a".to_owned(), Some("db/1_a.js".to_owned()))));
        assert_eq!(listed("  "), None);
    }

    #[test]
    fn statements_are_told_apart() {
        assert!(
            only_reads("select 1") && only_reads("SET x = 1") && only_reads("with a as (select 1) select * from a")
        );
        assert!(
            !only_reads("CREATE TABLE t (a int)")
                && !only_reads("with a as (delete from t returning 1) select * from a")
        );
        assert!(
            is_transaction("BEGIN") && is_transaction("COMMIT;") && !is_transaction("BEGIN NOT ATOMIC SELECT 1; END")
        );
        assert!(names("insert into \"knex_migrations\" values (1)", "knex_migrations"));
        assert!(!names("insert into knex_migrations_old", "public.knex_migrations"));
    }
}
