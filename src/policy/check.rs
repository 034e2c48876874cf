//! Walks an expression's tree and finds, before any fact is there, what could never be evaluated: unknown fields and
//! names, unknown functions, words that a field never holds, values of the wrong kind.

use cel::common::ast::{ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SelectExpr};

use super::facts::{FactKind, Field, FieldType};
use super::functions;
use crate::suggest::{hint, hint_or_all};

/// What kind of value an expression has.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Bool,
    Number,
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    List(Box<Self>),
    Record(&'static [Field]),
    Null,
    /// Not known before evaluation.
    Any,
}

impl Kind {
    pub(super) fn of(field: FieldType) -> Self {
        match field {
            FieldType::Bool => Self::Bool,
            FieldType::Int => Self::Number,
            FieldType::Text => Self::Text,
            FieldType::Word(words) => Self::Word(words),
            FieldType::List(inner) => Self::list(Self::of(*inner)),
            FieldType::Record(fields) => Self::Record(fields),
        }
    }

    pub(super) fn list(of: Self) -> Self {
        Self::List(Box::new(of))
    }

    /// Whether a value of this kind may stand where one of the other kind is wanted.
    pub(super) fn fits(&self, wanted: &Self) -> bool {
        match (self, wanted) {
            (Self::Any, _) | (_, Self::Any) => true,
            (Self::Text | Self::Word(_), Self::Text | Self::Word(_)) => true,
            (Self::List(a), Self::List(b)) => a.fits(b),
            (a, b) => a == b,
        }
    }

    /// The kind of a value that is either.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Any, kind) | (kind, Self::Any) => kind,
            (Self::List(a), Self::List(b)) => Self::list(a.or(*b)),
            (a, b) if a == b => a,
            (a, b) if a.fits(&b) => Self::Text,
            _ => Self::Any,
        }
    }

    /// For messages, with its article.
    pub(super) fn named(&self) -> String {
        match self {
            Self::Bool => "true or false".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Text | Self::Word(_) => "a text".to_owned(),
            Self::List(of) => format!("a list (each is {})", of.named()),
            Self::Record(_) => "a group of fields".to_owned(),
            Self::Null => "null".to_owned(),
            Self::Any => "a value".to_owned(),
        }
    }
}

/// The kind of an expression over one kind of fact, or everything that is wrong with it.
pub(super) fn check(expression: &IdedExpr, fact: FactKind) -> Result<Kind, Vec<String>> {
    let mut walk =
        Walk { scope: vec![(fact.word().to_owned(), Kind::Record(fact.fields()))], fact, problems: Vec::new() };
    let kind = walk.kind(expression);
    if walk.problems.is_empty() { Ok(kind) } else { Err(walk.problems) }
}

/// The names in scope, innermost last, and what was found so far.
struct Walk {
    scope: Vec<(String, Kind)>,
    fact: FactKind,
    problems: Vec<String>,
}

impl Walk {
    fn wrong(&mut self, problem: String) -> Kind {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
        Kind::Any
    }

