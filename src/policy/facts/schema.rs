//! The fact types: which fields a rule may ask for, of which type, and what they mean.
//!
//! Every field is there in every fact of its type, whatever the engine; a value that was not observed is an empty text,
//! an empty list, zero or false. Expressions are checked against this table when a rule is loaded.

use crate::replay::Phase;

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FieldType {
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// Any text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of values of one type.
    List(&'static FieldType),
    /// Further fields.
    Record(&'static [Field]),
}

/// One field of a fact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Field {
    /// Its name in expressions.
    pub name: &'static str,
    /// Its type.
    pub of: FieldType,
    /// What it says.
    pub doc: &'static str,
}

/// The kinds of fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactKind {
    /// The history as a graph.
    History,
    /// A version of the history.
    Version,
    /// A file that the format does not read.
    File,
    /// A migration, and what became of it since the base.
    Migration,
    /// A step of the replay.
    Step,
    /// A migration without a down script.
    MissingDown,
    /// How far head rolls back.
    Descent,
    /// A table at head, compared with that of another product's database.
    Dialect,
}

impl FactKind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::History,
        Self::Version,
        Self::File,
        Self::Migration,
        Self::Step,
        Self::MissingDown,
        Self::Descent,
        Self::Dialect,
    ];

    /// Its name: after `on:` in a rule, and of the variable in expressions.
    pub fn word(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::Version => "version",
            Self::File => "file",
            Self::Migration => "migration",
            Self::Step => "step",
            Self::MissingDown => "missing_down",
            Self::Descent => "descent",
            Self::Dialect => "dialect",
        }
    }

    /// What it is about.
    pub fn doc(self) -> &'static str {
        match self {
            Self::History => "The history as a graph of migrations; one fact.",
            Self::Version => "One version; several migrations may carry it.",
            Self::File => "One file in the migrations folder that the format does not read.",
            Self::Migration => {
                "One migration, and what became of it since the base; also one for each that was deleted since. Without \
                 `--base` the status is `unknown`, and nothing is known of a base."
            }
            Self::Step => "One script that ran, or was to run: the up, down, redo or descent of one migration.",
            Self::MissingDown => {
                "One migration without a down script; one fact for a whole history that has none at all by design."
            }
            Self::Descent => "How far the history rolls back from its head without any repair; one fact.",
            Self::Dialect => {
                "One table at head of a history that is kept for several products, compared with the table of the same \
                 name in the first of their databases."
            }
        }
    }

    /// The phase that observes it; for steps the phase that a rule gets when it names none.
    pub fn phase(self) -> Phase {
        match self {
            Self::History | Self::Version | Self::File | Self::Migration => Phase::Graph,
            Self::Step => Phase::Up,
            Self::MissingDown => Phase::Down,
            Self::Descent => Phase::Descent,
            Self::Dialect => Phase::Agreement,
        }
    }

    /// Its fields.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::History => HISTORY,
            Self::Version => VERSION,
            Self::File => FILE,
            Self::Migration => MIGRATION,
            Self::Step => STEP,
            Self::MissingDown => MISSING_DOWN,
            Self::Descent => DESCENT,
            Self::Dialect => DIALECT,
        }
    }
}

const fn field(name: &'static str, of: FieldType, doc: &'static str) -> Field {
    Field { name, of, doc }
}

use FieldType::{Bool, Int, List, Record, Text, Word};

const CLASSES: &[&str] = &["", "exact", "storage", "comment", "name", "order", "privilege", "structure"];

/// The fields of one difference.
pub const CHANGE: &[Field] = &[
    field("object", Text, "the object that differs, as reports print it: `table public.books column title`"),
    field("object_kind", Text, "what it is: `table`, `table column`"),
    field("kind", Word(&["added", "removed", "renamed", "altered"]), "what happened to it"),
    field("attribute", Text, "which attribute differs; empty unless the kind is `altered`"),
    field("class", Word(CLASSES), "how grave it is"),
    field("text", Text, "the difference as a sentence"),
    field("follows", Text, "the object whose change brought this one along; empty for one in its own right"),
];

/// The fields of one difference as a person counts it.
pub const TOLD: &[Field] = &[
    field("object", Text, "the object that differs; the first of them where many differ alike"),
    field("class", Word(CLASSES), "how grave it is"),
    field("text", Text, "the difference as a sentence"),
    field("lines", List(&Text), "the lines that differ, where a definition has several"),
];

