//! Reading one value as what it has to be. What it is not becomes a problem that says what was found and what is expected.

use super::{Place, Problem};
use crate::suggest::hint;
use crate::yaml::{Content, Entry, Node, Scalar, ScalarKind};

/// The longest text that a problem repeats, in characters.
const SHOWN: usize = 40;

/// A value and what problems call it.
pub(super) struct Field<'n> {
    /// The key, or what the value is a part of, in the words of a problem: `` `name` ``, `` an entry of `skip` ``.
    name: String,
    /// Its value.
    node: &'n Node,
}

impl<'n> Field<'n> {
    /// A value under the words `name`.
    pub(super) fn new(name: impl Into<String>, node: &'n Node) -> Self {
        Self { name: name.into(), node }
    }

    /// The value of a key.
    pub(super) fn of(entry: &'n Entry) -> Self {
        Self::new(format!("`{}`", shortened(&entry.key)), &entry.value)
    }

    pub(super) fn place(&self) -> Place {
        self.node.place
    }

    /// The problem that this value is something else than `expected`.
    pub(super) fn unexpected(&self, expected: &str) -> Problem {
        Problem::new(self.place(), format!("{} {}; expected {expected}", self.name, found(self.node)))
    }

    /// The problem that this value, a text, is not one that is possible.
    pub(super) fn wrong(&self, why: &str) -> Problem {
        Problem::new(self.place(), format!("{} {why}", self.name))
    }

    /// A text on one line, not empty. Numbers and the like are not taken for text: `1.10` and `1.1` are the same number.
    pub(super) fn text(&self, expected: &str, problems: &mut Vec<Problem>) -> Option<&'n str> {
        let text = self.any_text(expected, problems)?;
        if text.chars().any(char::is_control) {
            problems.push(self.wrong("has a line break or another control character; expected text on one line"));
            return None;
        }
        Some(text)
    }

    /// A text, not empty, that may have several lines.
    pub(super) fn any_text(&self, expected: &str, problems: &mut Vec<Problem>) -> Option<&'n str> {
        match self.node.text() {
            Some(text) if text.trim().is_empty() => {
                problems.push(self.wrong(&format!("is empty; expected {expected}")));
                None
            }
            Some(text) => Some(text),
            None => {
                let scalar = self.node.scalar().is_some() && !self.node.is_null();
                let advice = if scalar { " (put it in quotes)" } else { "" };
                problems.push(self.unexpected(&format!("{expected}{advice}")));
                None
            }
        }
    }

    /// The text of any scalar but null, as it is written.
    pub(super) fn written(&self, expected: &str, problems: &mut Vec<Problem>) -> Option<&'n str> {
        let written = self.node.written().filter(|_| !self.node.is_null());
        if written.is_none() {
            problems.push(self.unexpected(expected));
        }
        written
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self, problems: &mut Vec<Problem>) -> Option<bool> {
        if let Some(ScalarKind::Boolean(value)) = self.node.scalar().map(Scalar::kind) {
            return Some(value);
        }
        problems.push(self.unexpected("true or false"));
        None
    }

    /// One of some words, by what each means.
    pub(super) fn one_of<T: Copy>(&self, words: &[(&str, T)], problems: &mut Vec<Problem>) -> Option<T> {
        let text = self.node.text();
        if let Some((_, meaning)) = words.iter().find(|(word, _)| Some(*word) == text) {
            return Some(*meaning);
        }
        let choice = choice(words.iter().map(|(word, _)| *word));
        let hint = hint(text.unwrap_or(""), words.iter().map(|(word, _)| *word));
        problems.push(self.unexpected(&format!("{choice}{hint}")));
        None
    }

    /// The items of a list.
    pub(super) fn list(&self, of: &str, problems: &mut Vec<Problem>) -> &'n [Node] {
        self.node.items().unwrap_or_else(|| {
            problems.push(self.unexpected(&format!("a list of {of}")));
            &[]
        })
    }

    /// The items of a list of texts on one line, each with its place.
    pub(super) fn texts(&self, of: &str, problems: &mut Vec<Problem>) -> (Vec<String>, Vec<Place>) {
        let name = format!("an entry of {}", self.name);
        let items = self.list(of, problems).iter();
        items
            .filter_map(|item| Some((Field::new(name.as_str(), item).text("text", problems)?.to_owned(), item.place)))
            .unzip()
    }

    /// The entries of a mapping.
    pub(super) fn mapping(&self, of: &str, problems: &mut Vec<Problem>) -> Option<&'n [Entry]> {
        let entries = self.node.entries();
        if entries.is_none() {
            problems.push(self.unexpected(&format!("a mapping {of}")));
        }
        entries
    }
}

/// The problem of a key that is not among the `known` ones.
pub(super) fn unknown_key(entry: &Entry, known: &[&str]) -> Problem {
    let key = shortened(&entry.key);
    let advice = match hint(&entry.key, known.iter().copied()) {
        hint if hint.is_empty() => format!("; expected {}", choice(known.iter().copied())),
        hint => hint,
    };
    Problem::new(entry.place, format!("unknown key `{key}`{advice}"))
}

/// `a, b or c`.
fn choice<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let words: Vec<&str> = words.collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, before)) => format!("{} or {last}", before.join(", ")),
        None => String::new(),
    }
}

/// What a value is, as the predicate of a sentence.
fn found(node: &Node) -> String {
    match &node.content {
        Content::Sequence(_) => "is a list".to_owned(),
        Content::Mapping(_) => "is a mapping".to_owned(),
        Content::Scalar(scalar) => {
            let shown = shortened(&scalar.text);
            match scalar.kind() {
                ScalarKind::Null => "has no value".to_owned(),
                ScalarKind::Boolean(_) => format!("is the boolean {shown}"),
                ScalarKind::Number => format!("is the number {shown}"),
                ScalarKind::Text => format!("is `{shown}`"),
            }
        }
    }
}

/// A text cut to what fits on a line of a terminal, without control characters.
pub(super) fn shortened(text: &str) -> String {
    let mut characters = text.chars().map(|character| if character.is_control() { ' ' } else { character });
    let mut shown: String = characters.by_ref().take(SHOWN).collect();
    if characters.next().is_some() {
        shown.push_str("...");
    }
    shown
}
