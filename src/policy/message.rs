//! A rule's message: words with `{expressions}` that are filled in from the fact.

use cel::Value;

use super::check::Kind;
use super::expression::{Bound, Expression, one_line};
use super::facts::FactKind;

/// A message whose placeholders compiled.
#[derive(Clone, Debug)]
pub struct Message {
    /// As it stands in the rule's file.
    pub source: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Words(String),
    Value(Expression),
}

impl Message {
    /// Reads `words {expression} words`. `{{` and `}}` are braces that stay.
    pub(super) fn compile(source: &str, fact: FactKind) -> Result<Self, Vec<String>> {
        let mut parts = Vec::new();
        let mut problems = Vec::new();
        for piece in pieces(source).map_err(|problem| vec![problem])? {
            match piece {
                Piece::Words(words) => parts.push(Part::Words(words)),
                Piece::Value(text) => match Expression::compile(&text, fact) {
                    Ok((expression, kind)) if printable(&kind) => parts.push(Part::Value(expression)),
                    Ok((_, kind)) => {
                        problems.push(format!("`{{{text}}}` is {}, which a message cannot show", kind.named()));
                    }
                    Err(found) => problems.extend(found),
                },
            }
        }
        if problems.is_empty() { Ok(Self { source: source.to_owned(), parts }) } else { Err(problems) }
    }

    /// The message without a fact: `<migration>` for a field, `...` for what is worked out from several.
    pub fn in_words(&self) -> String {
        let word = |part: &Part| match part {
            Part::Words(words) => words.clone(),
            Part::Value(expression) => match expression.source.rsplit_once('.') {
                Some((path, field)) if (path.to_owned() + field).chars().all(is_name) => format!("<{field}>"),
                Some(_) | None => "...".to_owned(),
            },
        };
        one_line(&self.parts.iter().map(word).collect::<String>())
    }

    /// The message about one fact, on one line.
    pub(super) fn fill(&self, fact: &Bound<'_>) -> Result<String, String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Words(words) => text.push_str(words),
                Part::Value(expression) => text.push_str(&shown(&expression.evaluate(fact)?)),
            }
        }
        Ok(one_line(&text))
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
}

fn printable(kind: &Kind) -> bool {
    match kind {
        Kind::Text | Kind::Word(_) | Kind::Number | Kind::Bool | Kind::Any => true,
        Kind::List(of) => !matches!(**of, Kind::List(_)) && printable(of),
        Kind::Record(_) | Kind::Null => false,
    }
}

/// A value as words: lists with commas, and nothing for what has no words.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        Value::Int(number) => number.to_string(),
        Value::UInt(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::List(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        _ => String::new(),
    }
}

enum Piece {
    Words(String),
    Value(String),
}

fn pieces(source: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut words = String::new();
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '{' | '}' if chars.peek() == Some(&c) => {
                chars.next();
                words.push(c);
            }
            '}' => return Err("`}` without `{` in the message; write `}}` for a brace".to_owned()),
            '{' => {
                pieces.push(Piece::Words(std::mem::take(&mut words)));
                pieces.push(Piece::Value(placeholder(&mut chars)?));
            }
            other => words.push(other),
        }
    }
    pieces.push(Piece::Words(words));
    Ok(pieces)
}

/// What stands between `{` and its `}`; braces in quoted texts and inner pairs of braces do not end it.
fn placeholder(chars: &mut impl Iterator<Item = char>) -> Result<String, String> {
    let mut text = String::new();
    let mut quote: Option<char> = None;
    let mut depth = 0_usize;
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(_), '\\') => {
                text.push(c);
                text.extend(chars.next());
                continue;
            }
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') if depth == 0 => return Ok(text.trim().to_owned()),
            (None, '}') => depth -= 1,
            _ => {}
        }
        text.push(c);
    }
    Err(format!("`{{{text}` in the message has no closing `}}`"))
}
