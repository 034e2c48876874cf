//! Expressions: what is found before any fact is there, and what messages become.

use proptest::prelude::*;

use crate::policy::check::Kind;
use crate::policy::expression::Expression;
use crate::policy::facts::FactKind;
use crate::policy::message::Message;

fn problems(source: &str) -> Vec<String> {
    Expression::compile(source, FactKind::Step).map(|(_, kind)| panic!("{source} is {kind:?}")).unwrap_err()
}

#[test]
fn what_can_never_be_evaluated_is_found_at_load() {
    let table = [
        ("step.outcom == 'failed'", "unknown field `step.outcom`; did you mean `outcome`?"),
        ("step.error.text == ''", "unknown field `step.error.text`; known are kind, code, message"),
        ("has(step.errors)", "unknown field `step.errors`; did you mean `error`?"),
        ("step.changes.exists(c, c.clas == 'order')", "unknown field `c.clas`; did you mean `class`?"),
        ("step.changes.filter(c, c.class == 'order').map(c, c.txt)[0] == ''", "unknown field `c.txt`"),
        ("step.changes[0].nam == ''", "unknown field `step.changes[0].nam`"),
        ("size(step.changes.map(c, c.object)[0].path) > 0", "is a text and has no field `path`"),
        ("step.changes.all(c, d.class == 'order')", "unknown name `d`"),
        (
            "outcome == 'failed'",
            "unknown name `outcome`: the fact of this rule is `step`; did you mean `step.outcome`?",
        ),
        ("steps.outcome == 'failed'", "unknown name `steps`: the fact of this rule is `step`; did you mean `step`?"),
        ("step.outcome == 'fail'", "'fail' is never there, only 'passed', 'failed', 'skipped'"),
        ("'exakt' != step.class", "'exakt' is never there"),
        ("step.error.kind in ['refused', 'losst']", "'losst' is never there"),
        ("step.statements == '0'", "`==` cannot take a number and a text"),
        ("step.statements && true", "`&&` cannot take a number and true or false"),
        ("!step.statements", "`!` wants true or false, not a number"),
        ("step.skipped > 3", "`>` cannot take a text and a number"),
        ("step.error == null", "`==` cannot take a group of fields and null"),
        ("step.error.code.exists(c, c == '1')", "`step.error.code` is a text, not a list to go through"),
        ("step.skipped.matches('x')", "unknown function `matches`"),
        ("sise(step.changes) > 0", "unknown function `sise`; did you mean `size`?"),
        ("step.changes.contains('x')", "`contains` cannot be called like this"),
        ("(step.outcome ? 1 : 2) == 1", "the condition before `?` is a text, not true or false"),
        ("(true ? 1 : 'a') == 1", "`?:` gives a number or a text"),
        ("step.?outcome == 'x'", "not part of the language"),
        ("step.outcome ==", "not a CEL expression"),
    ];
    for (source, wanted) in table {
        let found = problems(source);
        assert!(found.iter().any(|problem| problem.contains(wanted)), "{source}: {found:?}");
    }
    assert_eq!(problems("step.a == 1 && step.b == 2 && step.a == 3").len(), 2);
}

#[test]
fn good_expressions_have_a_kind() {
    let table = [
        ("step.error.kind in ['refused', 'lost'] && step.statements > 1 + 1", Kind::Bool),
        ("step.changes.exists(c, c.class == 'structure' && c.object.startsWith('table'))", Kind::Bool),
        ("step.changes.map(c, c.class == 'order', c.text)", Kind::list(Kind::Text)),
        ("step.changes.exists_one(c, step.left_behind.exists(d, d.object == c.object))", Kind::Bool),
        ("step.changes.map(c, c.object).join(', ').upperAscii()", Kind::Text),
        ("step.outcome == 'failed' ? step.error.code : step.class", Kind::Text),
        ("counted(size(step.changes), 'change', 'changes')", Kind::Text),
        ("-size(step.migration)", Kind::Number),
    ];
    for (source, wanted) in table {
        match Expression::compile(source, FactKind::Step) {
            Ok((_, kind)) => assert!(kind.fits(&wanted) && wanted.fits(&kind), "{source} is {kind:?}"),
            Err(problems) => panic!("{source}: {problems:?}"),
        }
    }
}

#[test]
fn placeholders_of_messages_are_checked_too() {
    let table = [
        ("{step.outcom}", "unknown field `step.outcom`"),
        ("{step.error}", "`{step.error}` is a group of fields, which a message cannot show"),
        ("{step.changes}", "which a message cannot show"),
        ("{step.outcome", "has no closing `}`"),
        ("outcome}", "`}` without `{`"),
        ("{}", "not a CEL expression"),
    ];
    for (source, wanted) in table {
        let found = Message::compile(source, FactKind::Step).map(|_| ()).unwrap_err();
        assert!(found.iter().any(|problem| problem.contains(wanted)), "{source}: {found:?}");
    }
    let message = Message::compile("{{x}} {step.migration}, {'}' + step.error.code}", FactKind::Step).unwrap();
    assert_eq!(message.in_words(), "{x} <migration>, ...");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_makes_the_compiler_panic(text in r#"[a-z.()\[\]{}'"\\?:&|!<>=+*/% 0-9,é-]{0,40}"#) {
        let _ = Expression::compile(&text, FactKind::Step);
        let _ = Message::compile(&text, FactKind::Step);
    }

    #[test]
    fn no_broken_step_expression_makes_the_compiler_panic(cut in 0usize..80, insert in "[(){}\\[\\]'\".,?:é]{0,3}") {
        let mut text = "step.changes.filter(c, c.class == 'order').map(c, c.text)[0] == \"x\" ? true : !false".to_owned();
        text.truncate(cut);
        text.push_str(&insert);
        let _ = Expression::compile(&text, FactKind::Step);
    }
}
