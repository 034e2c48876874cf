//! The project file of Atlas: <https://atlasgo.io/atlas-schema/projects>.

use hcl_edit::expr::{Expression, TraversalOperator};
use hcl_edit::structure::{Block, Body};
use hcl_edit::template::{Element, Template};

use super::{Declaration, Source, rank_in};

pub(super) const SOURCE: Source = Source {
    title: "`url` and `dev` in atlas.hcl",
    places: &[""],
    rank: |name| rank_in(&["atlas.hcl"], name),
    read: |_, text| {
        let Ok(body) = text.parse::<Body>() else { return Vec::new() };
        let blocks = |name: &'static str| body.get_blocks(name);
        blocks("env").flat_map(|env| of_environment(env, &body)).collect()
    },
};

/// What an `env` connects to, and the product of the database that it tries migrations on.
fn of_environment(env: &Block, body: &Body) -> Vec<Declaration> {
    let name = env.labels.first().map_or("", |label| label.as_str());
    let told = |key: &'static str| {
        let url = text(&env.body.get_attribute(key)?.value, body)?;
        Some(Declaration::url(format!("env {name} {key}"), url))
    };
    ["url", "dev"].into_iter().filter_map(told).collect()
}

/// The text that an expression begins with, as far as it is written in the file: that of a variable is its default.
fn text(expression: &Expression, body: &Body) -> Option<String> {
    match expression {
        Expression::String(text) => Some(text.value().clone()),
        Expression::StringTemplate(template) => {
            template.iter().next().and_then(|first| first.as_literal()).map(|text| text.value().clone())
        }
        Expression::HeredocTemplate(heredoc) => first_literal(&heredoc.template),
        Expression::Traversal(traversal) => {
            let scope = traversal.expr.as_variable()?.as_str();
            let TraversalOperator::GetAttr(name) = traversal.operators.first()?.value() else { return None };
            let name = name.as_str();
            match scope {
                "var" => {
                    let is_it = |block: &&Block| block.labels.first().is_some_and(|label| label.as_str() == name);
                    let variable = body.get_blocks("variable").find(is_it)?;
                    literal(&variable.body.get_attribute("default")?.value)
                }
                "local" => body.get_blocks("locals").find_map(|block| literal(&block.body.get_attribute(name)?.value)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn first_literal(template: &Template) -> Option<String> {
    match template.iter().next()? {
        Element::Literal(text) => Some(text.value().clone()),
        Element::Interpolation(_) | Element::Directive(_) => None,
    }
}

fn literal(expression: &Expression) -> Option<String> {
    expression.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    #[test]
    fn environments_tell() {
        for (text, expected) in [
            (
                "# url = \"mysql://x\"\nenv \"local\" {\n  src = \"file://schema.hcl\"\n  url = \"postgres://u:p@h/d\"\n  dev = \"docker://postgres/15/dev\"\n}\n",
                &["env local url: postgres", "env local dev: postgres"][..],
            ),
            (
                "env \"x\" {\n  url = getenv(\"DB_URL\")\n  dev = \"docker://maria/latest/x\"\n}\n",
                &["env x dev: mariadb"],
            ),
            (
                "variable \"url\" {\n  type = string\n  default = \"mysql://h/d\"\n}\nenv \"x\" {\n  url = var.url\n}\n",
                &["env x url: mysql?"],
            ),
            (
                "locals {\n  u = \"sqlite://x.db\"\n}\nenv {\n  name = atlas.env\n  url = local.u\n}\n",
                &["env  url: sqlite"],
            ),
            ("env \"x\" {\n  url = \"postgres://u:${var.pass}@h/d\"\n}\n", &["env x url: postgres"]),
            ("env \"x\" {\n  url = \"${var.url}\"\n}\n", &[]),
            ("env \"x\" {", &[]),
        ] {
            assert_eq!(read(&SOURCE, "atlas.hcl", text), expected, "{text}");
        }
    }
}
