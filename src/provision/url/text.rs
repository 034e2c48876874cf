//! Taking a URL apart without ever showing its password.
//!
//! A URL that is shown is put together from the parts that were understood, never cut out of what was typed: a password that
//! should have been percent-encoded would slip through.

use super::super::ProvisionError;
use super::super::product::are_kin;
use crate::history::EngineKind;

/// A URL's parts. Has no `Debug`: they hold the password.
pub(super) struct Parts<'u> {
    /// What stands before `://`.
    pub(super) scheme: &'u str,
    /// The product that the scheme is of. Servers of MariaDB are as often named by MySQL's.
    pub(super) engine: EngineKind,
    /// What stands behind it.
    pub(super) rest: &'u str,
}

/// Takes a URL apart that leads to a server of `engine`, or of any where that is not known.
///
/// # Errors
/// When it is no URL of such a server.
pub(super) fn parts(url: &str, engine: Option<EngineKind>) -> Result<Parts<'_>, ProvisionError> {
    let example = format!("write {}", example(engine.unwrap_or(EngineKind::Postgres)));
    let hidden = |reason: String| ProvisionError::Url { shown: "(not shown)".to_owned(), reason };
    let Some((scheme, rest)) = url.split_once("://") else {
        return Err(hidden(format!("is not a URL; {example}")));
    };
    let engine_of_scheme = match scheme {
        "postgres" | "postgresql" => EngineKind::Postgres,
        "mysql" => EngineKind::Mysql,
        "mariadb" => EngineKind::Mariadb,
        "sqlite" => EngineKind::Sqlite,
        _ => return Err(hidden(format!("begins with a scheme that Rollproof does not know; {example}"))),
    };
    let parts = Parts { scheme, engine: engine_of_scheme, rest };
    if let Some(engine) = engine
        && !are_kin(engine, engine_of_scheme)
    {
        let (one, other) = (engine_of_scheme.title(), engine.title());
        return Err(parts.wrong(format!("is a URL of {one}, and the engine is {other}; make --url and `engine` agree")));
    }
    if engine_of_scheme == EngineKind::Sqlite {
        return Err(parts.wrong(format!("leads to a file of SQLite, which has no server; {example}")));
    }
    if has_bare_password(rest) {
        let reason = "holds a character that must be percent-encoded in a password: %2F for /, %3F for ?, %23 for #, \
                      %40 for @, %25 for %";
        return Err(parts.wrong(reason.to_owned()));
    }
    Ok(parts)
}

impl Parts<'_> {
    /// The error of a URL of which nothing but the scheme is safe to show.
    pub(super) fn wrong(&self, reason: String) -> ProvisionError {
        ProvisionError::Url { shown: format!("{}://***", self.scheme), reason }
    }

    /// The error of a URL that cannot be understood.
    pub(super) fn unclear(&self, error: &sqlx::Error) -> ProvisionError {
        let cause = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
        self.wrong(format!("cannot be understood ({cause}); write {}", example(self.engine)))
    }
}

/// A URL of a product, as an example.
fn example(engine: EngineKind) -> String {
    let scheme = if engine == EngineKind::Postgres { "postgres" } else { engine.word() };
    format!("{scheme}://user:password@host:port/database")
}

/// Whether the end of a password seems to lie outside the part of the URL where passwords are.
fn has_bare_password(rest: &str) -> bool {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, after) = rest.split_at(end);
    let (path, query) = after.split_once('?').map_or((after, ""), |(path, query)| (path, query));
    after.contains('#') || path.contains('@') || (query.contains('@') && !authority.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str, engine: Option<EngineKind>) -> String {
        match parts(url, engine) {
            Ok(parts) => panic!("{url} passed as {}", parts.scheme),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn other_engines_are_told() {
        use EngineKind::{Mariadb, Mysql, Postgres};
        let error = refused("mysql://u:pw@h/db", Some(Postgres));
        assert!(error.contains("is a URL of MySQL, and the engine is PostgreSQL"), "{error}");
        assert!(refused("postgres://u:pw@h/db", Some(Mariadb)).contains("PostgreSQL, and the engine is MariaDB"));
        assert!(refused("oracle://u:pw@h/db", None).contains("scheme that Rollproof does not know"));
        assert!(refused("host=h user=u", Some(Mysql)).contains("is not a URL; write mysql://"));
        assert!(refused("sqlite://x.db", None).contains("has no server"));
        // Which of the two a server is, it says itself.
        for engine in [Mysql, Mariadb] {
            assert!(parts("mysql://u:pw@h/db", Some(engine)).is_ok() && parts("mariadb://h", Some(engine)).is_ok());
        }
    }
}
