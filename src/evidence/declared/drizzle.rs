//! The journal that Drizzle writes beside the migrations.

use super::{Declaration, Source, rank_in};

pub(super) const SOURCE: Source = Source {
    title: "`dialect` in meta/_journal.json",
    places: &["meta"],
    rank: |name| rank_in(&["_journal.json"], name),
    read: |_, text| {
        let journal: Option<serde_json::Value> = serde_json::from_str(text).ok();
        let dialect = journal.as_ref().and_then(|journal| journal.get("dialect")?.as_str());
        dialect.map(|dialect| Declaration::product("dialect", dialect)).into_iter().collect()
    },
};
