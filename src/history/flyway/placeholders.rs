//! What Flyway puts in for `${name}`, before it looks at a script's statements.
//!
//! The facts are those of Flyway 12 (`internal/parser/PlaceholderReplacingReader.java`, `ParsingContext.java`): it replaces
//! everywhere, in comments and texts too; names are not told apart by case; a name without a value stops it. Of the names that
//! it defines itself, those are known here whose value does not come from the server or the machine.

use std::collections::BTreeMap;

use super::settings::Settings;
use crate::history::{EngineKind, Entry, HistoryError};

/// What the tool does, where it needs not ask a server.
pub(super) struct Placeholders<'a> {
    settings: &'a Settings,
    own: BTreeMap<String, String>,
}

/// What stands for the time of the run, so that the same file is the same text each time.
const TIMESTAMP: &str = "2000-01-01 00:00:00";

impl<'a> Placeholders<'a> {
    /// Those of the configuration; what rollproof.yml says goes before what the tool's own file says.
    pub(super) fn new(settings: &'a Settings, given: &BTreeMap<String, String>, engine: EngineKind) -> Self {
        let schema = settings.schema.clone().or_else(|| match engine {
            EngineKind::Postgres => Some("public".to_owned()),
            EngineKind::Sqlite => Some("main".to_owned()),
            // It is the name of the database, which is another one each time.
            EngineKind::Mysql | EngineKind::Mariadb => None,
        });
        let default = |name: &str| format!("flyway{}{name}", settings.placeholder_separator).to_lowercase();
        let mut own: BTreeMap<String, String> = settings.placeholders.clone();
        own.extend(schema.map(|schema| (default("defaultSchema"), schema)));
        own.insert(default("timestamp"), TIMESTAMP.to_owned());
        own.insert(default("table"), settings.table.clone());
        own.insert(default("environment"), "default".to_owned());
        own.extend(given.iter().map(|(name, value)| (name.to_lowercase(), value.clone())));
        Self { settings, own }
    }

    /// The text of a file with everything put in.
    ///
    /// # Errors
    /// A name that has no value, as the tool says it.
    pub(super) fn fill(&self, entry: &Entry, text: &str) -> Result<String, HistoryError> {
        let (prefix, suffix) = (&self.settings.placeholder_prefix, &self.settings.placeholder_suffix);
        let filename = format!("flyway{}filename", self.settings.placeholder_separator);
        let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
        while let Some((before, behind)) = rest.split_once(prefix.as_str()) {
            filled.push_str(before);
            let (name, after) = behind.split_once(suffix.as_str()).unwrap_or((behind, ""));
            match self.own.get(&name.to_lowercase()) {
                Some(value) => filled.push_str(value),
                None if name == filename => filled.push_str(&entry.name),
                None => {
                    let line = 1 + text[..text.len() - behind.len()].matches('\n').count();
                    let name: String = name.chars().take_while(|c| *c != '\n').take(60).collect();
                    return Err(HistoryError::NoValue {
                        path: entry.shown.clone(),
                        line,
                        name,
                        source_of_values: "flyway has from its command line, its environment or flyway.toml",
                    });
                }
            }
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use crate::history::sandbox::Sandbox;

    use super::*;

    fn filled(text: &str, settings: &Settings, engine: EngineKind) -> Result<String, String> {
        let listing = Sandbox::with(&["V1__a.sql"]).listing();
        let given = BTreeMap::from([("owner".to_owned(), "me".to_owned())]);
        let placeholders = Placeholders::new(settings, &given, engine);
        placeholders.fill(&listing.entries[0], text).map_err(|error| error.to_string())
    }

    #[test]
    fn names_have_values() {
        let settings =
            Settings { placeholders: BTreeMap::from([("x".to_owned(), "1".to_owned())]), ..Settings::default() };
        let text =
            "-- ${X}\nSELECT '${Owner}', '${flyway:defaultSchema}', '${flyway:filename}', '${flyway:table}', $1;";
        assert_eq!(
            filled(text, &settings, EngineKind::Postgres).unwrap(),
            "-- 1\nSELECT 'me', 'public', 'V1__a.sql', 'flyway_schema_history', $1;"
        );
        let settings =
            Settings { placeholder_prefix: "__".to_owned(), placeholder_suffix: "__".to_owned(), ..settings };
        assert_eq!(filled("__x__ ${y}", &settings, EngineKind::Sqlite).unwrap(), "1 ${y}");
    }

    #[test]
    fn a_name_without_a_value_stops_the_tool() {
        let error = filled("a\n${who} b", &Settings::default(), EngineKind::Postgres).unwrap_err();
        assert!(error.starts_with("migrations/V1__a.sql:2 uses the variable `who`, which flyway has from"), "{error}");
        let error = filled("${flyway:defaultSchema}", &Settings::default(), EngineKind::Mysql).unwrap_err();
        assert!(error.contains(":1 uses the variable `flyway:defaultSchema`"), "{error}");
    }
}
