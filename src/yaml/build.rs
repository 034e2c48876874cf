//! From the parser's events to the trees.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use super::{Content, Entry, Node, Place, Problem, Scalar};

/// How deep values may be nested. The files that Rollproof reads need five levels; the limit keeps a hostile one from
/// exhausting the stack.
const DEEPEST: usize = 64;

/// How many values aliases may unfold into, so that nested aliases cannot exhaust the memory.
const MOST_VALUES: usize = 100_000;

/// The text of a YAML file, which has to be UTF-8.
///
/// # Errors
/// The place of the first byte that is not UTF-8.
pub fn decode(bytes: &[u8]) -> Result<&str, Problem> {
    std::str::from_utf8(bytes).map_err(|error| {
        let (valid, _) = bytes.split_at(error.valid_up_to());
        let place = end_of(&String::from_utf8_lossy(valid));
        Problem::new(place, "this is not UTF-8 text; save the file in UTF-8")
    })
}

/// The place behind the last character of `text`; lines end as in YAML, with LF, CR LF or CR.
fn end_of(text: &str) -> Place {
    let text = text.replace("\r\n", "\n");
    let breaks = text.matches(['\n', '\r']).count();
    let last_line = text.rsplit(['\n', '\r']).next().unwrap_or("");
    Place { line: 1 + breaks, column: 1 + last_line.chars().count() }
}

/// Reads all documents; `None` if a syntax error or a limit leaves no trees.
pub(super) fn build(text: &str, problems: &mut Vec<Problem>) -> Option<Vec<Node>> {
    if let Some((at, character)) = text.char_indices().find(|(_, character)| !is_printable(*character)) {
        let message = format!("the character U+{:04X} is not allowed in YAML; remove it", u32::from(character));
        problems.push(Problem::new(end_of(&text[..at]), message));
        return None;
    }
    let parser = Parser::new_from_str(text);
    let mut builder = Builder { text, parser, problems, anchors: BTreeMap::new(), first_anchor: 1, values: 0 };
    match builder.documents() {
        Ok(roots) => Some(roots),
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}

/// The characters that YAML 1.2 allows (production 1, c-printable). The parser takes some of the others for the end.
fn is_printable(character: char) -> bool {
    matches!(character,
        '\t' | '\n' | '\r' | '\u{20}'..='\u{7e}' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}'
        | '\u{10000}'..='\u{10ffff}')
}

/// What is at hand while a tree is built.
struct Builder<'t, 'p> {
    text: &'t str,
    parser: Parser<'t, StrInput<'t>>,
    /// Problems that do not stop the reading.
    problems: &'p mut Vec<Problem>,
    /// Finished values of this document that have an anchor, and how many values each consists of.
    anchors: BTreeMap<usize, (Node, usize)>,
    /// The least number that an anchor of this document can have. The parser numbers those of all documents in one go.
    first_anchor: usize,
    /// How many values there are so far, those repeated through aliases included.
    values: usize,
}

