//! One YAML document as a rule.

use super::check::Kind;
use super::expression::Expression;
use super::facts::{CHANGE, FactKind, TOLD};
use super::message::Message;
use super::read_example::examples;
use super::rule::Rule;
use super::{Level, PolicyPlace};
use crate::replay::Phase;
use crate::suggest::hint_or_all;
use crate::yaml::{Content, Node};

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

    /// Whether it is a mapping; any of its keys that is not known is a problem, too.
    pub(super) fn mapping(&mut self, node: &Node, what: &str, known: &[&str]) -> Option<()> {
        let Some(entries) = node.entries() else {
            let keys = known.join(", ");
            self.problem(node.line(), format!("{what} is a mapping with the keys {keys}, not {}", kind(node)));
            return None;
        };
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let hint = hint_or_all(&entry.key, known);
            self.problem(entry.place.line, format!("unknown key `{}` in {what}{hint}", entry.key));
        }
        Some(())
    }

    /// The text under a key of a mapping that must be there and not be empty, with the line of the key.
    pub(super) fn text<'n>(&mut self, mapping: &'n Node, key: &str, what: &str) -> Option<(&'n str, usize)> {
        let Some(entry) = mapping.get(key) else {
            self.problem(mapping.line(), format!("{what} lacks the key `{key}`"));
            return None;
        };
        match entry.value.written().map(str::trim) {
            Some(text) if !text.is_empty() && !entry.value.is_null() => Some((text, entry.place.line)),
            Some(_) => {
                self.problem(entry.place.line, format!("`{key}` is empty"));
                None
            }
            None => {
                self.problem(entry.place.line, format!("`{key}` is a text, not {}", kind(&entry.value)));
                None
            }
        }
    }

    /// A text, or a list of texts, each with its line.
    pub(super) fn texts<'n>(&mut self, node: &'n Node, what: &str) -> Vec<(&'n str, usize)> {
        let mut texts = Vec::new();
        for item in node.items().unwrap_or(std::slice::from_ref(node)) {
            match item.written() {
                Some(text) => texts.push((text, item.line())),
                None => self.problem(item.line(), format!("{what} is a text or a list of texts, not {}", kind(item))),
            }
        }
        texts
    }

    /// What a word names; `what` says of what kind that is.
    pub(super) fn named<T: Copy, const N: usize>(
        &mut self,
        what: &str,
        (word, line): (&str, usize),
        known: [(&str, T); N],
    ) -> Option<T> {
        let found = known.iter().find(|(known, _)| *known == word);
        if found.is_none() {
            let hint = hint_or_all(word, &known.map(|(known, _)| known));
            self.problem(line, format!("unknown {what} `{word}`{hint}"));
        }
        found.map(|(_, named)| *named)
    }

    /// The items of a list.
    pub(super) fn items<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        node.items().unwrap_or_else(|| {
            self.problem(node.line(), format!("{what} is a list, not {}", kind(node)));
            &[]
        })
    }
}

/// What a value is, with its article, for messages.
pub(super) fn kind(node: &Node) -> &'static str {
    match node.content {
        Content::Scalar(_) if node.is_null() => "nothing",
        Content::Scalar(_) => "a text",
        Content::Sequence(_) => "a list",
        Content::Mapping(_) => "a mapping",
    }
}

/// The value under a key of a mapping, where the key is there.
pub(super) fn find<'n>(mapping: &'n Node, key: &str) -> Option<&'n Node> {
    mapping.get(key).map(|entry| &entry.value)
}

const KEYS: [&str; 11] =
    ["facts", "id", "level", "on", "when", "message", "shows", "why", "fix", "requires", "examples"];

