//! The report as JSON, and the schema of that form.

use schemars::generate::SchemaSettings;

use super::Report;

/// The report as indented JSON, closed by a line end. Keys stand in the order of the types.
pub fn to_json(report: &Report) -> String {
    lines(report)
}

/// The JSON Schema (draft 2020-12) of [`to_json`]'s form, as report.schema.json holds it.
pub fn json_schema() -> String {
    schema_of::<Report>()
}

/// The same of another type.
pub(super) fn schema_of<T: schemars::JsonSchema>() -> String {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    lines(&settings.into_generator().into_root_schema_for::<T>())
}

fn lines(value: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("strings, numbers and lists can always be written");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::fixture::{fixture, golden, keep};
    use super::*;

    #[test]
    fn the_schema_at_the_top_level_is_that_of_the_types() {
        keep("report.schema.json", &json_schema());
    }

    #[test]
    fn the_form_is_the_contracts() {
        golden("report.json", &to_json(&fixture()));
    }

    /// The order of the contract's example.
    #[test]
    fn keys_stand_in_the_order_of_the_contract() {
        let text = to_json(&fixture());
        let mut from = 0;
        for key in [
            "version",
            "tool",
            "outcome",
            "databases",
            "name",
            "engine",
            "server_version",
            "provision",
            "image",
            "image_digest",
            "format",
            "migrations",
            "steps",
            "migration",
            "phase",
            "outcome",
            "class",
            "millis",
            "file",
            "line",
            "error",
            "descent",
            "reached",
            "of",
            "stopped_at",
            "findings",
            "rule",
            "level",
            "phase",
            "migration",
            "object",
            "file",
            "line",
            "message",
            "help",
            "policy",
            "suppressed",
            "inherited",
            "errors",
            "totals",
            "migrations",
            "steps",
            "failed",
            "errors",
            "warnings",
            "notes",
            "seconds",
        ] {
            let at = text[from..].find(&format!("\"{key}\":"));
            from += at.unwrap_or_else(|| panic!("{key} is missing behind {}", &text[..from]));
        }
    }

    #[test]
    fn every_key_of_the_form_is_in_the_schema() {
        let schema: Value = serde_json::from_str(&json_schema()).unwrap();
        let report: Value = serde_json::from_str(&to_json(&fixture())).unwrap();
        fits(&schema, &schema, &report, "report");
    }

    /// Checks the part of JSON Schema that the generator uses for these types: references, objects, arrays, unions.
    fn fits(root: &Value, schema: &Value, value: &Value, place: &str) {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let target = root.pointer(reference.trim_start_matches('#')).unwrap();
            return fits(root, target, value, place);
        }
        if let Some(Value::Array(any)) = schema.get("anyOf") {
            let other = any.iter().find(|part| part.get("type") != Some(&"null".into())).unwrap();
            if !value.is_null() {
                fits(root, other, value, place);
            }
            return;
        }
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    let property = &schema["properties"][key];
                    assert!(property.is_object(), "{place}.{key} is not in the schema");
                    fits(root, property, value, &format!("{place}.{key}"));
                }
                for key in schema["required"].as_array().unwrap() {
                    assert!(map.contains_key(key.as_str().unwrap()), "{place} lacks {key}");
                }
            }
            Value::Array(items) => {
                items.iter().for_each(|item| fits(root, &schema["items"], item, place));
            }
            Value::Null => assert!(schema["type"].as_array().unwrap().contains(&"null".into()), "{place}"),
            Value::String(_) | Value::Number(_) | Value::Bool(_) => {}
        }
    }
}
