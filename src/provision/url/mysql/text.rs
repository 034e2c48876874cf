//! Reading URLs of MySQL and MariaDB without ever showing their passwords.

use std::str::FromStr as _;

use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};

use super::super::text::Parts;
use crate::provision::ProvisionError;
use crate::provision::mysql_login::as_the_server_has_it;

/// Where a URL leads. Has no `Debug`: the options hold the password.
pub(in super::super) struct Target {
    /// Options of its user, to no database.
    pub(in super::super) options: MySqlConnectOptions,
    /// The URL with `***` for the password, where it has one.
    pub(in super::super) shown: String,
    /// The database that it names.
    pub(in super::super) database: Option<String>,
}

/// Reads a URL of MySQL or MariaDB. Those of MariaDB are as those of MySQL but for their scheme.
///
/// # Errors
/// When it cannot be understood.
pub(in super::super) fn read(parts: &Parts<'_>) -> Result<Target, ProvisionError> {
    let at = parts.rest.find(['/', '?']).unwrap_or(parts.rest.len());
    let (authority, after) = parts.rest.split_at(at);
    let (path, query) = after.split_once('?').map_or((after, ""), |(path, query)| (path, query));
    // The grammar of URLs knows no user without a host, which drivers take for this machine.
    let authority = match authority.strip_suffix('@') {
        Some(user) => format!("{user}@localhost"),
        None if authority.is_empty() => "localhost".to_owned(),
        None => authority.to_owned(),
    };
    let parse = |path: &str| {
        MySqlConnectOptions::from_str(&format!("mysql://{authority}{path}?{query}"))
            .map_err(|error| parts.unclear(&error))
    };
    let database = parse(path)?.get_database().map(str::to_owned);
    let mut options = as_the_server_has_it(parse("")?);
    // tokio resolves the address itself, without the brackets that a URL needs around IPv6.
    let host = options.get_host().trim_start_matches('[').trim_end_matches(']').to_owned();
    options = options.host(&host);
    // What passes through a socket is seen by nobody, and encrypting it takes longer than most statements.
    if options.get_socket().is_some() && matches!(options.get_ssl_mode(), MySqlSslMode::Preferred) {
        options = options.ssl_mode(MySqlSslMode::Disabled);
    }
    let has_password =
        authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':')) || query.contains("password=");
    let shown = shown(parts.scheme, &options, has_password, database.as_deref());
    Ok(Target { options, shown, database })
}

fn shown(scheme: &str, options: &MySqlConnectOptions, has_password: bool, database: Option<&str>) -> String {
    let user = format!("{}{}", options.get_username(), if has_password { ":***" } else { "" });
    let database = database.map_or_else(String::new, |name| format!("/{name}"));
    match (options.get_socket(), options.get_host(), options.get_port()) {
        (Some(socket), ..) => {
            let database = if database.is_empty() { "/" } else { &database };
            format!("{scheme}://{user}@localhost{database}?socket={}", socket.display())
        }
        (None, host, port) if host.contains(':') => format!("{scheme}://{user}@[{host}]:{port}{database}"),
        (None, host, port) => format!("{scheme}://{user}@{host}:{port}{database}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::text::parts;
    use super::*;

    fn read_all(url: &str) -> Result<Target, ProvisionError> {
        read(&parts(url, None)?)
    }

    #[test]
    fn urls_are_understood() {
        for (url, expected) in [
            ("mysql://u:pw@h:3307/db", "mysql://u:***@h:3307/db"),
            ("mariadb://u:p%40%2F%3A@h/db", "mariadb://u:***@h:3306/db"),
            ("mysql://u:pw@h:3307", "mysql://u:***@h:3307"),
            ("mysql://u:pw@h:3307/", "mysql://u:***@h:3307"),
            ("mysql://h/db", "mysql://root@h:3306/db"),
            ("mysql://u:pw@[::1]:3307/db?charset=utf8mb4", "mysql://u:***@[::1]:3307/db"),
            ("mysql://u:pw@h/db?ssl-mode=REQUIRED&ssl-ca=/x.pem", "mysql://u:***@h:3306/db"),
            ("mysql://u:pw@/db?socket=/run/x.sock", "mysql://u:***@localhost/db?socket=/run/x.sock"),
            ("mariadb:///?socket=%2Frun%2Fx.sock", "mariadb://root@localhost/?socket=/run/x.sock"),
        ] {
            match read_all(url) {
                Ok(target) => assert_eq!(target.shown, expected, "{url}"),
                Err(error) => panic!("{url}: {error}"),
            }
        }
    }

    #[test]
    fn no_database_is_entered_and_tls_is_kept() {
        let target = read_all("mysql://u:pw@h/d%20b?ssl-mode=VERIFY_IDENTITY").ok().unwrap();
        assert_eq!((target.options.get_database(), target.database.as_deref()), (None, Some("d b")));
        assert!(matches!(target.options.get_ssl_mode(), MySqlSslMode::VerifyIdentity));
        for (url, encrypted) in [
            ("mysql://u@h", true),
            ("mysql://u@h?socket=/run/x.sock", false),
            ("mysql://u@h?socket=/run/x.sock&ssl-mode=required", true),
        ] {
            let mode = read_all(url).ok().unwrap().options.get_ssl_mode();
            assert_eq!(!matches!(mode, MySqlSslMode::Disabled), encrypted, "{url}");
        }
    }

    #[test]
    fn no_message_shows_a_password() {
        for url in [
            "mysql://u:s3cret/x@h:3306/db",
            "mysql://u:s3cret?x@h:3306/db",
            "mysql://u:s3cret#x@h:3306/db",
            "mariadb://u:123456/s3cret@h:3306/db",
            "mysql://u@corp:12/s3cret@h/db",
            "mysql://u:s3cret@h:port/db",
            "mysql://u:s3cret@h:99999/db",
            "mysql://u:s3cret%ff@h/db",
            "mysql://u:s3cret@h/db?ssl-mode=whatever",
        ] {
            let error = read_all(url).err().unwrap().to_string();
            assert!(!error.contains("s3cret") && !error.contains("123456"), "{url}: {error}");
        }
    }
}
