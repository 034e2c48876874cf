//! What tests need from the machine, and what becomes of them where it is missing.

/// Whether a missing tool is a failure. A developer may lack one; where everything is to be tried, nothing is passed over.
pub(crate) fn everything_is_to_be_tried() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

/// Why no PostgreSQL server can be had; `None` when one can.
pub(crate) fn postgres_is_missing() -> Option<&'static str> {
    let found = rollproof::provision::installations(rollproof::history::EngineKind::Postgres, &[]).unwrap_or_default();
    found.is_empty().then_some("no PostgreSQL server is installed here (apt install postgresql)")
}
