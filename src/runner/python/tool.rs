//! The project's own tool as the replay sees it.

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;

use super::super::output::{redacted_all, secrets_of};
use super::interpreter::Interpreter;
use super::process::{Silence, Worker};
use super::protocol::{Answer, Listed, Refused, Request, Start, Target, word};
use crate::history::Call;
use crate::provision::Contact;
use crate::runner::{ErrorKind, Fault, StepError, Tool, ToolError, Worked};

/// How many lines of what the project prints are shown where it does not load.
const SHOWN: usize = 20;

/// How long an application may take to load: imports of half a minute were met.
const LOADING: Duration = Duration::from_secs(300);

/// What has to be known to start the tool.
#[derive(Debug)]
pub struct Spec {
    /// The name of the format: `alembic`, `flask-migrate`, `django`.
    pub kind: &'static str,
    /// The Python of the project.
    pub interpreter: Interpreter,
    /// The project's root, absolute.
    pub root: PathBuf,
    /// The migrations folder, absolute.
    pub migrations: PathBuf,
    /// The disposable database.
    pub contact: Contact,
    /// What the project's environment gets, on top of ours.
    pub environment: Vec<(String, String)>,
    /// The importable hook.
    pub hook: Option<String>,
    /// The bind or the alias, where the project has several databases.
    pub database: Option<String>,
}

/// What the tool said of itself.
#[derive(Clone, Debug)]
pub struct Started {
    /// Its name and version, that of its framework, and the interpreter.
    pub title: String,
    /// The tables in which it remembers what was run.
    pub bookkeeping: Vec<String>,
    /// How long the project took to load, in milliseconds.
    pub imports_millis: f64,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// The tool, with its worker.
#[derive(Debug)]
pub struct Python {
    spec: Spec,
    worker: Option<Worker>,
    secrets: Vec<String>,
}

impl Python {
    /// Loads the project.
    ///
    /// # Errors
    /// When it does not load, or connects to another database.
    pub async fn start(spec: Spec) -> Result<(Self, Started), ToolError> {
        let ours =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let mut secrets = secrets_of(ours.chain(spec.environment.iter().cloned()));
        if !spec.contact.password.is_empty() {
            secrets.insert(0, spec.contact.password.clone());
        }
        let mut python = Self { spec, worker: None, secrets };
        let answer = python.load().await?;
        let with = answer.framework.map(|framework| format!(" with {framework}")).unwrap_or_default();
        let started = Started {
            title: format!("{}{with} in {}", answer.tool, python.spec.interpreter.title()),
            bookkeeping: answer.bookkeeping,
            imports_millis: answer.imports_millis,
            notes: answer.notes,
        };
        Ok((python, started))
    }

    /// All revisions, in the order in which the tool applies them.
    ///
    /// # Errors
    /// When the tool cannot tell them.
    pub async fn list(&mut self) -> Result<(Vec<Listed>, Vec<String>), ToolError> {
        let answer = self.ask(&Request::List, LOADING).await?;
        let answer = self.satisfied("the migrations cannot be listed", answer)?;
        Ok((answer.revisions, answer.notes))
    }

    /// Starts a worker and has it load the project.
    async fn load(&mut self) -> Result<Answer, ToolError> {
        let Spec { interpreter, root, environment, .. } = &self.spec;
        let worker =
            Worker::start(interpreter, root, environment, &self.secrets).await.map_err(ToolError::CannotCheck)?;
        let worker = self.worker.insert(worker);
        let spec = &self.spec;
        let sqlalchemy_url = spec.contact.sqlalchemy_url(spec.interpreter.sqlalchemy_driver(spec.contact.engine));
        let start = Start {
            kind: spec.kind,
            root: &spec.root,
            migrations: &spec.migrations,
            engine: spec.contact.engine.word(),
            allowed: vec![Target::from(&spec.contact)],
            url: &spec.contact.url,
            sqlalchemy_url: &sqlalchemy_url,
            hook: spec.hook.as_deref(),
            database: spec.database.as_deref(),
        };
        let answer = worker.ask(&Request::Start(Box::new(start)), LOADING).await;
        let answer = answer.map_err(|silence| self.lost("the application does not load", silence))?;
        self.satisfied("the application does not load", answer)
    }

    /// Asks the worker, a new one where the last one died.
    async fn ask(&mut self, request: &Request<'_>, patience: Duration) -> Result<Answer, ToolError> {
        if self.worker.is_none() {
            self.load().await?;
        }
        let Some(worker) = &mut self.worker else {
            return Err(ToolError::CannotCheck("there is no worker".to_owned()));
        };
        let answer = worker.ask(request, patience).await;
        answer.map_err(|silence| self.lost("the project's tool cannot be asked", silence))
    }

    /// Why nothing can be said, where a worker does not answer outside of a step.
    fn lost(&mut self, what: &str, silence: Silence) -> ToolError {
        let how = match silence {
            Silence::Ended(how) => how,
            Silence::TookTooLong => format!("it took longer than {} s and was ended", LOADING.as_secs()),
        };
        let message = format!("{what}: {how}{}", self.printed());
        self.worker = None;
        ToolError::CannotCheck(message)
    }

