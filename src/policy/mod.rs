//! The judge: rules in YAML, facts, CEL evaluation. Pure: no I/O beyond the bundled files.

mod check;
mod explain;
mod expression;
mod facts;
mod finding;
mod functions;
mod inherited;
mod judge;
mod load;
mod message;
mod read;
mod read_example;
mod rule;

pub use explain::{UnknownRule, explain};
pub use expression::Expression;
pub use facts::{
    About, CHANGE, ComparedTable, Fact, FactKind, Facts, Field, FieldType, TOLD, dialects, gather,
    markdown as facts_markdown,
};
pub use finding::{Finding, Level, PolicyPlace, Snippet};
pub use inherited::{is_same, mark_inherited_steps, mark_known};
pub use judge::{Judgement, NotJudged, UnknownLevel, judge, unknown_levels};
pub use load::{BrokenRules, RuleFile, RuleProblem, core_files, load, load_only};
pub use message::Message;
pub use rule::{Example, Expected, Given, Node as ExampleMigration, Rule};

#[cfg(test)]
mod tests;
