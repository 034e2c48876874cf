//! The expressions of GitHub Actions, as far as the action and its workflows use them.

use std::collections::BTreeMap;

/// The values that expressions can name: `inputs.base`, `steps.find.outputs.key`. One that is not there is empty.
pub(crate) type Context = BTreeMap<String, String>;

/// `text` with every `${{ expression }}` in it replaced by its value.
pub(crate) fn resolved(text: &str, context: &Context) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let (expression, behind) = after.split_once("}}").expect("an expression is closed");
        out.push_str(before);
        out.push_str(&value(expression, context));
        rest = behind;
    }
    out + rest
}

/// Whether a condition holds; `${{ }}` around it may be left out.
pub(crate) fn holds(condition: &str, context: &Context) -> bool {
    let inside = condition.trim().strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")).unwrap_or(condition);
    truthy(&value(inside, context))
}

fn truthy(value: &str) -> bool {
    !matches!(value, "" | "false" | "0")
}

fn value(expression: &str, context: &Context) -> String {
    let expression = expression.trim();
    if let Some((left, right)) = expression.split_once("||") {
        let left = value(left, context);
        return if truthy(&left) { left } else { value(right, context) };
    }
    if let Some((left, right)) = expression.split_once("&&") {
        let left = value(left, context);
        return if truthy(&left) { value(right, context) } else { left };
    }
    if let Some((left, right)) = expression.split_once("!=") {
        return (value(left, context) != value(right, context)).to_string();
    }
    if let Some((left, right)) = expression.split_once("==") {
        return (value(left, context) == value(right, context)).to_string();
    }
    if let Some(literal) = expression.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return literal.to_owned();
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    assert!(expression.chars().all(is_name), "this runner does not know the expression {expression}");
    context.get(expression).cloned().unwrap_or_default()
}

#[test]
fn expressions_are_resolved_as_github_does() {
    let context =
        Context::from([("inputs.a".to_owned(), "x".to_owned()), ("steps.s.outputs.t".to_owned(), "true".to_owned())]);
    assert_eq!(resolved("<${{ inputs.a }}${{inputs.none}}>", &context), "<x>");
    assert_eq!(resolved("${{ inputs.none || 'error' }} ${{ inputs.a || 'error' }}", &context), "error x");
    for (condition, expected) in [
        ("steps.s.outputs.t == 'true'", true),
        ("${{ steps.none.outputs.t == 'true' }}", false),
        ("inputs.a != '' && steps.s.outputs.t", true),
        ("inputs.none && steps.s.outputs.t", false),
    ] {
        assert_eq!(holds(condition, &context), expected, "{condition}");
    }
}
