//! Reports: one file per form. Pure: [`Report`] in, text out.

mod model;

pub use model::{
    DatabaseReport, DescentReport, ErrorReport, FindingReport, Report, RunOutcome, StepErrorReport, StepReport, Tool,
    Totals,
};
