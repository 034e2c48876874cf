//! A database that is only to be read, named by a URL.

use std::path::PathBuf;

use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;

use super::text::parts;
use super::{mysql, postgres};
use crate::history::EngineKind;
use crate::provision::ProvisionError;

/// A database that is only to be read. Has no `Debug`: the options hold a password.
#[derive(Clone)]
pub enum Readable {
    /// A database on a PostgreSQL server.
    Postgres {
        /// How it is reached.
        options: Box<PgConnectOptions>,
        /// The URL without its password.
        shown: String,
    },
    /// A database on a MySQL or MariaDB server.
    Mysql {
        /// How it is reached; they enter the database.
        options: Box<MySqlConnectOptions>,
        /// The name of the database.
        database: String,
        /// The URL without its password.
        shown: String,
    },
    /// A file of SQLite.
    SqliteFile(PathBuf),
}

/// The database that a URL names.
///
/// # Errors
/// When the URL cannot be understood, names no database or one of a product that cannot be read. The message, which is
/// about the URL as such, holds no password.
pub fn readable(url: &str) -> Result<Readable, String> {
    let scheme = url.split_once(':').map_or(url, |(scheme, _)| scheme);
    if scheme == "sqlite" {
        return sqlite_file(url);
    }
    let parts = parts(url, None).map_err(|error| as_such(&error))?;
    let nameless = |shown: &str| {
        let scheme = parts.scheme;
        format!("{shown} is the server, since the URL names no database; add its name: {scheme}://user@host/name")
    };
    match parts.engine {
        EngineKind::Mysql | EngineKind::Mariadb => {
            let mysql::text::Target { options, shown, database } =
                mysql::text::read(&parts).map_err(|error| as_such(&error))?;
            let Some(database) = database else { return Err(nameless(&shown)) };
            Ok(Readable::Mysql { options: Box::new(options.database(&database)), database, shown })
        }
        // SQLite is behind us.
        EngineKind::Postgres | EngineKind::Sqlite => {
            let postgres::text::Target { options, shown, names_database } =
                postgres::text::read(&parts).map_err(|error| as_such(&error))?;
            if !names_database {
                return Err(nameless(&shown));
            }
            // By this name whoever watches the server finds us.
            let options = Box::new(options.application_name("rollproof").extra_float_digits(None));
            Ok(Readable::Postgres { options, shown })
        }
    }
}

/// The error of a URL that no flag has named.
fn as_such(error: &ProvisionError) -> String {
    match error {
        ProvisionError::Url { shown, reason } => format!("the URL {shown} {reason}"),
        other => other.to_string(),
    }
}

fn sqlite_file(url: &str) -> Result<Readable, String> {
    let path = url.strip_prefix("sqlite:").unwrap_or(url);
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next().unwrap_or(path);
    if path.is_empty() || path == ":memory:" {
        return Err("the URL names no file; write sqlite:path/to/file.db".to_owned());
    }
    Ok(Readable::SqliteFile(PathBuf::from(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_lead_to_databases() {
        for (url, file) in [("sqlite:a/b.db", "a/b.db"), ("sqlite:///b.db", "/b.db"), ("sqlite://b.db?mode=ro", "b.db")]
        {
            assert!(matches!(readable(url), Ok(Readable::SqliteFile(path)) if path.as_os_str() == file), "{url}");
        }
        assert!(
            matches!(readable("postgres://u:pw@h/d"), Ok(Readable::Postgres { shown, .. }) if !shown.contains("pw"))
        );
        assert!(matches!(readable("mariadb://u:pw@h/d"), Ok(Readable::Mysql { shown, database, options })
                if !shown.contains("pw") && database == "d" && options.get_database() == Some("d")));
        for (url, part) in [
            ("postgres://u:s3cret@h:5433", "the URL names no database"),
            ("mysql://u:s3cret@h", "the URL names no database"),
            ("postgres://u:s3cret@h:port/d", "the URL postgres://*** cannot be understood"),
            ("oracle://u:s3cret@h/d", "scheme that Rollproof does not know"),
            ("sqlite::memory:", "names no file"),
        ] {
            let error = readable(url).err().unwrap();
            assert!(error.contains(part) && !error.contains("s3cret"), "{error}");
        }
    }
}
