//! What a case expects of a run, and what a run came to in the same words.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::run::Ran;

/// A run as `expected.yml` tells it. Every list is complete.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    /// The exit code.
    pub(crate) exit: i32,
    /// `passed`, `failed` or `error`; `none` where the run ended before there was anything to report.
    pub(crate) outcome: String,
    /// What standard error has to contain where there is no report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) prints: Vec<String>,
    /// What kept the run from reaching a database, one part of each message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) errors: Vec<String>,
    /// The databases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) databases: Vec<Database>,
}

/// One database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Database {
    /// Its name; left out where there is one only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// The ids of the steps that ran up, in order.
    #[serde(default)]
    pub(crate) applied: usize,
    /// The findings.
    #[serde(default)]
    pub(crate) findings: Vec<Finding>,
    /// The steps that failed: `down 002_titles: server 42P01 at 3`, the last being the line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) failed: Vec<String>,
    /// The downs and redos that left a difference: `down 002_titles: structure`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) inexact: Vec<String>,
    /// The steps that were not run: `redo 002_titles: its down did not pass`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) skipped: Vec<String>,
    /// `2 of 3, stopped at 001_books`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) descent: Option<String>,
    /// What kept a part from being checked, one part of each message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) errors: Vec<String>,
    /// What a reader should know, one part of each message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<String>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Finding {
    pub(crate) rule: String,
    pub(crate) level: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) migration: Option<String>,
    /// `file:line`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) object: Option<String>,
    /// Whether the base has it too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) inherited: bool,
    /// Parts of its message and its details.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) says: Vec<String>,
}

/// A run in these words, with every message whole.
pub(crate) fn actual(ran: &Ran) -> Expected {
    let exit = ran.code.unwrap_or(-1);
    let Some(report) = ran.report() else {
        return Expected {
            exit,
            outcome: "none".to_owned(),
            prints: vec![ran.stderr.clone()],
            errors: Vec::new(),
            databases: Vec::new(),
        };
    };
    let databases = list(&report["databases"]);
    let only = databases.len() == 1;
    Expected {
        exit,
        outcome: text(&report["outcome"]),
        prints: Vec::new(),
        errors: messages(&report["errors"]),
        databases: databases.iter().map(|database| of_database(database, only)).collect(),
    }
}

fn of_database(database: &Value, only: bool) -> Database {
    let steps = list(&database["steps"]);
    let told = |outcome: &str, tell: &dyn Fn(&Value) -> String| -> Vec<String> {
        let those = steps.iter().filter(|step| text(&step["outcome"]) == outcome);
        those.map(|step| format!("{} {}: {}", text(&step["phase"]), text(&step["migration"]), tell(step))).collect()
    };
    let inexact = |step: &&Value| !step["class"].is_null() && text(&step["class"]) != "exact";
    let inexact = steps.iter().filter(inexact);
    let descent = &database["descent"];
    let stopped = || match &descent["stopped_at"] {
        Value::Null => String::new(),
        at => format!(", stopped at {}", text(at)),
    };
    Database {
        name: (!only).then(|| text(&database["name"])),
        applied: steps.iter().filter(|step| text(&step["phase"]) == "up" && text(&step["outcome"]) == "passed").count(),
        findings: list(&database["findings"]).iter().map(of_finding).collect(),
        failed: told("failed", &|step| {
            let error = &step["error"];
            let code = error["code"].as_str().map(|code| format!(" {code}")).unwrap_or_default();
            format!("{}{code} at {}", text(&error["kind"]), step["line"])
        }),
        inexact: inexact
            .map(|step| format!("{} {}: {}", text(&step["phase"]), text(&step["migration"]), text(&step["class"])))
            .collect(),
        skipped: told("skipped", &|step| text(&step["skipped"])),
        descent: (!descent.is_null()).then(|| format!("{} of {}{}", descent["reached"], descent["of"], stopped())),
        errors: messages(&database["errors"]),
        notes: list(&database["notes"]).iter().map(text).collect(),
    }
}

fn of_finding(finding: &Value) -> Finding {
    let optional = |key: &str| finding[key].as_str().map(str::to_owned);
    let line = |file: String| match finding["line"].as_u64() {
        Some(line) => format!("{file}:{line}"),
        None => file,
    };
    let details = list(&finding["details"]).iter().map(text);
    Finding {
        rule: text(&finding["rule"]),
        level: text(&finding["level"]),
        migration: optional("migration"),
        at: optional("file").map(line),
        object: optional("object"),
        inherited: finding["inherited"] == true,
        says: std::iter::once(text(&finding["message"])).chain(details).collect(),
    }
}

/// Whether a run is what was expected, and if not, both in the same words. Of messages the expectation holds parts.
pub(crate) fn compare(expected: &Expected, actual: &Expected) -> Result<(), String> {
    let shown = softened(expected, actual);
    if *expected == shown {
        return Ok(());
    }
    let yaml = |run: &Expected| serde_yaml::to_string(run).expect("plain data");
    Err(format!("expected\n{}\nbut the run came to\n{}", yaml(expected), yaml(actual)))
}

/// The actual run with those messages put as the expectation puts them that contain what it says.
pub(crate) fn softened(expected: &Expected, actual: &Expected) -> Expected {
    let mut soft = actual.clone();
    soften(&expected.prints, &mut soft.prints);
    if soft.prints.len() == 1 && expected.prints.iter().all(|part| actual.prints[0].contains(part.as_str())) {
        soft.prints.clone_from(&expected.prints);
    }
    soften(&expected.errors, &mut soft.errors);
    for (expected, soft) in expected.databases.iter().zip(&mut soft.databases) {
        soften(&expected.errors, &mut soft.errors);
        soften(&expected.notes, &mut soft.notes);
        for finding in &mut soft.findings {
            let same = |other: &&Finding| {
                let key = |finding: &Finding| (finding.rule.clone(), finding.migration.clone(), finding.at.clone());
                key(other) == key(finding)
            };
            let says = expected.findings.iter().find(same).map(|other| other.says.clone()).unwrap_or_default();
            if says.iter().all(|part| finding.says.iter().any(|said| said.contains(part.as_str()))) {
                finding.says = says;
            }
        }
    }
    soft
}

/// Puts each message as the part of it that is expected at its place.
fn soften(expected: &[String], actual: &mut [String]) {
    for (part, message) in expected.iter().zip(actual) {
        if message.contains(part.as_str()) {
            message.clone_from(part);
        }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn messages(errors: &Value) -> Vec<String> {
    list(errors).iter().map(|error| text(&error["message"])).collect()
}