const ERROR: &[Field] = &[
    field("kind", Word(&["", "server", "tool", "refused", "timeout", "lost"]), "who failed; empty when nothing did"),
    field("code", Text, "the SQLSTATE or the engine's own code"),
    field("message", Text, "the engine's message"),
];

const CHANGES: FieldType = List(&Record(CHANGE));

const TOLD_CHANGES: FieldType = List(&Record(TOLD));

const TOLD_DOC: &str = "`changes` as a person counts them: what follows is told with its cause, what many objects have in \
                        common once";

const STEP: &[Field] = &[
    field("migration", Text, "the id of the migration"),
    field("phase", Word(&["up", "down", "redo", "descent"]), "which of its scripts, and when"),
    field("outcome", Word(&["passed", "failed", "skipped"]), "what became of it"),
    field("skipped", Text, "why it was skipped"),
    field("statements", Int, "how many statements the script has"),
    field("down_exists", Bool, "the migration has a down script"),
    field("error", Record(ERROR), "why it failed"),
    field(
        "class",
        Word(CLASSES),
        "the gravest class among `changes`: `exact` when there are none, empty when nothing could be compared",
    ),
    field(
        "changes",
        CHANGES,
        "after an up: what it changed; after a down: what differs from before the up; after a redo: what differs from \
         after the first up; the gravest first",
    ),
    field("told", TOLD_CHANGES, TOLD_DOC),
    field("left_behind", CHANGES, "what a failed step left of its changes"),
    field("left_told", TOLD_CHANGES, "`left_behind` as a person counts it"),
    field(
        "rows_left",
        List(&Text),
        "the tables in which a failed step left rows that it added, changed or deleted, as far as the engine can tell, \
         without those that got other columns; `some table` where nobody can tell which",
    ),
    field(
        "retry",
        Word(&["", "retryable", "same", "dirty"]),
        "what a second try on what was left behind came to: it runs through, fails as the first did, or fails otherwise; \
         empty where none was made",
    ),
    field("retry_error", Text, "why the second try failed"),
    field("up_changed_structure", Bool, "the up of this migration ran and changed the structure"),
    field("down_restored_structure", Bool, "redo: the down before it ran and restored the structure"),
    field("down_restored_privileges", Bool, "redo: the down before it ran and restored privileges and owners"),
    field("names_undefined_object", Bool, "the error says that an object does not exist"),
    field("undefined_name", Text, "the name of that object, as the error's message gives it"),
    field("names_object_never_seen", Bool, "no object of that name exists at any moment of the run"),
    field("first_failing_up", Bool, "this is the first up that fails"),
    field(
        "lacks_base",
        Bool,
        "the first up that fails, and it fails for an object that exists at no moment of the run",
    ),
];

const DESCENT: &[Field] = &[
    field("reached", Int, "how many migrations were rolled back one after another"),
    field("of", Int, "how many were applied at head"),
    field("stopped_at", Text, "the id of the migration whose down stopped it; empty when none did"),
    field("explained", Bool, "a finding of the down phase already says why it stopped, or why something is left over"),
    field("error", Record(ERROR), "why the down that stopped it failed"),
    field("class", Word(CLASSES), "the gravest class among `changes`; empty when the base was not reached"),
    field("changes", CHANGES, "what differs from the base schema once the base was reached"),
    field("told", TOLD_CHANGES, TOLD_DOC),
];

const DIALECT: &[Field] = &[
    field("table", Text, "its name"),
    field("there", Text, "the name of the other database"),
    field("product", Text, "the product of the other database, as a person writes it"),
    field("differences", List(&Text), "what differs, each as a clause that says `there` of the other database"),
];

const VERSION: &[Field] = &[
    field("version", Text, "the version by which the tool orders and remembers migrations"),
    field("migrations", List(&Text), "the ids of the migrations that carry it"),
    field("files", List(&Text), "their up scripts"),
    field("count", Int, "how many migrations carry it"),
];

const FILE: &[Field] = &[
    field("path", Text, "the file"),
    field("reason", Text, "why the format does not read it, as a clause"),
    field("format", Text, "the name of the format"),
];

