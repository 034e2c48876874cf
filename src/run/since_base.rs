//! `--base`: what a change brings, told apart from what was there before it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Settings;
use super::base_config::{AtBase, at_base};
use super::database::{Checked, Task, Used};
use super::on_engine::{Seen, on_engine};
use crate::config::Database;
use crate::git::{GitError, Repository};
use crate::history::{self, Changes, EngineKind, History, HistoryError, Listing, Status};
use crate::policy::{self, Finding};
use crate::provision::RunFolder;
use crate::replay::{Event, Outcome, Phase, Plan, Trace, with_prerequisites};

/// The commit that the change begins from.
pub(super) struct Base {
    repository: Repository,
    reference: String,
    commit: String,
    /// The files that changed since, as findings name them.
    pub(super) changed_files: Vec<String>,
}

/// The history at the base, and what became of it.
pub(super) struct Compared {
    reference: String,
    history: History,
    /// What a reader should know of the comparison.
    pub(super) notes: Vec<String>,
    /// Whether steps begin on what they began on at the base.
    alike: bool,
    pub(super) changes: Changes,
}

/// The base that the settings name, if they name one; or why it cannot be had.
pub(super) async fn find(settings: &Settings) -> Option<Result<Base, String>> {
    let reference = settings.base.clone()?;
    let project = &settings.project;
    let found = async {
        let repository = Repository::of(&project.root).await?;
        let commit = repository.merge_base(&reference).await?;
        // Findings are about nothing else, and the rest of a project may be large.
        let chosen = project.databases.iter().filter(|database| settings.chosen(&database.name));
        let folders: Vec<_> = chosen.map(|database| project.resolve(&database.migrations)).collect();
        let changed = repository.changed_files(&commit, &folders).await?;
        let changed_files = changed.iter().map(|file| file.display().to_string()).collect();
        Ok(Base { repository, reference, commit, changed_files })
    };
    Some(found.await.map_err(|error: GitError| error.to_string()))
}

impl Compared {
    /// The same comparison with another telling of the history at head: what its tool says that it is.
    pub(super) fn with_head(self, head: &History) -> Self {
        Self { changes: history::changes(&self.history, head), ..self }
    }
}

impl Base {
    /// What a reader should know of it.
    pub(super) fn note(&self) -> Option<String> {
        let superproject = self.repository.superproject.as_ref()?;
        let (top, reference) = (self.repository.top.display(), &self.reference);
        Some(format!(
            "the project lies in {top}, a submodule of {}; `{reference}` is that of the submodule",
            superproject.display()
        ))
    }
}

/// A database as it was at the base.
pub(super) struct AsItWas {
    /// The configuration's entry.
    pub(super) database: Database,
    /// The history; `None` where there was no migration.
    pub(super) history: Option<History>,
    /// The file with what exists before the first migration, and its text.
    pub(super) base_schema: Option<(PathBuf, String)>,
}

/// The database as it was at the base: by the configuration and the files of that commit.
///
/// # Errors
/// When the base is not to be had, or its files are no history.
pub(super) async fn as_it_was(
    base: &Base,
    task: Task<'_>,
    engine: EngineKind,
    head: &History,
) -> Result<AsItWas, String> {
    let AtBase { folder, database, .. } =
        at_base(&base.repository, &base.commit, task).await.map_err(|error| error.to_string())?;
    let history = history_at(base, task, &folder, engine, head).await?;
    let base_schema = match &database.base_schema {
        None => None,
        Some(path) => {
            let path = task.settings.project.resolve(path);
            let text = base.repository.text_at(&base.commit, &path).await.map_err(|error| error.to_string())?;
            let missing =
                || format!("the base schema {} is not there at the base ({})", path.display(), base.reference);
            let text = text.ok_or_else(missing)?;
            Some((path, text))
        }
    };
    Ok(AsItWas { database, history, base_schema })
}

/// Compares the history of a database with that at the base.
///
/// # Errors
/// When the base is not to be had, or its files are no history.
pub(super) async fn compare(
    base: &Base,
    task: Task<'_>,
    engine: EngineKind,
    head: &History,
) -> Result<Compared, String> {
    let AtBase { folder, changed, .. } =
        at_base(&base.repository, &base.commit, task).await.map_err(|error| error.to_string())?;
    let reference = base.reference.clone();
    let mut notes = Vec::new();
    let history = match history_at(base, task, &folder, engine, head).await? {
        Some(history) => history,
        None => {
            notes.push(format!(
                "there are no migrations in {} at the base ({reference}), so that all of them count as new",
                folder.display()
            ));
            History { migrations: Vec::new(), unmatched: Vec::new(), one_way: false, ..head.clone() }
        }
    };
    let alike = changed.is_empty();
    if !alike {
        let keys: Vec<String> = changed.iter().map(|key| format!("`{key}`")).collect();
        let verb = if keys.len() == 1 { "is" } else { "are" };
        notes.push(format!(
            "{} {verb} not what the base ({reference}) has, so that no finding on a step counts as inherited",
            keys.join(", ")
        ));
    }
    let changes = history::changes(&history, head);
    Ok(Compared { reference, history, notes, alike, changes })
}

