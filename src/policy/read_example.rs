//! The examples of a rule's file.

use std::collections::BTreeMap;

use super::near::hint_or_all;
use super::read::{Reader, find};
use super::rule::{self, Example, Expected, Given};
use super::yaml::{Entry, Node, Value};
use crate::history::EngineKind;

/// The examples under `examples:`.
pub(super) fn examples(reader: &mut Reader<'_>, node: &Node) -> Vec<Example> {
    items(reader, node, "`examples`").iter().filter_map(|node| example(reader, node)).collect()
}

/// The items of a list.
fn items<'n>(reader: &mut Reader<'_>, node: &'n Node, what: &str) -> &'n [Node] {
    if let Value::Sequence(items) = &node.value {
        return items;
    }
    reader.problem(node.line, format!("{what} is a list, not {}", node.kind()));
    &[]
}

fn example(reader: &mut Reader<'_>, node: &Node) -> Option<Example> {
    const KEYS: [&str; 6] = ["name", "engine", "format", "files", "history", "findings"];
    let entries = reader.mapping(node, "an example", &KEYS)?;
    let name = reader.text(entries, "name", node.line, "the example");
    let given = match (find(entries, "history"), find(entries, "files")) {
        (Some(history), None) => {
            for key in ["engine", "format"] {
                if let Some(node) = find(entries, key) {
                    reader.problem(node.line, format!("`{key}` belongs to examples with `files`"));
                }
            }
            Some(graph(reader, history))
        }
        (None, Some(files_node)) => files(reader, entries, files_node, node.line),
        (None, None) | (Some(_), Some(_)) => {
            reader.problem(node.line, "an example has either `files` or `history`".to_owned());
            None
        }
    };
    let findings = match find(entries, "findings") {
        Some(list) => items(reader, list, "`findings`").iter().filter_map(|node| finding(reader, node)).collect(),
        None => {
            let missing = "the example lacks the key `findings`; write `[]` where it gives none";
            reader.problem(node.line, missing.to_owned());
            Vec::new()
        }
    };
    Some(Example { name: name?.0.to_owned(), given: given?, findings, line: node.line })
}

fn files(reader: &mut Reader<'_>, entries: &[Entry], node: &Node, line: usize) -> Option<Given> {
    let format = reader.text(entries, "format", line, "the example");
    let Some(engine) = find(entries, "engine") else {
        reader.problem(line, "the example lacks the key `engine`".to_owned());
        return None;
    };
    let mut engines = Vec::new();
    for (word, line) in reader.texts(engine, "`engine`") {
        const ALL: [EngineKind; 4] = [EngineKind::Postgres, EngineKind::Mysql, EngineKind::Mariadb, EngineKind::Sqlite];
        match ALL.into_iter().find(|engine| engine.word() == word) {
            Some(engine) => engines.push(engine),
            None => {
                let hint = hint_or_all(word, &ALL.map(EngineKind::word));
                reader.problem(line, format!("unknown engine `{word}`{hint}"));
            }
        }
    }
    let Value::Mapping(texts) = &node.value else {
        reader.problem(node.line, format!("`files` is a mapping of file names to texts, not {}", node.kind()));
        return None;
    };
    if texts.is_empty() || engines.is_empty() {
        reader.problem(node.line, "an example has at least one file and one engine".to_owned());
    }
    let mut files = BTreeMap::new();
    for Entry { key, line, value } in texts {
        let stays = !key.is_empty() && !key.starts_with('/') && !key.split('/').any(|part| part == "..");
        match value.text() {
            Some(text) if stays => {
                files.insert(key.clone(), text.to_owned());
            }
            Some(_) => reader.problem(*line, format!("`{key}` is not a path inside the migrations folder")),
            None => reader.problem(*line, format!("`{key}` is a text, not {}", value.kind())),
        }
    }
    Some(Given::Files { engines, format: format?.0.to_owned(), files })
}

fn graph(reader: &mut Reader<'_>, node: &Node) -> Given {
    let mut nodes = Vec::new();
    for item in items(reader, node, "`history`") {
        let what = "a migration of an example";
        let Some(entries) = reader.mapping(item, what, &["id", "version", "parents"]) else { continue };
        let Some((id, _)) = reader.text(entries, "id", item.line, what) else { continue };
        let version = find(entries, "version").and_then(Node::text).unwrap_or(id);
        let parents = find(entries, "parents").map_or_else(Vec::new, |node| reader.texts(node, "`parents`"));
        let parents = parents.into_iter().map(|(id, _)| id.to_owned()).collect();
        nodes.push(rule::Node { id: id.to_owned(), version: version.to_owned(), parents });
    }
    Given::Graph(nodes)
}

fn finding(reader: &mut Reader<'_>, node: &Node) -> Option<Expected> {
    let entries = reader.mapping(node, "an expected finding", &["rule", "migration"])?;
    let (rule, _) = reader.text(entries, "rule", node.line, "the expected finding")?;
    let migration = find(entries, "migration").and_then(Node::text).map(str::to_owned);
    Some(Expected { rule: rule.to_owned(), migration })
}
