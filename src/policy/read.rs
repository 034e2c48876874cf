//! One YAML document as a rule.

use super::check::Kind;
use super::expression::Expression;
use super::facts::{CHANGE, FactKind};
use super::message::Message;
use super::near::hint_or_all;
use super::read_example::examples;
use super::rule::Rule;
use super::yaml::{Entry, Node, Value};
use super::{Level, PolicyPlace};
use crate::replay::Phase;

/// What is wrong with one file, gathered while reading goes on.
pub(super) struct Reader<'a> {
    pub(super) file: &'a str,
    pub(super) problems: Vec<super::load::RuleProblem>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a str) -> Self {
        Self { file, problems: Vec::new() }
    }

    pub(super) fn problem(&mut self, line: usize, message: String) {
        self.problems.push(super::load::RuleProblem { file: self.file.to_owned(), line, message });
    }

    /// The entries of a mapping, each of whose keys is known.
    pub(super) fn mapping<'n>(&mut self, node: &'n Node, what: &str, known: &[&str]) -> Option<&'n [Entry]> {
        let Value::Mapping(entries) = &node.value else {
            self.problem(
                node.line,
                format!("{what} is a mapping with the keys {}, not {}", known.join(", "), node.kind()),
            );
            return None;
        };
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let hint = hint_or_all(&entry.key, known);
            self.problem(entry.line, format!("unknown key `{}` in {what}{hint}", entry.key));
        }
        Some(entries)
    }

    /// The text under a key that must be there and not be empty, with the line of the key.
    pub(super) fn text<'n>(
        &mut self,
        entries: &'n [Entry],
        key: &str,
        line: usize,
        what: &str,
    ) -> Option<(&'n str, usize)> {
        let Some(entry) = entries.iter().find(|entry| entry.key == key) else {
            self.problem(line, format!("{what} lacks the key `{key}`"));
            return None;
        };
        match entry.value.text().map(str::trim) {
            Some(text) if !text.is_empty() && !entry.value.is_null() => Some((text, entry.line)),
            Some(_) => {
                self.problem(entry.line, format!("`{key}` is empty"));
                None
            }
            None => {
                self.problem(entry.line, format!("`{key}` is a text, not {}", entry.value.kind()));
                None
            }
        }
    }

    /// A text, or a list of texts, each with its line.
    pub(super) fn texts<'n>(&mut self, node: &'n Node, what: &str) -> Vec<(&'n str, usize)> {
        let nodes = match &node.value {
            Value::Sequence(items) => items.as_slice(),
            Value::Scalar { .. } => std::slice::from_ref(node),
            Value::Mapping(_) => &[],
        };
        let mut texts = Vec::new();
        for item in nodes {
            match item.text() {
                Some(text) => texts.push((text, item.line)),
                None => self.problem(item.line, format!("{what} is a text or a list of texts, not {}", item.kind())),
            }
        }
        if let Value::Mapping(_) = node.value {
            self.problem(node.line, format!("{what} is a text or a list of texts, not a mapping"));
        }
        texts
    }
}

/// The value under a key, where the key is there.
pub(super) fn find<'n>(entries: &'n [Entry], key: &str) -> Option<&'n Node> {
    entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
}

const KEYS: [&str; 11] =
    ["facts", "id", "level", "on", "when", "message", "shows", "why", "fix", "requires", "examples"];

/// The rule of a document and the line of its id; `None` when something in it is wrong, which the reader then knows.
pub(super) fn read_rule(reader: &mut Reader<'_>, node: &Node) -> Option<(Rule, usize)> {
    let before = reader.problems.len();
    let entries = reader.mapping(node, "a rule", &KEYS)?;
    let line = node.line;
    let facts = reader.text(entries, "facts", line, "the rule");
    if let Some((version, line)) = facts.filter(|(version, _)| *version != "1") {
        reader.problem(line, format!("`facts: {version}` is not known to this version of Rollproof; write `facts: 1`"));
    }
    let id = reader.text(entries, "id", line, "the rule");
    if let Some((id, line)) = id.filter(|(id, _)| !is_id(id)) {
        reader.problem(line, format!("`{id}` is no rule id: small letters, digits and hyphens, a letter first"));
    }
    let level = reader.text(entries, "level", line, "the rule").and_then(|(word, line)| read_level(reader, word, line));
    let on = read_on(reader, entries, line);
    let when = reader.text(entries, "when", line, "the rule");
    let message = reader.text(entries, "message", line, "the rule");
    let why = reader.text(entries, "why", line, "the rule");
    let fix = reader.text(entries, "fix", line, "the rule");
    let requires = find(entries, "requires").map_or_else(Vec::new, |node| read_phases(reader, node));
    let examples = find(entries, "examples").map_or_else(Vec::new, |node| examples(reader, node));
    let (on, phase) = on?;
    let when_line = when.map(|(_, line)| line);
    let when = when.and_then(|(source, line)| read_when(reader, source, line, on));
    let message = message.and_then(|(source, line)| read_message(reader, source, line, on));
    let shows = find(entries, "shows").and_then(|node| read_shows(reader, node, on));
    if reader.problems.len() > before {
        return None;
    }
    let (id, id_line) = id?;
    let rule = Rule {
        id: id.to_owned(),
        level: level?,
        on,
        phase,
        when: when?,
        message: message?,
        shows,
        why: why?.0.to_owned(),
        fix: fix?.0.to_owned(),
        requires,
        examples,
        place: PolicyPlace { file: reader.file.to_owned(), line: when_line? },
    };
    Some((rule, id_line))
}