/// The history at the base, read by the format of the head from a copy of its files, with the paths of the head; `None`
/// where there is none.
async fn history_at(
    base: &Base,
    task: Task<'_>,
    folder: &Path,
    engine: EngineKind,
    head: &History,
) -> Result<Option<History>, String> {
    let copy = RunFolder::scratch().map_err(|error| error.to_string())?;
    let written = base
        .repository
        .write_files_at(&base.commit, folder, Listing::REACH, copy.path())
        .await
        .map_err(|error| error.to_string())?;
    if written == 0 {
        return Ok(None);
    }
    let options = &task.settings.read_options(task.index);
    match history::read_with(copy.path(), &task.folder(), Some(head.format), engine, options) {
        Ok(mut history) => {
            history.note_skips(|id| task.database().skip_reason(id));
            Ok(Some(history))
        }
        Err(HistoryError::Empty { .. } | HistoryError::NoMigration { .. }) => Ok(None),
        Err(error) => Err(format!(
            "the history at the base ({}, commit {}) cannot be read, so that nothing can be compared with it: {error}; a \
             change that mends this passes without --base",
            base.reference, base.commit
        )),
    }
}

/// Marks the findings that the change did not bring, as far as that shows without a database.
pub(super) fn mark(
    compared: &Compared,
    task: Task<'_>,
    head: &History,
    ran: &BTreeSet<Phase>,
    findings: &mut [Finding],
) {
    if compared.alike {
        policy::mark_inherited_steps(findings, head, &compared.changes);
    }
    if compared.alike && compared.changes.is_empty() {
        // The same history to the byte rolls back as far as it did.
        for finding in findings.iter_mut().filter(|finding| finding.phase == Phase::Descent) {
            finding.inherited = true;
        }
    }
    let without_database = [Phase::Graph, Phase::Down].into_iter().filter(|phase| ran.contains(phase)).collect();
    policy::mark_known(findings, &judged(task, &compared.history, None, &without_database));
}

/// The findings on a history that is not the one to report on.
fn judged(task: Task<'_>, history: &History, trace: Option<&Trace>, ran: &BTreeSet<Phase>) -> Vec<Finding> {
    let facts = policy::gather(history, None, trace, ran);
    policy::judge(task.rules, &facts, &task.settings.project.rules).findings
}

/// Runs what has to be run of the base to tell what the change brings. Whether the server still answered after it.
pub(super) async fn replay(task: Task<'_>, head: &History, on: &Used<'_>, checked: &mut Checked) -> bool {
    let Some(compared) = checked.compared.take() else { return true };
    let mut answers = true;
    if compared.alike && descends_too(&compared, head, &checked.findings) {
        answers &= descent_of_base(&compared, task, on, checked).await;
    }
    if let Some(stopped) = checked.trace.as_ref().and_then(|trace| hidden_behind(&compared, trace)) {
        answers &= change_from_base(&compared, task, head, stopped, on, checked).await;
    }
    checked.compared = Some(compared);
    answers
}

/// Whether a finding of the descent may be the base's as well: it is about a migration that was there, or about none.
fn descends_too(compared: &Compared, head: &History, findings: &[Finding]) -> bool {
    let was_there = |id: &str| {
        let at = head.migrations.iter().position(|migration| migration.id == id);
        at.is_none_or(|at| compared.changes.migrations[at].status != Status::New)
    };
    let mut open = findings.iter().filter(|finding| finding.phase == Phase::Descent && !finding.inherited);
    !compared.history.migrations.is_empty() && open.any(|finding| finding.migration.as_deref().is_none_or(was_there))
}

