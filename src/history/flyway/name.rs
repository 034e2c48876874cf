//! The names of Flyway's files.
//!
//! The facts are those of Flyway 12 (`internal/resource/ResourceNameParser.java`, `api/MigrationVersion.java`,
//! `api/callback/Event.java`).

use std::fmt;

use super::settings::Settings;

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `V1__a.sql`
    Versioned(Version),
    /// `U1__a.sql`
    Undo(Version),
    /// `B1__a.sql`
    Baseline(Version),
    /// `R__a.sql`
    Repeatable,
    /// `beforeMigrate__a.sql`: the event.
    Callback(&'static str),
}

/// A name that the tool knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) kind: Kind,
    /// With blanks for `_`, by which repeatable migrations are ordered.
    pub(super) description: String,
    /// The file's name without its suffix.
    pub(super) stem: String,
}

/// A version: numbers of any size, compared part by part; a part that is not there counts as zero.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(Vec<Number>);

/// A whole number of any size: of two without zeros in front the one with more digits is the larger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Number(usize, String);

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        for part in text.replace('_', ".").split('.') {
            if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            let digits = part.trim_start_matches('0');
            parts.push(Number(digits.len(), digits.to_owned()));
        }
        while parts.len() > 1 && parts.last().is_some_and(|last| last.0 == 0) {
            parts.pop();
        }
        Some(Self(parts))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<&str> = self.0.iter().map(|part| if part.0 == 0 { "0" } else { &part.1 }).collect();
        f.write_str(&parts.join("."))
    }
}

/// The events at which the tool runs a script while it migrates or undoes.
const RUN: [&str; 19] = [
    "beforeMigrate",
    "beforeEachMigrate",
    "beforeEachMigrateStatement",
    "afterEachMigrateStatement",
    "afterEachMigrate",
    "beforeRepeatables",
    "afterVersioned",
    "afterMigrateApplied",
    "afterMigrate",
    "afterMigrateOperationFinish",
    "beforeUndo",
    "beforeEachUndo",
    "beforeEachUndoStatement",
    "afterEachUndoStatement",
    "afterEachUndo",
    "afterUndo",
    "createSchema",
    "beforeCreateSchema",
    "afterConnect",
];

/// Other events: of other commands, or of a failure.
const OTHERS: [&str; 20] = [
    "beforeConnect",
    "beforeClean",
    "afterClean",
    "afterCleanError",
    "beforeValidate",
    "afterValidate",
    "afterValidateError",
    "beforeBaseline",
    "afterBaseline",
    "afterBaselineError",
    "beforeRepair",
    "afterRepair",
    "afterRepairError",
    "beforeInfo",
    "afterInfo",
    "afterInfoError",
    "afterMigrateError",
    "afterEachMigrateError",
    "afterUndoError",
    "afterEachUndoError",
];

/// Whether the tool runs a script of this event while it migrates or undoes.
pub(super) fn is_run(event: &str) -> bool {
    RUN.contains(&event)
}

/// What the name of a file says; else why the tool does not take it.
pub(super) fn parse(file: &str, settings: &Settings) -> Result<Name, String> {
    let suffix = settings.suffixes.iter().find(|suffix| file.ends_with(suffix.as_str()));
    let stem = suffix.and_then(|suffix| file.strip_suffix(suffix.as_str()));
    let Some(stem) = stem else { return Err(format!("its name does not end in {}", settings.suffixes.join(" or "))) };
    parse_stem(stem, settings)
}

