//! Differences told as sentences.

use std::fmt;

use serde_json::Value;

use super::{Change, ChangeKind};

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let object = &self.object;
        match &self.kind {
            ChangeKind::Added => write!(f, "{object} is there and was not before"),
            ChangeKind::Removed => write!(f, "{object} is gone"),
            ChangeKind::Renamed { from } => write!(f, "{from} is called {} now", object.name()),
            ChangeKind::Altered { attribute, before, after } => {
                let attribute = attribute.replace('_', " ");
                write!(f, "{object}: {attribute} was {}, is {}", shown(before.as_ref()), shown(after.as_ref()))
            }
        }
    }
}

/// A value as a person writes it; long texts are cut in the middle of a report, not of a comparison.
fn shown(value: Option<&Value>) -> String {
    const LONGEST: usize = 160;
    let text = match value {
        None | Some(Value::Null) => return "not set".to_owned(),
        Some(Value::String(text)) if text.is_empty() => "empty".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => {
            let items: Vec<String> = items.iter().map(|item| shown(Some(item))).collect();
            format!("({})", items.join(", "))
        }
        Some(other) => other.to_string(),
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} ...", &text[..end]),
        None => text,
    }
}
