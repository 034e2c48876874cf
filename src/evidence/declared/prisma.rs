//! The lock that Prisma writes among the migrations.

use super::{Declaration, Source, rank_in};

pub(super) const SOURCE: Source = Source {
    title: "`provider` in migration_lock.toml",
    places: &[""],
    rank: |name| rank_in(&["migration_lock.toml"], name),
    read: |_, text| {
        let table: Option<toml::Table> = text.parse().ok();
        let name = table.as_ref().and_then(|table| table.get("provider")?.as_str());
        name.map(|name| Declaration::product("provider", name)).into_iter().collect()
    },
};
