//! What a file in Python says, read from its text: nothing of it is run.
//!
//! Only what stands there as a literal is told; whatever would have to be computed is [`Value::Computed`] with its line.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tree_sitter::{Node, Parser, Tree};

use super::{Entry, HistoryError};

/// A file.
pub(super) struct Module {
    /// The file, as it is to be printed.
    pub(super) shown: PathBuf,
    /// Its text.
    pub(super) text: Arc<str>,
    tree: Tree,
}

/// What an expression says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// A text.
    Text(String),
    /// `None`.
    Nothing,
    /// `True` or `False`.
    Truth(bool),
    /// A tuple, a list or a set.
    List(Vec<Value>),
    /// A call, with the last name of what is called and its arguments without a name, as they are written.
    Call(String, Vec<Value>),
    /// A name of another object: `settings.AUTH_USER_MODEL`.
    Name(String),
    /// Anything else, with its line.
    Computed(usize),
}

/// A name that is given a value, in a module or in a class.
#[derive(Clone, Debug)]
pub(super) struct Assignment {
    /// What it is given.
    pub(super) value: Value,
    /// The line, counted from 1.
    pub(super) line: usize,
    /// The bytes of the statement.
    pub(super) span: Range<usize>,
}

/// A function of a module.
#[derive(Clone, Debug)]
pub(super) struct Function {
    /// The line of its `def`, counted from 1.
    pub(super) line: usize,
    /// Its bytes, with those of its decorators.
    pub(super) span: Range<usize>,
}

/// A class of a module.
#[derive(Clone, Debug)]
pub(super) struct Class {
    /// Its name.
    pub(super) name: String,
    /// Its line.
    pub(super) line: usize,
    /// What its body assigns.
    pub(super) assignments: BTreeMap<String, Assignment>,
}

impl Module {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or is no Python; the error names the line.
    pub(super) fn read(entry: &Entry) -> Result<Self, HistoryError> {
        Self::parse(&entry.shown, entry.text()?)
    }

    /// Reads a text.
    ///
    /// # Errors
    /// It is no Python; the error names the line.
    pub(super) fn parse(shown: &Path, text: Arc<str>) -> Result<Self, HistoryError> {
        let mut parser = Parser::new();
        let ready = parser.set_language(&tree_sitter_python::LANGUAGE.into());
        let tree = ready.ok().and_then(|()| parser.parse(&*text, None));
        let problem = |line, reason: String| HistoryError::Unusable {
            path: shown.to_owned(),
            line,
            reason,
            next_step: "mend the file, so that Python reads it",
        };
        let Some(tree) = tree else { return Err(problem(1, "the file cannot be read as Python".to_owned())) };
        if let Some(bad) = first_error(tree.root_node()) {
            let line = line_of(bad);
            let shown = text.lines().nth(line - 1).unwrap_or_default().trim();
            return Err(problem(line, format!("syntax error: `{shown}` is no Python")));
        }
        Ok(Self { shown: shown.to_owned(), text, tree })
    }

    /// What the module assigns at its top, the last where a name is given several values.
    pub(super) fn assignments(&self) -> BTreeMap<String, Assignment> {
        self.assigned_in(self.tree.root_node(), &BTreeMap::new())
    }

    /// The functions at its top, by name.
    pub(super) fn functions(&self) -> BTreeMap<String, Function> {
        let defined = children(self.tree.root_node()).into_iter().filter_map(|whole| {
            let inner =
                if whole.kind() == "decorated_definition" { whole.child_by_field_name("definition")? } else { whole };
            let name = (inner.kind() == "function_definition").then(|| inner.child_by_field_name("name"))??;
            Some((self.text_of(name).to_owned(), Function { line: line_of(inner), span: whole.byte_range() }))
        });
        defined.collect()
    }

    /// The classes at its top.
    pub(super) fn classes(&self) -> Vec<Class> {
        let names = self.assignments();
        let defined = children(self.tree.root_node()).into_iter().filter_map(|whole| {
            let inner =
                if whole.kind() == "decorated_definition" { whole.child_by_field_name("definition")? } else { whole };
            let name = (inner.kind() == "class_definition").then(|| inner.child_by_field_name("name"))??;
            Some(Class {
                name: self.text_of(name).to_owned(),
                line: line_of(inner),
                assignments: self.assigned_in(inner.child_by_field_name("body")?, &names),
            })
        });
        defined.collect()
    }

