//! The operators and functions of the language of rules: what they take and what they give.

use cel::common::ast::operators as op;

use super::check::Kind;
use crate::suggest::hint_or_all;

/// The functions that rules may call, for messages; each is called as `text.lowerAscii()` or `size(list)`.
const FUNCTIONS: [&str; 20] = [
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "lowerAscii",
    "upperAscii",
    "trim",
    "replace",
    "split",
    "join",
    "counted",
    "string",
    "int",
    "double",
    "exists",
    "all",
    "exists_one",
    "filter",
    "map",
    "has",
];

/// The kind of the value of a call, or what is wrong with the call.
pub(super) fn result(function: &str, target: Option<&Kind>, args: &[Kind]) -> Result<Kind, String> {
    match (target, args) {
        (None, [left, right]) => binary(function, left, right),
        (None, [one]) => unary(function, one),
        _ => None,
    }
    .unwrap_or_else(|| named(function, target, args))
}

fn unary(operator: &str, operand: &Kind) -> Option<Result<Kind, String>> {
    let (sign, wanted) = match operator {
        op::LOGICAL_NOT => ("!", Kind::Bool),
        op::NEGATE => ("-", Kind::Number),
        op::NOT_STRICTLY_FALSE => return Some(Ok(Kind::Bool)),
        _ => return None,
    };
    Some(if operand.fits(&wanted) {
        Ok(wanted)
    } else {
        Err(format!("`{sign}` wants {}, not {}", wanted.named(), operand.named()))
    })
}

fn binary(operator: &str, left: &Kind, right: &Kind) -> Option<Result<Kind, String>> {
    let sign = sign(operator)?;
    let both = |kind: &Kind| left.fits(kind) && right.fits(kind);
    let clash = || Err(format!("`{sign}` cannot take {} and {}", left.named(), right.named()));
    Some(match operator {
        op::LOGICAL_AND | op::LOGICAL_OR if both(&Kind::Bool) => Ok(Kind::Bool),
        op::EQUALS | op::NOT_EQUALS if left.fits(right) => Ok(Kind::Bool),
        op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS if both(&Kind::Number) || both(&Kind::Text) => {
            Ok(Kind::Bool)
        }
        op::IN => match right {
            Kind::List(of) if left.fits(of) => Ok(Kind::Bool),
            Kind::Any => Ok(Kind::Bool),
            _ => clash(),
        },
        op::INDEX => match (left, right) {
            (Kind::List(of), Kind::Number | Kind::Any) => Ok((**of).clone()),
            (Kind::Any, _) => Ok(Kind::Any),
            _ => clash(),
        },
        op::ADD if matches!((left, right), (Kind::Any, Kind::Any)) => Ok(Kind::Any),
        op::ADD if both(&Kind::Number) => Ok(Kind::Number),
        op::ADD if both(&Kind::Text) => Ok(Kind::Text),
        op::ADD => match (left, right) {
            (Kind::List(a), Kind::List(b)) if a.fits(b) => {
                Ok(Kind::list(if **a == Kind::Any { (**b).clone() } else { (**a).clone() }))
            }
            _ => clash(),
        },
        op::SUBSTRACT | op::MULTIPLY | op::DIVIDE | op::MODULO if both(&Kind::Number) => Ok(Kind::Number),
        _ => clash(),
    })
}

/// A binary operator as it is written.
fn sign(operator: &str) -> Option<&str> {
    let inner = operator.strip_prefix('_').and_then(|rest| rest.strip_suffix('_'));
    match operator {
        op::IN => Some("in"),
        op::INDEX => Some("[]"),
        op::LOGICAL_AND | op::LOGICAL_OR | op::EQUALS | op::NOT_EQUALS => inner,
        op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS => inner,
        op::ADD | op::SUBSTRACT | op::MULTIPLY | op::DIVIDE | op::MODULO => inner,
        _ => None,
    }
}

