//! Differences told as sentences: what, where, before, after.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use super::order::moves;
use super::{Change, ChangeKind, Object, ObjectId};

/// Characters of a value that are shown whole.
const SHORT: usize = 60;
/// Characters around the place where two long texts differ, and of what differs there.
const CONTEXT: usize = 24;
const DIFFERING: usize = 80;
/// Entries of a list that are shown.
const ENTRIES: usize = 6;

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let object = &self.object;
        match &self.kind {
            ChangeKind::Added(of) if is_variable(object) => write!(f, "{object}{}", variable(of, true)),
            ChangeKind::Removed(of) if is_variable(object) => write!(f, "{object}{}", variable(of, false)),
            ChangeKind::Added(of) => write!(f, "{object}{} is there and was not before", summary(object, of)),
            ChangeKind::Removed(of) => write!(f, "{object}{} is gone", summary(object, of)),
            ChangeKind::Renamed { from } => write!(f, "{from} is called {} now", called(from, object)),
            ChangeKind::Altered { attribute, before, after } => {
                let attribute = attribute.replace('_', " ");
                write!(f, "{object}: {}", altered(&attribute, before.as_ref(), after.as_ref()))
            }
        }
    }
}

/// Whether it is a server's variable, which is there as an object only while it has another value than it began with.
fn is_variable(id: &ObjectId) -> bool {
    &*id.kind == "global-variable"
}

/// What became of a variable's value.
fn variable(object: &Object, came: bool) -> String {
    let of = |name: &str| cut(&shown(object.attributes.get(name)));
    let (value, at_start) = (of("value"), of("value_at_start"));
    let (was, is) = if came { (at_start, value) } else { (value, at_start) };
    format!(": value was {was}, is {is}")
}

/// The new name, no longer than it takes to see what is new about it.
fn called(from: &ObjectId, to: &ObjectId) -> String {
    let (last_was, last_is) = (from.path.split_last(), to.path.split_last());
    match (last_was, last_is) {
        (Some((_, was)), Some((name, is))) if was == is || to.parent().is_some() => name.to_string(),
        _ => to.path.join("."),
    }
}

/// What is most telling about a part that came or went: a column's type, a constraint's definition.
fn summary(id: &ObjectId, object: &Object) -> String {
    let names: &[&str] = match id.own_kind() {
        "column" | "attribute" => return column(object),
        // Where the engine has no name for it, it is called by what it is.
        _ if id.name().contains('(') => &[],
        "privileges" | "parameter" | "system-object" => &["privileges"],
        "index" => &["columns"],
        "persisted-variable" => &["value"],
        "constraint" | "trigger" | "rule" => &["definition", "columns"],
        "enum" => &["labels"],
        _ => &[],
    };
    let telling = names.iter().find_map(|name| object.attributes.get(*name)).map(|value| match value {
        Value::Array(items) => {
            let name = |item: &Value| shown(Some(item.get("name").unwrap_or(item)));
            items.iter().map(name).collect::<Vec<_>>().join(", ")
        }
        value => shown(Some(value)),
    });
    let text = telling.unwrap_or_default();
    match text.char_indices().nth(SHORT) {
        _ if text.is_empty() => text,
        Some((end, _)) => format!(" ({}...)", text[..end].trim_end()),
        None => format!(" ({text})"),
    }
    .replace(['\n', '\r', '\t'], " ")
}

/// A column's type with what else makes it, where it is something.
fn column(object: &Object) -> String {
    let of = |name: &str| object.attributes.get(name);
    let mut parts: Vec<String> = of("type").map(|value| shown(Some(value))).into_iter().collect();
    parts.extend(of("not_null").filter(|value| **value == Value::Bool(true)).map(|_| "not null".to_owned()));
    let told = ["default", "generated", "generated_expression", "identity", "collation"];
    let more = told.iter().filter_map(|name| Some((name.replace('_', " "), of(name)?)));
    parts.extend(more.map(|(name, value)| format!("{name} {}", shown(Some(value)))));
    if parts.is_empty() { String::new() } else { format!(" ({})", cut(&parts.join(", "))) }
}

