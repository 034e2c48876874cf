//! The variables that `-- +goose ENVSUB ON` replaces.
//!
//! goose takes them from its environment, and an unset one is nothing (github.com/mfridman/interpolate, as goose 3.27 uses it):
//! `$NAME`, `${NAME}`, `${NAME:-default}` (unset or empty), `${NAME-default}` (unset), `${NAME?message}`, `${NAME:offset}`,
//! `${NAME:offset:length}`; `$$` and `\$` are a dollar, `$(` stands for itself. The environment of whoever checks is not that of
//! whoever migrates, so values are those of the configuration's `placeholders`, and one that is missing is an error.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::script::{Annotation, annotation, is_annotation};
use crate::history::section::lines;
use crate::history::{Entry, HistoryError};

type Values = BTreeMap<String, String>;

/// The text with its variables replaced. It has as many lines as before, as long as no value has several.
pub(super) fn replaced(entry: &Entry, text: &Arc<str>, values: &Values) -> Result<Arc<str>, HistoryError> {
    let (mut result, mut on, mut ever) = (String::new(), false, false);
    for (index, line) in lines(text).enumerate() {
        let said = is_annotation(line.text).then(|| annotation(line.text).ok()).flatten();
        match said {
            Some(Annotation::EnvsubOn) => (on, ever) = (true, true),
            Some(Annotation::EnvsubOff) => on = false,
            _ => {}
        }
        let whole = &text[line.span.clone()];
        // What is in a comment is nothing to the server.
        if !on || line.text.trim_start().starts_with("--") {
            result.push_str(whole);
            continue;
        }
        let cannot = |reason: Cannot| match reason {
            Cannot::Lacks(name) => HistoryError::NoValue {
                path: entry.shown.clone(),
                line: index + 1,
                name,
                source_of_values: "goose takes from its environment",
            },
            Cannot::Read => HistoryError::Unusable {
                path: entry.shown.clone(),
                line: index + 1,
                reason: "goose stops at a `$` here that no variable follows".to_owned(),
                next_step: "write `$$` for a dollar, or put `-- +goose ENVSUB OFF` before the line",
            },
        };
        let mut reader = Reader { rest: line.text };
        result.push_str(&reader.text("", values).map_err(cannot)?);
        result.push_str(&whole[line.text.len()..]);
    }
    Ok(if ever { Arc::from(result) } else { Arc::clone(text) })
}

/// Why a line cannot be replaced.
#[derive(Debug, PartialEq)]
enum Cannot {
    /// No value for this variable.
    Lacks(String),
    /// The tool does not read it.
    Read,
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn takes(&mut self, what: &str) -> bool {
        let after = self.rest.strip_prefix(what);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn character(&mut self) -> Option<char> {
        let first = self.rest.chars().next()?;
        self.rest = &self.rest[first.len_utf8()..];
        Some(first)
    }

    /// Text with variables, up to `stop` or the end.
    fn text(&mut self, stop: &str, values: &Values) -> Result<String, Cannot> {
        let mut result = String::new();
        while !self.rest.is_empty() && (stop.is_empty() || !self.rest.starts_with(stop)) {
            if self.takes("\\\\") {
                result.push_str("\\\\");
            } else if self.takes("\\$") || self.takes("$$") {
                result.push('$');
            } else if self.takes("$(") {
                result.push_str("$(");
            } else if self.rest != "$" && self.takes("$") {
                result.push_str(&self.variable(values)?);
            } else {
                result.extend(self.character());
            }
        }
        Ok(result)
    }

    fn name(&mut self) -> Result<String, Cannot> {
        let is_part = |c: char| c.is_alphabetic() || c.is_numeric() || c == '_';
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if !name.starts_with(char::is_alphabetic) {
            return Err(Cannot::Read);
        }
        self.rest = rest;
        Ok(name.to_owned())
    }

    fn variable(&mut self, values: &Values) -> Result<String, Cannot> {
        let braced = self.takes("{");
        let name = self.name()?;
        let value = values.get(&name);
        let needed = |value: Option<&String>| value.cloned().ok_or(Cannot::Lacks(name.clone()));
        if !braced || self.takes("}") {
            return needed(value);
        }
        let result = if self.takes(":-") {
            let default = self.text("}", values);
            value.filter(|value| !value.is_empty()).cloned().map_or(default, Ok)
        } else if self.takes("-") {
            let default = self.text("}", values);
            value.cloned().map_or(default, Ok)
        } else if self.takes("?") {
            // The message is for people; its own variables do not matter here.
            self.rest = &self.rest[self.rest.find('}').unwrap_or(self.rest.len())..];
            needed(value)
        } else if self.takes(":") {
            let end = self.rest.find('}').ok_or(Cannot::Read)?;
            let (numbers, rest) = self.rest.split_at(end);
            self.rest = rest;
            part(&needed(value)?, numbers)
        } else {
            Err(Cannot::Read)
        };
        if self.takes("}") { result } else { Err(Cannot::Read) }
    }
}

/// The bytes of a value from an offset, counted from the end where it is negative, and as many as are asked for.
fn part(value: &str, numbers: &str) -> Result<String, Cannot> {
    let number = |text: &str| text.trim().parse::<i64>().map_err(|_| Cannot::Read);
    let (offset, length) = match numbers.split_once(':') {
        Some((offset, length)) => (number(offset)?, Some(number(length)?)),
        None => (number(numbers)?, None),
    };
    let size = i64::try_from(value.len()).unwrap_or(i64::MAX);
    let from = if offset < 0 { offset.saturating_add(size) } else { offset }.clamp(0, size);
    let to = match length {
        None => size,
        Some(length) if length < 0 => length.saturating_add(size).max(from),
        Some(length) => length.saturating_add(from).min(size),
    };
    let at = |at: i64| usize::try_from(at).unwrap_or(0);
    Ok(value.get(at(from)..at(to)).unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_those_of_a_shell() {
        let values = [("A", "abc"), ("EMPTY", "")].map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let cases = [
            ("x $A ${A}y", Ok("x abc abcy")),
            ("${A:-no} ${EMPTY:-yes} ${NO:-yes}", Ok("abc yes yes")),
            ("${EMPTY-no} ${NO-yes $A}", Ok(" yes abc")),
            ("${A?say} ${A:1} ${A:0:2} ${A:-2}", Ok("abc bc ab abc")),
            ("${A: -2} ${A:1:-1} ${A:9}", Ok("bc b ")),
            ("$$A \\$A $(x) 5$", Ok("$A $A $(x) 5$")),
            ("$NO", Err(Cannot::Lacks("NO".to_owned()))),
            ("${NO?say it}", Err(Cannot::Lacks("NO".to_owned()))),
            ("$1", Err(Cannot::Read)),
            ("${A", Err(Cannot::Read)),
            ("${A!}", Err(Cannot::Read)),
        ];
        for (text, expected) in cases {
            let found = Reader { rest: text }.text("", &values);
            assert_eq!(found, expected.map(str::to_owned), "{text}");
        }
    }
}
