//! The examples of a rule's file.

use std::collections::BTreeMap;

use super::read::{Reader, find, kind};
use super::rule::{self, Example, Expected, Given};
use crate::history::EngineKind;
use crate::yaml::{Entry, Node};

/// The languages in which steps of an example may be written besides SQL.
const LANGUAGES: [(&str, &str); 4] = [("Go", "Go"), ("Java", "Java"), ("JavaScript", "JavaScript"), ("Rust", "Rust")];

/// The examples under `examples:`.
pub(super) fn examples(reader: &mut Reader<'_>, node: &Node) -> Vec<Example> {
    reader.items(node, "`examples`").iter().filter_map(|node| example(reader, node)).collect()
}

fn example(reader: &mut Reader<'_>, node: &Node) -> Option<Example> {
    const KEYS: [&str; 8] = ["name", "engine", "format", "files", "beside", "base", "history", "findings"];
    reader.mapping(node, "an example", &KEYS)?;
    let name = reader.text(node, "name", "the example");
    let given = match (find(node, "history"), find(node, "files")) {
        (Some(history), None) => {
            for key in ["engine", "format", "beside"] {
                if let Some(node) = find(node, key) {
                    reader.problem(node.line(), format!("`{key}` belongs to examples with `files`"));
                }
            }
            let base = find(node, "base").map(|base| graph(reader, base, "`base`"));
            Some(Given::Graph { base, history: graph(reader, history, "`history`") })
        }
        (None, Some(texts)) => {
            if let Some(base) = find(node, "base") {
                reader.problem(base.line(), "`base` belongs to examples with `history`".to_owned());
            }
            files(reader, node, texts)
        }
        (None, None) | (Some(_), Some(_)) => {
            reader.problem(node.line(), "an example has either `files` or `history`".to_owned());
            None
        }
    };
    let findings = match find(node, "findings") {
        Some(list) => reader.items(list, "`findings`").iter().filter_map(|node| finding(reader, node)).collect(),
        None => {
            let missing = "the example lacks the key `findings`; write `[]` where it gives none";
            reader.problem(node.line(), missing.to_owned());
            Vec::new()
        }
    };
    Some(Example { name: name?.0.to_owned(), given: given?, findings, line: node.line() })
}

fn files(reader: &mut Reader<'_>, example: &Node, node: &Node) -> Option<Given> {
    let format = reader.text(example, "format", "the example");
    let Some(engine) = find(example, "engine") else {
        reader.problem(example.line(), "the example lacks the key `engine`".to_owned());
        return None;
    };
    let known = EngineKind::ALL.map(|engine| (engine.word(), engine));
    let words = reader.texts(engine, "`engine`");
    let engines: Vec<EngineKind> = words.into_iter().filter_map(|word| reader.named("engine", word, known)).collect();
    let files = texts(reader, node)?;
    if files.is_empty() || engines.is_empty() {
        reader.problem(node.line(), "an example has at least one file and one engine".to_owned());
    }
    let beside = find(example, "beside").and_then(|node| beside(reader, node));
    Some(Given::Files { engines, format: format?.0.to_owned(), files, beside })
}

/// The same history for another product.
fn beside(reader: &mut Reader<'_>, node: &Node) -> Option<(EngineKind, BTreeMap<String, String>)> {
    const WHAT: &str = "`beside`";
    reader.mapping(node, WHAT, &["engine", "files"])?;
    let known = EngineKind::ALL.map(|engine| (engine.word(), engine));
    let word = reader.text(node, "engine", WHAT)?;
    let engine = reader.named("engine", word, known)?;
    let Some(files) = find(node, "files") else {
        reader.problem(node.line(), "`beside` lacks the key `files`".to_owned());
        return None;
    };
    Some((engine, texts(reader, files)?))
}

/// Texts by the names of their files.
fn texts(reader: &mut Reader<'_>, node: &Node) -> Option<BTreeMap<String, String>> {
    let Some(texts) = node.entries() else {
        reader.problem(node.line(), format!("`files` is a mapping of file names to texts, not {}", kind(node)));
        return None;
    };
    let mut files = BTreeMap::new();
    for Entry { key, place, value } in texts {
        let stays = !key.is_empty() && !key.starts_with('/') && !key.split('/').any(|part| part == "..");
        match value.written() {
            Some(text) if stays => {
                files.insert(key.clone(), text.to_owned());
            }
            Some(_) => reader.problem(place.line, format!("`{key}` is not a path inside the migrations folder")),
            None => reader.problem(place.line, format!("`{key}` is a text, not {}", kind(value))),
        }
    }
    Some(files)
}

/// The migrations under `history` or `base`.
fn graph(reader: &mut Reader<'_>, node: &Node, name: &str) -> Vec<rule::Node> {
    let mut nodes = Vec::new();
    for item in reader.items(node, name) {
        let what = "a migration of an example";
        if reader.mapping(item, what, &["id", "version", "parents", "up", "language", "skip"]).is_none() {
            continue;
        }
        let Some((id, _)) = reader.text(item, "id", what) else { continue };
        let version = find(item, "version").and_then(Node::written).unwrap_or(id);
        let parents = find(item, "parents").map_or_else(Vec::new, |node| reader.texts(node, "`parents`"));
        let parents = parents.into_iter().map(|(id, _)| id.to_owned()).collect();
        let up = find(item, "up").and_then(Node::written).unwrap_or_default();
        let language = find(item, "language").and_then(|node| Some((node.written()?, node.line())));
        let language = language.and_then(|word| reader.named("language", word, LANGUAGES));
        let skip = find(item, "skip").and_then(Node::written).map(str::to_owned);
        let (id, version, up) = (id.to_owned(), version.to_owned(), up.to_owned());
        nodes.push(rule::Node { id, version, parents, up, language, skip });
    }
    nodes
}

fn finding(reader: &mut Reader<'_>, node: &Node) -> Option<Expected> {
    reader.mapping(node, "an expected finding", &["rule", "migration"])?;
    let (rule, _) = reader.text(node, "rule", "the expected finding")?;
    let migration = find(node, "migration").and_then(Node::written).map(str::to_owned);
    Some(Expected { rule: rule.to_owned(), migration })
}
