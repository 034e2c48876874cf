//! The file of refinery's command line: <https://github.com/rust-db/refinery/tree/main/refinery_cli>.

use super::{Declaration, Source, rank_in};

pub(super) const SOURCE: Source = Source {
    title: "`db_type` in refinery.toml",
    places: &[""],
    rank: |name| rank_in(&["refinery.toml"], name),
    read: |_, text| {
        let table: Option<toml::Table> = text.parse().ok();
        let name = table.as_ref().and_then(|table| table.get("main")?.get("db_type")?.as_str());
        name.map(|name| Declaration::product("main.db_type", name)).into_iter().collect()
    },
};

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    #[test]
    fn the_type_of_the_database_tells() {
        let text = "[main]\ndb_type = \"Postgres\"\ndb_pass = \"secret\"\n";
        assert_eq!(read(&SOURCE, "refinery.toml", text), ["main.db_type: postgres"]);
        assert_eq!(read(&SOURCE, "refinery.toml", "[main]\ndb_type = \"Mssql\""), ["main.db_type: nothing"]);
    }
}
