//! Reports: one file per form. Pure: [`Report`] in, text out.

mod excerpt;
#[cfg(test)]
mod fixture;
mod json;
mod junit;
mod junit_case;
mod junit_extra;
mod model;
mod plain_text;
mod summary;
mod terminal;
mod terminal_finding;
mod xml_text;

pub use json::{json_schema, to_json};
pub use junit::to_junit;
pub use model::{
    DatabaseReport, DescentReport, ErrorReport, FindingReport, Report, RunOutcome, StepErrorReport, StepReport, Tool,
    Totals,
};
pub(crate) use plain_text::{counted, one_clean_line};
pub use terminal::{TerminalOptions, Verbosity, to_text};
