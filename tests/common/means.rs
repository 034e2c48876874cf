//! Which server the tests of each product take.

/// A server of a product, as the tests that name no version take it.
#[derive(Clone, Debug)]
pub(crate) enum Wherewithal {
    /// It is had with these arguments.
    With(Vec<String>),
    /// It is not, for this reason.
    Missing(&'static str),
}

impl Wherewithal {
    /// What the engine of this name needs. MySQL is in no package of Debian's: `ROLLPROOF_TEST_MYSQL_BIN` names its folder.
    pub(crate) fn of(engine: &str) -> Self {
        let installed = |engine| !rollproof::provision::installations(engine, &[]).unwrap_or_default().is_empty();
        match engine {
            "postgres" => {
                super::wherewithal::postgres_is_missing().map_or_else(|| Self::With(Vec::new()), Self::Missing)
            }
            "mariadb" if !installed(rollproof::history::EngineKind::Mariadb) => {
                Self::Missing("no MariaDB server is installed here (apt install mariadb-server)")
            }
            "mysql" => match std::env::var("ROLLPROOF_TEST_MYSQL_BIN") {
                Ok(folder) if !folder.is_empty() => Self::With(vec!["--server-bin".to_owned(), folder]),
                _ => Self::Missing("ROLLPROOF_TEST_MYSQL_BIN names no folder with mysqld"),
            },
            _ => Self::With(Vec::new()),
        }
    }
}
