//! One CEL expression of a rule: compiled once, checked against its kind of fact, evaluated on many.

use std::sync::{Arc, LazyLock};

use cel::common::types::{CelInt, CelString};
use cel::{Context, Env, Program, Value};

use super::check::{self, Kind};
use super::facts::{Fact, FactKind};

/// An expression that compiled and that asks only for fields that are there.
#[derive(Clone, Debug)]
pub struct Expression {
    /// As it stands in the rule's file.
    pub source: String,
    program: Arc<Program>,
}

/// The language of rules: CEL's standard library, its string functions, and `counted`. Built once, since building it
/// costs more than evaluating hundreds of rules.
static LANGUAGE: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib();
    // Both can fail only for a name that is taken; a test calls these functions, and an expression that uses a missing
    // one fails with its name.
    let _ = env.add_extension(cel::extensions::strings);
    let _ = cel::add_overload!(env, fn counted: (CelInt, CelString, CelString) -> CelString);
    Arc::new(env)
});

/// `1 difference`, `2 differences`: a count with the noun that fits.
fn counted(count: &CelInt, one: &CelString<'_>, many: &CelString<'_>) -> CelString<'static> {
    let count = *count.inner();
    let noun = if count == 1 { one.inner() } else { many.inner() };
    format!("{count} {noun}").into()
}

impl Expression {
    /// Compiles an expression over one kind of fact and says of what kind its value is, or all that is wrong with it.
    pub(super) fn compile(source: &str, fact: FactKind) -> Result<(Self, Kind), Vec<String>> {
        let program = LANGUAGE.compile(source).map_err(|errors| {
            let described = errors.errors.iter().map(|error| {
                let (line, column) = error.pos;
                let place =
                    if source.trim_end().contains('\n') { format!("{line}:{column}") } else { column.to_string() };
                format!("not a CEL expression, at {place} of `{}`: {}", one_line(source), one_line(&error.msg))
            });
            described.collect::<Vec<_>>()
        })?;
        let kind = check::check(program.expression(), fact)?;
        Ok((Self { source: source.to_owned(), program: Arc::new(program) }, kind))
    }

    /// Its value on a fact.
    pub(super) fn evaluate(&self, fact: &Bound<'_>) -> Result<Value, String> {
        self.program.execute(&fact.0).map_err(|error| format!("`{}`: {error}", one_line(&self.source)))
    }
}

/// A fact that expressions can be evaluated on; made once for each fact, since that costs more than evaluating.
pub(super) struct Bound<'a>(Context<'a, 'a>);

impl Bound<'_> {
    /// Offers a fact to expressions under the name of its kind.
    pub(super) fn new(fact: &Fact) -> Self {
        let mut context = Context::with_env(Arc::clone(&LANGUAGE));
        context.add_variable_from_value(fact.kind.word(), fact.value.clone());
        Self(context)
    }
}

/// A text with each run of white space as one space.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
