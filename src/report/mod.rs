//! Reports: one file per form. Pure: [`Report`] in, text out.

mod diff_form;
mod diff_text;
mod excerpt;
#[cfg(test)]
mod fixture;
mod github;
mod json;
mod junit;
mod junit_case;
mod junit_extra;
mod markdown;
mod markdown_text;
mod model;
mod placed;
mod plain_text;
mod ranking;
mod schema_form;
mod schema_text;
mod sections;
mod summary;
mod terminal;
mod terminal_finding;
mod workflow_command;
mod xml_text;

pub use diff_form::{ChangeReport, ChangeWord, DiffReport, SideReport};
pub use diff_text::diff_text;
pub use github::{github_outputs, to_github};
pub use json::{json_schema, to_json};
pub use junit::to_junit;
pub use markdown::{markdown_of_problems, to_markdown};
pub use model::{
    CannotTell, DatabaseReport, DescentReport, ErrorReport, FindingReport, Report, RetryReport, RunOutcome,
    StepErrorReport, StepReport, Tool, Totals,
};
pub use placed::seen_from;
pub(crate) use plain_text::{counted, one_clean_line};
pub use schema_form::{ObjectReport, SCHEMA_FORM, SchemaReport};
pub use schema_text::schema_text;
pub use terminal::{TerminalOptions, Verbosity, to_text};
pub use workflow_command::without_commands;
