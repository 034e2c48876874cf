//! A schema as `rollproof schema` prints it for programs and for keeping: the JSON form, and back.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::history::EngineKind;
use crate::schema::{Attributes, Object, ObjectId, Snapshot};

/// The version of both forms; grows only when something that stands in them changes its meaning.
pub const SCHEMA_FORM: u32 = 1;

/// A schema.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SchemaReport {
    /// The version of this form.
    pub version: u32,
    /// The product.
    pub engine: EngineKind,
    /// The version of the server that it was read from: `15.18`.
    pub server_version: Option<String>,
    /// Every object, ordered by kind and path.
    pub objects: Vec<ObjectReport>,
    /// What could not be read.
    #[serde(default)]
    pub cannot_tell: Vec<String>,
    /// What a reader should know.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// An object of a schema.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectReport {
    /// What it is: `table`. A kind with a space is a part: `table column`.
    pub kind: String,
    /// Its qualified name, outermost part first.
    pub path: Vec<String>,
    /// Everything that is compared. What is absent is the product's default.
    pub attributes: BTreeMap<String, Value>,
}

impl SchemaReport {
    /// The form of a snapshot.
    pub fn new(engine: EngineKind, server_version: Option<String>, snapshot: &Snapshot) -> Self {
        let objects = snapshot.iter().map(|(id, object)| ObjectReport {
            kind: id.kind.to_string(),
            path: id.path.iter().map(ToString::to_string).collect(),
            attributes: object.attributes.iter().map(|(name, value)| (name.to_string(), sorted(value))).collect(),
        });
        let objects = objects.collect();
        Self { version: SCHEMA_FORM, engine, server_version, objects, cannot_tell: Vec::new(), notes: Vec::new() }
    }

    /// The snapshot that it is the form of.
    pub fn snapshot(&self) -> Snapshot {
        let object = |object: &ObjectReport| {
            let path: Vec<&str> = object.path.iter().map(String::as_str).collect();
            let attributes: Attributes =
                object.attributes.iter().map(|(name, value)| (Arc::from(name.as_str()), value.clone())).collect();
            (ObjectId::new(&object.kind, &path), Object { identity: None, attributes })
        };
        self.objects.iter().map(object).collect()
    }

    /// Reads JSON or YAML of this form.
    ///
    /// # Errors
    /// When it is something else, or of a later version; as a predicate.
    pub fn read(text: &str, yaml: bool) -> Result<Self, String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let read: Result<Self, String> = if yaml {
            serde_yaml::from_str(text).map_err(|error| error.to_string())
        } else {
            serde_json::from_str(text).map_err(|error| error.to_string())
        };
        let form = if yaml { "yaml" } else { "json" };
        match read {
            Ok(report) if report.version != SCHEMA_FORM => Err(format!(
                "is a schema of form {}, and this version reads form {SCHEMA_FORM}; print it again",
                report.version
            )),
            Ok(report) => Ok(report),
            Err(error) => Err(format!("is no schema as `rollproof schema --format {form}` prints it: {error}")),
        }
    }
}

/// The value with the keys of its objects in order, so that a kept schema differs only where something does.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let ordered: BTreeMap<&String, Value> = map.iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(ordered.into_iter().map(|(key, value)| (key.clone(), value)).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::keep;
    use super::super::json::schema_of;
    use super::*;

    fn snapshot() -> Snapshot {
        let attributes = |value: Value| -> Attributes {
            let Value::Object(map) = value else { panic!("an object") };
            map.into_iter().map(|(name, value)| (Arc::from(name.as_str()), value)).collect()
        };
        let object = |value| Object { identity: Some("1".into()), attributes: attributes(value) };
        [
            (
                ObjectId::new("table", &["public", "b.c"]),
                object(json!({"owner": "a", "settings": {"z": 1, "a": [{"y": 1, "x": 2}]}})),
            ),
            (ObjectId::new("table column", &["public", "b.c", "id"]), object(json!({"type": "integer"}))),
        ]
        .into_iter()
        .collect()
    }

    #[test]
    fn a_schema_survives_being_kept() {
        let report = SchemaReport::new(EngineKind::Postgres, Some("15.18".to_owned()), &snapshot());
        for yaml in [false, true] {
            let text =
                if yaml { serde_yaml::to_string(&report).unwrap() } else { serde_json::to_string(&report).unwrap() };
            let back = SchemaReport::read(&text, yaml).unwrap();
            assert_eq!(back, report);
            assert_eq!(back.snapshot(), snapshot());
        }
        let text = serde_json::to_string(&report).unwrap();
        assert!(text.contains(r#"{"a":[{"x":2,"y":1}],"z":1}"#), "{text}");
    }

    #[test]
    fn other_files_are_told() {
        assert!(
            SchemaReport::read("{}", false).unwrap_err().contains("is no schema as `rollproof schema --format json`")
        );
        let later = r#"{"version": 2, "engine": "sqlite", "server_version": null, "objects": []}"#;
        assert!(SchemaReport::read(later, false).unwrap_err().contains("of form 2, and this version reads form 1"));
    }

    #[test]
    fn the_schema_at_the_top_level_is_that_of_the_types() {
        keep("schema.schema.json", &schema_of::<SchemaReport>());
    }
}