    /// An answer that is none of a refused connection or an error.
    fn satisfied(&self, what: &str, answer: Answer) -> Result<Answer, ToolError> {
        self.undisturbed(&answer.refused)?;
        match &answer.error {
            Some(error) if error.kind == "guard" => {
                Err(ToolError::CannotCheck(format!("{}{}", error.message, self.how_to_pass())))
            }
            Some(error) => {
                let message = format!("{what}: {}{}", error.told(), self.printed());
                let message = redacted_all(&message, &self.secrets);
                Err(ToolError::CannotCheck(self.seen_from_the_root(&message)))
            }
            None if answer.ok => Ok(answer),
            None => Err(ToolError::CannotCheck(format!("{what}, and the tool does not say why{}", self.printed()))),
        }
    }

    /// That no connection to another database was tried.
    fn undisturbed(&self, refused: &[Refused]) -> Result<(), ToolError> {
        let Some(first) = refused.first() else { return Ok(()) };
        let place =
            first.place.as_ref().map(|place| format!(" at {}", self.seen_from_the_root(place))).unwrap_or_default();
        Err(ToolError::CannotCheck(format!(
            "the project connects{place} to {}, which is not the disposable database; nothing was sent to it{}",
            first.target,
            self.how_to_pass()
        )))
    }

    /// A text in which the project's files are named from its root.
    fn seen_from_the_root(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.spec.root.display()), "")
    }

    /// What to do about it.
    fn how_to_pass(&self) -> String {
        let given: Vec<&str> = self.spec.environment.iter().map(|(name, _)| name.as_str()).collect();
        format!(
            ". Pass the disposable one with `environment:` in rollproof.yml, in the variables that the project reads, such as \
             `DATABASE_URL: \"${{url}}\"` or `DB_HOST: \"${{host}}\"` (also ${{sqlalchemy_url}} ${{port}} ${{user}} ${{password}} \
             ${{name}}); given now: {}",
            if given.is_empty() { "none".to_owned() } else { given.join(", ") }
        )
    }

    /// The end of what the project printed.
    fn printed(&self) -> String {
        let lines = self.worker.as_ref().map(|worker| worker.output.tail(SHOWN, &self.secrets)).unwrap_or_default();
        if lines.is_empty() { String::new() } else { format!("\nits output ends:\n  {}", lines.join("\n  ")) }
    }
}

#[async_trait(?Send)]
impl Tool for Python {
    async fn step(&mut self, call: &Call, timeout: Duration) -> Result<Worked, ToolError> {
        if self.worker.is_none() {
            self.load().await?;
        }
        let Some(worker) = &mut self.worker else {
            return Err(ToolError::CannotCheck("there is no worker".to_owned()));
        };
        let request = Request::Step { direction: word(call.direction), revision: &call.revision };
        let clock = std::time::Instant::now();
        let answer = match worker.ask(&request, timeout).await {
            Ok(answer) => answer,
            Err(silence) => {
                let millis = clock.elapsed().as_secs_f64() * 1000.0;
                let fault = died(silence, timeout, &self.printed());
                self.worker = None;
                return Ok(Worked { millis, error: Some(fault), ended: true, ..Worked::default() });
            }
        };
        self.undisturbed(&answer.refused)?;
        let answer = if answer.ok { answer } else { self.satisfied("the migration cannot be run", answer)? };
        Ok(Worked {
            statements: answer.statements.into_iter().map(Into::into).collect(),
            millis: answer.millis,
            error: answer.error.map(|failure| {
                let mut fault = failure.into_fault();
                fault.error.message = redacted_all(&fault.error.message, &self.secrets);
                fault.error.detail = fault.error.detail.map(|detail| redacted_all(&detail, &self.secrets));
                fault
            }),
            notes: answer.notes,
            ended: false,
        })
    }

    async fn release(&mut self) -> Result<(), ToolError> {
        if self.worker.is_none() {
            return Ok(());
        }
        let answer = self.ask(&Request::Release, LOADING).await?;
        self.satisfied("the project does not let go of the database", answer).map(|_| ())
    }

    async fn close(&mut self) {
        if let Some(worker) = self.worker.take() {
            worker.end().await;
        }
    }
}

/// The error of a step whose process is gone.
fn died(silence: Silence, timeout: Duration, printed: &str) -> Fault {
    let (kind, message) = match silence {
        Silence::Ended(how) => (ErrorKind::Tool, format!("the migration ended the process that runs it: {how}")),
        Silence::TookTooLong => (
            ErrorKind::Timeout,
            format!("it ran longer than {} s and was ended; raise --timeout if it may", timeout.as_secs()),
        ),
    };
    let detail = (!printed.is_empty()).then(|| printed.trim().to_owned());
    Fault {
        error: StepError { kind, code: None, message, detail, part: 0, line: 1, span: 0..0, statement: 0..0 },
        file: None,
    }
}
