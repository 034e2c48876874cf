//! The difference of two schemas as `rollproof diff` prints it: the JSON form, and what stands around the differences in text.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::diff_text::diff_text;
use super::plain_text::{counted, one_clean_line};
use super::schema_form::SCHEMA_FORM;
use crate::history::EngineKind;
use crate::schema::{Change, ChangeKind, Class, Diff, Told};

/// The difference of two schemas.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DiffReport {
    /// The version of this form.
    pub version: u32,
    /// The one before.
    pub from: SideReport,
    /// The one after.
    pub to: SideReport,
    /// The gravest class among the differences that are shown; `exact` when there is none.
    pub class: Class,
    /// The differences, the gravest first.
    pub changes: Vec<ChangeReport>,
    /// How many differences are not shown, because their class was to be ignored; as the text counts them.
    pub hidden: usize,
    /// What could not be read on one of the sides, so that nothing is said of it.
    pub cannot_tell: Vec<String>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// One of the two schemas.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SideReport {
    /// What was asked for, without a password.
    pub what: String,
    /// The product.
    pub engine: EngineKind,
    /// The version of the server that it was read from.
    pub server_version: Option<String>,
}

/// One difference.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ChangeReport {
    /// The object, as text: `table public.books column title`. By its later name, unless it was removed.
    pub object: String,
    /// What the object is.
    pub kind: String,
    /// Its qualified name, outermost part first.
    pub path: Vec<String>,
    /// What happened to it.
    pub change: ChangeWord,
    /// The object's earlier name, where it was renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Which of its attributes differs, where it was altered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// The value before; absent where it was the product's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// The value after; absent where it is the product's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// The object whose own change brought this one along, where one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows: Option<String>,
    /// How grave it is.
    pub class: Class,
    /// The difference as a sentence.
    pub text: String,
}

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChangeWord {
    /// It is only in the later schema.
    Added,
    /// It is only in the earlier schema.
    Removed,
    /// It has another name.
    Renamed,
    /// One of its attributes differs.
    Altered,
}

impl DiffReport {
    /// The form of a difference.
    pub fn new(from: SideReport, to: SideReport, diff: &Diff) -> Self {
        Self {
            version: SCHEMA_FORM,
            from,
            to,
            class: diff.class(),
            changes: diff.changes.iter().map(ChangeReport::new).collect(),
            hidden: 0,
            cannot_tell: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The text for people: the differences, which are those of this report, with what is compared above and a summary
    /// below.
    pub fn page(&self, diff: &Diff) -> String {
        let differences = diff_text(diff);
        let side = |side: &SideReport| {
            let version = side.server_version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
            format!("{} ({}{version})", one_clean_line(&side.what), side.engine.title())
        };
        let mut text = format!("from {}\nto   {}\n", side(&self.from), side(&self.to));
        if !differences.is_empty() {
            text.push_str(&format!("\n{}\n", differences.trim_end()));
        }
        text.push('\n');
        for line in &self.cannot_tell {
            text.push_str(&format!("cannot tell: {}\n", one_clean_line(line)));
        }
        for note in &self.notes {
            text.push_str(&format!("note: {}\n", one_clean_line(note)));
        }
        text.push_str(&self.summary(&diff.told()));
        text
    }

    /// Counts as a person does: what follows from another difference is not one more.
    fn summary(&self, told: &[Told]) -> String {
        let mut classes: Vec<(Class, usize)> = Vec::new();
        for one in told {
            match classes.iter_mut().find(|(class, _)| *class == one.class) {
                Some((_, count)) => *count += 1,
                None => classes.push((one.class, 1)),
            }
        }
        classes.sort_by_key(|(class, _)| std::cmp::Reverse(*class));
        let classes: Vec<String> = classes.iter().map(|(class, count)| format!("{count} {class}")).collect();
        let hidden = if self.hidden > 0 { format!("; {} hidden by --ignore", self.hidden) } else { String::new() };
        match told.len() {
            0 if self.cannot_tell.is_empty() => format!("the same{hidden}\n"),
            0 => format!("no difference in what could be read{hidden}\n"),
            count => format!("they differ: {} ({}){hidden}\n", counted(count, "difference"), classes.join(", ")),
        }
    }
}

impl ChangeReport {
    fn new(change: &Change) -> Self {
        let (word, from, attribute, before, after) = match &change.kind {
            ChangeKind::Added(_) => (ChangeWord::Added, None, None, None, None),
            ChangeKind::Removed(_) => (ChangeWord::Removed, None, None, None, None),
            ChangeKind::Renamed { from } => (ChangeWord::Renamed, Some(from.to_string()), None, None, None),
            ChangeKind::Altered { attribute, before, after } => {
                (ChangeWord::Altered, None, Some(attribute.to_string()), before.clone(), after.clone())
            }
        };
        Self {
            object: change.object.to_string(),
            kind: change.object.kind.to_string(),
            path: change.object.path.iter().map(ToString::to_string).collect(),
            change: word,
            from,
            attribute,
            before,
            after,
            follows: change.follows.as_ref().map(ToString::to_string),
            class: change.class,
            text: change.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::keep;
    use super::super::json::schema_of;

    use super::*;
    use crate::schema::{Attributes, Object, ObjectId};

    fn side(what: &str) -> SideReport {
        SideReport { what: what.to_owned(), engine: EngineKind::Sqlite, server_version: Some("3.51".to_owned()) }
    }

    #[test]
    fn the_page_counts_by_class() {
        let added = || ChangeKind::Added(std::sync::Arc::new(Object { identity: None, attributes: Attributes::new() }));
        let change = |class, name: &str| Change::new(ObjectId::new("table", &[name]), class, added());
        let changes = vec![change(Class::Structure, "a"), change(Class::Structure, "b"), change(Class::Comment, "c")];
        let diff = Diff { changes };
        let mut report = DiffReport::new(side("@head"), side("x.db"), &diff);
        report.hidden = 2;
        report.notes.push("mind".to_owned());
        let page = report.page(&diff);
        let (head, rest) = page.split_at(page.find("\n\n").unwrap());
        assert_eq!(head, "from @head (SQLite 3.51)\nto   x.db (SQLite 3.51)");
        assert!(rest.starts_with("\n\nstructure\n  + table a"), "{page}");
        let end = "\n\nnote: mind\nthey differ: 3 differences (2 structure, 1 comment); 2 hidden by --ignore\n";
        assert!(rest.ends_with(end), "{page}");
        let same = DiffReport::new(side("@head"), side("x.db"), &Diff::default());
        assert!(same.page(&Diff::default()).ends_with("\n\nthe same\n"));
    }

    #[test]
    fn the_schema_at_the_top_level_is_that_of_the_types() {
        keep("diff.schema.json", &schema_of::<DiffReport>());
    }
}