/// Functions by name, and the conditional.
fn named(function: &str, target: Option<&Kind>, args: &[Kind]) -> Result<Kind, String> {
    let text = |kind: &Kind| kind.fits(&Kind::Text);
    let sized = |kind: &Kind| text(kind) || matches!(kind, Kind::List(_));
    let ok = match (function, target, args) {
        (op::CONDITIONAL, None, [condition, then, otherwise]) => {
            if !condition.fits(&Kind::Bool) {
                return Err(format!("the condition before `?` is {}, not true or false", condition.named()));
            }
            if !then.fits(otherwise) {
                return Err(format!("`?:` gives {} or {}: make them one kind", then.named(), otherwise.named()));
            }
            Some(if then == otherwise { then.clone() } else { either(then, otherwise) })
        }
        ("size", Some(of), []) | ("size", None, [of]) if sized(of) => Some(Kind::Number),
        ("contains" | "startsWith" | "endsWith", Some(of), [part]) if text(of) && text(part) => Some(Kind::Bool),
        ("lowerAscii" | "upperAscii" | "trim", Some(of), []) if text(of) => Some(Kind::Text),
        ("replace", Some(of), [from, to]) if text(of) && text(from) && text(to) => Some(Kind::Text),
        ("split", Some(of), [by]) if text(of) && text(by) => Some(Kind::list(Kind::Text)),
        ("join", Some(of), []) if of.fits(&Kind::list(Kind::Text)) => Some(Kind::Text),
        ("join", Some(of), [by]) if of.fits(&Kind::list(Kind::Text)) && text(by) => Some(Kind::Text),
        ("counted", None, [count, one, many]) if count.fits(&Kind::Number) && text(one) && text(many) => {
            Some(Kind::Text)
        }
        ("string", None, [Kind::Number | Kind::Text | Kind::Word(_) | Kind::Bool | Kind::Any]) => Some(Kind::Text),
        ("int" | "double", None, [Kind::Number | Kind::Text | Kind::Any]) => Some(Kind::Number),
        _ => None,
    };
    ok.ok_or_else(|| {
        if FUNCTIONS.contains(&function) {
            let given: Vec<String> = target.into_iter().chain(args).map(Kind::named).collect();
            return format!(
                "`{function}` cannot be called like this, with {}; see {}",
                given.join(" and "),
                usage(function)
            );
        }
        if !function.starts_with(char::is_alphabetic) {
            return format!("`{function}` is not part of the language of rules");
        }
        format!("unknown function `{function}`{}", hint_or_all(function, &FUNCTIONS))
    })
}

/// The kind of what a conditional gives, where its two sides fit one another.
fn either(then: &Kind, otherwise: &Kind) -> Kind {
    match (then, otherwise) {
        (Kind::Any, kind) | (kind, Kind::Any) => kind.clone(),
        (Kind::List(a), Kind::List(b)) => Kind::list(either(a, b)),
        (Kind::Word(_), _) | (_, Kind::Word(_)) => Kind::Text,
        (kind, _) => kind.clone(),
    }
}

/// How a function is called.
fn usage(function: &str) -> &'static str {
    match function {
        "size" => "`size(list)`, `size(text)`",
        "contains" => "`text.contains(text)`; for lists `value in list`",
        "startsWith" => "`text.startsWith(text)`",
        "endsWith" => "`text.endsWith(text)`",
        "lowerAscii" => "`text.lowerAscii()`",
        "upperAscii" => "`text.upperAscii()`",
        "trim" => "`text.trim()`",
        "replace" => "`text.replace(from, to)`",
        "split" => "`text.split(separator)`",
        "join" => "`list.join(separator)`, on a list of texts",
        "counted" => "`counted(number, 'difference', 'differences')`",
        "string" => "`string(number)`",
        "int" => "`int(text)`",
        "double" => "`double(text)`",
        "has" => "`has(fact.field)`",
        _ => "`list.exists(x, condition)`, and likewise `all`, `exists_one`, `filter`, `map`",
    }
}
