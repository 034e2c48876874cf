//! A schema as text for people: made of its objects and attributes alone, so that it is the same for every engine and kind.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::plain_text::{counted, for_terminal, one_clean_line};
use super::schema_form::{ObjectReport, SchemaReport};

/// How far the parts of an object stand in.
const STEP: usize = 2;

/// The schema of `what` as text: objects in the order of their kinds and names, each with its attributes and its parts below.
pub fn schema_text(report: &SchemaReport, what: &str) -> String {
    let version = report.server_version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
    let count = counted(report.objects.len(), "object");
    let mut text = format!("{} · {}{version} · {count}\n", one_clean_line(what), report.engine.title());
    let tree = Tree::of(&report.objects);
    for root in &tree.roots {
        text.push('\n');
        tree.write(*root, 0, &mut text);
    }
    if !report.cannot_tell.is_empty() || !report.notes.is_empty() {
        text.push('\n');
    }
    for line in &report.cannot_tell {
        text.push_str(&format!("cannot tell: {}\n", one_clean_line(line)));
    }
    for note in &report.notes {
        text.push_str(&format!("note: {}\n", one_clean_line(note)));
    }
    text
}

/// Which object is a part of which, by their indices.
struct Tree<'a> {
    objects: &'a [ObjectReport],
    roots: Vec<usize>,
    parts: BTreeMap<usize, Vec<usize>>,
}

impl<'a> Tree<'a> {
    fn of(objects: &'a [ObjectReport]) -> Self {
        let known: BTreeMap<(&str, &[String]), usize> = objects
            .iter()
            .enumerate()
            .map(|(at, object)| ((object.kind.as_str(), object.path.as_slice()), at))
            .collect();
        let mut tree = Self { objects, roots: Vec::new(), parts: BTreeMap::new() };
        for (at, object) in objects.iter().enumerate() {
            let whole = object.kind.rsplit_once(' ').zip(object.path.split_last());
            let whole = whole.and_then(|((kind, _), (_, path))| known.get(&(kind, path)));
            match whole {
                Some(whole) => tree.parts.entry(*whole).or_default().push(at),
                None => tree.roots.push(at),
            }
        }
        tree
    }

    fn write(&self, at: usize, depth: usize, text: &mut String) {
        let object = &self.objects[at];
        let indent = " ".repeat(depth);
        let name = if depth == 0 {
            format!("{} {}", object.kind.replace('-', " "), object.path.join("."))
        } else {
            let own = object.kind.rsplit(' ').next().unwrap_or_default();
            format!("{own} {}", object.path.last().map_or("", String::as_str))
        };
        text.push_str(&format!("{indent}{}\n", one_clean_line(&name)));
        for (name, value) in &object.attributes {
            write_attribute(name, value, depth + STEP, text);
        }
        let parts = self.parts.get(&at).map_or(&[][..], Vec::as_slice);
        // Columns stand as the table has them, where it says how that is.
        let order = object.attributes.get("column_order").and_then(Value::as_array);
        let mut written = BTreeSet::new();
        for name in order.into_iter().flatten().filter_map(Value::as_str) {
            let is_it = |part: &&usize| {
                let part = &self.objects[**part];
                part.kind.ends_with(" column") && part.path.last().is_some_and(|own| own == name)
            };
            if let Some(part) = parts.iter().find(is_it) {
                written.insert(*part);
                self.write(*part, depth + STEP, text);
            }
        }
        for part in parts.iter().filter(|part| !written.contains(*part)) {
            self.write(*part, depth + STEP, text);
        }
    }
}

fn write_attribute(name: &str, value: &Value, depth: usize, text: &mut String) {
    let indent = " ".repeat(depth);
    let name = one_clean_line(&name.replace('_', " "));
    match value {
        Value::String(block) if block.contains('\n') => {
            text.push_str(&format!("{indent}{name}: |\n"));
            for line in for_terminal(block).lines() {
                let line = if line.is_empty() { String::new() } else { format!("{indent}{}{line}", " ".repeat(STEP)) };
                text.push_str(&line);
                text.push('\n');
            }
        }
        Value::Object(map) if !map.is_empty() => {
            text.push_str(&format!("{indent}{name}:\n"));
            for (key, value) in map {
                // A key is a name, such as a role's, and stays as it is.
                text.push_str(&format!("{indent}{}{}: {}\n", " ".repeat(STEP), one_clean_line(key), shown(value)));
            }
        }
        other => text.push_str(&format!("{indent}{name}: {}\n", shown(other))),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "''".to_owned(),
        Value::String(text) => for_terminal(text).replace('\n', " "),
        Value::Array(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        other => one_clean_line(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::history::EngineKind;

    #[test]
    fn parts_stand_below_their_wholes() {
        let object = |kind: &str, path: &[&str], attributes: Value| ObjectReport {
            kind: kind.to_owned(),
            path: path.iter().map(|part| (*part).to_owned()).collect(),
            attributes: serde_json::from_value(attributes).unwrap(),
        };
        let report = SchemaReport {
            version: 1,
            engine: EngineKind::Postgres,
            server_version: Some("15.18".to_owned()),
            objects: vec![
                object("materialized-view", &["public", "v"], json!({"definition": "SELECT 1,\n\n  2"})),
                object("table", &["public", "b"], json!({"column_order": ["z", "a"], "settings": {"app": ["x"]}})),
                object("table column", &["public", "b", "a"], json!({"type": "text", "default": ""})),
                object("table column", &["public", "b", "z"], json!({"not_null": true})),
                object("table index", &["public", "gone", "i"], json!({})),
            ],
            cannot_tell: vec!["policies".to_owned()],
            notes: vec!["mind".to_owned()],
        };
        assert_eq!(
            schema_text(&report, "@head\u{1b}[31m"),
            "@head · PostgreSQL 15.18 · 5 objects\n\nmaterialized view public.v\n  definition: |\n    SELECT 1,\n\n      2\n\n\
             table public.b\n  column order: [z, a]\n  settings:\n    app: [x]\n  column z\n    not null: true\n  column a\n    \
             default: ''\n    type: text\n\ntable index public.gone.i\n\ncannot tell: policies\nnote: mind\n"
        );
    }
}