    /// The bytes of the text that the module begins with to say what it is for.
    pub(super) fn docstring(&self) -> Option<Range<usize>> {
        let first = children(self.tree.root_node()).into_iter().find(|node| node.kind() != "comment")?;
        let inner = children(first).first().copied()?;
        let is_text = ["string", "concatenated_string"].contains(&inner.kind());
        (first.kind() == "expression_statement" && is_text).then(|| first.byte_range())
    }

    /// The lines that these bytes stand on, with the empty ones behind them, in the order of the text.
    pub(super) fn lines_of(&self, spans: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
        let text = &*self.text;
        let widened = spans.map(|span| {
            let before = text[..span.start].trim_end_matches([' ', '\t']);
            let start = if before.is_empty() || before.ends_with('\n') { before.len() } else { span.start };
            let blank = text[span.end..].split_inclusive('\n').enumerate();
            let blank = blank.take_while(|(number, line)| {
                line.trim().is_empty() || (*number == 0 && line.trim_start().starts_with('#'))
            });
            start..span.end + blank.map(|(_, line)| line.len()).sum::<usize>()
        });
        let mut lines: Vec<Range<usize>> = widened.collect();
        lines.sort_by_key(|range| range.start);
        lines
    }

    fn assigned_in(&self, body: Node<'_>, outer: &BTreeMap<String, Assignment>) -> BTreeMap<String, Assignment> {
        let mut found: BTreeMap<String, Assignment> = BTreeMap::new();
        for statement in children(body).into_iter().filter(|node| node.kind() == "expression_statement") {
            for assignment in children(statement).into_iter().filter(|node| node.kind() == "assignment") {
                let (Some(left), Some(right)) =
                    (assignment.child_by_field_name("left"), assignment.child_by_field_name("right"))
                else {
                    continue;
                };
                let known = |name: &str| found.get(name).or_else(|| outer.get(name)).map(|one| one.value.clone());
                let assigned = Assignment {
                    value: self.value(right, &known),
                    line: line_of(statement),
                    span: statement.byte_range(),
                };
                if left.kind() == "identifier" {
                    found.insert(self.text_of(left).to_owned(), assigned);
                }
            }
        }
        found
    }

    fn value(&self, node: Node<'_>, known: &dyn Fn(&str) -> Option<Value>) -> Value {
        let computed = || Value::Computed(line_of(node));
        match node.kind() {
            "string" => self.text_value(node).map_or_else(computed, Value::Text),
            "concatenated_string" => {
                let parts: Option<Vec<String>> = children(node).into_iter().map(|part| self.text_value(part)).collect();
                parts.map_or_else(computed, |parts| Value::Text(parts.concat()))
            }
            "none" => Value::Nothing,
            "true" => Value::Truth(true),
            "false" => Value::Truth(false),
            "parenthesized_expression" => {
                let inner = children(node).into_iter().find(|child| child.kind() != "comment");
                inner.map_or_else(computed, |inner| self.value(inner, known))
            }
            "tuple" | "list" | "set" | "expression_list" => {
                let items = children(node).into_iter().filter(|child| child.kind() != "comment");
                Value::List(items.map(|child| self.value(child, known)).collect())
            }
            "identifier" => {
                let name = self.text_of(node);
                known(name).unwrap_or_else(|| Value::Name(name.to_owned()))
            }
            "attribute" => Value::Name(self.text_of(node).to_owned()),
            "call" => self.call(node, known),
            "binary_operator" => self.joined(node, known).unwrap_or_else(computed),
            _ => computed(),
        }
    }

    fn call(&self, node: Node<'_>, known: &dyn Fn(&str) -> Option<Value>) -> Value {
        let (Some(called), Some(arguments)) =
            (node.child_by_field_name("function"), node.child_by_field_name("arguments"))
        else {
            return Value::Computed(line_of(node));
        };
        let name = self.text_of(called).rsplit('.').next().unwrap_or_default().to_owned();
        let positional =
            children(arguments).into_iter().filter(|child| !["comment", "keyword_argument"].contains(&child.kind()));
        Value::Call(name, positional.map(|child| self.value(child, known)).collect())
    }

    /// `+` of two texts or two lists.
    fn joined(&self, node: Node<'_>, known: &dyn Fn(&str) -> Option<Value>) -> Option<Value> {
        let side = |name: &str| Some(self.value(node.child_by_field_name(name)?, known));
        if self.text_of(node.child_by_field_name("operator")?) != "+" {
            return None;
        }
        match (side("left")?, side("right")?) {
            (Value::Text(left), Value::Text(right)) => Some(Value::Text(left + &right)),
            (Value::List(left), Value::List(right)) => Some(Value::List([left, right].concat())),
            _ => None,
        }
    }

