//! What a project's `flyway.toml` or `flyway.conf` says of how its migrations are read and run.
//!
//! Where both could say it, the nearest folder counts, and in it `flyway.toml`. What is given on a command line, in the
//! environment or to a plugin of Maven, Gradle or Spring Boot cannot be seen from here; for placeholders and locations
//! rollproof.yml has keys.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::evidence::{Nearby, NearbyFolder, flyway_properties};
use crate::history::HistoryError;

/// The settings that matter, with the tool's defaults (`Reference/Configuration/Flyway Namespace` of its manual).
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) versioned: String,
    pub(super) undo: String,
    pub(super) repeatable: String,
    pub(super) baseline: String,
    pub(super) separator: String,
    pub(super) suffixes: Vec<String>,
    /// By name in lower case: the tool does not tell `${Owner}` from `${owner}`.
    pub(super) placeholders: BTreeMap<String, String>,
    pub(super) replaces: bool,
    pub(super) placeholder_prefix: String,
    pub(super) placeholder_suffix: String,
    pub(super) placeholder_separator: String,
    pub(super) mixed: bool,
    pub(super) in_transaction: bool,
    /// Whether a `.sql` file with another name stops the tool.
    pub(super) validates_names: bool,
    pub(super) table: String,
    /// The schema that it creates, and puts first in the search path.
    pub(super) schema: Option<String>,
    pub(super) init_sql: Option<String>,
    /// The folders, from the one that the file is in.
    pub(super) locations: Vec<PathBuf>,
    /// Those of callbacks alone.
    pub(super) callback_locations: Vec<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            versioned: "V".to_owned(),
            undo: "U".to_owned(),
            repeatable: "R".to_owned(),
            baseline: "B".to_owned(),
            separator: "__".to_owned(),
            suffixes: vec![".sql".to_owned()],
            placeholders: BTreeMap::new(),
            replaces: true,
            placeholder_prefix: "${".to_owned(),
            placeholder_suffix: "}".to_owned(),
            placeholder_separator: ":".to_owned(),
            mixed: false,
            in_transaction: true,
            validates_names: false,
            table: "flyway_schema_history".to_owned(),
            schema: None,
            init_sql: None,
            locations: Vec::new(),
            callback_locations: Vec::new(),
        }
    }
}

/// The names of the files, the one that counts first.
const FILES: [&str; 2] = ["flyway.toml", "flyway.conf"];

/// Whether a folder holds one of the files.
pub(super) fn is_in(folder: &NearbyFolder) -> bool {
    file_in(folder).is_some()
}

/// The settings of the nearest file.
///
/// # Errors
/// The file is not what its name says.
pub(super) fn of(nearby: &Nearby) -> Result<Option<Settings>, HistoryError> {
    let found = nearby.folders.iter().find_map(|folder| Some((folder, file_in(folder)?)));
    let Some((folder, file)) = found else { return Ok(None) };
    let shown = folder.shown.join(&file);
    let text = std::fs::read_to_string(folder.path.join(&file))
        .map_err(|source| HistoryError::Unreadable { path: shown.clone(), source })?;
    let values = if file.ends_with(".toml") { of_toml(&text, &shown)? } else { of_properties(&text) };
    Ok(Some(settings(&values, &folder.path)))
}

/// The settings around a migrations folder, which is printed as `shown`: a copy of it that lies elsewhere has those of the
/// folder that it is a copy of.
///
/// # Errors
/// As [`of`].
pub(super) fn around(folder: &Path, shown: &Path) -> Result<Settings, HistoryError> {
    for place in [folder, shown] {
        if let Some(settings) = of(&Nearby::around(place, None))? {
            return Ok(settings);
        }
    }
    Ok(Settings::default())
}

fn file_in(folder: &NearbyFolder) -> Option<String> {
    let own = FILES.iter().find(|file| folder.has(file)).map(|file| (*file).to_owned());
    let in_conf = || FILES.iter().map(|file| format!("conf/{file}")).find(|file| folder.path.join(file).is_file());
    own.or_else(|| folder.has("conf").then(in_conf).flatten())
}

/// Every setting by its name below `flyway.`; several where it is a list.
type Values = BTreeMap<String, Vec<String>>;

fn of_toml(text: &str, shown: &Path) -> Result<Values, HistoryError> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        HistoryError::stops(shown, "flyway", format!("it is no TOML ({})", error.message()), "mend the file")
    })?;
    let mut values = Values::new();
    let flyway = table.get("flyway").and_then(toml::Value::as_table);
    for (key, value) in flyway.into_iter().flatten() {
        match value {
            toml::Value::Table(inner) => {
                values.extend(inner.iter().map(|(name, value)| (format!("{key}.{name}"), texts(value))));
            }
            value => {
                values.insert(key.clone(), texts(value));
            }
        }
    }
    let environment = values.get("environment").and_then(|names| names.first()).map_or("default", String::as_str);
    let of_environment = table.get("environments").and_then(|all| all.get(environment));
    for key in ["schemas", "initSql"] {
        if let Some(value) = of_environment.and_then(|environment| environment.get(key)) {
            values.entry(key.to_owned()).or_insert_with(|| texts(value));
        }
    }
    Ok(values)
}