impl<'t> Builder<'t, '_> {
    fn documents(&mut self) -> Result<Vec<Node>, Problem> {
        // A document that is left out would begin on a line that is not there.
        let end = end_of(self.text.trim_end());
        let mut roots = Vec::new();
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(roots),
                Event::DocumentEnd => {
                    if let Some((last, _)) = self.anchors.pop_last() {
                        self.first_anchor = last + 1;
                    }
                    self.anchors.clear();
                }
                Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
                Event::Alias(_)
                | Event::Scalar(..)
                | Event::SequenceStart(..)
                | Event::SequenceEnd
                | Event::MappingStart(..)
                | Event::MappingEnd => roots.push(self.node(event, place_of(&span.start).min(end), 0)?),
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'t>, Span), Problem> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(syntax(self.text, &error)),
            None => Err(Problem::new(end_of(self.text), "this is not valid YAML: the text ends too early")),
        }
    }

    /// The value that begins with `event`, read to its end.
    fn node(&mut self, event: Event<'t>, place: Place, depth: usize) -> Result<Node, Problem> {
        if depth > DEEPEST {
            return Err(Problem::new(place, format!("values are nested more than {DEEPEST} levels deep here")));
        }
        let before = self.values;
        self.values += 1;
        let (anchor, node) = match event {
            Event::Alias(anchor) => return self.alias(anchor, place),
            Event::Scalar(text, style, anchor, tag) => {
                let tagged_text = tag.as_deref().is_some_and(is_text_tag);
                if !tagged_text {
                    self.refuse_tag(tag.as_deref(), place);
                }
                (anchor, scalar(place, text.into_owned(), style == ScalarStyle::Plain && !tagged_text))
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_tag(tag.as_deref(), place);
                (anchor, Node { place, content: Content::Sequence(self.items(depth)?) })
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_tag(tag.as_deref(), place);
                (anchor, Node { place, content: Content::Mapping(self.entries(depth)?) })
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => return Err(Problem::new(place, "this is not valid YAML: expected a value")),
        };
        // The parser numbers anchors from 1; 0 is none.
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), self.values - before));
        }
        Ok(node)
    }

    fn alias(&mut self, anchor: usize, place: Place) -> Result<Node, Problem> {
        let Some((node, size)) = self.anchors.get(&anchor) else {
            let why = if anchor < self.first_anchor {
                "this alias repeats a value of an earlier document; write the value out"
            } else {
                "this alias stands inside the value that it repeats"
            };
            return Err(Problem::new(place, why));
        };
        self.values += size;
        if self.values > MOST_VALUES {
            return Err(Problem::new(place, format!("the aliases up to here repeat more than {MOST_VALUES} values")));
        }
        Ok(node.clone())
    }

    fn items(&mut self, depth: usize) -> Result<Vec<Node>, Problem> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(items);
            }
            items.push(self.node(event, place_of(&span.start), depth + 1)?);
        }
    }

    fn entries(&mut self, depth: usize) -> Result<Vec<Entry>, Problem> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut places: BTreeMap<String, Place> = BTreeMap::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                return Ok(entries);
            }
            let place = place_of(&span.start);
            let key = self.node(event, place, depth + 1)?;
            let (event, span) = self.next()?;
            // The mark of a value that is left out may lie on a later line; its key is what can be pointed at.
            let left_out = span.is_empty() && matches!(event, Event::Scalar(..));
            let value = self.node(event, if left_out { place } else { place_of(&span.start) }, depth + 1)?;

            let Some(name) = key.scalar() else {
                self.problems.push(Problem::new(place, "this key is a list or a mapping; expected text"));
                continue;
            };
            if name.plain && name.text.is_empty() {
                self.problems.push(Problem::new(place, "a key is missing before the `:`"));
            } else if name.plain && name.text == "<<" {
                self.problems.push(Problem::new(place, "merge keys (`<<`) are not supported; write the keys out"));
            } else if let Some(first) = places.get(&name.text) {
                let message =
                    format!("duplicate key `{}`; it is there on line {} already, remove one", name.text, first.line);
                self.problems.push(Problem::new(place, message));
            } else {
                places.insert(name.text.clone(), place);
                entries.push(Entry { key: name.text.clone(), place, value });
            }
        }
    }

    fn refuse_tag(&mut self, tag: Option<&Tag>, place: Place) {
        if let Some(tag) = tag {
            let shown = if tag.is_yaml_core_schema() { format!("!!{}", tag.suffix) } else { tag.to_string() };
            self.problems.push(Problem::new(place, format!("the tag `{shown}` is not supported; remove it")));
        }
    }
}

fn scalar(place: Place, text: String, plain: bool) -> Node {
    Node { place, content: Content::Scalar(Scalar { text, plain }) }
}

/// Whether a tag says that a scalar is text whatever it looks like: `!!str`, or the non-specific `!`.
fn is_text_tag(tag: &Tag) -> bool {
    (tag.is_yaml_core_schema() && tag.suffix == "str") || (tag.handle.is_empty() && tag.suffix == "!")
}

/// The parser counts lines from 1 and columns from 0.
fn place_of(marker: &Marker) -> Place {
    Place { line: marker.line(), column: marker.col() + 1 }
}

/// A syntax error. One about a tab points at the tab, which the parser does not always do; one about the end points
/// behind the last word, where the parser takes a line that is not there.
fn syntax(text: &str, error: &ScanError) -> Problem {
    let place = place_of(error.marker()).min(end_of(text.trim_end()));
    let tab = if error.info().contains("tab") { indenting_tab(text, place.line) } else { None };
    match tab {
        Some(place) => Problem::new(place, "a tab indents this line; YAML indents with spaces only"),
        None => Problem::new(place, format!("this is not valid YAML: {}", error.info())),
    }
}

/// The first tab in the indentation of a line, from line `from` on.
fn indenting_tab(text: &str, from: usize) -> Option<Place> {
    text.lines().enumerate().skip(from.saturating_sub(1)).find_map(|(index, line)| {
        let indentation = &line[..line.len() - line.trim_start().len()];
        indentation.find('\t').map(|column| Place { line: index + 1, column: column + 1 })
    })
}