    /// What a literal says; nothing where an expression is put into it.
    fn text_value(&self, node: Node<'_>) -> Option<String> {
        let mut text = String::new();
        for part in (node.kind() == "string").then(|| children(node))? {
            match part.kind() {
                "string_start" | "string_end" => {}
                "string_content" => text.push_str(&unescaped(self.text_of(part))),
                _ => return None,
            }
        }
        Some(text)
    }

    fn text_of(&self, node: Node<'_>) -> &str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }
}

/// The escapes that names are ever written with.
fn unescaped(text: &str) -> String {
    text.replace("\\\n", "").replace("\\'", "'").replace("\\\"", "\"").replace("\\\\", "\\")
}

fn children(node: Node<'_>) -> Vec<Node<'_>> {
    node.named_children(&mut node.walk()).collect()
}

fn line_of(node: Node<'_>) -> usize {
    node.start_position().row + 1
}

/// The first place that is no Python, the innermost one where several contain another.
fn first_error(root: Node<'_>) -> Option<Node<'_>> {
    let mut node = root;
    let mut found = None;
    while node.has_error() {
        if node.is_error() || node.is_missing() {
            found = Some(node);
        }
        let next = node.children(&mut node.walk()).find(|child| child.has_error() || child.is_missing());
        match next {
            Some(next) => node = next,
            None => break,
        }
    }
    if node.is_missing() { Some(node) } else { found.or_else(|| root.has_error().then_some(root)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(text: &str) -> Module {
        Module::parse(Path::new("a.py"), Arc::from(text)).unwrap()
    }

    fn value(text: &str) -> Value {
        module(&format!("x = {text}\n")).assignments()["x"].value.clone()
    }

    #[test]
    fn literals_are_read_and_what_is_computed_is_told() {
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(value("'a' \"b\""), text("ab"));
        assert_eq!(value("r'a\\b' + '''c'''"), text("a\\bc"));
        assert_eq!(
            value("('a', None, [True],)"),
            Value::List(vec![text("a"), Value::Nothing, Value::List(vec![Value::Truth(true)])])
        );
        assert_eq!(value("('a')"), text("a"));
        assert_eq!(value("'a', 'b'"), Value::List(vec![text("a"), text("b")]));
        assert_eq!(value("f'{y}'"), Value::Computed(1));
        assert_eq!(value("y if y else None"), Value::Computed(1));
        assert_eq!(
            value("m.swappable_dependency(settings.USER)"),
            Value::Call("swappable_dependency".into(), vec![Value::Name("settings.USER".into())])
        );
    }

    #[test]
    fn annotations_names_and_places_are_seen() {
        let text = "\"\"\"What.\n\"\"\"\nfrom a import b\nPARENT = 'p'\nx: Union[str, None] = PARENT\ny: str\n\
                    @wraps\ndef upgrade() -> None:\n    x = 1\nasync def downgrade(): pass\n";
        let module = module(text);
        let assigned = module.assignments();
        assert_eq!((assigned["x"].value.clone(), assigned["x"].line), (Value::Text("p".into()), 5));
        assert_eq!(&text[assigned["x"].span.clone()], "x: Union[str, None] = PARENT");
        assert!(!assigned.contains_key("y"));
        let functions = module.functions();
        assert_eq!((functions["upgrade"].line, functions["downgrade"].line), (8, 10));
        assert!(text[functions["upgrade"].span.clone()].starts_with("@wraps"));
        assert!(text[module.docstring().unwrap()].starts_with("\"\"\"What."));
    }

    #[test]
    fn a_class_has_what_its_body_assigns() {
        let text = "DEPS = [('a', '1')]\nclass Migration(migrations.Migration):\n    initial = True\n    dependencies = DEPS + []\n";
        let classes = module(text).classes();
        assert_eq!((classes[0].name.as_str(), classes[0].line), ("Migration", 2));
        assert!(matches!(&classes[0].assignments["dependencies"].value, Value::List(items) if items.len() == 1));
    }

    #[test]
    fn what_is_no_python_is_told_with_its_line() {
        for (text, line) in [
            ("x = 1\ndef upgrade(:\n    pass\n", 2),
            ("x = 1\n\nwhat was this\n", 3),
            ("def f():\n    op.add_column('a'\n\nx = 1\n", 2),
            ("<<<<<<< HEAD\nx = 1\n", 1),
        ] {
            let error = Module::parse(Path::new("a.py"), Arc::from(text)).err().unwrap().to_string();
            assert!(error.starts_with(&format!("a.py:{line}: syntax error")), "{text}: {error}");
        }
    }
}
