//! A YAML text as a tree that knows its lines; as much of YAML as rule files need.

use saphyr_parser::{Event, Parser, ScalarStyle};

/// A value and the line at which it begins, counted from 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) value: Value,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// A text, and whether it stands as it is (plain), so that `1` is a number and `"1"` is not.
    Scalar { text: String, plain: bool },
    /// A list.
    Sequence(Vec<Node>),
    /// Keys with their values, in the order of the file.
    Mapping(Vec<Entry>),
}

/// One key of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) line: usize,
    pub(super) value: Node,
}

/// Why a text could not be read, and the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct YamlError {
    pub(super) line: usize,
    pub(super) message: String,
}

/// Deeper than any rule file goes; a limit keeps a hostile file from exhausting the stack.
const DEEPEST: usize = 32;

impl Node {
    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            Value::Sequence(_) | Value::Mapping(_) => None,
        }
    }

    /// Whether it is an empty plain scalar or `~`, which is what a key without a value has.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null"))
    }

    /// What it is, with its article, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self.value {
            Value::Scalar { .. } => "a text",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }
}

/// A list or mapping whose end has not been read yet.
enum Open {
    Sequence { line: usize, items: Vec<Node> },
    Mapping { line: usize, entries: Vec<Entry>, key: Option<(String, usize)> },
}

/// The documents of a text. Aliases and keys that are not texts are errors; so is a key that stands twice in a mapping.
pub(super) fn documents(text: &str) -> Result<Vec<Node>, YamlError> {
    let mut roots = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| YamlError {
            line: error.marker().line(),
            message: format!("not YAML: {}", error.info()),
        })?;
        let line = span.start.line();
        let fail = |message: &str| Err(YamlError { line, message: message.to_owned() });
        let complete = match event {
            Event::Scalar(text, style, ..) => {
                let value = Value::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain };
                Some(Node { line, value })
            }
            Event::SequenceStart(..) => {
                open.push(Open::Sequence { line, items: Vec::new() });
                None
            }
            Event::MappingStart(..) => {
                open.push(Open::Mapping { line, entries: Vec::new(), key: None });
                None
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().map(closed),
            Event::Alias(_) => return fail("aliases are not read in rule files; write the value out"),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                None
            }
        };
        if open.len() > DEEPEST {
            return fail("nested too deeply for a rule file");
        }
        let Some(node) = complete else { continue };
        match open.last_mut() {
            None => roots.push(node),
            Some(Open::Sequence { items, .. }) => items.push(node),
            Some(Open::Mapping { entries, key, .. }) => match key.take() {
                Some((key, line)) => entries.push(Entry { key, line, value: node }),
                None => {
                    let Some(name) = node.text() else { return fail("a key must be a text") };
                    if entries.iter().any(|entry| entry.key == name) {
                        return Err(YamlError { line: node.line, message: format!("`{name}` stands here twice") });
                    }
                    *key = Some((name.to_owned(), node.line));
                }
            },
        }
    }
    Ok(roots)
}

fn closed(open: Open) -> Node {
    match open {
        Open::Sequence { line, items } => Node { line, value: Value::Sequence(items) },
        Open::Mapping { line, entries, .. } => Node { line, value: Value::Mapping(entries) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(node: &Node) -> &[Entry] {
        match &node.value {
            Value::Mapping(entries) => entries,
            other => panic!("not a mapping: {other:?}"),
        }
    }

    #[test]
    fn every_value_knows_its_line() {
        let nodes = documents("a: 1\nb:\n  - x\n  - y: |\n      text\n      more\n---\nc: {d: e}\n").unwrap();
        assert_eq!(nodes.len(), 2);
        let first = entries(&nodes[0]);
        assert_eq!((first[0].line, first[0].value.line), (1, 1));
        assert_eq!(first[1].line, 2);
        let Value::Sequence(items) = &first[1].value.value else { panic!("not a list") };
        assert_eq!(items[0].line, 3);
        let inner = entries(&items[1]);
        assert_eq!((inner[0].line, inner[0].value.text()), (4, Some("text\nmore\n")));
        assert_eq!(entries(&nodes[1])[0].line, 8);
    }

    #[test]
    fn what_is_not_read_is_an_error_with_its_line() {
        let line_of = |text: &str| documents(text).unwrap_err().line;
        assert_eq!(line_of("a: 1\nb: 2\na: 3\n"), 3);
        assert_eq!(line_of("a: &x 1\nb: *x\n"), 2);
        assert_eq!(line_of("? [a]\n: b\n"), 1);
        assert_eq!(line_of("a: 1\nb: [\n"), 3);
        assert_eq!(documents(&"[".repeat(40)).unwrap_err().message, "nested too deeply for a rule file");
        assert_eq!(documents("").unwrap(), []);
    }
}
