//! Flyway's own configuration: <https://documentation.red-gate.com/flyway/reference/configuration>.

use super::{Declaration, Source, rank_in};
use crate::evidence::flyway_properties;

const FILES: [&str; 3] = ["flyway.toml", "flyway.user.toml", "flyway.conf"];

pub(super) const SOURCE: Source = Source {
    title: "`url` in flyway.toml and flyway.conf",
    places: &["", "conf"],
    rank: |name| rank_in(&FILES, name),
    read: |name, text| {
        if name.ends_with(".toml") {
            return of_toml(text);
        }
        let url = |(key, value): (String, String)| (key == "flyway.url").then(|| Declaration::url(key, value));
        flyway_properties(text).into_iter().filter_map(url).collect()
    },
};

/// The URL of the environment that the file chooses; where it has none of that name, those of all.
fn of_toml(text: &str) -> Vec<Declaration> {
    let Ok(table) = text.parse::<toml::Table>() else { return Vec::new() };
    let text_at = |table: Option<&toml::Value>, key: &str| {
        table.and_then(|table| table.get(key)).and_then(toml::Value::as_str).map(str::to_owned)
    };
    let flyway = table.get("flyway");
    if let Some(url) = text_at(flyway, "url") {
        return vec![Declaration::url("flyway.url", url)];
    }
    let environments = table.get("environments").and_then(toml::Value::as_table);
    let chosen = text_at(flyway, "environment").unwrap_or_else(|| "default".to_owned());
    let named = |name: &str| {
        let url = text_at(environments?.get(name), "url")?;
        Some(Declaration::url(format!("environments.{name}.url"), url))
    };
    match named(&chosen) {
        Some(declaration) => vec![declaration],
        None => environments.into_iter().flat_map(toml::Table::keys).filter_map(|name| named(name)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    #[test]
    fn the_environment_in_use_tells() {
        let two = "[environments.dev]\nurl = 'jdbc:sqlite:x'\n[environments.prod]\nurl = 'jdbc:postgresql://h/d'\n";
        let chosen = format!("{two}[flyway]\nenvironment = 'prod'\n");
        for (name, text, expected) in [
            ("flyway.conf", "flyway.url = jdbc:mysql://h/d\nflyway.user=x", &["flyway.url: mysql?"][..]),
            ("flyway.conf", "# flyway.url=jdbc:mysql://h/d\nflyway.url=${DB_URL}", &["flyway.url: nothing"]),
            ("flyway.toml", two, &["environments.dev.url: sqlite", "environments.prod.url: postgres"]),
            ("flyway.toml", &chosen, &["environments.prod.url: postgres"]),
            ("flyway.toml", "[flyway]\nurl = 'jdbc:mariadb://h/d'", &["flyway.url: mariadb"]),
            ("flyway.toml", "[flyway", &[]),
        ] {
            assert_eq!(read(&SOURCE, name, text), expected, "{text}");
        }
    }
}
