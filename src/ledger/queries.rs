//! The questions, as SQL. Those about recent runs share how they begin.

/// The projects of the ledger.
pub(super) const PROJECTS: &str = include_str!("queries/projects.sql");
/// How many runs there are.
pub(super) const COUNT: &str = include_str!("queries/count.sql");
/// The last runs.
pub(super) const RUNS: &str = include_str!("queries/runs.sql");
/// The migrations that take longest.
pub(super) const SLOWEST: &str = concat!(include_str!("queries/recent.sql"), include_str!("queries/slowest.sql"));
/// The migrations that took longer than before.
pub(super) const SLOWER: &str = concat!(include_str!("queries/recent.sql"), include_str!("queries/slower.sql"));
/// The findings that came and went.
pub(super) const CHANGES: &str = concat!(include_str!("queries/recent.sql"), include_str!("queries/changes.sql"));
