//! How the project's own tool reaches a disposable database.

use std::fmt;
use std::path::PathBuf;

use sqlx::ConnectOptions as _;

use super::server::{Address, Server};
use crate::history::EngineKind;

/// A disposable database as another program is told of it. Has a password, so that `Debug` shows only the name.
#[derive(Clone)]
pub struct Contact {
    /// The product that runs.
    pub engine: EngineKind,
    /// The server's host; empty for SQLite.
    pub host: String,
    /// The server's port; 0 for SQLite.
    pub port: u16,
    /// The folder or the path of the server's socket, where it is reached through one only.
    pub socket: Option<PathBuf>,
    /// The name of the database; the path of the file for SQLite.
    pub name: String,
    /// Who connects.
    pub user: String,
    /// Their password, as it is.
    pub password: String,
    /// All of it as a URL: `postgresql://`, `mysql://` or `sqlite:////path`.
    pub url: String,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contact({} {})", self.engine, self.name)
    }
}

impl Contact {
    /// The URL for `SQLAlchemy` with this driver behind the dialect; `None` is the dialect's own.
    pub fn sqlalchemy_url(&self, driver: Option<&str>) -> String {
        match (driver, self.url.split_once("://")) {
            (Some(driver), Some((scheme, rest))) => format!("{scheme}+{driver}://{rest}"),
            _ => self.url.clone(),
        }
    }
}

impl Server {
    /// How a program of the project reaches the database `name` of this server, which for SQLite is the path of its file.
    pub fn contact(&self, name: &str) -> Contact {
        let (options, scheme) = match &self.address {
            Address::SqliteFile(_) => return sqlite(name),
            Address::Postgres { tcp, .. } => (tcp.to_url_lossy(), "postgresql"),
            Address::Mysql { tcp, .. } => (tcp.to_url_lossy(), "mysql"),
        };
        let decoded = |text: &str| decode(text);
        let host = decoded(options.host_str().unwrap_or_default());
        let socket = host.starts_with('/').then(|| PathBuf::from(&host));
        let port = options.port().unwrap_or(if scheme == "mysql" { 3306 } else { 5432 });
        let login = match options.password() {
            Some(password) => format!("{}:{password}", options.username()),
            None => options.username().to_owned(),
        };
        let url = match &socket {
            Some(folder) => format!("{scheme}://{login}@/{name}?host={}&port={port}", folder.display()),
            None => format!("{scheme}://{login}@{}:{port}/{name}", options.host_str().unwrap_or_default()),
        };
        Contact {
            engine: self.engine,
            host: if socket.is_some() { String::new() } else { host },
            port,
            socket,
            name: name.to_owned(),
            user: decoded(options.username()),
            password: decoded(options.password().unwrap_or_default()),
            url,
        }
    }
}

/// A file of SQLite; three slashes and the absolute path, as `SQLAlchemy` and Django's helpers read it.
fn sqlite(file: &str) -> Contact {
    Contact {
        engine: EngineKind::Sqlite,
        host: String::new(),
        port: 0,
        socket: None,
        name: file.to_owned(),
        user: String::new(),
        password: String::new(),
        url: format!("sqlite:///{file}"),
    }
}

/// Text of a URL without its percent signs (RFC 3986, 2.1).
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let coded = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match coded.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_what_python_reads() {
        let contact = sqlite("/tmp/a b.db");
        assert_eq!(contact.url, "sqlite:////tmp/a b.db");
        assert_eq!(contact.sqlalchemy_url(Some("aiosqlite")), "sqlite+aiosqlite:////tmp/a b.db");
        assert_eq!(decode("p%40ss%2Fw%zz%"), "p@ss/w%zz%");
        let shown = format!("{:?}", Contact { password: "geheim".into(), ..contact });
        assert!(!shown.contains("geheim"), "{shown}");
    }
}
