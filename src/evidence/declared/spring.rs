//! The configuration of an application on Spring Boot, Quarkus or Micronaut.
//!
//! <https://docs.spring.io/spring-boot/reference/features/external-config.html>,
//! <https://quarkus.io/guides/datasource>, <https://micronaut-projects.github.io/micronaut-sql/latest/guide/>.

use serde::Deserialize as _;
use serde_yaml::{Deserializer, Value};

use super::{Declaration, Source};
use crate::evidence::properties::properties;

pub(super) const SOURCE: Source = Source {
    title: "`spring.datasource.url` and its like in application.properties and application.yml",
    places: &["", "config", "src/main/resources", "src/main/resources/config"],
    rank,
    read: |name, text| {
        let settings = if name.ends_with(".properties") { properties(text) } else { of_yaml(text) };
        declarations(settings)
    },
};

/// The application's own file goes before those of its profiles; that of the tests does not count.
fn rank(name: &str) -> Option<usize> {
    let (stem, extension) = name.rsplit_once('.')?;
    if !matches!(extension, "properties" | "yml" | "yaml") {
        return None;
    }
    match stem.strip_prefix("application")? {
        "" => Some(0),
        profile if profile.starts_with('-') && !profile.contains("test") => Some(1),
        _ => None,
    }
}

/// The settings of all documents of a file but those of a profile for tests.
fn of_yaml(text: &str) -> Vec<(String, String)> {
    let mut settings = Vec::new();
    for document in Deserializer::from_str(text) {
        let Ok(mut value) = Value::deserialize(document) else { break };
        if value.apply_merge().is_err() {
            continue;
        }
        let mut own = Vec::new();
        flatten(&value, String::new(), &mut own);
        let is_profile = |key: &str| matches!(key, "spring.config.activate.on-profile" | "spring.profiles");
        if !own.iter().any(|(key, value)| is_profile(key) && value.contains("test")) {
            settings.extend(own);
        }
    }
    settings
}

/// The texts of a document, each by the way to it.
fn flatten(value: &Value, way: String, settings: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => settings.push((way, text.clone())),
        Value::Mapping(entries) => {
            for (key, value) in entries {
                let Some(key) = key.as_str() else { continue };
                flatten(value, if way.is_empty() { key.to_owned() } else { format!("{way}.{key}") }, settings);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Sequence(_) | Value::Tagged(_) => {}
    }
}

/// What the migrations connect to; where that is not said apart, what the application connects to.
fn declarations(settings: Vec<(String, String)>) -> Vec<Declaration> {
    let mut found: Vec<(u8, Declaration)> = settings
        .into_iter()
        .filter_map(|(key, value)| {
            let (rank, is_product) = place(&key)?;
            let declaration =
                if is_product { Declaration::product } else { |key, url: &str| Declaration::url(key, url) };
            Some((rank, declaration(key, &value)))
        })
        .collect();
    let lowest = found.iter().map(|(rank, _)| *rank).min();
    found.retain(|(rank, _)| Some(*rank) == lowest);
    found.into_iter().map(|(_, declaration)| declaration).collect()
}

/// How much a key counts (the lower the more), and whether it holds the name of a product.
fn place(key: &str) -> Option<(u8, bool)> {
    let key = match key.strip_prefix('%') {
        Some(profiled) => profiled.split_once('.').filter(|(profile, _)| !profile.contains("test"))?.1,
        None => key,
    };
    let key = key.to_ascii_lowercase().replace(['-', '_', '"'], "");
    let parts: Vec<&str> = key.split('.').collect();
    match parts.as_slice() {
        ["spring", "flyway" | "liquibase", "url"] | ["quarkus", "flyway", "jdbcurl"] => Some((0, false)),
        ["spring", "datasource", .., "url" | "jdbcurl"]
        | ["spring", "r2dbc", "url"]
        | ["quarkus", "datasource", .., "jdbc" | "reactive", "url"]
        | ["datasources", .., "url"] => Some((1, false)),
        ["quarkus", "datasource", .., "dbkind"] => Some((1, true)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    #[test]
    fn the_source_of_data_tells() {
        for (name, text, expected) in [
            (
                "application.properties",
                "spring.datasource.url=jdbc:postgresql://h/d\nspring.datasource.password=secret\n",
                &["spring.datasource.url: postgres"][..],
            ),
            (
                "application.yml",
                "spring:\n  datasource:\n    url: ${DB_URL:jdbc:mysql://localhost:3306/shop}\n",
                &["spring.datasource.url: mysql?"],
            ),
            ("application.yml", "spring.datasource.url: ${DB_URL}\n", &["spring.datasource.url: nothing"]),
            (
                "application.yml",
                "spring: {datasource: {hikari: {jdbc-url: 'jdbc:mariadb://h/d'}}}",
                &["spring.datasource.hikari.jdbc-url: mariadb"],
            ),
            (
                "application.yml",
                "spring: {datasource: {url: 'jdbc:h2:mem:x'}, flyway: {url: 'jdbc:postgresql://h/d'}}",
                &["spring.flyway.url: postgres"],
            ),
            (
                "application.yml",
                "spring: {datasource: {url: 'jdbc:mysql://h/d'}}\n---\nspring:\n  config.activate.on-profile: test\n  \
                 datasource: {url: 'jdbc:sqlite:x'}\n",
                &["spring.datasource.url: mysql?"],
            ),
            (
                "application.properties",
                "%dev.quarkus.datasource.db-kind=postgresql\n%test.quarkus.datasource.db-kind=sqlite\n",
                &["%dev.quarkus.datasource.db-kind: postgres"],
            ),
            (
                "application.yml",
                "datasources:\n  default:\n    url: r2dbc:pool:mariadb://h/d\n",
                &["datasources.default.url: mariadb"],
            ),
            ("application.yml", "{{ no: yaml", &[]),
        ] {
            assert_eq!(read(&SOURCE, name, text), expected, "{text}");
        }
    }

    #[test]
    fn the_files_of_profiles_come_second() {
        let ranks = ["application.yml", "application-prod.yaml", "application-test.yml", "application.md", "app.yml"];
        assert_eq!(ranks.map(rank), [Some(0), Some(1), None, None, None]);
    }
}
