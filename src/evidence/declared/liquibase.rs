//! Liquibase's own properties: <https://docs.liquibase.com/concepts/connections/creating-config-properties.html>.

use super::{Declaration, Source, rank_in};
use crate::evidence::properties::properties;

pub(super) const SOURCE: Source = Source {
    title: "`url` in liquibase.properties",
    places: &["", "src/main/resources"],
    rank: |name| rank_in(&["liquibase.properties"], name),
    read: |_, text| {
        let url = |(key, value): (String, String)| {
            matches!(key.as_str(), "url" | "liquibase.command.url").then(|| Declaration::url(key, value))
        };
        properties(text).into_iter().filter_map(url).collect()
    },
};

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    #[test]
    fn both_keys_are_read() {
        let text = "changeLogFile: db.sql\nurl: jdbc:postgresql://localhost/x\nreferenceUrl: jdbc:mysql://h/x";
        assert_eq!(read(&SOURCE, "liquibase.properties", text), ["url: postgres"]);
        let text = "liquibase.command.url = jdbc:sqlite:x.db";
        assert_eq!(read(&SOURCE, "liquibase.properties", text), ["liquibase.command.url: sqlite"]);
    }
}