const MIGRATION: &[Field] = &[
    field("id", Text, "its id"),
    field("version", Text, "the version by which the tool orders and remembers it"),
    field("file", Text, "its up script; of a deleted one where it was"),
    field("parents", List(&Text), "the ids of the migrations that it follows; of a deleted one those that it followed"),
    field("language", Text, "the language it is written in, where that is not SQL: `Go`; such a one is never run"),
    field(
        "declared_skip",
        Text,
        "why the configuration, or the real tool on a new database, has it skipped; empty where neither does",
    ),
    field(
        "status",
        Word(&["unknown", "unchanged", "new", "edited", "deleted"]),
        "what became of it since the base: `edited` is another up script, by a single byte; `unknown` without a base",
    ),
    field("new", Bool, "it was not there at the base"),
    field("was", Text, "its id at the base, which may be another one; empty when it was not there"),
    field("base_parents", List(&Text), "the ids of the migrations that it followed at the base"),
    field(
        "reparented",
        Bool,
        "it has another version than at the base, or names other parents, so that it stands elsewhere in the line",
    ),
    field("down_edited", Bool, "its down script differs from that at the base"),
    field("inserted", Bool, "it is new and comes before a migration that was there at the base"),
    field(
        "overtaken_by",
        Text,
        "the id of a migration before it that keeps its tool from running it wherever that one ran already; empty when \
         there is none",
    ),
    field("newest_base", Text, "the id of the newest migration at the base; empty when there was none"),
    field("line_was", Text, "edited: the first line that differs, as it was at the base; empty behind its end"),
    field("line_is", Text, "edited: the same line as it is now; empty behind the end"),
];

const MISSING_PARENT: &[Field] = &[
    field("migration", Text, "the id of the migration"),
    field("parent", Text, "the id that it names as its parent, and that no migration has"),
];

const HISTORY: &[Field] = &[
    field("format", Text, "the name of the format"),
    field("count", Int, "how many migrations there are"),
    field("one_way", Bool, "the format, or this project's use of it, knows no down scripts"),
    field("heads", List(&Text), "the ids of the migrations that no other one follows"),
    field("roots", List(&Text), "the ids of the migrations that follow no other one"),
    field("missing_parents", List(&Record(MISSING_PARENT)), "parents that no migration has"),
    field("cycle", List(&Text), "the ids of migrations that follow one another in a circle"),
    field("chains", Int, "how many parts of the history are not connected with one another"),
    field(
        "rivals",
        List(&Text),
        "the heads of the lines that have more than one: of a part of the history, of an app, of a branch with a label",
    ),
    field("beginnings", List(&Text), "where the parts of the history begin that nobody named a branch"),
];

const MISSING_DOWN: &[Field] = &[
    field("migration", Text, "the id of the migration; empty when the whole history is meant"),
    field("whole_history", Bool, "the history has no down scripts by design"),
    field("format", Text, "the name of the format"),
    field("count", Int, "how many migrations this is about"),
];

/// The fields of every kind of fact as a Markdown page, for the documentation of rules.
pub fn markdown() -> String {
    fn rows(fields: &[Field], prefix: &str, page: &mut String) {
        for field in fields {
            let name = format!("{prefix}.{}", field.name);
            let words = match field.of {
                Word(words) => {
                    let words: Vec<String> = words.iter().map(|word| format!("`\"{word}\"`")).collect();
                    format!(": {}", words.join(", "))
                }
                Bool | Int | Text | List(_) | Record(_) => String::new(),
            };
            page.push_str(&format!("| `{name}` | {}{words} | {} |\n", type_name(field.of), field.doc));
            match field.of {
                Record(inner) => rows(inner, &name, page),
                List(Record(inner)) => rows(inner, &format!("{name}[]"), page),
                Bool | Int | Text | Word(_) | List(_) => {}
            }
        }
    }
    let mut page = String::new();
    for kind in FactKind::ALL {
        page.push_str(&format!("## {}\n\n{}\n\n| field | type | meaning |\n|---|---|---|\n", kind.word(), kind.doc()));
        rows(kind.fields(), kind.word(), &mut page);
        page.push('\n');
    }
    page
}

fn type_name(of: FieldType) -> &'static str {
    match of {
        Bool => "bool",
        Int => "int",
        Text => "text",
        Word(_) => "word",
        List(Text | Word(_)) => "list of text",
        List(_) => "list",
        Record(_) => "fields",
    }
}