/// How far the base itself rolls back, without the trials of each step.
async fn descent_of_base(compared: &Compared, task: Task<'_>, on: &Used<'_>, checked: &mut Checked) -> bool {
    let ran = with_prerequisites(&BTreeSet::from([Phase::Descent]));
    let plan = task.plan(&compared.history, &ran);
    (task.tell)(&Event::Restoring { how: format!("rolling back {} for comparison", compared.reference) });
    match on_engine(task, &compared.history, &plan, on, &|_| ()).await {
        Ok(Seen { trace, closed: answers, .. }) if trace.errors.is_empty() => {
            let mut at_base = judged(task, &compared.history, Some(&trace), &ran);
            at_base.retain(|finding| finding.phase == Phase::Descent);
            policy::mark_known(&mut checked.findings, &at_base);
            answers
        }
        other => {
            let why = why(&other);
            checked.notes.push(format!(
                "whether {} rolls back no further cannot be told, so that no finding of the descent counts as inherited: \
                 {why}",
                compared.reference
            ));
            other.is_ok_and(|seen| seen.closed)
        }
    }
}

/// The migration whose failure may hide what new ones behind it do: its up was there at the base and fails here.
///
/// Where head is the base with more behind it nothing is hidden, though an old step fails: the saw passes over it, and
/// then runs the new migrations on exactly what the base comes to.
fn hidden_behind(compared: &Compared, trace: &Trace) -> Option<usize> {
    let changes = &compared.changes;
    if changes.appended || changes.migrations.iter().all(|change| change.status != Status::New) {
        return None;
    }
    let failed = trace.steps.iter().filter(|step| step.phase == Phase::Up && step.outcome == Outcome::Failed);
    let was_there = |index: &usize| changes.migrations.get(*index).is_some_and(|change| change.was.is_some());
    failed.map(|step| step.migration).find(was_there)
}

/// Replays the new migrations behind those of the base, and adds what is found on them only there.
async fn change_from_base(
    compared: &Compared,
    task: Task<'_>,
    head: &History,
    stopped: usize,
    on: &Used<'_>,
    checked: &mut Checked,
) -> bool {
    let (history, from) = composed(compared, head);
    let mut phases = task.settings.phases.clone();
    phases.retain(|phase| matches!(phase, Phase::Up | Phase::Down | Phase::Redo));
    let plan = only_up_before(task.plan(&history, &phases), from);
    (task.tell)(&Event::Restoring { how: format!("replaying the change behind {}", compared.reference) });
    let replayed = on_engine(task, &history, &plan, on, &|_| ()).await;
    let (trace, answers) = match replayed {
        Ok(Seen { trace, closed: answers, .. }) if trace.errors.is_empty() => (trace, answers),
        other => {
            let message = format!(
                "the change cannot be replayed behind the migrations of {}: {}",
                compared.reference,
                why(&other)
            );
            checked.cannot(Some(Phase::Up), message);
            return other.is_ok_and(|seen| seen.closed);
        }
    };
    let new: BTreeSet<&str> = history.migrations[from..].iter().map(|migration| migration.id.as_str()).collect();
    let mut further = judged(task, &history, Some(&trace), &with_prerequisites(&phases));
    further.retain(|finding| {
        finding.migration.as_deref().is_some_and(|id| new.contains(id))
            && !checked.findings.iter().any(|known| policy::is_same(known, finding))
    });
    let count = |count: usize, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    };
    checked.notes.push(format!(
        "the up of {}, which is at {} too, fails here; so {} also replayed right behind the migrations of {}: {}",
        head.migrations[stopped].id,
        compared.reference,
        count(new.len(), "new migration was", "new migrations were"),
        compared.reference,
        count(further.len(), "further finding", "further findings"),
    ));
    checked.findings.extend(further);
    answers
}

/// The migrations of the base, and from the index that is given those that are new at head.
fn composed(compared: &Compared, head: &History) -> (History, usize) {
    let from = compared.history.migrations.len();
    let mut history = History { one_way: head.one_way, ..compared.history.clone() };
    let changes = head.migrations.iter().zip(&compared.changes.migrations);
    let new = changes.filter(|(_, change)| change.status == Status::New).map(|(migration, _)| migration.clone());
    history.migrations.extend(new);
    for index in from.max(1)..history.migrations.len() {
        history.migrations[index].parents = vec![history.migrations[index - 1].id.clone()];
    }
    (history, from)
}

/// The plan without the trials of the migrations before `from`: they are the base's own matter.
fn only_up_before(mut plan: Plan, from: usize) -> Plan {
    for planned in plan.saw.iter_mut().filter(|planned| planned.migration < from) {
        (planned.down, planned.redo) = (None, None);
    }
    Plan { descent: false, ..plan }
}

/// Why a replay came to nothing.
fn why(replayed: &Result<Seen, String>) -> String {
    match replayed {
        Ok(Seen { trace, closed: _, .. }) => {
            trace.errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("; ")
        }
        Err(message) => message.clone(),
    }
}