/// An attribute with its two values, as the words that follow an object's name.
pub(super) fn altered(attribute: &str, before: Option<&Value>, after: Option<&Value>) -> String {
    let (was, is) = (shown(before), shown(after));
    match (before, after) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            let differing: Vec<String> = names
                .into_iter()
                .filter(|name| before.get(*name) != after.get(*name))
                .map(|name| altered(name, before.get(name), after.get(name)))
                .collect();
            format!("{attribute}: {}", some_of(&differing))
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) if attribute.ends_with(" order") => {
            format!("{attribute} differs: {}", some_of(&moves(before, after, |entry| shown(Some(entry)))))
        }
        // Nobody reads a checksum: that there is another one is all it says.
        (Some(_), Some(_)) if attribute.ends_with(" checksum") => {
            format!("{} is another", attribute.trim_end_matches(" checksum"))
        }
        _ if is_short(&was) && is_short(&is) => format!("{attribute} was {was}, is {is}"),
        (Some(Value::Array(before)), Some(Value::Array(after))) => {
            let not_in = |list: &[Value], other: &[Value]| -> Vec<String> {
                list.iter().filter(|entry| !other.contains(entry)).map(|entry| shown(Some(entry))).collect()
            };
            let (gone, new) = (not_in(before, after), not_in(after, before));
            match (gone.is_empty(), new.is_empty()) {
                (true, true) => {
                    let moved = moves(before, after, |entry| shown(Some(entry)));
                    format!("{attribute} stand in another order: {}", some_of(&moved))
                }
                (true, false) => format!("{attribute} has {} that was not there", some_of(&new)),
                (false, true) => format!("{attribute} lost {}", some_of(&gone)),
                (false, false) => format!("{attribute} lost {}, has {}", some_of(&gone), some_of(&new)),
            }
        }
        (Some(Value::String(before)), Some(Value::String(after))) => {
            let (was, is) = where_they_differ(before, after);
            format!("{attribute} was {was}, is {is}")
        }
        _ => format!("{attribute} was {}, is {}", cut(&was), cut(&is)),
    }
}

fn is_short(text: &str) -> bool {
    text.chars().nth(SHORT).is_none() && !text.contains('\n')
}

fn some_of(entries: &[String]) -> String {
    let shown = entries.iter().take(ENTRIES).map(|entry| cut(entry)).collect::<Vec<_>>().join(", ");
    match entries.len().checked_sub(ENTRIES) {
        Some(more) if more > 0 => format!("{shown} and {more} more"),
        _ => shown,
    }
}

/// A value as a person writes it.
fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "not set".to_owned(),
        Some(Value::String(text)) if text.is_empty() => "empty".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(true)) => "yes".to_owned(),
        Some(Value::Bool(false)) => "no".to_owned(),
        Some(Value::Array(items)) => {
            let items: Vec<String> = items.iter().map(|item| shown(Some(item))).collect();
            format!("({})", items.join(", "))
        }
        Some(Value::Object(fields)) => {
            let fields = fields.iter().filter(|(_, value)| !value.is_null() && **value != Value::Bool(false));
            let fields: Vec<String> = fields
                .map(|(name, value)| match value {
                    Value::Bool(true) => name.replace('_', " "),
                    value => format!("{} {}", name.replace('_', " "), shown(Some(value))),
                })
                .collect();
            fields.join(" ")
        }
        Some(other) => other.to_string(),
    }
}