/// The rule of a document and the line of its id; `None` when something in it is wrong, which the reader then knows.
pub(super) fn read_rule(reader: &mut Reader<'_>, node: &Node) -> Option<(Rule, usize)> {
    let before = reader.problems.len();
    reader.mapping(node, "a rule", &KEYS)?;
    let facts = reader.text(node, "facts", "the rule");
    if let Some((version, line)) = facts.filter(|(version, _)| *version != "1") {
        reader.problem(line, format!("`facts: {version}` is not known to this version of Rollproof; write `facts: 1`"));
    }
    let id = reader.text(node, "id", "the rule");
    if let Some((id, line)) = id.filter(|(id, _)| !is_id(id)) {
        reader.problem(line, format!("`{id}` is no rule id: small letters, digits and hyphens, a letter first"));
    }
    let level = reader
        .text(node, "level", "the rule")
        .and_then(|word| reader.named("level", word, Level::ALL.map(|level| (level.word(), level))));
    let on = read_on(reader, node);
    let when = reader.text(node, "when", "the rule");
    let message = reader.text(node, "message", "the rule");
    let why = reader.text(node, "why", "the rule");
    let fix = reader.text(node, "fix", "the rule");
    let requires = find(node, "requires").map_or_else(Vec::new, |node| read_phases(reader, node));
    let examples = find(node, "examples").map_or_else(Vec::new, |node| examples(reader, node));
    let (on, phase) = on?;
    let when_line = when.map(|(_, line)| line);
    let when = when.and_then(|(source, line)| read_when(reader, source, line, on));
    let message = message.and_then(|(source, line)| read_message(reader, source, line, on));
    let shows = find(node, "shows").and_then(|node| read_shows(reader, node, on));
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

/// `on: step`, or `on: {fact: step, phase: down}`. A step without a phase is an up.
fn read_on(reader: &mut Reader<'_>, rule: &Node) -> Option<(FactKind, Phase)> {
    let Some(node) = find(rule, "on") else {
        reader.problem(rule.line(), "the rule lacks the key `on`".to_owned());
        return None;
    };
    let (fact, fact_line, phase) = match node.written() {
        Some(word) => (word, node.line(), None),
        None => {
            reader.mapping(node, "`on`", &["fact", "phase"])?;
            let (fact, line) = reader.text(node, "fact", "`on`")?;
            let phase = find(node, "phase").map(|node| (node.written().unwrap_or("a list or mapping"), node.line()));
            (fact, line, phase)
        }
    };
    let kind = reader.named("fact", (fact, fact_line), FactKind::ALL.map(|kind| (kind.word(), kind)))?;
    let Some((word, line)) = phase else { return Some((kind, kind.phase())) };
    let possible: &[Phase] = match kind {
        FactKind::Step => &[Phase::Up, Phase::Down, Phase::Redo, Phase::Descent],
        FactKind::History | FactKind::Version | FactKind::File | FactKind::Migration => &[Phase::Graph],
        FactKind::MissingDown => &[Phase::Down],
        FactKind::Descent => &[Phase::Descent],
        FactKind::Dialect => &[Phase::Agreement],
    };
    let found = possible.iter().find(|phase| phase.word() == word);
    if found.is_none() {
        let words: Vec<&str> = possible.iter().map(|phase| phase.word()).collect();
        reader.problem(line, format!("no `{fact}` is seen in phase `{word}`: {}", words.join(", ")));
    }
    found.map(|phase| (kind, *phase))
}

fn read_phases(reader: &mut Reader<'_>, node: &Node) -> Vec<Phase> {
    let phases = Phase::ALL.map(|phase| (phase.word(), phase));
    let words = reader.texts(node, "`requires`");
    words.into_iter().filter_map(|word| reader.named("phase", word, phases)).collect()
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
    let Some(source) = node.written() else {
        reader.problem(node.line(), format!("`shows` is an expression, not {}", kind(node)));
        return None;
    };
    let may_be = [Kind::list(Kind::Record(TOLD)), Kind::list(Kind::Record(CHANGE)), Kind::list(Kind::Text)];
    match Expression::compile(source, on) {
        Ok((expression, kind)) if may_be.iter().any(|wanted| kind.fits(wanted)) => return Some(expression),
        Ok((_, kind)) => {
            let wanted = "a list of differences or of texts";
            reader.problem(node.line(), format!("`shows` is {}, not {wanted}", kind.named()));
        }
        Err(problems) => {
            problems.into_iter().for_each(|problem| reader.problem(node.line(), format!("in `shows`: {problem}")));
        }
    }
    None
}
