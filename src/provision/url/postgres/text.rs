//! Reading URLs of PostgreSQL without ever showing their passwords.

use std::str::FromStr as _;

use sqlx::postgres::PgConnectOptions;

use super::super::text::Parts;
use crate::provision::ProvisionError;

/// Where a URL leads. Has no `Debug`: the options hold the password.
pub(in super::super) struct Target {
    /// Options of its user, to its database, else to `postgres`.
    pub(in super::super) options: PgConnectOptions,
    /// The URL with `***` for the password.
    pub(in super::super) shown: String,
    /// Whether it names a database.
    pub(in super::super) names_database: bool,
}

/// Reads a URL of PostgreSQL.
///
/// # Errors
/// When it cannot be understood.
pub(in super::super) fn read(parts: &Parts<'_>) -> Result<Target, ProvisionError> {
    let mut options = PgConnectOptions::from_str(&with_user_in_query(parts.scheme, parts.rest))
        .map_err(|error| parts.unclear(&error))?;
    // tokio resolves the address itself, without the brackets that a URL needs around IPv6.
    let host = options.get_host().trim_start_matches('[').trim_end_matches(']').to_owned();
    options = options.host(&host);
    let names_database = options.get_database().is_some();
    if !names_database {
        options = options.database("postgres");
    }
    let shown = shown(&options);
    Ok(Target { options, shown, names_database })
}

/// libpq takes `postgres://user@/database?host=/folder`, where a host is left out after the user; the grammar of URLs does
/// not. There the user goes into the query, where both understand it.
fn with_user_in_query(scheme: &str, rest: &str) -> String {
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, after) = rest.split_at(end);
    let Some(user) = authority.strip_suffix('@').filter(|user| !user.is_empty()) else {
        return format!("{scheme}://{rest}");
    };
    let (path, query) = after.split_once('?').map_or((after, ""), |(path, query)| (path, query));
    // In a query a plus sign is a space, and an ampersand begins the next part.
    let encode = |text: &str| text.replace('+', "%2B").replace('&', "%26");
    let user = match user.split_once(':') {
        Some((user, password)) => format!("user={}&password={}", encode(user), encode(password)),
        None => format!("user={}", encode(user)),
    };
    let path = if path.is_empty() { "/" } else { path };
    let query = if query.is_empty() { user } else { format!("{user}&{query}") };
    format!("{scheme}://{path}?{query}")
}

fn shown(options: &PgConnectOptions) -> String {
    let (user, port) = (options.get_username(), options.get_port());
    let database = options.get_database().unwrap_or("postgres");
    let socket = options.get_socket().map(|folder| folder.display().to_string());
    let socket = socket.or_else(|| Some(options.get_host().to_owned()).filter(|host| host.starts_with('/')));
    match (socket, options.get_host()) {
        (Some(folder), _) => format!("postgres://{user}:***@/{database}?host={folder}&port={port}"),
        (None, host) if host.contains(':') => format!("postgres://{user}:***@[{host}]:{port}/{database}"),
        (None, host) => format!("postgres://{user}:***@{host}:{port}/{database}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::text::parts;
    use super::*;
    use crate::history::EngineKind;

    fn read_all(url: &str) -> Result<Target, ProvisionError> {
        read(&parts(url, Some(EngineKind::Postgres))?)
    }

    fn shown_of(url: &str) -> String {
        match read_all(url) {
            Ok(target) => target.shown,
            Err(error) => panic!("{url}: {error}"),
        }
    }

    fn refused(url: &str) -> String {
        match read_all(url) {
            Ok(target) => panic!("{url} passed as {}", target.shown),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn urls_are_understood() {
        for (url, expected) in [
            ("postgres://u:pw@h:5433/db", "postgres://u:***@h:5433/db"),
            ("postgresql://u:p%40%2F%3A@h:5433/db", "postgres://u:***@h:5433/db"),
            ("postgres://u:p@ss@h:5433/db", "postgres://u:***@h:5433/db"),
            ("postgres://u:pw@h:5433", "postgres://u:***@h:5433/postgres"),
            ("postgres://u:pw@h:5433/db?sslmode=require", "postgres://u:***@h:5433/db"),
            ("postgres://u:pw@[::1]:5433/db", "postgres://u:***@[::1]:5433/db"),
            ("postgres://h:5433/db?user=u&password=pw", "postgres://u:***@h:5433/db"),
            ("postgres:///db?host=/run/x&port=5433&user=u", "postgres://u:***@/db?host=/run/x&port=5433"),
            ("postgres://u@%2Frun%2Fx:5433/db", "postgres://u:***@/db?host=/run/x&port=5433"),
            ("postgres://u:p+%26q@/db?host=/run/x&port=5433", "postgres://u:***@/db?host=/run/x&port=5433"),
            ("postgres://u@?host=/run/x&port=5433", "postgres://u:***@/postgres?host=/run/x&port=5433"),
        ] {
            assert_eq!(shown_of(url), expected, "{url}");
        }
    }

    #[test]
    fn the_tls_mode_is_kept() {
        let target = read_all("postgres://u:pw@h/db?sslmode=verify-full");
        let mode = target.map(|target| format!("{:?}", target.options.get_ssl_mode()));
        assert_eq!(mode.ok().as_deref(), Some("VerifyFull"));
    }

    #[test]
    fn no_message_shows_a_password() {
        for url in [
            "postgres://u:s3cret/x@h:5433/db",
            "postgres://u:s3cret?x@h:5433/db",
            "postgres://u:s3cret#x@h:5433/db",
            "postgres://u:123456/s3cret@h:5433/db",
            "postgres://u:123456#s3cret@h/db",
            "postgres://u@corp:12/s3cret@h/db",
            "postgres://u:s3cret@h:port/db",
            "postgres://u:s3cret@h:99999/db",
            "postgres://u:s3cret%ff@h/db",
            "postgres://u:s3cret@h/db?sslmode=whatever",
            "postgres://u:s3cret@h:5433/db?port=x",
            "mysql://u:s3cret@h/db",
            "sqlserver://u:s3cret@h/db",
            "u:s3cret@h/db",
        ] {
            let error = refused(url);
            assert!(!error.contains("s3cret") && !error.contains("123456"), "{url}: {error}");
        }
    }
}