fn is_id(id: &str) -> bool {
    id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn read_level(reader: &mut Reader<'_>, word: &str, line: usize) -> Option<Level> {
    match word {
        "error" => Some(Level::Error),
        "warning" => Some(Level::Warning),
        "note" => Some(Level::Note),
        other => {
            reader
                .problem(line, format!("unknown level `{other}`{}", hint_or_all(other, &["error", "warning", "note"])));
            None
        }
    }
}

/// `on: step`, or `on: {fact: step, phase: down}`. A step without a phase is an up.
fn read_on(reader: &mut Reader<'_>, entries: &[Entry], line: usize) -> Option<(FactKind, Phase)> {
    let Some(node) = find(entries, "on") else {
        reader.problem(line, "the rule lacks the key `on`".to_owned());
        return None;
    };
    let (fact, fact_line, phase) = match node.text() {
        Some(word) => (word, node.line, None),
        None => {
            let inner = reader.mapping(node, "`on`", &["fact", "phase"])?;
            let (fact, line) = reader.text(inner, "fact", node.line, "`on`")?;
            let phase = find(inner, "phase").map(|node| (node.text().unwrap_or("a list or mapping"), node.line));
            (fact, line, phase)
        }
    };
    let Some(kind) = FactKind::ALL.into_iter().find(|kind| kind.word() == fact) else {
        let hint = hint_or_all(fact, &FactKind::ALL.map(FactKind::word));
        reader.problem(fact_line, format!("unknown fact `{fact}`{hint}"));
        return None;
    };
    let Some((word, line)) = phase else { return Some((kind, kind.phase())) };
    let possible: &[Phase] = match kind {
        FactKind::Step => &[Phase::Up, Phase::Down, Phase::Redo, Phase::Descent],
        FactKind::History | FactKind::Version | FactKind::File => &[Phase::Graph],
        FactKind::MissingDown => &[Phase::Down],
        FactKind::Descent => &[Phase::Descent],
    };
    let found = possible.iter().find(|phase| phase.word() == word);
    if found.is_none() {
        let words: Vec<&str> = possible.iter().map(|phase| phase.word()).collect();
        reader.problem(line, format!("no `{fact}` is seen in phase `{word}`: {}", words.join(", ")));
    }
    found.map(|phase| (kind, *phase))
}

fn read_phases(reader: &mut Reader<'_>, node: &Node) -> Vec<Phase> {
    let mut phases = Vec::new();
    for (word, line) in reader.texts(node, "`requires`") {
        match Phase::ALL.into_iter().find(|phase| phase.word() == word) {
            Some(phase) => phases.push(phase),
            None => {
                let hint = hint_or_all(word, &Phase::ALL.map(Phase::word));
                reader.problem(line, format!("unknown phase `{word}` in `requires`{hint}"));
            }
        }
    }
    phases
}

fn read_when(reader: &mut Reader<'_>, source: &str, line: usize, on: FactKind) -> Option<Expression> {
    match Expression::compile(source, on) {
        Ok((expression, kind)) if kind.fits(&Kind::Bool) => return Some(expression),
        Ok((_, kind)) => reader.problem(line, format!("`when` is {}, not true or false", kind.named())),
        Err(problems) => problems.into_iter().for_each(|problem| reader.problem(line, format!("in `when`: {problem}"))),
    }
    None
}

fn read_message(reader: &mut Reader<'_>, source: &str, line: usize, on: FactKind) -> Option<Message> {
    if source.contains('\n') {
        reader.problem(line, "`message` has to be one line; say the rest in `why`".to_owned());
        return None;
    }
    match Message::compile(source, on) {
        Ok(message) => return Some(message),
        Err(problems) => {
            problems.into_iter().for_each(|problem| reader.problem(line, format!("in `message`: {problem}")));
        }
    }
    None
}

fn read_shows(reader: &mut Reader<'_>, node: &Node, on: FactKind) -> Option<Expression> {
    let Some(source) = node.text() else {
        reader.problem(node.line, format!("`shows` is an expression, not {}", node.kind()));
        return None;
    };
    let changes = Kind::list(Kind::Record(CHANGE));
    match Expression::compile(source, on) {
        Ok((expression, kind)) if kind.fits(&changes) || kind.fits(&Kind::list(Kind::Text)) => return Some(expression),
        Ok((_, kind)) => {
            let wanted = "a list of differences or of texts";
            reader.problem(node.line, format!("`shows` is {}, not {wanted}", kind.named()));
        }
        Err(problems) => {
            problems.into_iter().for_each(|problem| reader.problem(node.line, format!("in `shows`: {problem}")));
        }
    }
    None
}
