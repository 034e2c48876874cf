//! The URL in Alembic's own file.

use super::{Declaration, Source, rank_in};
use crate::evidence::ini_sections;

pub(super) const SOURCE: Source = Source {
    title: "sqlalchemy.url in alembic.ini",
    places: &[""],
    rank: |name| rank_in(&["alembic.ini"], name),
    read: |_, text| {
        let sections = ini_sections(text);
        let urls = sections.values().filter_map(|section| section.get("sqlalchemy.url"));
        urls.map(|url| Declaration::url("sqlalchemy.url", url)).collect()
    },
};

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    #[test]
    fn what_the_template_has_says_nothing() {
        for (text, expected) in [
            ("[alembic]\nsqlalchemy.url = postgresql+asyncpg://u:secret@h/d\n", "sqlalchemy.url: postgres"),
            ("[alembic]\nsqlalchemy.url = mysql+pymysql://h/d\n", "sqlalchemy.url: mysql?"),
            ("[alembic]\nsqlalchemy.url = sqlite:///x.db\n", "sqlalchemy.url: sqlite"),
            ("[alembic]\nsqlalchemy.url = driver://user:pass@localhost/dbname\n", "sqlalchemy.url: nothing"),
            ("[alembic]\nsqlalchemy.url = %(DATABASE_URL)s\n", "sqlalchemy.url: nothing"),
        ] {
            assert_eq!(read(&SOURCE, "alembic.ini", text), [expected], "{text}");
        }
    }
}
