//! The plugins of Flyway and Liquibase in a `pom.xml`.

use super::{Declaration, Source, rank_in};
use crate::evidence::pom::Pom;

pub(super) const SOURCE: Source = Source {
    title: "the plugins of Flyway and Liquibase in pom.xml",
    places: &[""],
    rank: |name| rank_in(&["pom.xml"], name),
    read: |_, text| {
        let Some(pom) = Pom::read(text) else { return Vec::new() };
        let plugins = ["flyway-maven-plugin", "liquibase-maven-plugin"].into_iter().flat_map(|plugin| {
            let urls = pom.plugin_settings(plugin, "url").into_iter();
            urls.map(move |url| Declaration::url(format!("the url of {plugin}"), url))
        });
        let properties = ["flyway.url", "liquibase.url"].into_iter().filter_map(|key| {
            let url = pom.property(key)?;
            Some(Declaration::url(format!("the property {key}"), url))
        });
        plugins.chain(properties).collect()
    },
};

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    fn plugin(name: &str, url: &str) -> String {
        format!(
            "<build><plugins><plugin><groupId>g</groupId><artifactId>{name}</artifactId><configuration><url>{url}</url>\
             <password>secret</password></configuration></plugin></plugins></build>"
        )
    }

    #[test]
    fn plugins_and_properties_tell() {
        let property = "<properties><db.url>jdbc:mysql://h/d</db.url></properties>";
        let cases = [
            (plugin("flyway-maven-plugin", "jdbc:postgresql://h/d"), &["the url of flyway-maven-plugin: postgres"][..]),
            (
                property.to_owned() + &plugin("liquibase-maven-plugin", " ${db.url} "),
                &["the url of liquibase-maven-plugin: mysql?"],
            ),
            (plugin("flyway-maven-plugin", "${env.DB_URL}"), &["the url of flyway-maven-plugin: nothing"]),
            (plugin("sql-maven-plugin", "jdbc:postgresql://h/d"), &[]),
            (
                "<properties><flyway.url>jdbc:mariadb://h/d?a&amp;b</flyway.url></properties>".to_owned(),
                &["the property flyway.url: mariadb"],
            ),
        ];
        for (inner, expected) in cases {
            let text = format!("<?xml version=\"1.0\"?><!-- x --><project>{inner}</project>");
            assert_eq!(read(&SOURCE, "pom.xml", &text), expected, "{text}");
        }
    }
}