    fn kind(&mut self, expression: &IdedExpr) -> Kind {
        match &expression.expr {
            Expr::Literal(literal) => match literal {
                LiteralValue::Boolean(_) => Kind::Bool,
                LiteralValue::Int(_) | LiteralValue::Double(_) | LiteralValue::UInt(_) => Kind::Number,
                LiteralValue::String(_) => Kind::Text,
                LiteralValue::Null => Kind::Null,
                LiteralValue::Bytes(_) => Kind::Any,
            },
            Expr::Ident(name) => self.name(name),
            Expr::Select(select) => self.field(select),
            Expr::List(list) => {
                let mut of = Kind::Any;
                for element in &list.elements {
                    of = of.or(self.kind(element));
                }
                Kind::list(of)
            }
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.kind(&entry.key);
                        self.kind(&entry.value);
                    }
                }
                Kind::Any
            }
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            Expr::Call(call) => {
                let target = call.target.as_ref().map(|target| self.kind(target));
                let args: Vec<Kind> = call.args.iter().map(|arg| self.kind(arg)).collect();
                if let Some((words, texts)) = words_against_texts(&call.func_name, &call.args, &args) {
                    for text in texts.iter().filter(|text| !words.contains(&text.as_str())) {
                        let listed: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
                        let hint = hint(text, words.iter().copied());
                        self.wrong(format!("'{text}' is never there, only {}{hint}", listed.join(", ")));
                    }
                }
                match functions::result(&call.func_name, target.as_ref(), &args) {
                    Ok(kind) => kind,
                    Err(problem) => self.wrong(problem),
                }
            }
            Expr::Struct(made) => {
                self.wrong(format!("`{}{{...}}` is not part of the language of rules", made.type_name))
            }
            Expr::Unspecified => Kind::Any,
        }
    }

    fn name(&mut self, name: &str) -> Kind {
        if let Some((_, kind)) = self.scope.iter().rev().find(|(known, _)| known == name) {
            return kind.clone();
        }
        let fact = self.fact.word();
        let as_field = self.fact.fields().iter().any(|field| field.name == name);
        let hint = if as_field {
            format!("; did you mean `{fact}.{name}`?")
        } else {
            hint(name, self.scope.iter().map(|(known, _)| known.as_str()))
        };
        self.wrong(format!("unknown name `{name}`: the fact of this rule is `{fact}`{hint}"))
    }

    fn field(&mut self, select: &SelectExpr) -> Kind {
        let operand = self.kind(&select.operand);
        let name = &select.field;
        let kind = match operand {
            Kind::Any => Kind::Any,
            Kind::Record(fields) => match fields.iter().find(|field| field.name == *name) {
                Some(field) => Kind::of(field.of),
                None => {
                    let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
                    let hint = hint_or_all(name, &names);
                    self.wrong(format!("unknown field `{}.{name}`{hint}", written(&select.operand)))
                }
            },
            other => {
                self.wrong(format!("`{}` is {} and has no field `{name}`", written(&select.operand), other.named()))
            }
        };
        if select.test { Kind::Bool } else { kind }
    }

    /// `list.exists(x, ...)` and its relatives, as CEL's macros expand them.
    fn comprehension(&mut self, made: &ComprehensionExpr) -> Kind {
        let element = match self.kind(&made.iter_range) {
            Kind::List(of) => *of,
            Kind::Any => Kind::Any,
            other => {
                let range = written(&made.iter_range);
                self.wrong(format!("`{range}` is {}, not a list to go through", other.named()))
            }
        };
        let outside = self.scope.len();
        let start = self.kind(&made.accu_init);
        self.scope.push((made.iter_var.clone(), element));
        if let Some(second) = &made.iter_var2 {
            self.scope.push((second.clone(), Kind::Any));
        }
        self.scope.push((made.accu_var.clone(), start));
        self.kind(&made.loop_cond);
        let step = self.kind(&made.loop_step);
        if let Some((_, accumulated)) = self.scope.last_mut() {
            *accumulated = step;
        }
        let result = self.kind(&made.result);
        self.scope.truncate(outside);
        result
    }
}

/// Where a field of fixed words is compared with literal texts: the words and the texts.
fn words_against_texts(
    function: &str,
    args: &[IdedExpr],
    kinds: &[Kind],
) -> Option<(&'static [&'static str], Vec<String>)> {
    use cel::common::ast::operators::{EQUALS, IN, NOT_EQUALS};
    let ([left, right], [left_kind, right_kind]) = (args, kinds) else { return None };
    match (function, left_kind, right_kind) {
        (EQUALS | NOT_EQUALS | IN, Kind::Word(words), _) => Some((words, literal_texts(right))),
        (EQUALS | NOT_EQUALS, _, Kind::Word(words)) => Some((words, literal_texts(left))),
        _ => None,
    }
}

fn literal_texts(expression: &IdedExpr) -> Vec<String> {
    match &expression.expr {
        Expr::Literal(LiteralValue::String(text)) => vec![text.inner().to_owned()],
        Expr::List(list) => list.elements.iter().flat_map(literal_texts).collect(),
        _ => Vec::new(),
    }
}

/// An expression as it may have been written, as far as names go.
fn written(expression: &IdedExpr) -> String {
    match &expression.expr {
        Expr::Ident(name) => name.clone(),
        Expr::Select(select) => format!("{}.{}", written(&select.operand), select.field),
        Expr::Call(call) if call.func_name == cel::common::ast::operators::INDEX => {
            let list = call.args.first().map_or_else(String::new, written);
            let index = call.args.get(1).map_or_else(String::new, written);
            format!("{list}[{index}]")
        }
        Expr::Literal(LiteralValue::Int(number)) => number.inner().to_string(),
        _ => "...".to_owned(),
    }
}
