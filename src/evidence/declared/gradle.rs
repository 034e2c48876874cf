//! URLs in the build files of Gradle: `flyway { url = "jdbc:..." }`.

use super::{Declaration, Source, rank_in};
use crate::evidence::gradle::literals;

pub(super) const SOURCE: Source = Source {
    title: "`url` in build.gradle and build.gradle.kts",
    places: &[""],
    rank: |name| rank_in(&["build.gradle", "build.gradle.kts"], name).map(|_| 0),
    read: |_, text| {
        let url = |literal: crate::evidence::gradle::Literal| {
            let word = literal.key()?;
            let is_url = literal.text.starts_with("jdbc:") && word.to_ascii_lowercase().ends_with("url");
            is_url.then(|| Declaration::url(word.to_owned(), literal.text.clone()))
        };
        literals(text).into_iter().filter_map(url).collect()
    },
};

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    #[test]
    fn urls_tell() {
        for (text, expected) in [
            ("flyway {\n  url = 'jdbc:postgresql://h/d' // 'jdbc:mysql:'\n}", &["url: postgres"][..]),
            ("flyway {\n  url = \"jdbc:mysql://${host}/d\"\n}", &["url: mysql?"]),
            ("/* url = 'jdbc:mysql://h' */ jooq { jdbcUrl.set(\"jdbc:mariadb://h/d\") }", &["jdbcUrl: mariadb"]),
            ("url 'jdbc:sqlite:x'", &["url: sqlite"]),
            ("url = System.getenv('DB_URL')\nx = 'jdbc:mysql://h'", &[]),
        ] {
            assert_eq!(read(&SOURCE, "build.gradle", text), expected, "{text}");
        }
    }
}