/// The same without the suffix.
pub(super) fn parse_stem(stem: &str, settings: &Settings) -> Result<Name, String> {
    let own = [&settings.versioned, &settings.undo, &settings.baseline, &settings.repeatable];
    let events = RUN.iter().chain(&OTHERS);
    let prefixes = own.into_iter().map(String::as_str).chain(events.copied());
    // The longest prefix that fits counts.
    let prefix = prefixes.filter(|prefix| stem.starts_with(prefix)).max_by_key(|prefix| prefix.len());
    let Some(prefix) = prefix else {
        let (versioned, separator) = (&settings.versioned, &settings.separator);
        return Err(format!("its name is not of the form {versioned}<version>{separator}<description>"));
    };
    let rest = &stem[prefix.len()..];
    let (before, description) = rest.split_once(settings.separator.as_str()).unwrap_or((rest, ""));
    let name = |kind| Name { kind, description: description.replace('_', " "), stem: stem.to_owned() };
    let event = RUN.iter().chain(&OTHERS).find(|event| **event == prefix);
    if let Some(event) = event.copied().filter(|_| !own.iter().any(|own| *own == prefix)) {
        return if before.is_empty() {
            Ok(name(Kind::Callback(event)))
        } else {
            Err(format!("something stands between `{prefix}` and `{}`", settings.separator))
        };
    }
    if prefix == settings.repeatable {
        return if before.is_empty() {
            Ok(name(Kind::Repeatable))
        } else {
            Err(format!("a repeatable migration has no version: `{before}`"))
        };
    }
    let Some(version) = Version::parse(before) else {
        return Err(if before.is_empty() {
            "its name has no version".to_owned()
        } else {
            format!("`{before}` in its name is no version")
        });
    };
    Ok(name(if prefix == settings.versioned {
        Kind::Versioned(version)
    } else if prefix == settings.undo {
        Kind::Undo(version)
    } else {
        Kind::Baseline(version)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(file: &str) -> String {
        match parse(file, &Settings::default()) {
            Ok(Name { kind, description, .. }) => {
                format!("{kind:?} {description}").replace("Version([", "[").replace("])", "]").replace("Number", "")
            }
            Err(reason) => reason,
        }
    }

    #[test]
    fn versions_compare_as_numbers_part_by_part() {
        let version = |text| Version::parse(text).unwrap();
        for (smaller, larger) in [
            ("1", "2"),
            ("9", "10"),
            ("1.9", "1.10"),
            ("1", "1.0.1"),
            ("99999999999999999999998", "99999999999999999999999"),
            ("20240101", "20240101.1"),
        ] {
            assert!(version(smaller) < version(larger), "{smaller} {larger}");
        }
        for (one, other) in [("1", "1.0"), ("01", "1"), ("1_2", "1.2"), ("0", "0.0"), ("1.0.0", "001")] {
            assert_eq!(version(one), version(other));
            assert_eq!(version(one).to_string(), version(other).to_string());
        }
        assert_eq!(version("2_05.0").to_string(), "2.5");
        for text in ["", "1.", ".1", "1..2", "a", "1a", "-1"] {
            assert!(Version::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn names_tell_what_a_file_is() {
        for (file, expected) in [
            ("V1__a_b.sql", "Versioned([(1, \"1\")]) a b"),
            ("V1.2__a.sql", "Versioned([(1, \"1\"), (1, \"2\")]) a"),
            ("V1.sql", "Versioned([(1, \"1\")]) "),
            ("U2__a.sql", "Undo([(1, \"2\")]) a"),
            ("B3__a.sql", "Baseline([(1, \"3\")]) a"),
            ("R__all_views.sql", "Repeatable all views"),
            ("beforeMigrate.sql", "Callback(\"beforeMigrate\") "),
            ("afterEachMigrate__grants.sql", "Callback(\"afterEachMigrate\") grants"),
            ("V__a.sql", "its name has no version"),
            ("Views.sql", "`iews` in its name is no version"),
            ("R1__a.sql", "a repeatable migration has no version: `1`"),
            ("1__a.sql", "its name is not of the form V<version>__<description>"),
            ("V1__a.SQL", "its name does not end in .sql"),
            ("afterMigrateX__a.sql", "something stands between `afterMigrate` and `__`"),
        ] {
            assert_eq!(told(file), expected, "{file}");
        }
    }
}