fn texts(value: &toml::Value) -> Vec<String> {
    match value {
        toml::Value::Array(items) => items.iter().flat_map(texts).collect(),
        toml::Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

/// What a file of properties says; several of some are in one value.
fn of_properties(text: &str) -> Values {
    const LISTS: [&str; 4] = ["locations", "callbackLocations", "schemas", "sqlMigrationSuffixes"];
    let settings = flyway_properties(text).into_iter().map(|(key, value)| {
        let key = key.strip_prefix("flyway.").unwrap_or(&key).to_owned();
        let list = || value.split(',').map(|item| item.trim().to_owned()).collect();
        let values = if LISTS.contains(&key.as_str()) { list() } else { vec![value] };
        (key, values)
    });
    settings.collect()
}

/// The keys of a script's own `.conf`.
pub(super) fn of_script(text: &str) -> BTreeMap<String, String> {
    of_properties(text).into_iter().filter_map(|(key, values)| Some((key, values.into_iter().next()?))).collect()
}

fn settings(values: &Values, folder: &Path) -> Settings {
    let default = Settings::default();
    let one = |key: &str| values.get(key).and_then(|values| values.first()).cloned();
    let text = |key: &str, otherwise: &str| one(key).unwrap_or_else(|| otherwise.to_owned());
    let flag = |key: &str, otherwise: bool| one(key).map_or(otherwise, |value| value.eq_ignore_ascii_case("true"));
    let list = |key: &str| values.get(key).cloned().unwrap_or_default();
    let placeholders = values.iter().filter_map(|(key, values)| {
        Some((key.strip_prefix("placeholders.")?.to_lowercase(), values.first().cloned().unwrap_or_default()))
    });
    let suffixes = list("sqlMigrationSuffixes");
    Settings {
        versioned: text("sqlMigrationPrefix", &default.versioned),
        undo: text("undoSqlMigrationPrefix", &default.undo),
        repeatable: text("repeatableSqlMigrationPrefix", &default.repeatable),
        baseline: text("baselineMigrationPrefix", &default.baseline),
        separator: text("sqlMigrationSeparator", &default.separator),
        suffixes: if suffixes.is_empty() { default.suffixes } else { suffixes },
        placeholders: placeholders.collect(),
        replaces: flag("placeholderReplacement", true),
        placeholder_prefix: text("placeholderPrefix", &default.placeholder_prefix),
        placeholder_suffix: text("placeholderSuffix", &default.placeholder_suffix),
        placeholder_separator: text("placeholderSeparator", &default.placeholder_separator),
        mixed: flag("mixed", false),
        in_transaction: flag("executeInTransaction", true),
        validates_names: flag("validateMigrationNaming", false),
        table: text("table", &default.table),
        schema: one("defaultSchema").or_else(|| one("schemas")).filter(|schema| !schema.is_empty()),
        init_sql: one("initSql").filter(|statement| !statement.is_empty()),
        locations: list("locations").iter().flat_map(|location| folders_of(location, folder)).collect(),
        callback_locations: list("callbackLocations")
            .iter()
            .flat_map(|location| folders_of(location, folder))
            .collect(),
    }
}

/// The folders that a location may mean; one with wildcards or in a store of a cloud means none here.
fn folders_of(location: &str, folder: &Path) -> Vec<PathBuf> {
    if location.contains(['*', '?']) {
        return Vec::new();
    }
    match location.split_once(':') {
        None => vec![folder.join(location), folder.join("src/main/resources").join(location)],
        Some(("filesystem", path)) => vec![folder.join(path)],
        Some(("classpath", path)) => {
            ["src/main/resources", "src/main/java", "src/main/kotlin"].map(|root| folder.join(root).join(path)).to_vec()
        }
        Some(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use crate::history::sandbox::Sandbox;

    use super::*;

    fn read(files: &[(&str, &str)]) -> Settings {
        let folder = Sandbox::empty();
        for (name, text) in files {
            folder.write(name, text);
        }
        around(&folder.migrations(), Path::new("nowhere")).unwrap()
    }

    #[test]
    fn both_files_say_the_same_things() {
        let toml = "[flyway]\nsqlMigrationPrefix = \"M\"\nsqlMigrationSuffixes = [\".sql\", \".pkg\"]\nmixed = true\n\
                    defaultSchema = \"shop\"\nlocations = [\"filesystem:migrations\"]\n[flyway.placeholders]\nOwner = \"me\"\n";
        let conf = "# comment\nflyway.sqlMigrationPrefix=M\nflyway.sqlMigrationSuffixes=.sql,.pkg\nflyway.mixed = true\n\
                    flyway.schemas=shop,\\\n  other\nflyway.locations=filesystem:migrations\nflyway.placeholders.Owner=me\n";
        for (name, text) in [("flyway.toml", toml), ("flyway.conf", conf), ("conf/flyway.conf", conf)] {
            let settings = read(&[(name, text)]);
            assert_eq!(settings.versioned, "M", "{name}");
            assert_eq!(settings.suffixes, [".sql", ".pkg"]);
            assert!(settings.mixed && settings.replaces && settings.in_transaction);
            assert_eq!(settings.schema.as_deref(), Some("shop"));
            assert_eq!(settings.placeholders, BTreeMap::from([("owner".to_owned(), "me".to_owned())]));
            assert!(settings.locations[0].ends_with("migrations"));
        }
        assert_eq!(read(&[("flyway.conf", conf), ("flyway.toml", "")]).versioned, "V");
    }

    #[test]
    fn an_environment_may_name_the_schemas() {
        let settings = read(&[("flyway.toml", "[environments.default]\nschemas = [\"a\", \"b\"]\n")]);
        assert_eq!(settings.schema.as_deref(), Some("a"));
    }

    #[test]
    fn a_broken_file_is_an_error() {
        let folder = Sandbox::empty();
        folder.write("flyway.toml", "[flyway");
        let error = around(&folder.migrations(), Path::new("nowhere")).unwrap_err().to_string();
        assert!(error.contains("flyway.toml: it is no TOML ("), "{error}");
    }
}