/// A text on one line, cut where it gets long. The comparison saw all of it.
fn cut(text: &str) -> String {
    let line = one_line(text);
    match line.char_indices().nth(2 * DIFFERING) {
        Some((end, _)) => format!("{} ...", &line[..end]),
        None => line,
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Two long texts, each from shortly before the first to shortly behind the last character that differs.
fn where_they_differ(before: &str, after: &str) -> (String, String) {
    let (was, is): (Vec<char>, Vec<char>) = (one_line(before).chars().collect(), one_line(after).chars().collect());
    if was == is {
        // White space is all that differs, and the texts as they are show where.
        return (format!("{before:?}"), format!("{after:?}"));
    }
    let head = was.iter().zip(&is).take_while(|(was, is)| was == is).count();
    let shorter = was.len().min(is.len()) - head;
    let tail = was.iter().rev().zip(is.iter().rev()).take(shorter).take_while(|(was, is)| was == is).count();
    let part = |text: &[char]| {
        let from = head.saturating_sub(CONTEXT);
        let to = (text.len() - tail + CONTEXT).min(text.len());
        let to = to.min(head + CONTEXT + DIFFERING);
        let text_part: String = text[from..to].iter().collect();
        let (before, behind) = (if from > 0 { "..." } else { "" }, if to < text.len() { "..." } else { "" });
        if text.is_empty() { "empty".to_owned() } else { format!("{before}{}{behind}", text_part.trim()) }
    };
    (part(&was), part(&is))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::Class;

    fn sentence(attribute: &str, before: &Value, after: &Value) -> String {
        let id = ObjectId::new("table", &["public", "t"]);
        let value = |value: &Value| (!value.is_null()).then(|| value.clone());
        let kind = ChangeKind::Altered { attribute: attribute.into(), before: value(before), after: value(after) };
        Change::new(id, Class::Structure, kind).to_string()
    }

    #[test]
    fn values_are_told_as_far_as_they_differ() {
        let acl = |more: &[&str]| {
            let entries: Vec<String> =
                (1..=5).map(|n| format!("role_{n}=arwdDxt/owner")).chain(more.iter().map(|&m| m.to_owned())).collect();
            json!(entries)
        };
        let text = |word: &str| {
            json!(format!("SELECT {}{word} FROM books WHERE {}", "title, ".repeat(20), "a = b AND ".repeat(20)))
        };
        let cases = [
            (json!("integer"), json!("bigint"), "x was integer, is bigint".to_owned()),
            (json!(null), json!(0), "x was not set, is 0".to_owned()),
            (json!(""), json!(true), "x was empty, is yes".to_owned()),
            (json!(["a"]), json!(["b"]), "x was (a), is (b)".to_owned()),
            (acl(&[]), acl(&["bob=r/owner"]), "x has bob=r/owner that was not there".to_owned()),
            (acl(&["bob=r/owner"]), acl(&[]), "x lost bob=r/owner".to_owned()),
            (json!({"a": 1, "b": 2}), json!({"a": 1, "b": 3, "c": 4}), "x: b was 2, is 3, c was not set, is 4".to_owned()),
            (
                text("price"),
                text("cost"),
                "x was ...e, title, title, title, price FROM books WHERE a = b..., is ...e, title, title, title, cost FROM books WHERE a = b...".to_owned(),
            ),
        ];
        for (before, after, expected) in cases {
            assert_eq!(sentence("x", &before, &after), format!("table public.t: {expected}"));
        }
    }

    #[test]
    fn long_texts_of_which_one_continues_the_other_or_of_many_bytes_a_character_are_cut_safely() {
        let long = "ä".repeat(300);
        let told = sentence("definition", &json!(long), &json!(format!("{long}é")));
        assert!(told.len() < 700 && told.contains("é"), "{told}");
        let spaces = sentence("definition", &json!(format!("{long} b")), &json!(format!("{long}  b")));
        assert!(spaces.contains("  b"), "{spaces}");
    }

    #[test]
    fn a_move_to_another_schema_is_told_in_full() {
        let renamed = |from: &[&str], to: &[&str]| {
            let kind = ChangeKind::Renamed { from: ObjectId::new("table", from) };
            Change::new(ObjectId::new("table", to), Class::Structure, kind).to_string()
        };
        assert_eq!(renamed(&["a", "t"], &["a", "u"]), "table a.t is called u now");
        assert_eq!(renamed(&["a", "t"], &["b", "t"]), "table a.t is called b.t now");
    }
}
